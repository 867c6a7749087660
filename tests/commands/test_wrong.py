"""What is typed wrong is told in one line, before anything is imported that takes time."""

import json
import os
import subprocess
import sys

import pytest

from tests.commands.conftest import ROOT

UNKNOWN = [
    (["train", "busi-smal", "acsnet"], "no benchmark is called 'busi-smal'"),
    (["train", "busi-small", "acsnt"], "no model is called 'acsnt'. Nearest: acsnet, "),
    (["train", "busi-small", "acsnet", "--folds", "0", "7"], "busi-small has no fold 7; it has 0, 1"),
    (["external", "busi-medium", "acsnet", "--datasets", "bresat"], "bresat is not among them; they are breast"),
    (["collect", "busi-small", "acsnt"], "no model is called 'acsnt'"),
    (["split", "nonsense"], "no benchmark is called 'nonsense'"),
    (["score", "nonsense"], "no benchmark is called 'nonsense'"),
    (["page", "busi-small", "nonsense"], "no benchmark is called 'nonsense'"),
    (["prepare", "busy"], "no dataset is called 'busy'. Did you mean 'busi'?"),
    (["overlap", "busi", "busy"], "no dataset is called 'busy'"),
    (["networks", "--models", "acsnt"], "no model is called 'acsnt'"),
    (["verify", "--cell", "nonsense/x"], "no benchmark is called 'nonsense'"),
    (["verify", "--cell", "busi-small/x"], "no model with scores on busi-small is called 'x'"),
    (["submit", "nonsense", "net", "net.csv"], "no benchmark is called 'nonsense'"),
]
USAGE = [
    ["nonsense"],
    ["train", "busi-small"],
    ["train", "busi-small", "acsnet", "--nonsense"],
    ["train", "busi-small", "acsnet", "--folds", "x"],
    ["score", "busi-small", "--workers", "0"],
    ["configuration", "--names", "nonsense"],
    ["speed", "--jobs", "nonsense"],
    ["speed", "--steps", "0"],
]
# All of them in one process: the exit status of each, what it told, and the slow modules that were loaded by then.
TRY_ALL = """
import contextlib, io, json, sys
from benchmarks.commands.app import main
answers = []
for words in json.loads(sys.stdin.read()):
    sys.argv = ["acsbench", *words]
    with contextlib.redirect_stderr(io.StringIO()) as told:
        try:
            main()
        except SystemExit as ended:
            answers.append([ended.code, told.getvalue(), sorted({"torch", "matplotlib", "sklearn"} & set(sys.modules))])
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def answers() -> dict[str, tuple[int, str]]:
    """Exit status and message of everything that is tried, by what was typed."""
    tried = [*(words for words, _ in UNKNOWN), *USAGE]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", TRY_ALL]
    ended = subprocess.run(
        command, cwd=ROOT, env=environment, input=json.dumps(tried), capture_output=True, text=True, check=True
    )
    found = json.loads(ended.stdout)
    assert not [slow for _, _, slow in found if slow]
    return {" ".join(words): (status, told) for words, (status, told, _) in zip(tried, found, strict=True)}


@pytest.mark.parametrize(("words", "told"), UNKNOWN)
def test_an_unknown_name_is_refused_before_anything_is_done(answers, words, told):
    status, error = answers[" ".join(words)]
    assert status == 1
    assert told in error
    assert error.startswith("error: ")
    assert error.count("\n") == 1


@pytest.mark.parametrize("words", USAGE)
def test_wrong_usage_ends_with_status_2_and_says_where_help_is(answers, words):
    status, error = answers[" ".join(words)]
    assert status == 2
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    job = [words[0]] if words != ["nonsense"] else []
    assert error.endswith(f"See `{' '.join(['acsbench', *job])} --help`.\n")


def test_what_is_not_prepared_ends_in_one_line(typed, tmp_path):
    """As in a fresh clone; hints name no stage that DVC does not have."""
    for name in ("params.yaml", "dvc.yaml"):
        (tmp_path / name).symlink_to(ROOT / name)
    for words in (["collect", "busi", "acsnet"], ["train", "busi", "acsnet"], ["score", "busi"]):
        ended = typed(*words, folder=tmp_path)
        assert ended.returncode == 1
        assert ended.stderr.startswith("error: prepared/benchmarks/busi")
        assert "Run `acsbench split busi` (DVC has no such stage: no study of params.yaml has busi" in ended.stderr
        assert ended.stderr.count("\n") == 1
    ended = typed("collect", "busi-small", "acsnet", folder=tmp_path)
    assert "Run `dvc repro split@busi-small` first." in ended.stderr
    assert ended.stderr.count("\n") == 1
