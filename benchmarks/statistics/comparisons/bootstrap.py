"""The difference of two metrics that belong to all cases together, such as average precision, by the cluster bootstrap.

`pairs` needs a score of each case, and DeLong's formula is for the AUC alone.
"""

import numpy as np
import pandas as pd
from scipy.stats import norm

from benchmarks.statistics.comparisons.delong import REGIONS, regions
from benchmarks.statistics.comparisons.multiplicity import holm
from benchmarks.statistics.comparisons.pairs import EQUIVALENT
from benchmarks.statistics.estimates.metrics import resampled
from benchmarks.statistics.panel import Reference, arrange
from benchmarks.statistics.resampling import interval

COLUMNS = ["model_a", "model_b", "metric", "difference", "low", "high", "method", "z", "p_value"]


def compare_by_bootstrap(
    cases: pd.DataFrame,
    metric: str,
    selection: str,
    *,
    reference: Reference | None = None,
    resamples: int = 2000,
    seed: int = 0,
    level: float = 0.95,
    rope: float = EQUIVALENT,
) -> pd.DataFrame:
    """Each model against the reference, or all pairs, on the same resamples of groups.

    The interval is that of `intervals.summarise`, of the difference. z is the difference divided by its standard
    deviation over the resamples and held against the normal distribution (Robin et al. 2011, BMC Bioinformatics 12:77,
    who do so for the AUC).

    Args:
        cases: case scores with a column `model`, docs/contracts.md.
        metric: any metric of `intervals.summarise`.
        selection: the rule by which the epoch was selected.
        reference: the model that the others are compared to, or `{model: its own reference}`; all pairs if not given.
        rope: half width of the region of practical equivalence.

        A row per pair: `model_a, model_b, metric, difference` (a minus b), `low, high, method, z, p_value, p_holm,
        p_equivalent, p_better, p_worse, cases, groups`, the posterior as in `delong.compare_auc`. Empty cells where no
        interval is defined. Where no resample moves the difference, p is 1 if there is none, and else empty.

    Raises:
        UserError: the reference is unknown, or see `panel.arrange`.
    """
    panel = arrange(cases, selection)
    count = panel.groups.max() + 1
    statistics = resampled(panel, [metric], resamples, seed)[metric]
    rows = []
    for a, b in panel.pairs(statistics, reference):
        difference = statistics[a] - statistics[b]
        low, high, method = interval(difference, count, level)
        z, posterior = np.nan, (np.nan,) * len(REGIONS)
        if method == "constant":
            z, posterior = 0.0 if abs(difference[0]) < 1e-12 else np.nan, regions(difference[0], 0, rope)
        elif not method.startswith("none"):
            variance = np.nanvar(difference[count + 1 :], ddof=1)
            z, posterior = difference[0] / np.sqrt(variance), regions(difference[0], variance, rope)
        rows.append((a, b, metric, difference[0], low, high, method, z, 2 * norm.sf(abs(z)), *posterior))
    table = pd.DataFrame(rows, columns=[*COLUMNS, *REGIONS])
    table.insert(len(COLUMNS), "p_holm", holm(table["p_value"]))
    return table.assign(cases=len(panel.facts), groups=count)
