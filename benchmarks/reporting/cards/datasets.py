"""What is on file about a dataset: its reader and manifest, its list of clusters, the folds of its benchmarks."""

import inspect
import sys
from collections import Counter
from pathlib import Path, PurePosixPath

import pandas as pd

from benchmarks.configuration import Parameters
from benchmarks.datasets import Dataset
from benchmarks.datasets.clinical import READERS as CLINICAL
from benchmarks.datasets.dataset import CLASSES
from benchmarks.datasets.manifest import FOLDER, read_manifest
from benchmarks.reporting.labels import GENERATED
from benchmarks.reporting.results import read_csv


def dataset_facts(dataset: Dataset, parameters: Parameters, root: Path) -> dict:
    """What is on file about a dataset, as the template takes it."""
    reader = sys.modules[dataset.read.__module__]
    summary, _, remarks = (inspect.getdoc(reader) or "").partition("\n")
    manifest = list(read_manifest(dataset.manifest).values()) if dataset.manifest else []
    images = Counter(PurePosixPath(entry.path).parent.name for entry in manifest if entry.kind == "image")
    table = pd.DataFrame({"class": [*CLASSES, "all"], "published": with_total(dataset.counts)})
    if images and set(images) <= set(CLASSES):
        table["counted in the manifest"] = with_total(images)
    return {
        "dataset": dataset,
        "generated": dataset.name == GENERATED,
        "summary": summary,
        "remarks": remarks.strip(),
        "file": f"{reader.__name__.replace('.', '/')}.py",
        "classes": table,
        "masks": sum(entry.kind == "mask" for entry in manifest),
        "clusters": cluster_facts(FOLDER / f"{dataset.name}_groups.csv"),
        "clinical": dataset.read.__module__ in CLINICAL,
        "folds": fold_table(dataset.name, parameters, root),
        "testing": [name for name, settings in parameters.benchmarks.items() if dataset.name in settings.test_on],
    }


def with_total(counts: dict[str, int]) -> list[int]:
    """Cases of each class, then all."""
    return [*(counts[name] for name in CLASSES), sum(counts.values())]


def cluster_facts(path: Path) -> dict | None:
    """Counted in a dataset's list of clusters, as published and as used: how many repeat an image; and each remark.
    `None` without a list."""
    if not path.is_file():
        return None
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    flags = Counter(flag for flags in table["flags"] for flag in flags.split(";") if flag)
    return {
        "published": counts_of(table["letter_group"]),
        "used": counts_of(table["group"]),
        "flags": pd.DataFrame(sorted(flags.items()), columns=["remark", "images"]),
    }


def counts_of(clusters: pd.Series) -> dict[str, int]:
    """How many clusters there are, how many hold several images, these images, and how many of them are redundant."""
    sizes = clusters.value_counts()
    return {
        "count": len(sizes),
        "repeated": int((sizes > 1).sum()),
        "images": int(sizes[sizes > 1].sum()),
        "redundant": int((sizes - 1).sum()),
    }


def fold_table(dataset: str, parameters: Parameters, root: Path) -> pd.DataFrame:
    """The published folds of a dataset's benchmarks: cases of each class, groups and rule of division, counted."""
    rows = []
    for name, settings in parameters.benchmarks.items():
        path = root / "benchmarks" / "folds" / f"{name}.csv"
        if settings.dataset != dataset or dataset == GENERATED or not path.is_file():
            continue
        folds = read_csv(path, ["case", "class", "group", "fold"])
        counts = folds["class"].value_counts()
        rows.append(
            {
                "benchmark": name,
                "rule": f"{settings.split.rule}, {folds['fold'].nunique()} folds",
                **{class_name: counts.get(class_name, 0) for class_name in CLASSES},
                "groups": folds["group"].nunique(),
                "file": f"[{name}.csv](../../../benchmarks/folds/{name}.csv)",
            }
        )
    return pd.DataFrame(rows)
