import shutil

import numpy as np
import pandas as pd
import pytest

from benchmarks.configuration import read_parameters
from benchmarks.errors import UserError
from benchmarks.reporting.figures.leakage import draw_leakage
from benchmarks.reporting.figures.material import Material
from benchmarks.reporting.results import read_results
from benchmarks.reporting.tables.leakage import copies_in_training, grouped_twin, leakage_table
from benchmarks.reporting.tables.walk import forensics_table
from benchmarks.reporting.twins import twin_of
from benchmarks.scoring.forensics import STEPS


@pytest.fixture
def leaky(made_up):
    """The made-up repository with an ungrouped twin, whose scores are .1 higher where a copy is trained on."""
    text = (made_up / "params.yaml").read_text()
    twin = "  made-up-released:\n    <<: *made-up\n    split: {rule: stratified, folds: 3, seed: 0, validation: 0.2}\n"
    text = text.replace(
        "  made-up-released:\n", twin.replace("made-up-released", "ungrouped") + "  made-up-released:\n"
    )
    (made_up / "params.yaml").write_text(text)
    truth = pd.read_parquet(made_up / "reports/truth/made-up.parquet")[["case", "class", "group"]]
    folds = truth.assign(fold=[i % 3 if i < 20 else i // 2 % 3 for i in range(len(truth))])
    for fold in range(3):
        folds[f"role_{fold}"] = ["test" if own == fold else "train" for own in folds["fold"]]
    (made_up / "benchmarks/folds").mkdir(parents=True)
    folds.to_csv(made_up / "benchmarks/folds/ungrouped.csv", index=False)
    copied = set(folds["case"][:20])
    (made_up / "reports/cases/ungrouped").mkdir()
    for model in ("acsnet", "resnet", "unet"):
        table = pd.read_csv(made_up / f"reports/cases/made-up/{model}.csv")
        leaks = table["case"].isin(copied)
        table["dice"] += 0.02 + 0.1 * leaks
        if model == "resnet":
            table.loc[leaks, "probability"] = table.loc[leaks, "label"]
        table.to_csv(made_up / f"reports/cases/ungrouped/{model}.csv", index=False)
    (made_up / "reports/forensics/ungrouped").mkdir()
    for path in (made_up / "reports/forensics/made-up").glob("*.csv"):
        shutil.copy(path, made_up / "reports/forensics/ungrouped")
    return made_up


@pytest.fixture
def compared(leaky):
    parameters = read_parameters(leaky / "params.yaml")
    results = read_results("ungrouped", leaky)
    return results, grouped_twin(results, leaky, parameters), leaky


def test_a_copy_counts_only_while_it_is_trained_on():
    folds = pd.DataFrame(
        {
            "case": ["a", "b", "c", "d"],
            "group": ["1", "1", "2", "2"],
            "fold": [0, 1, 0, 0],
            "role_0": ["test", "train", "test", "test"],
            "role_1": ["validation", "test", "train", "train"],
        }
    )
    # b is trained on when a is tested; a is only validated on when b is; c and d are tested together
    assert copies_in_training(folds).to_dict() == {"a": True, "b": False, "c": False, "d": False}
    with pytest.raises(UserError, match="role_1"):
        copies_in_training(folds.drop(columns="role_1"))


def test_the_twin_differs_in_its_split_alone(leaky):
    parameters = read_parameters(leaky / "params.yaml")
    assert twin_of("ungrouped", parameters) == "made-up"
    assert twin_of("made-up", parameters) is None


def test_a_twin_has_the_same_number_of_folds(leaky):
    path = leaky / "params.yaml"
    path.write_text(path.read_text().replace("{rule: stratified, folds: 3", "{rule: stratified, folds: 2"))
    assert twin_of("ungrouped", read_parameters(path)) is None


def test_what_copies_add_is_found_where_it_was_put(compared):
    table = leakage_table(*compared, "inner_validation", "dice")
    dice = table[table["metric"] == "dice"].pivot_table(index="model", columns="subset", values="change")
    put = {"all cases": 0.02 + 2 / 36, "a copy in training": 0.12, "no copy in training": 0.02}
    put["difference of the two"] = 0.1
    assert dice.to_dict("index") == {model: pytest.approx(put, abs=1e-6) for model in ("acsnet", "unet")}
    counts = table.drop_duplicates("subset").set_index("subset")["cases"]
    assert counts["a copy in training"] == 20
    assert counts["no copy in training"] == 16


def test_a_classifier_shows_its_leak_in_accuracy_and_auc(compared):
    """Where it has copies it is always right; else it is what it was."""
    table = leakage_table(*compared, "inner_validation", "dice").set_index(["model", "metric", "subset"]).sort_index()
    assert set(table.loc["resnet"].index.get_level_values("metric")) == {"accuracy", "auc"}
    assert set(table.loc["unet"].index.get_level_values("metric")) == {"dice"}
    accuracy, auc = table.loc["resnet", "accuracy"], table.loc["resnet", "auc"]
    assert accuracy.loc["a copy in training", "ungrouped"] == auc.loc["a copy in training", "ungrouped"] == 1
    assert accuracy.loc["no copy in training", "change"] == 0
    leak = accuracy.loc["difference of the two"]
    assert leak["change"] == pytest.approx(1 - accuracy.loc["a copy in training", "grouped"])
    assert 0 < leak["low"] < leak["change"] < leak["high"]
    assert auc.loc["all cases", "change"] > 0
    assert pd.isna(auc.loc["no copy in training", "change"])  # all of them malignant
    assert (table.loc["acsnet", "accuracy"]["change"] == 0).all()


def test_the_walk_of_an_ungrouped_benchmark_ends_on_grouped_folds(compared):
    results, twin, root = compared
    table = forensics_table(results, twin, root).set_index(["model", "metric", "step"]).sort_index()
    grouped = twin.selected("inner_validation")
    for model in ("acsnet", "unet"):
        dice = table.loc[model, "dice"]
        assert set(dice.index) == {*(step.name for step in STEPS), "V7", "whole"}
        assert dice.loc["V7", "mean"] == pytest.approx(grouped.loc[grouped["model"] == model, "dice"].mean(), abs=1e-5)
        assert dice["change"].drop("whole").sum() == pytest.approx(dice.loc["whole", "change"])
    assert "ungrouped folds" in table.loc[("acsnet", "dice", "V7"), "removed"]
    assert "V7" not in forensics_table(results, None, root)["step"].to_numpy()


def test_the_figure_shows_the_changes_of_the_table(compared):
    results, _, root = compared
    table = leakage_table(*compared, "inner_validation", "dice")
    figure = draw_leakage(Material(root, results, {"leakage": table}, "inner_validation", "dice"))
    assert [panel.get_title(loc="left") or panel.get_title() for panel in figure.axes] == ["Dice", "AUC", "Accuracy"]
    drawn = {line.get_label(): line.get_xdata() for line in figure.axes[0].lines}
    assert drawn["a copy in training"].tolist() == pytest.approx([0.12, np.nan, 0.12], nan_ok=True, abs=1e-6)
    assert drawn["no copy in training"].tolist() == pytest.approx([0.02, np.nan, 0.02], nan_ok=True, abs=1e-6)
    assert drawn["difference of the two"].tolist() == pytest.approx([0.1, np.nan, 0.1], nan_ok=True, abs=1e-6)


def test_a_grouped_benchmark_has_no_twin(made_up):
    parameters = read_parameters(made_up / "params.yaml")
    results = read_results("made-up", made_up)
    assert grouped_twin(results, made_up, parameters) is None
    assert leakage_table(results, None, made_up, "inner_validation", "dice").empty


def test_folds_that_are_not_there_are_named(compared):
    results, twin, root = compared
    (root / "benchmarks/folds/ungrouped.csv").unlink()
    with pytest.raises(UserError, match=r"folds/ungrouped.csv: not there"):
        leakage_table(results, twin, root, "inner_validation", "dice")
