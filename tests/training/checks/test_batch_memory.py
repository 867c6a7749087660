"""Batches that do not fit into memory: named with the network, the size and the largest batch that fits."""

import dataclasses

import pytest
import torch
from torch import nn

from benchmarks.configuration import Model
from benchmarks.errors import UserError
from benchmarks.training import data, memory
from benchmarks.training.checks import batch_memory
from benchmarks.training.checks.trial import try_out
from benchmarks.training.memory import available_bytes, is_out_of_memory, kept_bytes, largest
from benchmarks.training.trainer import Trainer


def load(cell):
    return data.load("tiny", cell.benchmark, torch.device("cpu"))


def test_what_a_forward_pass_keeps_is_counted():
    """A chain of squares keeps each input once: 3 x 4 floats of 4 bytes, the shared one counted once."""
    x = torch.ones(3, 4, requires_grad=True)
    assert kept_bytes(lambda: x.exp()) == 48
    assert kept_bytes(lambda: x.exp().exp()) == 2 * 48
    assert kept_bytes(lambda: [x * x, x * x]) == 48


@pytest.mark.parametrize("limit", [0, 1, 2, 5, 7])
def test_the_largest_that_fits_is_found(limit):
    assert largest(lambda size: size <= limit, below=8) == limit


def test_available_memory_is_the_machines_or_the_containers(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "CGROUP", tmp_path)
    assert available_bytes() is None
    (tmp_path / "meminfo").write_text("MemTotal:  9000 kB\nMemAvailable:    2000 kB\n")
    assert available_bytes() == 2000 * 1024
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("1000\n")
    assert available_bytes() == 2000 * 1024
    (tmp_path / "memory.max").write_text("5000\n")
    assert available_bytes() == 4000


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), True),
        (MemoryError(), True),
        (
            RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory: you tried"),
            True,
        ),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_errors_that_say_so(error, expected):
    assert is_out_of_memory(error) is expected


@pytest.mark.parametrize(("images", "said"), [(5, "of 5"), (0, "none at all")])
def test_on_a_cpu_it_is_told_before_the_process_is_killed(make_cell, monkeypatch, images, said):
    cell = make_cell()
    trainer = Trainer(cell, load(cell), 0, 0)
    cases = torch.from_numpy(load(cell).positions(0, "train"))[:2]
    shown = data.normalise(data.grey_levels(load(cell).images[cases]), cell.normalisation)
    masks, labels = load(cell).masks[cases].float(), load(cell).labels[cases]
    each = kept_bytes(lambda: trainer.losses(shown, masks, labels)) / 2
    states = 3 * 4 * sum(p.numel() for p in trainer.network.parameters())
    monkeypatch.setattr(batch_memory, "available_bytes", lambda: int(states + (images + 0.5) * each))
    with pytest.raises(
        UserError, match=rf"^tiny/toy: batches of 8 images of 32 pixels do not fit .* fits is {said}\. Change"
    ):
        try_out(cell, load(cell), 0, 0)
    monkeypatch.setattr(batch_memory, "available_bytes", lambda: int(states + 8.5 * each))
    assert try_out(cell, load(cell), 0, 0) > 0


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("DefaultCPUAllocator: can't allocate memory")]
)
def test_where_it_runs_out_smaller_batches_are_tried(make_cell, monkeypatch, error):
    cell, step = make_cell(), Trainer.step

    def limited(trainer, at, matrices):
        if len(at) > 3:
            raise error
        return step(trainer, at, matrices)

    monkeypatch.setattr(Trainer, "step", limited)
    message = r"^tiny/toy: batches of 8 images of 32 pixels do not fit into the memory; the largest .* is of 3\. "
    with pytest.raises(UserError, match=message) as raised:
        try_out(cell, load(cell), 0, 0)
    assert "neither is changed for you" in str(raised.value)
    assert "\n" not in str(raised.value)


class LacksAnOperator(nn.Module):
    citation, licence, fidelity, expected_parameters = "made for a test", "MIT", "faithful", 8

    def __init__(self, classes: int = 2):
        super().__init__()
        self.label = nn.Linear(3, classes)

    def forward(self, images):
        raise NotImplementedError("\"mish\" not implemented for 'BFloat16'")


def test_an_operator_that_is_missing_is_named(make_cell):
    cell = dataclasses.replace(make_cell(), model=Model(f"{__name__}:LacksAnOperator"))
    message = r"tiny/toy: an operator is missing on cpu in float32: .*LacksAnOperator, .* line \d+: NotImpl"
    with pytest.raises(UserError, match=message):
        try_out(cell, load(cell), 0, 0)
