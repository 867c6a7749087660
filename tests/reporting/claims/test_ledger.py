from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.configuration import read_parameters
from benchmarks.errors import UserError
from benchmarks.reporting.claims.ledger import judge, read_claims

ROOT = Path(__file__).parents[3]
LEDGER = ROOT / "reports" / "reported" / "claims.csv"
CLAIM = {
    "paper": "A paper",
    "doi": "10.1/a",
    "table_or_page": "Table 2",
    "dataset": "phantom",
    "protocol": "5 folds",
    "model": "ACSNet",
    "counterpart": "acsnet",
    "metric": "dice",
    "value": "0.80",
    "unit": "share",
    "spread": "",
    "image_size": "32",
    "how_obtained": "original",
    "obstacle": "",
}


@pytest.fixture
def parameters(made_up):
    return read_parameters(made_up / "params.yaml")


def write(path: Path, **changes: str) -> Path:
    pd.DataFrame([CLAIM | changes]).to_csv(path, index=False)
    return path


def verdict(path: Path, parameters, low: float, high: float) -> tuple[str, str]:
    row = {"selection": "inner_validation", "model": "acsnet", "metric": "dice"}
    scores = pd.DataFrame([row | {"estimate": (low + high) / 2, "low": low, "high": high}])
    judged = judge(read_claims(path, parameters), {"made-up": scores}, parameters)
    return judged.loc[0, "verdict"], judged.loc[0, "why"]


def test_the_committed_ledger_is_valid_and_leaves_acsnets_own_cells_empty():
    claims = read_claims(LEDGER, read_parameters(ROOT / "params.yaml"))
    own = claims[claims["doi"] == "10.1016/j.compbiomed.2024.108319"]
    assert len(own) == 16
    assert own["value"].isna().all()
    assert set(own["table_or_page"]) == {"not on file"}
    assert not (claims["value"].isna() & (claims["table_or_page"] != "not on file")).any()


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.78, 0.82, "within"), (0.70, 0.75, "above"), (0.85, 0.90, "below"), (0.70, 0.90, "undecidable")],
)
def test_verdicts_follow_the_interval(tmp_path, parameters, low, high, expected):
    assert verdict(write(tmp_path / "c.csv"), parameters, low, high)[0] == expected
    assert verdict(write(tmp_path / "c.csv", value="80", unit="percent"), parameters, low, high)[0] == expected


def test_what_cannot_be_compared_says_why(tmp_path, parameters):
    path = tmp_path / "c.csv"
    assert verdict(write(path, obstacle="other images"), parameters, 0.7, 0.75) == ("not comparable", "other images")
    assert verdict(write(path, image_size="256"), parameters, 0.7, 0.75) == (
        "not comparable",
        "32 px here, 256 px there",
    )
    assert verdict(write(path, counterpart=""), parameters, 0.7, 0.75)[0] == "no counterpart"
    assert verdict(write(path, dataset="busi"), parameters, 0.7, 0.75)[0] == "no counterpart"
    empty = write(path, value="", table_or_page="not on file")
    assert verdict(empty, parameters, 0.7, 0.75)[0] == "not on file"
    assert verdict(write(path), parameters, np.nan, np.nan) == ("undecidable", "our interval is not defined")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"doi": "doi:10.1"}, "doi: expected"),
        ({"metric": "dce"}, "found 'dce'"),
        ({"counterpart": "acsnett"}, "no model of params.yaml is called 'acsnett'"),
        ({"unit": "%"}, "unit: expected one of share, percent, px"),
        ({"how_obtained": "guess"}, "how_obtained: expected"),
        ({"value": ""}, "exclude each other"),
        ({"metric": "not on file"}, "obstacle: expected 'metric not on file'"),
        ({"dataset": "not on file"}, "obstacle: expected 'dataset not on file'"),
        ({"value": "eighty"}, "value: expected a number, found 'eighty'"),
        ({"value": "80"}, "expected a share between 0 and 1"),
        ({"paper": " "}, "paper is empty"),
    ],
)
def test_a_bad_line_is_named(tmp_path, parameters, change, message):
    with pytest.raises(UserError, match=r"line 2") as error:
        read_claims(write(tmp_path / "c.csv", **change), parameters)
    assert message in str(error.value)
