"""What a benchmark's numbers become on other datasets, as a paper could print it; and how these numbers are called."""

from pathlib import Path

import pandas as pd

from benchmarks.reporting.labels import CLASSIFICATION, STANDARD_SEGMENTATION, Metric, number, with_interval
from benchmarks.reporting.results import rows_of

EXTERNAL = Path("reports/external")
LABELS = {
    **{name: STANDARD_SEGMENTATION[name] for name in ("dice", "iou")},
    **CLASSIFICATION,
    "probability_excess": Metric("Excess of probability"),
    "sensitivity_at_threshold": Metric("Sensitivity at the internal threshold"),
    "specificity_at_threshold": Metric("Specificity at the internal threshold"),
}
PRINTED = ("dice", "auc", "brier", "calibration_error", "sensitivity_at_threshold", "specificity_at_threshold")


def transfer_text(table: pd.DataFrame, metrics: tuple[str, ...] = PRINTED) -> dict[str, pd.DataFrame]:
    """A table of texts for each dataset: a row per metric and network, as a paper could print it."""
    texts = {}
    for dataset, own in table.groupby("dataset", sort=False):
        rows = [row_text(row) for metric in metrics for row in rows_of(own[own["metric"] == metric])]
        texts[f"{dataset}, {own['cases'].iloc[0]} cases"] = pd.DataFrame(rows)
    return texts


def row_text(row) -> dict[str, str]:
    kind = LABELS[row.metric]
    return {
        "Metric": kind.heading,
        "Network": row.model,
        "Own test folds": with_interval(row.internal, row.internal_low, row.internal_high, kind.decimals),
        "Here": with_interval(row.external, row.external_low, row.external_high, kind.decimals),
        "Change [95% interval]": with_interval(row.change, row.change_low, row.change_high, kind.decimals),
        "Single networks": f"{number(row.network_min, kind.decimals)} to {number(row.network_max, kind.decimals)}"
        f" ({row.networks})",
        "All as one": with_interval(row.ensemble, row.ensemble_low, row.ensemble_high, kind.decimals),
    }


def transfer_caption(benchmark: str, dataset: str) -> str:
    return (
        f"Benchmark {benchmark}: networks trained on {dataset}, tested on other datasets. Means over the networks of "
        "all folds and seeds, each tested on its own fold and on every case of the other dataset; AUC within each "
        "network. Intervals: 95% cluster bootstrap over the groups of both datasets, drawn independently; the networks "
        "are those that were trained. Single networks: the least and the largest of their numbers, and how many they "
        "are. All as one: mean of the folds' probabilities, and pixels that at least half of the networks mark. "
        "Internal threshold: each network's own, that of 90% specificity on its own test fold."
    )
