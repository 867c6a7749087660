"""Another dataset at a benchmark's image size: its cases, their pixels, and which datasets a benchmark may name."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from benchmarks.configuration import read_parameters
from benchmarks.datasets.prepared import benchmark_arrays
from benchmarks.errors import UserError
from benchmarks.protocols import external
from benchmarks.protocols.external import check_external, external_cases, write_external
from benchmarks.scoring.run_length import encode

FACTS = pd.DataFrame({"case": ["b", "d", "elsewhere"], "device": ["GE", "", "?"], "birads": ["4a", "2", "5"]})


@pytest.fixture
def prepared() -> tuple[pd.DataFrame, np.ndarray]:
    """Four images of 64 x 80 pixels: two benign, one malignant, one normal."""
    generator = np.random.default_rng(0)
    mask = np.zeros((64, 80), bool)
    mask[10:30, 20:60] = True
    cases = pd.DataFrame({"case": list("abcd"), "class": ["benign", "malignant", "normal", "benign"]})
    cases["group"], cases["flags"] = list("wxyz"), ""
    cases["height"], cases["width"], cases["offset"] = 64, 80, np.arange(4) * 64 * 80
    cases["mask"] = [encode(mask if name != "normal" else mask & False) for name in cases["class"]]
    cases["first_mask"] = cases["mask"]
    return cases, generator.integers(0, 256, 4 * 64 * 80, dtype=np.uint8)


def test_benign_and_malignant_cases_stay_with_what_the_table_says_of_them(prepared):
    cases = external_cases(prepared[0], FACTS)
    assert cases["case"].tolist() == ["a", "b", "d"]
    assert cases["label"].tolist() == [0, 1, 0]
    assert cases["birads"].tolist() == ["", "4a", "2"]
    assert cases["device"].tolist() == ["", "GE", ""]


def test_images_are_those_that_a_benchmark_makes_of_the_same_cases(prepared, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(external, "read_prepared", lambda dataset: prepared)
    monkeypatch.setattr(external, "clinical_facts", lambda dataset, folder: FACTS)
    folder = write_external("breast", 32)
    assert folder.as_posix() == "prepared/external/breast-32"
    arrays = np.load(folder / "images.npz")
    images, masks, _ = benchmark_arrays(prepared[0].iloc[[0, 1, 3]], prepared[1], 32)
    np.testing.assert_array_equal(arrays["images"], images)
    np.testing.assert_array_equal(arrays["masks"], masks)
    # 20 of 64 rows and 40 of 80 columns of the mask are lesion: 10 x 16 of the 32 x 32 pixels
    assert (arrays["masks"].sum((1, 2)) == 160).all()
    table = pd.read_parquet(folder / "cases.parquet")
    assert "offset" not in table
    assert table["height"].tolist() == [64] * 3
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    write_external("breast", 32)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first


@pytest.mark.parametrize(
    ("dataset", "test_on", "told"),
    [
        ("busi", ["bresat"], "no dataset is called 'bresat'. Did you mean 'breast'"),
        ("busbra-500", ["busbra"], r"test_on: busbra: expected another dataset's images; they are of busbra-500's"),
    ],
)
def test_a_benchmark_is_tested_on_others_images_alone(repository, dataset, test_on, told):
    parameters = read_parameters(repository / "params.yaml")
    changed = dataclasses.replace(parameters.benchmarks["busi"], dataset=dataset, test_on=test_on)
    with pytest.raises(UserError, match=told):
        check_external("busi", dataclasses.replace(parameters, benchmarks={"busi": changed}))
    fits = dataclasses.replace(changed, dataset="busi", test_on=["breast", "busbra-500"])
    check_external("busi", dataclasses.replace(parameters, benchmarks={"busi": fits}))


def test_a_dataset_without_a_class_of_the_benchmark(repository, monkeypatch):
    parameters = read_parameters(repository / "params.yaml")
    breast = external.find_dataset("breast")
    lacking = dataclasses.replace(breast, counts=breast.counts | {"malignant": 0})
    busi = external.find_dataset("busi")
    monkeypatch.setattr(external, "find_dataset", lambda name: lacking if name == "breast" else busi)
    changed = dataclasses.replace(parameters.benchmarks["busi"], test_on=["breast"])
    with pytest.raises(UserError, match="breast: expected cases of each class of the benchmark, found no malignant"):
        check_external("busi", dataclasses.replace(parameters, benchmarks={"busi": changed}))
