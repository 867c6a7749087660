import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from benchmarks.errors import UserError
from benchmarks.reporting.compare import compare
from benchmarks.reporting.figures.real_images import prepared_images, write_local

ROOT = Path(__file__).parents[2]


def test_two_runs_give_identical_bytes(finished_once, tmp_path):
    compare("made-up", finished_once, tmp_path)
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
    compare("made-up", made_up, tmp_path)
    drawn = {path.stem for path in (tmp_path / "figures/made-up").glob("*.svg")}
    assert "roc" in drawn
    assert "training_curves" not in drawn
    assert "contact_sheet" not in drawn


def test_an_unknown_benchmark_ends_with_a_message_and_status_1(made_up):
    command = [sys.executable, "-m", "benchmarks.reporting.compare", "made-upp"]
    ended = subprocess.run(command, cwd=made_up, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "Did you mean 'made-up'?" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_predictions_that_lack_a_case_are_named(made_up, tmp_path):
    path = made_up / "reports/predictions/made-up/unet.parquet"
    table = pd.read_parquet(path)
    table[table["seed"] == 1].to_parquet(path)
    with pytest.raises(UserError, match=r"unet\.parquet"):
        compare("made-up", made_up, tmp_path)


def write_prepared(root: Path, cases: list[str]) -> dict[str, np.ndarray]:
    """A prepared dataset of noise."""
    rng, folder = np.random.default_rng(0), root / "prepared/datasets/phantom"
    folder.mkdir(parents=True)
    images = {case: rng.integers(0, 256, (100 + i, 120), np.uint8) for i, case in enumerate(cases)}
    sizes = [image.shape for image in images.values()]
    offsets = np.cumsum([0] + [h * w for h, w in sizes])[:-1]
    table = pd.DataFrame({"case": cases, "height": [h for h, _ in sizes], "width": 120, "offset": offsets})
    table.to_parquet(folder / "cases.parquet")
    np.save(folder / "pixels.npy", np.concatenate([image.ravel() for image in images.values()]))
    return images


def test_real_images_stay_on_this_machine(made_up):
    assert not write_local("made-up", made_up)
    cases = list(pd.read_parquet(made_up / "reports/truth/made-up.parquet")["case"])
    images = write_prepared(made_up, cases)
    found = prepared_images(made_up / "prepared/datasets/phantom", cases[3:5])
    assert list(found) == cases[3:5]
    assert (found[cases[4]] == images[cases[4]]).all()
    assert write_local("made-up", made_up)
    folder = made_up / "reports/local/made-up"
    assert (folder / "contact_sheet.png").is_file()
    assert len(list((folder / "cases").iterdir())) == 36
    with Image.open(folder / "cases" / f"{cases[7]}.jpg") as picture:
        assert picture.size == (120, 107)
