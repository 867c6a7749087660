"""BUS-BRA: the real sample, and small made folders in the published layout."""

from collections import Counter

import numpy as np
import pytest

from benchmarks.datasets import find_dataset
from benchmarks.datasets.busbra import read, read_first_patients
from benchmarks.datasets.verification import count_problems, verified_cases
from benchmarks.errors import UserError


@pytest.fixture
def made(tmp_path, write_image):
    """Two images of one patient and one of another, whose height is wrong in the published table."""
    root = tmp_path / "BUSBRA"
    rows = ["ID,Case,Histology,Pathology,BIRADS,Device,Width,Height,Side,BBOX"]
    for name, patient, pathology, height in (
        ("bus_0001-l", 1, "benign", 40),
        ("bus_0001-r", 1, "malignant", 40),
        ("bus_0856-l", 856, "benign", 41),
    ):
        write_image(root / "Images" / f"{name}.png", np.full((40, 50), 90, np.uint8))
        mask = np.zeros((40, 50), np.uint8)
        mask[10:20, 10:30] = 255
        write_image(root / "Masks" / f"{name.replace('bus', 'mask')}.png", mask)
        rows.append(f'{name},{patient},cyst,{pathology},2,GE,50,{height},left,"[10,10,20,10]"')
    (root / "bus_data.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


def test_the_sample(mirror):
    cases = list(verified_cases(find_dataset("busbra-sample"), mirror / "busbra-sample"))
    assert len(cases) == 63
    assert len({case.group for case in cases}) == 36
    assert {(case.class_name, case.group) for case in cases if case.name.startswith("bus_0041")} == {
        ("malignant", "patient 41")
    }
    assert all(case.union.any() for case in cases)


def test_the_sample_is_not_the_whole(mirror):
    with pytest.raises(UserError, match="expected 1268 benign cases, found 37"):
        list(verified_cases(find_dataset("busbra"), mirror / "busbra-sample"))


def test_the_first_500_patients(mirror):
    """Counts as the mirror's table states them; patient 41 is the one of the sample."""
    cases = list(verified_cases(find_dataset("busbra-500"), mirror / "busbra-500"))
    assert len(cases) == 944
    assert {case.group for case in cases} == {f"patient {number}" for number in range(1, 501)}
    assert sum(case.class_name == "malignant" for case in cases) == 325
    sample = {case.name: case for case in read(mirror / "busbra-sample", [])}
    shared = [case for case in cases if case.name in sample]
    assert shared
    for case in shared:
        np.testing.assert_array_equal(case.image, sample[case.name].image)
        np.testing.assert_array_equal(case.union, sample[case.name].union)
        assert (case.class_name, case.group) == (sample[case.name].class_name, sample[case.name].group)


def test_the_first_500_patients_are_not_the_whole():
    found = Counter({"benign": 619, "malignant": 325})
    assert count_problems(find_dataset("busbra"), found, 500) == [
        "expected 1268 benign cases, found 619",
        "expected 607 malignant cases, found 325",
        "expected 1064 groups, found 500",
    ]


def test_of_the_whole_the_first_500_patients_are_read_and_the_others_let_be(made):
    (made / "BUSBRA" / "Images" / "bus_0856-l.png").unlink()
    problems = []
    assert [case.name for case in read_first_patients(made, problems)] == ["bus_0001-l", "bus_0001-r"]
    assert not problems
    table = made / "BUSBRA" / "bus_data.csv"
    table.write_text(table.read_text().replace("bus_0001-r,1,", "bus_0001-r,one,"))
    assert [case.name for case in read_first_patients(made, problems)] == ["bus_0001-l"]
    assert problems == ["BUSBRA/bus_data.csv: bus_0001-r: expected a patient's number in Case, found 'one'"]


def test_the_bounding_boxes_of_the_table_are_those_of_the_masks(mirror):
    """The published BBOX (x, y, width, height) is an independent account of each mask."""
    import csv
    import json

    with open(mirror / "busbra-sample" / "BUSBRA" / "bus_data.csv") as file:
        boxes = {row["ID"]: json.loads(row["BBOX"]) for row in csv.DictReader(file)}
    for case in read(mirror / "busbra-sample", []):
        rows, columns = np.nonzero(case.union)
        found = [columns.min(), rows.min(), columns.max(), rows.max()]
        x, y, width, height = boxes[case.name]
        assert np.abs(np.subtract(found, [x, y, x + width, y + height])).max() <= 1


def test_a_made_folder(made):
    problems = []
    cases = list(read(made, problems))
    assert not problems
    assert [case.group for case in cases] == ["patient 1", "patient 1", "patient 856"]
    assert [case.class_name for case in cases] == ["benign", "malignant", "benign"]
    assert cases[2].flags == ("wrong-height-in-table",)
    assert cases[0].union.sum() == 200


def test_problems_are_collected(made, write_image):
    root = made / "BUSBRA"
    (root / "Masks" / "mask_0001-l.png").unlink()
    write_image(root / "Images" / "bus_0001-r.png", np.zeros((40, 51), np.uint8))
    write_image(root / "Images" / "bus_0002-l.png", np.zeros((40, 50), np.uint8))
    problems = []
    cases = list(read(made, problems))
    assert len(cases) == 1
    assert sorted(problem.split(":")[0] for problem in problems) == [
        "BUSBRA/Images/bus_0002-l.png",
        "BUSBRA/Masks/mask_0001-l.png",
        "BUSBRA/Masks/mask_0001-r.png",
    ]


@pytest.mark.parametrize("content", [None, "ID,Case\n1,2\n", ""])
def test_a_bad_table(made, content):
    table = made / "BUSBRA" / "bus_data.csv"
    table.unlink() if content is None else table.write_text(content)
    problems = []
    assert list(read(made, problems)) == []
    assert "bus_data.csv" in problems[0]
