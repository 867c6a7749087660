"""A small made-up repository in the layout of docs/contracts.md: two benchmarks, four models, two with one head.

`tests/conftest.py` offers its fixtures to all tests.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.reporting.results import CASE_COLUMNS, RELEASED_COLUMNS, STANDARD_COLUMNS
from benchmarks.scoring.forensics import METRICS, SCORED_STEPS
from benchmarks.scoring.run_length import encode

GRID, CASES, FOLDS, SEEDS, EPOCHS = 32, 36, 3, (0, 1), 4
BENCHMARKS = ("made-up", "made-up-released")
RULES = ("inner_validation", "last_epoch", "test_oracle")
# How far the mask is shifted (pixels), how noisy the class is; None where the model has no such head.
MODELS = {"acsnet": (1, 1.0), "shared": (3, 1.6), "unet": (2, None), "resnet": (None, 1.2)}

PARAMETERS = """
datasets: [phantom]
reference: acsnet
studies: {made: {benchmarks: {made-up: phantom}, models: [acsnet]}}
benchmarks:
  made-up: &made-up
    description: Made up for the tests.
    dataset: phantom
    classes: [benign, malignant]
    image_size: 32
    normalisation: {mean: 0.33, std: 0.2}
    split: {rule: grouped_stratified, folds: 3, seed: 0, validation: 0.2}
    selection: {rule: inner_validation}
    scoring: standard
    training: {epochs: 4, batch_size: 8, seeds: [0, 1], encoder_weights: none, recipe: paper}
  made-up-released:
    <<: *made-up
    selection: {rule: test_oracle, score: released}
    scoring: released
models:
  acsnet: {network: "acsnet:ACSNet"}
recipes:
  paper:
    optimiser: {name: adam}
    schedule: {name: cosine}
    augmentation: []
    losses: {segmentation: soft_dice, classification: cross_entropy}
    balancing: {name: automatic}
engine: {}
"""


@pytest.fixture(scope="session")
def made_up_once(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("made-up")
    write_repository(root)
    return root


@pytest.fixture
def made_up(made_up_once: Path, tmp_path: Path) -> Path:
    """A copy of the made-up repository that a test may change."""
    return shutil.copytree(made_up_once, tmp_path / "repository")


@pytest.fixture(scope="session")
def finished_once(made_up_once: Path, tmp_path_factory) -> Path:
    """The made-up repository with its tables and figures and a page of both benchmarks."""
    # Here, so that tests of other things need not wait for the libraries that draw.
    from benchmarks.reporting.figures.write import write_figures
    from benchmarks.reporting.page.render import render_page
    from benchmarks.reporting.tables.write import write_tables

    root = shutil.copytree(made_up_once, tmp_path_factory.mktemp("finished") / "repository")
    for benchmark in BENCHMARKS:
        write_tables(benchmark, root, root / "reports")
        write_figures(benchmark, root, root / "reports")
    page = render_page(list(BENCHMARKS), root, root / "reports")
    (root / "reports" / "index.html").write_text(page, encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def external_once(finished_once: Path, tmp_path_factory) -> Path:
    """The finished made-up repository, its first benchmark tested on another dataset as well."""
    from benchmarks.reporting.figures.external import write_matrix
    from benchmarks.reporting.tables.external import write_external_tables

    root = shutil.copytree(finished_once, tmp_path_factory.mktemp("external") / "repository")
    write_external(root)
    write_external_tables("made-up", root, root / "reports" / "external")
    write_matrix(root, root / "reports" / "external")
    return root


@pytest.fixture
def external(external_once: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    return shutil.copytree(external_once, tmp_path / "external")


def write_external(root: Path) -> None:
    """Scores of the first benchmark's networks on 30 cases of another dataset: Dice falls, the classes are as noisy."""
    text = (root / "params.yaml").read_text()
    (root / "params.yaml").write_text(
        text.replace("    dataset: phantom\n", "    dataset: phantom\n    test_on: [breast]\n")
    )
    folder, rng = root / "reports" / "external", np.random.default_rng(9)
    labels = np.arange(30) % 3 == 0
    facts = pd.DataFrame({"case": [f"case{i:03}" for i in range(30)], "class": np.where(labels, "malignant", "benign")})
    facts = facts.assign(label=labels.astype(int), group=facts["case"])
    truth = facts.assign(area=rng.uniform(0.01, 0.4, 30), device="", birads=np.where(labels, "5", "2"), flags="")
    (folder / "truth" / "made-up").mkdir(parents=True)
    truth.to_parquet(folder / "truth" / "made-up" / "breast.parquet", index=False)
    for model, (shift, noise) in MODELS.items():
        tables = []
        for seed in SEEDS:
            for fold in (*range(FOLDS), None):
                dice = np.nan if shift is None else np.clip(rng.normal(0.8 - 0.1 * shift, 0.05, 30), 0, 1)
                probability = (
                    np.nan if noise is None else 1 / (1 + np.exp(1 - 2 * labels - noise * rng.normal(size=30)))
                )
                scores = dict.fromkeys(STANDARD_COLUMNS, dice) | {"empty": dice * 0}
                row = {"seed": seed, "fold": fold, "epoch": 2, "probability": probability, **scores}
                tables.append(facts.assign(**row).astype({"fold": "Int64"}))
        path = folder / "cases" / "made-up" / model / "breast.csv"
        path.parent.mkdir(parents=True)
        pd.concat(tables).to_csv(path, index=False, float_format="%.6g")
    (folder / "overlap.csv").write_text(OVERLAP)


OVERLAP = """\
dataset_a,dataset_b,images_a,images_b,compared,by_hash,least_bits,most_points,alike,share_alike
phantom,breast,36,30,150,150,11,9,1,0.00666667
busi,breast,780,256,3900,3900,10,11,0,0
busi,busi: same group,780,780,270,258,0,351,224,0.82963
"""


def write_repository(root: Path, models: dict = MODELS) -> None:
    (root / "params.yaml").write_text(PARAMETERS)
    (root / "reports" / "reported").mkdir(parents=True)
    (root / "reports" / "reported" / "claims.csv").write_text(CLAIMS)
    truth = make_truth(np.random.default_rng(5))
    for benchmark in BENCHMARKS:
        for folder in ("truth", f"predictions/{benchmark}", f"cases/{benchmark}", f"curves/{benchmark}"):
            (root / "reports" / folder).mkdir(parents=True, exist_ok=True)
        (root / "reports" / "records" / benchmark).mkdir(parents=True)
        truth.to_parquet(root / "reports" / "truth" / f"{benchmark}.parquet", index=False)
        for number, (model, (shift, noise)) in enumerate(models.items()):
            write_model(root / "reports", benchmark, model, truth, shift, noise, np.random.default_rng(number))


CLAIMS = """\
paper,doi,table_or_page,dataset,protocol,model,counterpart,metric,value,unit,spread,image_size,how_obtained,obstacle
He,10.1/a,not on file,phantom,released protocol,ACSNet,acsnet,released_dice,,share,,32,original,
A paper,,Table 2,phantom,5 folds,ACSNet,acsnet,dice,86.0,percent,1.2,32,original,
Another,,Table 1,phantom,one split,ACSNet,acsnet,dice,.9,share,,32,quoted,one random split
"""


def ellipse(row: float, column: float, height: float, width: float) -> np.ndarray:
    y, x = np.mgrid[:GRID, :GRID]
    return ((y - row) / height) ** 2 + ((x - column) / width) ** 2 <= 1


def make_truth(rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for i in range(CASES):
        mask = ellipse(rng.uniform(10, 20), rng.uniform(10, 20), rng.uniform(3, 8), rng.uniform(3, 8))
        label = int(i >= CASES // 2)
        rows.append(
            {
                "case": f"{('benign', 'malignant')[label]} ({i + 1})",
                "class": ("benign", "malignant")[label],
                "label": label,
                "group": f"group {i // 2}",
                "height": 100 + i,
                "width": 120,
                "flags": "",
                "area": mask.mean(),
                "grid": GRID,
                "mask": encode(mask),
                "ceiling_dice": 0.98,
            }
        )
    return pd.DataFrame(rows)


def write_model(reports: Path, benchmark: str, model: str, truth: pd.DataFrame, shift, noise, rng) -> None:
    predictions, cases = [], []
    for rule in RULES:
        for seed in SEEDS:
            for i, case in enumerate(truth.itertuples()):
                mask = None if shift is None else shifted(case.mask, rng.integers(0, shift + 1, 2), empty=i == 3)
                probability = (
                    np.nan if noise is None else 1 / (1 + np.exp(-(2 * case.label - 1) - noise * rng.normal()))
                )
                common = {
                    "selection": rule,
                    "seed": seed,
                    "fold": i // 2 % FOLDS,
                    "case": case.case,
                    "epoch": EPOCHS - 1,
                }
                predictions.append(
                    common
                    | {
                        "probability": probability,
                        "height": GRID,
                        "width": GRID,
                        "mask": None if mask is None else encode(mask),
                    }
                )
                cases.append(common | {"probability": probability} | scores(case, mask))
    pd.DataFrame(predictions).to_parquet(reports / "predictions" / benchmark / f"{model}.parquet", index=False)
    table = pd.DataFrame(cases)[CASE_COLUMNS]
    table.to_csv(reports / "cases" / benchmark / f"{model}.csv", index=False, float_format="%.6g")
    write_forensics(reports / "forensics" / benchmark / f"{model}.csv", table)
    write_curves(reports / "curves" / benchmark / f"{model}.csv", rng, shift is not None, noise is not None)
    write_record(reports / "records" / benchmark / f"{model}.json", benchmark, model)


def shifted(counts: str, shift: np.ndarray, empty: bool) -> np.ndarray:
    lengths = [int(count) for count in counts.split()]
    mask = np.repeat(np.arange(len(lengths)) % 2, lengths).reshape(GRID, GRID, order="F")
    return np.zeros_like(mask) if empty else np.roll(mask, shift, axis=(0, 1))


def scores(case, mask: np.ndarray | None) -> dict:
    """Dice and IoU are right; the distances are made up, since nothing here computes them."""
    common = {"class": ("benign", "malignant")[case.label], "label": case.label, "group": case.group}
    names = STANDARD_COLUMNS + RELEASED_COLUMNS
    if mask is None:
        return common | dict.fromkeys(names, np.nan)
    truth = shifted(case.mask, np.zeros(2, int), empty=False)
    both, either = (truth & mask).sum(), (truth | mask).sum()
    dice, iou = 2 * both / (truth.sum() + mask.sum()), both / either
    distance = 40 * (1 - dice)
    values = [
        dice,
        iou,
        distance,
        distance * 1.1,
        distance / 3,
        dice,
        int(mask.sum() == 0),
        dice,
        iou,
        distance / 9,
        distance / 20,
    ]
    return common | dict(zip(names, values, strict=True))


def write_forensics(path: Path, table: pd.DataFrame) -> None:
    """A walk on which only the last step of the outlines and the choice of the epoch change anything."""
    rules = {rule: rows.set_index(["case", "seed"]) for rule, rows in table.groupby("selection")}
    oracle, honest = rules["test_oracle"], rules["inner_validation"]
    walk = oracle[["label", "group", "fold", "selection", "probability"]].copy()
    for step in (step.name for step in SCORED_STEPS):
        for metric, column in zip(METRICS, RELEASED_COLUMNS, strict=True):
            walk[f"{metric}_{step}"] = oracle[column] * (0.9 if step == "V9" else 1)
    walk["selection_V1"], walk["probability_V1"] = "inner_validation", honest["probability"]
    for metric, column in zip(METRICS, RELEASED_COLUMNS, strict=True):
        walk[f"{metric}_V1"] = honest[column] * 0.9
    path.parent.mkdir(parents=True, exist_ok=True)
    walk.reset_index().to_csv(path, index=False, float_format="%.6g")


def write_curves(path: Path, rng, segmentation: bool, classification: bool) -> None:
    rows = []
    for seed in SEEDS:
        for fold in range(FOLDS):
            for epoch in range(EPOCHS):
                progress = 1 - 0.6 ** (epoch + 1) + 0.02 * rng.normal()
                row = {"seed": seed, "fold": fold, "epoch": epoch, "learning_rate": 1e-4, "train_loss": 1 - progress}
                row |= {"train_segmentation": 1 - progress, "train_classification": 0.7 * (1 - progress)}
                row |= {"weight_segmentation": 0.5, "weight_classification": 0.5}
                for part in ("validation", "test"):
                    row[f"{part}_dice"] = progress if segmentation else np.nan
                    row[f"{part}_accuracy"] = progress if classification else np.nan
                    row[f"{part}_loss"] = 1 - progress
                    row[f"selection_score_{part}"] = progress
                rows.append(row | {"seconds": 1.5})
    pd.DataFrame(rows).to_csv(path, index=False, float_format="%.6g")


def write_record(path: Path, benchmark: str, model: str) -> None:
    run = {
        "started": "2024-01-01T00:00:00Z",
        "epochs": EPOCHS,
        "seconds_per_epoch": 1.5,
        "selected_epochs": dict.fromkeys(RULES, EPOCHS - 1),
        "peak_memory_bytes": 2**30,
        "device": "cpu",
        "deformable": "torchvision",
        "encoder_weights": "none",
        "precision": "float32",
        "versions": {"python": "3.11.7", "torch": "2.11.0"},
        "git_commit": "0" * 40,
        "image_size": GRID,
        "threads": 1,
    }
    runs = [run | {"seed": seed, "fold": fold} for seed in SEEDS for fold in range(FOLDS)]
    path.write_text(json.dumps({"benchmark": benchmark, "model": model, "parameters": 1234567, "runs": runs}))
