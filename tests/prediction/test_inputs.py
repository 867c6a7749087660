"""Which files are predicted, and what their results are called."""

from pathlib import Path

import pytest

from benchmarks.errors import UserError
from benchmarks.prediction.inputs import find_inputs


@pytest.fixture
def folder(tmp_path) -> Path:
    def touch(name: str) -> None:
        path = tmp_path / "mine" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    for name in ("scan 10.png", "scan 2.png", "deep/er/a.JPG", "a.dcm", "notes.txt", ".DS_Store", ".cache/b.png"):
        touch(name)
    return tmp_path / "mine"


def test_folders_are_searched_in_natural_order(folder):
    inputs, passed_over = find_inputs([folder], folder / "out")
    assert [each.result for each in inputs] == ["a", "scan 2", "scan 10", "deep/er/a"]
    assert [Path(name).name for name in passed_over] == ["notes.txt"]


def test_a_file_that_is_named_is_tried_whatever_its_name(folder):
    inputs, passed_over = find_inputs([folder / "notes.txt"], folder / "out")
    assert [each.path.name for each in inputs] == ["notes.txt"]
    assert not passed_over


def test_files_that_differ_in_their_ending_alone_keep_it(folder):
    (folder / "a.png").touch()
    inputs, _ = find_inputs([folder], folder / "out")
    assert [each.result for each in inputs][:2] == ["a.dcm", "a.png"]


def test_a_file_named_twice_is_predicted_once(folder):
    assert len(find_inputs([folder, folder / "a.dcm"], folder / "out")[0]) == 4


def test_results_of_one_name_are_refused(folder):
    (folder / "deep/a.dcm").touch()
    with pytest.raises(UserError, match=r"a.dcm and .*deep/a.dcm: their results would have one name, a.dcm"):
        find_inputs([folder / "a.dcm", folder / "deep/a.dcm"], folder / "out")


def test_a_folder_without_images_is_told(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(UserError, match=r"expected images .* found none in this folder"):
        find_inputs([tmp_path], tmp_path / "out")
