"""BUSI, the Dataset of Breast Ultrasound Images: 780 images of 600 women, with no patient identifiers.

- Gray values are PIL's `convert("L")` of the file. 16 of the images are in colour (flag `coloured`).
- 17 images have more than one mask; the lesion is their union. The released ACSNet protocol reads the first alone.
  (The second mask of benign (58) lies within its first, so there it makes no difference.)
- As published (Pawlowska et al. 2023), 346 images form 153 clusters of the same image or lesion; with those that stand
  alone there are 587. Four more links join seven of these to three, so that 348 images form 151 of the 583 groups
  that are used here. `manifests/README.md` says how the groups and the flags came about.
"""

import csv
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from benchmarks.datasets.dataset import CLASSES, Case, Dataset, SourceFile
from benchmarks.datasets.manifest import FOLDER, extra_files, read_entry, read_manifest
from benchmarks.datasets.problems import collected

ROOT = "Dataset_BUSI_with_GT"


def read(folder: Path, problems: list[str]) -> Iterator[Case]:
    """Yield the 780 cases of `folder/Dataset_BUSI_with_GT`, each file held to the manifest; problems are appended."""
    manifest = read_manifest("busi")
    problems += extra_files(folder, set(manifest))
    with open(FOLDER / "busi_groups.csv", newline="", encoding="utf-8") as file:
        facts = {row["case"]: row for row in csv.DictReader(file)}
    for entry in manifest.values():
        if entry.kind != "image":
            continue
        path = PurePosixPath(entry.path)
        mask_paths = [path.with_name(f"{path.stem}_mask{suffix}.png") for suffix in ("", "_1", "_2")]
        present = [str(mask_path) for mask_path in mask_paths if str(mask_path) in manifest]
        row = facts[path.stem]
        flags = [flag for flag in row["flags"].split(";") if flag]
        if len(present) > 1:
            flags.append("multiple-masks")
        image, masks = None, []
        with collected(problems):
            image = read_entry(folder, entry)
        for mask_path in present:
            with collected(problems):
                masks.append(read_entry(folder, manifest[mask_path]))
        if image is not None and len(masks) == len(present):
            yield Case(path.stem, path.parent.name, row["group"], image, tuple(masks), tuple(flags))


BUSI = Dataset(
    name="busi",
    title="BUSI",
    citation="Al-Dhabyani W, Gomaa M, Khaled H, Fahmy A. Dataset of breast ultrasound images. Data in Brief 28 (2020) "
    "104863. Clusters: Pawlowska et al. 2023, PMC10293973, supplement doi 10.17632/k8t3gnx9h6.1.",
    terms="CC0 by its Kaggle page, CC BY 4.0 by other catalogues, none stated on the owners' page: attribute.",
    page="https://scholar.cu.edu.eg/?q=afahmy/pages/dataset",
    counts=dict(zip(CLASSES, (437, 210, 133), strict=True)),
    groups=583,
    read=read,
    sources=(
        SourceFile(
            "Dataset_BUSI.zip",
            ("https://scholar.cu.edu.eg/Dataset_BUSI.zip",),
            "b2ce09f6063a31a73f628b6a6ee1245187cbaec225e93e563735691d68654de7",
        ),
    ),
    manifest="busi",
)
