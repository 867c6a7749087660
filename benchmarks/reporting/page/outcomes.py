"""What each further statistic says, in the few words that stand beside its title while it is folded."""

from collections.abc import Callable

import pandas as pd

from benchmarks.reporting.labels import METRICS, number, p_value_text
from benchmarks.reporting.wording import listed

SURE = 0.05  # p after correction


def outcome(name: str, table: pd.DataFrame) -> str:
    """The outcome of one of `EVIDENCE`; empty where a table has none that fits into a line."""
    return OUTCOMES[name](table) if name in OUTCOMES and len(table) else ""


def label(metric: str) -> str:
    return METRICS[metric].label if metric in METRICS else metric.replace("_", " ")


def percent(share: float) -> str:
    """A share in per cent; what lies between nought and a tenth of one is not rounded to nought."""
    return "under 0.1%" if 0 < share < 0.001 else f"{100 * share:.3g}%"


def by_metric(table: pd.DataFrame, say: Callable[[pd.DataFrame], str]) -> str:
    """`Dice: ...; AUC: ...`"""
    own = table.groupby("metric", sort=False)
    return "; ".join(f"{label(str(metric))}: {say(rows)}" for metric, rows in own)


def differing(column: str) -> Callable[[pd.DataFrame], str]:
    """How many pairs differ."""
    return lambda rows: f"{int((rows[column] < SURE).sum())} of {rows[column].notna().sum()} pairs differ"


def first(rows: pd.DataFrame) -> str:
    top = rows.loc[rows["share_first"].idxmax()]
    return f"{top['model']} first in {percent(top['share_first'])}"


def first_share(rows: pd.DataFrame) -> str:
    """Who has the first rank most often."""
    top = rows.loc[rows["share"].idxmax()]
    return f"{top['model']} first in {percent(top['share'])}"


def bars_of_leader(rows: pd.DataFrame) -> str:
    """Who shares a bar with the best mean rank."""
    best = rows.loc[rows["mean_rank"].idxmin()]
    own = set(str(best["bars"]).split(";")) - {"nan"}
    level = [row["model"] for _, row in rows.iterrows() if own & set(str(row["bars"]).split(";"))]
    others = len([model for model in level if model != best["model"]])
    return f"{best['model']} first, {others or 'none'} within the critical difference"


def differ(rows: pd.DataFrame) -> str:
    p = rows["p_value"].max()
    return f"{'yes' if p < SURE else 'not shown'}, p {p_value_text(p)}"


def detectable(rows: pd.DataFrame) -> str:
    low, high = rows["minimum_detectable"].min(), rows["minimum_detectable"].max()
    return f"differences from {number(low, 3)} to {number(high, 3)}"


def false_claim(rows: pd.DataFrame) -> str:
    worst = rows.loc[rows["probability_false_groups"].idxmax()]
    against = f"{worst['model_a']} against {worst['model_b']}"
    return f"{percent(worst['probability_false_groups'])} that it is false ({against})"


def highest(column: str) -> Callable[[pd.DataFrame], str]:
    def say(rows: pd.DataFrame) -> str:
        best = rows.loc[rows[column].idxmax()]
        return f"{percent(best[column])} at best ({best['model']})"

    return say


def both_tasks(table: pd.DataFrame) -> str:
    own = table[table["outcome"] == "both"].dropna(subset="share")
    return highest("share")(own) if len(own) else ""


def hardest_stratum(table: pd.DataFrame) -> str:
    """The stratum that is worst on the mean of all networks, and the best, by the first metric."""
    own = table[table["metric"] == table["metric"].iloc[0]]
    means = own.groupby(["by", "stratum"], sort=False)["estimate"].mean().dropna()
    if means.empty:
        return ""
    low, high = means.idxmin(), means.idxmax()
    return (
        f"{label(str(own['metric'].iloc[0]))}, mean of all: {low[1]} {number(means.min(), 3)}, "
        f"{high[1]} {number(means.max(), 3)}"
    )


def case_share(rows: pd.DataFrame) -> str:
    return f"{percent(rows['intraclass_correlation'].iloc[0])} of the variance is the case's"


def hard_cases(rows: pd.DataFrame) -> str:
    return f"{int((rows['highest'] < 0.1).sum())} of {len(rows)} below 0.1 with every network"


def largest_component(rows: pd.DataFrame) -> str:
    shares = rows.groupby("component")["share"].mean().dropna()
    return f"{shares.idxmax()} {percent(shares.max())} on the mean" if len(shares) else "not estimable"


def sensitivity(table: pd.DataFrame) -> str:
    own = table[table["specificity"] == table["specificity"].min()].dropna(subset="sensitivity")
    if own.empty:
        return ""
    best = own.loc[own["sensitivity"].idxmax()]
    return f"{percent(best['sensitivity'])} at {percent(best['specificity'])} at best ({best['model']})"


def largest_gap(table: pd.DataFrame) -> str:
    """The network whose bins lie nearest the diagonal, by the largest gap."""
    gaps = (table["share_malignant"] - table["mean_probability"]).abs()
    worst = gaps.groupby(table["model"]).max().dropna()
    return f"no bin further off than {number(worst.min(), 3)} at best ({worst.idxmin()})" if len(worst) else ""


def middle_half(table: pd.DataFrame) -> str:
    best = table.loc[table["estimate"].idxmax()]
    return f"{number(best['estimate'], 3)} at best ({best['model']})"


def reaching(table: pd.DataFrame) -> str:
    own = table[(table["threshold"] - 0.7).abs() < 1e-9]
    if own.empty:
        return ""
    best = own.loc[own["share"].idxmax()]
    return f"0.7 in {percent(best['share'])} of cases at best ({best['model']})"


def useful(table: pd.DataFrame) -> str:
    """The networks whose interval of net benefit lies above both treating all and treating none somewhere."""
    above = table[table["low"] > table["treat_all"].clip(lower=0)]
    names = list(dict.fromkeys(above["model"]))
    if len(names) > 3:
        return f"{len(names)} of {table['model'].nunique()} above treating all and none somewhere"
    return f"above treating all and none somewhere: {listed(names)}" if names else "none above treating all and none"


def holding(rows: pd.DataFrame) -> str:
    tested = rows["p_holm"].notna().sum()
    return f"{int((rows['p_holm'] < SURE).sum())} of {tested} differences hold" if tested else "not tested"


def often_better(table: pd.DataFrame) -> str:
    """The pair that is least like a coin, by the first metric."""
    own = table[table["metric"] == table["metric"].iloc[0]].dropna(subset="probability")
    if own.empty:
        return ""
    pair = own.loc[(own["probability"] - 0.5).abs().idxmax()]
    better, other = ("model_a", "model_b") if pair["probability"] >= 0.5 else ("model_b", "model_a")
    share = max(pair["probability"], 1 - pair["probability"])
    return f"{label(str(pair['metric']))}: {percent(share)} at most ({pair[better]} over {pair[other]})"


def narrow(table: pd.DataFrame) -> str:
    """How wide the intervals are, metric by metric."""
    return by_metric(table, lambda rows: f"{number((rows['high'] - rows['low']).mean(), 3)} wide on the mean")


OUTCOMES: dict[str, Callable[[pd.DataFrame], str]] = {
    "rank_shares": lambda table: by_metric(table[table["rank"] == 1], first_share),
    "pairs_average_precision": differing("p_holm"),
    "outperforming": often_better,
    "textbook_intervals": narrow,
    "rank_stability": lambda table: by_metric(table, first),
    "critical_difference": lambda table: by_metric(table, bars_of_leader),
    "nemenyi": lambda table: by_metric(table, differing("p_value")),
    "friedman": lambda table: by_metric(table, differ),
    "pairs": lambda table: by_metric(table, differing("p_holm")),
    "pairs_auc": lambda table: f"AUC: {differing('p_holm')(table)}",
    "corrected_t": lambda table: by_metric(table, holding),
    "mcnemar": differing("p_holm"),
    "cochran": lambda table: (
        f"{'no' if table['p_value'].max() < SURE else 'yes, as far as shown'}, p {p_value_text(table['p_value'].max())}"
    ),
    "precision": lambda table: by_metric(table, detectable),
    "false_claims": lambda table: by_metric(table, false_claim),
    "joint_success": both_tasks,
    "strata": hardest_stratum,
    "mixed_model": lambda table: by_metric(table, case_share),
    "case_difficulty": lambda table: by_metric(table, hard_cases),
    "variance": lambda table: by_metric(table, largest_component),
    "interquartile_mean": middle_half,
    "profiles": reaching,
    "reliability": largest_gap,
    "operating_points": sensitivity,
    "decision_curve": useful,
}
