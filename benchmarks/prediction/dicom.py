"""The frames of a DICOM file as gray levels (DICOM PS3.3, section C.7.6.3; pydicom decodes).

Eight bits are taken as they are stored, as a workstation's export would. More bits are windowed as the file states, or
scaled by `BitsStored` where it states no window. MONOCHROME1 is inverted; colour becomes luminance, as in other files.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from pydicom import Dataset, dcmread
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_windowing, iter_pixels

from benchmarks.errors import UserError
from benchmarks.image_files import LARGEST, Picture, coloured_share

ENDINGS = (".dcm", ".dicom", ".ima")
GRAY = ("MONOCHROME1", "MONOCHROME2")
COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")  # iter_pixels gives all of them as RGB
PALETTE = "PALETTE COLOR"


def is_dicom(path: Path) -> bool:
    """Whether a file bears DICOM's mark after its preamble (PS3.10, section 7.1), or an ending that promises it."""
    if path.suffix.lower() in ENDINGS:
        return True
    try:
        with open(path, "rb") as file:
            return file.read(132)[128:] == b"DICM"
    except OSError:
        return False


def read_frames(path: Path, name: str | None = None) -> Iterator[tuple[int | None, Picture]]:
    """Each frame with its number, from 1; None where the file holds one alone. One frame is in memory at a time.

    Raises:
        UserError: under `name`, where the file is missing or damaged, holds no image, or one of a kind not known here.
    """
    name = name or str(path)
    try:
        header = dcmread(path, stop_before_pixels=True)
        frames = check_header(header, name)
        for number, pixels in enumerate(iter_pixels(path), 1):
            yield (number if frames > 1 else None), picture(pixels, header)
    except FileNotFoundError as error:
        raise UserError(f"{name}: missing") from error
    except UserError:
        raise
    except Exception as error:  # pydicom and its decoders raise many kinds
        said = " ".join(str(error).split())[:200]
        raise UserError(f"{name}: not a DICOM file that can be read ({type(error).__name__}: {said})") from error


def check_header(header: Dataset, name: str) -> int:
    """How many frames a file holds.

    Raises:
        UserError: it holds no image, or one whose numbers cannot be turned into gray levels here.
    """
    if "PhotometricInterpretation" not in header or "Rows" not in header:
        raise UserError(f"{name}: expected a DICOM image, found none in it (a report or a structured file?)")
    kind, rows, columns = header.PhotometricInterpretation, int(header.Rows), int(header.Columns)
    if kind not in (*GRAY, *COLOUR, PALETTE):
        raise UserError(f"{name}: photometric interpretation {kind}; expected one of {', '.join((*GRAY, *COLOUR))}")
    if rows * columns > LARGEST:
        raise UserError(f"{name}: expected at most {LARGEST} pixels, found {columns} x {rows}")
    if kind in COLOUR and header.BitsAllocated != 8:
        raise UserError(f"{name}: colour in {header.BitsAllocated} bits a channel; expected 8")
    return int(header.get("NumberOfFrames") or 1)


def picture(pixels: np.ndarray, header: Dataset) -> Picture:
    """A decoded frame, (height, width) or (height, width, 3), as gray levels uint8."""
    kind = header.PhotometricInterpretation
    if kind in GRAY:
        levels = gray_levels(pixels, header)
        return Picture(255 - levels if kind == "MONOCHROME1" else levels)
    if kind == PALETTE:
        pixels = apply_color_lut(pixels, header)
        pixels = pixels if pixels.dtype == np.uint8 else (pixels >> 8).astype(np.uint8)
    colour = Image.fromarray(np.ascontiguousarray(pixels))
    return Picture(np.asarray(colour.convert("L")), coloured_share(colour))


def gray_levels(pixels: np.ndarray, header: Dataset) -> np.ndarray:
    """Stored values of one channel as uint8, not yet inverted."""
    bits, signed = int(header.BitsStored), bool(header.get("PixelRepresentation", 0))
    if bits == 8 and not signed:
        return pixels.astype(np.uint8)
    values, ends = pixels, np.array((-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1))
    if bits > 8 and header.get("WindowWidth") and header.get("WindowCenter") is not None:
        values = apply_windowing(apply_modality_lut(pixels, header), header)
        with np.errstate(over="ignore"):  # what lies far below and far above the window becomes
            ends = apply_windowing(np.array([-1e12, 1e12]), header)
    low, high = ends.astype(np.float64)
    return np.rint((values.astype(np.float64) - low) / (high - low) * 255).clip(0, 255).astype(np.uint8)
