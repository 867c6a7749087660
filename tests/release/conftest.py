"""A small made-up repository that can be released: two networks on its own cases, one of them on another dataset."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from benchmarks.release.build import build
from benchmarks.release.tables import MORE_SCORES, RUN, SCORES, SELECTION, TRUTH

PYPROJECT = """
[project]
name = "made-up"
version = "1.2.0"
description = "Made up for the tests"
keywords = ["made up"]
"""
CITATION = """
cff-version: 1.2.0
message: Cite it.
title: A made-up benchmark
type: software
authors:
  - {family-names: Doe, given-names: Jo, orcid: https://orcid.org/0000-0001-2345-6789}
  - name: The others
license: MIT
version: 1.2.0
date-released: 2026-02-03
references:
  - {type: article, title: A paper, authors: [{name: Someone}], doi: 10.1000/182}
"""
STATED = '{"licences": {"code": "MIT", "data": "to be attributed"}}'
TEXTS = {
    "pyproject.toml": PYPROJECT,
    "CITATION.cff": CITATION,
    "CHANGELOG.md": "# Changelog\n\n## 1.2.0 (2026-02-03)\n- All of it.\n\n## 1.1.0 (2025-12-01)\n- Some.\n",
    "LICENSE": "MIT License\n",
    "constraints.txt": "numpy==2.4.6\n",
    "params.yaml": "benchmarks: {made: {dataset: busi}}\n",
    ".gitignore": "/reports/local/\n",
    "reports/index.html": "<p>The page.</p>\n",
    "reports/tables/made/main.csv": "model,dice\nunet,.7\n",
    "reports/curves/made/unet.csv": "epoch,dice\n0,.5\n",
}
CASES = [f"case, {number}" for number in range(4)]  # commas in names are quoted in CSV


def git(root: Path, *words: str) -> str:
    who = ["-c", "user.name=Jo", "-c", "user.email=jo@example.org"]
    return subprocess.run(["git", "-C", str(root), *who, *words], check=True, capture_output=True, text=True).stdout


def predictions(columns: list[str], masks: bool) -> pd.DataFrame:
    generator = np.random.default_rng(len(columns))
    rows = pd.DataFrame({"case": CASES, "seed": 0, "fold": [0, 0, 1, 1], "epoch": 3, "selection": "last_epoch"})
    rows["probability"] = generator.random(len(rows)).astype(np.float32)
    rows["height"] = rows["width"] = 8
    rows["mask"] = "3 5 56" if masks else None
    return rows[columns]


def scores(columns: list[str]) -> pd.DataFrame:
    rows = predictions(["case", "seed", "fold", "epoch", "selection", "probability"], masks=False)
    rows["class"], rows["label"], rows["group"] = "benign", 0, [1, 1, 2, 3]
    for score in (*SCORES, *MORE_SCORES):
        rows[score] = [0, 0, 1, None] if score == "empty" else [0.25, 0.5, 1.125, None]
    return rows[columns]


def write_results(root: Path) -> None:
    """Networks `unet` and `resnet`, which has no masks, on the own dataset, `unet` on `breast`."""
    own, other = "reports/{}/made/{}", "reports/external/{}/made/unet/breast{}"
    columns = ["selection", "seed", "fold", "case", "epoch", "probability", "height", "width", "mask"]
    for model in ("unet", "resnet"):
        write(root / f"{own.format('predictions', model)}.parquet", predictions(columns, model == "unet"))
        write(root / f"{own.format('cases', model)}.csv", scores([*RUN, *SELECTION, *TRUTH, *SCORES, *MORE_SCORES]))
    write(root / other.format("predictions", "/seed0-fold0.parquet"), predictions(columns[1:], True))
    write(root / other.format("cases", ".csv"), scores([*RUN, *TRUTH, *SCORES]))
    (root / "weights/made/unet").mkdir(parents=True)
    save_file({"layer": np.zeros(2)}, root / "weights/made/unet/seed0-fold0.safetensors", {"acsbench": STATED})


def write(path: Path, rows: pd.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        rows.to_csv(path, index=False)
    else:
        rows.to_parquet(path, index=False)


@pytest.fixture(scope="session")
def repository_once(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("released")
    for name, text in TEXTS.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    write_results(root)
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "All")
    git(root, "tag", "v1.2.0")
    return root


@pytest.fixture
def repository(repository_once: Path, tmp_path: Path) -> Path:
    """A clone that a test may change."""
    git(tmp_path, "clone", "--quiet", str(repository_once), "repository")
    return tmp_path / "repository"


@pytest.fixture(scope="session")
def release_once(repository_once: Path, tmp_path_factory) -> Path:
    """The release of the made-up repository; not to be changed."""
    return build(repository_once, tmp_path_factory.mktemp("built"))


@pytest.fixture
def change(repository: Path) -> Callable[..., Path]:
    """A function that replaces texts in a file of the repository, commits it and sets a tag there."""

    def commit(name: str, old: str, new: str, tag: str = "v1.2.0") -> Path:
        text = (repository / name).read_text(encoding="utf-8")
        assert old in text
        (repository / name).write_text(text.replace(old, new), encoding="utf-8")
        git(repository, "commit", "--quiet", "--all", "--message", "Changed")
        git(repository, "tag", "--force", tag)
        return repository

    return commit
