"""Plain folders: `images/` and `masks/` (0 and 255) with a PNG of each case by its own name, and the tables."""

from pathlib import Path

import numpy as np

from benchmarks.exporting.material import Material, origin, write_png, write_tables


def write(material: Material, folder: Path) -> None:
    """Write the export into `folder`."""
    for case, image, mask in material.images():
        write_png(image, folder / "images" / f"{case['case']}.png")
        write_png(mask.astype(np.uint8) * 255, folder / "masks" / f"{case['case']}.png")
    write_tables(material, folder)
    (folder / "README.txt").write_text(
        f"{material.name}. {origin(material)}\n\ncases.csv: what each case is, and the fold in which it is tested. "
        "folds.csv: its role (train, validation, test) when fold k is tested, role_k.\n"
        f"Predictions come back by `acsbench submit {material.name} <name> <table> --masks <folder of <case>.png>`.\n",
        encoding="utf-8",
    )
