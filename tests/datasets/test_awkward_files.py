"""Awkward files through every reader: read right and told, or refused; and one bad dataset never stops the others."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.datasets.verification import verified_cases
from benchmarks.errors import UserError
from tests.datasets.made_folders import COLOURS, MAKERS, SHAPE, Made, png

READERS = [name for name in MAKERS if name != "phantom"]
WITHOUT_MANIFEST = ["busbra", "udiat", "busuclm", "busbra-500"]  # the others refuse whatever is not as listed


@pytest.fixture
def make(tmp_path, monkeypatch):
    return lambda reader: MAKERS[reader](tmp_path / reader, monkeypatch.setattr)


def cases_of(made: Made) -> dict:
    return {case.name: case for case in verified_cases(made.dataset, made.folder)}


def refused(made: Made) -> str:
    with pytest.raises(UserError) as error:
        cases_of(made)
    return str(error.value)


def rewrite(file: Path, change, **settings) -> None:
    """Change the pixels of an image file, (height, width) or (height, width, channels)."""
    with Image.open(file) as image:
        pixels = np.array(image)
    changed = change(pixels)
    changed = changed if isinstance(changed, Image.Image) else Image.fromarray(changed)
    changed.save(file, "PNG", **settings)


@pytest.mark.parametrize("reader", MAKERS)
def test_plain_files(make, capsys, reader):
    made = make(reader)
    cases = cases_of(made)
    for name, lesion in made.masks.items():
        assert (cases[name].union == lesion).all()
        assert (cases[name].image == made.images[name]).all()
    assert "warning" not in capsys.readouterr().err


@pytest.mark.parametrize("reader", READERS)
def test_images_of_sixteen_bits(make, reader):
    made = make(reader)
    for file in made.image_files.values():
        rewrite(file, lambda pixels: pixels.astype(np.uint16) * 257)
    cases = cases_of(made)
    assert all((cases[name].image == image).all() for name, image in made.images.items())


@pytest.mark.parametrize("reader", WITHOUT_MANIFEST)
@pytest.mark.parametrize("spoil", ["jpeg", "antialiased"])
def test_masks_that_are_not_two_valued(make, capsys, reader, spoil):
    def change(pixels: np.ndarray) -> Image.Image:
        image = Image.fromarray(pixels)
        if spoil == "antialiased":
            return image.resize((30, 20), Image.Resampling.BOX).resize((60, 40), Image.Resampling.BILINEAR)
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=75, subsampling=0)
        return Image.open(buffer).convert(image.mode)

    made = make(reader)
    for file in made.mask_files.values():
        rewrite(file, change)
    for name, case in cases_of(made).items():
        assert case.union.sum() == pytest.approx(made.masks[name].sum(), rel=0.05)
        assert "mask-thresholded" in case.flags
    first = next(iter(made.masks))
    assert f"warning: {reader}: 4 images have a mask that is not of two levels" in (told := capsys.readouterr().err)
    assert f"; {first} is one" in told


@pytest.mark.parametrize("reader", ["busi", "breast"])
def test_masks_that_are_not_as_listed(make, reader):
    made = make(reader)
    rewrite(
        next(iter(made.mask_files.values())), lambda pixels: Image.fromarray(pixels).resize((30, 20)).resize((60, 40))
    )
    assert "with pixel SHA-256" in refused(made)


@pytest.mark.parametrize("reader", WITHOUT_MANIFEST)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lesion: np.zeros_like(lesion), "its mask is empty|found that of normal"),
        (lambda lesion: ~lesion, "its mask covers .*border: is the lesion black"),
        (lambda lesion: np.ones_like(lesion), "its mask covers 100% of the image"),
    ],
)
def test_lesions_without_a_mask(make, capsys, reader, change, message):
    made = make(reader)
    for name, file in made.mask_files.items():
        painted = change(made.masks[name]).astype(np.uint8) * 255
        if reader == "busuclm":
            colour = COLOURS["malignant" if int(list(made.masks).index(name)) % 2 else "benign"]
            painted = (painted > 0)[..., None] * np.array(colour, np.uint8)
        file.write_bytes(png(painted))
    text = refused(made)
    assert "4 problems" in text
    assert all(any(name in line for line in text.splitlines()) for name in made.masks)
    assert re.search(message, text)


def test_a_few_doubtful_cases_are_told_and_kept(make, monkeypatch, capsys):
    made = make("udiat")
    monkeypatch.setattr("benchmarks.datasets.verification.DOUBTFUL", 0.25)
    made.mask_files["000002"].write_bytes(png(np.zeros(SHAPE, np.uint8)))
    assert len(cases_of(made)) == 4
    assert "warning: udiat: 000002: malignant, yet its mask is empty" in capsys.readouterr().err
    made.image_files["000003"].write_bytes(png(np.full(SHAPE, 255, np.uint8)))
    text = refused(made)
    assert "000002: malignant, yet its mask is empty (more than 25% of 4 cases are doubtful" in text
    assert "000003: its image is of one gray level" in text


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("orientation", "stored"), [(3, lambda p: p[::-1, ::-1]), (6, np.rot90), (8, lambda p: np.rot90(p, -1))]
)
def test_orientation_is_applied_to_image_and_mask(make, capsys, reader, orientation, stored):
    made = make(reader)
    exif = Image.Exif()
    exif[0x0112] = orientation
    for file in (*made.image_files.values(), *made.mask_files.values()):
        rewrite(file, lambda pixels: np.ascontiguousarray(stored(pixels)), exif=exif)
    cases = cases_of(made)
    for name, lesion in made.masks.items():
        assert (cases[name].image == made.images[name]).all()
        assert (cases[name].union == lesion).all()
    if reader in WITHOUT_MANIFEST:
        assert "4 images stored turned" in capsys.readouterr().err


@pytest.mark.parametrize("reader", READERS)
def test_orientation_of_the_image_alone(make, reader):
    made = make(reader)
    exif = Image.Exif()
    exif[0x0112] = 3
    rewrite(next(iter(made.image_files.values())), lambda pixels: pixels, exif=exif)
    assert (
        "pixel SHA-256" if reader not in WITHOUT_MANIFEST else "expected the orientation of its image (3"
    ) in refused(made)


@pytest.mark.parametrize("reader", WITHOUT_MANIFEST)
def test_labels_for_a_mask(make, reader):
    """The lesion is 1; something else, at the right, is 2."""
    made = make(reader)

    def labels(pixels: np.ndarray) -> np.ndarray:
        found = pixels // 255
        found[:, 50:] = 2
        return found

    rewrite(next(iter(made.mask_files.values())), labels)
    text = refused(made)
    assert "expected a mask of two levels" in text or "with pixel SHA-256" in text


@pytest.mark.parametrize("colour", [(255, 255, 255), (0, 0, 255), (255, 255, 0)])
def test_another_colour_of_busuclm(make, colour):
    made = make("busuclm")
    name, file = next(iter(made.mask_files.items()))
    file.write_bytes(png(made.masks[name][..., None] * np.array(colour, np.uint8)))
    assert "expected red or green on black" in refused(made)


TABLES = {"busbra": "BUSBRA/bus_data.csv", "busuclm": "BUS-UCLM/INFO.csv", "busbra-500": "BUSBRA/bus_data.csv"}
OTHER = {"busbra": (",", ";"), "busuclm": (";", ","), "busbra-500": (",", ";")}


@pytest.mark.parametrize("reader", TABLES)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text, own, other: text.replace(own, other).encode(), "its first row is separated by"),
        (lambda text, own, other: text.replace(own, "\t").encode(), "its first row is separated by tabs"),
        (lambda text, own, other: text.encode("utf-16"), "it is in UTF-16"),
        (lambda text, own, other: text.encode("utf-16-be"), "it has zero bytes: UTF-16"),
        (lambda text, own, other: text.replace("o", "ö").encode("latin-1"), "it is not in UTF-8, but in Latin-1"),
        (lambda text, own, other: b"", "not found"),
        (lambda text, own, other: text.encode()[:-20], "another number of cells|expected"),
    ],
)
def test_tables_of_another_format(make, reader, change, message):
    made = make(reader)
    table = made.folder / TABLES[reader]
    text = table.read_text(encoding="utf-8-sig")
    table.write_bytes(change(text, *OTHER[reader]))
    found = refused(made)
    assert re.search(message, found)
    assert "1 problem" in found  # and no image is called foreign for it
    assert "remove it" not in found


@pytest.mark.parametrize("reader", TABLES)
def test_a_mark_of_utf8_is_no_fault(make, reader):
    made = make(reader)
    table = made.folder / TABLES[reader]
    table.write_text(table.read_text(encoding="utf-8-sig"), encoding="utf-8-sig")
    assert len(cases_of(made)) == 4


@pytest.mark.parametrize("reader", TABLES)
def test_a_row_that_stands_twice(make, reader):
    made = make(reader)
    table = made.folder / TABLES[reader]
    lines = table.read_text(encoding="utf-8-sig").splitlines()
    table.write_text("\n".join([*lines, lines[-1]]), encoding="utf-8")
    assert ": found 2 times" in refused(made)


def test_a_patient_that_its_name_contradicts(make):
    made = make("busbra")
    table = made.folder / TABLES["busbra"]
    table.write_text(table.read_text(encoding="utf-8").replace("-r,1,", "-r,2,"), encoding="utf-8")
    assert "expected the patient of bus_0001-r by its name, found '2'" in refused(made)


@pytest.mark.parametrize("number", ["9" * 5000, "", "-1", "1e3", "x"])
@pytest.mark.parametrize("reader", ["busbra", "busbra-500"])
def test_a_patient_that_is_no_number(make, reader, number):
    made = make(reader)
    table = made.folder / TABLES[reader]
    table.write_text(table.read_text(encoding="utf-8").replace("-r,1,", f"-r,{number},"), encoding="utf-8")
    assert "bus_0001-r" in refused(made)
