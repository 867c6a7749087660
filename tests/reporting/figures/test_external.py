"""The matrix of training and test sets: its numbers are those of the tables."""

import pandas as pd
import pytest

from benchmarks.configuration import read_parameters
from benchmarks.errors import UserError
from benchmarks.reporting.figures.external import draw_matrix, read_transfers, write_matrix


def test_numbers_stand_where_training_and_test_set_meet(external_once):
    parameters = read_parameters(external_once / "params.yaml")
    transfers = read_transfers(parameters, external_once)
    dice, auc = draw_matrix(transfers, parameters).axes
    assert [label.get_text() for label in dice.get_xticklabels()] == ["on Phantom", "on BrEaST"]
    names = [label.get_text() for label in dice.get_yticklabels()]
    assert names == ["acsnet, made-up", "resnet, made-up", "shared, made-up", "unet, made-up"]
    table = pd.read_csv(external_once / "reports/external/tables/made-up/transfer.csv").set_index(["model", "metric"])
    found = {text.get_position(): text.get_text() for text in dice.texts}
    assert found[(0, 3)] == f"{table.loc[('unet', 'dice'), 'internal']:.3f}"
    assert found[(1, 3)] == f"{table.loc[('unet', 'dice'), 'external']:.3f}"
    assert (0, 1) not in found  # no outlines
    assert (1, 3) not in {text.get_position() for text in auc.texts}  # no classes
    assert len(dice.patches) == 4


def test_two_training_sets_share_one_matrix(external_once):
    parameters = read_parameters(external_once / "params.yaml")
    table = read_transfers(parameters, external_once)["made-up"]
    both = {"made-up": table, "made-up-released": table.assign(dataset="busi")}
    dice, _ = draw_matrix(both, parameters).axes
    assert [label.get_text() for label in dice.get_xticklabels()] == ["on Phantom", "on BrEaST", "on BUSI"]
    names = [label.get_text() for label in dice.get_yticklabels()]
    assert len(names) == len(set(names)) == 8  # the same networks on the same dataset, told apart by the benchmark


def test_nothing_to_draw(made_up):
    with pytest.raises(UserError, match=r"no transfer.csv of any benchmark"):
        write_matrix(made_up, made_up / "out")
