"""Seconds and memory that a benchmark's statistics take (`acsbench statistics`).

Scores are made up, as many as BUSI's: 647 cases in 492 groups. Every stored table is made, the walk between protocols
included, and none is kept. Seconds are the processor's, summed over its threads, so that they stay the same whatever
else the machine does.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from benchmarks.measuring.machine import peak_memory
from benchmarks.reporting.labels import SELECTION_RULES
from benchmarks.reporting.results import RELEASED_COLUMNS, STANDARD_COLUMNS, Results
from benchmarks.reporting.tables.statistics import EVIDENCE, Question
from benchmarks.reporting.tables.walk import forensics_table
from benchmarks.reporting.tables.write import main_files
from benchmarks.scoring import forensics
from benchmarks.statistics.panel import LOWER_IS_BETTER

CASES, GROUPS = 647, 492
RULE, NAME = "inner_validation", "made-up"


def made_up(models: int, seeds: int, folds: int, cases: int = CASES, groups: int = GROUPS) -> Results:
    """Scores of networks that differ a little, on cases that differ a lot, under every selection rule."""
    random = np.random.default_rng(0)
    group = np.concatenate([np.arange(groups), random.integers(groups, size=cases - groups)])
    label = (np.arange(cases) % 3 == 0).astype(int)
    facts = pd.DataFrame({"case": [f"case {i:03d}" for i in range(cases)], "label": label, "fold": group % folds})
    facts["class"], facts["group"] = np.where(label, "malignant", "benign"), [f"group {g}" for g in group]
    difficulty, tables = random.normal(size=cases), []
    names = [f"model {number:02d}" for number in range(models)]
    for number, model in enumerate(names):
        for seed in range(seeds):
            for selection in SELECTION_RULES:
                run = facts.assign(model=model, seed=seed, selection=selection, epoch=0)
                logit = 2 + 0.02 * number + difficulty + random.normal(0, 0.5, cases)
                dice = np.maximum(1 / (1 + np.exp(-logit)) - 0.1, 0)
                run["probability"] = 1 / (1 + np.exp(random.normal(1 - 2 * label, 1.5)))
                for column in [*STANDARD_COLUMNS, *RELEASED_COLUMNS]:
                    run[column] = 50 * (1 - dice) if column in LOWER_IS_BETTER else dice
                tables.append(run.assign(empty=(dice == 0).astype(float)))
    truth = facts.assign(area=random.uniform(0.01, 0.4, cases), flags=np.where(label, "", "axilla"))
    return Results(NAME, names, pd.concat(tables, ignore_index=True), pd.DataFrame(), {}, truth.set_index("case"))


def write_walk(results: Results, root: Path) -> None:
    """The stored walk of each model, which takes a hundredth off its scores at each step."""
    folder = root / "reports" / "forensics" / results.benchmark
    folder.mkdir(parents=True)
    columns = {
        f"{metric}_{step.name}": results.cases[score] * (1 - place / 100)
        for place, step in enumerate(forensics.SCORED_STEPS)
        for metric, score in zip(forensics.METRICS, RELEASED_COLUMNS, strict=True)
    }
    for model, rows in results.cases.assign(**columns).groupby("model"):
        forensics.forensics_table(rows).to_csv(folder / f"{model}.csv", index=False)


def measure(results: Results, root: Path) -> pd.DataFrame:
    """Processor seconds of each table: `table, seconds`."""
    asked = Question(results.cases[results.cases["selection"] == RULE], results.truth, RULE, "dice", results.models[0])
    tasks: dict[str, Callable] = {
        "main tables": lambda: main_files(results, RULE, "standard", results.models[0]),
        **{name: lambda evidence=evidence: evidence.make(asked) for name, evidence in EVIDENCE.items()},
        "forensics": lambda: forensics_table(results, None, root),
    }
    rows = []
    for name, make in tqdm(tasks.items(), unit="table"):
        began = time.process_time()
        make()
        rows.append((name, time.process_time() - began))
    return pd.DataFrame(rows, columns=["table", "seconds"])


def measure_statistics(models: int, seeds: int, folds: int) -> str:
    """Time every table of a made-up benchmark; returns what was measured as text, the longest first."""
    results = made_up(models, seeds, folds)
    with tempfile.TemporaryDirectory() as folder:
        write_walk(results, Path(folder))
        began = time.perf_counter()
        table = measure(results, Path(folder))
    return (
        f"{table.sort_values('seconds', ascending=False).to_string(index=False, float_format='%.2f')}\n"
        f"{models} models, {CASES} cases, {seeds} seeds: {table['seconds'].sum():.0f} s of the processor, "
        f"{time.perf_counter() - began:.0f} s by the clock, at most {peak_memory():.2f} GiB of memory."
    )
