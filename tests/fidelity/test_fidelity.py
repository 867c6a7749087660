"""Our networks compute what their public code computes, weight for weight.

The public code is not here. The numbers that it gave, by the steps that README.md describes, stand in a file for each
network.
"""

from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml
from torch import nn

from benchmarks.configuration import read_parameters
from benchmarks.measuring.networks import same_networks
from benchmarks.measuring.networks_page import PUBLIC_CODE
from benchmarks.networks import network_class
from tests.fidelity.seeded import Names, batch, fill, numbers, outputs, probe, silence

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.yaml"))
TOLERANCE = 1e-8  # of a tensor's root mean square; rounding moves float64 by 1e-11 of it at most (gradients)


@pytest.fixture(autouse=True)
def float64(monkeypatch):
    """float64 and one thread within; no time for random weights that are written over anyway."""
    threads = torch.get_num_threads()
    for name in ("kaiming_normal_", "kaiming_uniform_", "normal_", "uniform_", "xavier_uniform_"):
        monkeypatch.setattr(torch.nn.init, name, lambda tensor, *_, **__: tensor)
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    yield
    torch.set_default_dtype(torch.float32)
    torch.set_num_threads(threads)


def read(path: Path) -> dict:
    return yaml.load(path.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_computes_what_the_public_code_does(path):
    public = read(path)
    network = network_class(public["network"])(**public.get("arguments", {}))
    names = Names(public["names"], public.get("reordered"))
    assert silence(network) == public["random_layers"], "rates of dropout and stochastic depth"
    fill(network, names)
    images, masks, labels = batch(tuple(public["images"]))

    with torch.no_grad():
        compare("evaluation", dict(outputs(network.eval()(images))), public["evaluation"])
    if "losses" in public:
        losses = network.train().losses(images, masks, labels)
        assert {task: loss.item() for task, loss in losses.items()} == pytest.approx(public["losses"], rel=TOLERANCE)
        total = sum(losses.values())
    else:
        found = dict(outputs(network.train()(images)))
        compare("training", found, public["training"])
        total = probe({name: found[name] for name in public["training"]})
    total.backward()
    compare("gradient of", published_tensors(network, names, "gradients"), public["gradients"])
    compare("running statistics", published_tensors(network, names, "buffers"), public.get("running_statistics", {}))
    assert len(published_tensors(network, names, "parameters")) == public["parameters"], "published parameters in ours"


def test_every_network_that_has_public_code_has_a_file_or_says_why_not():
    """The rows of `public_code.csv` are the distinct networks of params.yaml; those compared are the files here."""
    parameters = read_parameters()
    rows = pd.read_csv(PUBLIC_CODE, dtype=str, keep_default_na=False).set_index("model")
    assert set(rows.index) == set(same_networks(parameters))
    compared = rows[rows["commit"] != ""]
    assert set(compared.index) == {path.stem for path in FILES}
    assert (rows["remark"][rows["commit"] == ""] != "").all()
    for path in FILES:
        public, row = read(path), compared.loc[path.stem]
        assert public["repository"] == f"github.com/{row['repository']}"
        assert public["commit"].startswith(row["commit"])
        farthest = max(public["agreement"].get(kind, 0.0) for kind in ("evaluation", "training", "losses"))
        assert float(row["agreement"]) == pytest.approx(farthest, rel=0.1)
        assert max(public["agreement"].values()) < 1e-11


def compare(where: str, found: dict[str, torch.Tensor], expected: dict[str, list]) -> None:
    """Each expected entry is a shape and `numbers`; ours may have another shape of as many elements in parameters."""
    assert set(expected) <= set(found), f"{where}: {sorted(set(expected) - set(found))}"
    for name, (size, *kept) in expected.items():
        assert found[name].numel() == size, f"{where} {name}"
        assert numbers(found[name]) == pytest.approx(kept, rel=0, abs=TOLERANCE * kept[0]), f"{where} {name}"


def published_tensors(network: nn.Module, names: Names, kind: str) -> dict[str, torch.Tensor]:
    """Our parameters, their gradients or our running statistics, flat, by published name.

    Those that stand in another order than published keep ours: none of their gradients is compared.
    """
    tensors = network.named_buffers() if kind == "buffers" else network.named_parameters()
    found: dict[str, torch.Tensor] = {}
    for ours, tensor in tensors:
        published = names.of(ours)
        value = tensor.grad if kind == "gradients" else tensor
        if published and value is not None:
            parts = value.flatten().chunk(len(published))
            assert not set(published) & set(found), f"{ours}: another tensor of ours has that published name"
            found |= dict(zip(published, parts, strict=True))
    return found
