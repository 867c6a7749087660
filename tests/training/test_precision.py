"""The precision that a benchmark states, and the layout that a device is given."""

import dataclasses
import platform
from pathlib import Path

import pytest
import torch

from benchmarks.configuration import Engine
from benchmarks.errors import UserError
from benchmarks.training import data, precision
from benchmarks.training.trainer import Trainer

CPU = torch.device("cpu")


def test_bfloat16_is_refused_where_it_would_be_imitated(monkeypatch):
    monkeypatch.setattr(precision, "has_bfloat16", lambda device: False)
    with pytest.raises(UserError, match=r"benchmarks\.b\.training\.precision: bfloat16 asked for, but this CPU"):
        precision.autocast("bfloat16", CPU, "benchmarks.b.training.precision")
    with precision.autocast("float32", CPU, ""):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32


def test_a_processor_has_bfloat16_where_its_flags_say_so():
    """oneDNN alone would say so of every processor with AVX-512."""
    flags = Path("/proc/cpuinfo")
    if not flags.is_file() or platform.machine() != "x86_64":
        pytest.skip("no flags of an x86 processor to compare with")
    assert precision.has_bfloat16(CPU) == ("avx512_bf16" in flags.read_text(encoding="ascii", errors="replace"))


def test_products_take_bfloat16_and_losses_stay_in_float32(make_cell, monkeypatch):
    monkeypatch.setattr(precision, "has_bfloat16", lambda device: True)
    losses = {}
    for stated in ("float32", "bfloat16"):
        cell = make_cell(network="ToyWithoutDropout")
        training = dataclasses.replace(cell.benchmark.training, precision=stated)
        cell = dataclasses.replace(cell, benchmark=dataclasses.replace(cell.benchmark, training=training))
        cases = data.load("tiny", cell.benchmark, CPU)
        trainer = Trainer(cell, cases, 0, 0)
        seen = []
        trainer.network.decoder.register_forward_hook(lambda module, given, out, seen=seen: seen.append(out.dtype))
        at = torch.arange(4)
        losses[stated] = trainer.step(at, torch.eye(2).repeat(4, 1, 1))
        assert seen == [getattr(torch, stated)]
        assert {loss.dtype for loss in losses[stated].values()} == {torch.float32}
        assert {p.dtype for p in trainer.network.parameters()} == {torch.float32}
    for task, loss in losses["float32"].items():
        assert loss != losses["bfloat16"][task]
        assert float(loss) == pytest.approx(float(losses["bfloat16"][task]), rel=0.02)


def test_a_layout_is_taken_as_the_engine_says(monkeypatch):
    assert precision.memory_format(Engine(channels_last=True), CPU) == torch.channels_last
    assert precision.memory_format(Engine(channels_last=False), CPU) == torch.contiguous_format
    for capability, expected in (("AVX2", torch.contiguous_format), ("AVX512", torch.channels_last)):
        monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda name=capability: name)
        assert precision.memory_format(Engine(), CPU) == expected
    assert precision.memory_format(Engine(), torch.device("cuda")) == torch.channels_last
