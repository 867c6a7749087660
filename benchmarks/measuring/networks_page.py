"""`docs/networks.md` as text: every network's card and cost, and what others report of such networks."""

from pathlib import Path
from typing import Protocol, cast

import pandas as pd

from acsnet import ACSNet
from benchmarks.configuration import Model, Parameters
from benchmarks.errors import UserError
from benchmarks.networks import network_class
from benchmarks.reporting.claims.ledger import KNOWN_METRICS
from benchmarks.reporting.tables.printed import markdown

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

Made by `acsbench networks` from the files under `acsnet/` and `baselines/` and the entries of
`params.yaml`. What is faithful and what had to change, and how, stands at the head of each file. How to add one:
[add-a-baseline.md](add-a-baseline.md).

"Equal to" a repository: with its weights in ours, in float64, outputs in evaluation and training mode (and the loss,
where it says so) differ by no more than the number, relative to the largest element; gradients and running statistics
by no more than 3e-12. [tests/fidelity](../tests/fidelity/README.md) says how that was measured and asks for it in every
test run.
"""

SHARED = """\
Entries that differ from another in training alone (its balancing, weights, initialisation or recipe) have its network
and share its row:
"""

COST = """\
## Cost

Parameters: trainable ones that the network uses. Multiply-adds: of convolutions (deformable ones included), matrix
products and attention, for one image of 256 x 256 pixels. Seconds: processor time of the fastest of three training
steps (forward, backward, Adam) on eight images of 64 x 64 pixels, in one thread of {machine}. Times on
different processors do not compare.
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


CARD = ("citation", "licence", "fidelity")
PUBLIC_CODE = Path(__file__).with_name("public_code.csv")  # a row per network of params.yaml


class Card(Protocol):
    """What a network's class says of itself (docs/contracts.md)."""

    citation: str
    licence: str
    fidelity: str


def card_of(network: str) -> Card:
    """The card of a network.

    Raises:
        UserError: an attribute of the card is missing or empty.
    """
    found = network_class(network)
    if missing := [name for name in CARD if not isinstance(text := getattr(found, name, None), str) or not text]:
        raise UserError(
            f"{network}: expected the class attributes {', '.join(CARD)} as texts (docs/contracts.md, section "
            f"Network); missing or empty: {', '.join(missing)}. Write them into the file of {found.__module__}."
        )
    return cast(Card, found)


def page(parameters: Parameters, measured: pd.DataFrame, shared: dict[str, list[str]], claims: pd.DataFrame) -> str:
    """The whole page as Markdown.

    Args:
        measured: a row per distinct network, of `networks.measured_networks`.
        shared: the models of each network, of `networks.same_networks`.
        claims: of `ledger.read_claims`.
    """
    machines = list(dict.fromkeys(measured["machine"]))
    blocks = [
        INTRODUCTION,
        markdown(card_table(parameters, measured)),
        SHARED,
        "\n".join(
            f"- `{first}`: {', '.join(f'`{name}`' for name in others)}" for first, *others in shared.values() if others
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
            "public code": comparisons(list(measured["model"])),
            "citation": [citation(model) for model in models],
            "licence of the reference": [card_of(model.network).licence for model in models],
            "file": [file_link(model.network) for model in models],
        }
    )


def fidelity(model: Model) -> str:
    """The card's; ACSNet with arguments is no longer the paper's network, nor what is adapted from it."""
    card = card_of(model.network)
    if not (model.arguments and issubclass(cast(type, card), ACSNet)):
        return card.fidelity
    return "ablation" if card is ACSNet else f"ablation; {card.fidelity}"


def comparisons(models: list[str], path: Path = PUBLIC_CODE) -> list[str]:
    """What each network was found equal to, or why it was not compared.

    Raises:
        UserError: a network has no row, or more than one.
    """
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    rows = {row["model"]: row for row in table.to_dict("records")}
    if (
        missing := [model for model in models if model not in rows]
        or table["model"][table["model"].duplicated()].tolist()
    ):
        raise UserError(
            f"{path}: expected a row for each network, found none or two for {', '.join(missing)}. Write which public "
            "code it was found equal to (repository, commit, agreement), or leave these empty and say why in remark."
        )
    return [comparison(**rows[model]) for model in models]


def comparison(model: str, repository: str, commit: str, agreement: str, remark: str) -> str:
    if not commit:
        return f"not compared: {remark}"
    said = f"equal to github.com/{repository} at {commit} to {agreement}"
    return f"{said}: {remark}" if remark else said


def citation(model: Model) -> str:
    """The card's, or the paper of the architecture that the entry asks the card's library for, with any weights."""
    architecture = model.arguments.get("architecture")
    if architecture is None:
        return card_of(model.network).citation
    return PAPERS.get(architecture.partition(".")[0], f"`{architecture}`: see the library's documentation.")


def file_link(network: str) -> str:
    """A link from the page to the file that defines the network's class."""
    module = network_class(network).__module__.replace(".", "/")
    return f"[{module}.py](../{module}.py)"


def cost_table(measured: pd.DataFrame) -> pd.DataFrame:
    """A row per network, with a column of seconds for each processor, so that nobody compares two."""
    table = {
        "model": [f"`{name}`" for name in measured["model"]],
        "parameters (millions)": [f"{value / 1e6:.2f}" for value in measured["parameters"]],
        "multiply-adds (G)": [f"{value / 1e9:.2f}" for value in measured["multiply_adds"]],
    }
    for machine in dict.fromkeys(measured["machine"]):
        there = measured["machine"] == machine
        column = f"seconds per step, {machine.partition(' (torch')[0]}"
        table[column] = [f"{value:.2f}" if own else "" for value, own in zip(measured["seconds"], there, strict=True)]
    return pd.DataFrame(table)


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
