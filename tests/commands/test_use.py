"""Help of the jobs that use what is trained: a text for each argument, and no torch for it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess:
    script = (
        f"import sys\nsys.argv = ['acsbench', *{list(words)!r}]\n"
        "from benchmarks.commands.app import main\n"
        "try:\n    main()\nfinally:\n    print('torch' in sys.modules)\n"
    )
    return subprocess.run(
        [sys.executable, "-c", script], cwd=cwd, capture_output=True, encoding="utf-8", env={"PYTHONPATH": str(ROOT)}
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("predict",), ("MODEL", "IMAGES", "--out", "--benchmark", "--weights", "--fold", "--params", "not for")),
        (("weights",), ("export", "get", "check")),
        (("weights", "export"), ("CELL", "--half", "--packed", "--out", "--params")),
        (("weights", "get"), ("SOURCE", "--out", "BUS_DATA_MIRROR")),
        (("weights", "check"), ("CELL", "--folder", "--params")),
    ],
)
def test_help_tells_every_argument_without_torch(words, told, tmp_path):
    done = run(*words, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert f"acsbench {' '.join(words)}" in done.stdout
    assert not [word for word in told if word not in " ".join(done.stdout.split())]
    assert done.stdout.splitlines()[-1] == "False"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("predict", "acsnett", "x.png", "--out", "out"), "no model is called 'acsnett'"),
        (("predict", "bus/acsnet", "x.png", "--out", "out"), "no benchmark is called 'bus'"),
        (("predict", "busi/acsnet", "x.png", "--out", "out", "--benchmark", "udiat"), "--benchmark says udiat"),
        (("predict", "acsnet", "nowhere.png", "--out", "out"), "nowhere.png: expected images or folders of images"),
        (("weights", "export", "acsnet"), "expected BENCHMARK/MODEL"),
        (("weights", "export", "busi/acsnet", "--half", "--packed"), "expected one of them"),
    ],
)
def test_wrong_names_are_refused_before_torch_is_loaded(words, told):
    done = run(*words)
    assert done.returncode == 1
    assert told in done.stderr
    assert done.stderr.startswith("error: ")
    assert done.stdout.splitlines()[-1] == "False"
