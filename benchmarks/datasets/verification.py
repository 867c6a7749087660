"""Reading a dataset and vouching for it: every problem is collected and told in one message.

What is doubtful of a case alone (a lesion without a mask, say) is told in a line of its own; beyond `DOUBTFUL` of the
cases the dataset is refused.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from benchmarks.configuration.stages import stage_names, way_to
from benchmarks.datasets.dataset import CLASSES, Case, Dataset
from benchmarks.datasets.problems import REMARKS
from benchmarks.errors import UserError
from benchmarks.image_files import mask_doubt

SHOWN = 20
DOUBTFUL = 0.01  # of a dataset's cases; the published ones have none


def count_problems(dataset: Dataset, counts: Counter[str], groups: int) -> list[str]:
    """What differs between the cases found and those that the dataset should have."""
    problems = [
        f"expected only {', '.join(CLASSES)}, found {counts[name]} {name!r} cases"
        for name in sorted(set(counts) - set(CLASSES))
    ]
    problems += [
        f"expected {dataset.counts[name]} {name} cases, found {counts[name]}"
        for name in CLASSES
        if counts[name] != dataset.counts[name]
    ]
    if groups != dataset.groups:
        problems.append(f"expected {dataset.groups} groups, found {groups}")
    return problems


def way_to_data(dataset: str) -> str:
    """The command that brings a dataset's files to where `prepare` reads them."""
    if f"download@{dataset}" in stage_names():
        return f"`dvc repro download@{dataset} data.dvc`"
    return way_to("prepare", dataset)


def verified_cases(dataset: Dataset, folder: Path) -> Iterator[Case]:
    """Yield all cases of `folder`, and raise `UserError` at the end if anything in it is not as published.

    Whoever keeps what this yields must not use it before the end is reached.
    """
    if not folder.is_dir():
        raise UserError(f"{dataset.name}: {folder} does not exist; run {way_to_data(dataset.name)}")
    problems: list[str] = []
    doubts: list[str] = []
    counts: Counter[str] = Counter()
    groups = set()
    remarks: dict[str, list[str]] = {}
    names: Counter[str] = Counter()
    total = sum(dataset.counts.values())
    for case in tqdm(dataset.read(folder, problems), f"reading {dataset.name}", total, unit="image"):
        counts[case.class_name] += 1
        groups.add(case.group)
        names[case.name] += 1
        if doubt := case_doubt(case):
            doubts.append(f"{case.name}: {doubt}")
        for flag in set(case.flags) & set(REMARKS):
            remarks.setdefault(flag, []).append(case.name)
        yield case
    problems += [f"{name}: found {number} times" for name, number in names.items() if number > 1]
    if len(doubts) > DOUBTFUL * counts.total():
        limit = f"more than {DOUBTFUL:.0%} of {counts.total()} cases are doubtful, so none is taken"
        problems += [f"{doubts[0]} ({limit})", *doubts[1:]]
        doubts = []
    # A damaged file is missing from the counts too: saying so twice would bury it.
    problems = problems or count_problems(dataset, counts, len(groups))
    for line in [*remark_lines(remarks), *doubts]:
        print(f"warning: {dataset.name}: {line}", file=sys.stderr)
    if problems:
        raise UserError(problem_message(dataset, folder, problems))


def case_doubt(case: Case) -> str | None:
    """What is doubtful of a case alone: its class and its mask contradict each other, or its image shows nothing."""
    if case.class_name == "normal":
        return f"normal, yet its mask has {case.union.sum()} pixels" if case.union.any() else None
    if doubt := mask_doubt(case.union):
        return f"{case.class_name}, yet {doubt}"
    return "its image is of one gray level" if case.image.min() == case.image.max() else None


def remark_lines(remarks: dict[str, list[str]]) -> list[str]:
    """A line for each way in which cases were read otherwise than plainly: how many, and one of them."""
    return [f"{len(names)} images {REMARKS[flag]}; {names[0]} is one" for flag, names in sorted(remarks.items())]


def problem_message(dataset: Dataset, folder: Path, problems: list[str]) -> str:
    """The first problems, how many there are, and the way out."""
    lines = "\n".join(f"  {problem}" for problem in problems[:SHOWN])
    number = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
    shown = f" (the first {SHOWN})" if len(problems) > SHOWN else ""
    return (
        f"{dataset.name}: {number} in {folder}{shown}:\n{lines}\n"
        f"Remove what does not belong there, then `acsbench download {dataset.name}` fetches what "
        "is missing or damaged, and keeps the rest."
    )
