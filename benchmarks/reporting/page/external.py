"""What is left of a benchmark's numbers on other datasets: sentences that follow from its tables, and these."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from benchmarks.configuration import Parameters
from benchmarks.reporting.labels import Metric, number, with_interval
from benchmarks.reporting.names import Names, title_of, with_titles
from benchmarks.reporting.page.stored_tables import sortable
from benchmarks.reporting.page.trained_there import there_text, trained_there
from benchmarks.reporting.results import rows_of
from benchmarks.reporting.tables.stored import read_stored
from benchmarks.reporting.tables.transfer import EXTERNAL, LABELS, transfer_caption, transfer_text
from benchmarks.reporting.wording import counted

SAID = ("dice", "auc")
FILES = ("transfer.csv", "transfer.md", "transfer.tex", "networks.csv", "ranking.csv", "strata.csv")
OVERLAP = ("overlap.csv", "overlap_nearest.csv")


def external_part(
    benchmark: str, parameters: Parameters, root: Path, link: Callable[[Path], str], names: Names
) -> dict | None:
    """Sentences, tables and links; `None` where the benchmark has not been tested on another dataset."""
    tables = root / EXTERNAL / "tables" / benchmark
    if not (tables / "transfer.csv").is_file():
        return None
    stored = {name: read_stored(tables / f"{name}.csv") for name in ("transfer", "ranking", "strata")}
    settings = parameters.benchmark(benchmark)
    overlap = read_overlap(root, settings.dataset, list(dict.fromkeys(stored["transfer"]["dataset"])))
    there = trained_there(benchmark, list(stored["transfer"]["dataset"].unique()), parameters, root)
    there = {title_of(dataset): found for dataset, found in there.items()}
    overlap, stored = with_titles(overlap), {name: with_titles(table) for name, table in stored.items()}
    epochs = counted(settings.training.epochs, "epoch")
    budget = f"After {epochs} at {settings.image_size} pixels on {title_of(settings.dataset)}"
    expected = len(settings.training.seeds) * len(settings.folds)
    return {
        "sentences": [
            names.in_text(sentence)
            for sentence in [
                *(
                    text
                    for dataset, own in stored["transfer"].groupby("dataset", sort=False)
                    for text in [*dataset_text(own, budget), *there_sentences(str(dataset), own, there)]
                ),
                *(ranking_text(row) for row in rows_of(stored["ranking"])),
                *missing_text(stored["transfer"], expected),
                *overlap_text(overlap),
            ]
        ],
        "tables": {title: sortable(table, names) for title, table in transfer_text(stored["transfer"]).items()},
        "caption": transfer_caption(benchmark, title_of(settings.dataset)),
        "ranking": sortable(ranking_table(stored["ranking"]), names),
        "strata": sortable(strata_table(stored["strata"]), names),
        "overlap": sortable(overlap_table(overlap)) if len(overlap) else None,
        "outcomes": {
            "ranking": names.in_text("; ".join(order_outcome(row) for row in rows_of(stored["ranking"]))),
            "strata": strata_outcome(stored["strata"]),
            "overlap": overlap_outcome(overlap),
        },
        "files": {name: link(tables / name) for name in FILES if (tables / name).is_file()},
        "overlap_files": {name: link(path) for name in OVERLAP if (path := root / EXTERNAL / name).is_file()},
    }


def there_sentences(dataset: str, own: pd.DataFrame, there: dict[str, tuple[str, pd.DataFrame]]) -> list[str]:
    """What the same networks reach on a dataset when they are trained on it; none where it is not known."""
    return there_text(dataset, *there[dataset], list(own["model"].unique())) if dataset in there else []


def matrix_file(root: Path) -> Path:
    """The drawing of every network on every test set."""
    return root / EXTERNAL / "figures" / "matrix.svg"


def dataset_text(table: pd.DataFrame, budget: str) -> list[str]:
    """What a dataset does to Dice, AUC, calibration and the threshold; a sentence each.

    Args:
        table: the rows of one dataset.
        budget: begins the sentences on Dice and AUC.
    """
    dataset, cases = table["dataset"].iloc[0], table["cases"].iloc[0]
    texts = []
    for metric in SAID:
        own = table[table["metric"] == metric]
        if len(own):
            texts.append(
                f"{budget}, {LABELS[metric].label} on {dataset}, {cases} cases, {change_text(own, LABELS[metric])}"
            )
    return texts + calibration_text(table, dataset) + threshold_text(table, dataset)


def change_text(own: pd.DataFrame, kind: Metric) -> str:
    """The range of a metric over networks, and how many lose by it beyond the interval."""
    best, worst = own.loc[own["external"].idxmax()], own.loc[own["external"].idxmin()]
    text = f"lies between {number(worst['external'], kind.decimals)} ({worst['model']}) and "
    text += f"{number(best['external'], kind.decimals)} ({best['model']})"
    judged = own.dropna(subset="change_low")
    if judged.empty:
        return f"{text}."
    least, most = judged.loc[judged["change"].idxmax()], judged.loc[judged["change"].idxmin()]
    falls, rises = int((judged["change_high"] < 0).sum()), int((judged["change_low"] > 0).sum())
    text += f"; it is lower than on the own test folds for {falls} of {counted(len(judged), 'network')}"
    text += f", higher for {rises}" if rises else ""
    text += " (95% interval of the change beyond 0)"
    extremes = [least] if least["model"] == most["model"] else [least, most]
    changes = [
        f"{with_interval(row['change'], row['change_low'], row['change_high'], kind.decimals)} ({row['model']})"
        for row in extremes
    ]
    return f"{text}; the change runs from {' to '.join(changes)}." if len(changes) > 1 else f"{text}: {changes[0]}."


def span(values: pd.Series) -> str:
    """The least and the largest of some numbers."""
    low, high = number(values.min(), 3), number(values.max(), 3)
    return low if low == high else f"{low} to {high}"


def calibration_text(table: pd.DataFrame, dataset: str) -> list[str]:
    """Whether probabilities still mean what they say, before and after the change of hospital."""
    excess, brier = (table[table["metric"] == metric] for metric in ("probability_excess", "brier"))
    if excess.empty:
        return []
    return [
        f"On {dataset} the mean probability of malignant minus the share of malignant cases is "
        f"{span(excess['external'])} (own test folds: {span(excess['internal'])}), the Brier score "
        f"{span(brier['external'])} (own test folds: {span(brier['internal'])})."
    ]


def threshold_text(table: pd.DataFrame, dataset: str) -> list[str]:
    """What becomes of 90% specificity."""
    found = {side: table[table["metric"] == f"{side}_at_threshold"] for side in ("sensitivity", "specificity")}
    if any(own.empty for own in found.values()):
        return []

    return [
        f"At each network's threshold of 90% specificity on its own test fold, specificity on {dataset} is "
        f"{span(found['specificity']['external'])} and sensitivity {span(found['sensitivity']['external'])} "
        f"(own test folds: {span(found['sensitivity']['internal'])})."
    ]


def ranking_text(row) -> str:
    """Whether the order of the networks holds."""
    same = row.best_internal == row.best_external
    best = f"{row.best_internal} is best on both" if same else f"best is {row.best_external}, not {row.best_internal}"
    return (
        f"The order of {row.models} networks by {LABELS[row.metric].label} on {row.dataset}: Kendall's tau "
        f"{with_interval(row.tau, row.low, row.high, 2)} with that on the own test folds, where resampled patients of "
        f"the own dataset give {number(row.tau_internal, 2)} on average; {best}."
    )


def order_outcome(row) -> str:
    """Kendall's tau of one order, and whether the best stays the best."""
    best = "the best stays" if row.best_internal == row.best_external else f"best there is {row.best_external}"
    return f"{LABELS[row.metric].label} on {row.dataset}: Kendall's tau {number(row.tau, 2)}, {best}"


def strata_outcome(table: pd.DataFrame) -> str:
    """The strata with the lowest and the highest mean Dice over networks."""
    means = table[table["metric"] == "dice"].groupby(["dataset", "stratum"], sort=False)["estimate"].mean().dropna()
    if means.empty:
        return ""
    ends = [(*means.idxmin(), means.min()), (*means.idxmax(), means.max())]
    return "Dice, mean of all: " + ", ".join(f"{number(value, 3)} ({stratum}, {d})" for d, stratum, value in ends)


def overlap_outcome(overlap: pd.DataFrame) -> str:
    """How many pictures each pair of datasets shares."""
    if overlap.empty:
        return ""
    found = overlap[~overlap["dataset_b"].str.contains(": ", regex=False)]
    return "; ".join(f"{row.dataset_a} and {row.dataset_b}: {row.alike or 'none'} found" for row in rows_of(found))


def missing_text(table: pd.DataFrame, expected: int) -> list[str]:
    """Says of which models some networks have not been tested."""
    counts = table.groupby(["dataset", "model"], sort=False)["networks"].first()
    short = counts[counts < expected]
    if short.empty:
        return []
    named = ", ".join(f"{model} on {dataset} {count}" for (dataset, model), count in short.items())
    return [f"Of {counted(expected, 'network')} of each model, fewer have been tested: {named}."]


def read_overlap(root: Path, own: str, others: list[str]) -> pd.DataFrame:
    """The rows of the search for shared pictures that concern these datasets, the controls with them."""
    path = root / EXTERNAL / "overlap.csv"
    if not path.is_file():
        return pd.DataFrame()
    table = pd.read_csv(path)
    pairs = {frozenset((own, other)) for other in others}
    concerned = [frozenset(pair) in pairs for pair in zip(table["dataset_a"], table["dataset_b"], strict=True)]
    control = [b.startswith(f"{a}: ") for a, b in zip(table["dataset_a"], table["dataset_b"], strict=True)]
    return table[[one or other for one, other in zip(concerned, control, strict=True)]].reset_index(drop=True)


def overlap_text(overlap: pd.DataFrame) -> list[str]:
    """How many pictures are shared, and how good the search is."""
    if overlap.empty:
        return []
    is_control = overlap["dataset_b"].str.contains(": ", regex=False)
    texts = [
        f"{row.dataset_a} and {row.dataset_b} share {row.alike or 'no'} picture{'' if row.alike == 1 else 's'}, as far "
        "as the search below tells."
        for row in rows_of(overlap[~is_control])
    ]
    known = overlap[is_control & overlap["dataset_b"].str.endswith("same group")]
    for row in rows_of(known):
        texts.append(
            f"That search finds {row.alike} of the {row.compared} pairs of {row.dataset_a} that are known to show "
            "one lesion."
        )
    return texts


def ranking_table(table: pd.DataFrame) -> pd.DataFrame:
    rows = [
        {
            "Dataset": row.dataset,
            "Metric": LABELS[row.metric].label,
            "Networks": str(row.models),
            "Kendall's tau [95% percentiles]": with_interval(row.tau, row.low, row.high, 2),
            "on resampled own patients": number(row.tau_internal, 2),
            "Best on own folds": row.best_internal,
            "Best there": row.best_external,
            "Pairs that change places": str(row.pairs_reversed),
        }
        for row in rows_of(table)
    ]
    return pd.DataFrame(rows)


def strata_table(table: pd.DataFrame) -> pd.DataFrame:
    """Dice and AUC alone: the others are in the file."""
    rows = [
        {
            "Dataset": row.dataset,
            "By": row.by,
            "Stratum": str(row.stratum),
            "Network": row.model,
            "Metric": LABELS[row.metric].label,
            "Estimate [95% interval]": with_interval(row.estimate, row.low, row.high, LABELS[row.metric].decimals),
            "Cases (malignant)": f"{row.cases} ({row.malignant})",
        }
        for row in rows_of(table[table["metric"].isin(SAID)])
    ]
    return pd.DataFrame(rows)


def overlap_table(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Datasets": [f"{row.dataset_a} and {row.dataset_b}" for row in rows_of(table)],
            "Pairs matched": table["compared"].astype(str),
            "of these, named by the hash": table["by_hash"].astype(str),
            "Least bits": table["least_bits"].astype(str),
            "Most matched points": table["most_points"].astype(str),
            "Alike (30 points or more)": table["alike"].astype(str),
        }
    )
