import shutil
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from benchmarks.reporting.figures.material import gather
from benchmarks.reporting.figures.real_images import prepared_images, write_local


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


def test_real_images_stay_on_this_machine(finished_once, tmp_path):
    root = shutil.copytree(finished_once, tmp_path / "repository")
    material = gather("made-up", root, root / "reports/tables/made-up")
    assert not write_local(material)
    cases = list(pd.read_parquet(root / "reports/truth/made-up.parquet")["case"])
    images = write_prepared(root, cases)
    found = prepared_images(root / "prepared/datasets/phantom", cases[3:5])
    assert list(found) == cases[3:5]
    assert (found[cases[4]] == images[cases[4]]).all()
    assert write_local(material)
    folder = root / "reports/local/made-up"
    assert (folder / "contact_sheet.png").is_file()
    assert len(list((folder / "cases").iterdir())) == 36
    with Image.open(folder / "cases" / f"{cases[7]}.jpg") as picture:
        assert picture.size == (120, 107)
