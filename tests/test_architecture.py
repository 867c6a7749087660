"""docs/architecture.md is true: its drawings, tables and paths, held to dvc.yaml, the import rules and the code."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path

import grimp
import networkx
import pytest
from dvc.repo import Repo

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGE = (DOCS / "architecture.md").read_text(encoding="utf-8")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
NETWORKS = ("acsnet", "baselines")


def drawn(title: str) -> set[tuple[str, str]]:
    """The solid arrows of the drawing in a section; `a --> b --> c` are two."""
    lines = section(title).partition("```mermaid\n")[2].partition("```")[0].splitlines()
    return {arrow for line in lines for arrow in pairwise(name.strip() for name in line.split(" --> "))}


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def needed(arrows: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The arrows between different names that do not follow from others."""
    graph = networkx.DiGraph((a, b) for a, b in arrows if a != b)
    return set(networkx.transitive_reduction(graph).edges)


def rows() -> dict[str, tuple[str, set[str], set[str]]]:
    """For each room of the table its floor, what it never imports, and what is let through."""
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in section("The rooms").splitlines()]
    return {
        row[1].strip("`"): (row[0], set(re.findall("`(.+?)`", row[3])), set(re.findall("`(.+?)`", row[4])))
        for row in cells
        if row and row[1].startswith("`")
    }


def room(module: str) -> str:
    """`benchmarks.scoring.truth` is in `scoring`, `acsnet.gate` in `acsnet`."""
    first, *others = module.split(".")
    return others[0] if first == "benchmarks" and others else first


def test_pipeline_as_drawn():
    with Repo(ROOT) as repo:
        edges = [(made.addressing, reads.addressing) for reads, made in repo.index.graph.edges]
    assert drawn("The pipeline") == needed({(a.partition("@")[0], b.partition("@")[0]) for a, b in edges})


def test_rooms_as_drawn():
    graph = grimp.build_graph(*NETWORKS, "benchmarks", cache_dir=None)
    modules = graph.modules - {"benchmarks.__main__"}  # `python -m benchmarks`: the room `commands`
    imports = {(room(a), room(b)) for a in modules for b in graph.find_modules_directly_imported_by(a)}
    assert drawn("The rooms") == needed(imports)


def test_floors_of_the_table():
    layers = next(contract["layers"] for contract in CONTRACTS if contract.get("containers") == ["benchmarks"])
    floors = {name: str(floor) for floor, layer in enumerate(layers, 1) for name in layer.split(" | ")}
    assert {name: floor for name, (floor, _, _) in rows().items()} == floors | dict.fromkeys(NETWORKS, "")


@pytest.mark.parametrize("name", rows())
def test_what_a_room_never_imports(name):
    rules = [
        contract
        for contract in CONTRACTS
        if contract["type"] == "forbidden" and name in {room(module) for module in contract["source_modules"]}
    ]
    never = {module for rule in rules for module in rule["forbidden_modules"]}
    let_through = [ignored.split(" -> ") for rule in rules for ignored in rule.get("ignore_imports", ())]
    but = {target for source, target in let_through if room(source) == name}
    _, stated_never, stated_but = rows()[name]
    assert stated_never == {module.removeprefix("benchmarks.") for module in never}
    assert stated_but == {module.removeprefix("benchmarks.") for module in but}


def test_every_path_exists():
    named = {
        text for text in re.findall(r"`([\w./<>-]+)`", PAGE) if "/" in text or re.search(r"\.(md|toml|yaml)$", text)
    }
    linked = {f"docs/{target}" for target in re.findall(r"\]\(([\w./-]+)\)", PAGE)}
    missing = [path for path in named | linked if not any(ROOT.glob(re.sub("<.+?>", "*", path)))]
    parents = [ROOT, ROOT / "benchmarks/statistics"]  # `comparisons/` stands beside the path of `estimates/`
    assert not [path for path in missing if not any((parent / path).exists() for parent in parents)]
