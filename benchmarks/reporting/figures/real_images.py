"""What only the reader's own machine may show: the real images, in `reports/local/`, which git ignores.

The data are not ours to redistribute; where `prepared/datasets/<d>/` is at hand, the contact sheet is drawn over the
images and the page's case explorer finds them beside it.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from tqdm import tqdm

from benchmarks.configuration import read_parameters
from benchmarks.reporting.figures.contact_sheet import chosen_cases, draw_contact_sheet
from benchmarks.reporting.figures.scores import in_drawing_order
from benchmarks.reporting.labels import dice_of
from benchmarks.reporting.results import read_results
from benchmarks.reporting.style import save_figure

LONGEST_SIDE = 512  # pixels of the explorer's copies


def prepared_images(folder: Path, cases: Iterable[str]) -> dict[str, np.ndarray]:
    """Case to gray levels `(height, width)` uint8, at native size; empty where the dataset is not prepared here."""
    if not (folder / "pixels.npy").is_file():
        return {}
    table = pd.read_parquet(folder / "cases.parquet").set_index("case")
    pixels = np.load(folder / "pixels.npy", mmap_mode="r")
    chosen = table.loc[table.index.isin(list(cases))]
    return {
        str(row.Index): np.asarray(pixels[row.offset : row.offset + row.height * row.width]).reshape(
            row.height, row.width
        )
        for row in chosen.itertuples()
    }


def write_local(benchmark: str, root: Path) -> bool:
    """Write the contact sheet over real images, and a copy of each image for the explorer, to `reports/local/<b>/`.

    Returns:
        Whether the dataset was at hand.
    """
    parameters = read_parameters(root / "params.yaml")
    settings = parameters.benchmark(benchmark)
    results = read_results(benchmark, root, parameters.reference)
    selection, metric = settings.selection.rule, dice_of(settings.scoring)
    images = prepared_images(root / "prepared" / "datasets" / settings.dataset, set(results.cases["case"]))
    if not images:
        return False
    folder = root / "reports" / "local" / benchmark
    shown = {case for group in chosen_cases(results.selected(selection), metric).values() for case in group}
    drawn = in_drawing_order(results, selection, metric)
    figure = draw_contact_sheet(
        drawn, root, selection, {case: images[case] for case in shown if case in images}, metric
    )
    if figure is not None:
        save_figure(figure, folder / "contact_sheet")
    (folder / "cases").mkdir(parents=True, exist_ok=True)
    for case, pixels in tqdm(images.items(), desc="local images", leave=False):
        picture = Image.fromarray(pixels)
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        picture.save(folder / "cases" / f"{case}.jpg", quality=85)
    return True
