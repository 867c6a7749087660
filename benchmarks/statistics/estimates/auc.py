"""The area under the ROC curve of several models on the same cases, and how these areas vary together.

DeLong, DeLong and Clarke-Pearson 1988, Biometrics 44:837, in the form of Obuchowski 1997, Biometrics 53:567, which
lets the cases of a group depend on each other; with a case per group it is DeLong's own. Areas are averaged over
seeds, and so are the structural components, in which the area is linear.
"""

import numpy as np
from scipy.stats import norm, rankdata

from benchmarks.statistics.resampling import group_sums


def auc_with_variance(
    probabilities: np.ndarray, labels: np.ndarray, groups: np.ndarray, seeds: list[int] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Areas of several models on the same cases and the covariance matrix of these areas.

    Args:
        probabilities: `(models x seeds, cases)`, the seeds of a model one below the other.
        labels: 0 or 1, `(cases,)`.
        groups: code of each case's group, `(cases,)`.
        seeds: number of seeds of each model; all rows belong to one model if not given.

    Returns:
        `(models,)` and `(models, models)`; NaN with one class, the covariance NaN too if a class has one group.
    """
    seeds = seeds or [len(probabilities)]
    malignant = labels == 1
    counts = np.array([malignant.sum(), (~malignant).sum()])
    if not counts.all():
        return np.full(len(seeds), np.nan), np.full((len(seeds), len(seeds)), np.nan)
    each = np.stack([_components(p, malignant) for p in probabilities])
    components = np.stack([part.mean(axis=0) for part in np.split(each, np.cumsum(seeds)[:-1])], axis=1)
    areas = components[malignant].mean(axis=0)
    centred = group_sums((components - areas) * malignant[:, None], groups)
    centred_benign = group_sums((components - areas) * ~malignant[:, None], groups)
    clusters = [len(np.unique(groups[side])) for side in (malignant, ~malignant)]
    total = groups.max() + 1
    with np.errstate(invalid="ignore"):
        scale = [k / (k - 1) if k > 1 else np.nan for k in (*clusters, total)]
        within_malignant = scale[0] * (centred.T @ centred) / counts[0] ** 2
        within_benign = scale[1] * (centred_benign.T @ centred_benign) / counts[1] ** 2
        across = scale[2] * (centred.T @ centred_benign) / counts.prod()
    return areas, within_malignant + within_benign + across + across.T


def _components(probability: np.ndarray, malignant: np.ndarray) -> np.ndarray:
    """Share of the other class that stands on the right side of each case (ties one half), `(cases,)`."""
    within = np.empty(len(probability))
    for side in (malignant, ~malignant):
        within[side] = rankdata(probability[side])
    ranks = rankdata(probability)
    benign_below = (ranks - within) / (~malignant).sum()
    malignant_above = 1 - (ranks - within) / malignant.sum()
    return np.where(malignant, benign_below, malignant_above)


def normal_interval(centre: float, variance: float, level: float) -> tuple[float, float]:
    half = norm.ppf((1 + level) / 2) * np.sqrt(variance)
    return centre - half, centre + half
