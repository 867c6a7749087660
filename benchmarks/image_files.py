"""From image files to arrays: the only place where pixels are decoded, for datasets, submissions and predictions alike.

What is read is what a viewer shows: turned as the file states (EXIF), its transparency on black, 16 bits scaled by
their depth. What cannot be read without guessing is refused by name. Of a dataset and of masks PNG alone is read, since
each of its bytes is covered by a checksum (PNG specification, section 5.3): a damaged file is refused, never decoded to
other pixels. A user's own picture (`read_picture`) may be JPEG, BMP or TIFF as well, of which only a file that is cut
short can be told. DICOM, which states how its numbers become grey levels: `benchmarks/prediction/dicom.py`.
"""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from benchmarks.errors import UserError

FORMATS = ("PNG",)
PICTURES = ("PNG", "JPEG", "BMP", "TIFF")  # of a user's own images, which nothing is trained or scored on
MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "I;16", "I;16B", "I;16L")
LARGEST = 100_000_000  # pixels; a small file may claim any number
ORIENTATION = 0x0112  # EXIF tag
TURNS = {  # what makes an image of each orientation upright (EXIF 2.32, section 4.6.4); 1 is upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
FULL = 2**16 - 1
UNSCALED = 2**14  # an image in 16 bits whose highest value is below: 8, 10, 12 or 14 bits, one cannot know which
PLATEAU = 0.01  # of a mask's lesion: so many pixels amid others of their own middle level are a label, no edge
# Of 2364 masks of BUSI, BrEaST and BUS-BRA, none takes more than 6 % of its image's border or 57 % of its area.
BORDER, EVERYTHING, NOTHING = 0.4, 0.9, 1e-4


@dataclass(frozen=True)
class Decoded:
    """The gray levels of an image file, (height, width), uint8 or uint16, and the orientation that was undone."""

    levels: np.ndarray
    orientation: int = 1


@dataclass(frozen=True)
class Mask:
    """A mask, bool (height, width); how many pixels lay between its two levels; the orientation that was undone."""

    lesion: np.ndarray
    between: int
    orientation: int = 1


@dataclass(frozen=True)
class Picture:
    """A user's own image: gray levels uint8 (height, width), and the share of its pixels whose channels differ."""

    levels: np.ndarray
    coloured: float = 0.0


def decode(path: Path, name: str | None = None, formats: tuple[str, ...] = FORMATS) -> Image.Image:
    """The image in a file of these formats, decoded to its last byte, as stored: neither turned nor composited.

    Raises:
        UserError: under `name`, where the file is missing or damaged, or is no single image of 8 bits a channel or 16
            bits of gray.
    """
    name = name or str(path)
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UserError(f"{name}: missing") from error
    except (OSError, ValueError) as error:
        raise UserError(f"{name}: cannot be read ({error})") from error
    try:
        with Image.open(io.BytesIO(content)) as image:
            check_header(image, name, formats)
            image.load()
            image.getexif()
        with Image.open(io.BytesIO(content)) as again:
            again.verify()  # the checksums, which decoding does not look at
    except UnidentifiedImageError as error:
        raise UserError(f"{name}: not an image") from error
    except UserError:
        raise
    except Exception as error:  # decoders raise many kinds: SyntaxError, zlib.error, struct.error ...
        raise UserError(f"{name}: truncated or damaged ({error})") from error
    deep = formats == FORMATS and content[24] == 16  # IHDR's bit depth
    if image.mode not in MODES or (deep and not image.mode.startswith("I")):
        raise UserError(f"{name}: expected 8 bits a channel, or 16 bits of gray alone; save it with 8 bits")
    return image


def check_header(image: Image.Image, name: str, formats: tuple[str, ...] = FORMATS) -> None:
    """Raise `UserError` unless a file that has only been opened holds one image, in these formats, of a size to be
    believed."""
    width, height = image.size
    if image.format not in formats:
        if formats != FORMATS:
            raise UserError(f"{name}: expected {', '.join(formats)} or DICOM, found {image.format}; save it as PNG")
        raise UserError(
            f"{name}: expected a PNG file, found {image.format}; save it as PNG, from the original if it is lossy"
        )
    if width * height > LARGEST:
        raise UserError(f"{name}: expected at most {LARGEST} pixels, found {width} x {height}")
    if (frames := getattr(image, "n_frames", 1)) > 1:
        raise UserError(f"{name}: expected one image, found {frames} frames; save the one that is meant")


def upright(image: Image.Image) -> tuple[Image.Image, int]:
    """The image turned as its EXIF data state, and the orientation that these state (1 where they state none)."""
    orientation = image.getexif().get(ORIENTATION, 1)
    return (image.transpose(TURNS[orientation]), orientation) if orientation in TURNS else (image, 1)


def on_black(image: Image.Image) -> Image.Image:
    """The image of 8 bits with its transparent pixels black (some files hide colour beneath them)."""
    if not image.has_transparency_data:
        return image
    black = Image.new("RGBA", image.size, (0, 0, 0, 255))
    return Image.alpha_composite(black, image.convert("RGBA"))


def gray_levels(image: Image.Image) -> np.ndarray:
    """Gray levels (height, width): uint16 of 16 bits, else uint8; colour becomes luminance (ITU-R 601)."""
    if not image.mode.startswith("I"):
        return np.asarray(on_black(image).convert("L"))
    levels = np.asarray(image).astype(np.uint16)
    if isinstance(key := image.info.get("transparency"), int):
        levels[levels == key] = 0
    return levels


def read_levels(path: Path, name: str | None = None) -> Decoded:
    """The gray levels of a file, not yet scaled; `UserError` as for `decode`."""
    image, orientation = upright(decode(path, name))
    return Decoded(gray_levels(image), orientation)


def read_image(path: Path, name: str | None = None) -> Decoded:
    """The image as uint8 (height, width).

    16 bits are scaled by their depth: 65535 is 255, `value // 257`.

    Raises:
        UserError: as for `decode`; or an image in 16 bits uses so few of them that its depth is in doubt.
    """
    found = read_levels(path, name)
    return Decoded(eight_bits(found.levels, name or str(path)), found.orientation)


def read_picture(path: Path, name: str | None = None) -> Picture:
    """A user's own image; gray levels are those that `read_image` gives of the same pixels in a PNG file.

    Colour in 16 bits, which Pillow gives as the upper eight of each channel, is read so.

    Raises:
        UserError: as for `read_image`, but for the formats, which are `PICTURES`.
    """
    image, _ = upright(decode(path, name, PICTURES))
    return Picture(eight_bits(gray_levels(image), name or str(path)), coloured_share(image))


def coloured_share(image: Image.Image) -> float:
    """The share of pixels whose channels differ, transparency on black."""
    if image.mode in ("1", "L", "LA") or image.mode.startswith("I"):
        return 0.0
    channels = np.asarray(on_black(image).convert("RGB"))
    return float((channels != channels[..., :1]).any(2).mean())


def eight_bits(levels: np.ndarray, name: str) -> np.ndarray:
    """Gray levels as uint8: as they are, or scaled from 16 bits; `UserError` where their depth is in doubt."""
    if levels.dtype == np.uint8:
        return levels
    highest = int(levels.max())
    if 0 < highest < UNSCALED:
        raise UserError(
            f"{name}: stored with 16 bits, yet its highest value is {highest} of {FULL}; expected the whole "
            "range. Scale it by its true depth and save it with 8 bits"
        )
    return (levels // 257).astype(np.uint8)


def read_mask(path: Path, name: str | None = None) -> Mask:
    """The mask: of two levels, whatever is not 0 is lesion; of more, whatever lies above half of its highest level.

    More levels come of resizing with antialiasing or of a lossy format; `Mask.between` counts their pixels.

    Raises:
        UserError: as for `decode`; its levels are several labels, or too low to be told from noise; all that it shows
            is in its transparency, beneath which it is black.
    """
    image, orientation = upright(decode(path, name))
    levels = gray_levels(image)
    if not levels.any() and image.has_transparency_data and shows_by_transparency(image):
        raise UserError(
            f"{name or path}: black throughout, and what it shows is in its transparency; expected a white lesion on "
            "black. Save it without transparency"
        )
    return Mask(*threshold(levels, name or str(path)), orientation)


def shows_by_transparency(image: Image.Image) -> bool:
    """Whether some pixels are transparent and others opaque."""
    if image.mode.startswith("I"):
        return False
    low, high = image.convert("RGBA").getchannel("A").getextrema()
    return low != high


def threshold(levels: np.ndarray, name: str) -> tuple[np.ndarray, int]:
    """The lesion in gray levels, and how many pixels are neither 0 nor the highest; `UserError` as for `read_mask`."""
    highest = int(levels.max())
    between = int(np.count_nonzero((levels > 0) & (levels < highest)))
    if not between:
        return levels > 0, 0
    if highest <= np.iinfo(levels.dtype).max // 2:
        raise UserError(
            f"{name}: expected a mask of two levels, found {len(np.unique(levels))} from {levels.min()} to {highest}: "
            "labels, or noise on an empty mask. Save it with 0 for background and 255 for the lesion"
        )
    lesion = levels > highest / 2
    middle = (levels > highest / 8) & (levels < highest * 7 / 8)
    amid, area = plateau(levels, middle), np.count_nonzero(lesion)
    if amid > PLATEAU * area or np.count_nonzero(middle) > area:
        raise UserError(
            f"{name}: expected a mask of two levels, found {np.count_nonzero(middle)} pixels between them, {amid} of "
            "these amid their like: several labels, or probabilities? Save it with 0 for background and 255 for the "
            "lesion"
        )
    return lesion, between


def plateau(levels: np.ndarray, middle: np.ndarray) -> int:
    """How many pixels of a middle level have that level on all eight sides: edges, however soft, have hardly any."""
    inner = levels[1:-1, 1:-1]
    rows, columns = levels.shape
    alike = middle[1:-1, 1:-1].copy()
    for row in range(3):
        for column in range(3):
            alike &= levels[row : rows - 2 + row, column : columns - 2 + column] == inner
    return int(alike.sum())


def mask_doubt(lesion: np.ndarray) -> str | None:
    """What makes it doubtful that a mask, bool (height, width), shows a lesion; `None` where nothing does."""
    share = float(lesion.mean()) if lesion.size else 0.0
    if share < NOTHING:
        return "its mask is empty" if not share else f"its mask is empty but for {int(lesion.sum())} pixels"
    if share > EVERYTHING:
        return f"its mask covers {share:.0%} of the image"
    border = np.concatenate([lesion[0], lesion[-1], lesion[1:-1, 0], lesion[1:-1, -1]]).mean()
    if border > BORDER:
        return f"its mask covers {border:.0%} of the image's border: is the lesion black, the background white?"
    return None
