"""UDIAT on small made folders in the published layout."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.datasets import find_dataset
from benchmarks.datasets.download import download
from benchmarks.datasets.udiat import UDIAT, copy_from_user, read
from benchmarks.errors import UserError


@pytest.fixture
def made(tmp_path, write_image):
    folder = tmp_path / "from the owners"
    for number in (1, 2, 3):
        mask = np.zeros((30, 20), np.uint8)
        mask[5 : 5 + number, 5:10] = 255
        write_image(folder / "original" / f"{number:06d}.png", np.arange(600, dtype=np.uint8).reshape(30, 20) // number)
        write_image(folder / "GT" / f"{number:06d}.png", mask)
    table = {"Image": [1, 2, 3], "Type": ["Benign", "Malignant", "Benign"], "Diagnosis": ["F", "IDC", "CYST"]}
    pd.DataFrame(table).to_excel(folder / "DatasetB.xlsx", index=False)
    return folder


def test_a_made_folder(made):
    problems = []
    cases = list(read(made, problems))
    assert not problems
    assert [(case.name, case.class_name, int(case.union.sum())) for case in cases] == [
        ("000001", "benign", 5),
        ("000002", "malignant", 10),
        ("000003", "benign", 15),
    ]


def test_problems_are_collected(made, write_image):
    (made / "GT" / "000002.png").unlink()
    write_image(made / "original" / "000004.png", np.zeros((30, 20), np.uint8))
    problems = []
    assert len(list(read(made, problems))) == 2
    assert sorted(problem.split(":")[0] for problem in problems) == ["GT/000002.png", "original/000004.png"]


def test_without_the_owners_files(monkeypatch, tmp_path):
    monkeypatch.delenv("UDIAT_FOLDER", raising=False)
    monkeypatch.setenv("BUS_DATA_MIRROR", str(tmp_path))
    with pytest.raises(UserError, match=r"agreement.*UDIAT_FOLDER"):
        download(find_dataset("udiat"), tmp_path / "udiat")


def test_the_users_folder_is_copied_and_counted(monkeypatch, made, tmp_path):
    monkeypatch.setenv("UDIAT_FOLDER", str(made))
    target = tmp_path / "udiat"
    with pytest.raises(UserError, match="expected 110 benign cases, found 2"):
        download(UDIAT, target)
    assert (target / "GT" / "000003.png").read_bytes() == (made / "GT" / "000003.png").read_bytes()


def test_a_folder_of_another_layout(monkeypatch, tmp_path):
    monkeypatch.setenv("UDIAT_FOLDER", str(tmp_path))
    with pytest.raises(UserError, match=r"expected `original/`, `GT/` and `DatasetB\.xlsx`"):
        copy_from_user(tmp_path / "target")
