"""Sentences on made-up numbers: each rule of `reporting/page/pretraining_effects.py` says what it must, no more."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.configuration import read_parameters
from benchmarks.reporting.names import PLAIN
from benchmarks.reporting.page.pretraining import (
    comparison_text,
    conclusion,
    degenerate_text,
    limits_text,
    pretraining_part,
    ranking_text,
    runs_text,
    worth_text,
)
from benchmarks.reporting.page.pretraining_effects import Effect, dependence, in_doubt
from benchmarks.reporting.page.render import render_page
from benchmarks.reporting.weights import weight_pairs, weights_text
from benchmarks.statistics.comparisons.pairs import COLUMNS

ENTRIES = """  acsnet: {network: "acsnet:ACSNet"}
  shared: {network: "baselines.a:A"}
  shared_imagenet: {network: "baselines.a:A", encoder_weights: imagenet}
  unet: {network: "baselines.b:B"}
  unet_imagenet: {network: "baselines.b:B", encoder_weights: imagenet}
"""
REFERENCES = "    references: {shared: [shared_imagenet, acsnet], unet: [unet_imagenet]}\n    dataset:"


def effect(network: str, random: float, difference: float, verdict: str, half: float = 0.01) -> Effect:
    low, high = difference - half, difference + half
    return Effect(network, random, random + difference, difference, low, high, 0.01, verdict)


@pytest.fixture
def compared(finished_once, tmp_path) -> Path:
    """The made-up repository with two more models, which start from ImageNet weights, in a study of its own."""
    root = shutil.copytree(finished_once, tmp_path / "repository")
    text = (root / "params.yaml").read_text().replace("    dataset:", REFERENCES, 1)
    text = text.replace("    <<: *made-up\n", "    <<: *made-up\n    references: {}\n")
    text = text.replace('  acsnet: {network: "acsnet:ACSNet"}\n', ENTRIES)
    (root / "params.yaml").write_text(text)
    tables = root / "reports/tables/made-up"
    main = pd.read_csv(tables / "main.csv").set_index("model")
    more = main.loc[["shared", "unet"]].rename(index="{}_imagenet".format)
    for model, dice, sensitivity in (
        ("shared", 0.5, 0.0),
        ("shared_imagenet", 0.75, 0.25),
        ("unet", 0.625, None),
        ("unet_imagenet", 0.5, None),
    ):
        more.loc[model] = main.loc[model] if model in main.index else more.loc[model]
        more.loc[model, ["dice", "sensitivity", "specificity"]] = dice, sensitivity, sensitivity and 1.0
    more.loc["shared", "specificity"] = 1.0
    pd.concat([main.drop(["shared", "unet"]), more]).to_csv(tables / "main.csv", index_label="model")
    rows = [
        ("shared_imagenet", "shared", "dice", 0.25, 0.125, 0.375, 0.0002),
        ("unet_imagenet", "unet", "dice", -0.125, -0.25, -0.0625, 0.01),
        ("shared_imagenet", "shared", "auc", 0.0625, -0.25, 0.375, 0.75),
    ]
    columns = ["model_a", "model_b", "metric", "difference", "low", "high", "p_holm"]
    table = pd.DataFrame(rows, columns=columns).assign(p_value=0.01, p_equivalent=0.0)
    table.reindex(columns=COLUMNS).to_csv(tables / "differences.csv", index=False)
    return root


def test_pairs_are_the_same_network_from_either_weights(compared):
    parameters = read_parameters(compared / "params.yaml")
    assert weight_pairs("made-up", parameters) == {"shared_imagenet": "shared", "unet_imagenet": "unet"}
    assert weight_pairs("made-up-released", parameters) == {}


def test_weights_are_each_model_s_own_where_it_has_some(compared):
    parameters = read_parameters(compared / "params.yaml")
    models = ["acsnet", "shared", "shared_imagenet", "unet_imagenet", "external_theirs"]
    assert weights_text("made-up", models, parameters) == "none; imagenet in shared_imagenet, unet_imagenet"
    assert weights_text("made-up", models[:2], parameters) == "none"
    assert weights_text("made-up", models[2:4], parameters) == "imagenet"
    assert weights_text("made-up", models[4:], parameters) == "not on file"


def test_the_part_holds_the_tables_numbers_and_follows_the_rules(compared):
    part = pretraining_part("made-up", read_parameters(compared / "params.yaml"), compared, PLAIN)
    (first, shared), (second, unet) = part["networks"]
    assert (first, second) == ("shared", "unet")
    expected = (
        "Dice 0.250 [0.125, 0.375], p < 0.001: better; AUC 0.062 [\N{MINUS SIGN}0.250, 0.375], p 0.750: undecided."
    )
    assert shared.startswith(expected)
    assert "shared calls every case benign: sensitivity 0" in shared
    assert unet == "Dice \N{MINUS SIGN}0.125 [\N{MINUS SIGN}0.250, \N{MINUS SIGN}0.062], p 0.010: worse."
    text = part["conclusion"]
    assert "With ImageNet weights, Dice is better for shared and worse for unet; AUC is undecided for shared." in text
    assert "the order of the means changes from unet, shared to shared, unet" in text
    assert "the largest effect, 0.250 (shared), exceeds the largest difference" in text
    assert "random weights, 0.125." in text
    assert "a ranking by Dice need not hold from ImageNet weights." in text  # one network has an AUC: no ranking by it
    assert "2 networks" in text
    assert "32 pixels, 4 epochs and 2 seeds" in text


def test_a_benchmark_without_such_pairs_has_no_such_part(compared):
    assert pretraining_part("made-up-released", read_parameters(compared / "params.yaml"), compared, PLAIN) is None
    pd.DataFrame(columns=COLUMNS).to_csv(compared / "reports/tables/made-up/differences.csv", index=False)
    assert pretraining_part("made-up", read_parameters(compared / "params.yaml"), compared, PLAIN) is None


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (effect("b", 0.5, -0.05, "worse"), "sign"),
        (effect("b", 0.5, 0.01, "better"), "size"),
        (effect("b", 0.5, -0.05, "undecided", half=0.06), "size"),  # up to 0.01, the other from 0.04
        (effect("b", 0.5, 0.02, "undecided", half=0.03), None),  # the other holds and this does not: shows nothing
        (effect("b", 0.5, 0.05, "better"), None),
    ],
)
def test_an_effect_depends_on_the_network_by_its_sign_or_by_intervals_apart(second, expected):
    effects = [effect("a", 0.9, 0.05, "better"), second]
    assert dependence(effects) == expected
    beginning = {
        "sign": "The sign",
        "size": "The size",
        None: "Whether the effect on Dice depends on the network stays",
    }
    assert comparison_text("dice", effects).startswith(beginning[expected])
    assert in_doubt(effects) == (expected is not None)


def test_an_effect_above_the_difference_of_networks_puts_their_ranking_in_doubt():
    small = [effect("a", 0.875, 0.05, "better"), effect("b", 0.75, 0.05, "better")]
    assert "0.050 (a), does not exceed" in comparison_text("dice", small)
    assert "random weights, 0.125." in comparison_text("dice", small)
    assert not in_doubt(small)
    large = [effect("a", 0.80, -0.05, "worse"), effect("b", 0.78, -0.05, "worse")]
    assert "0.050 (a), exceeds" in comparison_text("dice", large)
    assert in_doubt(large)
    unproven = [effect(e.network, e.random, e.difference, "undecided") for e in large]
    assert "largest effect" not in comparison_text("dice", unproven)
    assert not in_doubt(unproven)


def test_another_order_of_the_means_puts_the_ranking_in_doubt():
    effects = [effect("a", 0.80, 0.0, "undecided", half=0.1), effect("b", 0.79, 0.02, "undecided", half=0.1)]
    assert "the order of the means changes from a, b to b, a." in comparison_text("dice", effects)
    assert in_doubt(effects)


def test_the_last_word_names_the_rankings_in_doubt_and_the_others():
    doubtful = [effect("a", 0.8, 0.05, "better"), effect("b", 0.2, -0.05, "worse")]
    steady = [effect("a", 0.8, 0.05, "better"), effect("b", 0.2, 0.05, "better")]
    both = ranking_text({"dice": doubtful, "auc": steady})
    assert "a ranking by Dice need not hold from ImageNet weights; by AUC, nothing here speaks against" in both
    assert "a ranking by Dice and AUC need not hold" in ranking_text({"dice": doubtful, "auc": doubtful})
    assert "need not hold" not in ranking_text({"dice": steady})
    assert ranking_text({}).startswith("One network cannot show")


def test_one_network_gets_no_comparison(compared):
    settings = read_parameters(compared / "params.yaml").benchmark("made-up")
    text = conclusion({"dice": [effect("a", 0.8, 0.05, "better")]}, settings, "")
    assert text.startswith("With ImageNet weights, Dice is better for a. One network cannot show")
    assert "1 network with" in limits_text({"dice": [effect("a", 0.8, 0.05, "better")]}, settings)


def test_verdicts_are_put_together():
    verdicts = ["undecided", "better", "equivalent", "better", "worse"]
    effects = [effect(name, 0.5, 0.0, verdict) for name, verdict in zip("abcde", verdicts, strict=True)]
    text = "Dice is better for b and d, worse for e, equivalent for c and undecided for a"
    assert worth_text("Dice", effects) == text


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ([(0, 1), (0, 1)], "a and b call every case benign: sensitivity 0"),
        ([(0.5, 0.5), (1, 0)], "b calls every case malignant: sensitivity 1"),
        ([(0, 0.9), (0.9, 1)], ""),
        ([(float("nan"), float("nan"))] * 2, ""),
    ],
)
def test_a_threshold_that_sorts_every_case_alike_is_named(rates, expected):
    main = pd.DataFrame(rates, columns=["sensitivity", "specificity"]).assign(model=["a", "b"])
    text = degenerate_text(main, ["a", "b"])
    assert (expected in text) if expected else text == ""
    assert degenerate_text(main[["model"]], ["a", "b"]) == ""


@pytest.mark.parametrize(
    ("p_holm", "expected"),
    [
        ((0.8, 0.9), "no difference in Dice holds: training anew may change the effects."),
        ((0.8, 0.01), "the difference in Dice holds for b: training anew may change the effects."),
        ((0.02, 0.01), "the difference in Dice holds for a and b."),
    ],
)
def test_what_holds_over_trainings_is_said_beside_what_holds_over_cases(p_holm, expected):
    rows = [("a2", "a", "dice", p_holm[0], 3, 2), ("b2", "b", "dice", p_holm[1], 3, 2), ("c", "a", "dice", 0.01, 3, 2)]
    runs = pd.DataFrame(rows, columns=["model_a", "model_b", "metric", "p_holm", "folds", "seeds"])
    text = runs_text(runs, {"a2": "a", "b2": "b"}, "dice")
    assert text.endswith(expected)
    assert "6 of each" in text
    assert runs_text(runs, {"a2": "a"}, "released_dice") == ""
    assert runs_text(None, {"a2": "a"}, "dice") == ""


def test_the_main_page_draws_the_same_conclusion_where_it_links_to_the_study(compared):
    text = (compared / "params.yaml").read_text()
    studies = "studies: {made: {benchmarks: {made-up: phantom, made-up-released: phantom}, models: [acsnet]}}"
    changed = "\n".join(studies if line.startswith("studies:") else line for line in text.splitlines())
    (compared / "params.yaml").write_text(changed)
    part = pretraining_part("made-up", read_parameters(compared / "params.yaml"), compared, PLAIN)
    front = render_page(["made-up-released"], compared, compared / "reports")
    assert f"<p>{part['conclusion']}</p>" in front
    elsewhere = render_page(["made-up-released"], compared, compared / "reports/made-up-released")
    assert part["conclusion"] not in elsewhere


def test_the_study_s_own_page_has_the_part_and_says_all_weights(compared):
    own = render_page(["made-up"], compared, compared / "reports/made-up")
    part = pretraining_part("made-up", read_parameters(compared / "params.yaml"), compared, PLAIN)
    assert f"<p>{part['conclusion']}</p>" in own
    assert own.count('id="made-up-pretraining"') == 1
    assert own.count("What pretraining is worth here") == 1
    other = render_page(["made-up-released"], compared, compared / "reports/made-up-released")
    assert "What pretraining is worth here" not in other


def test_the_page_says_which_models_start_from_other_weights(finished_once, tmp_path):
    root = shutil.copytree(finished_once, tmp_path / "repository")
    text = (root / "params.yaml").read_text()
    entry = '  unet: {network: "baselines.unet:UNet", encoder_weights: imagenet}\nrecipes:'
    (root / "params.yaml").write_text(text.replace("recipes:", entry))
    page = render_page(["made-up"], root, root / "reports/made-up")
    assert "<dt>Encoder weights</dt><dd>none; imagenet in unet</dd>" in page
    assert "encoder weights none; imagenet in unet. Its ranking" in page
