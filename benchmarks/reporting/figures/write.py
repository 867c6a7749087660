"""All figures of a benchmark, from its stored tables and results; those that would be the same again are left alone."""

import json
from pathlib import Path

from threadpoolctl import threadpool_limits
from tqdm import tqdm

from benchmarks.configuration import PARAMETERS
from benchmarks.reporting.figures.catalogue import figures_of
from benchmarks.reporting.figures.digests import digest
from benchmarks.reporting.figures.material import Material, gather
from benchmarks.reporting.files import remove_others, write_text
from benchmarks.reporting.style import apply_style, save_figure

DIGESTS = "digests.json"


@threadpool_limits.wrap(limits=1)  # sums in one order, so that last digits do not hang on the number of threads
def write_figures(
    benchmark: str,
    root: Path,
    output: Path,
    everything: bool = False,
    progress: bool = False,
    params: Path = PARAMETERS,
) -> tuple[Material, list[str]]:
    """Draw a benchmark's figures to `output`/figures/<b>, from the tables in `output`/tables/<b>.

    Only those are drawn whose digest is not the one in `digests.json` there. Other drawings are removed.

    Args:
        everything: draw them all.
        progress: show a bar, on a terminal.
        params: the file of parameters, below the root unless its path is absolute.

    Returns:
        What they are drawn from, and the names of those that were drawn anew.

    Raises:
        UserError: see `material.gather`; or predictions and scores do not fit each other.
    """
    tables, folder = output / "tables" / benchmark, output / "figures" / benchmark
    material = gather(benchmark, root, tables, params)
    apply_style()
    before = {} if everything else read_digests(folder / DIGESTS)
    digests, anew = {}, []
    bar = tqdm(figures_of(material), desc=f"figures of {benchmark}", leave=False, disable=None if progress else True)
    for listed in bar:
        drawing = folder / listed.name
        now = digest(listed, material, tables, drawing)
        if before.get(listed.name) != now:
            remove_drawing(drawing)
            if (figure := listed.draw(material)) is not None:
                save_figure(figure, drawing, listed.finding(material))
            anew.append(listed.name)
            now = digest(listed, material, tables, drawing)
        digests[listed.name] = now
    remove_others(folder, {f"{name}{ending}" for name in digests for ending in (".svg", ".png")}, {".svg", ".png"})
    write_text(json.dumps(digests, indent=1, sort_keys=True) + "\n", folder / DIGESTS)
    return material, anew


def read_digests(path: Path) -> dict[str, str]:
    """The digest of each figure when it was drawn; none if the file is missing or damaged, so that all are drawn."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def remove_drawing(drawing: Path) -> None:
    for ending in (".svg", ".png"):
        drawing.with_name(drawing.name + ending).unlink(missing_ok=True)
