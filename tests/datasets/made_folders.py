"""Small folders in the layout of each dataset, with what they hold: what a reader must give, or refuse."""

import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from benchmarks.datasets import breast, busi, busuclm, find_dataset
from benchmarks.datasets.dataset import Case, Dataset
from benchmarks.datasets.manifest import Entry, pixel_sha256
from benchmarks.datasets.phantom import RECIPE, RECIPE_FILE

SHAPE = (40, 60)
CLASSES = ("benign", "malignant", "benign", "malignant")
COLOURS = {"benign": (0, 255, 0), "malignant": (255, 0, 0)}


@dataclass(frozen=True)
class Made:
    """A folder of a dataset, the images and masks that it was made of, and the files that are one or the other."""

    dataset: Dataset
    folder: Path
    images: dict[str, np.ndarray]
    masks: dict[str, np.ndarray]
    image_files: dict[str, Path]
    mask_files: dict[str, Path]


def drawn(number: int) -> tuple[np.ndarray, np.ndarray]:
    """An image of speckle with a dark disc, and the disc."""
    random = np.random.default_rng(number)
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    lesion = (rows - 18 - number) ** 2 + (columns - 25 - 3 * number) ** 2 < (9 + number) ** 2
    image = random.integers(60, 256, SHAPE, dtype=np.uint8)
    image[lesion] //= 3
    return image, lesion


def png(array: np.ndarray, **settings) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "PNG", **settings)
    return buffer.getvalue()


def counted(dataset: Dataset, classes: tuple[str, ...], groups: int) -> Dataset:
    """The dataset as if it had been published with these cases alone."""
    found = Counter(classes)
    return replace(dataset, counts={name: found[name] for name in ("benign", "malignant", "normal")}, groups=groups)


def make(folder: Path, dataset: Dataset, paths: dict[str, tuple[str, str]], colour: bool = False) -> Made:
    """Write an image and a mask for each case, `paths` below the folder."""
    images, masks, image_files, mask_files = {}, {}, {}, {}
    for number, (name, (image_path, mask_path)) in enumerate(paths.items()):
        images[name], masks[name] = drawn(number)
        image_files[name], mask_files[name] = folder / image_path, folder / mask_path
        painted = masks[name].astype(np.uint8) * 255
        if colour:
            painted = masks[name][..., None] * np.array(COLOURS[CLASSES[number]], np.uint8)
        for file, content in ((folder / image_path, png(images[name])), (folder / mask_path, png(painted))):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    return Made(dataset, folder, images, masks, image_files, mask_files)


def make_busbra(folder: Path, patch: Callable) -> Made:
    names = ("bus_0001-l", "bus_0001-r", "bus_0002-l", "bus_0003-s")
    classes = ("benign", "malignant", "benign", "malignant")
    paths = {name: (f"BUSBRA/Images/{name}.png", f"BUSBRA/Masks/mask_{name[4:]}.png") for name in names}
    made = make(folder, counted(find_dataset("busbra"), classes, 3), paths)
    lines = [f"{n},{int(n[4:8])},{c},{SHAPE[1]},{SHAPE[0]}" for n, c in zip(names, classes, strict=True)]
    table = "\n".join(["ID,Case,Pathology,Width,Height", *lines]) + "\n"
    (folder / "BUSBRA/bus_data.csv").write_text(table, encoding="utf-8")
    return made


def make_busbra_500(folder: Path, patch: Callable) -> Made:
    """The same files by the reader of the first patients."""
    made = make_busbra(folder, patch)
    return replace(made, dataset=replace(made.dataset, name="busbra-500", read=find_dataset("busbra-500").read))


def make_udiat(folder: Path, patch: Callable) -> Made:
    paths = {f"{n:06d}": (f"original/{n:06d}.png", f"GT/{n:06d}.png") for n in (1, 2, 3, 4)}
    made = make(folder, counted(find_dataset("udiat"), CLASSES, 4), paths)
    table = pd.DataFrame({"Image": [1, 2, 3, 4], "Type": [name.title() for name in CLASSES]})
    table.to_excel(folder / "DatasetB.xlsx", index=False)
    return made


def make_busuclm(folder: Path, patch: Callable) -> Made:
    names = ("ABCD_000", "ABCD_001", "EFGH_000", "IJKL_000")
    paths = {name: (f"BUS-UCLM/images/{name}.png", f"BUS-UCLM/masks/{name}.png") for name in names}
    made = make(folder, counted(busuclm.BUSUCLM, CLASSES, 3), paths, colour=True)
    lines = [f"{n}.png;60x40;{c.title()};No;Yes;No" for n, c in zip(names, CLASSES, strict=True)]
    table = "\r\n".join(["Image;Resolution;Label;Doppler;Marks;Combined", *lines]) + "\r\n"
    (folder / "BUS-UCLM/INFO.csv").write_text(table, encoding="utf-8-sig")
    return made


def manifest_of(made: Made) -> dict[str, Entry]:
    """The manifest of a made folder, as one is committed of the published files."""
    entries = {}
    files = {"image": (made.image_files, made.images), "mask": (made.mask_files, made.masks)}
    for kind, (paths, arrays) in files.items():
        for name, file in paths.items():
            path = file.relative_to(made.folder).as_posix()
            entries[path] = Entry(path, kind, SHAPE[1], SHAPE[0], pixel_sha256(arrays[name]))
    return entries


def make_busi(folder: Path, patch: Callable) -> Made:
    names = [f"{name} ({number})" for number, name in enumerate(CLASSES, 1)]
    stems = {name: f"{busi.ROOT}/{name.split()[0]}/{name}" for name in names}
    paths = {name: (f"{stem}.png", f"{stem}_mask.png") for name, stem in stems.items()}
    made = make(folder, counted(busi.BUSI, CLASSES, 4), paths)
    patch(busi, "read_manifest", lambda name: manifest_of(made))
    return made


def make_breast(folder: Path, patch: Callable) -> Made:
    names = [f"case{number:03d}" for number in (1, 2, 3, 4)]
    paths = {name: (f"set/{name}.png", f"set/{name}_tumor.png") for name in names}
    made = make(folder, counted(breast.BREAST, CLASSES, 4), paths)
    table = pd.DataFrame({"Image_filename": [f"{name}.png" for name in names], "Classification": CLASSES})
    table.to_excel(folder / breast.TABLE, index=False)
    lines = "".join(f"{name},{class_name}\n" for name, class_name in zip(names, CLASSES, strict=True))
    patch(breast, "CLASSES_SHA256", hashlib.sha256(lines.encode()).hexdigest())
    table_entry = {breast.TABLE: Entry(breast.TABLE, "table", 0, 0, "")}
    patch(breast, "read_manifest", lambda name: table_entry | manifest_of(made))
    return made


def make_phantom(folder: Path, patch: Callable) -> Made:
    """The recipe alone: its images are generated, here one."""

    def generate(seed: int, anatomy_number: int):
        image, lesion = drawn(anatomy_number % 4)
        yield Case(f"phantom {anatomy_number:03d}a", "benign", f"phantom {anatomy_number:03d}", image, (lesion,))

    from benchmarks.datasets import phantom

    patch(phantom, "generate", generate)
    folder.mkdir(parents=True)
    (folder / RECIPE_FILE).write_text(json.dumps(RECIPE), encoding="utf-8")
    classes = ("benign",) * RECIPE["anatomies"]
    return Made(counted(phantom.PHANTOM, classes, len(classes)), folder, {}, {}, {}, {})


MAKERS = {
    "busbra": make_busbra,
    "udiat": make_udiat,
    "busuclm": make_busuclm,
    "busi": make_busi,
    "breast": make_breast,
    "phantom": make_phantom,
    "busbra-500": make_busbra_500,
}
