"""Points of a learning curve: each network beside itself, on the cases that all points test."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from benchmarks.configuration import read_parameters
from benchmarks.errors import UserError
from benchmarks.reporting.figures.learning_curve import draw_learning_curve
from benchmarks.reporting.figures.material import gather
from benchmarks.reporting.figures.write import write_figures
from benchmarks.reporting.page.render import render_page
from benchmarks.reporting.results import read_results
from benchmarks.reporting.tables.learning_curve import COLUMNS, learning_curve_table, read_points
from benchmarks.reporting.tables.write import write_tables
from benchmarks.verify.ladder import ladder

MODELS = ("acsnet", "resnet", "unet")


def with_curve(root):
    """The first benchmark at 64 pixels, Dice .1 lower, and, on its first fold, with half of the training cases."""
    text = (root / "params.yaml").read_text()
    text = text.replace("models: [acsnet]}", "models: [acsnet, resnet, unet]}, CURVE}", 1)
    study = (
        "curve: {benchmarks: {large: phantom, half: phantom}, models: [acsnet, resnet, unet], "
        "learning_curve_of: made-up}"
    )
    text = text.replace("CURVE}", study)
    points = (
        "  large:\n    <<: *made-up\n    image_size: 64\n"
        "  half:\n    <<: *made-up\n    trained_folds: [0]\n"
        "    split: {rule: grouped_stratified, folds: 3, seed: 0, validation: 0.2, training: 0.5}\n"
        "    training: {epochs: 8, batch_size: 8, seeds: [0, 1], encoder_weights: none, recipe: paper}\n"
    )
    text = text.replace("  made-up-released:\n", points + "  made-up-released:\n")
    text = text.replace(
        '  acsnet: {network: "acsnet:ACSNet"}',
        '  acsnet: {network: "acsnet:ACSNet"}\n  resnet: {network: "baselines.single_task:ResNetClassifier"}\n'
        '  unet: {network: "baselines.unet:UNet"}',
    )
    (root / "params.yaml").write_text(text)
    for name, change, folds in (("large", -0.1, (0, 1, 2)), ("half", 0.05, (0,))):
        (root / "reports/cases" / name).mkdir()
        for model in MODELS:
            table = pd.read_csv(root / f"reports/cases/made-up/{model}.csv")
            table = table[table["fold"].isin(folds)]
            if name == "half" and model == "resnet":
                table["probability"] = table["label"].astype(float)
            table["dice"] = np.clip(table["dice"] + change, 0, 1)
            table.to_csv(root / f"reports/cases/{name}/{model}.csv", index=False, float_format="%.6g")
    return root


@pytest.fixture
def curved(made_up):
    return with_curve(made_up)


def test_each_network_is_compared_with_itself_on_the_cases_of_all_points(curved):
    """Dice by hand, AUC by scikit-learn: means over seeds, of the one fold that all points have."""
    parameters = read_parameters(curved / "params.yaml")
    results = read_results("made-up", curved, parameters)
    table = learning_curve_table(read_points(results, curved, parameters), "made-up")
    assert list(table) == COLUMNS
    assert set(table["cases"]) == {12}
    assert set(table["groups"]) == {6}
    indexed = table.set_index(["benchmark", "metric", "model"])
    for name in ("made-up", "large", "half"):
        for model in MODELS:
            cases = pd.read_csv(curved / f"reports/cases/{name}/{model}.csv")
            cases = cases[(cases["selection"] == "inner_validation") & (cases["fold"] == 0)]
            if model == "resnet":
                assert (name, "dice", model) not in indexed.index
            else:
                assert indexed.loc[(name, "dice", model), "estimate"] == pytest.approx(cases["dice"].mean())
            if model == "unet":
                assert (name, "auc", model) not in indexed.index
            else:
                areas = [roc_auc_score(own["label"], own["probability"]) for _, own in cases.groupby("seed")]
                assert indexed.loc[(name, "auc", model), "estimate"] == pytest.approx(np.mean(areas))
    change = indexed.loc[("half", "auc", "resnet")]
    assert change["difference"] == pytest.approx(1 - indexed.loc[("made-up", "auc", "resnet"), "estimate"])
    assert change["difference_low"] < change["difference"] < change["difference_high"]
    # one Dice is 0 in both: the mean change is a little less than that of each
    dice = indexed.loc[("large", "dice", "acsnet")]
    assert -0.1 <= dice["difference"] < -0.08
    assert dice["p_holm"] >= dice["p_value"]
    assert indexed.loc["made-up", "difference"].isna().all()


def test_points_stand_by_size_then_share_with_their_budget(curved):
    parameters = read_parameters(curved / "params.yaml")
    results = read_results("made-up", curved, parameters)
    table = learning_curve_table(read_points(results, curved, parameters), "made-up")
    first = table[(table["model"] == "acsnet") & (table["metric"] == "dice")]
    assert first["benchmark"].tolist() == ["half", "made-up", "large"]
    assert first["image_size"].tolist() == [32, 32, 64]
    assert first["share"].tolist() == [0.5, 1, 1]
    assert first["epochs"].tolist() == [8, 4, 4]


def test_it_is_written_drawn_and_told(curved):
    """The benchmark's own page holds it; its points need no page, and verify does not ask for one."""
    write_tables("made-up", curved, curved / "reports")
    write_figures("made-up", curved, curved / "reports")
    material = gather("made-up", curved, curved / "reports/tables/made-up")
    nothing_else = dataclasses.replace(material.results, cases=None, curves=None, truth=None, records=None)
    tables = {"learning_curve": material.tables["learning_curve"]}
    assert draw_learning_curve(dataclasses.replace(material, results=nothing_else, tables=tables)) is not None
    page = render_page(["made-up"], curved, curved / "reports")
    (curved / "reports" / "index.html").write_text(page, encoding="utf-8")
    stored = pd.read_csv(curved / "reports/tables/made-up/learning_curve.csv")
    assert len(stored) == 3 * 4
    dice = stored[(stored["model"] == "acsnet") & (stored["metric"] == "dice")].set_index("benchmark")["estimate"]
    told = f"acsnet, at 32 and 64 pixels: Dice {dice['made-up']:.3f} and {dice['large']:.3f} (the last step: "
    assert told in page
    assert "acsnet, with 50% and 100% of the training cases: Dice" in page
    assert "How much budget is enough?" in page
    assert (curved / "reports/figures/made-up/learning_curve.svg").is_file()
    checks = ladder(curved, None)
    assert {check.subject for check in checks if check.does == "is shown"} == {"made-up-released"}
    assert {check.subject for check in checks if check.does == "made from scores"} == {"made-up", "made-up-released"}
    assert {check.subject for check in checks if check.does == "agrees with itself"} >= {"half", "large"}


def test_a_benchmark_without_a_learning_curve_has_no_such_table(finished_once):
    assert not (finished_once / "reports/tables/made-up/learning_curve.csv").exists()
    assert not (finished_once / "reports/figures/made-up/learning_curve.svg").exists()


def test_a_point_without_scores_is_named_and_so_is_one_of_other_cases(curved):
    parameters = read_parameters(curved / "params.yaml")
    results = read_results("made-up", curved, parameters)
    for model in MODELS:
        path = curved / f"reports/cases/half/{model}.csv"
        table = pd.read_csv(path)
        table.assign(case="other " + table["case"]).to_csv(path, index=False)
    with pytest.raises(UserError, match="reports/cases/half: no case that made-up tests, too"):
        read_points(results, curved, parameters)
    for path in (curved / "reports/cases/half").glob("*.csv"):
        path.unlink()
    with pytest.raises(UserError, match=r"half: no case scores"):
        read_points(results, curved, parameters)
