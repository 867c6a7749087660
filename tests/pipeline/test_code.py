"""A job's files are those that it imports and reads, and no others."""

import json
import subprocess
import sys
from fnmatch import fnmatch

import pytest

from benchmarks import source_code
from benchmarks.errors import UserError
from benchmarks.pipeline import code as needed
from benchmarks.pipeline.code import READS, WITHOUT_EFFECT, code
from benchmarks.pipeline.studies import readers


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A small repository of its own; returns a function that writes files into it."""
    monkeypatch.setattr(source_code, "ROOT", tmp_path)

    def write(**files: str) -> None:
        for name, text in files.items():
            path = tmp_path / (name.replace("__in__", "/") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return write


def test_imports_count_wherever_they_stand(tree):
    tree(
        command="import json\nimport first\n\n\ndef late():\n    from room.second import value\n",
        first="import command  # a circle\n",
        room__in__second="value = 1\n",
        room__in__third="value = 2\n",
        stranger="",
    )
    assert code("command") == ["command.py", "first.py", "room/second.py"]


def test_a_folder_stands_for_its_files_where_all_are_needed(tree):
    tree(
        command="from room import second, third\n",
        room__in____init__='"""A room."""\n',
        room__in__second="value = 1\n",
        room__in__third="value = 2\n",
    )
    assert code("command") == ["command.py", "room"]
    tree(room__in__fourth="value = 3\n")
    assert code("command") == ["command.py", "room/second.py", "room/third.py"]


def test_a_package_counts_only_where_something_is_taken_from_it(tree):
    tree(
        passing="from room.second import value\n",
        taking="from room import table\n",
        room__in____init__="from room.second import value\n\ntable = [value]\n",
        room__in__second="value = 1\n",
        room__in__third="value = 2\n",
    )
    assert code("passing") == ["passing.py", "room/second.py"]
    assert code("taking") == ["room/__init__.py", "room/second.py", "taking.py"]
    assert code("taking", without={"room"}) == ["room/second.py", "taking.py"]


def test_what_a_module_reads_counts_with_it(tree, tmp_path, monkeypatch):
    tree(command="import room.page\n", room__in__page="text = 1\n")
    (tmp_path / "page.html").write_text("<p>")
    monkeypatch.setattr(needed, "READS", {"room.page": ("*.html",)})
    assert code("command") == ["command.py", "page.html", "room"]


def test_a_module_that_is_not_there_is_named(tree):
    tree(room__in____init__="")
    for missing in ("room", "nowhere"):
        with pytest.raises(UserError, match=f"^{missing}: expected a module"):
            code(missing)


def test_the_tables_name_what_there_is(repository):
    for module, patterns in READS.items():
        assert source_code.module_file(module), module
        for pattern in patterns:
            assert list(repository.glob(pattern)), pattern
    for module in WITHOUT_EFFECT:
        assert source_code.module_file(module.removesuffix(".*")), module


@pytest.mark.parametrize(
    ("command", "others"), [("benchmarks.scoring.score", ()), ("benchmarks.reporting.page.render", readers())]
)
def test_all_that_a_job_loads_is_among_its_files(command, others, repository):
    """The oracle is Python's own list of loaded modules."""
    run = (
        f"import {command}, sys, json; print(json.dumps(sorted(m for m in sys.modules if m.startswith('benchmarks'))))"
    )
    output = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, check=True, cwd=repository)
    loaded = json.loads(output.stdout.splitlines()[-1])
    assert len(loaded) > 10
    paths = code(command, *others)
    for module in loaded:
        file = source_code.module_file(module)
        if any(fnmatch(module, pattern) for pattern in WITHOUT_EFFECT) or needed.says_nothing(file):
            continue
        path = file.relative_to(repository).as_posix()
        assert any(path == found or path.startswith(f"{found}/") for found in paths), path
