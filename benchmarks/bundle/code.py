"""The files of this repository that a bundle's work needs, and the packages that its networks need."""

import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks.source_code import ROOT, code_of, module_file, read_code
from benchmarks.training import balancing
from benchmarks.training.cell import Cell
from benchmarks.training.fingerprints import BALANCING, ENGINE

WORK = "benchmarks.bundle.work"  # what `run.py` calls
PROCESS = "benchmarks.bundle.process"  # what it starts
WITHOUT = frozenset({"mmcv"})  # a network that may use it has another operator as well
PINS = "constraints.txt"  # part of what a result is told apart by


def code_files(cells: Iterable[Cell]) -> dict[str, Path]:
    """The modules that training these cells imports, directly or not, by their paths; and the pins of packages."""
    files = {PINS: ROOT / PINS} if (ROOT / PINS).is_file() else {}
    for module in roots(cells):
        for name in code_of(module, without=frozenset()):
            if file := module_file(name):
                files[file.relative_to(ROOT).as_posix()] = file
    return files


def roots(cells: Iterable[Cell]) -> list[str]:
    """What is started, or found by name: the work, networks, balancing rules (all, for all recipes are checked)."""
    rules = [f"{BALANCING}.{file.stem}" for file in sorted(Path(balancing.__file__).parent.glob("[!_]*.py"))]
    networks = [cell.model.network.partition(":")[0] for cell in cells]
    return list(dict.fromkeys([WORK, PROCESS, ENGINE, *rules, *networks]))


def packages_needed(cell: Cell) -> list[str]:
    """The packages, by the names that they are imported by, that a cell's network needs beside Python's own library."""
    found = set()
    for name in code_of(cell.model.network.partition(":")[0], without=frozenset()):
        if name.partition(".")[0] == "benchmarks" or (file := module_file(name)) is None:
            continue  # the benchmark's own code runs on a bare machine
        found |= {module.partition(".")[0] for module in read_code(file)[1]}
    return sorted(name for name in found - WITHOUT - set(sys.stdlib_module_names) if not (ROOT / name).is_dir())
