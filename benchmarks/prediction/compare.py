"""What storing weights otherwise has changed: `acsbench weights check`.

The networks of the files predict the test cases of their folds; each case's Dice, at native size, is compared with that
of the predictions that training stored from the same networks in float32.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from benchmarks.configuration import Parameters
from benchmarks.errors import UserError
from benchmarks.prediction.ensemble import Ensemble
from benchmarks.prediction.finding import Source, exported
from benchmarks.prediction.predict import shares
from benchmarks.scoring.predictions import read_predictions
from benchmarks.scoring.run_length import decode
from benchmarks.scoring.segmentation import dice, to_native
from benchmarks.training import data
from benchmarks.training.cell import Cell, declared_cell

LIMIT = 0.001  # of the mean Dice: what a file of weights may change


def compare(parameters: Parameters, benchmark: str, model: str, folder: Path) -> pd.DataFrame:
    """A row per test case of each file's fold: `seed`, `fold`, `case`, and `dice`, `probability` of each of the two.

    Raises:
        UserError: there are no files, no stored predictions of their networks, or the benchmark is not prepared here.
    """
    cell = declared_cell(parameters, benchmark, model)
    sources = exported(parameters, folder, benchmark, model).get(benchmark, [])
    if not sources:
        raise UserError(f"{folder}: expected weights of {benchmark}/{model}, found none. Export them first.")
    truth = pd.read_parquet(data.PREPARED / benchmark / "cases.parquet") if is_prepared(benchmark) else None
    if truth is None:
        raise UserError(
            f"{data.PREPARED / benchmark}: not there, and needed to compare. Run `dvc repro split@{benchmark}`."
        )
    tables = [
        compare_one(parameters, cell, source, truth)
        for source in tqdm(sources, f"comparing {benchmark}/{model}", unit="network")
    ]
    return pd.concat(tables, ignore_index=True)


def is_prepared(benchmark: str) -> bool:
    return all((data.PREPARED / benchmark / name).is_file() for name in data.FILES)


def compare_one(parameters: Parameters, cell: Cell, source: Source, truth: pd.DataFrame) -> pd.DataFrame:
    """The rows of one file."""
    ensemble = Ensemble([source], parameters)
    stored = stored_predictions(cell, source)
    cases = data.load(cell.benchmark_name, cell.benchmark, ensemble.device)
    positions = cases.positions(source.fold, "test")
    images = cases.images[positions, 0].cpu().numpy()
    answers = [ensemble.answers(images[start:end]) for start, end in shares(len(positions))]
    table = pd.DataFrame({"seed": source.seed, "fold": source.fold, "case": cases.table["case"].to_numpy()[positions]})
    facts = truth.set_index("case").loc[table["case"]]
    stored = stored.loc[table["case"]]
    if found := [each.probabilities[0] for each in answers if each.probabilities is not None]:
        table["probability"] = np.concatenate(found)
        table["probability_stored"] = stored["probability"].to_numpy()
    if grids := [each.masks[0] for each in answers if each.masks is not None]:
        masks = np.concatenate(grids)
        kept = [decode(row.mask, row.height, row.width) for row in stored.itertuples()]
        for column, own in (("dice", masks), ("dice_stored", kept)):
            table[column] = [
                dice(to_native(mask, case.height, case.width), decode(case.mask, case.height, case.width))
                for mask, case in zip(own, facts.itertuples(), strict=True)
            ]
    return table


def stored_predictions(cell: Cell, source: Source) -> pd.DataFrame:
    """What training stored of a network's test cases, indexed by case: of the repository, else of the run itself.

    Raises:
        UserError: neither is there.
    """
    rule = cell.benchmark.selection.rule
    committed = Path("reports/predictions") / cell.benchmark_name / f"{cell.model_name}.parquet"
    run = cell.run_folder(source.seed, source.fold) / f"predictions-{rule}.parquet"
    for path in (committed, run):
        if path.is_file():
            table = read_predictions(path)
            chosen = (table["selection"] == rule) & (table["seed"] == source.seed) & (table["fold"] == source.fold)
            if chosen.any():
                return table[chosen].set_index("case")
    raise UserError(
        f"{committed}: expected the predictions of seed {source.seed}, fold {source.fold}, found none, nor in {run}."
    )


def summary(table: pd.DataFrame) -> tuple[list[str], bool]:
    """What has changed, in lines, and whether the mean Dice stays within `LIMIT`."""
    lines, within = [f"{len(table)} test cases of {table.groupby(['seed', 'fold']).ngroups} networks"], True
    for column, name in (("dice", "Dice"), ("probability", "probability of malignancy")):
        if column in table:
            change = (table[column] - table[f"{column}_stored"]).astype(np.float64)
            lines.append(
                f"{name}: mean {table[f'{column}_stored'].mean():.4f} as trained, {table[column].mean():.4f} from the "
                f"files, change {change.mean():+.6f}; by case {change.abs().mean():.6f} on average, "
                f"{change.abs().max():.6f} at most ({table['case'][change.abs().idxmax()]})"
            )
            within &= column != "dice" or abs(change.mean()) < LIMIT
    if "dice" in table:
        lines.append(f"The mean Dice {'stays' if within else 'does not stay'} within {LIMIT}.")
    return lines, within
