"""A wheel holds what it needs, below one name, and its command answers where the repository is not.

The environment's own packages serve as its dependencies. They are named on PYTHONPATH under `python -S`, which reads no
`.pth` files: by these an environment knows the repository itself.
"""

import os
import subprocess
import sys
import sysconfig
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILD = ("acsnet", "baselines", "benchmarks", "pyproject.toml", "README.md", "LICENSE")  # what a wheel is built from


def git(*words: str) -> bytes:
    return subprocess.run(["git", "-C", str(ROOT), *words], check=True, capture_output=True).stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    """The tracked files that a wheel is built from, as they lie here."""
    folder = tmp_path_factory.mktemp("source")
    for name in filter(
        None, git("ls-files", "-z", "--cached", "--others", "--exclude-standard", *BUILD).decode().split("\0")
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder


@pytest.fixture(scope="module")
def wheel(source, tmp_path_factory) -> Path:
    built = tmp_path_factory.mktemp("wheel")
    before = sorted(source.rglob("*"))
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--wheel-dir", str(built), str(source)], check=True)
    assert sorted(source.rglob("*")) == before  # no build/, no *.egg-info
    (file,) = built.iterdir()
    return file


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile"]
    subprocess.run([*command, "--target", str(folder), str(wheel)], check=True)
    return folder


def run(installed: Path, folder: Path, *words: str) -> subprocess.CompletedProcess:
    """Python without the repository, in a folder that holds nothing of it."""
    paths = [str(installed), sysconfig.get_paths()["purelib"]]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([sys.executable, "-S", *words], cwd=folder, env=environment, capture_output=True, text=True)


def test_every_tracked_file_is_in_it_below_one_name(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard", "acsnet", "baselines", "benchmarks")
    expected = {f"acsnet_benchmark/{name}" for name in filter(None, listed.decode().split("\0"))}
    moved = {"acsnet_benchmark/benchmarks/commands/installed.py": "acsnet_benchmark/__init__.py"}
    assert names == {moved.get(name, name) for name in expected}
    assert {Path(name).suffix for name in names} >= {".csv", ".css", ".html", ".jinja", ".js", ".md", ".py"}


def test_what_it_says_of_itself(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("METADATA"))
        told = message_from_bytes(archive.read(name))
    assert (told["Name"], told["License-Expression"]) == ("acsnet-benchmark", "MIT")
    assert told["Author"] == "The ACSNet benchmark maintainers"
    assert told.get_all("Project-URL") == ["Replicated paper, https://doi.org/10.1016/j.compbiomed.2024.108319"]
    assert "Programming Language :: Python :: 3.11" in told.get_all("Classifier")
    assert "release" in told.get_all("Provides-Extra")


def test_twice_gives_the_same_bytes(wheel, source, tmp_path):
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--wheel-dir", str(tmp_path), str(source)], check=True)
    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()


def test_the_command_answers_in_an_empty_folder(installed, tmp_path):
    ended = run(installed, tmp_path, str(installed / "bin/acsbench"), "--help")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("Usage: acsbench COMMAND")
    told = run(installed, tmp_path, str(installed / "bin/acsbench"), "configuration")
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith("error: params.yaml")
    assert "Traceback" not in told.stderr
    assert not list(tmp_path.iterdir())


def test_names_are_those_of_the_repository(installed, tmp_path):
    """Also in a process that is started later; and none of them before the one name at the top is imported."""
    code = (
        "import importlib.util as known, subprocess, sys\n"
        "names = ('acsnet', 'baselines', 'benchmarks')\n"
        "assert not any(map(known.find_spec, names))\n"
        "import acsnet_benchmark\n"
        "from benchmarks.datasets.manifest import read_manifest\n"
        "assert len(read_manifest('busi')) == 1578\n"
        "code = 'import acsnet, baselines, benchmarks as b; print(acsnet.__file__, baselines.__file__, b.__file__)'\n"
        "print(subprocess.run([sys.executable, '-S', '-c', code], check=True, capture_output=True, text=True).stdout)\n"
    )
    ended = run(installed, tmp_path, "-c", code)
    assert ended.returncode == 0, ended.stderr
    below = installed / "acsnet_benchmark"
    assert ended.stdout.split() == [str(below / name / "__init__.py") for name in ("acsnet", "baselines", "benchmarks")]


def test_a_page_is_made_by_an_installation(installed, finished_once, tmp_path):
    """It reads templates and checklists, and results in the folder where it is called."""
    page = tmp_path / "page.html"
    words = [str(installed / "bin/acsbench"), "page", "made-up", "made-up-released", "--output", str(page)]
    ended = run(installed, finished_once, *words)
    assert ended.returncode == 0, ended.stderr
    assert "<h1" in page.read_text(encoding="utf-8")
