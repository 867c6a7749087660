"""One run: one network trained on one fold with one seed, from the first epoch or from the last one that finished.

All randomness of an epoch is drawn from (seed, fold, epoch), so that a run that was killed and resumed ends with the
same predictions as one that was not.
"""

import hashlib
import math
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from benchmarks.errors import UserError
from benchmarks.networks import build, outputs_of, parameter_count
from benchmarks.protocols.selection import SCORES
from benchmarks.scoring.run_length import encode
from benchmarks.training import augmentation, files, record
from benchmarks.training.balancing import Balancing, rule_module
from benchmarks.training.cell import Cell
from benchmarks.training.data import PREPARED, Cases, digest, normalise
from benchmarks.training.evaluation import Evaluation, evaluate, task_losses
from benchmarks.training.optimisation import build_optimiser, schedule_factor, set_learning_rate


class Trainer:
    """What a run holds in memory: the network, the balancing rule, the optimiser."""

    def __init__(self, cell: Cell, cases: Cases, seed: int, fold: int):
        self.cell, self.cases, self.seed, self.fold = cell, cases, seed, fold
        self.device = cases.images.device
        torch.manual_seed(1000 * seed + fold)
        network = build(cell.model, len(cell.benchmark.classes), cell.benchmark.training.encoder_weights)
        initialise_from_cells(network, cell, seed, fold)
        self.parameters = parameter_count(network)
        self.memory_format = torch.channels_last if cell.engine.channels_last else torch.contiguous_format
        self.network = network.to(self.device, memory_format=self.memory_format)
        self.balancing = build_balancing(cell, heads(self.network, cases)).to(self.device)
        self.optimiser = build_optimiser(cell.recipe.optimiser, self.network, self.balancing)
        mixed = cell.engine.mixed_precision and self.device.type == "cuda"
        self.autocast = torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=mixed)
        if cell.engine.compile:
            self.network.compile()

    def losses(self, images: Tensor, masks: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """The network's own losses where it has them, else the recipe's for its heads."""
        with self.autocast:
            if hasattr(self.network, "losses"):
                return self.network.losses(images, masks, labels)
            outputs = outputs_of(self.network, images)
        return task_losses(self.cell.recipe, outputs.mask, outputs.label, masks, labels)

    def step(self, at: Tensor, matrices: Tensor) -> dict[str, Tensor]:
        """One optimiser step on the cases `at`, each moved by its 2 x 2 matrix; returns the losses, detached."""
        images, masks = augmentation.apply(matrices, self.cases.images[at].float() / 255, self.cases.masks[at].float())
        images = normalise(images, self.cell.normalisation).contiguous(memory_format=self.memory_format)
        labels = self.cases.labels[at]
        losses = self.losses(images, masks, labels)
        self.optimiser.zero_grad(set_to_none=True)
        self.balancing.backward(losses, self.network)
        self.optimiser.step()
        self.balancing.after_step(lambda: self.losses(images, masks, labels))
        return {task: loss.detach() for task, loss in losses.items()}

    def train_epoch(self, epoch: int) -> dict[str, float]:
        """Train one epoch and return its row of the curves.

        Raises:
            UserError: a loss is not finite.
        """
        seed = int(np.random.SeedSequence((self.seed, self.fold, epoch)).generate_state(1)[0])
        generator = torch.Generator().manual_seed(seed)
        torch.manual_seed(seed)
        self.network.train()
        factor = schedule_factor(self.cell.recipe.schedule, epoch, self.cell.benchmark.training.epochs)
        rate = set_learning_rate(self.optimiser, factor)
        positions = torch.from_numpy(self.cases.positions(self.fold, "train"))
        order = positions[torch.randperm(len(positions), generator=generator)]
        matrices = augmentation.draw(self.cell.recipe.augmentation, len(order), generator)
        totals: dict[str, Tensor] = {}
        for at, moves in batches(order, matrices, self.cell.benchmark.training.batch_size):
            for task, loss in self.step(at.to(self.device), moves).items():
                totals[task] = totals.get(task, 0) + loss * len(at)
        means = {task: float(total) / len(order) for task, total in totals.items()}
        if not all(math.isfinite(mean) for mean in means.values()):
            raise UserError(
                f"{self.cell.model_name} on {self.cell.benchmark_name}, seed {self.seed}, fold {self.fold}, "
                f"epoch {epoch}: the loss is not finite ({means}). Earlier epochs are kept. Lower the "
                "learning rate of its recipe in params.yaml, or set engine.mixed_precision: false, and run "
                "the cell again."
            )
        self.balancing.end_epoch(means)
        weights = self.balancing.weights()
        tasks = ("segmentation", "classification")
        return {
            "seed": self.seed,
            "fold": self.fold,
            "epoch": epoch,
            "learning_rate": rate,
            "train_loss": sum(means.values()),
            **{f"train_{task}": means.get(task, math.nan) for task in tasks},
            **{f"weight_{task}": weights.get(task, math.nan) for task in tasks},
        }

    def evaluate(self, role: str) -> Evaluation | None:
        """Evaluate on the cases of a role in this fold; None where there are none."""
        positions = self.cases.positions(self.fold, role)
        if not len(positions):
            return None
        return evaluate(self.network, self.cases, positions, self.cell.normalisation, self.cell.recipe, self.autocast)

    def state(self) -> dict:
        return {part: getattr(self, part).state_dict() for part in ("network", "balancing", "optimiser")}

    def restore(self, state: dict) -> None:
        for part in ("network", "balancing", "optimiser"):
            getattr(self, part).load_state_dict(state[part])


def batches(order: Tensor, matrices: Tensor, size: int):
    """Cases and matrices batch by batch; a last batch of one joins the one before (batch norm cannot train on one)."""
    bounds = list(range(0, len(order), size))
    if len(bounds) > 1 and len(order) - bounds[-1] == 1:
        bounds.pop()
    for start, end in zip(bounds, [*bounds[1:], len(order)], strict=True):
        yield order[start:end], matrices[start:end]


def heads(network: nn.Module, cases: Cases) -> list[str]:
    """The tasks that a network has heads for."""
    network.eval()
    with torch.no_grad():
        outputs = outputs_of(network, (cases.images[:2].float() / 255).expand(-1, 3, -1, -1))
    present = {"segmentation": outputs.mask, "classification": outputs.label}
    return [task for task, logits in present.items() if logits is not None]


def build_balancing(cell: Cell, tasks: list[str]) -> Balancing:
    """The recipe's balancing rule for the tasks of a network."""
    options = {key: value for key, value in cell.recipe.balancing.items() if key != "name"}
    return rule_module(cell.recipe.balancing["name"]).Rule(tasks, **options)


def initialise_from_cells(network: nn.Module, cell: Cell, seed: int, fold: int) -> None:
    """Start from single-task networks trained on the same fold with the same seed, so that no test case leaks.

    Raises:
        UserError: the network cannot, or a network it should start from has not been trained.
    """
    if not cell.model.initialise_from:
        return
    if not hasattr(network, "initialise_from_tasks"):
        raise UserError(f"params.yaml: models.{cell.model_name}: {cell.model.network} takes no initialise_from.")
    states = {}
    for task, source in cell.model.initialise_from.items():
        path = cell.folder.with_name(source) / f"seed{seed}-fold{fold}" / "weights.pt"
        if not path.is_file():
            raise UserError(f"{path}: not found. Train {cell.benchmark_name}/{source} before {cell.model_name}.")
        states[task] = torch.load(path, weights_only=True)["network"]
    network.initialise_from_tasks(**states)


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
    """The cell's fingerprint together with its data's."""
    prepared = digest(PREPARED / cell.benchmark_name)
    return hashlib.sha256(f"{cell.fingerprint} {prepared}".encode()).hexdigest()[:16]


def is_finished(cell: Cell, seed: int, fold: int, fingerprint: str) -> bool:
    """Whether a run is on disk, whole, and made by the same code, parameters and data."""
    path = cell.run_folder(seed, fold) / "record.json"
    return path.is_file() and f'"fingerprint": "{fingerprint}"' in path.read_text()


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
        UserError: a loss is not finite.
    """
    if is_finished(cell, seed, fold, fingerprint):
        return
    folder, epochs = cell.run_folder(seed, fold), cell.benchmark.training.epochs
    started = datetime.now(UTC).isoformat(timespec="seconds")
    trainer = Trainer(cell, cases, seed, fold)
    state = read_state(folder, fingerprint, trainer.device)
    if state:
        trainer.restore(state)
    progress = state["progress"] if state else {"rows": [], "best": {}}
    for epoch in range(len(progress["rows"]), epochs):
        began = time.perf_counter()
        row = trainer.train_epoch(epoch)
        validation, test = trainer.evaluate("validation"), trainer.evaluate("test")
        for role, found in (("validation", validation), ("test", test)):
            for name in ("dice", "accuracy", "loss"):
                row[f"{role}_{name}"] = getattr(found, name) if found else math.nan
            row[f"selection_score_{role}"] = selection_score(cell, found, seed, fold, epoch)
        keep_selected(trainer, test, row, progress["best"], last=epoch == epochs - 1)
        row["seconds"] = time.perf_counter() - began
        progress["rows"].append(row)
        files.write_tensors(folder / "state.pt", {**trainer.state(), "progress": progress, "fingerprint": fingerprint})
        after_epoch(row)
    curves = pd.DataFrame(progress["rows"])
    files.write_table(folder / "curves.csv", curves)
    files.write_json(folder / "record.json", run_record(trainer, started, fingerprint, curves, progress["best"]))
    (folder / "state.pt").unlink()


def read_state(folder: Path, fingerprint: str, device: torch.device) -> dict | None:
    """Where an interrupted run stands; what another version of code, parameters or data left is cleared away."""
    if (folder / "state.pt").is_file():
        state = torch.load(folder / "state.pt", map_location=device, weights_only=True)
        if state["fingerprint"] == fingerprint:
            return state
    shutil.rmtree(folder, ignore_errors=True)
    return None


def keep_selected(trainer: Trainer, test: Evaluation, row: dict, best: dict, last: bool) -> None:
    """Store the test fold's predictions of this epoch under every rule that selects it so far, and the weights of the
    benchmark's own rule. Of equal scores the first epoch is kept."""
    cell, seed, fold, epoch = trainer.cell, trainer.seed, trainer.fold, row["epoch"]
    scores = {"inner_validation": row["selection_score_validation"], "test_oracle": row["selection_score_test"]}
    if last:
        scores["last_epoch"] = 0.0
    for rule, score in scores.items():
        if math.isnan(score) or (rule in best and score <= best[rule][0]):
            continue
        best[rule] = [score, epoch]
        folder = cell.run_folder(seed, fold)
        table = predictions(cell, trainer.cases, rule, seed, fold, epoch, test)
        files.write_table(folder / f"predictions-{rule}.parquet", table)
        if rule == cell.benchmark.selection.rule:
            files.write_tensors(folder / "weights.pt", {"network": trainer.network.state_dict(), "epoch": epoch})


def run_record(trainer: Trainer, started: str, fingerprint: str, curves: pd.DataFrame, best: dict) -> dict:
    """What produced a run, as JSON."""
    cell, engine = trainer.cell, trainer.cell.engine
    return {
        "seed": trainer.seed,
        "fold": trainer.fold,
        "fingerprint": fingerprint,
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
        "mixed_precision": engine.mixed_precision and trainer.device.type == "cuda",
        "image_size": cell.benchmark.image_size,
        "versions": record.versions(),
        "git_commit": record.git_commit(),
    }
