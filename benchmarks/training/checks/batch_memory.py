"""Whether a cell's batches fit into memory, and which would: a recipe is never changed in silence."""

import torch

from benchmarks.errors import UserError
from benchmarks.training import augmentation, data
from benchmarks.training.cell import Cell
from benchmarks.training.memory import available_bytes, is_out_of_memory, kept_bytes, largest
from benchmarks.training.trainer import Trainer


def does_not_fit(cell: Cell, fits: int, where: str = "") -> str:
    """That a cell's batches need more memory than there is, how many images fit, and what to do."""
    training, owner = cell.benchmark.training, f"benchmarks.{cell.benchmark_name}"
    batch_size = f"recipes.{cell.model.recipe}" if cell.model.own_recipe else f"{owner}.training"
    return (
        f"batches of {training.batch_size} images of {cell.benchmark.image_size} pixels do not fit into the memory"
        f"{where}; the largest that fits is {f'of {fits}' if fits else 'none at all'}. Change {owner}.image_size or "
        f"{batch_size}.batch_size in params.yaml: both move results, so neither is changed for you."
    )


def check_memory(trainer: Trainer, size: int) -> None:
    """On a CPU, where too much memory ends a process without a word: refuse what cannot fit before it is tried.

    Two images are passed forward, and what that keeps for the gradients is taken times the batch. It is less than a
    step needs, so nothing is refused that fits.

    Raises:
        UserError: a batch needs more than there is.
    """
    available = available_bytes()
    if trainer.device.type != "cpu" or available is None:
        return
    cases = torch.from_numpy(trainer.cases.positions(trainer.fold, "train"))[:2]
    images = data.normalise(data.grey_levels(trainer.cases.images[cases]), trainer.cell.normalisation)
    masks, labels = trainer.cases.masks[cases].to(images.dtype), trainer.cases.labels[cases]
    per_image = kept_bytes(lambda: trainer.losses(images, masks, labels)) / len(cases)
    states = 3 * sum(p.numel() * p.element_size() for p in trainer.network.parameters())  # gradients, Adam's two means
    room = available / trainer.cell.engine.runs_at_once - states
    if per_image * size > room:
        needed, there = (per_image * size + states) / 2**30, available / 2**30
        runs = trainer.cell.engine.runs_at_once
        where = f" (at least {needed:.1f} GiB for each of {runs} runs at once, {there:.1f} GiB are free)"
        place = f"{trainer.cell.benchmark_name}/{trainer.cell.model_name}"
        raise UserError(f"{place}: {does_not_fit(trainer.cell, max(0, int(room // per_image)), where)}")


def largest_batch(cell: Cell, cases: data.Cases, seed: int, fold: int) -> int:
    """How many images a training step bears on this device; 0 if not even two."""

    def fits(size: int) -> bool:
        try:
            trainer = Trainer(cell, cases, seed, fold)
            trainer.network.train()
            positions = torch.from_numpy(cases.positions(fold, "train"))[:size].to(trainer.device)
            trainer.step(positions, augmentation.draw([], len(positions), torch.Generator()))
        except Exception as error:  # batch normalisation refuses a batch of one
            if not is_out_of_memory(error) and size > 1:
                raise
            return False
        finally:
            if cases.images.device.type == "cuda":
                torch.cuda.empty_cache()
        return True

    return largest(fits, cell.benchmark.training.batch_size)
