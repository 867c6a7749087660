"""Strata of another dataset, held to means taken by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from benchmarks.statistics.estimates.external_strata import stratify_external


@pytest.fixture(scope="module")
def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    generator = np.random.default_rng(0)
    names = [f"c{i}" for i in range(60)]
    truth = pd.DataFrame({"case": names, "area": np.linspace(0.01, 0.4, 60), "device": ["A", "B"] * 30})
    truth["birads"] = ["2"] * 20 + ["4a"] * 20 + [""] * 20
    labels = np.array([0] * 20 + list(generator.integers(0, 2, 40)))
    rows = [
        pd.DataFrame({"case": names, "label": labels, "model": "unet", "seed": 0, "fold": fold, "group": names}).assign(
            dice=generator.uniform(0, 1, 60), iou=0.5, probability=generator.uniform(0, 1, 60)
        )
        for fold in range(2)
    ]
    return pd.concat(rows, ignore_index=True), truth


def test_strata(tables):
    cases, truth = tables
    table = stratify_external(cases, truth, resamples=100)
    assert set(zip(table["by"], table["stratum"], strict=True)) >= {
        ("device", "A"),
        ("BI-RADS", "2"),
        ("BI-RADS", "4a"),
    }
    assert set(table.loc[table["by"] == "BI-RADS", "stratum"]) == {"2", "4a"}
    of = table.set_index(["by", "stratum", "metric"])
    inside = cases[cases["case"].isin(truth.loc[truth["device"] == "A", "case"])]
    assert of.loc[("device", "A", "dice"), "estimate"] == pytest.approx(inside["dice"].mean())
    areas = [roc_auc_score(own["label"], own["probability"]) for _, own in inside.groupby("fold")]
    assert of.loc[("device", "A", "auc"), "estimate"] == pytest.approx(np.mean(areas))
    assert of.loc[("device", "A", "auc"), "cases"] == 30
    sizes = table.loc[(table["by"] == "size") & (table["metric"] == "dice")]
    assert sizes["cases"].tolist() == [20, 20, 20]
    smallest = cases[cases["case"].isin(truth["case"][:20])]
    assert sizes["estimate"].iloc[0] == pytest.approx(smallest["dice"].mean())


def test_one_class_alone_has_no_auc(tables):
    table = stratify_external(*tables, resamples=100).set_index(["stratum", "metric"])
    assert table.loc[("2", "auc"), "malignant"] == 0
    assert np.isnan(table.loc[("2", "auc"), "estimate"])
    assert 0 < table.loc[("2", "specificity"), "estimate"] < 1
