"""What a Markdown file of the repository links to exists, headings included, and so do the paths that it names."""

import re
from fnmatch import fnmatchcase
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from benchmarks.verify.tracked import tracked_files

ROOT = Path(__file__).parent.parent
FILES = tracked_files(ROOT)
PAGES = [file for file in FILES if file.endswith(".md") and "/templates/" not in file]  # templates link from elsewhere
FOLDERS = {parent.as_posix() for file in FILES for parent in Path(file).parents}
# Paths in backticks are looked up where they begin with a folder of the repository that nothing but git fills ...
KEPT = ("acsnet/", "baselines/", "benchmarks/", "docs/", "reports/", "tests/", "weights/")
# ... but for what a reader makes: by following the page, or by a job whose files git ignores.
MADE = (
    "*toy.py",
    "*my-network*",
    "*external_*",
    "reports/local*",
    "reports/phantom*",
    "reports/*/phantom*",
)


@cache
def tokens(page: str) -> list[Token]:
    """The blocks of a page, and what stands within them."""
    blocks = MarkdownIt("commonmark").enable("table").parse((ROOT / page).read_text(encoding="utf-8"))
    return [token for block in blocks for token in (block, *(block.children or ()))]


def links(page: str) -> set[str]:
    """What a page links to in this repository, from the page."""
    found = {str(token.attrs[key]) for token in tokens(page) for key in ("href", "src") if key in token.attrs}
    return {target for target in found if not re.match(r"[a-z]+:", target)}


@cache
def anchors(page: str) -> set[str]:
    """The names by which the headings of a page are linked to, as GitHub makes them."""
    found: dict[str, int] = {}
    parsed = tokens(page)
    for opening, heading in pairwise(parsed):
        if opening.type == "heading_open":
            text = "".join(part.content for part in heading.children or () if part.type in ("text", "code_inline"))
            name = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            found[name] = found.get(name, -1) + 1
    return {name if number == 0 else f"{name}-{number}" for name, last in found.items() for number in range(last + 1)}


def exists(path: str) -> bool:
    path = path.rstrip("/")
    return path in FILES or path in FOLDERS


def broken(page: str) -> list[str]:
    """The links of a page that lead nowhere."""
    found = []
    for link in sorted(links(page)):
        name, _, anchor = unquote(link).partition("#")
        target = (ROOT / page).parent.joinpath(name).resolve().relative_to(ROOT).as_posix() if name else page
        if not exists(target) or (anchor and anchor not in anchors(target)):
            found.append(link)
    return found


def named(page: str) -> set[str]:
    """The paths of this repository that a page names in backticks; `<name>` stands for any."""
    spans = {token.content for token in tokens(page) if token.type == "code_inline"}
    return {span for span in spans if span.startswith(KEPT) and re.fullmatch(r"[\w./<>*-]+", span)}


def is_there(path: str) -> bool:
    pattern = re.sub(r"<[^>]+>", "*", path.rstrip("/"))
    return any(fnmatchcase(known, pattern) for known in (*FILES, *FOLDERS))


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    assert broken(page) == []


@pytest.mark.parametrize("page", [page for page in PAGES if not page.startswith("reports/")])
def test_paths_that_are_named_exist(page):
    made = [path for path in named(page) if any(fnmatchcase(path, pattern) for pattern in MADE)]
    assert sorted(path for path in named(page) - set(made) if not is_there(path)) == []


def test_every_page_of_docs_is_reached_from_its_index():
    """By one link at most from docs/README.md."""
    listed = {Path("docs", link.partition("#")[0]).as_posix() for link in links("docs/README.md")}
    assert [page for page in PAGES if page.startswith("docs/") and page not in {*listed, "docs/README.md"}] == []
    assert "docs/README.md" in links("README.md")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[a](other.md)", []),
        ("[a](other.md#two-words)\n", []),
        ("[a](other.md#two-words-1)\n", []),
        ("[a](other.md#two)\n", ["other.md#two"]),
        ("[a](#here)\n\n# Here\n", []),
        ("![a](gone.png)", ["gone.png"]),
        ("`[a](gone.md)` and [b](https://example.org/gone)", []),
    ],
)
def test_what_is_found(text, found, tmp_path, monkeypatch):
    pages = {"page.md": text, "other.md": "## Two `words`!\n\n## Two words\n"}
    for name, content in pages.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    monkeypatch.setitem(broken.__globals__, "ROOT", tmp_path)
    monkeypatch.setitem(broken.__globals__, "FILES", list(pages))
    for kept in (tokens, anchors):
        kept.cache_clear()
    assert broken("page.md") == found
    for kept in (tokens, anchors):
        kept.cache_clear()
