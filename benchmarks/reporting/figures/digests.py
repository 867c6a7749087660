"""What a figure was drawn from, as a digest: while that stays the same, so does the figure."""

import hashlib
import json
from functools import cache
from importlib.metadata import version
from pathlib import Path

from benchmarks.reporting.figures.catalogue import Listed
from benchmarks.reporting.figures.material import Material
from benchmarks.source_code import code_of

# Those that lay out a drawing, and those that compute and write what is drawn.
LIBRARIES = ("matplotlib", "seaborn", "contourpy", "pillow", "numpy", "pandas", "scipy", "scikit-learn")


def digest(figure: Listed, material: Material, tables: Path, drawing: Path) -> str:
    """The digest of all that decides how a figure looks, and of the drawing itself (hexadecimal, 16 digits).

    Of the code that draws it, the libraries, the tables and results that it reads, the networks' order, labels and
    looks, the benchmark's rule and Dice; and of the files that lie there, so that one that was changed or lost is drawn
    anew.

    Args:
        tables: the folder of the benchmark's tables.
        drawing: the figure's path without ending.
    """
    reports, results = material.root / "reports", material.results
    paths = [tables / f"{name}.csv" for name in figure.tables]
    for pattern in figure.results:
        paths += sorted(reports.glob(pattern.format(benchmark=results.benchmark)))
    svg, png = (drawing.with_name(drawing.name + ending) for ending in (".svg", ".png"))
    seeds = sorted(int(seed) for seed in results.cases["seed"].unique())
    looks = {model: [look.colour, look.line, look.marker] for model, look in material.looks.items()}
    content = {
        "code": code_of_figure(figure.module),
        "libraries": {name: version(name) for name in LIBRARIES},
        "asked": [figure.name, results.benchmark, looks, material.selection, material.dice, seeds],
        "read": [[path.name, bytes_digest(path)] for path in paths],
        "drawn": [bytes_digest(path) if path.is_file() else None for path in (svg, png)],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


@cache
def code_of_figure(module: str) -> dict[str, str]:
    return code_of(module)


def bytes_digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
