"""Behaviour tells what is computed from how it is written: planted changes, one at a time, in a copy of the code.

Every change of behaviour must move a number of the cell's entry, and no rewriting may. The copy is imported in place of
the code under test, within the same process: torch stays, our own modules come anew.
"""

import contextlib
import dataclasses
import importlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from acsnet.deformable_convolution import mmcv_devices

PACKAGES = ("acsnet", "baselines", "benchmarks")
ROOT = Path(__file__).parents[2]


class Edit(NamedTuple):
    """Replace a text in a file, and measure one part of a cell's behaviour."""

    name: str
    file: str
    old: str
    new: str
    part: str = "engine"  # or "network"
    model: str = "acsnet"  # on busi-small
    recipe: dict | None = None  # pieces to put in the place of the cell's own
    needs_mmcv: bool = False

    def __str__(self) -> str:
        return self.name


EDITS = yaml.safe_load(Path(__file__).with_name("mutations.yaml").read_text(encoding="utf-8"))
CHANGES, REWRITINGS = ([Edit(**edit) for edit in EDITS[kind]] for kind in ("changes", "rewritings"))


@contextlib.contextmanager
def imported_from(folder: Path) -> Iterator[None]:
    """Our packages come from `folder` within, whatever was imported before."""
    ours = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in PACKAGES}
    for name in ours:
        del sys.modules[name]
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] in PACKAGES]:
            del sys.modules[name]
        sys.modules.update(ours)


def measured(folder: Path, part: str, model: str, recipe: dict | None) -> dict:
    """One part of a cell's behaviour, by the code in `folder`."""
    with imported_from(folder):
        behaviour = importlib.import_module("benchmarks.training.behaviour")
        assert Path(behaviour.__file__).is_relative_to(folder)
        declared_cell = importlib.import_module("benchmarks.training.cell").declared_cell
        parameters = importlib.import_module("benchmarks.configuration").read_parameters(ROOT / "params.yaml")
        cell = declared_cell(parameters, "busi-small", model)
        cell = dataclasses.replace(cell, recipe=dataclasses.replace(cell.recipe, **(recipe or {})))
        if part == "network":
            return behaviour.measure_network(parameters, cell)
        return behaviour.measure_engine(cell, ["segmentation", "classification"])


@cache
def unchanged(part: str, model: str, recipe: str) -> dict:
    return measured(ROOT, part, model, json.loads(recipe))


def copy_with(edit: Edit, folder: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / edit.file
    text = file.read_text(encoding="utf-8")
    assert edit.old in text, f"{edit.file} no longer holds what this test changes: {edit.old}"
    file.write_text(text.replace(edit.old, edit.new), encoding="utf-8")
    return folder


def moved_by(edit: Edit, folder: Path) -> list[str]:
    """The numbers that an edit moves."""
    from benchmarks.training.behaviour import moved

    before = unchanged(edit.part, edit.model, json.dumps(edit.recipe))
    return moved(before, measured(copy_with(edit, folder), edit.part, edit.model, edit.recipe))


@pytest.mark.parametrize("edit", CHANGES, ids=str)
def test_a_change_of_behaviour_moves_a_number(edit, tmp_path):
    assert moved_by(edit, tmp_path)


@pytest.mark.parametrize("edit", REWRITINGS, ids=str)
def test_a_rewriting_moves_none(edit, tmp_path):
    if edit.needs_mmcv and "cpu" not in mmcv_devices() and not os.environ.get("CI"):
        pytest.skip("mmcv's compiled operators are missing; `make mmcv` builds them")
    assert not moved_by(edit, tmp_path)


def test_a_moved_file_moves_none(tmp_path):
    training = Path("benchmarks/training")
    edit = Edit("", f"{training}/evaluation.py", "benchmarks.training.losses", "benchmarks.training.task_losses")
    folder = copy_with(edit, tmp_path)
    shutil.copy(folder / training / "losses.py", folder / training / "task_losses.py")
    from benchmarks.training.behaviour import moved

    assert not moved(unchanged("engine", "acsnet", "null"), measured(folder, "engine", "acsnet", None))
