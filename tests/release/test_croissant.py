"""mlcroissant reads the release's records, and they are the rows that pandas reads from the repository's files."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.release.tables import TABLES, files_of_table, joined

ROOT = Path(__file__).parents[2]

# In a process of its own: where mlcroissant keeps what it read is settled when it is imported.
LOAD = """
import json, sys
import mlcroissant
dataset = mlcroissant.Dataset(sys.argv[1])
plain = lambda value: value.decode() if isinstance(value, bytes) else value
rows = lambda records: [{name.partition("/")[2]: plain(value) for name, value in one.items()} for one in records]
print(json.dumps({table.id: rows(dataset.records(table.id)) for table in dataset.metadata.record_sets}))
"""


@pytest.fixture(scope="module")
def loaded(release_once: Path, tmp_path_factory) -> dict[str, pd.DataFrame]:
    """All records, by the name of their set, as mlcroissant yields them."""
    command = [sys.executable, "-c", LOAD, str(release_once / "croissant.json")]
    environment = os.environ | {"CROISSANT_CACHE": str(tmp_path_factory.mktemp("cache"))}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return {table: pd.DataFrame(rows) for table, rows in json.loads(ended.stdout).items()}


def read(path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    return pd.read_csv(path, dtype={"group": str})


@pytest.mark.parametrize(
    ("table", "files"),
    [
        ("predictions", ["reports/predictions/made/resnet.parquet", "reports/predictions/made/unet.parquet"]),
        ("cases", ["reports/cases/made/resnet.csv", "reports/cases/made/unet.csv"]),
        ("external-predictions", ["reports/external/predictions/made/unet/breast/seed0-fold0.parquet"]),
        ("external-cases", ["reports/external/cases/made/unet/breast.csv"]),
    ],
)
def test_records_are_the_rows(loaded, repository_once, table, files):
    found = loaded[table]
    expected = pd.concat([read(repository_once / file) for file in files], ignore_index=True)
    own = not table.startswith("external")
    expected["benchmark"] = "made"
    expected["model"] = [name for name in (("resnet", "unet") if own else ("unet",)) for _ in range(4)]
    if not own:
        expected["dataset"] = "breast"
    assert set(found) == set(expected)
    expected = expected.where(expected.notna(), np.nan)
    found = found[expected.columns].astype(expected.dtypes)  # a column without a value has no type in JSON
    pd.testing.assert_frame_equal(found, expected, rtol=1e-12)


def test_valid_by_the_command_of_mlcroissant(release_once):
    command = [sys.executable, "-m", "mlcroissant.scripts.validate", "--jsonld", str(release_once / "croissant.json")]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert "Done" in ended.stderr + ended.stdout


def test_the_committed_files_make_tables():
    """Their columns are those that are described, and no row is lost: checked on the results on other datasets."""
    folder = ROOT / "reports/external"
    paths = [*folder.rglob("predictions/**/*.parquet"), *folder.rglob("cases/**/*.csv")]
    files = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in paths}
    for name, kind in (("external-predictions.parquet", "predictions"), ("external-cases.csv", "cases")):
        table = pd.read_parquet if name.endswith("parquet") else pd.read_csv
        rows = table(io.BytesIO(joined(name, files)))
        assert list(rows)[:3] == ["benchmark", "model", "dataset"]
        assert len(rows) == sum(len(read(path)) for path in paths if kind in path.parts)
        assert files_of_table(name, files)


def test_the_columns_of_every_committed_file():
    for name in ("predictions.parquet", "cases.csv"):
        table = TABLES[name]
        files = sorted((ROOT / table.folder).rglob(f"*{Path(name).suffix}"))
        assert len(files) > 50
        for file in files:
            assert set(read(file)) == set(table.columns), file
