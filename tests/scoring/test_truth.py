"""Reading a prepared benchmark and its table of truth."""

import numpy as np
import pandas as pd
import pytest
from medpy.metric import binary as medpy

from benchmarks.errors import UserError
from benchmarks.scoring.run_length import decode
from benchmarks.scoring.segmentation import to_native
from benchmarks.scoring.truth import read_benchmark, truth_table

GRID = 32
COLUMNS = ["case", "class", "label", "group", "height", "width", "flags", "area", "grid", "mask", "ceiling_dice"]


def test_truth_table(root, lesions):
    table = truth_table(read_benchmark("made", root))
    assert list(table.columns) == COLUMNS
    for row, (case, (union, _)) in zip(table.itertuples(), lesions.items(), strict=True):
        assert (row.case, row.height, row.width, row.grid) == (case, *union.shape, GRID)
        assert row.area == pytest.approx(union.sum() / union.size)
        native = to_native(decode(row.mask, GRID, GRID), *union.shape)
        assert row.ceiling_dice == pytest.approx(medpy.dc(native, union))
        assert 0.85 < row.ceiling_dice <= 1
    assert table["ceiling_dice"][3] == 1  # native size is the grid's


def test_the_fold_is_where_a_case_is_tested(root):
    benchmark = read_benchmark("made", root)
    assert benchmark.grid == GRID
    assert benchmark.cases["fold"].tolist() == [0, 0, 1, 1] * 2


def test_the_digest_knows_what_a_score_depends_on(root):
    folder = root / "prepared" / "benchmarks" / "made"
    before = read_benchmark("made", root).digest()
    assert read_benchmark("made", root).digest() == before
    cases = pd.read_parquet(folder / "cases.parquet")
    cases.assign(flags="text in the image").to_parquet(folder / "cases.parquet")
    assert read_benchmark("made", root).digest() == before
    cases.assign(group="all one patient").to_parquet(folder / "cases.parquet")
    assert read_benchmark("made", root).digest() != before


@pytest.mark.parametrize("file", ["cases.parquet", "images.npz", "folds.csv"])
def test_a_missing_or_damaged_file_is_named(root, file):
    path = root / "prepared" / "benchmarks" / "made" / file
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 3])
    with pytest.raises(UserError, match=r"benchmarks/made: .*acsbench split made"):
        read_benchmark("made", root)
    path.unlink()
    with pytest.raises(UserError, match=rf"{file}: not found.*acsbench split made"):
        read_benchmark("made", root)


def test_files_that_do_not_belong_together(root):
    folder = root / "prepared" / "benchmarks" / "made"
    masks = np.zeros((5, GRID, GRID), np.uint8)
    np.savez(folder / "images.npz", images=masks, masks=masks, soft_masks=masks)
    with pytest.raises(UserError, match="8 cases, 5 masks"):
        read_benchmark("made", root)


def test_only_the_trained_folds_are_scored(root, repository):
    """Folds 0, 0, 1, 1 twice: of eight cases, four are tested in fold 1."""
    whole = read_benchmark("made", root)
    parameters = (repository / "params.yaml").read_text(encoding="utf-8")
    entry = "  busi-small:\n"
    made = parameters.replace(entry, f"{entry}    trained_folds: [1]\n", 1).replace("busi-small", "made")
    (root / "params.yaml").write_text(made.replace("made-ungrouped", "busi-small-ungrouped"), encoding="utf-8")
    some = read_benchmark("made", root)
    at = np.array([2, 3, 6, 7])
    assert list(some.cases["case"]) == list(whole.cases["case"].iloc[at])
    assert np.array_equal(some.masks, whole.masks[at])
    assert np.array_equal(some.soft_masks, whole.soft_masks[at])


@pytest.mark.parametrize("name", ["images.npz", "cases.parquet", "folds.csv"])
def test_damaged_files_are_told(root, name):
    """A stream that cannot be inflated, a file cut short, an empty one."""
    file = root / "prepared" / "benchmarks" / "made" / name
    content = file.read_bytes()
    flipped = bytes(byte ^ 0xFF for byte in content[len(content) // 4 : len(content) // 2])
    for damaged in (content[: len(content) // 4] + flipped + content[len(content) // 2 :], content[:40], b""):
        file.write_bytes(damaged)
        with pytest.raises(UserError, match=r"damaged or incomplete|do not belong together"):
            read_benchmark("made", root)
