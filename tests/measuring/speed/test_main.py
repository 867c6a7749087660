"""From arguments to table, page and figure, with jobs that take no time."""

import pandas as pd
import pytest
from benchmarks.measuring.speed.arguments import check, complete, parser_of, settings_of

from benchmarks.configuration import read_parameters
from benchmarks.errors import UserError
from benchmarks.measuring.speed import __main__ as command
from benchmarks.measuring.speed.catalogue import GROUPS, jobs_of
from benchmarks.measuring.speed.page import write_page
from benchmarks.measuring.speed.turns import Job, Reading, Sides

PLACE = {"machine": "A processor, 2 cores", "device": "cpu", "threads": 2, "torch": "2.11.0"}


def arguments_of(*words):
    arguments = parser_of("").parse_args(words)
    check(arguments)
    complete(arguments, read_parameters("params.yaml"))
    return arguments


def test_every_argument_is_explained():
    assert all(action.help for action in parser_of("")._actions)


@pytest.mark.parametrize("words", [["--steps", "0"], ["--cases", "5"], ["--models", "no-such-model"]])
def test_numbers_and_names_that_make_no_sense(words):
    with pytest.raises(UserError):
        arguments_of(*words)


def test_jobs(folder, tmp_path):
    """On a CPU the second size is for the reference alone."""
    arguments = arguments_of("--models", "acsnet", "unet", "--device", "cpu", "--images", str(folder))
    arguments.image_count, arguments.cases = 6, [100, 1000]
    settings = settings_of(arguments, read_parameters("params.yaml"), tmp_path)
    names = [job.name for job in jobs_of(arguments, settings, tmp_path)]
    assert names[:7] == [
        "training step, acsnet, 128 px",
        "training step, acsnet, 256 px",
        "training step, unet, 128 px",
        "training step, acsnet, 128 px, 2 runs at once",
        "training step, acsnet, 256 px, 2 runs at once",
        "validation of 6 cases, acsnet, 128 px",
        "validation of 6 cases, acsnet, 256 px",
    ]
    assert names[7:9] == ["scoring of 647 masks", "verify without data"]
    assert names[-1] == "statistics, 1000 cases"
    assert set(arguments.jobs) == set(GROUPS)


def test_from_turns_to_the_page(tmp_path):
    def failing():
        raise UserError("no such thing")

    jobs = [
        Job(
            "a", lambda: Sides({"training step, unet, 128 px, float32": lambda: Reading(1.0)}, lambda: Reading(4.0)), 2
        ),
        Job("b", failing, 1),
        *[Job("c", lambda n=n: Sides({f"score, {n} cases": lambda: Reading(n / 10, 0.25)}), 1) for n in (100, 1000)],
    ]
    output = tmp_path / "reports" / "speed.csv"
    assert command.measure(jobs, PLACE, output) == ["no such thing"]
    table = pd.read_csv(output)
    assert table["job"].tolist() == ["training step, unet, 128 px, float32", "score, 100 cases", "score, 1000 cases"]
    assert table["ratio"][0] == 4
    command.measure(jobs[:1], PLACE | {"device": "An accelerator"}, output)
    write_page(tmp_path)
    page = (tmp_path / "docs" / "speed.md").read_text()
    assert "## A processor, 2 cores\n" in page
    assert "## An accelerator, A processor, 2 cores\n" in page
    assert "| training step, unet, 128 px, float32 | 4 [4, 4] | 1 [1, 1] | 4.0 |" in page
    assert "| score, 1000 cases | \N{EN DASH} | 100 [100, 100] | \N{EN DASH} | \N{EN DASH} | 0.25 |" in page
    drawing = (tmp_path / "reports" / "figures" / "speed.svg").read_text()
    assert drawing.startswith("<?xml")


def test_no_page_of_nothing(tmp_path):
    write_page(tmp_path)
    assert not list(tmp_path.iterdir())
