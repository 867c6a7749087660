"""Texts of tables and pages: whole or as before."""

import os

import pytest

from benchmarks.errors import UserError
from benchmarks.reporting.files import write_texts


def test_a_full_disk_leaves_what_was_there(tmp_path, monkeypatch):
    write_texts({"a.csv": "old", "b.csv": "old"}, tmp_path)
    replace = os.replace

    def full(partial, path):
        if path.name == "b.csv":
            raise OSError(28, "No space left on device")
        replace(partial, path)

    with monkeypatch.context() as failing:
        failing.setattr(os, "replace", full)
        with pytest.raises(UserError, match=r"b\.csv: cannot be written: .*No space left.*run the command again"):
            write_texts({"a.csv": "new", "b.csv": "new"}, tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.csv": "new", "b.csv": "old"}
    write_texts({"b.csv": "new"}, tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"b.csv": "new"}
