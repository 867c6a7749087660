"""Every stage runs on made-up cases, each in a process of its own, on what the ones before have left."""

import pytest

from benchmarks.errors import UserError
from benchmarks.measuring.speed.child import STAGES
from benchmarks.measuring.speed.growth import growth_jobs, run_stage
from benchmarks.measuring.speed.made_up import dataset_of


def test_stages(tmp_path):
    jobs = growth_jobs(tmp_path, [24], repetitions=1)
    assert [job.name for job in jobs] == [f"{stage}, 24 cases" for stage in STAGES]
    for job in jobs[:3]:  # statistics: test_statistics.py
        ((_, run),) = job.start().ours.items()
        reading = run()
        assert reading.seconds > 0
        assert 0.01 < reading.memory < 8
    again = run_stage("score", 24, tmp_path / "24")
    assert again.seconds > 0
    assert (tmp_path / "24" / "reports" / "cases" / "made-up" / "model.csv").is_file()


def test_a_stage_that_fails_says_why(tmp_path):
    with pytest.raises(UserError, match=r"split of 24 cases ended with status 1: .*prepare"):
        run_stage("split", 24, tmp_path)


def test_made_up_cases(folder):
    dataset = dataset_of(9, folder)
    cases = list(dataset.read(folder, []))
    assert len({case.name for case in cases}) == dataset.groups == 9
    assert sum(dataset.counts.values()) == 9
    assert cases[0].class_name == cases[6].class_name == "benign"
    assert (cases[1].image == cases[7].image).all()
