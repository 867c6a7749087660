"""COCO's JSON (Lin T-Y et al. Microsoft COCO. ECCV 2014; cocodataset.org, data format): an annotation per case.

It is the union of the case's lesions, which is what is scored. Its category is the case's class; its `segmentation` its
run lengths, uncompressed, column by column.
"""

from pathlib import Path

import numpy as np

from benchmarks.exporting.material import Material, origin, write_png, write_tables
from benchmarks.exporting.nnunet import write_json
from benchmarks.scoring.run_length import encode

ROLES = ("train", "validation", "test")


def write(material: Material, folder: Path) -> None:
    """Write `images/`, `annotations/all.json`, `annotations/fold<k>-<role>.json` and the tables into `folder`."""
    images, annotations = [], []
    for number, (case, image, mask) in enumerate(material.images(), 1):
        write_png(image, folder / "images" / f"{case['identifier']}.png")
        size = {"height": int(case["height"]), "width": int(case["width"])}
        images.append({"id": number, "file_name": f"{case['identifier']}.png", "case": case["case"]} | size)
        if mask.any():
            annotations.append({"id": number, "image_id": number, "category_id": int(case["label"]) + 1} | shape(mask))
    classes = dict(zip(material.cases["label"], material.cases["class"], strict=True))
    whole = {
        "info": {"description": f"{material.name}. {origin(material)}"},
        "images": images,
        "annotations": annotations,
        "categories": [{"id": int(label) + 1, "name": name} for label, name in sorted(classes.items())],
    }
    (folder / "annotations").mkdir(parents=True, exist_ok=True)
    write_json(whole, folder / "annotations" / "all.json")
    for fold in material.fold_numbers:
        for role in ROLES:
            chosen = set(material.named(fold, role)["case"])
            if chosen:
                write_json(part(whole, chosen), folder / "annotations" / f"fold{fold}-{role}.json")
    write_tables(material, folder)
    (folder / "README.txt").write_text(
        f"{material.name}. {origin(material)}\n\nannotations/all.json: every case, one annotation each, the union "
        "of its lesions. annotations/fold<k>-<role>.json: the same for training, validation and test when fold k "
        f"is tested. cases.csv: which case an image is.\nPredictions come back by `acsbench submit {material.name} "
        "<name> <table>`, masks as run lengths (COCO's uncompressed counts) or as images.\n",
        encoding="utf-8",
    )


def shape(mask: np.ndarray) -> dict:
    """What COCO says of a mask (H, W) that is not empty: run lengths, area in pixels, and box (left, top, w, h)."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    left, top = int(columns[0]), int(rows[0])
    return {
        "segmentation": {"size": list(mask.shape), "counts": [int(count) for count in encode(mask).split()]},
        "area": int(mask.sum()),
        "bbox": [left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top],
        "iscrowd": 0,
    }


def part(whole: dict, cases: set[str]) -> dict:
    """The same of some of the cases; their numbers stay."""
    images = [image for image in whole["images"] if image["case"] in cases]
    kept = {image["id"] for image in images}
    annotations = [annotation for annotation in whole["annotations"] if annotation["image_id"] in kept]
    return whole | {"images": images, "annotations": annotations}
