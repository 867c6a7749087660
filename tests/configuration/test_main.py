"""`python -m benchmarks.configuration`."""

import json
import subprocess
import sys

import pytest
from benchmarks.configuration.__main__ import main

from benchmarks.configuration import read_parameters
from benchmarks.configuration.schema import schema_text


@pytest.fixture
def printed(repository, monkeypatch, capsys):
    """A function that gives what the command prints in the repository."""

    def run(*arguments: str) -> str:
        monkeypatch.chdir(repository)
        monkeypatch.setattr(sys, "argv", ["configuration", *arguments])
        main()
        return capsys.readouterr().out

    return run


def test_json_carries_the_same_parameters_to_machines_without_yaml(printed, repository, tmp_path):
    path = tmp_path / "params.json"
    path.write_text(printed())
    assert json.loads(path.read_text())["reference"] == "acsnet"
    assert read_parameters(path) == read_parameters(repository / "params.yaml")
    assert printed("--params", str(path)) == path.read_text()


def test_the_schema_is_printed_as_it_is_committed(printed):
    assert printed("--schema") == schema_text()


def test_help_is_shown_and_nothing_run(printed, tmp_path, monkeypatch, capsys):
    with pytest.raises(SystemExit) as ended:
        printed("--help")
    assert ended.value.code == 0
    assert "--schema" in capsys.readouterr().out


def test_a_command_ends_with_the_message_and_no_traceback(repository, tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.configuration"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(repository), "PATH": ""},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("error: params.yaml: not found")
    assert "Traceback" not in ended.stderr
