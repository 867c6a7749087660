"""The main table and the paired differences of a benchmark, as CSV, Markdown and LaTeX."""

import json
from pathlib import Path

import pandas as pd
from pandas.api.types import is_float_dtype

from benchmarks.reporting.labels import (
    CLASSIFICATION,
    DASH,
    METRICS,
    MINUS,
    RELEASED_SEGMENTATION,
    SELECTION_RULES,
    external_note,
    p_value_text,
    segmentation_metrics,
    selection_note,
    with_interval,
)
from benchmarks.reporting.results import Results
from benchmarks.statistics.comparisons import pairs
from benchmarks.statistics.comparisons.delong import compare_auc
from benchmarks.statistics.estimates import intervals
from benchmarks.statistics.estimates.intervals import summarise
from benchmarks.statistics.estimates.metrics import estimate_with_interval
from benchmarks.statistics.panel import Reference, arrange
from benchmarks.statistics.resampling import group_weights

COMPARED = {
    "standard": ["dice", "hd95", "auc", "accuracy", "brier"],
    "released": ["released_dice", "auc", "accuracy", "brier"],
}
LATEX_SYMBOLS = {"↑": r"$\uparrow$", "↓": r"$\downarrow$", MINUS: "$-$", DASH: "--", "<": "$<$", "_": r"\_", "%": r"\%"}


ROUNDING = 1e-14


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """The table with six significant digits, as it is stored: what is drawn or printed is what is on file.

    What is smaller than rounding errors of a sum becomes 0, so that it does not depend on the machine.
    """
    columns = {
        name: table[name].where(table[name].abs() > ROUNDING, table[name] * 0)
        for name in table
        if is_float_dtype(table[name])
    }
    return table.assign(**{name: [float(f"{value:.6g}") for value in column] for name, column in columns.items()})


def write_csv(table: pd.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, index=False, float_format="%.6g", lineterminator="\n")


def write_text(text: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def score_table(results: Results) -> pd.DataFrame:
    """Every model's mean with interval under every stored selection rule; `note` labels the oracle wherever it stands.

    Returns:
        `selection, note, model, metric, estimate, low, high, method, cases, groups, seeds`.
    """
    tables = []
    for selection in [rule for rule in SELECTION_RULES if rule in set(results.cases["selection"])]:
        table = pd.concat([summarise(results.cases, selection), summarise_released(results.cases, selection)])
        table.insert(0, "selection", selection)
        table.insert(1, "note", [selection_note(selection, model) for model in table["model"]])
        tables.append(table)
    return in_order(rounded(pd.concat(tables, ignore_index=True)), results.models)


def summarise_released(cases: pd.DataFrame, selection: str) -> pd.DataFrame:
    """What `statistics.intervals.summarise` gives, for the released segmentation scores; the same resamples."""
    panel = arrange(cases, selection)
    groups = panel.groups.max() + 1
    weights = group_weights(groups, resamples=2000, seed=0)
    rows = [
        (model, metric, *estimated, len(panel.facts), groups, len(panel.seeds(model)))
        for metric in RELEASED_SEGMENTATION
        for model, *estimated in estimate_with_interval(panel, metric, weights, level=0.95)
    ]
    return pd.DataFrame(rows, columns=intervals.COLUMNS)


def in_order(table: pd.DataFrame, models: list[str], column: str = "model") -> pd.DataFrame:
    """Rows by selection rule (as first met), then model (the reference first), then as they were."""
    place = {model: i for i, model in enumerate(models)}
    keys = pd.DataFrame({"model": table[column].map(place)})
    if "selection" in table:
        keys.insert(0, "selection", table["selection"].map({rule: i for i, rule in enumerate(SELECTION_RULES)}))
    return table.loc[keys.sort_values(list(keys), kind="stable").index].reset_index(drop=True)


def difference_table(results: Results, selection: str, scoring: str, reference: Reference | None) -> pd.DataFrame:
    """Paired differences to the reference, or of each model to its own; a Holm family for each metric.

    AUC by DeLong's test for grouped cases (`statistics.delong`), all else by `statistics.pairs.compare`.

    Returns:
        The columns of `pairs.compare`, ordered by metric and model; no row without a reference.
    """
    cases = results.selected(selection)
    tables = [pd.DataFrame(columns=pairs.COLUMNS)]
    for metric in COMPARED[scoring] if reference else []:
        if metric == "auc":
            table = compare_auc(cases, selection, reference=reference).assign(metric="auc", method="DeLong")
        else:
            table = pairs.compare(cases, metric, selection, reference=reference)
        tables.append(in_order(table, results.models, "model_a"))
    tables = [table for table in tables if not table.empty] or tables[:1]
    return rounded(pd.concat(tables, ignore_index=True).reindex(columns=pairs.COLUMNS))


def main_table(scores: pd.DataFrame, selection: str, scoring: str, models: list[str]) -> pd.DataFrame:
    """One row per model: each metric as `<metric>`, `<metric>_low`, `<metric>_high`; NaN where a head is lacking."""
    chosen = scores[scores["selection"] == selection].set_index(["model", "metric"])
    columns: dict[str, list] = {"model": models}
    for metric in [m for m in {**segmentation_metrics(scoring), **CLASSIFICATION} if m in set(scores["metric"])]:
        rows = chosen.xs(metric, level="metric").reindex(models)
        columns |= {metric: rows["estimate"], f"{metric}_low": rows["low"], f"{metric}_high": rows["high"]}
    return pd.DataFrame({name: list(values) for name, values in columns.items()})


def main_text(main: pd.DataFrame, scoring: str) -> dict[str, pd.DataFrame]:
    """The main table as texts: one for segmentation, one for classification, each without the models that lack it."""
    parts = {"Segmentation": segmentation_metrics(scoring), "Classification": CLASSIFICATION}
    texts = {}
    for title, metrics in parts.items():
        known = {m: metric for m, metric in metrics.items() if m in main}
        rows = main.dropna(subset=list(known), how="all")
        if known and not rows.empty:
            columns = {
                metric.heading: [
                    with_interval(*values, metric.decimals)
                    for values in rows[[name, f"{name}_low", f"{name}_high"]].itertuples(index=False)
                ]
                for name, metric in known.items()
            }
            texts[title] = pd.DataFrame({"Model": list(rows["model"])} | columns)
    return texts


def difference_text(differences: pd.DataFrame) -> pd.DataFrame:
    """The paired differences as texts, a row per metric and model; the other model too, where it is not always one."""
    text = pd.DataFrame(
        {
            "Metric": [METRICS[row.metric].heading for row in differences.itertuples()],
            "Model": list(differences["model_a"]),
            "Difference [95% interval]": [
                with_interval(row.difference, row.low, row.high, METRICS[row.metric].decimals)
                for row in differences.itertuples()
            ],
            "p": [p_value_text(p) for p in differences["p_value"]],
            "p (Holm)": [p_value_text(p) for p in differences["p_holm"]],
        }
    )
    if len(set(differences["model_b"])) > 1:
        text.insert(2, "Minus", list(differences["model_b"]))
    return text


def markdown(table: pd.DataFrame) -> str:
    """A Markdown table of texts."""
    rows = [list(table.columns), ["---"] * len(table.columns), *table.to_numpy().tolist()]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows) + "\n"


def latex(table: pd.DataFrame) -> str:
    """A LaTeX tabular of texts, for the package booktabs."""

    def line(cells: list[str]) -> str:
        return " & ".join("".join(LATEX_SYMBOLS.get(c, c) for c in str(cell)) for cell in cells) + r" \\"

    body = [line(row) for row in table.to_numpy().tolist()]
    columns = "l" * len(table.columns)
    lines = [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", line(list(table.columns)), r"\midrule", *body]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


def caption(benchmark: str, scores: pd.DataFrame, selection: str) -> str:
    """What every printed table says of itself."""
    chosen = scores[scores["selection"] == selection]
    cases, groups = chosen["cases"].iloc[0], chosen["groups"].iloc[0]
    seeds = chosen["seeds"].max()
    return (
        f"Benchmark {benchmark}: {cases} cases in {groups} groups, {seeds} seed{'s' if seeds > 1 else ''}. Epoch: "
        f"{SELECTION_RULES[selection]}. Mean over cases, then over seeds, with its 95% cluster-bootstrap interval "
        "over groups." + external_note(chosen["model"])
    )


def difference_caption(benchmark: str, selection: str, differences: pd.DataFrame) -> str:
    return (
        f"Benchmark {benchmark}: each model minus {counterpart(differences)}, paired by case. "
        f"Epoch: {SELECTION_RULES[selection]}. "
        "Intervals: 95% cluster bootstrap over groups; p: sign-flip permutation of whole groups (AUC: both by DeLong's "
        "method for grouped cases). Holm: corrected over the models of one metric."
    )


def counterpart(differences: pd.DataFrame) -> str:
    """The model that all others were compared with, in words."""
    names = differences["model_b"].unique()
    return names[0] if len(names) == 1 else "its reference"


def write_printed(texts: dict[str, pd.DataFrame], description: str, path_without_ending: Path) -> None:
    """The same tables as Markdown and as LaTeX."""
    folder, name = path_without_ending.parent, path_without_ending.name
    blocks = [f"**{title}**\n\n{markdown(table)}" if title else markdown(table) for title, table in texts.items()]
    write_text("\n".join([description, "", *blocks]), folder / f"{name}.md")
    blocks = [f"% {title}\n{latex(table)}" if title else latex(table) for title, table in texts.items()]
    write_text("\n".join([f"% {description}", "% \\usepackage{booktabs}", *blocks]), folder / f"{name}.tex")


def metrics_json(main: pd.DataFrame) -> str:
    """Estimates by model and metric, for `dvc metrics show`; a metric that a model cannot have is left out."""
    estimates = main.set_index("model")[[column for column in main if column in METRICS]]
    nested = {model: row.dropna().to_dict() for model, row in estimates.iterrows()}
    return json.dumps(nested, indent=1) + "\n"


def write_tables(
    results: Results, folder: Path, selection: str, scoring: str, reference: Reference | None
) -> dict[str, pd.DataFrame]:
    """Write all tables of a benchmark into a folder.

    Returns:
        The numbers as stored: `scores`, `main`, `differences`.
    """
    results.selected(selection)
    scores = score_table(results)
    main = main_table(scores, selection, scoring, results.models)
    differences = difference_table(results, selection, scoring, reference)
    for name, table in {"scores": scores, "main": main, "differences": differences}.items():
        write_csv(table, folder / f"{name}.csv")
    write_printed(main_text(main, scoring), caption(results.benchmark, scores, selection), folder / "main")
    described = difference_caption(results.benchmark, selection, differences)
    write_printed({"": difference_text(differences)}, described, folder / "differences")
    write_text(metrics_json(main), folder / "metrics.json")
    return {"scores": scores, "main": main, "differences": differences}
