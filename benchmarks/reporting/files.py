"""Texts written below a folder of their own, where what is no longer made does not lie about."""

from collections.abc import Set
from pathlib import Path

from benchmarks.whole_files import write


def write_text(text: str, path: Path) -> None:
    """Write a text whole, or leave its file as it was.

    Raises:
        UserError: it cannot be written.
    """
    write(path, lambda partial: partial.write_text(text, encoding="utf-8", newline="\n"))


def write_texts(texts: dict[str, str], folder: Path) -> None:
    """Write each text to its path below the folder, and remove what else has an ending of theirs there."""
    for path, text in texts.items():
        write_text(text, folder / path)
    remove_others(folder, texts.keys(), {Path(path).suffix for path in texts})


def remove_others(folder: Path, kept: Set[str], endings: Set[str]) -> None:
    """Remove the files with these endings whose path below the folder is not among those kept."""
    for path in folder.rglob("*"):
        if path.suffix in endings and path.relative_to(folder).as_posix() not in kept:
            path.unlink(missing_ok=True)  # another process may have been faster
