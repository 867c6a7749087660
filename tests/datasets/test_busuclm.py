"""BUS-UCLM on small made folders in the published layout."""

import numpy as np
import pytest

from benchmarks.datasets.busuclm import read

COLOURS = {"Benign": (0, 255, 0), "Malignant": (255, 0, 0)}


@pytest.fixture
def made(tmp_path, write_image):
    """Five images of four patients; that of HESN is smaller than its mask."""
    root = tmp_path / "An archive's folder" / "BUS-UCLM"
    lines = ["Image;Resolution;Label;Doppler;Marks;Combined"]
    for name, label, doppler, shape in (
        ("CHCO_000.png", "Benign", "No", (40, 60)),
        ("CHVI_005.png", "Benign", "Yes", (40, 60)),
        ("FLBA_000.png", "Malignant", "No", (40, 60)),
        ("FLBA_001.png", "Normal", "No", (40, 60)),
        ("HESN_000.png", "Benign", "No", (20, 30)),
    ):
        mask = np.zeros((40, 60, 3), np.uint8)
        mask[10:20, 20:40] = COLOURS.get(label, (0, 0, 0))
        write_image(root / "images" / name, np.full((*shape, 3), 70, np.uint8))
        write_image(root / "masks" / name, mask)
        lines.append(f"{name};60x40;{label};{doppler};No;No")
    (root / "INFO.csv").write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    return tmp_path


def read_all(folder):
    problems = []
    return {case.name: case for case in read(folder, problems)}, problems


def test_a_made_folder(made):
    cases, problems = read_all(made)
    assert not problems
    assert {name: case.class_name for name, case in cases.items()} == {
        "CHCO_000": "benign",
        "CHVI_005": "benign",
        "FLBA_000": "malignant",
        "FLBA_001": "normal",
        "HESN_000": "benign",
    }
    assert cases["FLBA_000"].union.sum() == 200
    assert cases["FLBA_001"].union.sum() == 0
    assert cases["CHVI_005"].flags == ("doppler",)


def test_patients_with_the_same_images_are_one_group(made):
    cases, _ = read_all(made)
    assert cases["CHCO_000"].group == cases["CHVI_005"].group
    assert len({case.group for case in cases.values()}) == 3


def test_a_mask_of_another_size_is_resized_and_flagged(made):
    cases, _ = read_all(made)
    expected = np.zeros((20, 30), bool)
    expected[5:10, 10:20] = True
    assert (cases["HESN_000"].union == expected).all()
    assert "mask-resized" in cases["HESN_000"].flags


def test_problems_are_collected(made, write_image):
    root = next(made.rglob("INFO.csv")).parent
    write_image(root / "images" / "CHCO_000.png", np.zeros((40, 61), np.uint8))
    write_image(root / "masks" / "FLBA_001.png", np.full((40, 60, 3), (255, 0, 0), np.uint8))
    (root / "masks" / "FLBA_000.png").unlink()
    cases, problems = read_all(made)
    assert set(cases) == {"CHVI_005", "HESN_000"}
    assert len(problems) == 3
    assert any("expected the colour of normal by INFO.csv, found that of malignant" in line for line in problems)
    assert any("expected the size of its image, 61 x 40 px, found 60 x 40" in line for line in problems)
    assert any("FLBA_000.png: missing" in line for line in problems)


def test_without_its_table(tmp_path):
    cases, problems = read_all(tmp_path)
    assert not cases
    assert "expected one INFO.csv" in problems[0]
