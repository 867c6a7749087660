"""Phantom: 160 generated images that look like B-mode ultrasound of the breast, to run everything on without real data.

The image is what an idealised scanner would show of a drawn anatomy:

1. Anatomy: the echogenicity (dB) and the attenuation (dB per pixel, beyond what the scanner's gain compensates) of
   skin, fat with septa, gland with fibrous strands, muscle and chest wall, and of one or two lesions.
2. Fully developed speckle: complex Gaussian scatterers, their amplitude set by the echogenicity, filtered by a
   point-spread function that widens away from the focus. The envelope of a uniform region is Rayleigh distributed.
3. Attenuation summed along depth: what absorbs more than the tissue around it casts a shadow, what absorbs less
   is followed by enhancement.
4. Log compression of a dynamic range of 56 dB to 8 bits.

Benign lesions are mostly oval, smooth, wider than tall, with enhancement behind; malignant ones mostly irregular or
spiculated, taller than wide, with a shadow. The two overlap on purpose, some lesions are small or low in contrast, and
dark fat lobules look like lesions, so that neither segmentation nor classification is trivial. A group is an anatomy;
ten groups have a second view with new speckle.

Nothing is downloaded: `obtain` writes the recipe, `read` generates the images from it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import binary_dilation, gaussian_filter, gaussian_filter1d

from benchmarks.datasets.dataset import CLASSES, Case, Dataset
from benchmarks.datasets.files import replacing

RECIPE = {"generator": 1, "seed": 2024, "anatomies": 150}
RECIPE_FILE = "recipe.json"
DYNAMIC_RANGE = 56.0  # dB


@dataclass
class Anatomy:
    """What is imaged: (height, width) arrays, and the depth in pixels, per column, at which gland and muscle begin."""

    echogenicity: np.ndarray  # dB
    attenuation: np.ndarray  # dB per pixel of depth
    gland: np.ndarray
    muscle: np.ndarray
    lesions: list[np.ndarray]


@dataclass(frozen=True)
class Look:
    """How a lesion looks: outline, margin, echo and what it does to the echoes behind it."""

    radius: float  # pixels, of the circle of the same area
    aspect: float  # width over height
    irregular: float  # amplitude of the outline's harmonics
    spicules: int
    blur: float  # pixels, of the margin
    halo: float  # dB, of a bright rim
    echogenicity: float  # dB
    texture: float  # dB, of the echo's variation
    loss: float  # dB through the lesion: positive casts a shadow, negative enhances


def smooth_noise(random: np.random.Generator, shape: tuple[int, int], scale: tuple[float, float]) -> np.ndarray:
    """Gaussian noise of zero mean and unit variance, correlated over `scale` pixels (depth, lateral)."""
    noise = gaussian_filter(random.normal(size=shape), scale, truncate=2.5)
    return (noise - noise.mean()) / noise.std()


def ridges(random: np.random.Generator, shape: tuple[int, int], scale: tuple[float, float], width: float) -> np.ndarray:
    """Thin winding lines, 0 to 1: the zero crossings of smooth noise. They stand for septa, strands and fibres."""
    return np.exp(-((smooth_noise(random, shape, scale) / width) ** 2))


def draw_tissue(random: np.random.Generator, shape: tuple[int, int]) -> Anatomy:
    """A breast without lesions."""
    height, width = shape
    depth = np.arange(height)[:, None]

    def boundary(fraction: float, waviness: float) -> np.ndarray:
        return height * (fraction + waviness * smooth_noise(random, (1, width), (0, width / 6))[0])

    skin = boundary(random.uniform(0.03, 0.06), 0.002)
    gland = np.maximum(boundary(random.uniform(0.18, 0.32), 0.025), skin + 4)
    muscle = np.maximum(boundary(random.uniform(0.7, 1.0), 0.02), gland + height / 3)
    chest_wall = muscle + height * random.uniform(0.1, 0.2)

    fat = -13 + 14 * ridges(random, shape, (4, 16), 0.12) + 2 * smooth_noise(random, shape, (5, 9))
    strands = 14 * ridges(random, shape, (2.2, 18), 0.16) - 6 * ridges(random, shape, (3, 12), 0.3)
    fibrous = -5 + 4 * smooth_noise(random, shape, (6, 14)) + strands
    fibres = -13 + 14 * ridges(random, shape, (1.3, 36), 0.3) + 3 * smooth_noise(random, shape, (4, 20))
    behind = -20 + 8 * ridges(random, shape, (1.5, 30), 0.2) + 3 * smooth_noise(random, shape, (5, 20))
    layers = [depth >= boundary_depth for boundary_depth in (skin, gland, muscle, chest_wall)]
    echogenicity = np.select(layers[::-1], [behind, fibres, fibrous, fat], default=2.0)
    for surface, brightness in ((skin, 8), (gland, 7), (muscle, 11), (chest_wall, 16)):
        lit = brightness * np.clip(0.7 + 0.6 * smooth_noise(random, (1, width), (0, 9)), 0, 2)
        echogenicity += lit * np.exp(-(((depth - surface) / 1.3) ** 2))
    contact = np.clip(1 + 0.35 * smooth_noise(random, (1, width), (0, 8)), 0.2, 2)
    attenuation = random.uniform(0.04, 0.13) * contact * np.ones(shape)
    return Anatomy(gaussian_filter(echogenicity, 0.6), attenuation, gland, muscle, [])


def draw_outline(
    random: np.random.Generator,
    shape: tuple[int, int],
    centre: tuple[float, float],
    radius: float,
    aspect: float,
    irregular: float,
    spicules: int,
) -> np.ndarray:
    """A closed shape, bool (height, width), of about the area of a circle of `radius`; `aspect`: width over height."""
    rows, columns = np.indices(shape, dtype=float)
    tilt = random.uniform(-0.3, 0.3)
    down, right = rows - centre[0], columns - centre[1]
    across = (right * np.cos(tilt) + down * np.sin(tilt)) / np.sqrt(aspect)
    along = (down * np.cos(tilt) - right * np.sin(tilt)) * np.sqrt(aspect)
    angle = np.linspace(-np.pi, np.pi, 721)
    limit = np.ones(angle.shape)
    for order in range(2, 8):
        limit += irregular * random.normal() / order * np.cos(order * angle + random.uniform(0, 2 * np.pi))
    for direction in random.uniform(-np.pi, np.pi, spicules):
        offset = np.angle(np.exp(1j * (angle - direction)))
        limit += random.uniform(0.15, 0.5) * np.exp(-((offset / random.uniform(0.08, 0.18)) ** 2))
    limit = np.interp(np.arctan2(along, across), angle, np.maximum(limit, 0.4))
    return np.hypot(across, along) < radius * limit


def draw_look(random: np.random.Generator, malignant: bool, height: int) -> Look:
    """A lesion of the class: three of four have its typical shape, two of three its typical posterior feature."""
    typical = random.random() < 0.75
    small, low_contrast, plain = random.random() < 0.15, random.random() < 0.2, random.random() < 0.33
    radius = height * (random.uniform(0.05, 0.075) if small else random.uniform(0.085, 0.2))
    contrast = random.uniform(8, 10) if low_contrast else random.uniform(11, 20)
    if malignant:
        aspect = random.uniform(0.6, 1.0) if typical else random.uniform(1.0, 1.8)
        irregular = random.uniform(0.22, 0.4) if typical else random.uniform(0.04, 0.15)
        spicules = int(random.integers(4, 11)) if typical and random.random() < 0.6 else 0
        halo = random.uniform(5, 12) if random.random() < 0.5 else 0.0
        blur, texture, loss = random.uniform(1.0, 3.0), random.uniform(1.5, 4.5), random.uniform(7, 18)
    else:
        aspect = random.uniform(1.35, 2.2) if typical else random.uniform(0.75, 1.3)
        irregular = random.uniform(0.0, 0.08) if typical else random.uniform(0.08, 0.28)
        spicules, halo = 0, 0.0
        blur, texture, loss = random.uniform(0.5, 1.8), random.uniform(1.0, 3.0), -random.uniform(5, 13)
        if random.random() < 0.2:
            contrast = random.uniform(24, 34)  # a cyst
    if plain:
        loss *= random.uniform(-0.3, 0.1)  # next to nothing, or a faint contrary feature
    return Look(radius, aspect, irregular, spicules, blur, halo, -5 - contrast, texture, loss)


def add_lesion(random: np.random.Generator, anatomy: Anatomy, look: Look) -> None:
    """Draw a lesion into the gland, apart from those there; where no such place is found it is left out."""
    shape = anatomy.echogenicity.shape
    for _ in range(20):
        column = random.uniform(0.2, 0.8) * shape[1]
        top = anatomy.gland[int(column)] + 0.5 * look.radius
        bottom = anatomy.muscle[int(column)] - 0.9 * look.radius
        centre = (random.uniform(top, max(bottom, top + 1)), column)
        mask = draw_outline(random, shape, centre, look.radius, look.aspect, look.irregular, look.spicules)
        if not any((binary_dilation(mask, iterations=6) & other).any() for other in anatomy.lesions):
            break
    else:
        return
    inside = gaussian_filter(mask.astype(float), look.blur)
    rim = gaussian_filter(mask.astype(float), 4) * (1 - inside)
    echo = look.echogenicity + look.texture * smooth_noise(random, shape, (3, 4))
    anatomy.echogenicity = (1 - inside) * (anatomy.echogenicity + look.halo * rim) + inside * echo
    anatomy.attenuation = anatomy.attenuation + inside * look.loss * np.sqrt(look.aspect) / (2 * look.radius)
    anatomy.lesions.append(mask)


def add_fat_lobule(random: np.random.Generator, anatomy: Anatomy) -> None:
    """A dark oval in the gland that is no lesion: a soft margin, and neither shadow nor enhancement behind it."""
    shape = anatomy.echogenicity.shape
    column = random.uniform(0.1, 0.9) * shape[1]
    centre = (random.uniform(anatomy.gland[int(column)] + 4, anatomy.muscle[int(column)] - 4), column)
    radius = shape[0] * random.uniform(0.04, 0.09)
    lobule = draw_outline(random, shape, centre, radius, random.uniform(1.8, 3.2), irregular=0.1, spicules=0)
    inside = gaussian_filter(lobule.astype(float), 2.2)
    anatomy.echogenicity = (1 - inside) * anatomy.echogenicity + inside * -13


def draw_anatomy(random: np.random.Generator, malignant: bool) -> Anatomy:
    """A breast of random size, about 160 to 200 pixels wide, with its lesions."""
    shape = (int(random.integers(150, 181)), int(random.integers(160, 205)))
    anatomy = draw_tissue(random, shape)
    for _ in range(random.integers(0, 4)):
        add_fat_lobule(random, anatomy)
    for _ in range(2 if random.random() < 0.08 else 1):
        add_lesion(random, anatomy, draw_look(random, malignant, shape[0]))
    return anatomy


def speckle_field(random: np.random.Generator, amplitude: np.ndarray) -> np.ndarray:
    """The complex echo of scatterers of the given amplitude, (height, width); unit mean power where amplitude is 1.

    The axial point-spread function is Gaussian of 0.9 pixel; the lateral one widens from 1.2 pixels at the focus (half
    depth) to 2.6 at the top and bottom.
    """
    scatterers = amplitude * (random.normal(size=amplitude.shape) + 1j * random.normal(size=amplitude.shape))
    scatterers = gaussian_filter1d(scatterers, 0.9, axis=0)
    point = np.zeros((1, 65))
    point[0, 32] = 1
    defocus = np.abs(np.linspace(-1, 1, len(amplitude)))[:, None]

    def focused(field: np.ndarray) -> np.ndarray:
        return (1 - defocus) * gaussian_filter1d(field, 1.2) + defocus * gaussian_filter1d(field, 2.6)

    axial_power = (gaussian_filter1d(point[0], 0.9) ** 2).sum()
    lateral_power = (focused(point) ** 2).sum(axis=1, keepdims=True)
    return focused(scatterers) / np.sqrt(2 * axial_power * lateral_power)


def scan(random: np.random.Generator, anatomy: Anatomy) -> np.ndarray:
    """The B-mode image of an anatomy, uint8 (height, width), with speckle of its own.

    Sampled at twice the image's resolution; a pixel is the mean envelope of its four samples.
    """
    height, width = anatomy.echogenicity.shape
    amplitude = (10 ** (anatomy.echogenicity / 20)).repeat(2, axis=0).repeat(2, axis=1)
    envelope = np.abs(speckle_field(random, amplitude)).reshape(height, 2, width, 2).mean(axis=(1, 3))
    loss = gaussian_filter1d(np.cumsum(anatomy.attenuation, axis=0), 2.0, axis=1)
    return compress(20 * np.log10(np.maximum(envelope, 1e-6)) - loss + random.uniform(38, 46))


def compress(level: np.ndarray) -> np.ndarray:
    """Log-compressed gray values: 0 dB and less is black, `DYNAMIC_RANGE` and more is white."""
    return np.round(255 * np.clip(level / DYNAMIC_RANGE, 0, 1)).astype(np.uint8)


def generate(seed: int, anatomy_number: int) -> Iterator[Case]:
    """The view, or two views, of an anatomy. Of every five anatomies the second and the fourth are malignant."""
    malignant = anatomy_number % 5 in (1, 3)
    anatomy = draw_anatomy(np.random.default_rng([seed, anatomy_number]), malignant)
    name = f"phantom {anatomy_number:03d}"
    flags = ("multiple-masks",) if len(anatomy.lesions) > 1 else ()
    for view in range(2 if anatomy_number % 16 == 0 else 1):
        image = scan(np.random.default_rng([seed, anatomy_number, 1 + view]), anatomy)
        class_name = CLASSES[malignant]
        yield Case(f"{name}{'ab'[view]}", class_name, name, image, tuple(anatomy.lesions), flags)


def write_recipe(folder: Path) -> None:
    """Write what `read` generates the images from: the same bytes on every machine."""
    with replacing(folder / RECIPE_FILE) as part:
        part.write_text(json.dumps(RECIPE, indent=2) + "\n", encoding="utf-8")


def read(folder: Path, problems: list[str]) -> Iterator[Case]:
    """Yield the 160 generated cases; a recipe that is missing or not this generator's is a problem."""
    try:
        found = json.loads((folder / RECIPE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        problems.append(f"{RECIPE_FILE}: missing or damaged ({error})")
        return
    if found != RECIPE:
        problems.append(f"{RECIPE_FILE}: expected {RECIPE}, found {found}")
        return
    for anatomy_number in range(RECIPE["anatomies"]):
        yield from generate(RECIPE["seed"], anatomy_number)


PHANTOM = Dataset(
    name="phantom",
    title="Phantom",
    citation="Generated by benchmarks/datasets/phantom.py.",
    terms="The licence of this repository.",
    page="benchmarks/datasets/phantom.py",
    counts=dict(zip(CLASSES, (96, 64, 0), strict=True)),
    groups=150,
    read=read,
    obtain=write_recipe,
)
