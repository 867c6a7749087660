"""`docs/networks.md`: every network's card and cost, and what others report of such networks.

`python -m benchmarks.measuring.networks` measures the networks of params.yaml that have not been measured, or whose
code or arguments have changed since, keeps each measurement in `reports/networks.csv` as soon as it is made, and writes
the page. `--again NAME` measures a model anew. Numbers of others come from the ledger, `reports/reported/claims.csv`.
"""

import argparse
import dataclasses
import hashlib
import json
import platform
import time
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode
from tqdm import tqdm

from acsnet import ACSNet
from acsnet.deformable_convolution import ModulatedDeformableConvolution
from benchmarks.configuration import PARAMETERS, Model, Parameters, Recipe, lookup, read_parameters
from benchmarks.errors import entry_point
from benchmarks.networks import build, network_class, outputs_of, parameter_count
from benchmarks.reporting.claims.ledger import KNOWN_METRICS, read_claims
from benchmarks.reporting.tables.scores import markdown, write_text
from benchmarks.source_code import code_of
from benchmarks.training.evaluation import task_losses
from benchmarks.training.files import write_table

MEASURED = Path("reports/networks.csv")
LEDGER = Path("reports/reported/claims.csv")
PAGE = Path("docs/networks.md")
COLUMNS = ["model", "digest", "heads", "parameters", "multiply_adds", "seconds", "machine"]

# Two files offer whatever a library calls by name; these are the papers of the architectures that params.yaml names.
PAPERS = {
    "UnetPlusPlus": "Zhou Z et al. UNet++: a nested U-Net architecture for medical image segmentation. DLMIA 2018.",
    "MAnet": "Fan T et al. MA-Net: a multi-scale attention network for liver and tumor segmentation. IEEE Access 2020.",
    "FPN": "Kirillov A et al. Panoptic feature pyramid networks. CVPR 2019.",
    "DeepLabV3Plus": "Chen L-C et al. Encoder-decoder with atrous separable convolution. ECCV 2018.",
    "UPerNet": "Xiao T et al. Unified perceptual parsing for scene understanding. ECCV 2018.",
    "Segformer": "Xie E et al. SegFormer: simple and efficient design for semantic segmentation. NeurIPS 2021.",
    "resnet50": "He K et al. Deep residual learning for image recognition. CVPR 2016.",
    "densenet121": "Huang G et al. Densely connected convolutional networks. CVPR 2017.",
    "efficientnet_b0": "Tan M, Le QV. EfficientNet: rethinking model scaling. ICML 2019.",
    "convnext_tiny": "Liu Z et al. A ConvNet for the 2020s. CVPR 2022.",
    "swin_tiny_patch4_window7_224": "Liu Z et al. Swin transformer. ICCV 2021.",
    "vit_small_patch16_224": "Dosovitskiy A et al. An image is worth 16x16 words. ICLR 2021.",
}

INTRODUCTION = """\
# Networks

Made by `python -m benchmarks.measuring.networks` from the files under `acsnet/` and `baselines/` and the entries of
`params.yaml`. What is faithful and what had to change, and how, stands at the head of each file. How to add one:
[add-a-baseline.md](add-a-baseline.md).
"""

SHARED = """\
Entries that differ from another in training alone (its balancing, weights, initialisation or recipe) have its network
and share its row:
"""

COST = """\
## Cost

Parameters: trainable ones that the network uses. Multiply-adds: of convolutions (deformable ones included), matrix
products and attention, for one image of 256 x 256 pixels. Seconds: processor time of the fastest of three training
steps (forward, backward, Adam) on eight images of 64 x 64 pixels, in one thread of {machine}.
"""

QUOTED = """\
## Numbers reported by others

**Nothing below was computed here.** These numbers are quoted from the claim ledger
([claims.csv](../reports/reported/claims.csv)) as their sources print them, each under its source's own data, split,
selection and scoring: context, not targets. The page `reports/index.html` says of each whether it can be compared with
ours. The column `here` names our network that stands for the quoted one: of the same architecture, or *adapted* from it
as the first table's column `fidelity` says. The tables of the ACSNet paper are not on file, so its own numbers are not
quoted.
"""


def digest(model: Model) -> str:
    """What a measurement depends on: the network's code and arguments."""
    text = json.dumps([code_of(model.network.partition(":")[0]), model.network, model.arguments], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def measure(model: Model, recipe: Recipe) -> dict:
    """Heads, parameters, multiply-adds at 256 pixels and seconds per training step of a model, from random weights."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    network = build(dataclasses.replace(model, encoder_weights="none"))
    return {
        "heads": heads(network),
        "parameters": parameter_count(network),
        "multiply_adds": multiply_adds(network, 256),
        "seconds": seconds_per_step(network, recipe),
        "machine": f"{processor()} (torch {torch.__version__.partition('+')[0]})",
    }


def heads(network: nn.Module) -> str:
    """`both`, `segmentation` or `classification`."""
    with torch.no_grad():
        outputs = outputs_of(network.eval(), torch.zeros(1, 3, 64, 64))
    if outputs.mask is not None and outputs.label is not None:
        return "both"
    return "segmentation" if outputs.label is None else "classification"


def multiply_adds(network: nn.Module, side: int) -> int:
    """Multiply-adds of one forward pass on a square image; torch counts two operations for each."""
    deformable = 0

    def count(module: ModulatedDeformableConvolution, _, output: Tensor) -> None:
        nonlocal deformable
        deformable += module.weight.numel() * output[0, 0].numel()

    hooks = [
        module.register_forward_hook(count)
        for module in network.eval().modules()
        if isinstance(module, ModulatedDeformableConvolution)
    ]
    # The counter knows no deformable convolution, nor the fused attention of the CPU.
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), counter:
        network(torch.zeros(1, 3, side, side))
    for hook in hooks:
        hook.remove()
    return counter.get_total_flops() // 2 + deformable


def seconds_per_step(network: nn.Module, recipe: Recipe, steps: int = 3) -> float:
    """The fastest of some training steps on eight images of 64 pixels, in seconds that the processor worked for it.

    Time on the clock would measure whatever else the machine does as well.
    """
    images = torch.randn(8, 3, 64, 64)
    masks = torch.zeros(8, 1, 64, 64)
    masks[..., 16:48, 20:40] = 1
    labels = torch.arange(8) % 2
    optimiser = torch.optim.Adam((p for p in network.parameters() if p.requires_grad), lr=1e-4)
    network.train()
    durations = []
    for _ in range(steps):
        began = time.process_time()
        if hasattr(network, "losses"):
            losses = network.losses(images, masks, labels)
        else:
            outputs = outputs_of(network, images)
            losses = task_losses(recipe, outputs.mask, outputs.label, masks, labels)
        optimiser.zero_grad()
        sum(losses.values()).backward()
        optimiser.step()
        durations.append(time.process_time() - began)
    return min(durations)


def processor() -> str:
    """The processor's name."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def same_networks(parameters: Parameters) -> dict[str, list[str]]:
    """The models by network: the first that has it, with all that differ from it in training alone."""
    by_digest: dict[str, list[str]] = {}
    for name, model in parameters.models.items():
        by_digest.setdefault(digest(model), []).append(name)
    return {names[0]: names for names in by_digest.values()}


def measured_networks(parameters: Parameters, again: list[str], path: Path = MEASURED) -> pd.DataFrame:
    """The stored measurements of distinct networks, those missing, outdated or asked for `again` made anew.

    Each is stored as soon as it is made.

    Raises:
        UserError: a model of `again` does not exist, or a network cannot be built.
    """
    for name in again:
        parameters.model(name)
    table = pd.read_csv(path) if path.is_file() else pd.DataFrame(columns=COLUMNS)
    rows = {row["model"]: row for row in table.to_dict("records")}
    networks = same_networks(parameters)
    wanted = {name: digest(parameters.models[name]) for name in networks}
    missing = [
        name
        for name, names in networks.items()
        if set(names) & set(again) or name not in rows or rows[name]["digest"] != wanted[name]
    ]
    recipe = lookup(parameters.recipes, "paper", "recipe")
    with tqdm(missing, unit="network", disable=not missing) as progress:
        for name in progress:
            progress.set_description(name)
            measurement = measure(parameters.models[name], recipe)
            rows[name] = {"model": name, "digest": wanted[name], **measurement}
            write_table(path, pd.DataFrame([rows[n] for n in networks if n in rows], columns=COLUMNS))
    return pd.DataFrame([rows[name] for name in networks], columns=COLUMNS)


def page(parameters: Parameters, measured: pd.DataFrame, claims: pd.DataFrame) -> str:
    """The whole page as Markdown; `claims` as `claims.read_claims` returns them."""
    machines = list(dict.fromkeys(measured["machine"]))
    blocks = [
        INTRODUCTION,
        markdown(card_table(parameters, measured)),
        SHARED,
        "\n".join(
            f"- `{first}`: {', '.join(f'`{name}`' for name in others)}"
            for first, *others in same_networks(parameters).values()
            if others
        )
        + "\n",
        COST.format(machine=" and ".join(machines)),
        markdown(cost_table(measured)),
        QUOTED,
        *quotations(claims.assign(here=here(claims, parameters)).dropna(subset="value")),
    ]
    return "\n".join(blocks)


def card_table(parameters: Parameters, measured: pd.DataFrame) -> pd.DataFrame:
    models = [parameters.models[name] for name in measured["model"]]
    return pd.DataFrame(
        {
            "model": [f"`{name}`" for name in measured["model"]],
            "arguments": [", ".join(f"{name}: {value}" for name, value in m.arguments.items()) for m in models],
            "heads": measured["heads"],
            "fidelity": [fidelity(model) for model in models],
            "citation": [citation(model) for model in models],
            "licence of the reference": [network_class(model.network).licence for model in models],
            "file": [file_link(model.network) for model in models],
        }
    )


def fidelity(model: Model) -> str:
    """The card's; ACSNet with arguments is no longer the paper's network."""
    card = network_class(model.network)
    return "ablation" if card is ACSNet and model.arguments else card.fidelity


def citation(model: Model) -> str:
    """The card's, or the paper of the architecture that the entry asks the card's library for, with any weights."""
    architecture = model.arguments.get("architecture")
    if architecture is None:
        return network_class(model.network).citation
    return PAPERS.get(architecture.partition(".")[0], f"`{architecture}`: see the library's documentation.")


def file_link(network: str) -> str:
    """A link from the page to the file that defines the network's class."""
    module = network_class(network).__module__.replace(".", "/")
    return f"[{module}.py](../{module}.py)"


def cost_table(measured: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "model": [f"`{name}`" for name in measured["model"]],
            "parameters (millions)": [f"{value / 1e6:.2f}" for value in measured["parameters"]],
            "multiply-adds (thousand millions)": [f"{value / 1e9:.2f}" for value in measured["multiply_adds"]],
            "seconds per step": [f"{value:.2f}" for value in measured["seconds"]],
        }
    )


def quotations(claims: pd.DataFrame) -> list[str]:
    """A section for each source that compares networks, a table for each of its protocols; the others share one.

    `claims` has a further column, `here`.
    """
    compares = claims.groupby("paper")["model"].transform("nunique") > 1
    blocks = []
    for paper, of_paper in claims[compares].groupby("paper", sort=False):
        blocks.append(f"### {paper}\n\nFrom: {source(of_paper.iloc[0])}.\n")
        for protocol, rows in of_paper.groupby("protocol", sort=False):
            obstacles = "; ".join(dict.fromkeys(rows["obstacle"]))
            blocks.append(f"Protocol: {protocol}.{f' Obstacle to comparison: {obstacles}.' if obstacles else ''}\n")
            blocks.append(markdown(quoted_table(rows)))
    if not compares.all():
        blocks += ["### Of one network each\n", markdown(quoted_alone(claims[~compares]))]
    return blocks


def quoted_table(rows: pd.DataFrame) -> pd.DataFrame:
    """A source's numbers under one protocol: a row per network, a column per dataset and metric."""
    columns = rows["dataset"] + ": " + rows["metric"].map(KNOWN_METRICS)
    wide = rows.assign(column=columns, network=rows["model"], text=printed(rows)).pivot_table(
        index=["network", "here"], columns="column", values="text", aggfunc="first", sort=False
    )
    return wide.fillna("").reset_index().rename_axis(columns=None)


def quoted_alone(rows: pd.DataFrame) -> pd.DataFrame:
    """Sources that report a single network: a row per source, dataset and protocol."""
    columns = {"source": rows.apply(source, axis=1), "network": rows["model"]}
    table = rows.assign(**columns, reported=rows["metric"].map(KNOWN_METRICS) + " " + printed(rows))
    keys = ["paper", "source", "network", "here", "dataset", "protocol"]
    return table.groupby(keys, sort=False)["reported"].agg(", ".join).reset_index()


def source(claim: pd.Series) -> str:
    """Where a claim stands."""
    return claim["table_or_page"] + (f"; doi {claim['doi']}" if claim["doi"] else "")


def here(claims: pd.DataFrame, parameters: Parameters) -> pd.Series:
    """Our network that stands for the quoted one, as code, and whether it is adapted; empty where there is none."""

    def text(name: str) -> str:
        adapted = name and fidelity(parameters.model(name)).startswith("adapted")
        return f"`{name}`{' (adapted)' if adapted else ''}" if name else ""

    return claims["counterpart"].map(text)


def printed(rows: pd.DataFrame) -> pd.Series:
    """Values with spread and unit as their sources print them; the unit of distances stands in the metric's name."""
    spread = rows["spread"].where(rows["spread"] == "", " ± " + rows["spread"])
    return rows["printed"] + spread + rows["unit"].map({"percent": " %"}).fillna("")


def main() -> None:
    """Measure what is not measured yet and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--params", type=Path, default=PARAMETERS)
    parser.add_argument("--again", nargs="*", default=[], metavar="MODEL", help="models to measure anew")
    arguments = parser.parse_args()
    parameters = read_parameters(arguments.params)
    claims = read_claims(LEDGER, parameters)
    measured = measured_networks(parameters, arguments.again)
    write_text(page(parameters, measured, claims), PAGE)
    print(f"{PAGE}: {len(measured)} networks.")


if __name__ == "__main__":
    entry_point(main)()
