"""DICOM files made here: photometric interpretations, frames, depths, windows."""

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, UltrasoundImageStorage, generate_uid

from benchmarks.errors import UserError
from benchmarks.prediction.dicom import is_dicom, read_frames
from benchmarks.prediction.inputs import Input, frames_of
from benchmarks.prediction.predict import predict
from tests.prediction.files import write_dicom

RAMP = np.add.outer(np.arange(20), 10 * np.arange(24)).astype(np.uint8)  # 0 to 249


def levels_of(path) -> np.ndarray:
    ((number, picture),) = read_frames(path)
    assert number is None
    assert picture.levels.dtype == np.uint8
    return picture.levels


def test_monochrome1_is_monochrome2_of_the_inverted_pixels(tmp_path):
    first = write_dicom(tmp_path / "1.dcm", RAMP, PhotometricInterpretation="MONOCHROME1")
    second = write_dicom(tmp_path / "2.dcm", 255 - RAMP, PhotometricInterpretation="MONOCHROME2")
    assert (levels_of(first) == levels_of(second)).all()
    assert (levels_of(second) == 255 - RAMP).all()


def test_twelve_bits_are_scaled_by_their_depth_and_inverted_alike(tmp_path):
    deep = RAMP.astype(np.uint16) * 16
    path = write_dicom(tmp_path / "2.dcm", deep, BitsStored=12, HighBit=11)
    assert (levels_of(path) == np.rint(deep / 4095 * 255)).all()
    inverse = write_dicom(
        tmp_path / "1.dcm", 4095 - deep, BitsStored=12, HighBit=11, PhotometricInterpretation="MONOCHROME1"
    )
    assert np.abs(levels_of(inverse).astype(int) - levels_of(path)).max() <= 1  # rounding of a half


def test_the_window_that_a_file_states_is_applied(tmp_path):
    """PS3.3, C.11.2.1.2.1: ((x - (c - 0.5)) / (w - 1) + 0.5) of the output's range, and its ends beyond."""
    deep = np.array([[0, 500, 900, 1000, 1099, 1100, 4095]], np.uint16)
    path = write_dicom(tmp_path / "w.dcm", deep, BitsStored=12, HighBit=11, WindowCenter=1000, WindowWidth=201)
    expected = np.clip(((deep - 999.5) / 200 + 0.5) * 255, 0, 255)
    np.testing.assert_allclose(levels_of(path), expected, atol=0.5001)
    rescaled = write_dicom(
        tmp_path / "r.dcm",
        deep,
        BitsStored=12,
        HighBit=11,
        RescaleSlope=2,
        RescaleIntercept=-100,
        WindowCenter=1900.5,
        WindowWidth=401,
    )
    expected = np.clip(((2.0 * deep - 100 - 1900) / 400 + 0.5) * 255, 0, 255)
    np.testing.assert_allclose(levels_of(rescaled), expected, atol=0.5001)


def test_colour_is_read_as_in_other_files(tmp_path):
    colour = np.random.default_rng(0).integers(0, 256, (20, 24, 3), np.uint8)
    expected = np.asarray(Image.fromarray(colour).convert("L"))
    path = write_dicom(tmp_path / "c.dcm", colour, PhotometricInterpretation="RGB", SamplesPerPixel=3)
    ((_, picture),) = read_frames(path)
    assert (picture.levels == expected).all()
    assert picture.coloured > 0.9
    ycbcr = np.asarray(Image.fromarray(colour).convert("YCbCr"))
    path = write_dicom(tmp_path / "y.dcm", ycbcr, PhotometricInterpretation="YBR_FULL", SamplesPerPixel=3)
    np.testing.assert_allclose(levels_of(path), expected, atol=3)  # two roundings of three channels


def test_each_frame_is_numbered_from_one(tmp_path):
    frames = np.stack([RAMP, RAMP // 2, RAMP // 4])
    path = write_dicom(tmp_path / "f.dcm", frames, NumberOfFrames=3)
    found = list(read_frames(path))
    assert [number for number, _ in found] == [1, 2, 3]
    assert all((picture.levels == frame).all() for (_, picture), frame in zip(found, frames, strict=True))


def test_a_file_without_an_ending_is_known_by_its_mark(tmp_path):
    path = write_dicom(tmp_path / "IM_0001", RAMP)
    assert is_dicom(path)
    (frame,) = frames_of(Input(path, str(path), "IM_0001"))
    assert (frame.picture.levels == RAMP).all()


def test_what_holds_no_image_is_refused_by_name(tmp_path):
    whole = write_dicom(tmp_path / "whole.dcm", RAMP).read_bytes()
    (tmp_path / "cut.dcm").write_bytes(whole[:-100])
    (tmp_path / "text.dcm").write_text("not DICOM", encoding="utf-8")
    report = Dataset()
    report.file_meta = FileMetaDataset()
    report.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    report.file_meta.MediaStorageSOPClassUID = report.SOPClassUID = UltrasoundImageStorage
    report.file_meta.MediaStorageSOPInstanceUID = report.SOPInstanceUID = generate_uid()
    report.save_as(tmp_path / "report.dcm", enforce_file_format=True)
    for name in ("cut", "text", "report", "absent"):
        with pytest.raises(UserError, match=f"{name}.dcm: "):
            list(read_frames(tmp_path / f"{name}.dcm"))
    strange = write_dicom(tmp_path / "strange.dcm", RAMP, PhotometricInterpretation="HSV")
    with pytest.raises(UserError, match=r"strange.dcm: photometric interpretation HSV"):
        list(read_frames(strange))


def test_frames_are_named_in_table_and_masks(trained, parameters):
    frames = np.random.default_rng(0).integers(0, 200, (3, 40, 50), np.uint8)
    path = write_dicom(trained / "loop.dcm", frames, NumberOfFrames=3)
    outcome = predict(parameters, "tiny", "toy", [path], trained / "out")
    assert outcome.predicted == 3
    names = [f"loop.frame000{number}.png" for number in (1, 2, 3)]
    assert sorted(file.name for file in (trained / "out" / "masks").iterdir()) == names
    lines = (trained / "out" / "predictions.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[1] for line in lines] == ["frame", "1", "2", "3"]
