"""Where models differ: scores by lesion size, by class and by remark on the image's quality."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from benchmarks.errors import UserError
from benchmarks.statistics.estimates.metrics import estimates_with_intervals
from benchmarks.statistics.panel import Panel, arrange, name_some

COLUMNS = ["by", "stratum", "model", "metric", "estimate", "low", "high", "method", "cases", "groups"]
SIZES = ("small", "medium", "large")


def stratify(
    cases: pd.DataFrame,
    truth: pd.DataFrame,
    metric: str,
    selection: str,
    *,
    resamples: int = 2000,
    seed: int = 0,
    level: float = 0.95,
) -> pd.DataFrame:
    """One metric within each stratum: as `intervals.summarise`, for these cases only.

    Args:
        truth: `case`, `area` (lesion pixels / image pixels) and `flags` (`;`-separated) as in docs/contracts.md.
        metric: any metric of `intervals.summarise`, or `joint_success`.

    Returns:
        A row per stratum and model: `by` (`size`, `class` or `flag`), `stratum, model, metric, estimate, low, high,
        method, cases, groups`. Sizes are thirds of the cases by area, their bounds written out; a case with several
        flags stands in several strata, one without in `none`.

    Raises:
        UserError: the truth lacks a column or a case, or see `panel.arrange`.
    """
    panel = arrange(cases, selection)
    if missing := {"case", "area", "flags"} - set(truth.columns):
        raise UserError(f"The truth lacks the column(s) {', '.join(sorted(missing))}; see docs/contracts.md.")
    known = truth.assign(case=truth["case"].astype(str)).drop_duplicates("case").set_index("case")
    if len(lacking := panel.facts.index.difference(known.index)):
        raise UserError(f"The truth lacks {len(lacking)} scored cases, among them {name_some(lacking)}.")
    tables = [pd.DataFrame(columns=COLUMNS)]
    for by, stratum, inside in _strata(panel, known.reindex(panel.facts.index)):
        part = arrange(panel.frame[panel.frame["case"].isin(panel.facts.index[inside])], selection)
        count = part.groups.max() + 1
        rows = [
            (by, stratum, *estimated, len(part.facts), count)
            for estimated in estimates_with_intervals(part, [metric], resamples, seed, level)
        ]
        if rows:
            tables.append(pd.DataFrame(rows, columns=COLUMNS))
    return pd.concat(tables[1:] or tables, ignore_index=True)


def _strata(panel: Panel, truth: pd.DataFrame) -> Iterator[tuple[str, str, np.ndarray]]:
    """Kind, name and cases `(cases,)` bool of every stratum that holds a case."""
    area = truth["area"].to_numpy(dtype=float)
    if not np.isfinite(area).all():
        raise UserError(f"The truth has no area for case {name_some(truth.index[~np.isfinite(area)])}.")
    bounds = np.quantile(area, [1 / 3, 2 / 3])
    size = np.searchsorted(bounds, area)
    limits = (f"up to {bounds[0]:.3g}", f"up to {bounds[1]:.3g}", f"over {bounds[1]:.3g}")
    for place, (name, limit) in enumerate(zip(SIZES, limits, strict=True)):
        if (size == place).any():
            yield "size", f"{name} ({limit})", size == place
    if "class" in panel.facts:
        for name in sorted(panel.facts["class"].dropna().unique()):
            yield "class", name, (panel.facts["class"] == name).to_numpy()
    flags = [{flag.strip() for flag in text.split(";")} - {""} for text in truth["flags"].fillna("").astype(str)]
    for name in sorted(set().union(*flags)):
        yield "flag", name, np.array([name in of_case for of_case in flags])
    if not all(flags):
        yield "flag", "none", np.array([not of_case for of_case in flags])
