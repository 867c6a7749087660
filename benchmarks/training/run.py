"""One run: one network trained on one fold with one seed, from the first epoch or from the last one that finished."""

import dataclasses
import math
import shutil
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from benchmarks.errors import UserError
from benchmarks.protocols.selection import SCORES
from benchmarks.scoring.run_length import encode
from benchmarks.training import files, record
from benchmarks.training.cell import RUNS, Cell, short_digest
from benchmarks.training.data import PREPARED, Cases, anew, digest
from benchmarks.training.evaluation import Evaluation
from benchmarks.training.lock import held
from benchmarks.training.memory import is_out_of_memory
from benchmarks.training.trainer import ASKED_FOR, PARTS, Trainer
from benchmarks.whole_files import remove_partial


def predictions(cell: Cell, cases: Cases, rule: str, seed: int, fold: int, epoch: int, found: Evaluation):
    """A run's rows of the predictions table (docs/contracts.md) under one selection rule."""
    count, size = len(found.positions), cell.benchmark.image_size
    no_masks = found.masks is None
    return pd.DataFrame(
        {
            "selection": rule,
            "seed": seed,
            "fold": fold,
            "case": cases.table["case"].to_numpy()[found.positions],
            "epoch": epoch,
            "probability": np.full(count, np.nan) if found.probabilities is None else found.probabilities,
            "height": size,
            "width": size,
            "mask": [None] * count if no_masks else [encode(mask) for mask in found.masks],
        }
    )


def selection_score(cell: Cell, found: Evaluation | None, seed: int, fold: int, epoch: int) -> float:
    """What the selection rules maximise, NaN without cases."""
    if found is None:
        return math.nan
    generator = np.random.default_rng((seed, fold, epoch))
    return SCORES[cell.benchmark.selection.score](found.counts, found.accuracy, generator)


def run_fingerprint(cell: Cell) -> str:
    """The cell's fingerprint together with its data's.

    Raises:
        ValueError: the cell has none.
    """
    if cell.fingerprint is None:
        raise ValueError(f"{cell.benchmark_name}/{cell.model_name}: expected a cell with a fingerprint (`read_cell`).")
    return short_digest(f"{cell.fingerprint.whole} {digest(PREPARED / cell.benchmark_name)}")


def is_finished(cell: Cell, seed: int, fold: int, fingerprint: str) -> bool:
    """Whether a run is on disk, whole, and made by the same code, parameters and data."""
    path = cell.run_folder(seed, fold) / "record.json"
    try:
        return f'"fingerprint": "{fingerprint}"' in path.read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return False


def train_run(
    cell: Cell,
    cases: Cases,
    seed: int,
    fold: int,
    fingerprint: str,
    after_epoch: Callable[[dict], None] = lambda row: None,
) -> None:
    """Train a run to its end and leave in its folder: weights.pt, predictions-<rule>.parquet, curves.csv, record.json.

    Args:
        cell: benchmark and model.
        cases: the benchmark's data on the device to train on.
        seed, fold: which run.
        fingerprint: digest of code, parameters and data; files of another one are not resumed from.
        after_epoch: called with each finished epoch's row of the curves.

    Raises:
        UserError: a loss or an output is not finite, memory ran out, the disk is full, or another process trains this
            run. Earlier epochs are kept.
    """
    with held_run(cell, seed, fold):
        if is_finished(cell, seed, fold, fingerprint):
            return
        try:
            train_epochs(cell, cases, seed, fold, fingerprint, after_epoch)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            training = cell.benchmark.training
            raise UserError(
                f"{cell.benchmark_name}/{cell.model_name}, seed {seed}, fold {fold}: memory ran out on "
                f"{cases.images.device.type} with batches of {training.batch_size} images of "
                f"{cell.benchmark.image_size} pixels, which fitted when they were tried. Free what else takes memory, "
                "or lower engine.concurrent_runs in params.yaml, and run the cell again: its last epoch is kept."
            ) from error


def held_run(cell: Cell, seed: int, fold: int) -> AbstractContextManager[None]:
    """The lock of a run.

    Raises:
        UserError: another process holds it.
    """
    name = f"{cell.benchmark_name}-{cell.model_name}-seed{seed}-fold{fold}"
    what = f"{cell.benchmark_name}/{cell.model_name}, seed {seed}, fold {fold}"
    return held(RUNS / ".locks" / f"{name}.lock", what)


def remove_run(cell: Cell, seed: int, fold: int) -> None:
    """Remove what a run has left, unless another process is at work on it.

    Raises:
        UserError: one is.
    """
    with held_run(cell, seed, fold):
        shutil.rmtree(cell.run_folder(seed, fold), ignore_errors=True)


def train_epochs(
    cell: Cell, cases: Cases, seed: int, fold: int, fingerprint: str, after_epoch: Callable[[dict], None]
) -> None:
    """A run from its last finished epoch, or from the first, to its end."""
    folder = cell.run_folder(seed, fold)
    started = datetime.now(UTC).isoformat(timespec="seconds")
    trainer = Trainer(cell, cases, seed, fold)
    state = read_state(folder, fingerprint, trainer.device)
    if state:
        trainer.restore(state)
    progress: dict[str, Any] = state["progress"] if state else {"rows": [], "best": {}}
    while "last_epoch" not in progress["best"]:
        row, test = run_epoch(trainer, epoch=len(progress["rows"]))
        keep_selected(trainer, test, row, progress["best"], last=is_last(cell, row, progress["best"]))
        progress["rows"].append(row)
        if len(progress["rows"]) == epochs_before_return(cell):
            return_to_selected(trainer)
        files.write_tensors(folder / "state.pt", {**trainer.state(), "progress": progress, "fingerprint": fingerprint})
        after_epoch(row)
    curves = pd.DataFrame(progress["rows"])
    files.write_table(folder / "curves.csv", curves)
    files.write_json(folder / "record.json", run_record(trainer, started, fingerprint, curves, progress["best"]))
    (folder / "state.pt").unlink()


def is_last(cell: Cell, row: dict, best: dict[str, list]) -> bool:
    """Whether a run ends with the epoch of `row`: the budget is spent, or the recipe's patience.

    Args:
        cell: benchmark and model.
        row: of the curves.
        best: what has been selected before it, `{rule: [score, epoch]}`.
    """
    if row["epoch"] == cell.benchmark.training.epochs - 1:
        return True
    rule, patience = cell.benchmark.selection.rule, cell.recipe.patience
    if patience is None or rule not in best:
        return False
    score, epoch = best[rule]
    return row["epoch"] - epoch >= patience and not selection_scores(row)[rule] > score


def epochs_before_return(cell: Cell) -> int | None:
    """After how many epochs the recipe goes back to the weights selected so far; None if it never does."""
    share = cell.recipe.best_weights_at
    return None if share is None else math.ceil(share * cell.benchmark.training.epochs)


def return_to_selected(trainer: Trainer) -> None:
    """Go on from the weights that the benchmark's rule has selected so far; the last epoch's rule has none yet."""
    path = trainer.cell.run_folder(trainer.seed, trainer.fold) / "weights.pt"
    if path.is_file():
        kept = torch.load(path, map_location=trainer.device, weights_only=True)
        trainer.network.load_state_dict(kept["network"])


def run_epoch(trainer: Trainer, epoch: int) -> tuple[dict, Evaluation]:
    """Train and evaluate one epoch: its row of the curves, and what it gives for the test fold.

    Raises:
        UserError: a loss or an output is not finite, a head has gone, or the fold has no test cases.
    """
    began = time.perf_counter()
    row = trainer.train_epoch(epoch)
    validation, test = trainer.evaluate("validation"), trainer.evaluate("test")
    for role, found in (("validation", validation), ("test", test)):
        if found is not None:
            check_outputs(trainer, found, role, epoch)
    if test is None:
        name, fold = trainer.cell.benchmark_name, trainer.fold
        raise UserError(f"{PREPARED / name}/folds.csv: fold {fold} has no test cases. {anew(name)}")
    for role, found in (("validation", validation), ("test", test)):
        for name in ("dice", "accuracy", "loss"):
            row[f"{role}_{name}"] = getattr(found, name) if found else math.nan
        row[f"selection_score_{role}"] = selection_score(trainer.cell, found, trainer.seed, trainer.fold, epoch)
    trainer.end_epoch(row)
    row["seconds"] = time.perf_counter() - began
    return row, test


def check_outputs(trainer: Trainer, found: Evaluation, role: str, epoch: int) -> None:
    """A head that a network has gives finite logits in every evaluation; only one that it never has counts as absent.

    Raises:
        UserError: it does not: model, fold, seed, epoch, and what to do.
    """
    there = {"segmentation": found.masks is not None, "classification": found.probabilities is not None}
    gone = [f"no {task} although it has that head" for task in trainer.balancing.tasks if not there[task]]
    if faults := [*gone, *found.faults]:
        cell = trainer.cell
        raise UserError(
            f"{cell.model_name} on {cell.benchmark_name}, seed {trainer.seed}, fold {trainer.fold}, epoch {epoch}: in "
            f"evaluation mode, on the {role} cases: {'; '.join(faults)}. Nothing of this epoch is kept; earlier epochs "
            "are. If its losses are finite, look for running statistics or numbers of its own that are not; else lower "
            "the learning rate of its recipe in params.yaml, or state float32 as its benchmark's precision. Then run "
            "the cell again."
        )


def read_state(folder: Path, fingerprint: str, device: torch.device) -> dict | None:
    """Where an interrupted run stands; what another version of code, parameters or data left is cleared away.

    A state that cannot be read (a damaged disk, a copy cut short) is named, and the run begun anew.
    """
    remove_partial(folder)
    path = folder / "state.pt"
    if path.is_file():
        try:
            state = torch.load(path, map_location=device, weights_only=True)
            if state["fingerprint"] == fingerprint:
                asked_for = [part for part in ASKED_FOR if part in state]
                return {"progress": state["progress"]} | {part: state[part] for part in (*PARTS, *asked_for)}
            print(f"{path}: of other code, parameters or data, so this run is begun anew.", flush=True)
        except Exception as error:  # a ZIP cut short, a text, a pickle of something else: torch has a word for each
            print(
                f"{path}: not readable ({type(error).__name__}), so this run is begun anew from its first epoch; the "
                "other runs of its cell are kept.",
                flush=True,
            )
    shutil.rmtree(folder, ignore_errors=True)
    return None


def epochs_of_state(folder: Path, fingerprint: str) -> int:
    """After how many epochs a run was interrupted; 0 where its state is none, not readable, or of another version.

    The state is mapped, not read: of its tensors no byte is touched.
    """
    try:
        state = torch.load(folder / "state.pt", map_location="cpu", weights_only=True, mmap=True)
        return len(state["progress"]["rows"]) if state["fingerprint"] == fingerprint else 0
    except Exception:  # missing, gone meanwhile, cut short, a pickle of something else: training says so
        return 0


def keep_selected(trainer: Trainer, test: Evaluation, row: dict, best: dict, last: bool) -> None:
    """Store the test fold's predictions of this epoch under every rule that selects it so far, and the weights of the
    benchmark's own rule."""
    cell, seed, fold, epoch = trainer.cell, trainer.seed, trainer.fold, row["epoch"]
    folder = cell.run_folder(seed, fold)
    for rule in select(row, best, last):
        table = predictions(cell, trainer.cases, rule, seed, fold, epoch, test)
        files.write_table(folder / f"predictions-{rule}.parquet", table)
        if rule == cell.benchmark.selection.rule:
            files.write_tensors(folder / "weights.pt", {"network": trainer.evaluated.state_dict(), "epoch": epoch})


def selection_scores(row: dict) -> dict[str, float]:
    """What each rule goes by that does not wait for the last epoch."""
    return {"inner_validation": row["selection_score_validation"], "test_oracle": row["selection_score_test"]}


def select(row: dict, best: dict[str, list], last: bool) -> list[str]:
    """The rules that select an epoch so far, entered in `best` as `{rule: [score, epoch]}`.

    Of equal scores the first epoch is kept; a score that is NaN selects nothing.
    """
    scores = selection_scores(row)
    if last:
        scores["last_epoch"] = 0.0
    chosen = [rule for rule, score in scores.items() if rule not in best or score > best[rule][0]]
    chosen = [rule for rule in chosen if not math.isnan(scores[rule])]
    for rule in chosen:
        best[rule] = [scores[rule], row["epoch"]]
    return chosen


def run_record(trainer: Trainer, started: str, fingerprint: str, curves: pd.DataFrame, best: dict) -> dict:
    """What produced a run, as JSON."""
    cell = trainer.cell
    return {
        "seed": trainer.seed,
        "fold": trainer.fold,
        "fingerprint": fingerprint,
        "digests": dataclasses.asdict(cell.fingerprint) if cell.fingerprint else {},
        "started": started,
        "epochs": len(curves),
        "seconds_per_epoch": round(float(curves["seconds"].median()), 3),
        "selected_epochs": {rule: epoch for rule, (_, epoch) in sorted(best.items())},
        "parameters": trainer.parameters,
        "peak_memory_bytes": record.peak_memory(trainer.device),
        "device": record.device_name(trainer.device),
        "threads": torch.get_num_threads(),
        "deformable": record.deformable_backend(trainer.network),
        "encoder_weights": cell.model.encoder_weights or cell.benchmark.training.encoder_weights,
        "precision": cell.benchmark.training.precision,
        "image_size": cell.benchmark.image_size,
        "versions": record.versions(),
        "git_commit": record.git_commit(),
    }
