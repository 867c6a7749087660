"""The committed parameters as plain values, and what becomes of them after an edit."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from benchmarks.configuration import Parameters, read_parameters


@pytest.fixture(scope="session")
def committed(repository) -> dict:
    return yaml.safe_load((repository / "params.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def edited(committed, tmp_path) -> Callable[[Callable[[dict], object]], Parameters]:
    """A function that reads the committed parameters after an edit."""

    def read(edit: Callable[[dict], object]) -> Parameters:
        content = copy.deepcopy(committed)
        edit(content)
        path = tmp_path / "params.yaml"
        path.write_text(yaml.dump(content, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper)))
        return read_parameters(path)

    return read


@pytest.fixture
def as_json(committed, tmp_path) -> Path:
    """The committed parameters in a file that a machine without a YAML reader takes."""
    path = tmp_path / "params.json"
    path.write_text(json.dumps(committed))
    return path
