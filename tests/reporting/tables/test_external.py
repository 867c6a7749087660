"""Tables of a benchmark's networks on another dataset, held to means of the stored scores."""

import pandas as pd
import pytest

from benchmarks.errors import UserError
from benchmarks.reporting.tables.external import write_external_tables
from tests.made_up_repository import FOLDS, SEEDS


def test_what_is_stored_is_what_the_scores_say(external_once):
    table = pd.read_csv(external_once / "reports/external/tables/made-up/transfer.csv").set_index(["model", "metric"])
    scores = pd.read_csv(external_once / "reports/external/cases/made-up/unet/breast.csv")
    networks, together = scores[scores["fold"].notna()], scores[scores["fold"].isna()]
    row = table.loc[("unet", "dice")]
    assert row["external"] == pytest.approx(networks["dice"].mean(), rel=1e-5)
    assert row["ensemble"] == pytest.approx(together["dice"].mean(), rel=1e-5)
    own = pd.read_csv(external_once / "reports/cases/made-up/unet.csv")
    own = own.loc[own["selection"] == "inner_validation", "dice"].mean()
    assert row["internal"] == pytest.approx(own, rel=1e-5)
    assert row["change"] == pytest.approx(row["external"] - own, abs=1e-6)
    assert (row["networks"], row["cases"], row["groups"]) == (FOLDS * len(SEEDS), 30, 30)
    main = pd.read_csv(external_once / "reports/tables/made-up/main.csv").set_index("model")
    for metric in ("dice", "sensitivity", "brier", "calibration_error"):  # the numbers of the main table
        assert table.loc[("acsnet", metric), "internal"] == pytest.approx(main.loc["acsnet", metric], rel=1e-5)
    assert ("unet", "auc") not in table.index
    assert ("resnet", "dice") not in table.index


def test_every_network_has_its_number(external_once):
    table = pd.read_csv(external_once / "reports/external/tables/made-up/networks.csv")
    own = table[(table["model"] == "acsnet") & (table["metric"] == "dice")]
    assert sorted(zip(own["seed"], own["fold"], strict=True)) == [(s, f) for s in SEEDS for f in range(FOLDS)]
    scores = pd.read_csv(external_once / "reports/external/cases/made-up/acsnet/breast.csv")
    found = scores[(scores["seed"] == 1) & (scores["fold"] == 2)]["dice"].mean()
    assert own.loc[(own["seed"] == 1) & (own["fold"] == 2), "external"].item() == pytest.approx(found, rel=1e-5)


def test_printed_tables_hold_a_row_per_network_and_metric(external_once):
    folder = external_once / "reports" / "external" / "tables" / "made-up"
    text = (folder / "transfer.md").read_text()
    assert "**BrEaST, 30 cases**" in text
    assert sum(line.startswith("| Dice") for line in text.splitlines()) == 3
    assert sum(line.startswith("| AUC") for line in text.splitlines()) == 3
    assert (folder / "transfer.tex").read_text().count(r"\begin{tabular}") == 1


def test_strata_and_ranking_name_the_dataset(external_once):
    folder = external_once / "reports" / "external" / "tables" / "made-up"
    strata = pd.read_csv(folder / "strata.csv")
    assert set(strata["by"]) == {"size", "BI-RADS"}  # no device is stated
    assert set(strata["dataset"]) == {"breast"}
    ranking = pd.read_csv(folder / "ranking.csv").set_index("metric")
    assert ranking.loc["dice", "models"] == 3
    assert ranking.loc["dice", "best_external"] == "acsnet"


def test_tables_of_what_is_not_there(external):
    with pytest.raises(UserError, match=r"no case scores on other datasets.*acsbench score-external made-up-released"):
        write_external_tables("made-up-released", external, external / "out")
    path = external / "reports" / "external" / "cases" / "made-up" / "unet" / "breast.csv"
    path.write_text("case,dice\na,1\n")
    with pytest.raises(UserError, match=r"unet/breast.csv: expected the columns"):
        write_external_tables("made-up", external, external / "out")
    path.write_text("")
    with pytest.raises(UserError, match=r"unet/breast.csv: not a readable CSV"):
        write_external_tables("made-up", external, external / "out")
