"""From a user's files to masks, overlays and a table."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.ndimage import binary_dilation

from benchmarks.errors import UserError
from benchmarks.prediction.drawing import thickened
from benchmarks.prediction.predict import PURPOSE, predict, shares
from benchmarks.scoring.run_length import decode
from benchmarks.scoring.segmentation import to_native


def table_of(out: Path) -> pd.DataFrame:
    return pd.read_csv(out / "predictions.csv", dtype={"frame": str}, keep_default_na=True)


def stored(model: str, fold: int) -> pd.DataFrame:
    """What training stored of a fold's test cases."""
    return pd.read_parquet(f"runs/tiny/{model}/seed0-fold{fold}/predictions-inner_validation.parquet")


def files_of(cases) -> list[Path]:
    return [Path("data/discs") / f"{case}.png" for case in cases]


def mask_of(out: Path, case: str) -> np.ndarray:
    return pixels_of(out / "masks" / f"{case}.png")


def pixels_of(path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


@pytest.mark.parametrize("fold", [0, 1])
def test_a_fold_predicts_its_test_files_as_its_training_stored_it(trained, parameters, fold):
    """From raw files to the last bit: decoding, resizing, normalising, batches, resizing of the mask."""
    expected = stored("toy", fold)
    predict(parameters, "tiny", "toy", files_of(expected["case"]), trained / "out", fold=fold)
    table = table_of(trained / "out")
    assert table["file"].tolist() == [f"data/discs/{case}.png" for case in expected["case"]]
    assert table["probability"].astype(np.float32).tolist() == expected["probability"].tolist()
    assert expected["mask"].nunique() > 2
    for row, case in zip(expected.itertuples(), table.itertuples(), strict=True):
        wanted = to_native(decode(row.mask, 32, 32), case.height, case.width)
        found = mask_of(trained / "out", row.case)
        assert found.shape == pixels_of(f"data/discs/{row.case}.png").shape
        assert ((found == 255) == wanted).all()
        assert set(np.unique(found)) <= {0, 255}
        assert case.area_pixels == wanted.sum()
        assert case.area_share == pytest.approx(wanted.mean(), rel=1e-5)


def test_all_folds_together_are_the_mean_and_the_majority(trained, parameters):
    files = files_of(f"case{index:02}" for index in range(36))
    for fold in (0, 1, None):
        predict(parameters, "tiny", "toy", files, trained / f"out-{fold}", fold=fold)
    first, second, both = (table_of(trained / f"out-{fold}") for fold in (0, 1, None))
    np.testing.assert_allclose(both["probability"], (first["probability"] + second["probability"]) / 2, rtol=1e-6)
    assert (both["probability_min"] == np.minimum(first["probability"], second["probability"])).all()
    assert (both["probability_max"] == np.maximum(first["probability"], second["probability"])).all()
    # at least half of two is one: on the grid their union, which holds at native size what either holds
    for index in range(36):
        either = mask_of(trained / "out-0", f"case{index:02}") | mask_of(trained / "out-1", f"case{index:02}")
        assert (mask_of(trained / "out-None", f"case{index:02}") >= either).all()
    apart = (first["probability"] > 0.5) != (second["probability"] > 0.5)
    assert both["note"].fillna("").str.contains("disagree on the class (1 of 2", regex=False).tolist() == apart.tolist()


@pytest.mark.parametrize(("model", "absent"), [("toy_masks", "probability"), ("toy_class", "mask")])
def test_a_network_with_one_head_leaves_the_other_columns_empty(trained, parameters, model, absent):
    predict(parameters, "tiny", model, [Path("data/discs/case00.png")], trained / "out")
    (row,) = table_of(trained / "out").to_dict("records")
    assert pd.isna(row[absent])
    assert (trained / "out" / "masks").is_dir() == (model == "toy_masks")


def test_the_overlay_is_the_image_but_for_the_outline(trained, parameters):
    predict(parameters, "tiny", "toy_masks", files_of(["case03"]), trained / "out")
    overlay = pixels_of(trained / "out" / "overlays" / "case03.png")
    image, mask = pixels_of("data/discs/case03.png"), mask_of(trained / "out", "case03") == 255
    drawn = (overlay != image[..., None]).any(2)
    assert drawn.any()
    assert (mask[drawn]).all()
    inner = mask.copy()
    inner[1:-1, 1:-1] &= mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]
    inner[[0, -1]] = inner[:, [0, -1]] = False
    assert (drawn == (mask & ~inner)).all()


@pytest.mark.parametrize("by", [0, 1, 3])
def test_a_thicker_line_is_the_same_line_dilated(by):
    line = np.random.default_rng(0).random((40, 50)) > 0.97
    expected = binary_dilation(line, np.ones((2 * by + 1, 2 * by + 1)))
    assert (thickened(line, by) == expected).all()


def test_what_is_no_image_is_refused_by_name_and_the_rest_goes_on(trained, parameters, capsys):
    folder = trained / "mine"
    folder.mkdir()
    shutil.copy("data/discs/case00.png", folder / "good.png")
    (folder / "text.png").write_text("not an image", encoding="utf-8")
    (folder / "cut.png").write_bytes(Path("data/discs/case01.png").read_bytes()[:-40])
    (folder / "notes.txt").write_text("passed over", encoding="utf-8")
    (folder / ".hidden.png").write_text("passed over in silence", encoding="utf-8")
    outcome = predict(parameters, "tiny", "toy", [folder, Path("nowhere.png")], trained / "out")
    assert outcome.predicted == 1
    told = "\n".join(outcome.refused)
    assert len(outcome.refused) == 3
    for said in ("text.png: not an image", "cut.png: truncated or damaged", "nowhere.png: missing"):
        assert said in told
    printed = capsys.readouterr()
    assert printed.out.count(PURPOSE) == 1
    assert "notes.txt" in printed.out
    assert "hidden" not in printed.out
    assert printed.err.count("refused: ") == 3
    assert table_of(trained / "out")["file"].tolist() == [str(folder / "good.png")]


def test_an_interrupted_call_goes_on_where_it_stopped(trained, parameters, monkeypatch):
    from benchmarks.prediction import predict as module

    files = files_of(f"case{index:02}" for index in range(36))
    predict(parameters, "tiny", "toy", files, trained / "whole")
    real, calls = module.predict_batch, []

    def stops_at_the_second(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(module, "predict_batch", stops_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        predict(parameters, "tiny", "toy", files, trained / "out")
    assert not (trained / "out" / "predictions.csv").exists()
    (partial,) = (trained / "out").glob(".predictions-*.partial")
    partial.write_bytes(partial.read_bytes()[:-5])  # the last row half written
    outcome = predict(parameters, "tiny", "toy", files, trained / "out")
    assert (outcome.kept, outcome.predicted) == (17, 19)
    pd.testing.assert_frame_equal(table_of(trained / "out"), table_of(trained / "whole"), rtol=1e-6)
    assert not partial.exists()


def test_finished_predictions_are_not_written_over(trained, parameters):
    predict(parameters, "tiny", "toy", files_of(["case00"]), trained / "out")
    with pytest.raises(UserError, match=r"predictions.csv: there already"):
        predict(parameters, "tiny", "toy", files_of(["case01"]), trained / "out")


def test_an_out_that_cannot_be_written_is_told(trained, parameters):
    (trained / "out").write_text("a file", encoding="utf-8")
    with pytest.raises(UserError, match=r"--out: .*deeper cannot be written"):
        predict(parameters, "tiny", "toy", files_of(["case00"]), trained / "out" / "deeper")


def test_what_an_earlier_call_left_is_no_input(trained, parameters):
    folder = trained / "mine"
    folder.mkdir()
    shutil.copy("data/discs/case00.png", folder / "a.png")
    predict(parameters, "tiny", "toy", [folder], folder / "out")
    shutil.move(folder / "out" / "predictions.csv", folder / "out" / "old.csv")
    assert predict(parameters, "tiny", "toy", [folder], folder / "out").predicted == 1


def test_a_pixel_is_an_image(trained, parameters):
    Image.fromarray(np.array([[200]], np.uint8)).save("dot.png")
    predict(parameters, "tiny", "toy", [Path("dot.png")], trained / "out")
    (row,) = table_of(trained / "out").to_dict("records")
    assert (row["height"], row["width"]) == (1, 1)
    assert mask_of(trained / "out", "dot").shape == (1, 1)
    assert "narrower than the training images" in row["note"]


@pytest.mark.parametrize("count", [1, 31, 32, 33, 129, 647])
def test_files_are_shared_out_as_training_evaluates_them(count):
    expected = [len(part) for part in np.array_split(np.arange(count), -(-count // 32))]
    assert [end - start for start, end in shares(count)] == expected
    assert shares(0) == []


def test_the_command_ends_with_how_many_files_failed(trained, capsys):
    from benchmarks.commands.predict import predict as command

    Path("bad.png").write_text("not an image", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        command("tiny/toy", [Path("data/discs/case00.png"), Path("bad.png")], out=Path("out"))
    assert ended.value.code == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 images predicted, 1 files refused: out/predictions.csv"
    with pytest.raises(SystemExit) as ended:
        command("toy", [Path("data/discs/case00.png")], out=Path("again"), benchmark="tiny")
    assert ended.value.code == 0
