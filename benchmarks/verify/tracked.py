"""What git tracks, as it lies on disk: nothing else decides a verdict."""

import os
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.verify.faults import Fault

RESULTS = ("reports", "benchmarks/folds", "docs", "README.md")  # what holds results, or speaks of them
SAID_BY_CODE = "docs/reference/"  # options and parameters: tests/test_reference.py holds them to the code
NAMES = ".tracked"  # in a folder of links: a line for each tracked file
UNTOUCHED = {".git", ".venv", "prepared", "data", "downloads", "runs", "__pycache__"}  # never committed


def tracked_files(root: Path) -> list[str]:
    """The files that git tracks below a folder, from there; where it tracks none, all that lie there.

    Of a folder made by `only_tracked`: those of the repository, also where they are gone.
    """
    if (root / NAMES).is_file():
        return (root / NAMES).read_text(encoding="utf-8").splitlines()
    return git_files(root) or sorted(
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path.is_file() and not UNTOUCHED & set(path.relative_to(root).parts)
    )


def git_files(root: Path, *options: str) -> list[str]:
    """`git ls-files`; nothing where there is no repository, or no git."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}  # of a hook
    command = ["git", "-C", str(root), "ls-files", "-z", *options]
    try:
        listed = subprocess.run(command, capture_output=True, check=True, env=environment).stdout
    except (OSError, subprocess.CalledProcessError):
        return []
    return sorted(set(listed.decode().split("\0")) - {""})


def results_among(files: list[str]) -> list[str]:
    named = [file for file in files if file.startswith(tuple(f"{part}/" for part in RESULTS)) or file in RESULTS]
    return [file for file in named if not file.startswith(SAID_BY_CODE)]


def not_tracked(root: Path) -> list[str]:
    """Results on disk that git neither tracks nor ignores."""
    if not git_files(root):
        return []
    return results_among(git_files(root, "--others", "--exclude-standard"))


@contextmanager
def only_tracked(root: Path) -> Generator[Path]:
    """A folder with links to what git tracks below the root, and to `prepared/`, which is checked against it."""
    with tempfile.TemporaryDirectory() as name:
        view, files = Path(name), tracked_files(root)
        (view / NAMES).write_text("".join(f"{file}\n" for file in files), encoding="utf-8")
        for file in files:
            if (root / file).exists():
                (view / file).parent.mkdir(parents=True, exist_ok=True)
                (view / file).symlink_to((root / file).resolve())
        if (root / "prepared").is_dir():
            (view / "prepared").symlink_to((root / "prepared").resolve())
        yield view


def check_presence(root: Path) -> tuple[str, list[Fault]]:
    """Everything that git tracks lies there."""
    files = results_among(tracked_files(root))
    gone = [file for file in files if not (root / file).is_file()]
    return f"{len(files)} files", [Fault(file, "the file", "as committed", "not there") for file in gone]
