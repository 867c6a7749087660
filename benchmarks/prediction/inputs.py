"""Which files are to be predicted, what their results are called, and what is seen in each."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.datasets.prepare import natural_key
from benchmarks.errors import UserError
from benchmarks.image_files import Picture, read_picture
from benchmarks.prediction import dicom

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", *dicom.ENDINGS)


@dataclass(frozen=True)
class Input:
    """A file to predict, as it is named in the table, and the name of its results, without an ending."""

    path: Path
    name: str
    result: str


@dataclass(frozen=True)
class Frame:
    """One image of a file; its number, from 1, where the file holds several."""

    source: Input
    number: int | None
    picture: Picture

    @property
    def result(self) -> str:
        return self.source.result if self.number is None else f"{self.source.result}.frame{self.number:04}"


def find_inputs(asked: Iterable[Path], out: Path) -> tuple[list[Input], list[str]]:
    """The files that were asked for, those of folders in natural order; and what in folders is no image by its name.

    What an earlier prediction left in `out` is no input.

    Raises:
        UserError: something is not there, a folder holds no image, or two files would leave results of one name.
    """
    found: dict[Path, str] = {}  # each with its name relative to what was asked for
    passed_over: list[str] = []
    for path in asked:
        if path.is_dir():
            inside = list(images_below(path, out, passed_over))
            if not inside:
                raise UserError(f"{path}: expected images ({', '.join(ENDINGS)}, or DICOM), found none in this folder.")
            found |= {file: file.relative_to(path).as_posix() for file in inside if file not in found}
        elif path not in found:
            found[path] = path.name
    return named(found), passed_over


def images_below(folder: Path, out: Path, passed_over: list[str]) -> Iterator[Path]:
    """The images of a folder and of those in it; hidden files are passed over, others noted."""
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(
            (name for name in folders if not name.startswith(".") and not is_same(Path(where, name), out)),
            key=natural_key,
        )
        for name in sorted(names, key=natural_key):
            path = Path(where, name)
            if name.startswith("."):
                continue
            if path.suffix.lower() in ENDINGS or (not path.suffix and dicom.is_dicom(path)):
                yield path
            else:
                passed_over.append(str(path))


def is_same(path: Path, other: Path) -> bool:
    return path.resolve() == other.resolve()


def named(found: dict[Path, str]) -> list[Input]:
    """Results are called as the files without their endings, or with them where two differ in these alone.

    Raises:
        UserError: two would still be called the same.
    """
    stems = {path: name.removesuffix(Path(name).suffix) for path, name in found.items()}
    often = Counter(stems.values())
    results = {path: name if often[stems[path]] > 1 else stems[path] for path, name in found.items()}
    taken: dict[str, Path] = {}
    for path, result in results.items():
        if result in taken:
            raise UserError(
                f"{taken[result]} and {path}: their results would have one name, {result}. Predict them one after the "
                "other, with an --out of their own each."
            )
        taken[result] = path
    return [Input(path, str(path), results[path]) for path in found]


def frames_of(source: Input) -> Iterator[Frame]:
    """What is seen in a file, an image at a time.

    Raises:
        UserError: it is no image that can be read.
    """
    if dicom.is_dicom(source.path):
        for number, picture in dicom.read_frames(source.path):
            yield Frame(source, number, picture)
    else:
        yield Frame(source, None, read_picture(source.path))
