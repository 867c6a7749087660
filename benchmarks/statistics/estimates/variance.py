"""Where the variation of a benchmark's number comes from: the split, the seed, the cases.

Score of case c of fold f in the run of seed s: mean + split_f + run_fs + case_c + rest_cs, all random. Expected mean
squares for cases and seeds within folds of unequal size (Searle, Casella and McCulloch 1992, Variance Components,
chapter 5), solved for the four variances; estimates below 0 are set to 0.
"""

import numpy as np
import pandas as pd

from benchmarks.errors import UserError
from benchmarks.statistics.panel import arrange

COMPONENTS = ("split", "seed", "case", "rest")


def split_variance(cases: pd.DataFrame, metric: str, selection: str) -> pd.DataFrame:
    """Variance components of the scores of each model.

    Returns:
        Four rows per model: `model, metric, component, variance, share` (of the sum), `standard_error` (what the
        component adds to the mean over all cases and seeds). `split` is what all cases of a fold share whatever
        the seed, `seed` what they share in one training, `case` what a case keeps over seeds, `rest` the case in
        one training. With one seed `seed` is empty and `case` holds `rest` too; with one fold `split` is empty.

    Raises:
        UserError: a case was tested in different folds, or see `panel.arrange`.
    """
    panel = arrange(cases, selection)
    tables = [pd.DataFrame(columns=["model", "metric", "component", "variance", "share", "standard_error"])]
    for model, values in panel.values(metric).items():
        rows = panel.frame[panel.frame["model"] == model]
        folds = rows["fold"].to_numpy().reshape(values.shape)
        if (folds != folds[0]).any():
            raise UserError(f"{model}: seeds were tested in different folds; train all of them on the same folds.")
        codes = pd.factorize(folds[0], sort=True)[0]
        variances = _components(values, codes)
        counts = np.array([codes.max() + 1, (codes.max() + 1) * len(values), len(codes), values.size])
        table = pd.DataFrame({"model": model, "metric": metric, "component": COMPONENTS, "variance": variances})
        table["share"] = variances / np.nansum(variances) if np.nansum(variances) > 0 else np.nan
        table["standard_error"] = np.sqrt(variances / counts)
        tables.append(table)
    return pd.concat(tables[1:] or tables, ignore_index=True)


def _components(values: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Variances of split, run, case and rest from `values (seeds, cases)` and the fold of each case `(cases,)`."""
    seeds, cases = values.shape
    sizes = np.bincount(folds)
    number = len(sizes)
    of_runs = np.stack([np.bincount(folds, row) / sizes for row in values])
    of_folds, of_cases = of_runs.mean(axis=0), values.mean(axis=0)

    def mean_square(squares: np.ndarray, degrees: int) -> float:
        return squares.sum() / degrees if degrees > 0 else np.nan

    split = mean_square(seeds * sizes * (of_folds - values.mean()) ** 2, number - 1)
    run = mean_square(sizes * (of_runs - of_folds) ** 2, number * (seeds - 1))
    case = mean_square(seeds * (of_cases - of_folds[folds]) ** 2, cases - number)
    interaction = values - of_cases - of_runs[:, folds] + of_folds[folds]
    rest = mean_square(interaction**2, (cases - number) * (seeds - 1))
    fold_size = (cases - np.sum(sizes**2) / cases) / (number - 1) if number > 1 else np.nan
    if seeds == 1:  # run and split, case and rest, cannot be told apart
        return np.maximum([(split - case) / fold_size, np.nan, case, np.nan], 0)
    run_variance = (run - rest) * number / cases
    case_variance = (case - rest) / seeds
    split_variance = (split - case - fold_size * run_variance) / (seeds * fold_size)
    return np.maximum([split_variance, run_variance, case_variance, rest], 0)
