"""Exports, held to the libraries that read them: nnU-Net's own check, pycocotools, and what lay in the dataset."""

import json
import multiprocessing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from pycocotools.coco import COCO

from benchmarks.configuration import read_parameters
from benchmarks.errors import UserError
from benchmarks.exporting.write import export
from benchmarks.protocols.split import fold_table, write_benchmark
from benchmarks.scoring.run_length import decode, encode
from benchmarks.scoring.submit import submit

SIZES = [(40, 60), (64, 48), (30, 90), (33, 35)]


@pytest.fixture
def parameters(repository, tmp_path, monkeypatch):
    """Two dozen cases of four sizes as the prepared dataset `phantom`, and the folds of the benchmark of that name."""
    monkeypatch.chdir(tmp_path)
    parameters = read_parameters(repository / "params.yaml")
    generator, rows, pixels, offset = np.random.default_rng(0), [], [], 0
    for number in range(24):
        height, width = SIZES[number % 4]
        image, mask = generator.integers(0, 256, (height, width), dtype=np.uint8), np.zeros((height, width), bool)
        mask[3 : 10 + number % 12, 5:20] = True
        class_name = ("benign", "malignant")[number % 2]
        rows.append({
            "case": f"{class_name} ({number})", "class": class_name, "group": str(number), "height": height,
            "width": width, "mask": encode(mask), "first_mask": encode(mask), "flags": "", "offset": offset,
        })  # fmt: skip
        pixels.append(image.ravel())
        offset += image.size
    folder = tmp_path / "prepared" / "datasets" / "phantom"
    folder.mkdir(parents=True)
    table = pd.DataFrame(rows)
    table.to_parquet(folder / "cases.parquet", index=False)
    np.save(folder / "pixels.npy", np.concatenate(pixels))
    (tmp_path / "benchmarks" / "folds").mkdir(parents=True)
    folds = fold_table(table[["case", "class", "group"]], parameters.benchmarks["phantom"].split)
    folds.to_csv(tmp_path / "benchmarks" / "folds" / "phantom.csv", index=False)
    return parameters


@pytest.fixture
def truth(parameters, tmp_path) -> pd.DataFrame:
    return pd.read_parquet(tmp_path / "prepared" / "datasets" / "phantom" / "cases.parquet").set_index("case")


def read(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


def test_nnunet_finds_its_raw_format_whole(parameters, tmp_path, monkeypatch):
    from nnunetv2.experiment_planning import verify_dataset_integrity as nnunet

    class Here:  # a pool of this process, so that the check takes a second
        def __init__(self, processes):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def starmap(self, function, arguments):
            return [function(*each) for each in arguments]

    context = multiprocessing.get_context("spawn")
    monkeypatch.setattr(type(context), "Pool", lambda self, processes: Here(processes))
    out = tmp_path / "nnUNet_raw" / "Dataset501_Phantom"
    assert export(parameters, "nnunet", "phantom", out) == 24
    nnunet.verify_dataset_integrity(str(out), 1)


def test_nnunets_splits_are_ours_and_a_folds_test_cases_are_in_neither_list(parameters, tmp_path):
    out = tmp_path / "Dataset501_Phantom"
    export(parameters, "nnunet", "phantom", out)
    cases = pd.read_csv(out / "cases.csv").set_index("identifier")["case"]
    folds = pd.read_csv(tmp_path / "benchmarks" / "folds" / "phantom.csv").set_index("case")
    splits = json.loads((out / "splits_final.json").read_text())
    assert len(splits) == 2
    for fold, split in enumerate(splits):
        roles = folds[f"role_{fold}"]
        assert {cases[name] for name in split["train"]} == set(roles.index[roles == "train"])
        assert {cases[name] for name in split["val"]} == set(roles.index[roles == "validation"])
        tested = [path.name.removesuffix("_0000.png") for path in (out / "test" / f"fold_{fold}").iterdir()]
        assert {cases[name] for name in tested} == set(roles.index[roles == "test"])


def test_images_and_masks_keep_their_size_and_their_pixels(parameters, truth, tmp_path):
    pixels = np.load(tmp_path / "prepared" / "datasets" / "phantom" / "pixels.npy")
    export(parameters, "folders", "phantom", tmp_path / "folders")
    for case, row in truth.iterrows():
        size = row["height"], row["width"]
        expected = pixels[row["offset"] : row["offset"] + size[0] * size[1]].reshape(size)
        assert (read(tmp_path / "folders" / "images" / f"{case}.png") == expected).all()
        mask = read(tmp_path / "folders" / "masks" / f"{case}.png")
        assert (mask == 255 * decode(row["mask"], *size).astype(np.uint8)).all()
    tables = [pd.read_csv(tmp_path / "folders" / f"{name}.csv") for name in ("cases", "folds")]
    assert tables[0]["case"].tolist() == tables[1]["case"].tolist()


def test_pycocotools_reads_the_masks(parameters, truth, tmp_path, capsys):
    export(parameters, "coco", "phantom", tmp_path / "coco")
    coco = COCO(str(tmp_path / "coco" / "annotations" / "all.json"))
    assert [category["name"] for category in coco.loadCats(coco.getCatIds())] == ["benign", "malignant"]
    for image in coco.loadImgs(coco.getImgIds()):
        row = truth.loc[image["case"]]
        (annotation,) = coco.loadAnns(coco.getAnnIds(imgIds=image["id"]))
        mask = coco.annToMask(annotation)
        assert (mask == decode(row["mask"], row["height"], row["width"])).all()
        assert annotation["area"] == mask.sum()
        rows, columns = np.nonzero(mask)
        ends = [columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1]
        assert annotation["bbox"] == ends
        assert coco.loadCats(annotation["category_id"])[0]["name"] == row["class"]
        assert read(tmp_path / "coco" / "images" / image["file_name"]).shape == mask.shape
    parts = [
        COCO(str(tmp_path / "coco" / "annotations" / f"fold0-{role}.json")) for role in ("train", "validation", "test")
    ]
    assert sum(len(part.getImgIds()) for part in parts) == 24


def test_what_nnunet_predicts_comes_back(parameters, truth, tmp_path):
    """Labels of 0 and 1 by identifier, in a folder for each fold, beside the files that nnU-Net leaves there."""
    write_benchmark("phantom", parameters.benchmarks["phantom"])
    out, predicted = tmp_path / "Dataset501_Phantom", tmp_path / "predicted"
    export(parameters, "nnunet", "phantom", out)
    for folder in (out / "test").iterdir():
        (predicted / folder.name).mkdir(parents=True)
        (predicted / folder.name / "plans.json").write_text("{}")
        for path in folder.iterdir():
            name = path.name.replace("_0000", "")
            (predicted / folder.name / name).write_bytes((out / "labelsTr" / name).read_bytes())
    _, predictions = submit("phantom", "nnunet", predicted)
    for row in predictions.itertuples():
        assert row.mask == truth.loc[row.case, "mask"]
    assert predictions["probability"].isna().all()
    next((predicted / "fold_0").glob("*.png")).unlink()
    with pytest.raises(UserError, match="1 of 24 cases missing"):
        submit("phantom", "nnunet", predicted)


def test_folders_that_hold_something_or_have_no_number_are_refused(parameters, tmp_path):
    with pytest.raises(UserError, match="Dataset<three digits>_<name>"):
        export(parameters, "nnunet", "phantom", tmp_path / "phantom")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").write_text("years of work")
    with pytest.raises(UserError, match="holds something"):
        export(parameters, "coco", "phantom", tmp_path / "full")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["thesis.tex"]


def test_a_benchmark_that_is_not_prepared_is_named(parameters, tmp_path):
    with pytest.raises(UserError, match="acsbench prepare"):
        export(parameters, "coco", "busi-small", tmp_path / "out")
    assert not (tmp_path / "out").exists()
