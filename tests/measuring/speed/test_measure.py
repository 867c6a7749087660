"""From arguments to table, page and figure, with jobs that take no time."""

import pandas as pd
import pytest

from benchmarks.configuration import read_parameters
from benchmarks.errors import UserError
from benchmarks.measuring.speed.asked import Asked, planned
from benchmarks.measuring.speed.catalogue import jobs_of
from benchmarks.measuring.speed.measure import measure
from benchmarks.measuring.speed.page import write_page
from benchmarks.measuring.speed.turns import Job, Reading, Sides

PLACE = {"machine": "A processor, 2 cores", "device": "cpu", "threads": 2, "torch": "2.11.0"}


def plan_of(folder, **asked):
    return planned(Asked(**asked), read_parameters("params.yaml"), folder)


@pytest.mark.parametrize("asked", [{"cases": [5]}, {"models": ["no-such-model"]}])
def test_numbers_and_names_that_make_no_sense(asked, tmp_path):
    with pytest.raises(UserError):
        plan_of(tmp_path, **asked)


def test_jobs(folder, tmp_path):
    """On a CPU the second size is for the reference alone."""
    models, cases = ["acsnet", "unet"], [100, 1000]
    plan = plan_of(tmp_path, models=models, device="cpu", images=folder, image_count=6, cases=cases)
    names = [job.name for job in jobs_of(plan, tmp_path)]
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
    assert names[-4:] == ["statistics, 1000 cases", "predict, 1 image", "predict, 300 images", "predict, 1000 images"]


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
    assert measure(jobs, PLACE, output) == ["no such thing"]
    table = pd.read_csv(output)
    assert table["job"].tolist() == ["training step, unet, 128 px, float32", "score, 100 cases", "score, 1000 cases"]
    assert table["ratio"][0] == 4
    measure(jobs[:1], PLACE | {"device": "An accelerator"}, output)
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
