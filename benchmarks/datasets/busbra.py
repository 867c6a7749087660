"""BUS-BRA: 1875 images of 1064 patients, its patients 1 to 500, and a sample (36 patients) to try its reader on.

- `busbra-500` reads the patients up to number 500 and lets the others be, so that it is the same from the whole
  archive and from a mirror that holds those patients alone.
- A case's group is its patient (column `Case` of `bus_data.csv`); its class is column `Pathology`.
- The table's height is wrong for four images (flag `wrong-height-in-table`); the image's own size is used throughout.
"""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.datasets.dataset import CLASSES, Case, Dataset, SourceFile
from benchmarks.datasets.files import read_csv
from benchmarks.datasets.manifest import extra_files
from benchmarks.datasets.problems import collected, read_pair
from benchmarks.errors import UserError

ROOT = "BUSBRA"
COLUMNS = ("ID", "Case", "Pathology", "Width", "Height")
FIRST_PATIENTS = 500
WRONG_HEIGHT = ("bus_0856-l", "bus_0857-r", "bus_0912-l", "bus_0990-l")


def read_case(folder: Path, row: dict[str, str]) -> Case:
    """The image and mask of one row; `UserError` where they are missing, damaged or of another size."""
    name = row["ID"]
    image_name, mask_name = f"{ROOT}/Images/{name}.png", f"{ROOT}/Masks/{name.replace('bus_', 'mask_')}.png"
    image, mask, flags = read_pair(folder / image_name, image_name, folder / mask_name, mask_name)
    height, width = image.shape
    if (row["Width"], row["Height"]) != (str(width), str(height)) and name not in WRONG_HEIGHT:
        raise UserError(
            f"{image_name}: expected {row['Width']} x {row['Height']} px by bus_data.csv, found {width} x {height}"
        )
    # Its name repeats the patient, so that a damaged table does not move an image to another group.
    if not re.fullmatch(rf"bus_0*{re.escape(row['Case'])}(-\w+)?", name):
        raise UserError(f"{ROOT}/bus_data.csv: expected the patient of {name} by its name, found {row['Case']!r}")
    flags = (*(("wrong-height-in-table",) if name in WRONG_HEIGHT else ()), *flags)
    return Case(name, row["Pathology"], f"patient {row['Case']}", image, (mask,), flags)


def read(folder: Path, problems: list[str]) -> Iterator[Case]:
    """Yield a case per row of `folder/BUSBRA/bus_data.csv`; problems are appended."""
    for row in listed(folder, problems):
        with collected(problems):
            yield read_case(folder, row)


def read_first_patients(folder: Path, problems: list[str]) -> Iterator[Case]:
    """As `read`, for the patients whose number in the table is at most 500; nothing of the others is opened."""
    for row in listed(folder, problems):
        with collected(problems):
            if patient_number(row) <= FIRST_PATIENTS:
                yield read_case(folder, row)


def patient_number(row: dict[str, str]) -> int:
    """`UserError` where the column `Case` holds none."""
    if not row["Case"].isdecimal() or len(row["Case"]) > 9:
        raise UserError(f"{ROOT}/bus_data.csv: {row['ID']}: expected a patient's number in Case, found {row['Case']!r}")
    return int(row["Case"])


def listed(folder: Path, problems: list[str]) -> list[dict[str, str]]:
    """The rows of the table; a file that none of them names is a problem."""
    rows: list[dict[str, str]] = []
    with collected(problems):
        rows = read_csv(folder / ROOT / "bus_data.csv", f"{ROOT}/bus_data.csv", COLUMNS)
    for kind, prefix in (("Images", "bus_"), ("Masks", "mask_")) if rows else ():
        expected = {f"{row['ID'].replace('bus_', prefix)}.png" for row in rows}
        problems += [f"{ROOT}/{kind}/{line}" for line in extra_files(folder / ROOT / kind, expected)]
    return rows


_dataset = partial(
    Dataset,
    citation="Gomez-Flores W, Gregorio-Calas MJ, Pereira WCA. BUS-BRA: a breast ultrasound dataset for assessing "
    "computer-aided diagnosis systems. Medical Physics 51 (2024) 3110-3123.",
    terms="The licence in the archive; the paper is to be cited.",
    page="https://doi.org/10.5281/zenodo.8231412",
)

ARCHIVE = SourceFile(
    "BUSBRA.zip",
    (
        "https://zenodo.org/api/records/8231412/files/BUSBRA.zip/content",
        "https://zenodo.org/records/8231412/files/BUSBRA.zip",
    ),
    "ba3e6ed19cc37c682d8d39e25435bbf8a555a12cb7e641b5f2117685c95580ff",
)

BUSBRA = _dataset(
    name="busbra",
    title="BUS-BRA",
    counts=dict(zip(CLASSES, (1268, 607, 0), strict=True)),
    groups=1064,
    read=read,
    sources=(ARCHIVE,),
)

BUSBRA_500 = _dataset(
    name="busbra-500",
    title="BUS-BRA (patients 1 to 500)",
    counts=dict(zip(CLASSES, (619, 325, 0), strict=True)),
    groups=FIRST_PATIENTS,
    read=read_first_patients,
    sources=(ARCHIVE,),
)

BUSBRA_SAMPLE = _dataset(
    name="busbra-sample",
    title="BUS-BRA (sample of 36 patients)",
    counts=dict(zip(CLASSES, (37, 26, 0), strict=True)),
    groups=36,
    read=read,
)
