"""What is measured when; the page from a few measurements."""

import dataclasses

import pandas as pd
import pytest

from benchmarks.configuration import Model, read_parameters
from benchmarks.errors import UserError
from benchmarks.measuring import networks, networks_page
from benchmarks.reporting.claims.ledger import read_claims


@pytest.fixture
def parameters():
    known = read_parameters("params.yaml")
    chosen = {name: known.models[name] for name in ("shared_unet", "resnet18")}
    return dataclasses.replace(known, models=chosen)


def page_of(parameters, measured, claims) -> str:
    return networks_page.page(parameters, measured, networks.same_networks(parameters), claims)


def test_two_classes_of_one_file_are_two_networks():
    first, second = (Model(network=f"baselines.ggnet:{name}") for name in ("GGNet", "GGNetMT"))
    assert networks.digest(first) != networks.digest(second)


@pytest.fixture
def measuring(monkeypatch):
    """Puts a note of what is measured in the place of the measuring."""
    noted = []

    def measure(model, recipe):
        noted.append(model.network)
        return {"heads": "both", "parameters": 1, "multiply_adds": 2, "seconds": 3.0, "machine": "abacus"}

    monkeypatch.setattr(networks, "measure", measure)
    return noted


def test_only_what_changed_is_measured_again(tmp_path, parameters, measuring):
    path = tmp_path / "networks.csv"
    networks.measured_networks(parameters, [], path)
    assert len(measuring) == 2
    networks.measured_networks(parameters, [], path)
    assert len(measuring) == 2
    changed = dataclasses.replace(parameters.models["resnet18"], arguments={"architecture": "resnet34"})
    parameters.models["resnet18"] = changed
    networks.measured_networks(parameters, [], path)
    assert measuring[2:] == [changed.network]
    networks.measured_networks(parameters, ["shared_unet"], path)
    assert measuring[3:] == [parameters.models["shared_unet"].network]


def test_a_network_without_its_card_is_named_before_any_is_measured(tmp_path, parameters, monkeypatch, measuring):
    network = networks_page.network_class(parameters.models["resnet18"].network)
    monkeypatch.delattr(network, "citation")
    monkeypatch.setattr(network, "licence", "")
    with pytest.raises(UserError, match=r"resnet18|ImageClassifier.*missing or empty: citation, licence\."):
        networks.measured_networks(parameters, [], tmp_path / "networks.csv")
    assert measuring == []


def test_what_was_measured_outlives_a_failure(tmp_path, parameters, monkeypatch, measuring):
    path = tmp_path / "networks.csv"
    measure = networks.measure

    def fail_on_the_second(*arguments):
        if measuring:
            raise RuntimeError("out of memory")
        return measure(*arguments)

    monkeypatch.setattr(networks, "measure", fail_on_the_second)
    with pytest.raises(RuntimeError):
        networks.measured_networks(parameters, [], path)
    assert pd.read_csv(path)["model"].tolist() == ["shared_unet"]


def test_models_that_differ_in_training_alone_are_measured_once(tmp_path, parameters, measuring):
    parameters.models["resnet18_pretrained"] = dataclasses.replace(
        parameters.models["resnet18"], encoder_weights="imagenet"
    )
    measured = networks.measured_networks(parameters, [], tmp_path / "networks.csv")
    assert measured["model"].tolist() == ["shared_unet", "resnet18"]
    claims = read_claims(networks.LEDGER, read_parameters("params.yaml")).query("counterpart == ''")
    assert "- `resnet18`: `resnet18_pretrained`\n" in page_of(parameters, measured, claims)


def test_acsnet_with_a_part_taken_out_is_called_an_ablation():
    models = read_parameters("params.yaml").models
    assert networks_page.fidelity(models["acsnet"]) == "faithful"
    assert networks_page.fidelity(dataclasses.replace(models["acsnet"], arguments={"gates": False})) == "ablation"
    lite0 = networks_page.fidelity(models["acsnet_lite0_segmentation"])
    assert lite0 == f"ablation; {networks_page.fidelity(models['acsnet_lite0'])}"


def test_times_of_two_processors_stand_in_two_columns():
    measured = pd.DataFrame(
        {
            "model": ["a", "b"],
            "parameters": [1_500_000, 2_000_000],
            "multiply_adds": [1e9, 2e9],
            "seconds": [0.5, 0.25],
            "machine": ["abacus (torch 2.11.0)", "slide rule (torch 2.11.0)"],
        }
    )
    table = networks_page.cost_table(measured)
    assert list(table["seconds per step, abacus"]) == ["0.50", ""]
    assert list(table["seconds per step, slide rule"]) == ["", "0.25"]


def test_the_page_says_what_a_network_was_compared_with_or_why_not():
    equal, adapted = networks_page.comparisons(["pad_net", "sha_mtl"])
    assert equal.startswith(
        "equal to github.com/SimonVandenhende/Multi-Task-Learning-PyTorch at ed3d9ac to 0: all maps"
    )
    assert adapted == "not compared: no public code"


def test_a_network_without_a_row_of_public_code_is_named():
    with pytest.raises(UserError, match=r"public_code.csv: expected a row for each network.*toy(.|\n)*say why"):
        networks_page.comparisons(["unet", "toy"])


def test_unknown_model_is_named(tmp_path, parameters):
    with pytest.raises(UserError, match=r"no model is called 'resnet81'.*resnet18"):
        networks.measured_networks(parameters, ["resnet81"], tmp_path / "networks.csv")


LEDGER = """\
paper,doi,table_or_page,dataset,protocol,model,counterpart,metric,value,unit,spread,image_size,how_obtained,obstacle
A,10.1/a,Table 1,busi,their split,Net,resnet18,dice,70.10,percent,1.2,,original,
A,10.1/a,Table 1,busi,their split,Net,resnet18,hd95,31.5,px,,,original,
A,10.1/a,Table 1,busi,their split,Web,,dice,69,percent,,,re-run,
A,10.1/a,Table 2,busi,one fold,Web,,dice,68,percent,,,re-run,a fold of five
B,,not on file,busi,5 folds,Ours,,dice,,share,,,original,
C,,page 3,udiat,5 folds,Own,,iou,.60,share,,,original,
C,,page 3,udiat,5 folds,Own,,not on file,.50,share,,,original,metric not on file
"""


def test_page_keeps_quoted_numbers_apart_and_as_printed(tmp_path, parameters, measuring):
    (tmp_path / "claims.csv").write_text(LEDGER)
    measured = networks.measured_networks(parameters, [], tmp_path / "networks.csv")
    page = page_of(parameters, measured, read_claims(tmp_path / "claims.csv", parameters))
    ours, _, theirs = page.partition("## Numbers reported by others")
    assert "| `shared_unet` | 0.00 | 0.00 | 3.00 |" in ours
    assert "one thread of abacus" in ours
    assert "70.10" not in ours
    assert "### A\n\nFrom: Table 1; doi 10.1/a.\n\nProtocol: their split.\n" in theirs
    assert "| network | here | busi: Dice | busi: HD95 (px) |" in theirs
    assert "| Net | `resnet18` | 70.10 ± 1.2 % | 31.5 |" in theirs
    assert "| Web |  | 69 % |  |" in theirs
    assert "Protocol: one fold. Obstacle to comparison: a fold of five.\n" in theirs
    assert "| C | page 3 | Own |  | udiat | 5 folds | IoU .60, Metric not on file .50 |" in theirs
    assert "### B" not in theirs
    assert "| B |" not in theirs


def test_a_network_that_is_an_adaptation_is_called_one_beside_the_quoted(tmp_path, parameters, measuring):
    for name in ("sha_mtl", "mtanet", "mask_rcnn", "cmunet"):
        parameters.models[name] = read_parameters("params.yaml").models[name]
    claims = pd.read_csv(networks.LEDGER, dtype=str, keep_default_na=False).query("counterpart in @parameters.models")
    claims.to_csv(tmp_path / "claims.csv", index=False)
    measured = networks.measured_networks(parameters, [], tmp_path / "networks.csv")
    theirs = page_of(parameters, measured, read_claims(tmp_path / "claims.csv", parameters))
    theirs = theirs.partition("## Numbers reported by others")[2]
    for name in ("sha_mtl", "mtanet", "mask_rcnn"):
        assert f"| `{name}` (adapted) |" in theirs
        assert f"| `{name}` |" not in theirs
    assert "| `cmunet` |" in theirs
    assert "`cmunet` (adapted)" not in theirs


def test_the_committed_page_quotes_every_value_of_the_ledger_once():
    """A table's cell is a value; so are the entries of the last column of the sources with one network."""
    claims = read_claims(networks.LEDGER, read_parameters("params.yaml")).dropna(subset="value")
    quoted = networks.PAGE.read_text().partition("## Numbers reported by others")[2]
    cells = [cell.strip() for line in quoted.splitlines() if line.startswith("|") for cell in line.split("|")]
    values = [part.removesuffix(" %").split()[-1] for cell in cells for part in cell.split(", ") if part.split()]
    for printed, count in claims["printed"].value_counts().items():
        assert values.count(printed) + sum(f"{printed} ±" in cell for cell in cells) >= count, (
            f"{printed}: run `acsbench networks`"
        )


def test_every_architecture_of_the_parameters_has_its_paper():
    for model in read_parameters("params.yaml").models.values():
        assert "documentation" not in networks_page.citation(model), model
