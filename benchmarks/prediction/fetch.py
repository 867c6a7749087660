"""Bring weights that others exported to this machine: `acsbench weights get`.

A source is a folder or an http(s) address that holds `SHA256SUMS` and the files that it lists, as `weights export` left
them. pooch fetches and checks them; what is there and right is kept, a download that broke off goes on.
"""

import os
import re
import shutil
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pooch
import requests
from tqdm import tqdm

from benchmarks.configuration.ranges import NAME
from benchmarks.datasets.download import TIMEOUT, fetch_resumably, part_of
from benchmarks.datasets.files import place
from benchmarks.errors import UserError
from benchmarks.prediction.export import SUMS, sha256, write_sums
from benchmarks.prediction.sources import ADDRESS, located
from benchmarks.prediction.weights_file import read_description, read_state

LINE = re.compile(r"([0-9a-f]{64})  ([\w.-]+\.safetensors)")


def get(source: str, out: Path, say: Callable[[str], None] = print) -> None:
    """Bring a source's weights to `<out>/<benchmark>/<model>/`, each file checked and read once.

    Args:
        source: a folder, an address, or BENCHMARK/MODEL, which is looked for in `weights/` of the data mirror.

    Raises:
        UserError: the source is not there, or a file is not as its checksum says.
    """
    address = located(source)
    sums = read_sums(address)
    arriving = out / ".arriving"  # beside their places: they are moved there whole
    arriving.mkdir(parents=True, exist_ok=True)
    folders: Counter[Path] = Counter()
    for name, digest in tqdm(sums.items(), "fetching weights", unit="network"):
        there = next((path for path in out.glob(f"*/*/{name}") if sha256(path) == digest), None)
        folders[there.parent if there else settle(fetch(address, name, digest, arriving), out)] += 1
    shutil.rmtree(arriving)
    for folder, count in folders.items():
        write_sums(folder)
        terms = read_description(next(folder.glob("*.safetensors"))).licences.get("data")
        say(f"{folder}: {count} networks, whole.{f' Trained on images under these terms: {terms}' if terms else ''}")


def settle(path: Path, out: Path) -> Path:
    """Read a file of weights that has arrived, and move it to its place; the folder that this is in.

    Raises:
        UserError: it is no such file, or its tensors have changed.
    """
    about = read_description(path)
    read_state(path, about)
    if not (NAME.fullmatch(about.benchmark) and NAME.fullmatch(about.model)):
        raise UserError(f"{path}: names the cell {about.cell}, which is no folder's name.")
    folder = out / about.benchmark / about.model
    folder.mkdir(parents=True, exist_ok=True)
    os.replace(path, folder / about.file_name)
    return folder


def read_sums(address: str) -> dict[str, str]:
    """The SHA-256 of each file that a source lists.

    Raises:
        UserError: it has no such list.
    """
    where = f"{address}/{SUMS}"
    try:
        if address.startswith(ADDRESS):
            response = requests.get(where, timeout=TIMEOUT)
            response.raise_for_status()
            text = response.text
        else:
            text = Path(where).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:  # of requests, too
        raise UserError(
            f"{where}: expected the checksums of weights, as `acsbench weights export` writes them: {error}"
        ) from error
    found = [LINE.fullmatch(line) for line in text.splitlines()]
    if not found or None in found:
        raise UserError(f"{where}: expected lines of a SHA-256, two spaces and <name>.safetensors, found others.")
    return {match[2]: match[1] for match in found if match}


def fetch(address: str, name: str, digest: str, folder: Path) -> Path:
    """A file of a source, in `folder`, checked.

    Raises:
        UserError: it cannot be had, or is another than its checksum says.
    """
    try:
        if address.startswith(ADDRESS):
            url = f"{address}/{quote(name)}"
            downloader = partial(fetch_resumably, part=part_of(url, name, folder))
            pooch.get_logger().setLevel("WARNING")
            # pooch.retrieve gives a downloader three arguments by position, and no `check_only` as the type says.
            return Path(pooch.retrieve(url, f"sha256:{digest}", name, folder, downloader=downloader))  # ty: ignore[invalid-argument-type]
        place(Path(address) / name, folder / name)
        if (found := sha256(folder / name)) != digest:
            raise ValueError(f"its SHA-256 is {found}, {SUMS} says {digest}")
    except (OSError, ValueError) as error:
        (folder / name).unlink(missing_ok=True)
        raise UserError(
            f"{address}/{name}: could not be had whole: {error}. Run the same command again to go on; if that does "
            "not help, the source is damaged."
        ) from error
    return folder / name
