import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from benchmarks.errors import UserError
from benchmarks.reporting.cards.cards import write_cards
from benchmarks.reporting.page.render import render_page
from benchmarks.verify import (
    cell_differences,
    check_cards,
    check_cell,
    check_page,
    check_tables,
    climb,
    differences_between,
    pages,
    shown_on,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture
def repository(finished_once, tmp_path) -> Path:
    """A copy of the finished repository, cut down to one benchmark."""
    root = shutil.copytree(finished_once, tmp_path / "clone")
    shutil.rmtree(root / "reports/cases/made-up-released")
    (root / "reports/index.html").write_text(render_page(["made-up"], root, root / "reports"), encoding="utf-8")
    return root


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


def test_a_changed_table_and_missing_and_extra_files_are_named(repository):
    path = repository / "reports/tables/made-up/main.md"
    text = path.read_text(encoding="utf-8")
    place = text.index("| acsnet | 0.") + len("| acsnet | 0.")
    changed = text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :]
    path.write_text(changed, encoding="utf-8")
    (repository / "reports/figures/made-up/differences.png").unlink()
    (repository / "reports/tables/made-up/stray.csv").write_text("a\n")
    _, differences = check_tables("made-up", repository)
    assert differences[0] == "reports/tables/made-up/stray.csv: committed, but not made by this code"
    assert differences[1].startswith("reports/tables/made-up/main.md: row 7, column 14: committed")
    assert differences[2] == "reports/figures/made-up/differences.png: made by this code, but not committed"
    assert len(differences) == 3


def test_a_changed_page_is_named(repository):
    page = repository / "reports/index.html"
    assert check_page(page, repository) == ("rebuilt, of made-up", [])
    page.write_text(page.read_text().replace("Who leads", "Who lead"))
    _, differences = check_page(page, repository)
    assert len(differences) == 1
    assert differences[0].startswith("reports/index.html: row ")


def test_pages_of_single_benchmarks_and_cards_are_checked(repository):
    """The second benchmark goes to a page of its own; a page that is wrong and a card that is wrong are named."""
    for path in ("docs/networks.md", "reports/networks.csv"):
        (repository / path).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / path, repository / path)
    write_cards(repository, repository / "reports/cards")
    own = repository / "reports/made-up/index.html"
    own.parent.mkdir()
    own.write_text(render_page(["made-up"], repository, own.parent), encoding="utf-8")
    assert pages(repository) == [repository / "reports/index.html", own]
    assert shown_on(own) == ["made-up"]
    assert check_page(own, repository) == ("rebuilt, of made-up", [])
    assert check_cards(repository)[1] == []
    own.write_text(own.read_text().replace("Who leads", "Who lead"))
    assert check_page(own, repository)[1][0].startswith("reports/made-up/index.html: row ")
    card = repository / "reports/cards/datasets/busi.md"
    card.write_text(card.read_text().replace("| benign | 437 |", "| benign | 438 |"))
    _, differences = check_cards(repository)
    assert len(differences) == 1
    assert differences[0].startswith("reports/cards/datasets/busi.md: row ")


def test_results_on_no_page_are_named(repository, monkeypatch):
    monkeypatch.setattr("benchmarks.verify.check_tables", lambda benchmark, root: ("", []))
    (repository / "reports/index.html").unlink()
    found = [line for verdict in climb(repository, None) for line in verdict.differences]
    assert len(found) == 1
    assert found[0].startswith("reports/cases/made-up: shown on no page")


def test_pictures_are_compared_by_their_pixels(tmp_path):
    pixels = np.zeros((4, 5, 3), np.uint8)
    for name, level in (("first", 0), ("second", 9)):
        (tmp_path / name).mkdir()
        Image.fromarray(pixels).save(tmp_path / name / "a.png", compress_level=level)
    assert differences_between(tmp_path / "first", tmp_path / "second", "f") == []
    pixels[1, 2] = 1
    Image.fromarray(pixels).save(tmp_path / "second" / "a.png")
    assert differences_between(tmp_path / "first", tmp_path / "second", "f") == ["f/a.png: 1 of 20 pixels differ"]


def test_cells_are_numbered_as_lines_of_the_file():
    first, second = pd.DataFrame({"a": ["1", "2"], "b": [None, "x"]}), pd.DataFrame({"a": ["1", "3"], "b": [None, "x"]})
    assert list(cell_differences(first, second)) == ["row 3, column a: committed 2, rebuilt 3"]
    assert list(cell_differences(first, second[["b"]])) == ["committed columns a, b; rebuilt b"]
    assert list(cell_differences(first, second.head(1))) == ["committed 2 rows, rebuilt 1"]


def test_an_unknown_cell_or_one_without_data_says_what_to_do(repository):
    with pytest.raises(UserError, match=r"expected <benchmark>/<model> with stored scores"):
        check_cell("made-up/nothing", repository)
    with pytest.raises(UserError, match=r"dvc repro split@made-up"):
        check_cell("made-up/acsnet", repository)


def test_nothing_to_verify_is_an_error(tmp_path):
    ended = verify(tmp_path)
    assert ended.returncode == 1
    assert "no case scores" in ended.stderr


def test_the_first_rung_needs_no_torch():
    code = "import sys, benchmarks.verify; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
