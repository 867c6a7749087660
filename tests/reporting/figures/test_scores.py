import dataclasses

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from benchmarks.reporting.figures.contact_sheet import chosen_cases, draw_contact_sheet
from benchmarks.reporting.figures.scores import (
    draw_differences,
    draw_network,
    in_drawing_order,
    legend_of_models,
    mean_roc,
)
from benchmarks.reporting.results import read_results
from benchmarks.reporting.style import appearances, apply_style, lighter
from benchmarks.reporting.tables.scores import difference_table


@pytest.fixture(scope="module")
def results(made_up_once):
    return read_results("made-up", made_up_once, "acsnet")


def test_ten_models_look_different_and_the_others_are_background():
    models = [f"model {i}" for i in range(26)]
    looks = appearances(models)
    assert len({(looks[model].colour, looks[model].line) for model in models[:10]}) == 10
    assert looks["model 0"].colour == "#000000"
    assert len({looks[model] for model in models[10:]}) == 1
    assert list(looks)[:16] == models[10:]  # drawn first


def test_a_legend_names_ten_and_counts_the_others_within_the_figure():
    apply_style()
    models = [f"a_network_with_a_long_name_{i}" for i in range(26)]
    figure, _ = plt.subplots(figsize=(6, 4))
    legend_of_models(figure, models)
    legend = figure.legends[0]
    assert [text.get_text() for text in legend.texts] == [*models[:10], "16 others"]
    figure.draw_without_rendering()
    box = legend.get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.width
    plt.close(figure)


def test_models_stand_as_they_are_unless_there_are_too_many(results):
    assert in_drawing_order(results, "inner_validation", "dice").models == results.models
    cases = pd.DataFrame({"model": [f"m{i:02}" for i in range(12)], "dice": [0.1, *np.linspace(0, 1, 11)]})
    many = dataclasses.replace(results, models=list(cases["model"]), cases=cases.assign(selection="last_epoch"))
    expected = ["m00", *(f"m{i:02}" for i in range(11, 0, -1))]
    assert in_drawing_order(many, "last_epoch", "dice").models == expected


def test_a_lighter_drawing_keeps_its_letters():
    svg = '<g transform="translate(1.2345 2.5) scale(0.015625)"><path d="M 0.123456 7 \nL 3 4.5 \nz\n"/></g>'
    assert lighter(svg) == '<g transform="translate(1.23 2.5) scale(0.015625)"><path d="M0.12 7L3 4.5z"/></g>'


def test_area_under_the_drawn_curve_is_the_auc(results):
    own = results.selected("inner_validation").query("model == 'shared' and seed == 0")
    points = mean_roc(own)
    assert np.trapezoid(points["y"], points["x"]) == pytest.approx(roc_auc_score(own["label"], own["probability"]))
    assert mean_roc(own[own["label"] == 0]).empty


def test_contact_sheet_takes_the_extremes_by_mean_dice():
    cases = pd.DataFrame({"case": [f"c{i:02}" for i in range(20)] * 2, "dice": [*np.linspace(0, 1, 20)] * 2})
    chosen = chosen_cases(cases.sample(frac=1, random_state=0))
    assert chosen["worst"] == ["c00", "c01", "c02"]
    assert chosen["best"] == ["c17", "c18", "c19"]
    assert chosen["median"] == ["c08", "c09", "c10"]
    assert chosen_cases(cases[cases["case"] < "c02"]) == {"median": ["c00", "c01"]}


def test_contact_sheet_has_a_row_for_each_model_that_segments(results, made_up_once):
    figure = draw_contact_sheet(results, made_up_once, "inner_validation")
    labels = [axes.get_ylabel() for axes in figure.axes]
    assert [label for label in labels if label] == ["acsnet", "shared", "unet"]
    plt.close(figure)


def test_differences_are_drawn_where_they_stand(results):
    table = difference_table(results, "inner_validation", "standard", "acsnet")
    figure = draw_differences(table, results)
    panel = next(axes for axes in figure.axes if axes.get_title(loc="left") == "Dice")
    drawn = sorted(float(line.get_xdata()[0]) for line in panel.lines if len(line.get_xdata()) == 1)
    assert drawn == sorted(table.loc[table["metric"] == "dice", "difference"])
    plt.close(figure)


def test_a_network_without_a_head_says_so(results):
    figure = draw_network(results, "resnet")
    assert [text.get_text() for text in figure.axes[0].texts] == ["not logged"]
    assert figure.axes[1].lines
    plt.close(figure)
