"""How much budget is enough: the same networks at other image sizes and with fewer training cases.

A point of a benchmark's learning curve is a benchmark of its own, the same but for these, perhaps with fewer folds.
Each network is compared with itself, on the cases that all points tested.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmarks.configuration import Benchmark, Parameters
from benchmarks.configuration.stages import way_to
from benchmarks.errors import UserError
from benchmarks.reporting.labels import dice_of
from benchmarks.reporting.results import Results, read_results
from benchmarks.statistics.comparisons import pairs
from benchmarks.statistics.comparisons.delong import compare_auc
from benchmarks.statistics.estimates.intervals import summarise

COLUMNS = [
    *("benchmark", "image_size", "share", "epochs", "model", "metric", "estimate", "low", "high"),
    *("difference", "difference_low", "difference_high", "p_value", "p_holm", "cases", "groups"),
]
AT = "@"  # between network and benchmark: no name of either holds it


@dataclass(frozen=True)
class Point:
    """A benchmark of a learning curve, as declared, with its stored case scores."""

    name: str
    settings: Benchmark
    cases: pd.DataFrame


def read_points(results: Results, root: Path, parameters: Parameters) -> list[Point]:
    """The benchmark itself and the points of its learning curve, smallest image and smallest share first.

    Returns:
        Nothing where no study gives it a learning curve.

    Raises:
        UserError: a point has no case scores, or no case that the benchmark tests.
    """
    names, whole = parameters.points_of(results.benchmark), parameters.benchmark(results.benchmark)
    if not names:
        return []
    points = [Point(results.benchmark, whole, results.selected(whole.selection.rule))]
    for name in names:
        settings = parameters.benchmark(name)
        cases = read_results(name, root, parameters).selected(settings.selection.rule)
        if not set(cases["case"]) & set(points[0].cases["case"]):
            raise UserError(
                f"reports/cases/{name}: no case that {results.benchmark} tests, too. Score both anew: "
                f"{way_to('score', name, again=True, root=root)}."
            )
        points.append(Point(name, settings, cases))
    return sorted(points, key=lambda point: (point.settings.image_size, point.settings.split.training))


def learning_curve_table(points: list[Point], benchmark: str) -> pd.DataFrame:
    """Dice and AUC of each network at each point, and how far they lie from those of the benchmark itself.

    Intervals and tests are those of `statistics.estimates.intervals` and `statistics.comparisons`, paired by case;
    Holm's correction is over all points and networks of a metric.

    Args:
        points: from `read_points`.
        benchmark: the point that the others are compared with.

    Returns:
        The columns `COLUMNS`, a row for each point, network and metric; no difference at the benchmark itself. Empty
        where there is no point.

    Raises:
        UserError: see `statistics.panel.arrange`.
    """
    if not points:
        return pd.DataFrame(columns=COLUMNS)
    selection, dice = points[0].settings.selection.rule, dice_of(points[0].settings.scoring)
    shared = set.intersection(*(set(point.cases["case"]) for point in points))
    tables = [
        point.cases[point.cases["case"].isin(shared)].assign(model=point.cases["model"] + AT + point.name)
        for point in points
    ]
    cases = pd.concat(tables, ignore_index=True)
    elsewhere = {model for point in points if point.name != benchmark for model in point.cases["model"]}
    cases = cases[cases["model"].str.partition(AT)[0].isin(elsewhere)]
    own = {entry: f"{entry.partition(AT)[0]}{AT}{benchmark}" for entry in cases["model"].unique()}
    reference = {entry: other for entry, other in own.items() if entry != other}
    estimates = summarise(cases, selection)
    differences = pd.concat(
        [
            pairs.compare(cases, dice, selection, reference=reference),
            compare_auc(cases, selection, reference=reference).assign(metric="auc"),
        ]
    ).set_index(["model_a", "metric"])[["difference", "low", "high", "p_value", "p_holm"]]
    differences = differences.rename(columns={"low": "difference_low", "high": "difference_high"})
    kept = estimates[estimates["metric"].isin([dice, "auc"])].set_index(["model", "metric"])
    table = kept.join(differences.rename_axis(["model", "metric"])).reset_index()
    table[["model", "benchmark"]] = table["model"].str.split(AT, expand=True).to_numpy()
    facts = {point.name: (point.settings.image_size, point.settings.split.training) for point in points}
    table["image_size"], table["share"] = zip(*table["benchmark"].map(facts), strict=True)
    table["epochs"] = table["benchmark"].map({point.name: point.settings.training.epochs for point in points})
    place = {point.name: index for index, point in enumerate(points)}
    order = table.assign(place=table["benchmark"].map(place), of_auc=table["metric"] == "auc")
    order = order.sort_values(["of_auc", "model", "place"], kind="stable").index
    return table.loc[order, COLUMNS].reset_index(drop=True)
