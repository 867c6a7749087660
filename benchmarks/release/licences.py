"""The licences of every part of a release: ours, and those of the datasets whose derived files these are."""

import json
import struct
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

import yaml

from benchmarks.datasets import DATASETS
from benchmarks.errors import UserError
from benchmarks.release.parts import BESIDE, PARTS, SOURCE, files_of_part
from benchmarks.release.tables import TABLES, files_of_table
from benchmarks.release.version import Release, tag_of

ALL = "all of these"


def licences_text(release: Release, files: Mapping[str, bytes]) -> str:
    """`LICENCES.md`: a line per file of the release, then each dataset with its terms, and each network's.

    Args:
        files: the repository's, by path.

    Raises:
        UserError: a benchmark with results is not in `params.yaml`, or its dataset is not known.
    """
    tables = {name: datasets_behind(files_of_table(name, files), files) for name in TABLES}
    results = sorted(set().union(*tables.values()))
    weights = datasets_behind(files_of_part("weights.zip", files), files)
    parts = {part: weights if part == "weights.zip" else results for part in PARTS}
    rows = [
        (f"`{release.name}-{SOURCE}`", f"the repository at tag {tag_of(release.version)}, all below among it", ALL),
        *((f"`{release.name}-{name}`", TABLES[name].holds, ", ".join(tables[name])) for name in TABLES),
        *((f"`{release.name}-{part}`", PARTS[part].holds, ", ".join(parts[part])) for part in PARTS),
        *((f"`{name}`", holds, "") for name, holds in BESIDE.items()),
        ("`croissant.json`", "predictions and scores, described for machines (Croissant)", ""),
        ("`.zenodo.json`", "this release, described for Zenodo", ""),
        ("`SHA256SUMS`", "the checksum of every file", ""),
    ]
    lines = [
        f"# Licences of {release.name}",
        "",
        f"What was written here is {release.citation['license']} ([LICENSE](LICENSE)). What was computed from the",
        "images of a dataset carries that dataset's terms as well. No dataset is part of this release.",
        "",
        "| file | holds | computed from |",
        "|---|---|---|",
        *(f"| {file} | {holds} | {source} |" for file, holds, source in rows),
        "",
        "## Datasets",
        *(line for name in sorted({*results, *weights}) for line in dataset_lines(name)),
        "",
        "## Weights",
        *weights_lines(files_of_part("weights.zip", files)),
    ]
    return "\n".join(lines) + "\n"


def datasets_behind(paths: Iterable[str], files: Mapping[str, bytes]) -> list[str]:
    """The datasets that results were computed from, by name: a benchmark's own, and those that it was tested on.

    Args:
        paths: of results, below folders of their benchmarks' names; those on other datasets, below `reports/external/`
            and of these datasets' names.
        files: the repository's, for `params.yaml`.

    Raises:
        UserError: results of no benchmark of `params.yaml`.
    """
    benchmarks = {name: entry["dataset"] for name, entry in yaml.safe_load(files["params.yaml"])["benchmarks"].items()}
    found = set()
    for path in paths:
        folders = path.split("/")[:-1]
        behind = {benchmarks[name] for name in folders if name in benchmarks}
        if not behind:
            raise UserError(f"{path}: expected results of a benchmark of params.yaml, found none of these in its path.")
        if "external" in folders:
            behind |= DATASETS.keys() & {*folders, PurePosixPath(path).stem}
        found |= behind
    return sorted(found)


def dataset_lines(name: str) -> list[str]:
    dataset = DATASETS[name]
    return [
        "",
        f"### {dataset.title} (`{name}`)",
        f"- cite: {dataset.citation}",
        f"- terms: {dataset.terms}",
        f"- page: {dataset.page}",
    ]


def weights_lines(files: Mapping[str, bytes]) -> list[str]:
    """What each file of weights says of its own licences."""
    lines = []
    for path, content in files.items():
        if path.endswith(".safetensors"):
            stated = read_stated(content)["licences"]
            lines += ["", f"### `{path}`", *(f"- {what.replace('_', ' ')}: {text}" for what, text in stated.items())]
    return lines or ["", "None."]


def read_stated(weights: bytes) -> dict[str, Any]:
    """What a file of weights states of itself: the header of safetensors, without its tensors (docs/predict.md)."""
    (length,) = struct.unpack("<Q", weights[:8])
    return json.loads(json.loads(weights[8 : 8 + length])["__metadata__"]["acsbench"])
