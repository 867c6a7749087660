import dataclasses
import json
import shutil
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from benchmarks.errors import UserError
from benchmarks.reporting.figures import digests
from benchmarks.reporting.figures.catalogue import CASES, CURVES, FIGURES, TRUTH, figures_of
from benchmarks.reporting.figures.material import gather
from benchmarks.reporting.figures.write import write_figures
from benchmarks.reporting.style import apply_style
from benchmarks.reporting.tables.write import write_tables


@pytest.fixture
def finished(finished_once, tmp_path) -> Path:
    """A copy of the finished repository that a test may change."""
    return shutil.copytree(finished_once, tmp_path / "repository")


def test_two_runs_give_identical_bytes(finished_once, tmp_path):
    write_tables("made-up", finished_once, tmp_path)
    write_figures("made-up", finished_once, tmp_path)
    again = {path.relative_to(tmp_path): path for path in tmp_path.rglob("*") if path.is_file()}
    assert len(again) > 50
    for name, path in again.items():
        assert path.read_bytes() == (finished_once / "reports" / name).read_bytes(), name


def test_everything_but_scores_may_be_missing(made_up, tmp_path):
    for kind in ("curves", "records", "predictions"):
        for path in (made_up / "reports" / kind / "made-up").iterdir():
            path.unlink()
    for model in ("acsnet", "shared", "unet"):
        (made_up / f"reports/cases/made-up/{model}.csv").unlink()
    write_tables("made-up", made_up, tmp_path)
    write_figures("made-up", made_up, tmp_path)
    drawn = {path.stem for path in (tmp_path / "figures/made-up").glob("*.svg")}
    assert "roc" in drawn
    assert "training_curves" not in drawn
    assert "contact_sheet" not in drawn


def test_predictions_that_lack_a_case_are_named(finished):
    path = finished / "reports/predictions/made-up/unet.parquet"
    table = pd.read_parquet(path)
    table[table["seed"] == 1].to_parquet(path)
    with pytest.raises(UserError, match=r"unet\.parquet"):
        write_figures("made-up", finished, finished / "reports")


def drawn_anew(root: Path) -> list[str]:
    return write_figures("made-up", root, root / "reports")[1]


def test_only_what_would_look_different_is_drawn_anew(finished, monkeypatch):
    assert drawn_anew(finished) == []
    ranking = finished / "reports/figures/made-up/ranking"
    ranking.with_suffix(".png").unlink()
    ranking.with_suffix(".svg").write_text("<svg/>")
    assert drawn_anew(finished) == ["ranking"]
    assert len(ranking.with_suffix(".svg").read_text()) > 1000
    table = finished / "reports/tables/made-up/strata.csv"
    table.write_text(table.read_text().replace("class,malignant,", "class,worrying,"))
    assert drawn_anew(finished) == ["strata"]
    curves = finished / "reports/curves/made-up/unet.csv"
    pd.read_csv(curves).assign(train_loss=0.5).to_csv(curves, index=False)
    assert drawn_anew(finished) == ["training_curves", "networks/unet"]
    code = digests.code_of_figure
    monkeypatch.setattr(digests, "code_of_figure", lambda name: [code(name), name.endswith(".roc")])
    assert "profiles" in drawn_anew(finished)
    monkeypatch.setattr(digests, "code_of_figure", lambda name: [code(name), False])
    assert drawn_anew(finished) == ["roc"]


def test_damaged_digests_draw_everything(finished):
    path = finished / "reports/figures/made-up/digests.json"
    known = json.loads(path.read_text())
    path.write_text("[")
    assert sorted(drawn_anew(finished)) == sorted(known)
    assert json.loads(path.read_text()) == known


def test_a_figure_that_is_no_longer_made_is_removed(finished):
    folder = finished / "reports/figures/made-up"
    (finished / "reports/curves/made-up/unet.csv").unlink()
    (folder / "gone.svg").write_text("<svg/>")
    drawn_anew(finished)
    assert not list(folder.glob("gone.*"))
    assert not list(folder.glob("networks/unet.*"))
    assert len(list(folder.glob("networks/*.svg"))) == 3


def test_the_code_of_a_figure_is_its_own_and_not_its_neighbours():
    code = digests.code_of_figure("benchmarks.reporting.figures.roc")
    assert {"benchmarks.reporting.style", "benchmarks.reporting.labels", "benchmarks.reporting.results"} <= set(code)
    assert not [module for module in code if module.startswith("benchmarks.statistics")]
    assert "benchmarks.reporting.figures.profiles" not in code


def test_a_figure_reads_no_more_than_it_says(finished_once):
    """Each is drawn from what it names; all else is taken away."""
    apply_style()
    material = gather("made-up", finished_once, finished_once / "reports/tables/made-up")
    for figure in figures_of(material):
        results = dataclasses.replace(
            material.results,
            cases=material.results.cases if CASES in figure.results else None,
            curves=material.results.curves if any("curves/" in path for path in figure.results) else None,
            truth=material.results.truth if TRUTH in figure.results else None,
            records=None,
        )
        tables = {name: material.tables[name] for name in figure.tables}
        figure.draw(dataclasses.replace(material, results=results, tables=tables))
    plt.close("all")
    assert {figure.name for figure in figures_of(material)} >= {figure.name for figure in FIGURES} - {
        "leakage",
        "learning_curve",
    }
    assert any(CURVES in figure.results for figure in FIGURES)
