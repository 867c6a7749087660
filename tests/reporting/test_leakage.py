import pandas as pd
import pytest

from benchmarks.configuration import read_parameters
from benchmarks.errors import UserError
from benchmarks.reporting.leakage import copies_in_training, leakage_table, twin_of
from benchmarks.reporting.results import read_results


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
    for model in ("acsnet", "unet"):
        table = pd.read_csv(made_up / f"reports/cases/made-up/{model}.csv")
        table["dice"] += 0.1 * table["case"].isin(copied)
        table.to_csv(made_up / f"reports/cases/ungrouped/{model}.csv", index=False)
    return made_up


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


def test_what_copies_add_is_found_where_it_was_put(leaky):
    parameters = read_parameters(leaky / "params.yaml")
    results = read_results("ungrouped", leaky, "acsnet")
    table = leakage_table(results, leaky, parameters, "inner_validation", "dice")
    dice = table[table["metric"] == "dice"].set_index(["model", "subset"])
    assert dice["change"].to_dict() == pytest.approx(
        {
            (model, subset): change
            for model in ("acsnet", "unet")
            for subset, change in (("all cases", 2 / 36), ("a copy in training", 0.1), ("no copy in training", 0))
        },
        abs=1e-9,
    )
    assert dice.loc[("unet", "a copy in training"), "cases"] == 20
    assert set(table.loc[table["metric"] == "accuracy", "model"]) == {"acsnet"}


def test_a_grouped_benchmark_has_no_table(made_up):
    parameters = read_parameters(made_up / "params.yaml")
    results = read_results("made-up", made_up, "acsnet")
    assert leakage_table(results, made_up, parameters, "inner_validation", "dice").empty
