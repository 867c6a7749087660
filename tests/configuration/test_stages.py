"""Hints name stages that DVC has, and commands that exist for all else."""

import pytest
from dvc.repo import Repo

from benchmarks.configuration.stages import stage_names, way_to


def test_the_stages_are_those_that_dvc_finds(repository):
    with Repo(repository) as repo:
        known = {stage.addressing for stage in repo.index.stages}
    assert stage_names(repository) == known - {"data.dvc"}


def test_a_stage_is_named_where_there_is_one(repository):
    assert way_to("split", "busi-small", root=repository) == "`dvc repro split@busi-small`"
    assert way_to("split", "busi-small", again=True, root=repository) == "`dvc repro -f split@busi-small`"


@pytest.mark.parametrize(
    ("job", "name", "told"),
    [
        ("split", "busi", "`acsbench split busi` (DVC has no such stage: no study of params.yaml has busi"),
        ("download", "udiat", "`acsbench download udiat` (DVC has no such stage: udiat is not among `datasets`"),
        ("prepare", "phantom", "`acsbench download phantom && acsbench prepare phantom --from downloads/phantom`"),
    ],
)
def test_else_the_job_by_hand(repository, job, name, told):
    assert way_to(job, name, root=repository).startswith(told)


@pytest.mark.parametrize("text", [None, "", "stages: [", "other: {}", "stages: {a: 1}"])
def test_without_a_readable_pipeline_there_is_no_stage(tmp_path, text):
    if text is not None:
        (tmp_path / "dvc.yaml").write_text(text)
    assert "split@busi" not in stage_names(tmp_path)
