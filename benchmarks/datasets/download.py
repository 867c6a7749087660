"""Bring a dataset's published files to `downloads/<dataset>/`: `acsbench download <dataset>`.

The files come from the addresses that the dataset names, tried in order, or, where the environment variable
`BUS_DATA_MIRROR` is set, from that folder or http(s) address instead. What is there already and right is kept, and an
interrupted download goes on where it stopped. Ends by reading the whole dataset, so that what it leaves is right.
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

import pooch
import requests
from tqdm import tqdm

from benchmarks.configuration.stages import way_to
from benchmarks.datasets import Dataset, find_dataset
from benchmarks.datasets.dataset import SourceFile
from benchmarks.datasets.files import UNAVAILABLE, place, replacing
from benchmarks.datasets.manifest import is_whole, read_manifest
from benchmarks.datasets.unpacking import unpack
from benchmarks.datasets.verification import verified_cases
from benchmarks.errors import UserError, told

DOWNLOADS = Path("downloads")
MIRROR = "BUS_DATA_MIRROR"
TIMEOUT = 30  # seconds without a byte
ATTEMPTS = 3  # per address; each goes on where the last one stopped
CONNECTIONS = 8
BLOCK = 1 << 18  # bytes; what an interruption costs at most


def fetch_resumably(url: str, output_file: str, downloader: pooch.Pooch, part: Path) -> None:
    """A downloader for pooch that keeps what it has in `part` and asks only for the rest."""
    for attempt in range(ATTEMPTS):
        try:
            fetch_rest(url, part)
            break
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError):
            if attempt == ATTEMPTS - 1:
                raise
    os.replace(part, output_file)
    mark_of(part).unlink(missing_ok=True)


def mark_of(part: Path) -> Path:
    """The file beside a part in which the host's mark of its version is kept (RFC 9110, section 8.8)."""
    return part.with_name(f"{part.name}.mark")


def fetch_rest(url: str, part: Path) -> None:
    """Append to `part` what it still lacks of `url`, with a progress bar.

    The rest is asked for on condition that the file is still the one that the part began with (`If-Range`); a host
    that has another one sends it whole.
    """
    have = part.stat().st_size if part.exists() else 0
    mark = mark_of(part)
    headers = {"Accept-Encoding": "identity"}  # the bytes of the file itself, which can be counted
    if have:
        headers["Range"] = f"bytes={have}-"
        if mark.is_file():
            headers["If-Range"] = mark.read_text(encoding="utf-8")
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            if response.headers.get("Content-Range", f"bytes */{have}") == f"bytes */{have}":
                return  # nothing is left to ask for; the checksum tells whether it is the file
            part.unlink()
            raise requests.ConnectionError(f"the part of {have} bytes is longer than the file; fetched anew")
        response.raise_for_status()
        resumes = response.status_code == requests.codes.partial_content
        if resumes and not response.headers.get("Content-Range", f"bytes {have}-").startswith(f"bytes {have}-"):
            part.unlink()
            raise requests.ConnectionError(f"asked for the bytes from {have} on, the host sent others; fetched anew")
        if not resumes:
            have = 0  # the host does not resume, or has another file: it sends everything again
            keep_mark(mark, response.headers)
        length = response.headers.get("Content-Length")
        total = have + int(length) if length else None
        title = f"downloading {part.name.rsplit('.', 2)[0]}"
        bar = tqdm(desc=title, initial=have, total=total, unit="B", unit_scale=True)
        with open(part, "ab" if have else "wb") as file, bar:
            for block in response.iter_content(BLOCK):
                file.write(block)
                bar.update(len(block))
    if total is not None and part.stat().st_size < total:
        raise requests.ConnectionError(f"the connection ended after {part.stat().st_size} of {total} bytes")


def keep_mark(mark: Path, headers: Mapping[str, str]) -> None:
    """Keep the mark of a file's version, if its host gives one that `If-Range` may use."""
    etag = headers.get("ETag", "")
    value = etag if etag and not etag.startswith("W/") else headers.get("Last-Modified")
    if value:
        mark.write_text(value, encoding="utf-8")
    else:
        mark.unlink(missing_ok=True)


def part_of(url: str, name: str, folder: Path) -> Path:
    """Where the part of a file from one address is kept: no other address goes on with it."""
    return folder / f"{name}.{hashlib.sha256(url.encode()).hexdigest()[:12]}.part"


def fetch_source(dataset: Dataset, source: SourceFile, urls: tuple[str, ...], folder: Path) -> Path:
    """The published file, from the first address that gives it whole; `UserError` naming what each of them answered."""
    known_hash = source.sha256 and f"sha256:{source.sha256}"
    failures = []
    for url in urls:
        part = part_of(url, source.name, folder)
        if not known_hash and not mark_of(part).is_file():
            part.unlink(missing_ok=True)  # nothing could tell whether its rest belongs to it
        begun = part.exists()
        downloader = partial(fetch_resumably, part=part)
        for attempt in range(1 + begun):
            try:
                # pooch.retrieve gives a downloader three arguments by position, and no `check_only` as the type says.
                return Path(pooch.retrieve(url, known_hash, source.name, folder, downloader=downloader))  # ty: ignore[invalid-argument-type]
            except ValueError as error:  # by its checksum another file, perhaps for the part that it began with
                if attempt == begun:
                    failures.append(f"  {url}: {error}")
            except (requests.RequestException, OSError) as error:
                failures.append(f"  {url}: {error}")
                break
    raise UserError(
        f"{dataset.name}: {source.name} could not be downloaded:\n" + "\n".join(failures) + "\n"
        f"See {dataset.page}, or set {MIRROR} to a folder or address that holds the data. Run the same command again "
        "to go on; everything that does not use this dataset works without it."
    )


def cache_of(dataset: Dataset) -> Path:
    """The folder that archives are downloaded to, made; `UserError` where it cannot be written."""
    folder = Path(pooch.os_cache("acsnet-benchmark")) / dataset.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UserError(
            f"{dataset.name}: {folder}: expected a folder that can be written, to keep archives in, found: "
            f"{error.strerror}. Set the environment variable XDG_CACHE_HOME (macOS: HOME, Windows: LOCALAPPDATA) to "
            "a folder that can be written."
        ) from error
    return folder


def download_sources(dataset: Dataset, folder: Path, address: str | None = None) -> None:
    """Fetch and unpack the dataset's published files, from their own addresses or from the folder at `address`."""
    pooch.get_logger().setLevel("WARNING")
    archives = cache_of(dataset)
    for source in dataset.sources:
        urls = source.urls if address is None else (f"{address}/{quote(source.name)}",)
        path = fetch_source(dataset, source, urls, archives)
        try:
            if source.unpack:
                unpack(path, folder)
            else:
                place(path, folder / source.name)
        finally:
            path.unlink()


def copy_mirror(dataset: Dataset, mirror: Path, folder: Path) -> None:
    """Copy a dataset from a mirror folder: what its manifest lists, or all of it where there is no manifest."""
    source = mirror / dataset.name
    if not source.is_dir():
        raise UserError(f"{dataset.name}: expected the folder {source} in the mirror of {MIRROR}; it is not there")
    if dataset.manifest:
        entries = read_manifest(dataset.manifest).values()
        paths = [entry.path for entry in entries if not is_whole(folder, entry)]
    else:
        paths = sorted(files_below(source))
    for path in tqdm(paths, f"copying {dataset.name}", unit="file"):
        if (source / path).is_file():
            place(source / path, folder / path)


def files_below(folder: Path) -> Iterator[str]:
    """The paths, relative to a folder, of all files below it; links are followed, to folders too.

    Raises:
        UserError: a link leads nowhere, or back to a folder that holds it.
    """
    for where, folders, names in os.walk(folder, onerror=refuse, followlinks=True):
        held_by = {os.path.realpath(parent) for parent in (Path(where), *Path(where).parents)}
        for name in folders:
            if os.path.realpath(os.path.join(where, name)) in held_by:
                raise UserError(f"{os.path.join(where, name)}: a link to a folder that holds it; remove it")
        for name in names:
            path = Path(where, name)
            if not path.exists():
                raise UserError(f"{path}: a link to {os.readlink(path)}, which is not there; mend or remove it")
            if path.is_file():
                yield path.relative_to(folder).as_posix()


def refuse(error: OSError) -> NoReturn:
    """Let a folder that cannot be listed be an error: `os.walk` passes over it."""
    raise error


def fetch_mirror(dataset: Dataset, address: str, folder: Path) -> None:
    """Fetch a dataset from a mirror's address: each file of its manifest, or, without one, its archives."""
    address = f"{address.rstrip('/')}/{dataset.name}"
    if not dataset.manifest:
        if not dataset.sources:
            raise UserError(f"{dataset.name}: an address cannot serve it, {MIRROR} must be a folder")
        return download_sources(dataset, folder, address)
    entries = [entry for entry in read_manifest(dataset.manifest).values() if not is_whole(folder, entry)]
    session = requests.Session()

    def fetch(path: str) -> str | None:
        try:
            response = session.get(f"{address}/{quote(path)}", timeout=TIMEOUT)
            response.raise_for_status()
        except (requests.RequestException, ValueError) as error:
            return f"  {path}: {error}"
        with replacing(folder / path) as part:
            part.write_bytes(response.content)
        return None

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        paths = [entry.path for entry in entries]
        answers = tqdm(pool.map(fetch, paths), f"downloading {dataset.name}", len(paths), unit="file")
        failures = [answer for answer in answers if answer]
    if failures:
        raise UserError(
            f"{dataset.name}: {len(failures)} of {len(paths)} files could not be had from {address} ({MIRROR}):\n"
            + "\n".join(failures[:20])
        )


def verify(dataset: Dataset, folder: Path) -> None:
    """Read everything; `UserError` where anything is not as published."""
    for _ in verified_cases(dataset, folder):
        pass


def download(dataset: Dataset, folder: Path) -> None:
    """Make `folder` hold the dataset, whole and verified; a folder that does so already is left alone.

    Raises:
        UserError: it cannot be had, is not as published, or a file cannot be read or written.
    """
    try:
        obtain(dataset, folder)
    except OSError as error:
        raise UserError(f"{dataset.name}: {told(error) or error}") from error


def obtain(dataset: Dataset, folder: Path) -> None:
    (folder / UNAVAILABLE).unlink(missing_ok=True)
    if folder.is_dir() and any(folder.iterdir()):
        try:
            return verify(dataset, folder)
        except UserError:
            print(f"{dataset.name}: {folder} is not whole; fetching what it lacks")
    for part in folder.rglob("*.part"):  # left by a run that was killed
        part.unlink()
    mirror = os.environ.get(MIRROR, "")
    if dataset.obtain:
        dataset.obtain(folder)
    elif mirror.startswith(("http://", "https://")):
        fetch_mirror(dataset, mirror, folder)
    elif mirror:
        copy_mirror(dataset, Path(mirror), folder)
    elif dataset.sources:
        download_sources(dataset, folder)
    else:
        raise UserError(f"{dataset.name}: not published on its own; set {MIRROR} to a mirror folder that holds it")
    folder.mkdir(parents=True, exist_ok=True)  # of a mirror that has none of the files: they are then named
    verify(dataset, folder)


def download_or_note(dataset: Dataset, folder: Path) -> bool:
    """Download; where that fails leave the reason in `folder`, for `prepare` to give. Returns whether it is whole.

    All datasets share one import (`data.dvc`): a failure here would stop those that can be had as well.
    """
    try:
        download(dataset, folder)
    except Exception as error:
        reason = str(error) if isinstance(error, UserError) else f"{dataset.name}: {type(error).__name__}: {error}"
        again = way_to("download", dataset.name, again=True)
        note = f"{reason}\nThen {again} and `dvc repro -k`; or take it out of params.yaml."
        leave_note(folder, note)
        print(f"not available: {note}\nGoing on without {dataset.name}.", file=sys.stderr)
        return False
    return True


def leave_note(folder: Path, note: str) -> None:
    """Write why a dataset is not there; `UserError` with the note itself where not even that can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / UNAVAILABLE).write_text(note + "\n", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UserError(f"{note}\n{told(error) or error}") from error


def download_dataset(name: str, keep_going: bool = False) -> bool:
    """Download a dataset by its name and say what it is; returns whether it is whole.

    Args:
        name: of a dataset that has a reader.
        keep_going: leave a note of what cannot be had instead of failing.

    Raises:
        UserError: there is no such dataset, or see `download`.
    """
    dataset = find_dataset(name)
    if not keep_going:
        download(dataset, DOWNLOADS / name)
    elif not download_or_note(dataset, DOWNLOADS / name):
        return False
    print(f"{name}: whole in {DOWNLOADS / name}\n{dataset.citation}\n{dataset.terms}")
    return True
