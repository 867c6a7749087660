import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from benchmarks.configuration import read_parameters
from benchmarks.errors import UserError
from benchmarks.reporting.files import write_texts
from benchmarks.reporting.labels import METRICS, MINUS, with_interval
from benchmarks.reporting.results import Results, read_results
from benchmarks.reporting.tables.printed import latex, markdown
from benchmarks.reporting.tables.scores import main_text
from benchmarks.reporting.tables.stored import read_stored
from benchmarks.reporting.tables.write import main_files, write_tables
from benchmarks.reporting.verdicts import ranks

ROOT = Path(__file__).parents[3]


def write_main(results: Results, folder: Path, *asked) -> dict[str, pd.DataFrame]:
    """The main tables, read back as stored."""
    write_texts(main_files(results, *asked), folder)
    return {name: read_stored(folder / f"{name}.csv") for name in ("scores", "main", "differences")}


@pytest.fixture(scope="module")
def written(made_up_once, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    results = read_results("made-up", made_up_once)
    return results, write_main(results, folder, "inner_validation", "standard", "acsnet"), folder


def test_main_numbers_are_the_means_of_the_case_scores(written):
    results, tables, _ = written
    main = tables["main"].set_index("model")
    own = results.cases.query("model == 'shared' and selection == 'inner_validation'")
    by_seed = [rows for _, rows in own.groupby("seed")]
    assert main.loc["shared", "dice"] == pytest.approx(np.mean([rows["dice"].mean() for rows in by_seed]), rel=1e-5)
    auc = np.mean([roc_auc_score(rows["label"], rows["probability"]) for rows in by_seed])
    assert main.loc["shared", "auc"] == pytest.approx(auc, rel=1e-5)
    assert (main["dice_low"].dropna() < main["dice"].dropna()).all()
    assert (main["dice_high"].dropna() > main["dice"].dropna()).all()


def test_differences_are_paired_by_case(written):
    results, tables, _ = written
    means = results.cases.query("selection == 'inner_validation'").groupby(["model", "case"])["dice"].mean()
    row = tables["differences"].query("model_a == 'unet' and metric == 'dice'").iloc[0]
    assert row["difference"] == pytest.approx((means["unet"] - means["acsnet"]).mean(), rel=1e-5)
    assert row["p_holm"] >= row["p_value"]
    by_hand = tables["differences"].query("metric == 'auc'").set_index("model_a")["difference"]
    main = tables["main"].set_index("model")["auc"]
    assert by_hand["shared"] == pytest.approx(main["shared"] - main["acsnet"], abs=2e-6)


def test_a_model_without_a_head_has_empty_cells_and_no_row_in_print(written):
    _, tables, folder = written
    main = tables["main"].set_index("model")
    assert np.isnan(main.loc["unet", "auc"])
    assert np.isnan(main.loc["resnet", "dice"])
    texts = main_text(tables["main"], "standard")
    by_dice, by_auc = (main[metric].dropna().sort_values(ascending=False).index for metric in ("dice", "auc"))
    assert list(texts["Segmentation"]["Model"]) == list(by_dice)
    assert list(texts["Classification"]["Model"]) == list(by_auc)
    assert set(by_dice) == {"acsnet", "shared", "unet"}
    assert set(by_auc) == {"acsnet", "resnet", "shared"}
    assert "auc" not in json.loads((folder / "metrics/unet.json").read_text())


def test_files_agree_with_each_other(written):
    _, _, folder = written
    stored = pd.read_csv(folder / "main.csv").set_index("model")
    assert json.loads((folder / "metrics/acsnet.json").read_text())["dice"] == stored.loc["acsnet", "dice"]
    cell = with_interval(*stored.loc["acsnet", ["dice", "dice_low", "dice_high"]], 3)
    marked = f"**{cell}**" if stored["dice"].idxmax() == "acsnet" else cell
    assert f"| acsnet | {marked} |" in (folder / "main.md").read_text()
    assert cell.replace(MINUS, "$-$") in (folder / "main.tex").read_text()


def test_print_is_sorted_by_the_first_metric_with_ranks_and_the_best_marked():
    """b is better than c by a test, a is told from neither: a and b share the first rank."""
    main = pd.DataFrame({"model": ["a", "b", "c"], "dice": [0.7, 0.75, 0.5], "hd95": [10.0, 12.0, 9.0]})
    for metric in ("dice", "hd95"):
        main = main.assign(**{f"{metric}_low": np.nan, f"{metric}_high": np.nan})
    pairs = pd.DataFrame(
        {
            "model_a": ["a", "a", "b"],
            "model_b": ["b", "c", "c"],
            "difference": [-0.05, 0.2, 0.25],
            "p_holm": [0.2, 0.06, 0.001],
            "p_equivalent": [0.1, 0.0, 0.0],
        }
    )
    known = ranks(["a", "b", "c"], pairs, METRICS["dice"])
    assert known == {"a": 1, "b": 1, "c": 2}
    table = main_text(main.assign(dice_rank=main["model"].map(known)), "standard")["Segmentation"]
    assert list(table["Model"]) == ["b", "a", "c"]
    assert list(table["Rank"]) == ["1", "1", "2"]
    assert "| b | 1 | **0.750** | 12.0 |" in markdown(table)
    assert "| c | 2 | 0.500 | **9.0** |" in markdown(table)
    assert r"\textbf{0.750}" in latex(table)
    assert ranks(["a", "b", "c"], pairs.head(2), METRICS["dice"]) == {}
    assert ranks(["a", "b", "c"], pairs.assign(p_equivalent=[0.1, 0.0, 0.99]), METRICS["dice"])["c"] == 1


def test_the_oracle_is_labelled_wherever_it_stands(made_up, tmp_path):
    results = read_results("made-up-released", made_up)
    write_main(results, tmp_path, "test_oracle", "released", "acsnet")
    label = "oracle: selected on the test fold"
    for name in ("main.md", "main.tex", "differences.md", "differences.tex"):
        assert label in (tmp_path / name).read_text()
    scores = pd.read_csv(tmp_path / "scores.csv")
    assert set(scores.loc[scores["selection"] == "test_oracle", "note"]) == {label}
    assert not scores.loc[scores["selection"] != "test_oracle", "note"].str.contains("oracle").any()


def test_released_scoring_shows_the_released_metrics(made_up, tmp_path):
    results = read_results("made-up-released", made_up)
    main = write_main(results, tmp_path, "test_oracle", "released", "acsnet")["main"].set_index("model")
    own = results.cases.query("model == 'acsnet' and selection == 'test_oracle'")
    expected = own.groupby("seed")["released_hd95"].mean().mean()
    assert main.loc["acsnet", "released_hd95"] == pytest.approx(expected, rel=1e-5)
    assert "dice" not in main


def test_a_single_model_has_no_differences_but_all_else(made_up, tmp_path):
    for model in ("resnet", "shared", "unet"):
        (made_up / f"reports/cases/made-up/{model}.csv").unlink()
    results = read_results("made-up", made_up)
    tables = write_main(results, tmp_path, "inner_validation", "standard", "acsnet")
    assert tables["differences"].empty
    assert pd.read_csv(tmp_path / "differences.csv").empty
    assert len(tables["main"]) == 1


def test_a_missing_reference_leaves_the_differences_empty(made_up, tmp_path):
    (made_up / "reports/cases/made-up/acsnet.csv").unlink()
    results = read_results("made-up", made_up)
    reference = read_parameters(made_up / "params.yaml").reference_of("made-up", results.models)
    assert write_main(results, tmp_path, "inner_validation", "standard", reference)["differences"].empty


def test_each_model_is_compared_with_its_own_reference(made_up, tmp_path):
    results = read_results("made-up", made_up)
    references = {"acsnet": "unet", "resnet": "shared"}
    table = write_main(results, tmp_path, "inner_validation", "standard", references)["differences"]
    compared = table.groupby("metric")[["model_a", "model_b"]].apply(lambda rows: rows.to_numpy().tolist())
    assert compared["dice"] == [["acsnet", "unet"]]  # resnet has no outlines
    assert compared["auc"] == [["resnet", "shared"]]  # unet has no classes
    scores = results.selected("inner_validation").groupby("model")["dice"].mean()
    difference = table.set_index("metric").loc["dice", "difference"]
    assert difference == pytest.approx(scores["acsnet"] - scores["unet"], abs=1e-5)
    printed = (tmp_path / "differences.md").read_text()
    assert "each model minus its reference" in printed
    assert "| Dice ↑ | acsnet | unet | " in printed


def test_a_rule_without_scores_is_an_error(made_up, tmp_path):
    for path in (made_up / "reports/cases/made-up").iterdir():
        table = pd.read_csv(path)
        table[table["selection"] != "inner_validation"].to_csv(path, index=False)
    results = read_results("made-up", made_up)
    with pytest.raises(UserError, match=r"'inner_validation'; found last_epoch, test_oracle"):
        write_main(results, tmp_path, "inner_validation", "standard", "acsnet")


def test_a_table_that_is_no_longer_made_is_removed(made_up, tmp_path):
    folder = tmp_path / "tables/made-up"
    folder.mkdir(parents=True)
    for name in ("gone.csv", "gone.md", "main.csv"):
        (folder / name).write_text("a\n1\n")
    write_tables("made-up", made_up, tmp_path)
    assert not list(folder.glob("gone.*"))
    assert len(pd.read_csv(folder / "main.csv")) == 4


def test_an_unknown_benchmark_ends_with_a_message_and_status_1(made_up):
    for command in ("tables", "figures"):
        called = [sys.executable, "-m", "benchmarks", command, "made-upp"]
        ended = subprocess.run(called, cwd=made_up, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
        assert ended.returncode == 1
        assert "Did you mean 'made-up'?" in ended.stderr
        assert "Traceback" not in ended.stderr
