"""`dvc.yaml` follows from `params.yaml`; an edit of a file re-makes what that file can change."""

import dataclasses
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from benchmarks.configuration import Study, read_parameters
from benchmarks.errors import UserError
from benchmarks.pipeline.write import check_pipeline, forget_gone_stages, pipeline_text, write_pipeline

PAGES = {"report", "page", "demonstration"}


@pytest.fixture(scope="module")
def parameters(repository):
    return read_parameters(repository / "params.yaml")


@pytest.fixture(scope="module")
def pipeline(repository):
    return yaml.safe_load((repository / "dvc.yaml").read_text())


def written(parameters, **studies: Study) -> dict:
    """The pipeline with other studies."""
    return yaml.safe_load(pipeline_text(dataclasses.replace(parameters, studies=parameters.studies | studies)))


def definition(stage: dict) -> dict:
    return stage.get("do", stage)


def remade_after_an_edit_of(file: str, pipeline: dict) -> set[str]:
    """The stages that depend on the file itself, by name without the part after @."""
    return {
        name
        for name, stage in pipeline["stages"].items()
        if any(file == path or file.startswith(f"{path}/") for path in definition(stage)["deps"])
    }


def test_the_committed_file_is_in_step(repository):
    check_pipeline(repository)
    assert (repository / "dvc.yaml").read_text().startswith("# Written by `acsbench pipeline`")


@pytest.mark.parametrize(
    ("file", "remade"),
    [
        ("README.md", set()),
        ("docs/contracts.md", set()),
        ("docs/networks.md", {"cards"}),
        ("benchmarks/errors.py", set()),
        ("benchmarks/scoring/submit.py", set()),
        ("benchmarks/datasets/manifests/README.md", set()),
        ("benchmarks/reporting/page/templates/page.html", PAGES),
        ("benchmarks/reporting/page/templates/page.css", PAGES),
        ("benchmarks/reporting/claims/ledger.py", PAGES),
        ("benchmarks/reporting/cards/templates/model.md", {"cards"}),
        ("benchmarks/reporting/figures/roc.py", {"figures"}),
        ("benchmarks/reporting/tables/leakage.py", {"tables"}),
        ("benchmarks/statistics/comparisons/contrast.py", {"tables"}),
        ("benchmarks/protocols/split.py", {"split"}),
        (
            "benchmarks/datasets/breast.py",
            {"cards", "prepare-external", "tables-external", "figures-external", "report", "page"},
        ),
        ("benchmarks/statistics/rankings/transfer.py", {"tables-external"}),
        ("benchmarks/datasets/unpacking.py", {"prepare-demonstration"}),
        ("benchmarks/training/losses.py", {"fingerprints"}),
        ("baselines/unet.py", {"fingerprints"}),
    ],
)
def test_an_edit_remakes_what_it_can_change(file, remade, pipeline, repository):
    assert (repository / file).is_file()
    assert remade_after_an_edit_of(file, pipeline) == remade


@pytest.mark.parametrize(
    "file", ["benchmarks/statistics/comparisons/delong.py", "benchmarks/statistics/rankings/stability.py"]
)
def test_an_edit_of_a_statistic_remakes_tables_and_what_follows(file, pipeline, repository):
    assert (repository / file).is_file()
    assert "tables" in remade_after_an_edit_of(file, pipeline) <= {"tables", *PAGES}
    for follower in ("figures", "cards", "report", "page"):
        assert any("reports/tables/" in path for path in definition(pipeline["stages"][follower])["deps"])


def test_training_depends_on_data_parameters_and_its_own_fingerprint(pipeline):
    train = pipeline["stages"]["train"]["do"]
    assert train["deps"] == ["prepared/benchmarks/${item.benchmark}"]
    assert train["params"] == [{"fingerprints.json": ["${key}.digest"]}]


def test_a_model_appears_by_its_entry(parameters, pipeline):
    comparison = parameters.studies["comparison"]
    with_one_more = dataclasses.replace(comparison, models=[*comparison.models, "unetpp"])
    after = written(parameters, comparison=with_one_more)
    assert after["stages"]["train"]["foreach"].pop("busi-small-unetpp") == {
        "benchmark": "busi-small",
        "model": "unetpp",
        "folds": "",
    }
    assert after == pipeline


def test_the_front_page_shows_what_the_parameters_name_in_that_order(parameters):
    def pages(named: list[str]) -> tuple[str, set[str]]:
        stages = yaml.safe_load(pipeline_text(dataclasses.replace(parameters, front_page=named)))["stages"]
        return stages["report"]["cmd"], set(stages["page"]["foreach"])

    front, others = pages(["busi-small-ungrouped", "busi-medium"])
    assert front == "python -m benchmarks page busi-small-ungrouped busi-medium --output reports/index.html"
    assert {"busi-small", "busi-light"} <= others
    assert not {"busi-small-ungrouped", "busi-medium"} & others
    by_default, others = pages([])
    assert by_default == "python -m benchmarks page busi-small busi-small-ungrouped --output reports/index.html"
    assert "busi-medium" in others


def test_folds_that_are_left_for_later_are_not_trained(parameters):
    some = dataclasses.replace(parameters.benchmarks["busi-small"], trained_folds=[2, 0])
    changed = dataclasses.replace(parameters, benchmarks=parameters.benchmarks | {"busi-small": some})
    cells = written(changed)["stages"]["train"]["foreach"]
    assert cells["busi-small-acsnet"]["folds"] == " --folds 0 2"
    assert cells["busi-ablation-small-acsnet"]["folds"] == ""


def test_a_study_is_one_entry(parameters, pipeline):
    after = written(parameters, another=Study({"busi": "busi"}, ["unet"]))
    stages = after["stages"]
    assert stages["split"]["foreach"]["busi"] == "busi"
    assert stages["train"]["foreach"]["busi-unet"] == {"benchmark": "busi", "model": "unet", "folds": ""}
    assert all("busi" in stages[name]["foreach"] for name in ("score", "tables", "figures", "page"))
    assert {"reports/tables/busi", "benchmarks/folds/busi.csv"} <= set(stages["cards"]["deps"])
    assert "reports/tables/busi/main.csv" in stages["report"]["deps"]
    assert "reports/tables/busi/main.csv" in stages["page"]["do"]["deps"]
    assert stages["report"]["cmd"] == pipeline["stages"]["report"]["cmd"]
    assert "reports/tables/busi/metrics" in after["metrics"]
    assert "reports/tables/busi/metrics" not in pipeline["metrics"]


def test_a_study_that_is_not_compared_is_trained_and_no_more(parameters):
    after = written(parameters, another=Study({"busi": "busi"}, ["unet"], compared=False))
    stages = after["stages"]
    assert "busi-unet" in stages["train"]["foreach"]
    assert not any("busi" in stages[name]["foreach"] for name in ("score", "tables", "figures", "page"))
    assert "reports/tables/busi/metrics" not in after["metrics"]


def test_the_demonstration_needs_nothing_that_is_downloaded(pipeline):
    demonstration = pipeline["stages"]["demonstration"]
    assert "reports/phantom/index.html" in demonstration["outs"][0]
    assert not [path for path in demonstration["deps"] if "busi" in path or path == "reports/cards"]
    assert not [path for path in pipeline["stages"]["cards"]["deps"] if path.endswith("phantom")]
    assert not [path for path in pipeline["metrics"] if "phantom" in path]


def test_an_ungrouped_benchmark_depends_on_its_twin_alone(pipeline):
    twins = {name: item["twin"] for name, item in pipeline["stages"]["tables"]["foreach"].items()}
    assert twins.pop("busi-small-ungrouped") == "busi-small"
    assert all(name == twin for name, twin in twins.items())


def test_a_dataset_that_is_not_prepared_is_named(parameters):
    with pytest.raises(UserError, match="busi needs busbra, which is not prepared"):
        written(parameters, another=Study({"busi": "busbra"}, ["unet"]))


def test_dvc_finds_the_stages(repository):
    """The oracle is DVC's own reading of the file."""
    command = ["dvc", "stage", "list", "--name-only"]
    output = subprocess.run(command, capture_output=True, text=True, check=True, cwd=repository).stdout
    names = set(output.split())
    assert {"download@busi", "prepare@busi", "split@busi-small", "train@busi-small-acsnet", "score@busi-small"} <= names
    assert {"train@busi-ablation-small-acsnet_no_gates", "train@phantom-unet", "tables@phantom"} <= names
    assert {"tables@busi-small", "figures@busi-small", "page@busi-ablation-small", "report", "cards"} <= names
    assert {"train@phantom-networks-mtan", "fingerprints", "demonstration", "prepare-demonstration"} <= names
    assert "score@phantom-networks" not in names


def test_it_is_written_where_it_is_out_of_step(repository, tmp_path: Path):
    (tmp_path / "params.yaml").write_text((repository / "params.yaml").read_text())
    with pytest.raises(UserError, match="out of step"):
        check_pipeline(tmp_path)
    assert write_pipeline(tmp_path)
    assert (tmp_path / "dvc.yaml").read_text() == (repository / "dvc.yaml").read_text()
    check_pipeline(tmp_path)
    assert not write_pipeline(tmp_path)


def test_a_stage_that_is_gone_and_left_nothing_leaves_the_lock(repository, tmp_path: Path):
    """What left something stays, and so does every other line: a study that is put back is not trained anew."""
    for name in ("dvc.yaml", "dvc.lock"):
        shutil.copy(repository / name, tmp_path)
    before = (tmp_path / "dvc.lock").read_text()
    (tmp_path / "kept.csv").write_text("a")
    entry = "  {0}:\n    cmd: python\n    outs:\n    - path: {1}\n      hash: md5\n      md5: a\n      size: 1\n"
    kept, gone = entry.format("train@old", "kept.csv"), entry.format("page@old", "old/index.html")
    (tmp_path / "dvc.lock").write_text(before + kept + gone)
    assert forget_gone_stages(tmp_path) == ["page@old"]
    assert (tmp_path / "dvc.lock").read_text() == before + kept
    assert forget_gone_stages(tmp_path) == []
    (tmp_path / "dvc.lock").write_text("stages: [")
    with pytest.raises(UserError, match=r"dvc.lock: not in DVC's form: .* Restore it with git"):
        forget_gone_stages(tmp_path)


def test_points_of_a_learning_curve_are_scored_and_stand_in_the_tables_of_their_benchmark(parameters):
    curve = Study({"busi-light-64": "busi", "busi-light-half": "busi"}, ["shared_unet_lite0_imagenet"])
    curve = dataclasses.replace(curve, learning_curve_of="busi-light")
    others = {name: study for name, study in parameters.studies.items() if study.learning_curve_of is None}
    stages = written(dataclasses.replace(parameters, studies=others), curve=curve)["stages"]
    assert {"busi-light", "busi-light-64", "busi-light-half"} <= set(stages["score"]["foreach"])
    assert "busi-light-64-shared_unet_lite0_imagenet" in stages["train"]["foreach"]
    for name in ("tables", "figures", "page"):
        assert not {"busi-light-64", "busi-light-half"} & set(stages[name]["foreach"])
    points = {name: item["points"] for name, item in stages["tables"]["foreach"].items()}
    assert points.pop("busi-light") == ["busi-light-64", "busi-light-half", "busi-light"]
    assert all(own == [name] * 3 for name, own in points.items())
    places = [f"reports/cases/${{item.points[{place}]}}" for place in range(3)]
    assert set(places) <= set(stages["tables"]["do"]["deps"])


def with_test_on(parameters, name: str, *datasets: str):
    """The parameters with one benchmark tested on these alone, and no other on any."""
    benchmarks = {b: dataclasses.replace(settings, test_on=[]) for b, settings in parameters.benchmarks.items()}
    benchmarks[name] = dataclasses.replace(benchmarks[name], test_on=list(datasets))
    return dataclasses.replace(parameters, benchmarks=benchmarks, datasets=["busi", "breast", "busbra-500"])


def test_other_datasets_are_tested_on_by_every_cell_of_a_benchmark_that_names_them(parameters):
    changed = with_test_on(parameters, "busi-pretraining-small", "breast", "busbra-500")
    stages = yaml.safe_load(pipeline_text(changed))["stages"]
    assert stages["prepare-external"]["foreach"] == {
        "breast-64": {"dataset": "breast", "size": 64},
        "busbra-500-64": {"dataset": "busbra-500", "size": 64},
    }
    cells = stages["external"]["foreach"]
    models = next(study.models for study in parameters.studies.values() if "busi-pretraining-small" in study.benchmarks)
    assert set(cells) == {f"busi-pretraining-small-{m}-{d}" for m in models for d in ("breast", "busbra-500")}
    one = cells["busi-pretraining-small-acsnet_lite0-busbra-500"]
    assert (one["cell"], one["prepared"]) == ("busi-pretraining-small-acsnet_lite0", "busbra-500-64")
    assert stages["score-external"]["foreach"] == {"busi-pretraining-small": ["breast-64", "busbra-500-64"]}
    assert stages["overlap"]["cmd"] == "python -m benchmarks overlap busi breast busbra-500"
    assert "reports/external/tables" in definition(stages["page"])["deps"]


def test_without_other_datasets_there_is_no_such_stage(parameters):
    changed = with_test_on(parameters, "busi-pretraining-small")
    stages = yaml.safe_load(pipeline_text(changed))["stages"]
    assert not [name for name in stages if "external" in name or "overlap" in name]
    assert not [path for path in definition(stages["page"])["deps"] if path.startswith("reports/external")]


def test_a_dataset_to_test_on_must_be_prepared(parameters):
    changed = dataclasses.replace(
        with_test_on(parameters, "busi-pretraining-small", "breast"), datasets=["busi", "busbra-500"]
    )
    with pytest.raises(UserError, match=r"test_on: breast is not prepared. Add it to `datasets`"):
        pipeline_text(changed)
