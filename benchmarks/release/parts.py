"""The parts of a release: which of the repository's files each holds, at the paths that they have there.

Archives with a DOI keep a record's files side by side, without folders, so each part is one file. Unpacked into one
folder, they lie as in the repository, and the pages find their figures. Predictions and scores are tables: `tables.py`.
"""

import gzip
import io
import zipfile
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

SOURCE = "source.tar.gz"
FIRST_DATE = (1980, 1, 1, 0, 0, 0)  # that ZIP can state: the same in every release
READABLE = 0o100644 << 16


class Part(NamedTuple):
    """What a part holds, in words and as patterns of paths, whose `*` goes through folders."""

    holds: str
    patterns: tuple[str, ...]


PARTS: dict[str, Part] = {
    "tables.zip": Part(
        "tables over cases, what was measured, and numbers reported by papers",
        (
            "reports/tables/*",
            "reports/external/tables/*",
            "reports/external/overlap*.csv",
            "reports/balancing.csv",
            "reports/networks.csv",
            "reports/speed.csv",
            "reports/reported/*",
        ),
    ),
    "pages.zip": Part(
        "the pages, their figures, and the cards of networks and datasets",
        ("reports/*index.html", "reports/figures/*", "reports/external/figures/*", "reports/cards/*"),
    ),
    "weights.zip": Part("trained networks", ("weights/*",)),
}
# Whole files of the repository that stand beside the parts.
BESIDE = {
    "constraints.txt": "every package of the environment, by version",
    "CITATION.cff": "how to cite this release",
    "CHANGELOG.md": "what has changed from version to version",
    "LICENSE": "the licence of what was written here",
}


def files_of_part(part: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a part, by path, sorted."""
    patterns = PARTS[part].patterns
    chosen = [path for path in sorted(files) if any(fnmatchcase(path, pattern) for pattern in patterns)]
    return {path: files[path] for path in chosen}


def packed(files: Mapping[str, bytes]) -> bytes:
    """Files as ZIP: the same files give the same bytes, whenever that is done (with the same zlib)."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(path, FIRST_DATE)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, READABLE, 3
            archive.writestr(entry, content)
    return written.getvalue()


def compressed(tar: bytes) -> bytes:
    """A tar file in gzip, without the time of compression."""
    return gzip.compress(tar, compresslevel=6, mtime=0)
