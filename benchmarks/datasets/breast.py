"""BrEaST, Breast-Lesions-USG of The Cancer Imaging Archive: 256 images of 256 patients.

- Images are RGBA; some hide colour under transparent pixels, so they are composited on black, then made gray.
- The lesion is the `_tumor` mask. Other findings (`_other1` ...) are verified but not part of it (flag `other-masks`).
- Cases 45, 61, 209 and 213 are normal and have no mask. The class comes from the clinical table.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pandas as pd

from benchmarks.datasets.dataset import CLASSES, Case, Dataset, SourceFile
from benchmarks.datasets.manifest import extra_files, read_entry, read_manifest
from benchmarks.datasets.problems import collected
from benchmarks.errors import UserError

TABLE = "BrEaST-Lesions-USG-clinical-data-Dec-15-2023.xlsx"
# SHA-256 of the lines "case001,benign\n" ... of all 256 cases. The table's file is known by more than one checksum,
# so what is held fast is what is read from it.
CLASSES_SHA256 = "5a1a3a6d1631015fc89eebf6810f63ce62a826ea67f72f7584133cd9cb54e5b4"


def read_classes(path: Path) -> dict[str, str]:
    """The class of each case by the clinical table; `UserError` unless it is the published one."""
    try:
        table = pd.read_excel(path, usecols=["Image_filename", "Classification"], dtype=str)
        names = table["Image_filename"].str.removesuffix(".png")
    except FileNotFoundError as error:
        raise UserError(f"{TABLE}: missing; it gives the class of each case") from error
    except Exception as error:  # openpyxl and zipfile raise many kinds
        raise UserError(f"{TABLE}: cannot be read as the clinical table ({error})") from error
    classes = dict(zip(names, table["Classification"], strict=True))
    lines = "".join(f"{case},{name}\n" for case, name in classes.items())
    found = hashlib.sha256(lines.encode()).hexdigest()
    if found != CLASSES_SHA256:
        counts = {name: list(classes.values()).count(name) for name in CLASSES}
        raise UserError(
            f"{TABLE}: expected the published classes of {sum(BREAST.counts.values())} cases ({BREAST.counts}), "
            f"found others in {len(classes)} cases ({counts})"
        )
    return classes


def read(folder: Path, problems: list[str]) -> Iterator[Case]:
    """Yield the 256 cases, each file held to the manifest; problems are appended."""
    manifest = read_manifest("breast")
    problems += extra_files(folder, set(manifest))
    classes = {}
    with collected(problems):
        classes = read_classes(folder / TABLE)
    for entry in manifest.values():
        if entry.kind != "image":
            continue
        name = PurePosixPath(entry.path).stem
        stem = entry.path.removesuffix(".png")
        mask_paths = [path for path in manifest if path.startswith(f"{stem}_")]
        arrays = {}
        for path in (entry.path, *mask_paths):
            with collected(problems):
                arrays[path] = read_entry(folder, manifest[path])
        if len(arrays) == 1 + len(mask_paths) and name in classes:
            tumours = tuple(arrays[path] for path in mask_paths if path.startswith(f"{stem}_tumor"))
            flags = ("other-masks",) if len(mask_paths) > len(tumours) else ()
            yield Case(name, classes[name], name, arrays[entry.path], tumours, flags)


BREAST = Dataset(
    name="breast",
    title="BrEaST",
    citation="Pawlowska A et al. Curated benchmark dataset for ultrasound based breast lesion analysis. Scientific "
    "Data 11 (2024) 148. doi 10.7937/9WKK-Q141.",
    terms="CC BY 4.0",
    page="https://www.cancerimagingarchive.net/collection/breast-lesions-usg/",
    counts=dict(zip(CLASSES, (154, 98, 4), strict=True)),
    groups=256,
    read=read,
    sources=(
        SourceFile(
            "BrEaST-Lesions_USG-images_and_masks-Dec-15-2023.zip",
            (
                "https://www.cancerimagingarchive.net/wp-content/uploads/"
                "BrEaST-Lesions_USG-images_and_masks-Dec-15-2023.zip",
            ),
            "c32e49cdfa54042e065582d0cb35978b5fc5e5b5e461b33bf773fb50cfdad355",
        ),
        # Without a checksum on purpose: see CLASSES_SHA256.
        SourceFile(TABLE, (f"https://www.cancerimagingarchive.net/wp-content/uploads/{TABLE}",), None, unpack=False),
    ),
    manifest="breast",
)
