import shutil
from pathlib import Path

from benchmarks.reporting.cards.write import write_cards
from benchmarks.reporting.page.render import render_page
from benchmarks.verify.shown import check_cards, check_page, check_tables, pages, shown_on

ROOT = Path(__file__).parents[2]


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
