"""Reading what was prepared, and the arrays of a benchmark."""

import numpy as np
import pandas as pd
import pytest
import torchvision
from PIL import Image
from torchvision.transforms.functional import InterpolationMode

from benchmarks.datasets import prepared
from benchmarks.datasets.prepared import benchmark_arrays, image, read_prepared
from benchmarks.errors import UserError
from benchmarks.scoring.run_length import decode


def test_reading_before_preparing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"busi is missing or incomplete.*acsbench prepare busi"):
        read_prepared("busi")


def test_reading_what_was_prepared(busi, tmp_path, monkeypatch):
    folder = busi[0].parent / "prepared"
    monkeypatch.setattr(prepared, "PREPARED", folder.parent)
    cases, pixels = read_prepared(folder.name)
    pd.testing.assert_frame_equal(cases, busi[1])
    assert image(cases.iloc[700], pixels).shape == (cases["height"][700], cases["width"][700])


def test_arrays_are_those_of_the_released_loader(busi):
    """Oracle: the published files through torchvision's `Resize` on PIL images."""
    folder, cases, pixels = busi
    chosen = cases.set_index("case", drop=False).loc[["benign (195)", "malignant (53)", "malignant (7)", "normal (3)"]]
    images, masks, soft_masks = benchmark_arrays(chosen, pixels, 96)
    assert images.dtype == masks.dtype == soft_masks.dtype == np.uint8
    bilinear = torchvision.transforms.Resize((96, 96), InterpolationMode.BILINEAR)
    nearest = torchvision.transforms.Resize((96, 96), InterpolationMode.NEAREST)
    for index, case in enumerate(chosen.itertuples()):
        stem = folder / "Dataset_BUSI_with_GT" / case.case.split()[0] / case.case
        source = Image.open(f"{stem}.png").convert("L")
        assert (images[index] == np.asarray(bilinear(source))).all()
        first = Image.open(f"{stem}_mask.png").convert("L")
        assert (soft_masks[index] == np.asarray(bilinear(first))).all()
        union = Image.fromarray(decode(case.mask, case.height, case.width).astype(np.uint8))
        assert (masks[index] == np.asarray(nearest(union))).all()
    assert set(np.unique(masks)) == {0, 1}
    assert len(np.unique(soft_masks)) > 2
    assert masks[3].sum() == soft_masks[3].sum() == 0
