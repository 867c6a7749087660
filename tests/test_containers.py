"""Containerfile and apptainer.def run the README's two commands, on one base by digest.

No container is built here. Their steps are read and, in a folder that holds nothing else, planned by make with the
system's Python; with ACSBENCH_CONTAINER_STEPS=all they are run there for real, which installs everything.
"""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SET_UP = ("Makefile", "pyproject.toml", "constraints.txt")  # what make plans from
COMMANDS = ["make reproduce", "make test"]
RUN_ALL = os.environ.get("ACSBENCH_CONTAINER_STEPS") == "all"


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def instructions() -> list[tuple[str, str]]:
    """Of the Containerfile: each instruction with what follows it."""
    lines = [line for line in read("Containerfile").splitlines() if line and not line.startswith("#")]
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines]


def section(name: str) -> list[str]:
    """The lines of a section of apptainer.def."""
    return [line.strip() for line in read("apptainer.def").partition(f"%{name}\n")[2].partition("\n%")[0].splitlines()]


def environment() -> dict[str, str]:
    """What a container's shell knows: none of this process's Python, make or git."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "PIP_", "UV_", "SSL_")
    return {name: value for name, value in os.environ.items() if name.startswith(kept)}


def test_steps_are_the_commands_of_the_readme():
    run = [rest for instruction, rest in instructions() if instruction == "RUN"]
    post = [line for line in section("post") if line]
    assert run == COMMANDS
    assert post == ["cd /acsnet-benchmark", *COMMANDS]
    assert all(f"| `{command}` |" in read("README.md") for command in COMMANDS)


def test_nothing_else_changes_the_image():
    expected = ["ARG", "FROM", "WORKDIR", "COPY", "RUN", "RUN", "ENV", "CMD"]
    assert [instruction for instruction, _ in instructions()] == expected
    assert re.findall(r"^%(\w+)", read("apptainer.def"), re.MULTILINE) == ["arguments", "files", "post", "environment"]


def test_everything_is_copied_to_where_the_steps_run():
    steps = dict(instructions())
    assert steps["COPY"] == ". ."
    assert section("files")[0] == f". {steps['WORKDIR']}"
    assert section("post")[0] == f"cd {steps['WORKDIR']}"


def test_one_base_by_digest_and_its_python_is_supported():
    steps = dict(instructions())
    name, _, base = steps["ARG"].partition("=")
    assert re.fullmatch(r"docker\.io/library/python@sha256:[0-9a-f]{64}", base)
    assert steps["FROM"] == f"${{{name}}}"
    assert section("arguments")[0] == f"BASE={base}"
    assert "\nFrom: {{ BASE }}\n" in read("apptainer.def")
    (minor,) = {int(found) for found in re.findall(r"python:3\.(\d+)", read("Containerfile") + read("apptainer.def"))}
    lowest, below = re.findall(r"3\.(\d+)", tomllib.loads(read("pyproject.toml"))["project"]["requires-python"])
    assert int(lowest) <= minor < int(below)


@pytest.fixture
def copied(tmp_path) -> Path:
    for name in SET_UP:
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def make(folder: Path, command: str, *options: str) -> subprocess.CompletedProcess:
    words = [*command.split(), *options]
    return subprocess.run(words, cwd=folder, env=environment(), capture_output=True, text=True)


def test_steps_planned_in_an_empty_folder(copied):
    """Both set up the environment of the lock first; `make reproduce` runs the demonstration, `make test` the tests."""
    subprocess.run(["git", "init", "--quiet"], cwd=copied, check=True)
    for command, last in zip(COMMANDS, ("dvc repro demonstration", "pytest"), strict=True):
        planned = make(copied, command, "--dry-run")
        assert planned.returncode == 0, planned.stderr
        order = [planned.stdout.index(part) for part in ("-m venv .venv", "--requirement constraints.txt", last)]
        assert order == sorted(order)
    assert sorted(path.name for path in copied.iterdir()) == sorted([".git", *SET_UP])


def test_the_first_step_accepts_this_python(copied):
    """The one part of the set-up that downloads nothing, run for real."""
    subprocess.run(["git", "init", "--quiet"], cwd=copied, check=True)
    first = make(copied, COMMANDS[0], "--dry-run").stdout.splitlines()[0]
    assert "Python 3.11 or 3.12 is needed" in first
    subprocess.run(first, shell=True, cwd=copied, env=environment(), check=True)
    assert subprocess.run(f"{first.replace('(3, 11), (3, 12)', '(3, 1),')}", shell=True, cwd=copied).returncode == 1


def test_a_folder_without_git_is_told(copied):
    """Copied from an unpacked archive: DVC needs a repository."""
    told = make(copied, COMMANDS[0])
    assert told.returncode != 0
    assert "this folder is no git repository" in told.stdout + told.stderr


@pytest.mark.skipif(not RUN_ALL, reason="installs everything: ACSBENCH_CONTAINER_STEPS=all")
def test_steps_run_in_an_empty_folder(tmp_path):
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(tmp_path / "copied")], check=True)
    for instruction, rest in instructions():
        if instruction == "RUN":
            subprocess.run(rest, shell=True, cwd=tmp_path / "copied", env=environment(), check=True)
