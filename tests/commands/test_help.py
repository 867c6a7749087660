"""What the help of each job says, and that it starts and imports nothing."""

import inspect
import json
import os
import subprocess
import sys
from typing import get_args, get_type_hints

import pytest

from benchmarks.commands import app as application
from benchmarks.commands.app import app
from tests.commands.conftest import ROOT

# Help of all jobs in one process, by the name that was typed; then what was printed, and the modules that were loaded.
SHOW_ALL = """
import contextlib, io, json, sys
sys.argv[0] = sys.argv[1]
from benchmarks.commands import app as application
def shown(*words):
    sys.argv[1:] = words
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            application.main()
        except SystemExit as ended:
            assert not ended.code, ended.code
    return printed.getvalue()
first = shown()
jobs = [name for name in application.app if not name.startswith("-")]
print(json.dumps([first, {job: shown(job, "--help") for job in jobs}, sorted(sys.modules)]))
"""
HEAVY = {"torch", "pandas", "numpy", "matplotlib", "scipy", "sklearn", "pydantic", "yaml", "PIL", "tqdm"}
# Jobs that read no parameters, or those alone that stand in git, which they check or write about.
WITHOUT_PARAMETERS = {
    "download",
    "mmcv-wheel",
    "numbers",
    "overlap",
    "pipeline",
    "prepare",
    "prepare-external",
    "reference",
    "statistics",
    "verify",
}


def show_all(program: str, folder) -> tuple[str, dict[str, str], list[str]]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "100"}
    command = [sys.executable, "-c", SHOW_ALL, program]
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return json.loads(ended.stdout)


@pytest.fixture(scope="module")
def everything(tmp_path_factory) -> tuple[str, dict[str, str], list[str]]:
    """The list of jobs, each job's help and the modules loaded for all of that, in an empty folder."""
    folder = tmp_path_factory.mktemp("empty")
    shown = show_all("/usr/bin/acsbench", folder)
    assert not list(folder.iterdir())  # nothing is written
    return shown


@pytest.fixture(scope="module")
def functions(everything) -> dict:
    """Each job's function, of those that are no family of jobs."""
    application.load_commands()
    return {job: app[job].default_command for job in everything[1] if app[job].default_command}


def plain(hint: object) -> object:
    """A type without the `None` that it may be instead."""
    others = [one for one in get_args(hint) if one is not type(None)]
    return others[0] if len(others) == 1 and type(None) in get_args(hint) else hint


def test_all_jobs_are_listed_with_a_line_each(everything):
    listed, helps, _ = everything
    assert listed.startswith("Usage: acsbench COMMAND")
    lines = [line.strip("│ ").split(maxsplit=1) for line in listed.splitlines() if line.startswith("│ ")]
    told = {line[0]: line[1] for line in lines if line[0] != "--help"}
    assert set(told) == set(helps)
    assert all(text.endswith(".") for text in told.values())
    assert [title for title in ("Run", "Check", "Add", "Measure") if f"─ {title} ─" in listed] == [
        "Run",
        "Check",
        "Add",
        "Measure",
    ]


def test_usage_is_shown_as_it_was_typed(everything, tmp_path):
    assert all(text.startswith(f"Usage: acsbench {job}") for job, text in everything[1].items())
    listed, helps, _ = show_all("/somewhere/benchmarks/__main__.py", tmp_path)
    assert listed.startswith("Usage: python -m benchmarks COMMAND")
    assert all(text.startswith(f"Usage: python -m benchmarks {job}") for job, text in helps.items())


def test_help_imports_nothing_heavy(everything):
    """That is why it answers in under a second."""
    assert not HEAVY & {module.partition(".")[0] for module in everything[2]}
    rooms = {module.split(".")[1] for module in everything[2] if module.startswith("benchmarks.")}
    assert rooms <= {"commands", "configuration", "errors"}


def test_every_argument_has_a_text(functions):
    for job, function in functions.items():
        for argument in app[job].assemble_argument_collection(parse_docstring=True):
            assert argument.parameter.help, f"{job}: {argument.name}"
            assert argument.parameter.help.rstrip().endswith("."), f"{job}: {argument.name}"
        assert inspect.getdoc(function), job


def test_an_option_is_one_thing_in_every_job(functions):
    """A name stands for one type, and where it is shared, for one text."""
    kinds: dict[str, set] = {}
    for function in functions.values():
        hints = get_type_hints(function)
        for name, parameter in inspect.signature(function).parameters.items():
            if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
                kinds.setdefault(name, set()).add(plain(hints[name]))
    assert {name: found for name, found in kinds.items() if len(found) > 1} == {}
    assert set(kinds) >= {"params", "folds", "seeds", "workers", "output", "anew"}


def test_every_job_that_reads_parameters_takes_them(functions):
    without = {job for job, function in functions.items() if "params" not in inspect.signature(function).parameters}
    assert without == WITHOUT_PARAMETERS


def test_a_name_typed_otherwise_is_the_modules():
    assert application.name_as_typed() == "python -m benchmarks"


def test_threads_of_torch_wait_without_counting():
    """As torch's own OpenMP library reads it, which is loaded after the command has begun; a user's setting holds."""
    script = """
import contextlib, sys
from benchmarks.commands.app import main
sys.argv[1:] = []
with contextlib.suppress(SystemExit):
    main()
import torch
"""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_DISPLAY_ENV": "true"}
    environment.pop("OMP_WAIT_POLICY", None)
    for own, read in ({}, "PASSIVE"), ({"OMP_WAIT_POLICY": "active"}, "ACTIVE"):
        ended = subprocess.run([sys.executable, "-c", script], env=environment | own, capture_output=True, text=True)
        assert f"OMP_WAIT_POLICY = '{read}'" in ended.stderr
