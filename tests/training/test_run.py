"""Runs: what they leave behind, and that a killed one goes on as if nothing had happened."""

import dataclasses
import json
import os
import pickle
import signal
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch

from benchmarks.configuration import Selection
from benchmarks.errors import UserError
from benchmarks.scoring.run_length import decode
from benchmarks.training import data
from benchmarks.training.run import is_finished, train_run
from benchmarks.training.trainer import Trainer, batches

RULES = ("inner_validation", "last_epoch", "test_oracle")


def load(cell):
    return data.load(cell.benchmark_name, cell.benchmark, torch.device("cpu"))


def read_run(cell, fold: int = 0) -> dict[str, pd.DataFrame]:
    return {rule: pd.read_parquet(cell.run_folder(0, fold) / f"predictions-{rule}.parquet") for rule in RULES}


def test_a_run_leaves_predictions_curves_and_a_record(make_cell):
    cell = make_cell(epochs=3)
    cases = load(cell)
    train_run(cell, cases, 0, 1, "print")
    folder = cell.run_folder(0, 1)
    assert not (folder / "state.pt").exists()
    assert is_finished(cell, 0, 1, "print")
    assert not is_finished(cell, 0, 1, "another")
    curves = pd.read_csv(folder / "curves.csv")
    assert curves["epoch"].tolist() == [0, 1, 2]
    expected_rates = [1e-4 * (0.9 * (1 + np.cos(np.pi * e / 3)) / 2 + 0.1) for e in range(3)]
    np.testing.assert_allclose(curves["learning_rate"], expected_rates, rtol=1e-5)
    record = json.loads((folder / "record.json").read_text())
    assert record["selected_epochs"]["last_epoch"] == 2
    best = curves["selection_score_validation"].idxmax()
    assert record["selected_epochs"]["inner_validation"] == best
    tested = cases.table["case"][cases.table["role_1"] == "test"]
    for rule, table in read_run(cell, 1).items():
        assert table["case"].tolist() == tested.tolist()
        assert table["probability"].between(0, 1).all()
        assert (table["epoch"] == record["selected_epochs"][rule]).all()


def test_stored_predictions_are_the_selected_networks(make_cell):
    """The kept weights, loaded into a fresh network, give the stored masks and probabilities and the logged Dice."""
    cell = make_cell(epochs=3)
    cases = load(cell)
    train_run(cell, cases, 0, 0, "print")
    trainer = Trainer(cell, cases, 0, 0)
    trainer.network.load_state_dict(torch.load(cell.run_folder(0, 0) / "weights.pt", weights_only=True)["network"])
    trainer.network.eval()
    stored = read_run(cell)["inner_validation"]
    positions = cases.positions(0, "test")
    images = ((cases.images[positions].float() / 255 - 0.3) / 0.2).repeat(1, 3, 1, 1)
    with torch.no_grad():
        mask, label, _ = trainer.network(images)
    np.testing.assert_allclose(stored["probability"], torch.softmax(label, 1)[:, 1].numpy(), atol=1e-6)
    masks = np.stack([decode(counts, 32, 32) for counts in stored["mask"]])
    np.testing.assert_array_equal(masks, (mask[:, 0] > 0).numpy())
    truth = cases.masks[positions][:, 0].numpy().astype(bool)
    dice = [2 * (m & t).sum() / max(1, m.sum() + t.sum()) for m, t in zip(masks, truth, strict=True)]
    curves = pd.read_csv(cell.run_folder(0, 0) / "curves.csv")
    assert curves["test_dice"][stored["epoch"].iloc[0]] == pytest.approx(np.mean(dice), rel=1e-5)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA device")
@pytest.mark.parametrize("rule", ["automatic", "famo", "gradnorm", "mgda"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_gpu_trains_as_the_cpu_does(make_cell, monkeypatch, rule, precision):
    """The same losses but for rounding, whatever the kind of balancing rule."""
    monkeypatch.setattr("benchmarks.training.precision.has_bfloat16", lambda device: True)  # imitated on the CPU
    cell = make_cell(network="ToyWithoutDropout", epochs=3)
    training = dataclasses.replace(cell.benchmark.training, precision=precision)
    cell = dataclasses.replace(
        cell,
        recipe=dataclasses.replace(cell.recipe, balancing={"name": rule}),
        benchmark=dataclasses.replace(cell.benchmark, training=training),
    )
    curves = {}
    for kind in ("cpu", "cuda"):
        train_run(cell, data.load(cell.benchmark_name, cell.benchmark, torch.device(kind)), 0, 0, kind)
        curves[kind] = pd.read_csv(cell.run_folder(0, 0) / "curves.csv")
    # under bfloat16 emulated on a CPU they differ by 0.0002
    for column in ("train_segmentation", "train_classification", "test_loss"):
        np.testing.assert_allclose(curves["cuda"][column], curves["cpu"][column], rtol=0.005, err_msg=column)


class Killed(Exception):
    pass


@pytest.mark.parametrize("network", ["Toy", "ToyWithItsOwnLoss"])
def test_a_run_stopped_after_an_epoch_goes_on_to_the_same_predictions(make_cell, network):
    cell = make_cell(network=network)
    cases = load(cell)
    train_run(cell, cases, 0, 0, "print")
    uninterrupted, curves = read_run(cell), pd.read_csv(cell.run_folder(0, 0) / "curves.csv")
    (cell.run_folder(0, 0) / "record.json").unlink()

    def stop(row):
        if row["epoch"] == 1:
            raise Killed

    with pytest.raises(Killed):
        train_run(cell, cases, 0, 0, "print", stop)
    assert torch.load(cell.run_folder(0, 0) / "state.pt", weights_only=True)["progress"]["rows"][-1]["epoch"] == 1
    seen = []
    train_run(cell, cases, 0, 0, "print", lambda row: seen.append(row["epoch"]))
    assert seen == [2, 3]
    for rule in RULES:
        pd.testing.assert_frame_equal(read_run(cell)[rule], uninterrupted[rule], check_exact=True)
    resumed = pd.read_csv(cell.run_folder(0, 0) / "curves.csv")
    pd.testing.assert_frame_equal(resumed.drop(columns="seconds"), curves.drop(columns="seconds"), check_exact=True)


KILL = """
import os, pickle, signal, sys, torch
from benchmarks.training import augmentation
torch.set_num_threads(1)
from benchmarks.training import run, data
cell = pickle.load(open("cell.pickle", "rb"))
steps = 0
whole = augmentation.apply
def apply(*arguments):
    global steps
    steps += 1
    if steps == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(*arguments)
augmentation.apply = apply
run.train_run(cell, data.load("tiny", cell.benchmark, torch.device("cpu")), 0, 0, "print")
"""


def test_sigkill_within_an_epoch_costs_that_epoch_alone(make_cell, tmp_path, repository):
    cell = make_cell()
    train_run(cell, load(cell), 0, 0, "print")
    uninterrupted = read_run(cell)["test_oracle"]
    (cell.run_folder(0, 0) / "record.json").unlink()
    (tmp_path / "cell.pickle").write_bytes(pickle.dumps(cell))
    environment = os.environ | {"PYTHONPATH": str(repository), "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-c", KILL, "4"]  # two steps an epoch: the fourth is in the middle of the second epoch
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    assert len(torch.load(cell.run_folder(0, 0) / "state.pt", weights_only=True)["progress"]["rows"]) == 1
    train_run(cell, load(cell), 0, 0, "print")
    pd.testing.assert_frame_equal(read_run(cell)["test_oracle"], uninterrupted, check_exact=True)


def with_recipe(cell, **changes):
    return dataclasses.replace(cell, recipe=dataclasses.replace(cell.recipe, **changes))


def with_scores(monkeypatch, scores):
    """What each epoch is selected by, on either role; the cell's training stays what it is."""
    monkeypatch.setattr("benchmarks.training.run.selection_score", lambda cell, found, seed, fold, epoch: scores[epoch])


def test_a_run_without_gain_stops_and_its_last_epoch_is_the_last_one(make_cell, monkeypatch):
    cell = with_recipe(make_cell(epochs=9), patience=3)
    with_scores(monkeypatch, [0.1, 0.3, 0.3, 0.2, 0.4, 0.4, 0.0, 0.3, 0.9])
    train_run(cell, load(cell), 0, 0, "print")
    record = json.loads((cell.run_folder(0, 0) / "record.json").read_text())
    assert record["selected_epochs"] == {"inner_validation": 4, "last_epoch": 7, "test_oracle": 4}
    assert record["epochs"] == 8
    assert len(pd.read_csv(cell.run_folder(0, 0) / "curves.csv")) == 8


def test_a_run_killed_after_its_last_epoch_does_not_go_on(make_cell, monkeypatch):
    cell = with_recipe(make_cell(epochs=9), patience=1)
    with_scores(monkeypatch, [0.2, 0.1, 0.9])

    def stop(row):
        if row["epoch"] == 1:
            raise Killed

    with pytest.raises(Killed):
        train_run(cell, load(cell), 0, 0, "print", stop)
    train_run(cell, load(cell), 0, 0, "print", lambda row: pytest.fail("an epoch too many"))
    assert json.loads((cell.run_folder(0, 0) / "record.json").read_text())["epochs"] == 2


def test_a_run_goes_back_to_its_best_weights(make_cell, monkeypatch):
    """Half way through four epochs, to those of the first; killed there and resumed, it ends with the same."""
    cell = with_recipe(make_cell(epochs=4), best_weights_at=0.5)
    with_scores(monkeypatch, [0.5, 0.4, 0.3, 0.2])
    cases = load(cell)
    weights = []

    def look(row):
        state = torch.load(cell.run_folder(0, 0) / "state.pt", weights_only=True)["network"]
        weights.append(torch.cat([tensor.flatten().double() for tensor in state.values()]))

    train_run(cell, cases, 0, 0, "print", look)
    assert torch.equal(weights[1], weights[0])
    assert not torch.equal(weights[2], weights[0])
    uninterrupted = read_run(cell)["last_epoch"]
    (cell.run_folder(0, 0) / "record.json").unlink()

    def stop(row):
        if row["epoch"] == 1:
            raise Killed

    with pytest.raises(Killed):
        train_run(cell, cases, 0, 0, "print", stop)
    train_run(cell, cases, 0, 0, "print")
    pd.testing.assert_frame_equal(read_run(cell)["last_epoch"], uninterrupted, check_exact=True)


def test_what_other_code_left_is_not_resumed(make_cell):
    cell = make_cell(epochs=2)
    cases = load(cell)
    with pytest.raises(Killed):
        train_run(cell, cases, 0, 0, "old", lambda row: (_ for _ in ()).throw(Killed))
    seen = []
    train_run(cell, cases, 0, 0, "new", lambda row: seen.append(row["epoch"]))
    assert seen == [0, 1]


@pytest.mark.parametrize(("heads", "column"), [("segmentation", "probability"), ("classification", "mask")])
def test_single_task_networks_leave_the_other_column_empty(make_cell, heads, column):
    cell = make_cell({"heads": heads}, epochs=1)
    train_run(cell, load(cell), 0, 0, "print")
    assert read_run(cell)["last_epoch"][column].isna().all()


def test_released_selection_reads_only_the_oracle_and_counts_whole_pixels(make_cell):
    cell = make_cell(epochs=1, selection=Selection("test_oracle", "released"))
    cases = load(cell)
    assert torch.equal(cases.selection_masks, cases.masks)  # the made soft masks are 0 or 255
    train_run(cell, cases, 0, 0, "print")
    assert (cell.run_folder(0, 0) / "weights.pt").is_file()


def test_a_loss_that_is_not_finite_names_the_run(make_cell):
    cell = make_cell({"scale": float("inf")})
    with pytest.raises(UserError, match=r"toy on tiny, seed 0, fold 0, epoch 0: the loss is not finite.*learning rate"):
        train_run(cell, load(cell), 0, 0, "print")


def test_a_last_batch_of_one_joins_the_one_before():
    order, matrices = torch.arange(17), torch.zeros(17, 2, 2)
    assert [len(at) for at, _ in batches(order, matrices, 8)] == [8, 9]
    assert [len(at) for at, _ in batches(order[:16], matrices[:16], 8)] == [8, 8]
    assert [len(at) for at, _ in batches(order[:1], matrices[:1], 8)] == [1]


def test_training_learns_the_toy_task(make_cell):
    cell = make_cell(epochs=1)
    cases = load(cell)
    trainer = Trainer(cell, cases, 0, 0)
    for group in trainer.optimiser.param_groups:
        group["initial_lr"] = 0.02
    before = trainer.evaluate("test").dice
    for _ in range(25):
        trainer.train_epoch(0)
    assert trainer.evaluate("test").dice > max(0.8, before + 0.3)
