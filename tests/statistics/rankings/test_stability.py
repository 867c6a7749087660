"""Ranks under the bootstrap, against the same resamples written out case by case."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from benchmarks.statistics.rankings.stability import rank_shares, rank_stability
from benchmarks.statistics.resampling import group_weights

RULE = "inner_validation"


def written_out(cases, metric, resamples):
    """Ranks of each resample, drawn case by case by name."""
    models = [m for m in sorted(cases["model"].unique()) if cases.loc[cases["model"] == m, metric].notna().any()]
    names = sorted(cases["group"].unique())
    members = cases.groupby("group")["case"].unique()
    of_case = {m: cases[cases["model"] == m].set_index(["case", "seed"]).sort_index() for m in models}
    ranks = []
    for row in group_weights(len(names), resamples, 0)[1 + len(names) :].astype(int):
        drawn = np.concatenate([members[g] for g, times in zip(names, row, strict=True) for _ in range(times)])
        scores = []
        for model in models:
            runs = [of_case[model].xs(seed, level="seed").loc[drawn] for seed in (0, 1)]
            if metric == "dice":
                scores.append(np.mean([run["dice"].mean() for run in runs]))
            else:
                scores.append(np.mean([roc_auc_score(run["label"], run["probability"]) for run in runs]))
        ranks.append(stats.rankdata(-np.round(scores, 12), method="min"))
    return models, np.array(ranks)


@pytest.mark.parametrize(("metric", "column"), [("dice", "dice"), ("auc", "probability")])
def test_equals_the_resamples_written_out(cases, metric, column):
    models, ranks = written_out(cases, column, 60)
    table = rank_stability(cases, metric, RULE, resamples=60).set_index("model").loc[models]
    np.testing.assert_allclose(table["share_first"], (ranks == 1).mean(axis=0))
    sample = table["rank"].to_numpy()
    assert table["kendall_tau"].iloc[0] == pytest.approx(
        np.mean([stats.kendalltau(sample, r).statistic for r in ranks])
    )
    shares = rank_shares(cases, metric, RULE, resamples=60)
    for model, of_model in zip(models, ranks.T, strict=True):
        expected = np.bincount(of_model.astype(int), minlength=len(models) + 1)[1:] / 60
        np.testing.assert_allclose(shares.loc[shares["model"] == model, "share"], expected)


def test_a_model_that_always_wins(cases):
    best = cases.assign(dice=cases["dice"].where(cases["model"] != "outlines", 1.5))
    row = rank_stability(best, "dice", RULE, resamples=100).iloc[0]
    assert tuple(row[["model", "rank", "low", "high", "share_first"]]) == ("outlines", 1, 1, 1, 1)


def test_equal_models_share_the_better_rank(cases):
    table = rank_stability(cases.assign(dice=0.5), "dice", RULE, resamples=50)
    assert (table[["rank", "low", "high", "share_first"]] == 1).all(axis=None)
    assert table["kendall_tau"].isna().all()


def test_nothing_to_rank(cases):
    assert rank_stability(cases[cases["model"] == "classes"], "dice", RULE, resamples=20).empty
    assert rank_stability(cases[cases["label"] == 1], "auc", RULE, resamples=20).empty
    assert rank_shares(cases[cases["label"] == 1], "auc", RULE, resamples=20).empty
    assert len(rank_stability(cases[cases["case"] == "case01"], "dice", RULE, resamples=20)) == 3
