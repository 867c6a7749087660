"""Networks tested on another dataset: the same predictions as in their own test fold, added up over sessions."""

import dataclasses
import json
import shutil

import numpy as np
import pandas as pd
import pytest
import torch

from benchmarks.configuration import read_parameters
from benchmarks.configuration.asked import chosen_datasets
from benchmarks.errors import UserError
from benchmarks.scoring.external import score_external
from benchmarks.scoring.run_length import decode, encode
from benchmarks.training.external import load_network, predict_cell, state_digest
from benchmarks.training.run import run_fingerprint
from benchmarks.training.train import train_cell


@pytest.fixture
def trained(make_cell, tmp_path):
    """A cell with fold 0 trained, and its own images once more as the dataset `elsewhere`."""
    cell = make_cell(epochs=2, test_on=["elsewhere"])
    train_cell(cell, [(0, 0)])
    own, other = tmp_path / "prepared" / "benchmarks" / "tiny", tmp_path / "prepared" / "external" / "elsewhere-32"
    other.mkdir(parents=True)
    arrays = np.load(own / "images.npz")
    np.savez(other / "images.npz", images=arrays["images"], masks=arrays["masks"])
    cases = pd.read_parquet(own / "cases.parquet").assign(height=32, width=32, flags="", device="", birads="")
    cases["mask"] = cases["first_mask"] = [encode(mask) for mask in arrays["masks"]]
    cases.to_parquet(other / "cases.parquet", index=False)
    return cell


def stored(tmp_path, fold: int = 0) -> pd.DataFrame:
    folder = tmp_path / "reports" / "external" / "predictions" / "tiny" / "toy" / "elsewhere"
    return pd.read_parquet(folder / f"seed0-fold{fold}.parquet")


def entries(tmp_path) -> list[dict]:
    path = tmp_path / "reports" / "external" / "records" / "tiny" / "toy" / "elsewhere.json"
    return json.loads(path.read_text())["networks"]


def test_a_network_predicts_elsewhere_what_it_predicts_at_home(trained, tmp_path, capsys):
    """Its own test cases, shown to it as another dataset's, get the predictions that its training stored."""
    predict_cell(trained, trained.runs, ["elsewhere"])
    table = stored(tmp_path).set_index("case")
    assert len(table) == 36
    own = pd.read_parquet(trained.run_folder(0, 0) / "predictions-inner_validation.parquet").set_index("case")
    same = table.loc[own.index]
    assert same["mask"].tolist() == own["mask"].tolist()
    np.testing.assert_allclose(same["probability"], own["probability"], atol=1e-6)
    assert (same["epoch"] == own["epoch"]).all()
    assert "still to train and test: elsewhere seed 0 fold 1" in capsys.readouterr().out


def test_the_record_names_network_and_images(trained, tmp_path):
    predict_cell(trained, trained.runs, ["elsewhere"])
    (entry,) = entries(tmp_path)
    weights = torch.load(trained.run_folder(0, 0) / "weights.pt", weights_only=True)
    assert (entry["seed"], entry["fold"], entry["epoch"], entry["cases"]) == (0, 0, weights["epoch"], 36)
    assert entry["fingerprint"] == run_fingerprint(trained)
    changed = {
        name: tensor + 1 if tensor.is_floating_point() else tensor for name, tensor in weights["network"].items()
    }
    assert entry["weights"] == state_digest(weights["network"]) != state_digest(changed)
    assert entry["versions"]["torch"].partition("+")[0] == torch.__version__.partition("+")[0]


def test_what_a_network_of_an_earlier_session_predicted_stays(trained, tmp_path, monkeypatch):
    predict_cell(trained, trained.runs, ["elsewhere"])
    first = stored(tmp_path)
    shutil.rmtree(trained.folder)  # weights are in no repository
    train_cell(trained, [(0, 1)])
    predict_cell(trained, trained.runs, ["elsewhere"])
    pd.testing.assert_frame_equal(stored(tmp_path), first, check_exact=True)
    assert [entry["fold"] for entry in entries(tmp_path)] == [0, 1]
    assert set(stored(tmp_path, 1)["fold"]) == {1}
    # and with all there, nothing is predicted again: no network is even loaded
    monkeypatch.setattr("benchmarks.training.external.load_network", lambda *_: pytest.fail("predicted again"))
    predict_cell(trained, trained.runs, ["elsewhere"])


def test_other_images_are_predicted_anew_or_told_of(trained, tmp_path):
    predict_cell(trained, [(0, 0)], ["elsewhere"])
    before = stored(tmp_path)
    other = tmp_path / "prepared" / "external" / "elsewhere-32"
    arrays = dict(np.load(other / "images.npz"))
    np.savez(other / "images.npz", images=255 - arrays["images"], masks=arrays["masks"])
    predict_cell(trained, [(0, 0)], ["elsewhere"])
    assert (stored(tmp_path)["probability"] != before["probability"]).any()
    np.savez(other / "images.npz", images=arrays["images"], masks=arrays["masks"])
    shutil.rmtree(trained.folder)
    with pytest.raises(UserError, match=r"by other code, parameters or images than today's.*elsewhere seed 0 fold 0"):
        predict_cell(trained, [(0, 0)], ["elsewhere"])
    assert len(stored(tmp_path)) == 36


def test_bad_input_is_named(trained, tmp_path):
    with pytest.raises(UserError, match=r"prepared/external/nowhere-32: expected images.npz and cases.parquet"):
        predict_cell(trained, trained.runs, ["nowhere"])
    with pytest.raises(UserError, match="expected networks trained by this code, found none"):
        predict_cell(trained, [(0, 1)], ["elsewhere"])
    larger = dataclasses.replace(trained, benchmark=dataclasses.replace(trained.benchmark, image_size=64))
    (tmp_path / "prepared" / "external" / "elsewhere-32").rename(tmp_path / "prepared" / "external" / "elsewhere-64")
    with pytest.raises(UserError, match=r"expected 36 images and masks of 64 x 64 pixels, found \(36, 32, 32\)"):
        predict_cell(larger, trained.runs, ["elsewhere"])
    with pytest.raises(UserError, match="test_on: breast is not among them; they are elsewhere"):
        chosen_datasets("tiny", trained.benchmark, ["breast"])
    with pytest.raises(UserError, match="it names none"):
        chosen_datasets("tiny", dataclasses.replace(trained.benchmark, test_on=[]), None)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "not found, though the run is finished"),
        (b"", "expected a network's weights"),
        (b"no archive", "expected a network's weights"),
        ({"network": {"a": torch.zeros(1)}, "epoch": 0}, "the weights of another network than toy"),
        ({"net": {}}, "expected a network's weights"),
    ],
)
def test_bad_weights_are_named(trained, content, told):
    path = trained.run_folder(0, 0) / "weights.pt"
    if content is None:
        path.unlink()
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        torch.save(content, path)
    with pytest.raises(UserError, match=rf"(?s)weights.pt: {told}.*--anew --folds 0 --seeds 0"):
        load_network(trained, 0, 0, torch.device("cpu"))


def test_from_weights_to_scores(trained, tmp_path, repository):
    """Two toy networks, tested on their own images as another dataset: Dice counted on the masks, pixel by pixel."""
    train_cell(trained, [(0, 1)])
    predict_cell(trained, trained.runs, ["elsewhere"])
    parameters = read_parameters(repository / "params.yaml")
    models, benchmarks = {"toy": trained.model, "acsnet": trained.model}, {"tiny": trained.benchmark}
    tiny = dataclasses.replace(parameters, studies={}, front_page=[], benchmarks=benchmarks, models=models)
    (tmp_path / "params.yaml").write_text(json.dumps(dataclasses.asdict(tiny)))  # JSON is YAML
    assert score_external("tiny", tmp_path, progress=False)["scored"] == ["toy/elsewhere"]
    scores = pd.read_csv(tmp_path / "reports/external/cases/tiny/toy/elsewhere.csv")
    assert scores.groupby("fold", dropna=False).size().tolist() == [36, 36, 36]
    truth = np.load(tmp_path / "prepared/external/elsewhere-32/images.npz")["masks"].astype(bool)
    for fold in (0, 1):
        masks = np.stack([decode(counts, 32, 32) for counts in stored(tmp_path, fold)["mask"]])
        dice = [2 * (m & t).sum() / max(1, m.sum() + t.sum()) for m, t in zip(masks, truth, strict=True)]
        np.testing.assert_allclose(scores.loc[scores["fold"] == fold, "dice"], dice, atol=1e-5)
    together = scores[scores["fold"].isna()].set_index("case")["probability"]
    each = [stored(tmp_path, fold).set_index("case")["probability"] for fold in (0, 1)]
    np.testing.assert_allclose(together, ((each[0] + each[1]) / 2)[together.index], atol=1e-5)
