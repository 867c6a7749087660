"""What comes back is checked run by run; what is refused is named, and the rest is entered."""

import contextlib
import json
import shutil
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml
from dvc.cli import main as dvc

from benchmarks.bundle.absorb import absorb
from benchmarks.bundle.archive import write_archive, write_sealed
from benchmarks.bundle.results import Outcome, write_results
from benchmarks.bundle.runs import Run
from benchmarks.errors import UserError
from benchmarks.training import data
from benchmarks.training.run import run_fingerprint, train_run

WHOLE, OTHER = Run("tiny", "toy", 0, 0), Run("tiny", "toy", 0, 1)


class Stopped(Exception):
    pass


@pytest.fixture(scope="module")
def worked(home_once, tmp_path_factory) -> Path:
    """What a borrowed machine has when it trained fold 0 and was stopped in fold 1; `later/` holds that fold whole."""
    root = shutil.copytree(home_once.root, tmp_path_factory.mktemp("machine") / "bundle")

    def stop(row):
        if row["epoch"] == 1:
            raise Stopped

    with contextlib.chdir(root):
        cell = home_once.cell()
        cases = data.load("tiny", cell.benchmark, torch.device("cpu"))
        train_run(cell, cases, 0, 0, run_fingerprint(cell))
        with pytest.raises(Stopped):
            train_run(cell, cases, 0, 1, run_fingerprint(cell), stop)
        shutil.copytree(OTHER.folder, "interrupted")
        train_run(cell, cases, 0, 1, run_fingerprint(cell))
        OTHER.folder.rename("later")
        Path("interrupted").rename(OTHER.folder)
    return root


@pytest.fixture
def machine(worked, tmp_path) -> Path:
    """A copy of it that a test may change."""
    return shutil.copytree(worked, tmp_path / "machine")


def packed(machine: Path, *outcomes: Outcome, limit: float = 1e7) -> Path:
    """The archive that `run.py` would write of these outcomes."""
    versions = {"torch": "1.0"}
    with contextlib.chdir(machine):
        write_results(Path("results.zip"), outcomes, {"versions": versions}, {"device": "made up"}, limit, states=True)
    return machine / "results.zip"


def both(machine: Path) -> Path:
    return packed(machine, Outcome(WHOLE, "whole", 20), Outcome(OTHER, "resumable", 2))


def test_what_is_whole_is_entered_and_what_was_interrupted_is_kept(home, machine):
    said = []
    found = absorb(home.parameters, both(machine), said.append)
    assert (found.entered, found.kept) == ([str(WHOLE)], [f"{OTHER}, 2 epochs"])
    assert (WHOLE.folder / "weights.pt").is_file()
    assert (OTHER.folder / "state.pt").read_bytes() == (machine / OTHER.folder / "state.pt").read_bytes()
    assert any("torch 1.0 (here" in line for line in said)
    assert json.loads(Path("runs/devices/unknown.json").read_text()) == {"device": "made up"}
    assert not list(Path("runs").glob(".absorbed-*"))
    again = absorb(home.parameters, both(machine), said.append)
    assert (again.entered, again.kept, again.known) == ([], [], [str(WHOLE), f"{OTHER}, 2 epochs"])


def test_a_whole_run_takes_the_place_of_its_interrupted_one_and_never_the_other_way(home, machine):
    absorb(home.parameters, both(machine))
    early = shutil.copy(machine / "results.zip", machine / "early.zip")
    shutil.rmtree(machine / OTHER.folder)
    shutil.move(machine / "later", machine / OTHER.folder)
    assert absorb(home.parameters, packed(machine, Outcome(OTHER, "whole", 20))).entered == [str(OTHER)]
    assert not (OTHER.folder / "state.pt").exists()
    assert set(pd.read_parquet("reports/predictions/tiny/toy.parquet")["fold"]) == {0, 1}
    assert f"{OTHER}, 2 epochs" in absorb(home.parameters, Path(early)).known
    assert (OTHER.folder / "record.json").is_file()


def edit_record(folder: Path, **changes) -> None:
    record = json.loads((folder / "record.json").read_text())
    (folder / "record.json").write_text(json.dumps(record | changes, indent=1))


def other_cases(folder: Path) -> None:
    for path in folder.glob("predictions-*.parquet"):
        table = pd.read_parquet(path)
        table.loc[0, "case"] = "case of another fold"
        table.to_parquet(path)


def of_other_code(folder: Path) -> None:
    state = torch.load(folder / "state.pt", weights_only=True)
    torch.save(state | {"fingerprint": "other"}, folder / "state.pt")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: edit_record(folder, fingerprint="other"), "trained by other code, parameters or data"),
        (lambda folder: edit_record(folder, seed=7), "do not fit"),
        (lambda folder: (folder / "predictions-last_epoch.parquet").unlink(), "not a whole run"),
        (lambda folder: (folder / "curves.csv").write_text("epoch\n1\n"), "do not fit"),
        (other_cases, "expected the 18 cases that fold 0 tests, found 18; 'case"),
    ],
)
def test_a_spoiled_run_is_refused_by_name_and_the_other_is_kept(home, machine, spoil, message):
    spoil(machine / WHOLE.folder)
    with pytest.raises(UserError, match=f"{WHOLE}: .*{message}"):
        absorb(home.parameters, both(machine))
    assert not WHOLE.folder.exists()
    assert (OTHER.folder / "state.pt").is_file()


@pytest.mark.parametrize("spoil", [lambda folder: (folder / "state.pt").write_bytes(b"no state"), of_other_code])
def test_a_spoiled_state_is_refused_by_name_and_the_other_is_entered(home, machine, spoil):
    spoil(machine / OTHER.folder)
    with pytest.raises(UserError, match=f"{OTHER}: its state is not readable, or of other code"):
        absorb(home.parameters, both(machine))
    assert WHOLE.folder.exists()
    assert not OTHER.folder.exists()


def test_runs_that_params_yaml_does_not_have_are_refused(home, machine):
    shutil.copytree(machine / WHOLE.folder, machine / "runs/tiny/nobody/seed0-fold0")
    shutil.copytree(machine / WHOLE.folder, machine / "runs/tiny/toy/seed9-fold0")
    outcomes = [Outcome(Run("tiny", "nobody", 0, 0), "whole"), Outcome(Run("tiny", "toy", 9, 0), "whole")]
    with pytest.raises(UserError) as refused:
        absorb(home.parameters, packed(machine, *outcomes))
    assert "no model is called 'nobody'" in str(refused.value)
    assert "tiny/toy seed 9 fold 0: tiny has no such run" in str(refused.value)


def test_results_come_before_weights_and_weights_before_states(home, machine):
    sizes = {path.name: path.stat().st_size for path in (machine / WHOLE.folder).iterdir()}
    archive = packed(machine, Outcome(WHOLE, "whole"), Outcome(OTHER, "resumable", 2), limit=sum(sizes.values()) + 8000)
    runs = json.loads(zipfile.ZipFile(archive).read("manifest.json"))["runs"]
    assert [run["left_out"] for run in runs] == [[], ["state"]]
    limit = archive.stat().st_size - sizes["weights.pt"]
    archive = packed(machine, Outcome(WHOLE, "whole"), limit=limit + 4000)
    assert archive.stat().st_size <= limit + 4000
    said = []
    assert absorb(home.parameters, archive, said.append).entered == [str(WHOLE)]
    assert f"did not fit into the archive: {WHOLE}: weights" in said
    assert not (WHOLE.folder / "weights.pt").exists()
    assert "no room" in (WHOLE.folder / "weights-left-out.txt").read_text()


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "runs/../../outside"])
def test_an_archive_that_writes_outside_is_refused(home, tmp_path, name):
    write_sealed(tmp_path / "evil.zip", {name: b"x", "manifest.json": b"{}"})
    with pytest.raises(UserError, match="would be written outside the folder; refused"):
        absorb(home.parameters, tmp_path / "evil.zip")
    assert not (tmp_path / "outside").exists()


def test_an_archive_with_a_link_is_refused(home, tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.bundle.archive.READABLE", 0o120777 << 16)
    write_archive(tmp_path / "link.zip", {"runs/link": b"/etc/passwd"}, {"kind": "results"})
    with pytest.raises(UserError, match="is a link or a special file; refused"):
        absorb(home.parameters, tmp_path / "link.zip")


def test_archives_that_are_not_whole_or_of_another_kind_are_refused(home, machine, tmp_path):
    archive = both(machine)
    whole = archive.read_bytes()
    for content in (whole[:-1], whole[:1000] + bytes([whole[1000] ^ 1]) + whole[1001:], b""):
        archive.write_bytes(content)
        with pytest.raises(UserError, match=r"cut short, changed, or of another kind\. Nothing was entered"):
            absorb(home.parameters, archive)
    write_archive(tmp_path / "bundle.zip", {}, {"kind": "bundle"})
    with pytest.raises(UserError, match="expected an archive of the kind 'results', found 'bundle'"):
        absorb(home.parameters, tmp_path / "bundle.zip")
    write_archive(tmp_path / "odd.zip", {}, {"kind": "results", "runs": [{"benchmark": "tiny"}], "versions": {}})
    with pytest.raises(UserError, match="expected a list of runs in its manifest"):
        absorb(home.parameters, tmp_path / "odd.zip")
    assert not Path("runs/tiny").exists()


def test_dvc_is_told_of_a_cell_that_has_become_whole(home, machine):
    outs = ["reports/predictions/tiny/toy.parquet", "reports/curves/tiny/toy.csv", "reports/records/tiny/toy.json"]
    stage = {"foreach": {"tiny-toy": {}}, "do": {"cmd": "exit 1", "outs": [{out: {"cache": False}} for out in outs]}}
    Path("dvc.yaml").write_text(yaml.safe_dump({"stages": {"train": stage}}))
    assert dvc(["init", "--no-scm", "--quiet"]) == 0
    absorb(home.parameters, packed(machine, Outcome(WHOLE, "whole")))
    assert not Path("dvc.lock").exists()  # fold 1 is missing
    shutil.rmtree(machine / OTHER.folder)
    shutil.move(machine / "later", machine / OTHER.folder)
    said = []
    absorb(home.parameters, packed(machine, Outcome(OTHER, "whole")), said.append)
    assert "dvc.lock holds train@tiny-toy." in said
    locked = yaml.safe_load(Path("dvc.lock").read_text())["stages"]["train@tiny-toy"]
    assert [out["path"] for out in locked["outs"]] == sorted(outs)
    assert dvc(["status", "--quiet"]) == 0
