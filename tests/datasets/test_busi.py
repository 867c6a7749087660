"""BUSI against the published counts and the facts measured on the real files."""

import re

import numpy as np
import pytest
from PIL import Image

from benchmarks.datasets import busi as busi_module
from benchmarks.datasets.busi import BUSI
from benchmarks.datasets.files import place
from benchmarks.datasets.manifest import read_manifest
from benchmarks.datasets.prepared import image
from benchmarks.datasets.verification import verified_cases
from benchmarks.errors import UserError
from benchmarks.scoring.run_length import decode

BENIGN_WITH_MORE_MASKS = (4, 25, 54, 58, 83, 92, 93, 98, 100, 163, 173, 181, 195, 315, 346, 424)


def test_counts_of_the_paper(busi):
    _, cases, pixels = busi
    assert cases["class"].value_counts().to_dict() == {"benign": 437, "malignant": 210, "normal": 133}
    assert len(pixels) == (cases["height"] * cases["width"]).sum()
    assert cases["width"].agg(["min", "max"]).tolist() == [190, 1048]
    assert cases["height"].agg(["min", "max"]).tolist() == [310, 719]


def test_masks(busi):
    _, cases, _ = busi
    more = set(cases.loc[cases["flags"].str.contains("multiple-masks"), "case"])
    assert more == {*(f"benign ({number})" for number in BENIGN_WITH_MORE_MASKS), "malignant (53)"}
    differ = set(cases.loc[cases["mask"] != cases["first_mask"], "case"])
    assert differ == more - {"benign (58)"}  # its second mask lies within its first
    empty = cases["mask"] == (cases["height"] * cases["width"]).astype(str)
    assert set(cases.loc[empty, "class"]) == {"normal"}
    assert empty.sum() == 133


def test_the_union_of_three_masks(busi):
    folder, cases, _ = busi
    case = cases.set_index("case").loc["benign (195)"]
    files = [folder / f"Dataset_BUSI_with_GT/benign/benign (195)_mask{end}.png" for end in ("", "_1", "_2")]
    masks = [np.asarray(Image.open(file).convert("L")) > 0 for file in files]
    assert (decode(case["mask"], case.height, case.width) == (masks[0] | masks[1] | masks[2])).all()
    assert (decode(case["first_mask"], case.height, case.width) == masks[0]).all()


def test_groups_hold_the_published_clusters(busi):
    _, cases, pixels = busi
    lesions = cases[cases["class"] != "normal"]
    assert lesions["group"].nunique() == 492  # the comment's 496, joined by four more links
    assert cases["group"].nunique() == 583
    sizes = cases["group"].value_counts()
    assert (sizes[sizes > 1].count(), sizes[sizes > 1].sum()) == (151, 348)
    by_case = cases.set_index("case")
    twins = by_case.loc[["benign (433)", "malignant (145)"]]
    assert twins["group"].nunique() == 1
    assert (image(twins.iloc[0], pixels) == image(twins.iloc[1], pixels)).all()
    flags = cases["flags"].str.split(";")
    counts = {name: sum(name in case for case in flags) for name in ("multiclass", "needle", "axilla", "coloured")}
    assert counts == {"multiclass": 19, "needle": 7, "axilla": 70, "coloured": 16}


def test_every_pixel_is_that_of_the_file(busi):
    folder, cases, pixels = busi
    for case in cases.iloc[::97].itertuples():
        path = next((folder / "Dataset_BUSI_with_GT").glob(f"*/{case.case}.png"))
        assert (image(case, pixels) == np.asarray(Image.open(path).convert("L"))).all()


def test_wrong_files_are_all_named_at_once(mirror, monkeypatch, tmp_path):
    few = {f"Dataset_BUSI_with_GT/benign/benign ({number})" for number in (2, 3, 4, 5, 7)}
    manifest = {
        path: entry for path, entry in read_manifest("busi").items() if re.split(r"_mask|\.png", path)[0] in few
    }
    monkeypatch.setattr(busi_module, "read_manifest", lambda name: manifest)
    benign = tmp_path / "Dataset_BUSI_with_GT" / "benign"
    for path in manifest:
        place(mirror / "busi" / path, tmp_path / path)

    def replace(name: str, content: bytes) -> None:
        (benign / name).write_bytes(content)

    one_pixel = np.array(Image.open(benign / "benign (2).png"))
    one_pixel[0, 0] ^= 1
    Image.fromarray(one_pixel).save(benign / "benign (2).png")
    replace("benign (3).png", (benign / "benign (3).png").read_bytes()[:5000])
    replace("benign (5)_mask.png", b"")
    (benign / "benign (4)_mask_1.png").unlink()
    (benign / "benign (999).png").write_bytes(b"extra")
    as_published = Image.open(benign / "benign (7).png").convert("RGB")
    as_published.save(benign / "benign (7).png")  # three equal channels, as the authors publish it: no problem

    with pytest.raises(UserError) as error:
        list(verified_cases(BUSI, tmp_path))
    message = str(error.value)
    assert "5 problems" in message
    for expected in (
        "benign (2).png: expected image of 557 x 473 px with pixel SHA-256",
        "benign (3).png: truncated or damaged (image file is truncated); expected image of 558 x 471 px",
        "benign (4)_mask_1.png: missing",
        "benign (5)_mask.png: not an image; expected mask of 549 x 496 px",
        "benign (999).png: not part of the dataset",
    ):
        assert expected in message, message
