"""Phantom: 160 generated images that look like B-mode ultrasound of the breast, to run everything on without real data.

The image is what an idealised scanner would show of a drawn anatomy:

1. Anatomy: the echogenicity (dB) and the attenuation (dB per pixel, beyond what the scanner's gain compensates) of skin,
   fat with septa, gland with fibrous strands, muscle and chest wall, and of one or two lesions.
2. Fully developed speckle: complex Gaussian scatterers, their amplitude set by the echogenicity, filtered by a point-spread
   function that widens away from the focus. The envelope of a uniform region is Rayleigh distributed (Wagner et al. 1983).
3. Attenuation summed along depth: what absorbs more than the tissue around it casts a shadow, what absorbs less
   is followed by enhancement.
4. Log compression of a dynamic range of 60 dB to 8 bits.

Benign lesions are mostly oval, smooth, wider than tall, with enhancement behind; malignant ones mostly irregular or
spiculated, taller than wide, with a shadow. The two overlap on purpose, some lesions are small or low in contrast, and dark
fat lobules look like lesions, so that neither segmentation nor classification is trivial. A group is an anatomy; a few
groups have a second view with new speckle.

Nothing is downloaded: `obtain` writes the recipe, `read` generates the images from it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter, gaussian_filter1d

from benchmarks.datasets.dataset import CLASSES, Case, Dataset

RECIPE = {"generator": 1, "seed": 2024, "anatomies": 150}
RECIPE_FILE = "recipe.json"
DYNAMIC_RANGE = 60.0  # dB


@dataclass
class Anatomy:
    """What is imaged: echogenicity (dB) and excess attenuation (dB per pixel), float (height, width), and the lesions."""

    echogenicity: np.ndarray
    attenuation: np.ndarray
    lesions: list[np.ndarray]


def smooth_noise(random: np.random.Generator, shape: tuple[int, int], scale: tuple[float, float]) -> np.ndarray:
    """Gaussian noise of zero mean and unit variance, correlated over `scale` pixels (depth, lateral)."""
    noise = gaussian_filter(random.normal(size=shape), scale, mode="reflect")
    return (noise - noise.mean()) / noise.std()


def ridges(random: np.random.Generator, shape: tuple[int, int], scale: tuple[float, float], width: float) -> np.ndarray:
    """Thin winding lines, 0 to 1: the zero crossings of smooth noise. They stand for septa, strands and fibres."""
    return np.exp(-((smooth_noise(random, shape, scale) / width) ** 2))


def draw_tissue(random: np.random.Generator, shape: tuple[int, int]) -> tuple[Anatomy, np.ndarray, np.ndarray]:
    """A breast without lesions, and the depth (pixels, per column) at which gland and muscle begin."""
    height, width = shape
    depth = np.arange(height)[:, None]

    def boundary(fraction: float, waviness: float) -> np.ndarray:
        return height * (fraction + waviness * smooth_noise(random, (1, width), (0, width / 6))[0])

    skin = boundary(random.uniform(0.03, 0.06), 0.002)
    gland = np.maximum(boundary(random.uniform(0.18, 0.32), 0.025), skin + 4)
    muscle = boundary(random.uniform(0.72, 0.85), 0.015)
    chest_wall = muscle + height * random.uniform(0.09, 0.16)

    fat = -15 + 11 * ridges(random, shape, (5, 14), 0.16) + 1.5 * smooth_noise(random, shape, (6, 10))
    fibrous = -4 + 4 * smooth_noise(random, shape, (3, 11)) + 5 * ridges(random, shape, (4, 20), 0.2)
    fibres = -13 + 9 * ridges(random, shape, (1.6, 40), 0.35)
    behind = -26 + 2 * smooth_noise(random, shape, (4, 30))
    layers = [depth >= boundary_depth for boundary_depth in (skin, gland, muscle, chest_wall)]
    echogenicity = np.select(layers[::-1], [behind, fibres, fibrous, fat], default=2.0)
    for surface, brightness in ((skin, 6), (gland, 5), (muscle, 9), (chest_wall, 14)):
        lit = brightness * np.clip(1 + 0.5 * smooth_noise(random, (1, width), (0, 12)), 0, 2)
        echogenicity += lit * np.exp(-(((depth - surface) / 1.3) ** 2))
    echogenicity = gaussian_filter(echogenicity, 0.7)
    return Anatomy(echogenicity, np.full(shape, random.uniform(0.0, 0.06)), []), gland, muscle


def draw_outline(
    random: np.random.Generator,
    shape: tuple[int, int],
    centre: tuple[float, float],
    radius: float,
    aspect: float,
    irregular: float,
    spicules: int,
) -> np.ndarray:
    """A closed lesion, bool (height, width), of about the area of a circle of `radius`; `aspect` is width over height."""
    rows, columns = np.indices(shape, dtype=float)
    tilt = random.uniform(-0.3, 0.3)
    down, right = rows - centre[0], columns - centre[1]
    across = (right * np.cos(tilt) + down * np.sin(tilt)) / np.sqrt(aspect)
    along = (down * np.cos(tilt) - right * np.sin(tilt)) * np.sqrt(aspect)
    angle = np.arctan2(along, across)
    limit = np.ones(shape)
    for order in range(2, 8):
        limit += irregular * random.normal() / order * np.cos(order * angle + random.uniform(0, 2 * np.pi))
    for direction in random.uniform(-np.pi, np.pi, spicules):
        offset = np.angle(np.exp(1j * (angle - direction)))
        limit += random.uniform(0.2, 0.6) * np.exp(-((offset / random.uniform(0.08, 0.18)) ** 2))
    return np.hypot(across, along) < radius * np.maximum(limit, 0.4)


def add_lesion(
    random: np.random.Generator, anatomy: Anatomy, malignant: bool, gland: np.ndarray, muscle: np.ndarray
) -> None:
    """Draw one lesion into the anatomy, apart from those it has."""
    shape = anatomy.echogenicity.shape
    height, width = shape
    typical = random.random() < 0.8
    radius = height * (random.uniform(0.045, 0.07) if random.random() < 0.18 else random.uniform(0.075, 0.17))
    if malignant:
        aspect = random.uniform(0.6, 1.0) if typical else random.uniform(1.0, 1.5)
        irregular = random.uniform(0.22, 0.4) if typical else random.uniform(0.06, 0.2)
        spicules = random.integers(4, 11) if random.random() < 0.5 else 0
        blur, attenuation = random.uniform(1.2, 2.6), random.uniform(0.10, 0.35)
        texture = 4.0
    else:
        aspect = random.uniform(1.35, 2.2) if typical else random.uniform(0.9, 1.35)
        irregular = random.uniform(0.0, 0.08) if typical else random.uniform(0.08, 0.24)
        spicules = 0
        blur, attenuation = random.uniform(0.5, 1.4), -random.uniform(0.08, 0.25)
        texture = 1.5
    if random.random() < 0.25:
        attenuation *= random.uniform(-0.3, 0.1)  # no posterior feature, or a faint contrary one
    for _ in range(100):
        column = random.uniform(0.2, 0.8) * width
        top, bottom = gland[int(column)] + 0.5 * radius, muscle[int(column)] - 0.9 * radius
        centre = (random.uniform(top, max(bottom, top + 1)), column)
        mask = draw_outline(random, shape, centre, radius, aspect, irregular, spicules)
        near = gaussian_filter(mask.astype(float), 3) > 0.01
        if mask.any() and not any((near & other).any() for other in anatomy.lesions):
            break
    inside = gaussian_filter(mask.astype(float), blur)
    if malignant and random.random() < 0.5:
        halo = gaussian_filter(mask.astype(float), 4) * (1 - inside)
        anatomy.echogenicity += random.uniform(5, 12) * halo
    contrast = random.uniform(7, 10) if random.random() < 0.2 else random.uniform(11, 20)
    if not malignant and random.random() < 0.2:
        contrast = random.uniform(24, 34)  # a cyst
    own = -5 - contrast + texture * smooth_noise(random, shape, (3, 4))
    anatomy.echogenicity[:] = (1 - inside) * anatomy.echogenicity + inside * own
    anatomy.attenuation += attenuation * inside
    anatomy.lesions.append(mask)


def add_fat_lobule(random: np.random.Generator, anatomy: Anatomy, gland: np.ndarray, muscle: np.ndarray) -> None:
    """A dark oval in the gland that is no lesion: bounded by septa, and neither shadow nor enhancement behind it."""
    shape = anatomy.echogenicity.shape
    column = random.uniform(0.1, 0.9) * shape[1]
    centre = (random.uniform(gland[int(column)] + 4, muscle[int(column)] - 4), column)
    radius = shape[0] * random.uniform(0.04, 0.09)
    lobule = draw_outline(random, shape, centre, radius, random.uniform(1.8, 3.2), 0.1, 0)
    inside = gaussian_filter(lobule.astype(float), 1.8)
    anatomy.echogenicity[:] = (1 - inside) * anatomy.echogenicity + inside * -15


def draw_anatomy(random: np.random.Generator, malignant: bool) -> Anatomy:
    """A breast of random size, about 160 to 200 pixels wide, with its lesions."""
    shape = (int(random.integers(150, 181)), int(random.integers(160, 205)))
    anatomy, gland, muscle = draw_tissue(random, shape)
    for _ in range(random.integers(0, 4)):
        add_fat_lobule(random, anatomy, gland, muscle)
    for _ in range(2 if random.random() < 0.06 else 1):
        add_lesion(random, anatomy, malignant, gland, muscle)
    return anatomy


def speckle_field(random: np.random.Generator, amplitude: np.ndarray) -> np.ndarray:
    """The complex echo of scatterers of the given amplitude, (height, width); unit mean power where amplitude is 1.

    The axial point-spread function is Gaussian of 0.8 pixel; the lateral one widens from 1 pixel at the focus (half depth)
    to 2.2 at the top and bottom.
    """
    height, width = amplitude.shape
    scatterers = amplitude * (random.normal(size=(height, width)) + 1j * random.normal(size=(height, width)))
    echo = np.zeros((height, width), complex)
    defocus = np.abs(np.linspace(-1, 1, height))[:, None]
    for lateral, weight in ((1.0, 1 - defocus), (2.2, defocus)):
        filtered = gaussian_filter1d(gaussian_filter1d(scatterers, 0.8, axis=0), lateral, axis=1)
        echo += weight * filtered
    return echo / np.sqrt(expected_power(height, width))


def expected_power(height: int, width: int) -> np.ndarray:
    """Mean power, (height, 1), that the filters of `speckle_field` leave of scatterers of unit amplitude."""
    point = np.zeros(65)
    point[32] = 1
    axial = (gaussian_filter1d(point, 0.8) ** 2).sum()
    narrow, wide = gaussian_filter1d(point, 1.0), gaussian_filter1d(point, 2.2)
    defocus = np.abs(np.linspace(-1, 1, height))[:, None]
    lateral = (((1 - defocus) * narrow + defocus * wide) ** 2).sum(axis=1, keepdims=True)
    return 2 * axial * lateral


def scan(random: np.random.Generator, anatomy: Anatomy) -> np.ndarray:
    """The B-mode image of an anatomy, uint8 (height, width), with speckle of its own."""
    loss = gaussian_filter1d(np.cumsum(anatomy.attenuation, axis=0), 2.0, axis=1)
    envelope = np.abs(speckle_field(random, 10 ** (anatomy.echogenicity / 20)))
    level = 20 * np.log10(np.maximum(envelope, 1e-6)) - loss + random.uniform(-3, 3)
    return compress(level + 38)


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
    (folder / RECIPE_FILE).write_text(json.dumps(RECIPE, indent=2) + "\n", encoding="utf-8")


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
