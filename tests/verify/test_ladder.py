import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from benchmarks.errors import UserError
from benchmarks.verify.ladder import Check, climb, ladder, lines_of

ROOT = Path(__file__).parents[2]


def verify(root: Path, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.verify", *arguments],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )


def test_what_is_as_committed_passes_and_each_rung_is_told(repository):
    ended = verify(repository)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    rungs = [line[:3] for line in ended.stdout.splitlines() if line.startswith("(")]
    assert rungs == ["(a)", "(a)", "(b)", "(c)"]
    assert "skipped: no prepared/benchmarks/made-up" in ended.stdout


def test_one_changed_digit_of_one_score_fails_and_is_named(repository):
    path = repository / "reports/cases/made-up/shared.csv"
    lines = path.read_text().splitlines()
    cells = lines[5].split(",")
    column = lines[0].split(",").index("dice")
    cells[column] = cells[column][:3] + str((int(cells[column][3]) + 1) % 10) + cells[column][4:]
    lines[5] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n")
    ended = verify(repository)
    assert ended.returncode == 1
    assert "reports/tables/made-up/main.csv: row 4, column dice: committed" in ended.stdout
    assert "Traceback" not in ended.stderr


def test_results_on_no_page_are_named(repository):
    (repository / "reports/index.html").unlink()
    found = [line for check in ladder(repository, None) for line in check.told[1]]
    assert len(found) == 1
    assert found[0].startswith("reports/cases/made-up: shown on no page")


def slow(seconds: float) -> tuple[str, list[str]]:
    time.sleep(seconds)
    return f"{seconds} s", []


def refuse() -> tuple[str, list[str]]:
    raise UserError("no such thing")


@pytest.mark.parametrize("workers", [1, 2])
def test_verdicts_keep_their_order_and_an_error_ends_the_climb(workers):
    checks = [Check("a", "first", partial(slow, 0.5)), Check("a", "second", partial(slow, 0)), Check("b", "third")]
    verdicts = list(climb([*checks, Check("c", "fourth", partial(slow, 0))], workers))
    assert [verdict.subject for verdict in verdicts] == ["first", "second", "third", "fourth"]
    assert verdicts[0].seconds >= 0.5
    assert verdicts[1].outcome == "0 s"
    climbed = climb([Check("a", "first", refuse), Check("a", "second", partial(slow, 0))], workers)
    with pytest.raises(UserError, match="no such thing"):
        list(climbed)


def test_a_verdict_names_each_file_once():
    check = Check("a", "made", told=("", ["f.csv: row 2", "f.csv: row 3", "g.md: row 1"]))
    first, *others = lines_of(next(climb([check])))
    assert first.startswith("(a) all that is shown, from scores  made ")
    assert first.endswith("3 DIFFERENCES")
    assert others == ["      f.csv: row 2 (and 1 more there)", "      g.md: row 1"]


def test_a_wrong_cell_is_refused_before_anything_is_imported(repository):
    code = (
        "import sys; sys.argv = ['verify', '--cell', 'made-up/nothing']\n"
        "from benchmarks.verify.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: print('pandas' in sys.modules)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=repository,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert "expected <benchmark>/<model>" in ended.stderr
    assert ended.stdout == "False\n"


def test_nothing_to_verify_is_an_error(tmp_path):
    ended = verify(tmp_path)
    assert ended.returncode == 1
    assert "no case scores" in ended.stderr


def test_the_first_rung_needs_no_torch():
    code = "import sys, benchmarks.verify.ladder; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
