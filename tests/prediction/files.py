"""Files that the tests of prediction make."""

from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, UltrasoundImageStorage, generate_uid


def write_dicom(path: Path, pixels: np.ndarray, **elements) -> Path:
    """A DICOM file of these pixels, (H, W), (frames, H, W) or (H, W, 3), with these elements over the plain ones."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = UltrasoundImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = generate_uid()
    shape = pixels.shape[:2] if "SamplesPerPixel" in elements else pixels.shape[-2:]
    bits = pixels.dtype.itemsize * 8
    plain = {
        "Rows": shape[0],
        "Columns": shape[1],
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": bits,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "PixelRepresentation": 0,
    }
    if "SamplesPerPixel" in elements:
        plain["PlanarConfiguration"] = 0
    for name, value in (plain | elements).items():
        setattr(dataset, name, value)
    content = pixels.tobytes()
    dataset.PixelData = content + b"\0" * (len(content) % 2)
    dataset.save_as(path, enforce_file_format=True)
    return path
