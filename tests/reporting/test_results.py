import pandas as pd
import pytest
import yaml

from benchmarks.errors import UserError
from benchmarks.reporting.page.render import render_page
from benchmarks.reporting.results import benchmarks_with_cases, read_predictions, read_results
from benchmarks.reporting.style import REFERENCE, appearances
from benchmarks.reporting.tables.write import write_tables


def test_reads_all_models_with_the_reference_first(made_up):
    results = read_results("made-up", made_up)
    assert results.models == ["acsnet", "resnet", "shared", "unet"]
    assert len(results.cases) == 4 * 3 * 2 * 36
    assert len(results.curves) == 4 * 2 * 3 * 4
    assert set(results.records) == set(results.models)
    assert benchmarks_with_cases(made_up) == ["made-up", "made-up-released"]


def test_an_unknown_benchmark_lists_the_known_ones(made_up):
    with pytest.raises(UserError, match=r"no case scores.*made-up, made-up-released"):
        read_results("busi", made_up)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda table: table.drop(columns="dice"), "missing dice"),
        (lambda table: pd.concat([table, table.tail(1)]), "stands there twice"),
        (lambda table: table.iloc[1:], "1 of 36 cases are missing"),
        (lambda table: table.iloc[:0], "has no rows"),
    ],
)
def test_a_damaged_score_file_is_named(made_up, damage, message):
    path = made_up / "reports/cases/made-up/unet.csv"
    damage(pd.read_csv(path)).to_csv(path, index=False)
    with pytest.raises(UserError, match=message) as error:
        read_results("made-up", made_up)
    assert "unet.csv" in str(error.value)


def test_unreadable_files_are_named(made_up):
    (made_up / "reports/records/made-up/acsnet.json").write_text("{")
    with pytest.raises(UserError, match=r"acsnet\.json: not valid JSON"):
        read_results("made-up", made_up)
    (made_up / "reports/cases/made-up/acsnet.csv").write_bytes(b"")
    with pytest.raises(UserError, match=r"acsnet\.csv: not a readable CSV"):
        read_results("made-up", made_up)
    (made_up / "reports/truth/made-up-released.parquet").write_bytes(b"PAR1")
    with pytest.raises(UserError, match=r"released\.parquet: not a readable Parquet"):
        read_results("made-up-released", made_up)


def test_results_without_curves_records_and_truth_are_still_results(made_up):
    for path in (made_up / "reports").glob("*/made-up/*"):
        if path.parent.parent.name in ("curves", "records"):
            path.unlink()
    (made_up / "reports/truth/made-up.parquet").unlink()
    results = read_results("made-up", made_up)
    assert results.curves.empty
    assert results.records == {}
    assert results.truth.empty


def submitted(root, seeds: dict[int, int]) -> None:
    """Put a submission beside the models: what `shared` predicts, under the rule `external` and other seeds."""
    for kind, ending in (("cases", "csv"), ("predictions", "parquet")):
        folder = root / "reports" / kind / "made-up"
        read = pd.read_csv if ending == "csv" else pd.read_parquet
        table = read(folder / f"shared.{ending}").query("selection == 'inner_validation' and seed in @seeds")
        table = table.assign(selection="external", seed=table["seed"].map(seeds), epoch=pd.NA)
        target = folder / f"external_theirs.{ending}"
        table.to_csv(target, index=False) if ending == "csv" else table.to_parquet(target, index=False)


def test_a_submission_stands_under_the_benchmarks_own_rule_and_seeds(made_up):
    submitted(made_up, {0: 11, 1: 7})
    results = read_results("made-up", made_up)
    assert results.models == ["acsnet", "external_theirs", "resnet", "shared", "unet"]
    theirs, shared = (
        results.cases.query("model == @model and selection == 'inner_validation'").set_index(["seed", "case"])
        for model in ("external_theirs", "shared")
    )
    assert set(results.cases.query("model == 'external_theirs'")["selection"]) == {"inner_validation"}
    # Seed 7, once seed 1 of the model, comes first.
    assert (theirs["dice"].loc[0] == shared["dice"].loc[1]).all()
    assert (theirs["dice"].loc[1] == shared["dice"].loc[0]).all()
    predictions = read_predictions("made-up", "external_theirs", made_up)
    assert set(predictions["selection"]) == {"inner_validation"}
    assert set(predictions["seed"]) == {0, 1}


def test_a_submission_of_more_seeds_than_the_benchmark_has_keeps_them_apart(made_up):
    submitted(made_up, {0: 3, 1: 4})
    parameters = (made_up / "params.yaml").read_text()
    (made_up / "params.yaml").write_text(parameters.replace("seeds: [0, 1]", "seeds: [5]"))
    cases = read_results("made-up", made_up).cases
    assert set(cases.query("model == 'external_theirs'")["seed"]) == {5, 6}


def test_a_name_of_a_submission_with_another_rule_is_refused(made_up):
    folder = made_up / "reports/cases/made-up"
    (folder / "shared.csv").rename(folder / "external_shared.csv")
    with pytest.raises(UserError, match="must have the selection rule external throughout; found inner_validation"):
        read_results("made-up", made_up)


def test_a_submission_is_in_every_comparison_and_called_external(made_up):
    """Main table, ranking, differences and page: under its name, with a caption that says what it is."""
    submitted(made_up, {0: 0})
    tables = made_up / "reports/tables/made-up"
    write_tables("made-up", made_up, made_up / "reports")
    for name in ("main", "scores", "rank_stability", "joint_success"):
        assert "external_theirs" in set(pd.read_csv(tables / f"{name}.csv")["model"]), name
    assert "external_theirs" in set(pd.read_csv(tables / "differences.csv")["model_a"])
    scores = pd.read_csv(tables / "scores.csv").set_index("model")
    assert set(scores.loc["external_theirs", "note"]) == {"external: selected by its authors"}
    own = scores.loc["shared"].query("selection == 'inner_validation'").set_index("metric")
    theirs = scores.loc["external_theirs"].set_index("metric")
    cases = pd.read_csv(made_up / "reports/cases/made-up/external_theirs.csv")
    assert theirs.loc["dice", "estimate"] == pytest.approx(cases["dice"].mean(), rel=1e-5)
    assert theirs.loc["dice", "estimate"] != own.loc["dice", "estimate"]  # that is over two seeds
    named = "External, predictions from elsewhere whose epochs their authors selected: theirs (external)."
    assert named in (tables / "main.md").read_text()
    page = render_page(["made-up"], made_up, made_up / "reports")
    assert named in page
    assert '>theirs</a> <span class="mark">external</span>' in page


def test_a_benchmark_with_references_of_its_own_has_these_first_and_black(made_up):
    path = made_up / "params.yaml"
    declared = yaml.safe_load(path.read_text())
    declared["benchmarks"]["made-up"]["references"] = {"unet": ["acsnet"], "shared": ["resnet"]}
    acsnet = declared["models"]["acsnet"]
    declared["models"] |= {name: {**acsnet, "label": name} for name in ("unet", "shared", "resnet")}
    path.write_text(yaml.safe_dump(declared, sort_keys=False))
    results = read_results("made-up", made_up)
    assert results.models == ["unet", "shared", "acsnet", "resnet"]
    assert [model for model, look in appearances(results.models).items() if look.colour == REFERENCE] == ["unet"]
    assert read_results("made-up-released", made_up).models[0] == "acsnet"  # params.yaml's own, as before
