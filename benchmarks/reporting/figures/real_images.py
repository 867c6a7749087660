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

from benchmarks.configuration import PARAMETERS, read_parameters
from benchmarks.reporting.figures.contact_sheet import chosen_cases, contact_sheet_finding, draw_contact_sheet
from benchmarks.reporting.figures.material import Material
from benchmarks.reporting.files import remove_others
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


def write_local(material: Material, params: Path = PARAMETERS) -> bool:
    """Write the contact sheet over real images, and a copy of each image for the explorer, to `reports/local/<b>/`.

    Args:
        material: of the benchmark.
        params: the file of parameters, below the root unless its path is absolute.

    Returns:
        Whether the dataset was at hand.
    """
    root, benchmark = material.root, material.results.benchmark
    dataset = read_parameters(root / params).benchmark(benchmark).dataset
    images = prepared_images(root / "prepared" / "datasets" / dataset, set(material.results.cases["case"]))
    if not images:
        return False
    folder = root / "reports" / "local" / benchmark
    shown = {case for group in chosen_cases(material.selected(), material.dice).values() for case in group}
    figure = draw_contact_sheet(material, {case: images[case] for case in shown if case in images})
    if figure is not None:
        save_figure(figure, folder / "contact_sheet", contact_sheet_finding(material))
    (folder / "cases").mkdir(parents=True, exist_ok=True)
    for case, pixels in tqdm(images.items(), desc="local images", leave=False, disable=None):
        picture = Image.fromarray(pixels)
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        picture.save(folder / "cases" / f"{case}.jpg", quality=85)
    remove_others(folder / "cases", {f"{case}.jpg" for case in images}, {".jpg"})
    return True
