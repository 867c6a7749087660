"""nnU-Net's raw format (Isensee F et al. nnU-Net. Nature Methods 2021; nnunetv2, documentation/dataset_format.md).

Every case stands in `imagesTr` and `labelsTr`, since nnU-Net plans once for all folds; `splits_final.json` says which
of them a fold trains on. Its `val` is our inner validation set: what a fold tests is in neither list, so that nothing
of its training, not its choice of a checkpoint either, sees it. `test/fold_<k>/` is for `nnUNetv2_predict`.
"""

import json
import os
import re
import shutil
from pathlib import Path

import numpy as np

from benchmarks.errors import UserError
from benchmarks.exporting.material import Material, origin, write_png, write_tables

NUMBERED = re.compile(r"Dataset(\d{3})_\w[\w-]*")


def check_name(out: Path) -> None:
    """nnU-Net finds a dataset by the number in its folder's name.

    Raises:
        UserError: there is none.
    """
    if not NUMBERED.fullmatch(out.name):
        raise UserError(
            f"--out {out}: nnU-Net asks for a folder called Dataset<three digits>_<name> below its nnUNet_raw, such as "
            f"nnUNet_raw/Dataset501_{out.name if re.fullmatch('[A-Za-z][A-Za-z0-9]*', out.name) else 'BUSI'}."
        )


def write(material: Material, folder: Path, out: Path) -> None:
    """Write the export into `folder`, which becomes `out`."""
    for case, image, mask in material.images():
        write_png(image, folder / "imagesTr" / f"{case['identifier']}_0000.png")
        write_png(mask.astype(np.uint8), folder / "labelsTr" / f"{case['identifier']}.png")
    for fold in material.fold_numbers:
        for identifier in material.named(fold, "test")["identifier"]:
            name = f"{identifier}_0000.png"
            link(folder / "imagesTr" / name, folder / "test" / f"fold_{fold}" / name)
    write_json({
        "channel_names": {"0": "ultrasound"},
        "labels": {"background": 0, "lesion": 1},
        "numTraining": len(material.cases),
        "file_ending": ".png",
        "name": material.name,
    }, folder / "dataset.json")  # fmt: skip
    write_json(splits(material), folder / "splits_final.json")
    write_tables(material, folder)
    (folder / "README.txt").write_text(instructions(material, out), encoding="utf-8")


def splits(material: Material) -> list[dict[str, list[str]]]:
    """Each fold's `train` and `val`, by identifier.

    Without inner validation nnU-Net's `val`, which may not be empty, holds the cases that the fold tests.
    """
    role = "validation" if material.validated else "test"
    return [
        {key: material.named(fold, of)["identifier"].tolist() for key, of in (("train", "train"), ("val", role))}
        for fold in material.fold_numbers
    ]


def link(source: Path, target: Path) -> None:
    """A second name of a file, or a copy where the disk has no such names."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def write_json(content: object, path: Path) -> None:
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def instructions(material: Material, out: Path) -> str:
    """How to train on this folder and bring the predictions back."""
    matched = NUMBERED.fullmatch(out.name)
    number = matched[1].lstrip("0") if matched else "501"
    val = (
        "`val` of splits_final.json is the benchmark's inner validation set. The cases that a fold tests are in "
        "neither of its lists."
        if material.validated
        else "This benchmark has no inner validation set, and nnU-Net's `val` may not be empty: it is what the fold "
        "tests. "
        "Predict with the last checkpoint (checkpoint_final.pth, nnU-Net's default), never with checkpoint_best.pth."
    )
    return f"""{material.name}, exported for nnU-Net v2. {origin(material)}

{val}
nnU-Net plans once for all folds: its plans know the sizes and grey levels of the tested images, as in its authors' own
cross-validation. cases.csv says which case an identifier is.

nnUNetv2_plan_and_preprocess -d {number} -c 2d --verify_dataset_integrity
cp {out}/splits_final.json $nnUNet_preprocessed/{out.name}/
for k in {" ".join(map(str, material.fold_numbers))}; do
  nnUNetv2_train {number} 2d $k
  nnUNetv2_predict -d {number} -c 2d -f $k -i {out}/test/fold_$k -o predicted/fold_$k
done
acsbench submit {material.name} nnunet predicted
"""
