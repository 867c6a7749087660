"""`data.dvc` pins what was downloaded, and nothing of the demonstration, which lies beside it."""

import shutil

import yaml
from dvc.cli import main as dvc

PIN = {"deps": [{"path": "downloads"}], "outs": [{"path": "data"}]}


def test_the_demonstrations_file_is_not_counted(repository, tmp_path, monkeypatch):
    for file in ("busi/image.png", "busi/mask.png", "phantom/recipe.json"):
        (tmp_path / "downloads" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "downloads" / file).write_text(file)
    (tmp_path / "data.dvc").write_text(yaml.safe_dump(PIN))
    monkeypatch.chdir(tmp_path)
    assert dvc(["init", "--no-scm", "--quiet"]) == 0
    shutil.copy(repository / ".dvcignore", tmp_path)
    assert dvc(["repro", "--quiet", "data.dvc"]) == 0
    pinned = yaml.safe_load((tmp_path / "data.dvc").read_text())
    dependency, output = pinned["deps"][0], pinned["outs"][0]
    assert dependency["nfiles"] == output["nfiles"] == 2
    assert dependency["md5"] == output["md5"]
