"""Which files of this repository can change what a job makes: the modules that do it, what they import and read.

Imports within functions count. A package's `__init__.py` counts where something is imported from it, not where it is
passed on the way to another module.
"""

from collections.abc import Iterable, Set
from fnmatch import fnmatch
from pathlib import Path

from benchmarks import source_code
from benchmarks.errors import UserError

# Modules that are imported but re-make nothing when they are edited, and why.
WITHOUT_EFFECT = {
    "benchmarks.configuration": "reads and checks params.yaml: stages depend on the values",
    "benchmarks.configuration.*": "the same",
    "benchmarks.datasets": "a list of readers: a dataset's stages depend on its own, cards and pages on all",
    "benchmarks.errors": "how errors are worded",
    "benchmarks.source_code": "tells what has changed",
}

# Files that a module reads beside the pipeline's own outputs.
READS = {
    "benchmarks.datasets.busi": ("benchmarks/datasets/manifests/busi_groups.csv",),
    "benchmarks.reporting.cards.datasets": ("benchmarks/datasets/manifests/*.csv",),
    "benchmarks.reporting.cards.models": ("docs/networks.md", "reports/networks.csv"),
    "benchmarks.reporting.cards.write": ("benchmarks/reporting/cards/templates/*",),
    "benchmarks.reporting.claims.checklists": ("benchmarks/reporting/claims/checklists.csv",),
    "benchmarks.reporting.page.render": ("benchmarks/reporting/page/templates/*",),
}


def code(*names: str, without: Set[str] = frozenset()) -> list[str]:
    """The files behind a job, as few paths as name them: a folder stands for all that is in it.

    Args:
        names: the modules that do it. The command that calls them only states what may be asked: it is left out.
        without: modules to leave out, but not what they import.

    Raises:
        UserError: a module has no file.
    """
    modules = modules_of(with_file(name) for name in names)
    files = {file for name, file in modules.items() if name not in without and not says_nothing(file)}
    for name in set(modules) - without:
        for pattern in READS.get(name, ()):
            files |= set(source_code.ROOT.glob(pattern))
    return as_few_paths(files)


def with_file(name: str) -> str:
    """A module that has a file of its own, as a package does not."""
    file = source_code.module_file(name)
    if file is None or file.name == "__init__.py":
        raise UserError(f"{name}: expected a module, found no file of it. See dvc.yaml.jinja.")
    return name


def modules_of(modules: Iterable[str]) -> dict[str, Path]:
    """Modules of this repository with all that they import, directly or not, each with its file."""
    found: dict[str, Path] = {}
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        file = source_code.module_file(name)
        if name in found or file is None or any(fnmatch(name, pattern) for pattern in WITHOUT_EFFECT):
            continue
        found[name] = file
        waiting += source_code.read_code(file)[1]
    return found


def says_nothing(file: Path) -> bool:
    """Whether a module holds no code, but a docstring perhaps."""
    return not source_code.read_code(file)[0]


def as_few_paths(files: Set[Path]) -> list[str]:
    """Paths from the root, sorted; a folder where all of its files are needed, modules without code aside."""
    paths: set[Path] = set()
    for file in files:
        whole = file
        while whole.parent != source_code.ROOT and is_whole(whole.parent, files):
            whole = whole.parent
        paths.add(whole)
    return sorted(path.relative_to(source_code.ROOT).as_posix() for path in paths)


def is_whole(folder: Path, files: Set[Path]) -> bool:
    return all(
        file in files or (file.suffix == ".py" and says_nothing(file))
        for file in folder.rglob("*")
        if file.is_file() and not file.name.startswith(".") and "__pycache__" not in file.parts
    )
