"""BUS-UCLM: 683 images of 38 patients.

- Masks are RGB on black: green is benign, red malignant. The class comes from `INFO.csv` and must agree with them.
- The four letters before the underscore name the patient. CHCO_000, 001, 002, 003 are the same images as CHVI_005, 008,
  009, 013, so these two patients form one group.
- 13 images of patient HESN differ in size from their masks; such a mask is resized to its image by nearest neighbour
  (flag `mask-resized`), and its alignment is therefore in doubt.
- No archive was at hand here: the reader follows the published description and is tested on made files.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.datasets.dataset import CLASSES, Case, Dataset, SourceFile
from benchmarks.datasets.decoding import collected, decode, gray_image, same_size
from benchmarks.datasets.files import read_csv
from benchmarks.datasets.manifest import extra_files
from benchmarks.errors import UserError

COLUMNS = ("Image", "Label", "Doppler", "Marks", "Combined")
SAME_PATIENT = {"CHCO": "CHCO+CHVI", "CHVI": "CHCO+CHVI"}
RESIZED_PATIENT = "HESN"
NO = ("", "0", "no", "false", "none")


def find_table(folder: Path) -> Path:
    """`INFO.csv`, beside `images/` and `masks/`, under folders whose names vary with the archive's version."""
    found = sorted(folder.rglob("INFO.csv"))
    if len(found) != 1:
        raise UserError(f"expected one INFO.csv under {folder}, found {len(found)}")
    return found[0]


def read_mask(path: Path) -> tuple[np.ndarray, str]:
    """The lesion, bool (height, width), and the class that its colour stands for."""
    colours = np.asarray(decode(path).convert("RGB")) > 127
    red, green = colours[..., 0], colours[..., 1]
    if not (red | green).any():
        return red, "normal"
    return red | green, "malignant" if red.sum() > green.sum() else "benign"


def read_case(root: Path, row: dict[str, str]) -> Case:
    """The image and mask of one row; `UserError` where they are missing, damaged or contradict the table."""
    name = Path(row["Image"]).stem
    class_name, patient = row["Label"].lower(), name.split("_")[0]
    flags = [column.lower() for column in COLUMNS[2:] if row[column].lower() not in NO]
    image = gray_image(root / "images" / f"{name}.png")
    mask_path = root / "masks" / f"{name}.png"
    mask, colour_class = read_mask(mask_path)
    if colour_class != class_name:
        raise UserError(f"{mask_path}: expected the colour of {class_name} by INFO.csv, found that of {colour_class}")
    if mask.shape != image.shape and patient == RESIZED_PATIENT:
        mask = np.asarray(Image.fromarray(mask).resize(image.shape[::-1], Image.Resampling.NEAREST))
        flags.append("mask-resized")
    same_size(image, mask, str(mask_path))
    return Case(name, class_name, SAME_PATIENT.get(patient, patient), image, (mask,), tuple(flags))


def read(folder: Path, problems: list[str]) -> Iterator[Case]:
    """Yield a case per row of `INFO.csv`; problems are appended."""
    rows, root = [], folder
    with collected(problems):
        table = find_table(folder)
        rows, root = read_csv(table, str(table), COLUMNS, delimiter=";"), table.parent
    expected = {f"{Path(row['Image']).stem}.png" for row in rows}
    if rows:
        for kind in ("images", "masks"):
            problems += [f"{root / kind}/{line}" for line in extra_files(root / kind, expected)]
    for row in rows:
        with collected(problems):
            yield read_case(root, row)


BUSUCLM = Dataset(
    name="busuclm",
    title="BUS-UCLM",
    citation="Vallez N et al. BUS-UCLM: breast ultrasound lesion segmentation dataset. Scientific "
    "Data 12 (2025) 242. doi 10.17632/7fvgj4jsp7.",
    terms="Version 3: CC BY 4.0 (earlier versions: non-commercial).",
    page="https://data.mendeley.com/datasets/7fvgj4jsp7/3",
    counts=dict(zip(CLASSES, (174, 90, 419), strict=True)),
    groups=37,
    read=read,
    sources=(
        # No checksum of version 3 is on file: the archive is checked by the counts of its cases, not by SHA-256, and
        # the addresses, built like that of version 1 in the authors' repository, have not been tried from here.
        SourceFile(
            "BUS-UCLM-3.zip",
            (
                "https://prod-dcd-datasets-cache-zipfiles.s3.eu-west-1.amazonaws.com/7fvgj4jsp7-3.zip",
                "https://data.mendeley.com/public-api/zip/7fvgj4jsp7/download/3",
            ),
            None,
        ),
    ),
)
