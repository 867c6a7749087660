"""What lies behind the main table: rankings, pairs, precision, strata, both tasks at once.

Each entry is one stored table with a title and a sentence that says how to read it; the numbers come from
`benchmarks.statistics`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from benchmarks.statistics.comparisons import (
    agreement,
    bootstrap,
    corrected_t,
    delong,
    false_claims,
    outperforming,
    pairs,
    precision,
)
from benchmarks.statistics.estimates import (
    calibration,
    decision_curve,
    difficulty,
    intervals,
    joint,
    operating_points,
    profiles,
    strata,
    variance,
)
from benchmarks.statistics.panel import Reference
from benchmarks.statistics.rankings import mean_ranks, stability


@dataclass(frozen=True)
class Question:
    """What the statistics are asked: scores, truth, the selection rule, the metric of the outlines, the reference."""

    cases: pd.DataFrame
    truth: pd.DataFrame
    selection: str
    dice: str
    reference: Reference | None  # None where the reference itself was not scored


@dataclass(frozen=True)
class Evidence:
    title: str
    text: str
    make: Callable[[Question], pd.DataFrame]


def both(function: Callable, asked: Question, **options) -> pd.DataFrame:
    """A table for the outlines above the same for the class task."""
    tables = [function(asked.cases, metric, asked.selection, **options) for metric in (asked.dice, "accuracy")]
    tables = [table for table in tables if not table.empty]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def ranks(function: Callable, asked: Question) -> pd.DataFrame:
    """A table for each number that networks are ranked by."""
    tables = [function(asked.cases, metric, asked.selection) for metric in (asked.dice, "auc", "joint_success")]
    return pd.concat([table for table in tables if not table.empty], ignore_index=True)


def stratified(asked: Question) -> pd.DataFrame:
    if asked.truth.empty:
        return pd.DataFrame()
    return strata.stratify(asked.cases, asked.truth.reset_index(), asked.dice, asked.selection)


EVIDENCE = {
    "rank_stability": Evidence(
        "Would the ranking hold on other patients?",
        "Rank with the range it keeps in 95% of cluster-bootstrap resamples, share of resamples in which the network "
        "is first, and Kendall's tau of a resample's ranking with this one.",
        lambda asked: ranks(stability.rank_stability, asked),
    ),
    "rank_shares": Evidence(
        "How often each rank",
        "Share of cluster-bootstrap resamples in which a network has a rank.",
        lambda asked: ranks(stability.rank_shares, asked),
    ),
    "critical_difference": Evidence(
        "Mean ranks and critical difference",
        "Mean rank over groups; networks closer than Nemenyi's critical difference share a bar.",
        lambda asked: both(mean_ranks.critical_difference, asked),
    ),
    "nemenyi": Evidence(
        "Every pair by rank",
        "Nemenyi's test of mean ranks over groups, which allows for all pairs.",
        lambda asked: both(mean_ranks.nemenyi, asked),
    ),
    "friedman": Evidence(
        "Do the networks differ at all?",
        "Friedman's test over groups, corrected for ties.",
        lambda asked: both(mean_ranks.friedman, asked),
    ),
    "pairs": Evidence(
        "Every pair",
        "Paired difference (a minus b) with its 95% interval; p by sign flips of whole groups, after Holm and as "
        "step-down max-T; Hodges-Lehmann shift, Cliff's delta; posterior probability of practical equivalence (0.01), "
        "of better and of worse by the Bayesian signed-rank test.",
        lambda asked: both(pairs.compare, asked),
    ),
    "pairs_auc": Evidence(
        "Every pair by AUC",
        "Paired DeLong test for grouped cases; of the same variance, posterior probability of practical equivalence "
        "(0.01), of better and of worse.",
        lambda asked: delong.compare_auc(asked.cases, asked.selection),
    ),
    "pairs_average_precision": Evidence(
        "Every pair by average precision",
        "Paired difference (a minus b) with its 95% cluster-bootstrap interval; z is the difference divided by its "
        "standard deviation over the resamples.",
        lambda asked: bootstrap.compare_by_bootstrap(asked.cases, "average_precision", asked.selection),
    ),
    "outperforming": Evidence(
        "Probability of outperforming",
        "How often a is better than b on the same case, ties one half.",
        lambda asked: both(outperforming.outperforming, asked),
    ),
    "corrected_t": Evidence(
        "Over folds and seeds",
        "Nadeau and Bengio's corrected t over runs: folds share their training data, so runs are not independent.",
        lambda asked: both(corrected_t.compare_runs, asked, reference=asked.reference),
    ),
    "mcnemar": Evidence(
        "Which cases are called right",
        "McNemar's exact test, seed by seed.",
        lambda asked: agreement.mcnemar(asked.cases, asked.selection, reference=asked.reference),
    ),
    "cochran": Evidence(
        "Are all networks right equally often?",
        "Cochran's Q, seed by seed.",
        lambda asked: agreement.cochran(asked.cases, asked.selection),
    ),
    "precision": Evidence(
        "What this benchmark can tell apart",
        "The least true difference to the reference that a two-sided paired test at 5% finds with 80% power; the "
        "design effect is what groups cost.",
        lambda asked: both(precision.minimum_detectable, asked, reference=asked.reference),
    ),
    "false_claims": Evidence(
        "How safe is the claim at the top?",
        "Probability that the leader is in truth no better than the rival (Claims Reloaded), with cases and with "
        "groups as the independent unit.",
        lambda asked: both(false_claims.false_claims, asked),
    ),
    "joint_success": Evidence(
        "Both tasks at once",
        "Share of cases with Dice of at least 0.7 and the right class.",
        lambda asked: joint.joint_success(asked.cases, asked.selection),
    ),
    "strata": Evidence(
        "Where the networks differ",
        "By lesion size (thirds), class, and remark on the image's quality.",
        stratified,
    ),
    "mixed_model": Evidence(
        "How much is the case",
        "Linear mixed model, score ~ network + (1 | case): the intraclass correlation is the share of variance that "
        "belongs to the case.",
        lambda asked: both(difficulty.mixed_model, asked),
    ),
    "case_difficulty": Evidence(
        "Which cases are hard",
        "Mean over networks with the lowest and the highest; the intercept is the case's distance from the mean of all "
        "cases in the mixed model, shrunk by how far the networks agree on it.",
        lambda asked: both(difficulty.case_difficulty, asked),
    ),
    "variance": Evidence(
        "Split, seed and case",
        "Where the variation of each network's number comes from.",
        lambda asked: both(variance.split_variance, asked),
    ),
    "interquartile_mean": Evidence(
        "Interquartile mean",
        "Mean of the middle half of all scores.",
        lambda asked: profiles.interquartile_mean(asked.cases, asked.dice, asked.selection),
    ),
    "profiles": Evidence(
        "Performance profiles",
        "Share of cases that reach each Dice.",
        lambda asked: profiles.performance_profiles(asked.cases, asked.dice, asked.selection),
    ),
    "textbook_intervals": Evidence(
        "Textbook intervals",
        "Each seed by itself: Wilson's for proportions, which takes cases as independent, and DeLong's for AUC, groups "
        "kept together; to set beside the bootstrap of the main table.",
        lambda asked: intervals.alternatives(asked.cases, asked.selection),
    ),
    "reliability": Evidence(
        "Do probabilities mean what they say?",
        "Share of malignant cases in ten bins of the predicted probability, with its interval, beside the mean "
        "probability in the bin.",
        lambda asked: calibration.reliability(asked.cases, asked.selection),
    ),
    "operating_points": Evidence(
        "Sensitivity at fixed specificity",
        "The best sensitivity on the ROC curve with at least that specificity.",
        lambda asked: operating_points.sensitivity_at_specificity(asked.cases, asked.selection),
    ),
    "decision_curve": Evidence(
        "Decision curve",
        "Net benefit of acting on the network at each threshold probability, beside treating all and none.",
        lambda asked: decision_curve.decision_curve(asked.cases, asked.selection),
    ),
}
