"""What a dataset is to the rest of the repository, and what one of its cases is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

CLASSES = ("benign", "malignant", "normal")


@dataclass(frozen=True)
class Case:
    """One image with all that is known of it.

    `image` is uint8 (height, width) at native size; every mask is bool of the same shape. The first mask is the one
    that protocols reading a single mask would read. A normal image has empty masks or none.
    """

    name: str
    class_name: str
    group: str
    image: np.ndarray
    masks: tuple[np.ndarray, ...]
    flags: tuple[str, ...] = ()

    @property
    def union(self) -> np.ndarray:
        """All masks united, bool (height, width); empty where there is none."""
        return np.any(self.masks, axis=0) if self.masks else np.zeros(self.image.shape, bool)

    @property
    def first_mask(self) -> np.ndarray:
        """The first mask alone, bool (height, width); empty where there is none."""
        return self.masks[0] if self.masks else np.zeros(self.image.shape, bool)


@dataclass(frozen=True)
class SourceFile:
    """A published file: name, addresses to try in order, SHA-256 where one is on file, whether to unpack it."""

    name: str
    urls: tuple[str, ...]
    sha256: str | None
    unpack: bool = True


@dataclass(frozen=True)
class Dataset:
    """A dataset: its papers, terms, sources and expected counts, and the reader of its files.

    `read(folder, problems)` yields the cases in any order and appends to `problems` a line for every file that is
    wrong, missing or extra; it raises nothing of its own. `manifest` names the committed list of its files, if there
    is one. `obtain(folder)` replaces the download where the files do not come from `sources`.
    """

    name: str
    title: str
    citation: str
    terms: str
    page: str
    counts: dict[str, int]
    groups: int
    read: Callable[[Path, list[str]], Iterator[Case]]
    sources: tuple[SourceFile, ...] = ()
    manifest: str | None = None
    obtain: Callable[[Path], None] | None = None
