"""Preparing: layout, order, determinism, and nothing half done."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.datasets.dataset import Case, Dataset
from benchmarks.datasets.prepare import natural_key, prepare, prepare_dataset
from benchmarks.errors import UserError, entry_point
from benchmarks.scoring.run_length import decode


def make_cases() -> list[Case]:
    """Three cases of different sizes, in no order."""
    random = np.random.default_rng(3)
    cases = []
    for name, shape in (("benign (10)", (5, 8)), ("benign (2)", (6, 4)), ("malignant (1)", (3, 3))):
        masks = tuple(np.pad(random.random(np.subtract(shape, 2)) < 0.5, 1) for _ in range(2))
        masks[0][1, 1] = True
        cases.append(Case(name, name.split()[0], f"group of {name}", random.integers(0, 256, shape, np.uint8), masks))
    return cases


def dataset_of(cases: list[Case], problem: str | None = None, benign: int = 2) -> Dataset:
    def read(folder, problems):
        yield from cases
        problems += [problem] if problem else []

    return Dataset("made", "Made", "", "", "", {"benign": benign, "malignant": 1, "normal": 0}, 3, read)


def test_layout(tmp_path):
    made = {case.name: case for case in make_cases()}
    prepare(dataset_of(make_cases()), tmp_path, tmp_path / "out")
    cases, pixels = pd.read_parquet(tmp_path / "out/cases.parquet"), np.load(tmp_path / "out/pixels.npy")
    assert cases.columns.tolist() == [
        *("case", "class", "group", "height", "width", "mask", "first_mask", "flags", "offset"),
    ]
    assert cases["case"].tolist() == ["benign (2)", "benign (10)", "malignant (1)"]
    assert cases["offset"].tolist() == [0, 24, 64]
    assert pixels.dtype == np.uint8
    assert pixels.shape == (73,)
    for row in cases.itertuples():
        case = made[row.case]
        assert (pixels[row.offset : row.offset + case.image.size] == case.image.ravel()).all()
        assert (decode(row.mask, row.height, row.width) == (case.masks[0] | case.masks[1])).all()
        assert (decode(row.first_mask, row.height, row.width) == case.masks[0]).all()


def test_the_same_bytes_whatever_the_order(tmp_path):
    prepare(dataset_of(make_cases()), tmp_path, tmp_path / "one")
    prepare(dataset_of(make_cases()[::-1]), tmp_path, tmp_path / "two")
    for name in ("cases.parquet", "pixels.npy"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == ["cases.parquet", "pixels.npy"]


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (dataset_of(make_cases(), problem="a.png: missing"), "made: 1 problem in .*\n  a.png: missing"),
        (dataset_of(make_cases(), benign=3), "expected 3 benign cases, found 2"),
        (dataset_of(make_cases()[1:]), "expected 3 groups, found 2"),
    ],
)
def test_nothing_is_written_where_anything_is_wrong(tmp_path, dataset, message):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/pixels.npy").write_bytes(b"of an earlier run")
    with pytest.raises(UserError, match=message):
        prepare(dataset, tmp_path, tmp_path / "out")
    assert (tmp_path / "out/pixels.npy").read_bytes() == b"of an earlier run"


def test_many_problems_are_cut_short(tmp_path):
    cases = make_cases()

    def read(folder, problems):
        problems += [f"{number}.png: missing" for number in range(50)]
        yield from cases

    with pytest.raises(UserError) as error:
        prepare(Dataset("made", "", "", "", "", {}, 3, read, manifest=None), tmp_path, tmp_path / "out")
    message = str(error.value)
    assert "50 problems" in message
    assert "19.png: missing" in message
    assert "20.png: missing" not in message


def test_without_the_data(tmp_path, monkeypatch):
    """Where DVC has a stage for it, that is named, else the jobs by hand."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        UserError, match="data/busi does not exist; run `acsbench download busi && acsbench prepare busi"
    ):
        prepare_dataset("busi")
    (tmp_path / "dvc.yaml").write_text("stages: {download: {foreach: {busi: []}, do: {cmd: x}}}")
    with pytest.raises(UserError, match=r"data/busi does not exist; run `dvc repro download@busi data\.dvc`$"):
        prepare_dataset("busi")


def test_natural_order():
    names = ["benign (10)", "benign (2)", "case10", "case9", "malignant (1)", "bus_0041-l"]
    assert sorted(names, key=natural_key) == [
        *("benign (2)", "benign (10)", "bus_0041-l", "case9", "case10", "malignant (1)"),
    ]


def test_a_full_disk_ends_in_one_line_and_leaves_nothing(tmp_path, monkeypatch, capsys, full_disk):
    """The array is written, not mapped: in a map, a full disk ends the process by a signal."""
    image = np.arange(160_000, dtype=np.uint8).reshape(400, 400)
    cases = [Case(name, "normal", name, image, ()) for name in "abc"]
    made = Dataset(
        "made", "", "", "", "", {"benign": 0, "malignant": 0, "normal": 3}, 3, lambda folder, problems: cases
    )
    run = entry_point(lambda: prepare(made, tmp_path, tmp_path / "out"))
    with full_disk(100_000), pytest.raises(SystemExit):
        run()
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.startswith(f"error: {tmp_path}/out/pixels.npy: File too large; raise the limit")
    assert list((tmp_path / "out").iterdir()) == []
    run()
    assert len(np.load(tmp_path / "out/pixels.npy")) == 480_000
