"""Which of two models is better, by how much, and how sure we may be."""

from functools import partial

import numpy as np
import pandas as pd

from benchmarks.statistics.comparisons.bayesian import signed_rank
from benchmarks.statistics.comparisons.effect_sizes import cliffs_delta, hodges_lehmann
from benchmarks.statistics.comparisons.multiplicity import holm
from benchmarks.statistics.comparisons.permutation import flip_tests
from benchmarks.statistics.panel import LOWER_IS_BETTER, Reference, arrange
from benchmarks.statistics.resampling import group_sums, interval, over_resamples, weighted_means

COLUMNS = [
    *("model_a", "model_b", "metric", "difference", "low", "high", "method"),
    *("p_value", "p_holm", "p_max_t", "hodges_lehmann", "cliffs_delta"),
    *("p_equivalent", "p_better", "p_worse", "cases", "groups"),
]
EQUIVALENT = 0.01  # one Dice point; of metrics that are no shares, one pixel
PIXELS = ("hd95", "hd95_larger_side", "assd", "released_hd95", "released_asd")


def compare(
    cases: pd.DataFrame,
    metric: str,
    selection: str,
    *,
    reference: Reference | None = None,
    resamples: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
    rope: float | None = None,
) -> pd.DataFrame:
    """Every other model (`model_a`) against the reference (`model_b`), or all pairs; the family of tests is this table.

    Seeds are averaged within a case. The interval is a cluster bootstrap of the mean difference, the p-values
    flip the signs of whole groups, the Bayesian probabilities see one mean difference a group; the effect sizes
    are those of the cases. `p_better` is for `model_a`, whichever way the metric points.

    Args:
        cases: case scores with a column `model`, docs/contracts.md.
        metric: a column of scores, `accuracy`, `brier` or `joint_success`.
        selection: the rule by which the epoch was selected.
        reference: the model that the others are compared to, or `{model: its own reference}`; all pairs, in
            alphabetical order, if not given.
        rope: half width of the region of practical equivalence; .01, and 1 pixel for distances, if not given.

    Returns:
        A row per pair: `model_a, model_b, metric, difference` (a minus b), `low, high, method, p_value, p_holm,
        p_max_t, hodges_lehmann, cliffs_delta, p_equivalent, p_better, p_worse, cases, groups`. Models that lack
        the head have no row; no row at all if the reference lacks it.

    Raises:
        UserError: the reference is unknown, or see `panel.arrange`.
    """
    panel = arrange(cases, selection)
    scores = panel.values(metric)
    pairs = panel.pairs(scores, reference)
    if not pairs:
        return pd.DataFrame(columns=COLUMNS)
    means = {model: values.mean(axis=0) for model, values in scores.items()}
    differences = np.stack([means[a] - means[b] for a, b in pairs], axis=1)
    groups = panel.groups
    count = groups.max() + 1
    statistics = over_resamples(partial(weighted_means, differences, groups), count, resamples, seed).T
    p_value, p_max_t = flip_tests(group_sums(differences, groups), resamples, seed)
    of_groups = group_sums(differences, groups) / np.bincount(groups)[:, None]
    rope = rope if rope is not None else EQUIVALENT * (100 if metric in PIXELS else 1)
    table = pd.DataFrame(pairs, columns=["model_a", "model_b"])
    table["metric"], table["cases"], table["groups"] = metric, len(panel.facts), count
    table["difference"] = statistics[:, 0]
    table["low"], table["high"], table["method"] = zip(*(interval(s, count, level) for s in statistics), strict=True)
    table["p_value"], table["p_max_t"] = p_value, p_max_t
    table["p_holm"] = holm(table["p_value"])
    table["hodges_lehmann"] = [hodges_lehmann(column) for column in differences.T]
    table["cliffs_delta"] = [cliffs_delta(means[a], means[b]) for a, b in pairs]
    below, within, above = signed_rank(of_groups, rope, resamples, seed)
    better, worse = (below, above) if metric in LOWER_IS_BETTER else (above, below)
    table["p_equivalent"], table["p_better"], table["p_worse"] = within, better, worse
    return table[COLUMNS]
