"""Folds are checked against another file that has all cases, with the prepared data or without."""

import os
import shutil
from pathlib import Path

import pytest

from benchmarks.protocols.split import FOLDS
from benchmarks.verify.folds import check_folds
from benchmarks.verify.tracked import only_tracked

ROOT = Path(__file__).parents[2]


@pytest.fixture
def without_data():
    """What git tracks, as in a fresh clone: no dataset is prepared."""
    with only_tracked(ROOT) as root:
        if (root / "prepared").is_symlink():
            os.unlink(root / "prepared")
        yield root


def own_copy(path: Path) -> list[str]:
    """The lines of a file that was a link to the repository's."""
    source = path.resolve()
    path.unlink()
    shutil.copyfile(source, path)
    return path.read_text(encoding="utf-8").splitlines(keepends=True)


def test_committed_folds_hold_without_data(without_data):
    said, faults = check_folds(without_data)
    assert faults == []
    assert said == f"{len(list((without_data / FOLDS).glob('*.csv')))} drawn anew"


@pytest.mark.parametrize("benchmark", ["busi-light", "busbra-500-light"])  # of each, not all folds are trained
def test_another_group_of_a_case_is_named_by_another_file(without_data, benchmark):
    path = without_data / FOLDS / f"{benchmark}.csv"
    lines = own_copy(path)
    header = lines[0].strip().split(",")
    row = dict(zip(header, lines[-1].strip().split(","), strict=True))
    row["group"] = "somewhere-else"
    path.write_text("".join([*lines[:-1], ",".join(row[name] for name in header) + "\n"]), encoding="utf-8")
    named = [fault for fault in check_folds(without_data)[1] if fault.what.startswith(f"group of {row['case']} (truth")]
    assert [(fault.file, fault.found) for fault in named] == [
        (path.relative_to(without_data).as_posix(), "somewhere-else")
    ]


def test_a_lost_case_of_an_untrained_fold_is_named(without_data):
    path = without_data / FOLDS / "busbra-500-light.csv"
    lines = own_copy(path)
    fold = lines[0].strip().split(",").index("fold")
    lost = next(line for line in lines[1:] if line.strip().split(",")[fold] == "4")  # fold 0 is the trained one
    lines.remove(lost)
    path.write_text("".join(lines), encoding="utf-8")
    assert any(f"row {lost.split(',')[0]} (truth" in fault.what for fault in check_folds(without_data)[1])
