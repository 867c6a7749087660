"""The finding of each figure: its numbers are those of the tables, read here from their files and not from the code."""

import re
from pathlib import Path

import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from benchmarks.reporting.figures.order import order_text
from benchmarks.reporting.style import finding_of

DRAWN = [
    "ranking", "critical_difference", "rank_shares", "differences", "forensics", "selection", "contact_sheet",
    "dice_distribution", "strata", "roc", "reliability", "profiles", "decision_curve", "training_curves",
]  # fmt: skip


def finding(root: Path, name: str) -> str:
    path = root / f"reports/figures/made-up/{name}.svg"
    return finding_of(path.read_text(encoding="utf-8")) or ""


def table(root: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(root / f"reports/tables/made-up/{name}.csv")


def cases(root: Path, model: str) -> pd.DataFrame:
    return pd.read_csv(root / f"reports/cases/made-up/{model}.csv").query("selection == 'inner_validation'")


@pytest.mark.parametrize("name", [*DRAWN, "networks/acsnet"])
def test_every_figure_says_numbers_in_whole_sentences(finished_once, name):
    text = finding(finished_once, name)
    assert re.search(r"\d\.\d", text)
    assert text.endswith(".")
    assert not re.search(r"\bnan\b", text)


def test_the_leader_of_the_ranking(finished_once):
    main = table(finished_once, "main").set_index("model")
    best, follow = main["dice"].nlargest(2).index
    numbers = main.loc[best, ["dice", "dice_low", "dice_high"]]
    expected = "Dice: {} leads with {:.3f} [{:.3f}, {:.3f}]; of the others {} {:.3f} and".format(
        best, *numbers, follow, main.loc[follow, "dice"]
    )
    assert expected in finding(finished_once, "ranking")


def test_ranks_and_differences(finished_once):
    ranks = table(finished_once, "critical_difference").query("metric == 'dice'").set_index("model")
    text = finding(finished_once, "critical_difference")
    assert f"{ranks['mean_rank'].idxmin()} {ranks['mean_rank'].min():.2f}, " in text
    assert f"critical difference {ranks['critical_difference'].iloc[0]:.2f}" in text
    shares = table(finished_once, "rank_shares").query("metric == 'dice' and rank == 1").set_index("model")["share"]
    assert f"{shares.idxmax()} {shares.max():.3f}" in finding(finished_once, "rank_shares")
    differences = table(finished_once, "differences").query("metric == 'dice'")
    worse = ((differences["p_holm"] < 0.05) & (differences["difference"] < 0)).sum()
    assert f"Dice: of 2 differences to acsnet, 0 better and {worse} worse" in finding(finished_once, "differences")


def test_the_protocol(finished_once):
    walk = table(finished_once, "forensics").query("metric == 'dice'")
    released = walk[walk["step"] == "released"]["mean"].mean()
    assert f"Dice, mean over networks: {released:.3f} by the released" in finding(finished_once, "forensics")
    scores = table(finished_once, "scores").query("metric == 'dice'").set_index(["selection", "model"])["estimate"]
    gain = (scores["test_oracle"] - scores["inner_validation"]).mean()
    said = f"{gain:.3f}".replace("-", "\N{MINUS SIGN}")
    assert f"changes it by {said} on the mean of 3" in finding(finished_once, "selection")


def test_cases(finished_once):
    medians = {
        model: cases(finished_once, model).groupby("case")["dice"].mean().median() for model in ("acsnet", "unet")
    }
    for model, median in medians.items():
        assert f"{model} {median:.3f}" in finding(finished_once, "dice_distribution")
    every = pd.concat(cases(finished_once, model) for model in ("acsnet", "shared", "unet"))
    means = every.groupby("case")["dice"].mean().sort_values()
    assert f"worst: {means.index[0]} {means.iloc[0]:.2f}, " in finding(finished_once, "contact_sheet")
    strata = table(finished_once, "strata")
    for stratum in ("benign", "malignant"):
        mean = strata[strata["stratum"] == stratum]["estimate"].mean()
        assert f"{stratum} {mean:.3f}" in finding(finished_once, "strata")


def test_the_class_task(finished_once):
    own = cases(finished_once, "acsnet")
    area = pd.Series([roc_auc_score(run["label"], run["probability"]) for _, run in own.groupby("seed")]).mean()
    assert f"acsnet {area:.3f}" in finding(finished_once, "roc")
    bins = table(finished_once, "reliability").query("model == 'acsnet'")
    gap = (bins["share_malignant"] - bins["mean_probability"]).abs().max()
    assert f"acsnet {gap:.3f}" in finding(finished_once, "reliability")
    curve = table(finished_once, "decision_curve").query("abs(threshold - 0.2) < 1e-9").set_index("model")
    benefit = f"{curve.loc['acsnet', 'net_benefit']:.3f}".replace("-", "\N{MINUS SIGN}")
    assert f"acsnet {benefit}" in finding(finished_once, "decision_curve")
    share = table(finished_once, "profiles").query("abs(threshold - 0.7) < 1e-9").set_index("model")["share"]
    assert f"acsnet {share['acsnet']:.3f}" in finding(finished_once, "profiles")


def test_training(finished_once):
    curves = pd.read_csv(finished_once / "reports/curves/made-up/acsnet.csv")
    means = curves.groupby("epoch").mean(numeric_only=True)
    assert f"acsnet {means['validation_dice'].iloc[-1]:.3f}" in finding(finished_once, "training_curves")
    text = finding(finished_once, "networks/acsnet")
    assert (
        f"{means['train_loss'].iloc[0]:.3f} in the first epoch, {means['train_loss'].iloc[-1]:.3f} in the last" in text
    )


def test_the_matrix_of_datasets(external_once):
    path = external_once / "reports/external/figures/matrix.svg"
    text = finding_of(path.read_text(encoding="utf-8"))
    found = pd.read_csv(external_once / "reports/external/tables/made-up/transfer.csv").query("metric == 'dice'")
    found = found.dropna(subset=["internal", "external"])
    ends = [found["internal"].min(), found["internal"].max(), found["external"].min(), found["external"].max()]
    assert "Dice: {:.3f} to {:.3f} on the networks' own dataset, {:.3f} to {:.3f} on others".format(*ends) in text


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, "none"),
        ({"a": 0.5}, "a 0.500"),
        ({"a": 0.5, "b": 0.7, "c": float("nan"), "d": 0.1, "e": 0.2}, "b 0.700, a 0.500, e 0.200 and d 0.100"),
        ({"a": 5, "b": 4, "c": 3, "d": 2, "e": 1}, "a 5.000, b 4.000 and c 3.000 first, e 1.000 last of 5"),
    ],
)
def test_an_order_in_words(values, text):
    assert order_text(pd.Series(values, dtype=float)) == text


def test_an_order_from_the_least():
    assert order_text(pd.Series({"a": 2.0, "b": 1.0}), 1, ascending=True) == "b 1.0 and a 2.0"
