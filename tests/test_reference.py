"""docs/reference/ says what the code says; `acsbench reference` writes it."""

import re

import pytest

from benchmarks.commands.reference import FOLDER, commands_text
from benchmarks.configuration.reference import reference_text
from tests.commands.conftest import ROOT


@pytest.fixture(scope="module")
def commands() -> str:
    return commands_text()


def committed(name: str) -> str:
    return (ROOT / FOLDER / name).read_text(encoding="utf-8")


def test_commands_are_as_committed(commands):
    """If not: acsbench reference."""
    assert committed("commands.md") == commands


def test_parameters_are_as_committed():
    """If not: acsbench reference."""
    assert committed("parameters.md") == reference_text()


def test_every_job_of_the_pipeline_and_its_options_are_told(commands):
    """The jobs that dvc.yaml calls, and what one of them is known to take."""
    called = set(re.findall(r"python -m benchmarks ([\w-]+)", (ROOT / "dvc.yaml").read_text(encoding="utf-8")))
    assert called
    assert {job for job in called if f"\n### acsbench {job}\n" not in commands} == set()
    train = commands.partition("\n### acsbench train\n")[2].partition("\n### ")[0]
    assert "acsbench train [OPTIONS] BENCHMARK MODEL" in train
    assert re.findall(r"^\* `--(\w+)", train, re.MULTILINE) == ["folds", "seeds", "anew", "insist", "params"]
    assert "#### acsbench weights get\n" in commands
    assert "no-" not in re.findall(r"`--half.*?`", commands)[0]


def test_ranges_are_those_of_the_code():
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", reference_text(), re.MULTILINE))
    assert rows["image_size"].startswith("whole number, at least 32, at most 4,096, a multiple of 32 | required | ")
    assert rows["hours_limit"].startswith("number, above 0, at most 10,000 | `6.0` | ")
    assert rows["learning_rate"] == "(0, 10]"
