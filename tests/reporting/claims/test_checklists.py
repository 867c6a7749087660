from pathlib import Path

import pytest

from benchmarks.errors import UserError
from benchmarks.reporting.claims.checklists import CHECKLISTS, read_checklists

ROOT = Path(__file__).parents[3]


def test_each_checklist_has_as_many_items_as_its_source():
    """REFORMS has 32 items, CLAIM 2024 has 44, TRIPOD+AI has 27."""
    assert read_checklists().groupby("checklist").size().to_dict() == {"REFORMS": 32, "CLAIM 2024": 44, "TRIPOD+AI": 27}


def test_every_file_that_answers_an_item_is_in_the_repository():
    files = set(read_checklists()["file"]) - {"", "reports/index.html"}  # the page itself is made last
    assert [file for file in sorted(files) if not (ROOT / file).exists()] == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("TRIPOD+AI,1,Title,answered", "TRIPOD+AI,1,Title,yes", "found 'yes'"),
        ("TRIPOD+AI,1,Title,answered,reports/index.html", "TRIPOD+AI,1,Title,answered,", "needs a file"),
        ("TRIPOD+AI,2,", "TRIPOD+AI,1,", "TRIPOD+AI 1 stands twice"),
    ],
)
def test_a_bad_line_is_named(tmp_path, old, new, message):
    text = CHECKLISTS.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "checklists.csv"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UserError, match=r"problems") as error:
        read_checklists(path)
    assert message in str(error.value)
