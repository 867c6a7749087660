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
from benchmarks.datasets.files import read_csv
from benchmarks.datasets.manifest import extra_files
from benchmarks.datasets.problems import THRESHOLDED, TURNED, collected, same_orientation, same_size
from benchmarks.errors import UserError
from benchmarks.image_files import Mask, decode, on_black, read_image, threshold, upright

COLUMNS = ("Image", "Label", "Doppler", "Marks", "Combined")
SAME_PATIENT = {"CHCO": "CHCO+CHVI", "CHVI": "CHCO+CHVI"}
RESIZED_PATIENT = "HESN"
YES, NO = ("1", "yes", "y", "true", "x"), ("", "0", "no", "n", "false", "none")


def find_table(folder: Path) -> Path:
    """`INFO.csv`, beside `images/` and `masks/`, under folders whose names vary with the archive's version."""
    found = sorted(folder.rglob("INFO.csv"))
    if len(found) != 1:
        raise UserError(f"expected one INFO.csv under {folder}, found {len(found)}")
    return found[0]


def read_mask(path: Path) -> tuple[Mask, str]:
    """The lesion, and the class that its colour stands for; `UserError` where it has another colour."""
    image, orientation = upright(decode(path))
    colours = np.asarray(on_black(image).convert("RGB"))
    lesion, between = threshold(colours.max(axis=-1), str(path))
    red, green, blue = np.moveaxis(colours > colours.max() / 2, -1, 0)
    if strangers := int(np.count_nonzero(lesion & (blue | (red & green)))):
        raise UserError(f"{path}: expected red or green on black, found {strangers} pixels of another colour")
    mask = Mask(lesion, between, orientation)
    if not lesion.any():
        return mask, "normal"
    return mask, "malignant" if red.sum() > green.sum() else "benign"


def read_case(root: Path, row: dict[str, str]) -> Case:
    """The image and mask of one row; `UserError` where they are missing, damaged or contradict the table."""
    name = Path(row["Image"]).stem
    class_name, patient = row["Label"].lower(), name.split("_")[0]
    image = read_image(root / "images" / f"{name}.png")
    mask_path = root / "masks" / f"{name}.png"
    mask, colour_class = read_mask(mask_path)
    if colour_class != class_name:
        raise UserError(f"{mask_path}: expected the colour of {class_name} by INFO.csv, found that of {colour_class}")
    same_orientation(image.orientation, mask.orientation, str(mask_path))
    lesion, size = mask.lesion, image.levels.shape[::-1]
    resized = lesion.shape != image.levels.shape and patient == RESIZED_PATIENT
    if resized:
        lesion = np.asarray(Image.fromarray(lesion).resize(size, Image.Resampling.NEAREST))
    same_size(image.levels, lesion, str(mask_path))
    flags = {
        **{column.lower(): answered_yes(row, column) for column in COLUMNS[2:]},
        "mask-resized": resized,
        TURNED: image.orientation > 1,
        THRESHOLDED: mask.between > 0,
    }
    group = SAME_PATIENT.get(patient, patient)
    return Case(name, class_name, group, image.levels, (lesion,), tuple(flag for flag, holds in flags.items() if holds))


def answered_yes(row: dict[str, str], column: str) -> bool:
    """Whether a cell says yes; `UserError` where it says neither yes nor no."""
    answer = row[column].lower()
    if answer not in YES + NO:
        raise UserError(f"INFO.csv: {row['Image']}: expected Yes or No in column {column}, found {row[column]!r}")
    return answer in YES


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
