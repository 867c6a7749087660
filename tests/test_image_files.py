"""Decoding image and mask files: right, or refused by name."""

import io
import re
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from benchmarks.errors import UserError
from benchmarks.image_files import mask_doubt, read_image, read_mask, read_picture

ROWS, COLUMNS = np.mgrid[:40, :60]
DISC = (ROWS - 18) ** 2 + (COLUMNS - 25) ** 2 < 81
RAMP = (ROWS * 4 + COLUMNS).astype(np.uint8)  # 0 to 215, and different however it is turned


@pytest.fixture
def file(tmp_path):
    """Save a PIL image, or write bytes, as `x.png`."""

    def save(content, kind: str = "PNG", **settings):
        path = tmp_path / "x.png"
        path.write_bytes(content) if isinstance(content, bytes) else content.save(path, kind, **settings)
        return path

    return save


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def raw_png(rows: np.ndarray, depth: int, colour: int) -> bytes:
    """A PNG of 16 bits a channel, or of other kinds that PIL does not write; `rows` (height, bytes a row)."""
    height = len(rows)
    width = rows.shape[1] * 8 // depth // {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_sixteen_bits_are_scaled_by_their_depth(file):
    whole = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    found = read_image(file(Image.fromarray(whole))).levels
    assert found.dtype == np.uint8
    assert found[0, 0] == 0
    assert found[-1, -1] == 255
    assert (np.bincount(found.ravel())[:255] == 257).all()
    eight = np.arange(256, dtype=np.uint8)[None]
    assert (read_image(file(Image.fromarray(eight.astype(np.uint16) * 257))).levels == eight).all()


@pytest.mark.parametrize("bits", [8, 10, 12, 14])
def test_fewer_bits_in_sixteen_are_refused(file, bits):
    path = file(Image.fromarray((RAMP.astype(int) * (2**bits - 1) // 215).astype(np.uint16)))
    with pytest.raises(
        UserError, match=rf"x.png: stored with 16 bits, yet its highest value is {2**bits - 1} of 65535"
    ):
        read_image(path)


def test_other_depths(file):
    wide = np.repeat(RAMP, 6, axis=1)  # 3 channels of 2 bytes a pixel
    for rows, depth, colour in (
        (wide, 16, 2),
        (np.repeat(RAMP, 4, axis=1), 16, 4),
        (np.repeat(RAMP, 8, axis=1), 16, 6),
    ):
        with pytest.raises(UserError, match="expected 8 bits a channel, or 16 bits of gray alone"):
            read_image(file(raw_png(rows, depth, colour)))
    four = raw_png(np.array([[0x01, 0x7F]], np.uint8), 4, 0)
    assert read_image(file(four)).levels.tolist() == [[0, 17, 7 * 17, 255]]
    one = raw_png(np.array([[0b01011000]], np.uint8), 1, 0)
    assert read_mask(file(one)).lesion.tolist() == [[bool(int(bit)) for bit in "01011000"]]


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "BMP", "GIF"])
def test_other_formats_are_named(file, kind):
    with pytest.raises(UserError, match=f"expected a PNG file, found {kind}"):
        read_image(file(Image.fromarray(RAMP), kind))


def test_several_frames_are_refused(file):
    frames = [Image.fromarray(RAMP), Image.fromarray(RAMP // 2)]
    with pytest.raises(UserError, match="expected one image, found 2 frames"):
        read_image(file(frames[0], save_all=True, append_images=frames[1:]))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("sixteen", [False, True])
def test_orientation(file, orientation, sixteen):
    """By the definition of the tag: where the first row and the first column stored are to be seen."""
    upright = RAMP.astype(np.uint16) * 257 if sixteen else RAMP
    stored = {
        1: upright,
        2: upright[:, ::-1],  # the first column stored is seen at the right
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.T,  # the first row stored is seen at the left
        6: np.rot90(upright, 1),  # ... at the right
        7: upright[::-1, ::-1].T,
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = file(Image.fromarray(np.ascontiguousarray(stored)), exif=exif)
    found = read_image(path)
    assert (found.levels == RAMP).all()
    assert found.orientation == orientation
    path = file(
        Image.fromarray(np.ascontiguousarray((stored > 100 * upright.max() // RAMP.max()) * np.uint8(255))), exif=exif
    )
    assert (read_mask(path).lesion == (upright > 100 * upright.max() // RAMP.max())).all()


def test_orientation_that_is_none(file):
    exif = Image.Exif()
    exif[0x0112] = 9
    assert (read_image(file(Image.fromarray(RAMP), exif=exif)).levels == RAMP).all()


def as_mode(mode: str, lesion: np.ndarray) -> Image.Image:
    """A lesion as a white area in an image of a mode, transparent where that mode can be."""
    white = lesion.astype(np.uint8) * 255
    if mode == "in alpha":  # white throughout, and the lesion in alpha
        return Image.fromarray(np.dstack([np.full_like(white, 255)] * 3 + [white]))
    if mode == "hidden":  # white hidden beneath what is transparent
        return Image.fromarray(np.dstack([np.full_like(white, 255), white]))
    if mode == "P":
        image = Image.fromarray(lesion.astype(np.uint8)).convert("P")
        image.putpalette([0, 0, 0, 128, 0, 0])
        return image
    if mode in ("I;16", "levels 0 and 1"):
        return Image.fromarray(lesion.astype(np.uint16 if mode == "I;16" else np.uint8))
    return Image.fromarray(white).convert(mode)


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA", "LA", "P", "I;16", "levels 0 and 1", "in alpha", "hidden"])
def test_masks_of_two_levels_are_exact(file, mode):
    mask = read_mask(file(as_mode(mode, DISC)))
    assert (mask.lesion == DISC).all()
    assert mask.between == 0


def test_a_palette_with_transparency(file):
    image = Image.fromarray(DISC.astype(np.uint8)).convert("P")
    image.putpalette([255, 255, 255, 255, 255, 255])
    assert (read_mask(file(image, transparency=0)).lesion == DISC).all()
    gray = Image.fromarray(np.where(DISC, 200, 90).astype(np.uint8))
    assert (read_mask(file(gray, transparency=90)).lesion == DISC).all()
    deep = Image.fromarray(np.where(DISC, 60000, 30000).astype(np.uint16))
    assert (read_mask(file(deep, transparency=30000)).lesion == DISC).all()


def test_black_on_transparent_is_refused(file):
    black = np.zeros_like(RAMP)
    with pytest.raises(UserError, match="black throughout, and what it shows is in its transparency"):
        read_mask(file(Image.fromarray(np.dstack([black, DISC.astype(np.uint8) * 255]))))
    assert not read_mask(file(Image.fromarray(np.dstack([black, black])))).lesion.any()


def jpeg(quality: int):
    def store(mask: Image.Image) -> Image.Image:
        buffer = io.BytesIO()
        mask.save(buffer, "JPEG", quality=quality)
        return Image.open(buffer).convert("L")

    return store


def resized(filter: Image.Resampling):
    """Halved and enlarged again."""
    return lambda mask: mask.resize((30, 20), filter).resize((60, 40), filter)


@pytest.mark.parametrize(
    "spoil",
    [jpeg(95), jpeg(75), jpeg(50), *(resized(Image.Resampling[name]) for name in ("BILINEAR", "BICUBIC", "LANCZOS"))],
)
def test_soft_masks_are_cut_at_half_and_told(file, spoil):
    mask = read_mask(file(spoil(Image.fromarray(DISC.astype(np.uint8) * 255))))
    assert mask.between > 0
    assert mask.lesion.sum() == pytest.approx(DISC.sum(), rel=0.06)


@pytest.mark.parametrize(
    "levels",
    [
        np.where(DISC, 1, np.where(COLUMNS > 45, 2, 0)),  # labels
        np.where(DISC, 85, np.where(COLUMNS > 45, 255, 0)),
        np.where(DISC, 255, np.where(COLUMNS > 45, 128, 0)),
        RAMP,  # probabilities
        np.random.default_rng(0).integers(0, 4, DISC.shape),  # noise of a lossy format on an empty mask
    ],
)
def test_labels_probabilities_and_noise_are_no_masks(file, levels):
    with pytest.raises(UserError, match=r"x.png: expected a mask of two levels"):
        read_mask(file(Image.fromarray(levels.astype(np.uint8))))


@pytest.mark.parametrize(
    ("lesion", "doubt"),
    [
        (DISC, None),
        (np.zeros_like(DISC), "empty"),
        (~DISC, "90% of the image|border"),
        ((ROWS > 10) & (ROWS < 39) | ~DISC, "of the image"),
        (np.ones_like(DISC), "100% of the image"),
        ((COLUMNS < 20) | (COLUMNS > 40) | (ROWS < 5) | (ROWS > 35), "border"),
        (ROWS > 20, "border"),
    ],
)
def test_doubtful_masks(lesion, doubt):
    found = mask_doubt(lesion)
    assert found is None if doubt is None else re.search(doubt, found)


def test_a_tiny_speck_is_no_lesion():
    speck = np.zeros((400, 600), bool)
    speck[200, 300:320] = True
    assert mask_doubt(speck) == "its mask is empty but for 20 pixels"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not an image"),
        (b"\x89PNG\r\n\x1a\n", "truncated or damaged|not an image"),
        (raw_png(RAMP, 8, 0)[:-30], "truncated or damaged"),
        (raw_png(RAMP, 8, 0).replace(b"IEND", b"IENE"), "truncated or damaged"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "expected a PNG file, found EPS"),
    ],
)
def test_no_images(file, content, message):
    with pytest.raises(UserError, match=message):
        read_image(file(content))


def test_every_byte_is_checked(file):
    """A stored block: a changed pixel decodes without a word, and only the checksums know."""
    content = raw_png(RAMP, 8, 0)
    stored = io.BytesIO()
    Image.fromarray(RAMP).save(stored, "PNG", compress_level=0)
    content = stored.getvalue()
    for position in range(content.index(b"IDAT") + 60, len(content) - 30, 97):
        with pytest.raises(UserError, match="truncated or damaged"):
            read_image(file(content[:position] + bytes([content[position] ^ 4]) + content[position + 1 :]))


def test_a_size_that_cannot_be(file):
    content = bytearray(raw_png(RAMP, 8, 0))
    content[16:24] = struct.pack(">II", 60000, 60000)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    with pytest.raises(UserError, match=r"x\.png: "):
        read_image(file(bytes(content)))


def test_what_is_no_file(tmp_path):
    for path, message in ((tmp_path / "none.png", "missing"), (tmp_path, "cannot be read"), ("a\0b", "cannot be read")):
        with pytest.raises(UserError, match=message):
            read_image(tmp_path / path)


GREY_OF_COLOUR = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1"])
def test_a_picture_of_any_kind_is_read_as_its_png_is(tmp_path, kind, mode):
    image = Image.fromarray(GREY_OF_COLOUR).convert(mode)
    if kind == "BMP" and mode == "RGBA":
        image = image.convert("RGB")
    image.save(tmp_path / f"x.{kind}", kind)
    image.save(tmp_path / "x.png")
    found = read_picture(tmp_path / f"x.{kind}")
    assert found.levels.dtype == np.uint8
    assert (found.levels == read_image(tmp_path / "x.png").levels).all()
    assert (found.coloured > 0.5) == (mode in ("RGB", "RGBA", "P"))


def test_a_picture_in_jpeg_is_close_to_what_was_saved(file):
    path = file(Image.fromarray(RAMP), "JPEG", quality=100)
    found = read_picture(path)
    assert np.abs(found.levels.astype(int) - RAMP).max() <= 4
    assert found.coloured == 0
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(UserError, match=r"x.png: truncated or damaged"):
        read_picture(path)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_a_picture_in_sixteen_bits_is_scaled_by_its_depth(file, kind):
    found = read_picture(file(Image.fromarray(RAMP.astype(np.uint16) * 257), kind))
    assert (found.levels == RAMP).all()
    with pytest.raises(UserError, match="highest value is 860 of 65535"):
        read_picture(file(Image.fromarray(RAMP.astype(np.uint16) * 4), kind))


def test_a_picture_in_sixteen_bits_a_channel_is_read_by_its_upper_eight(file):
    wide = np.repeat(np.repeat(RAMP, 3, axis=1), 2, axis=1)  # three channels of two equal bytes
    found = read_picture(file(raw_png(wide, 16, 2)))
    assert (found.levels == RAMP).all()
    assert found.coloured == 0


def test_a_picture_of_an_unknown_kind_is_refused_by_name(file):
    with pytest.raises(UserError, match=r"x.png: expected PNG, JPEG, BMP, TIFF or DICOM, found GIF"):
        read_picture(file(Image.fromarray(RAMP), "GIF"))
    with pytest.raises(UserError, match=r"x.png: expected 8 bits a channel"):
        read_picture(file(Image.fromarray(RAMP.astype(np.float32)), "TIFF"))
    with pytest.raises(UserError, match=r"x.png: expected one image, found 2 frames"):
        read_picture(file(Image.fromarray(RAMP), "TIFF", save_all=True, append_images=[Image.fromarray(RAMP)]))
