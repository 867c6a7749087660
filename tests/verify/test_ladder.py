import os
import shutil
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from benchmarks.errors import UserError
from benchmarks.verify.agreed import check_agreement
from benchmarks.verify.faults import Fault, Outcome, table
from benchmarks.verify.ladder import Check, climb, ladder, line_of
from benchmarks.verify.shown import check_page, pages
from benchmarks.verify.tracked import check_presence, not_tracked, only_tracked

ROOT = Path(__file__).parents[2]


def verify(root: Path, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", "verify", "--workers", "1", *arguments],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )


def test_what_is_as_committed_passes_and_each_rung_is_told(repository):
    ended = verify(repository)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    rungs = "".join(line[1] for line in ended.stdout.splitlines() if line.startswith("("))
    assert rungs == "a" * 11 + "bc"
    assert "skipped: no prepared/benchmarks/made-up" in ended.stdout
    assert "skipped: no dvc.lock" in ended.stdout


def test_all_faults_are_named_even_behind_one_that_stops_a_check(repository):
    """A lost row of a case table keeps the tables from being made; the page and a curve are looked at all the same."""
    cases, curves = (repository / "reports" / kind / "made-up/shared.csv" for kind in ("cases", "curves"))
    lines = cases.read_text().splitlines()
    cases.write_text("\n".join(lines[:5] + lines[6:]) + "\n")
    curves.write_text("\n".join(curves.read_text().splitlines()[:-1]) + "\n")
    page = repository / "reports/index.html"
    page.write_text(page.read_text().replace("Beside each number", "Besides each number"))
    ended = verify(repository)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    heading, _, *rows = ended.stdout[ended.stdout.index("\nfile ") + 1 :].rstrip().splitlines()
    assert heading.split() == ["file", "what", "expected", "found"]
    told = {row.split()[0]: row for row in rows}
    _, row = lines[0], lines[5].split(",")
    assert f"row {row[6]}, {row[4]}, {row[0]}" in told["reports/cases/made-up/shared.csv"]
    assert "there" in told["reports/cases/made-up/shared.csv"]
    assert "row 1, 2, 3" in told["reports/curves/made-up/shared.csv"]
    assert "made-up" in told
    assert f"error: {len(rows)} faults" not in ended.stderr.replace("1 faults", "")


def test_what_git_does_not_track_decides_nothing(repository):
    """A stray page, and a model of which only the results lie there; once git tracks them they count."""
    git = ["git", "-C", str(repository), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    (repository / "reports/phantom").mkdir()
    (repository / "reports/phantom/index.html").write_text("<p>mine</p>")
    shutil.copy(repository / "reports/cases/made-up/shared.csv", repository / "reports/cases/made-up/mine.csv")
    with only_tracked(repository) as root:
        assert not (root / "reports/phantom/index.html").exists()
        assert (root / "reports/index.html").is_file()
        assert not any(fault for _, fault in [check_presence(root), check_agreement("made-up", root)] if fault)
        assert [page.parent.name for page in pages(root)] == ["reports"]
    assert not_tracked(repository) == ["reports/cases/made-up/mine.csv", "reports/phantom/index.html"]
    subprocess.run([*git, "add", "."], check=True)
    (repository / "reports/tables/made-up/main.md").unlink()
    with only_tracked(repository) as root:
        assert {fault.file for fault in check_agreement("made-up", root)[1]} == {
            f"reports/{kind}/made-up/mine.{ending}"
            for kind, ending in (("predictions", "parquet"), ("curves", "csv"), ("records", "json"))
        }
        assert [fault.file for fault in check_page(root / "reports/phantom/index.html", root)[1]]
        assert [fault.file for fault in check_presence(root)[1]] == ["reports/tables/made-up/main.md"]


def test_results_on_no_page_are_named(repository):
    (repository / "reports/index.html").unlink()
    found = [fault for check in ladder(repository, None) for fault in check.told[1]]
    assert [fault.file for fault in found] == ["reports/cases/made-up"]


def slow(seconds: float) -> Outcome:
    time.sleep(seconds)
    return f"{seconds} s", []


def refuse() -> Outcome:
    raise UserError("no such thing")


def crash() -> Outcome:
    raise KeyError("selection")


@pytest.mark.parametrize("workers", [1, 2])
def test_verdicts_keep_their_order_and_an_error_is_a_fault(workers):
    checks = [Check("a", "", "first", partial(slow, 0.3)), Check("a", "", "second", refuse), Check("b", "", "third")]
    checks += [Check("a", "", "fourth", crash), Check("c", "", "fifth", partial(slow, 0))]
    verdicts = {verdict.subject: verdict for verdict in climb(checks, workers)}
    assert list(verdicts) == ["first", "second", "third", "fourth", "fifth"] or workers
    assert verdicts["first"].seconds >= 0.3
    assert verdicts["fifth"].outcome == "0 s"
    assert verdicts["second"].faults == [Fault("second", "could not be made anew", "-", "no such thing")]
    assert verdicts["fourth"].faults[0].found == "KeyError: 'selection'"


def test_faults_end_in_a_table_that_names_each_file_once():
    faults = [Fault("f.csv", "row 2", "1", "2"), Fault("f.csv", "row 3", "a  b", "x" * 99), Fault("g.md", "r", "1", "")]
    verdict = next(climb([Check("a", "made", "anew", told=("", faults))]))
    assert line_of(verdict).endswith("3 FAULTS in 2 files")
    assert [line.split() for line in table(faults).splitlines()[2:]] == [
        ["f.csv", "row", "2", "(and", "1", "more)", "1", "2"],
        ["g.md", "r", "1"],
    ]


def test_a_wrong_cell_is_refused_before_anything_is_imported(repository):
    code = (
        "import sys; sys.argv = ['acsbench', 'verify', '--cell', 'made-up/nothing']\n"
        "from benchmarks.commands.app import main\n"
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
    assert "expected BENCHMARK/MODEL" in ended.stderr
    assert ended.stdout == "False\n"


def test_nothing_to_verify_is_an_error(tmp_path):
    ended = verify(tmp_path)
    assert ended.returncode == 1
    assert "no case scores" in ended.stderr


def test_the_first_rung_needs_no_torch():
    code = "import sys, benchmarks.verify.ladder; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
