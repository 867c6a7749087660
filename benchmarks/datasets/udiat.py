"""UDIAT, also called Dataset B: 163 images of 163 patients, given by its owners to those who sign an agreement.

Never redistributed and never fetched from anywhere else: the files are copied from the folder that the environment
variable `UDIAT_FOLDER` names. No file was at hand here: the reader follows the published layout (`original/000001.png`,
`GT/000001.png`, `DatasetB.xlsx` with id, type, diagnosis) and is tested on made files.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from benchmarks.datasets.dataset import CLASSES, Case, Dataset
from benchmarks.datasets.files import place
from benchmarks.datasets.manifest import extra_files
from benchmarks.datasets.problems import collected, read_pair
from benchmarks.errors import UserError

TABLE = "DatasetB.xlsx"
PAGE = "http://helward.mmu.ac.uk/STAFF/m.yap/dataset.php"
LAYOUT = f"`original/`, `GT/` and `{TABLE}`"


def copy_from_user(folder: Path) -> None:
    """Copy the files of the folder in `UDIAT_FOLDER`; `UserError` with instructions where there is none."""
    setting = os.environ.get("UDIAT_FOLDER", "")
    if not setting:
        raise UserError(
            "udiat: its owners ask for a signed agreement, so it cannot be downloaded. Ask for it at "
            f"{PAGE}, unpack it, and set the environment variable UDIAT_FOLDER to the folder that holds {LAYOUT}. "
            "Everything that does not use udiat works without it."
        )
    source = Path(setting)
    if not all((source / part).exists() for part in ("original", "GT", TABLE)):
        raise UserError(f"udiat: expected {LAYOUT} in UDIAT_FOLDER={setting}; they are not all there")
    for path in (source / TABLE, *sorted(source.glob("original/*.png")), *sorted(source.glob("GT/*.png"))):
        place(path, folder / path.relative_to(source))


def read_classes(path: Path) -> dict[str, str]:
    """The class of each image (`000001` ...): a row begins with its id, another cell says benign or malignant."""
    try:
        table = pd.read_excel(path, header=None, dtype=str).fillna("")
    except Exception as error:  # openpyxl and zipfile raise many kinds
        raise UserError(f"{TABLE}: missing or not a table ({error})") from error
    classes = {}
    for identifier, *cells in table.itertuples(index=False):
        number = Path(identifier.strip()).stem.lstrip("0")
        named = {cell.strip().lower() for cell in cells} & set(CLASSES[:2])
        if not number.isdecimal() or not named:
            continue
        name = number.zfill(6)
        if len(named) > 1 or name in classes:
            raise UserError(f"{TABLE}: expected one row and one class of each image, found more of {name}")
        classes[name] = named.pop()
    if not classes:
        raise UserError(f"{TABLE}: expected rows of an image's id and `Benign` or `Malignant`; found none")
    return classes


def read_case(folder: Path, name: str, class_name: str) -> Case:
    """One image and its mask; `UserError` where they are missing, damaged or of different sizes."""
    image_name, mask_name = f"original/{name}.png", f"GT/{name}.png"
    image, mask, flags = read_pair(folder / image_name, image_name, folder / mask_name, mask_name)
    return Case(name, class_name, name, image, (mask,), flags)


def read(folder: Path, problems: list[str]) -> Iterator[Case]:
    """Yield a case per row of the table; problems are appended."""
    classes = {}
    with collected(problems):
        classes = read_classes(folder / TABLE)
    for part in ("original", "GT") if classes else ():
        expected = {f"{name}.png" for name in classes}
        problems += [f"{part}/{line}" for line in extra_files(folder / part, expected)]
    for name, class_name in classes.items():
        with collected(problems):
            yield read_case(folder, name, class_name)


UDIAT = Dataset(
    name="udiat",
    title="UDIAT (Dataset B)",
    citation="Yap MH et al. Automated breast ultrasound lesions detection using convolutional neural networks. IEEE "
    "Journal of Biomedical and Health Informatics 22 (2018) 1218-1226.",
    terms="Research agreement with its owners; never redistributed.",
    page=PAGE,
    counts=dict(zip(CLASSES, (110, 53, 0), strict=True)),
    groups=163,
    read=read,
    obtain=copy_from_user,
)
