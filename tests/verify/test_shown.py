import re
import shutil
from pathlib import Path

from PIL import Image

from benchmarks.reporting.cards.write import write_cards
from benchmarks.reporting.page.render import render_page
from benchmarks.verify.shown import check_cards, check_costs, check_page, check_tables, pages, shown_on

ROOT = Path(__file__).parents[2]


def test_a_changed_table_and_missing_and_extra_files_are_named(repository):
    path = repository / "reports/tables/made-up/main.md"
    text = path.read_text(encoding="utf-8")
    place = re.search(r"\| acsnet \|.*?0\.", text).end()  # of its first score
    row, column = text[:place].count("\n") + 1, place - text.rfind("\n", 0, place)
    changed = text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :]
    path.write_text(changed, encoding="utf-8")
    (repository / "reports/figures/made-up/differences.png").unlink()
    (repository / "reports/tables/made-up/stray.csv").write_text("a\n")
    roc = repository / "reports/figures/made-up/roc.png"
    with Image.open(roc) as image:
        changed = image.convert("RGB")
    changed.putpixel((3, 3), (1, 2, 3))
    changed.save(roc)
    outcome, faults = check_tables("made-up", repository)
    assert outcome.endswith(", 2 figures drawn")  # all others are taken over: their digests are the remembered ones
    assert [fault.file.removeprefix("reports/") for fault in faults] == [
        "tables/made-up/stray.csv",
        "tables/made-up/main.md",
        "figures/made-up/differences.png",
        "figures/made-up/roc.png",
    ]
    assert faults[0][1:] == ("the file", "none: not made by this code", "there")
    assert faults[1].what == f"row {row}, column {column}"
    assert faults[2][1:] == ("the file", "there: made by this code", "missing")


def test_a_changed_page_is_named(repository):
    page = repository / "reports/index.html"
    assert check_page(page, repository) == ("rebuilt, of made-up", [])
    page.write_text(page.read_text().replace("Who leads, and", "Who lead, and"))
    _, faults = check_page(page, repository)
    assert [fault.file for fault in faults] == ["reports/index.html"]
    assert faults[0].what.startswith("row ")


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
    own.write_text(own.read_text().replace("Who leads, and", "Who lead, and"))
    assert [fault.file for fault in check_page(own, repository)[1]] == ["reports/made-up/index.html"]
    card = repository / "reports/cards/datasets/busi.md"
    card.write_text(card.read_text().replace("| benign | 437 |", "| benign | 438 |"))
    _, faults = check_cards(repository)
    assert [fault.file for fault in faults] == ["reports/cards/datasets/busi.md"]
    assert "437" in faults[0].expected
    assert "438" in faults[0].found


def test_printed_costs_are_the_measured_ones(tmp_path):
    """One digit of the page, and one row that no measurement stands behind."""
    for path in ("docs/networks.md", "reports/networks.csv"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    assert check_costs(tmp_path)[1] == []
    page = tmp_path / "docs/networks.md"
    page.write_text(page.read_text().replace("| `acsnet` | 31.82 |", "| `acsnet` | 31.83 |"))
    (fault,) = check_costs(tmp_path)[1]
    assert (fault.what, fault.expected[:5], fault.found[:5]) == ("cost of acsnet", "31.82", "31.83")
