"""A repository that cannot be verified is no measurement."""

import pytest

from benchmarks.errors import UserError
from benchmarks.measuring.speed import verifying


def test_with_data_where_they_are(tmp_path):
    assert [job.name for job in verifying.verify_jobs(tmp_path, 1, 2)] == ["verify without data"]
    (tmp_path / "prepared" / "benchmarks").mkdir(parents=True)
    jobs = verifying.verify_jobs(tmp_path, 1, 2)
    assert [job.name for job in jobs] == ["verify without data", "verify with data"]
    assert {job.repetitions for job in jobs} == {2}


def test_nothing_to_verify(tmp_path):
    with pytest.raises(UserError, match=r"status 1: .*no case scores"):
        verifying.run_verify(tmp_path, verifying.READ, 1)


def test_differences_count_all_the_same(tmp_path, monkeypatch, capsys):
    class Done:
        returncode, stderr = 1, "error: 2 differences between what is committed and what was made anew."

    monkeypatch.setattr(verifying.subprocess, "run", lambda *_, **__: Done)
    assert verifying.run_verify(tmp_path, verifying.READ, 1).seconds >= 0
    assert "2 differences" in capsys.readouterr().err
