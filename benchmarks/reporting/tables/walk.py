"""The walk from the released protocol to the standard one, with its interval at each step."""

from pathlib import Path

import pandas as pd

from benchmarks.reporting.results import Results
from benchmarks.reporting.tables.stored import in_order
from benchmarks.scoring.forensics import IDENTITY, STEPS, read_walk
from benchmarks.scoring.released import METRICS as WALK_METRICS
from benchmarks.statistics.comparisons import walk

UNGROUPED = "V7"  # the fault that no scoring of the same predictions can remove
STEP_TEXTS = {step.name: step.description for step in STEPS} | {
    "V9": "scores on the network's grid, distances in its pixels",
    UNGROUPED: "ungrouped folds, which put copies of test images into training (the networks were trained anew on "
    "grouped folds; other folds alone change numbers too, so see the table of the leak)",
    "whole": "sum of the steps. Not among them: V6 (noise in the score that selects an epoch) and V11 (running means "
    "in training curves), of which predictions bear no trace, and V7 (ungrouped folds) unless the networks were "
    "trained on folds of both kinds",
}


def forensics_table(results: Results, twin: Results | None, root: Path) -> pd.DataFrame:
    """The walk from the released protocol to the standard one, each change with its interval; see `statistics.walk`.

    A step's number is what its own protocol would print: means of rounded folds, averaged class metrics and all.
    `removed` says which fault the step removes. Empty where scoring stored no walk.

    Args:
        twin: the same benchmark with grouped folds, from `leakage.grouped_twin`. If there is one, the last step goes
            over to its trainings, case by case.
    """
    folder = root / "reports" / "forensics" / results.benchmark
    paths = {model: folder / f"{model}.csv" for model in results.models}
    stored = [read_walk(path).assign(model=model) for model, path in paths.items() if path.is_file()]
    if not stored:
        return pd.DataFrame()
    if twin is not None:
        stored += [step for rows in stored if not (step := grouped_step(rows, twin)).empty]
    rows, steps = pd.concat(stored, ignore_index=True), [*(step.name for step in STEPS), UNGROUPED]
    of_folds = [step.name for step in STEPS if step.faults.rounded_folds]
    mixed = [step.name for step in STEPS if step.faults.mixed_averages]
    outlines = rows.melt([*IDENTITY, "model", "step"], WALK_METRICS, var_name="metric").dropna(subset="value")
    classes = rows.dropna(subset="probability")
    table = pd.concat(
        [
            walk.walk(outlines, steps, of_folds=of_folds),
            walk.walk_classes(classes, steps, of_folds=of_folds, mixed_averages=mixed),
        ],
        ignore_index=True,
    )
    table.insert(3, "removed", table["step"].map(STEP_TEXTS))
    return in_order(table, results.models)


def grouped_step(rows: pd.DataFrame, twin: Results) -> pd.DataFrame:
    """The standard scores of one model's twin, under the selection rule that its own walk ends with."""
    model, selection = rows.iloc[-1][["model", "selection"]]
    cases = twin.cases[(twin.cases["model"] == model) & (twin.cases["selection"] == selection)]
    named = dict(zip(("dice", "iou", "hd95", "assd"), WALK_METRICS, strict=True))
    return cases.rename(columns=named).assign(step=UNGROUPED)[rows.columns]
