"""Reading a dataset and vouching for it: every problem is collected and told in one message."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from benchmarks.datasets.dataset import CLASSES, Case, Dataset
from benchmarks.errors import UserError

SHOWN = 20


def count_problems(dataset: Dataset, counts: Counter[str], groups: int) -> list[str]:
    """What differs between the cases found and those that the dataset should have."""
    problems = [
        f"expected {dataset.counts[name]} {name} cases, found {counts[name]}"
        for name in CLASSES
        if counts[name] != dataset.counts[name]
    ]
    if groups != dataset.groups:
        problems.append(f"expected {dataset.groups} groups, found {groups}")
    return problems


def verified_cases(dataset: Dataset, folder: Path) -> Iterator[Case]:
    """Yield all cases of `folder`, and raise `UserError` at the end if anything in it is not as published.

    Whoever keeps what this yields must not use it before the end is reached.
    """
    if not folder.is_dir():
        raise UserError(
            f"{dataset.name}: {folder} does not exist; get it with `dvc repro download@{dataset.name} data.dvc`"
        )
    problems: list[str] = []
    counts: Counter[str] = Counter()
    groups = set()
    total = sum(dataset.counts.values())
    for case in tqdm(dataset.read(folder, problems), f"reading {dataset.name}", total, unit="image"):
        counts[case.class_name] += 1
        groups.add(case.group)
        yield case
    # A damaged file is missing from the counts too: saying so twice would bury it.
    problems = problems or count_problems(dataset, counts, len(groups))
    if problems:
        raise UserError(problem_message(dataset, folder, problems))


def problem_message(dataset: Dataset, folder: Path, problems: list[str]) -> str:
    """The first problems, how many there are, and the way out."""
    lines = "\n".join(f"  {problem}" for problem in problems[:SHOWN])
    number = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
    shown = f" (the first {SHOWN})" if len(problems) > SHOWN else ""
    return (
        f"{dataset.name}: {number} in {folder}{shown}:\n{lines}\n"
        f"Remove what does not belong there, then `python -m benchmarks.datasets.download {dataset.name}` fetches what "
        "is missing or damaged, and keeps the rest."
    )
