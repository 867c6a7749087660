"""BrEaST against the published counts and the files' own content."""

import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from benchmarks.datasets import breast as breast_module
from benchmarks.datasets.prepared import image
from benchmarks.errors import UserError
from benchmarks.scoring.run_length import decode


def test_counts_of_the_paper(breast):
    _, cases, _ = breast
    assert cases["class"].value_counts().to_dict() == {"benign": 154, "malignant": 98, "normal": 4}
    assert cases["group"].nunique() == 256
    normal = cases[cases["class"] == "normal"]
    assert normal["case"].tolist() == ["case045", "case061", "case209", "case213"]
    assert (normal["mask"] == (normal["height"] * normal["width"]).astype(str)).all()


def test_other_findings_are_not_the_lesion(breast):
    folder, cases, _ = breast
    case = cases.set_index("case").loc["case022"]
    assert case["flags"] == "other-masks"
    path = folder / "BrEaST-Lesions_USG-images_and_masks" / "case022_tumor.png"
    tumour = np.asarray(Image.open(path).convert("L")) > 0
    assert (decode(case["mask"], case.height, case.width) == tumour).all()


def test_transparent_pixels_are_black(breast):
    folder, cases, pixels = breast
    checked = 0
    for case in cases.itertuples():
        with Image.open(folder / "BrEaST-Lesions_USG-images_and_masks" / f"{case.case}.png") as opened:
            if opened.mode == "RGBA" and (hidden := np.asarray(opened)[..., 3] == 0).any():
                assert (image(case, pixels)[hidden] == 0).all()
                checked += 1
    assert checked > 0


def test_a_changed_class_in_the_table_is_noticed(breast, tmp_path):
    table = pd.read_excel(breast[0] / breast_module.TABLE)
    table.loc[0, "Classification"] = "malignant"
    table.to_excel(tmp_path / breast_module.TABLE, index=False)
    with pytest.raises(UserError, match="expected the published classes"):
        breast_module.read_classes(tmp_path / breast_module.TABLE)
    shutil.copy(breast[0] / breast_module.TABLE, tmp_path)
    assert len(breast_module.read_classes(tmp_path / breast_module.TABLE)) == 256


def test_a_table_that_is_none(tmp_path):
    with pytest.raises(UserError, match="missing"):
        breast_module.read_classes(tmp_path / breast_module.TABLE)
    (tmp_path / breast_module.TABLE).write_bytes(b"<html>sign in</html>")
    with pytest.raises(UserError, match="cannot be read"):
        breast_module.read_classes(tmp_path / breast_module.TABLE)
