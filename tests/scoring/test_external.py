"""Scores on other datasets, held to areas counted by hand."""

import json

import numpy as np
import pandas as pd
import pytest

from benchmarks.errors import UserError
from benchmarks.scoring.external import score_external
from benchmarks.scoring.run_length import encode

SIZE = 32


def block(rows: int, columns: int, top: int = 4) -> np.ndarray:
    mask = np.zeros((SIZE, SIZE), np.uint8)
    mask[top : top + rows, 4 : 4 + columns] = 1
    return mask


TRUTH = [block(8, 8), block(16, 4), block(4, 4)]
# What three networks see of the first case: all of it, its upper half, nothing.
SEEN = [block(8, 8), block(4, 8), block(0, 0)]


@pytest.fixture
def root(tmp_path, repository):
    """Three cases of 32 x 32 pixels, at native size the same, and three networks that differ on the first alone."""
    text = (repository / "params.yaml").read_text()
    marker = "  busi-small:\n    description: Real BUSI at 64 pixels and a budget that a CPU can bear.\n"
    assert marker in text
    tested = text.replace(marker, f"{marker}    test_on: [breast]\n").replace("image_size: 64", f"image_size: {SIZE}")
    (tmp_path / "params.yaml").write_text(tested)
    folder = tmp_path / "prepared" / "external" / f"breast-{SIZE}"
    folder.mkdir(parents=True)
    cases = pd.DataFrame({"case": list("abc"), "class": ["benign", "malignant", "benign"], "label": [0, 1, 0]})
    cases = cases.assign(group=list("xyx"), height=SIZE, width=SIZE, flags="", device="GE", birads=["2", "5", ""])
    cases["mask"] = cases["first_mask"] = [encode(mask) for mask in TRUTH]
    cases.to_parquet(folder / "cases.parquet", index=False)
    np.savez(folder / "images.npz", images=np.stack(TRUTH), masks=np.stack(TRUTH))
    for fold, seen in enumerate(SEEN):
        write_network(tmp_path, fold, [seen, *TRUTH[1:]], [0.1 * fold, 0.9, 0.5])
    return tmp_path


def write_network(root, fold: int, masks: list, probabilities: list) -> None:
    folder = root / "reports" / "external" / "predictions" / "busi-small" / "unet" / "breast"
    folder.mkdir(parents=True, exist_ok=True)
    table = pd.DataFrame({"seed": 0, "fold": fold, "case": list("abc"), "epoch": 3, "probability": probabilities})
    table = table.assign(height=SIZE, width=SIZE, mask=[encode(mask) for mask in masks])
    table.to_parquet(folder / f"seed0-fold{fold}.parquet", index=False)


def scores(root) -> pd.DataFrame:
    return pd.read_csv(root / "reports" / "external" / "cases" / "busi-small" / "unet" / "breast.csv")


def test_each_network_and_all_together(root):
    assert score_external("busi-small", root, progress=False)["scored"] == ["unet/breast"]
    table = scores(root)
    first = table[table["case"] == "a"].set_index("fold")
    # 64 of 64 pixels, 32 of them (2 * 32 / 96), none; two of three networks see the upper half
    np.testing.assert_allclose(first["dice"], [1, 2 / 3, 0, 2 / 3], atol=1e-6)
    np.testing.assert_allclose(first["iou"], [1, 1 / 2, 0, 1 / 2], atol=1e-6)
    assert first["empty"].tolist() == [0, 0, 1, 0]
    np.testing.assert_allclose(first["probability"], [0, 0.1, 0.2, 0.1], atol=1e-6)
    assert first.index.isna().tolist() == [False, False, False, True]
    assert (table.loc[table["case"] != "a", "dice"] == 1).all()
    assert (first["label"].eq(0) & first["group"].eq("x") & first["class"].eq("benign")).all()


def test_without_one_of_its_folds_a_seed_has_no_ensemble(root):
    (root / "reports/external/predictions/busi-small/unet/breast/seed0-fold2.parquet").unlink()
    score_external("busi-small", root, progress=False)
    assert scores(root)["fold"].tolist() == [0, 0, 0, 1, 1, 1]


def test_truth_holds_what_divides_the_cases(root):
    score_external("busi-small", root, progress=False)
    truth = pd.read_parquet(root / "reports" / "external" / "truth" / "busi-small" / "breast.parquet")
    assert truth["birads"].tolist() == ["2", "5", ""]
    np.testing.assert_allclose(truth["area"], [64 / 1024, 64 / 1024, 16 / 1024])


def test_only_what_changed_is_scored_again(root):
    score_external("busi-small", root, progress=False)
    assert score_external("busi-small", root, progress=False)["unchanged"] == ["unet/breast"]
    write_network(root, 2, TRUTH, [0.2, 0.9, 0.5])
    assert score_external("busi-small", root, progress=False)["scored"] == ["unet/breast"]
    assert scores(root).query("case == 'a'")["dice"].tolist() == pytest.approx([1, 2 / 3, 1, 1], abs=1e-6)
    digests = root / "reports" / "external" / "cases" / "busi-small" / "digests.json"
    assert list(json.loads(digests.read_text())) == ["unet/breast"]


def test_a_single_head(root):
    for fold in range(3):
        path = root / f"reports/external/predictions/busi-small/unet/breast/seed0-fold{fold}.parquet"
        pd.read_parquet(path).assign(mask=None).to_parquet(path, index=False)
    score_external("busi-small", root, progress=False)
    assert scores(root)["dice"].isna().all()
    assert len(scores(root)) == 12


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t.iloc[1:], r"unet/breast: these predictions.*seed 0, fold 1: 1 of 3 cases missing: a"),
        (lambda t: t.assign(fold=4), r"seed0-fold1.parquet: expected the rows of one network, found seed0-fold4"),
        (lambda t: t.drop(columns="mask"), r"seed0-fold1.parquet: expected the columns .*; mask not found"),
        (lambda t: t.assign(mask="7"), r"masks cannot be read"),
        (lambda t: t.assign(probability=1.5), r"probability is not a number in \[0, 1\]"),
    ],
)
def test_wrong_predictions_are_named_and_others_scored(root, change, told):
    folder = root / "reports" / "external" / "predictions" / "busi-small"
    path = folder / "unet" / "breast" / "seed0-fold1.parquet"
    right = pd.read_parquet(path)
    (folder / "mtan" / "breast").mkdir(parents=True)
    right.to_parquet(folder / "mtan" / "breast" / "seed0-fold1.parquet", index=False)
    change(right).to_parquet(path, index=False)
    with pytest.raises(UserError, match=f"(?s){told}"):
        score_external("busi-small", root, progress=False)
    assert (root / "reports" / "external" / "cases" / "busi-small" / "mtan" / "breast.csv").is_file()


def test_nothing_prepared_or_predicted(root):
    (root / f"prepared/external/breast-{SIZE}/images.npz").unlink()
    with pytest.raises(UserError, match=rf"acsbench prepare-external breast {SIZE}"):
        score_external("busi-small", root, progress=False)
    with pytest.raises(UserError, match="no predictions on other datasets"):
        score_external("busi", root, progress=False)
