"""Mutated files through every reader and the archive's unpacking: refused in words, or read as they were.

The mutations are drawn from a fixed seed, so many as `FUZZ_INPUTS` says (1200 by default); `FUZZ_SEED=7` draws others.
docs/what-is-checked.md tells of a long run.
"""

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from benchmarks.datasets.unpacking import unpack
from benchmarks.datasets.verification import verified_cases
from benchmarks.errors import UserError
from benchmarks.scoring.submit import read_masks, read_table
from tests.datasets.made_folders import MAKERS, Made, drawn, png

INPUTS = int(os.environ.get("FUZZ_INPUTS", "1200"))
SEED = int(os.environ.get("FUZZ_SEED", "0"))
TARGETS = (*MAKERS, "zip", "submitted masks", "submitted table")
EACH = -(-INPUTS // len(TARGETS))
INTERESTING = (
    b"\0",
    b"\xff",
    b"\n",
    b'"',
    b",",
    b";",
    b"-",
    b"9" * 30,
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"../",
    b"nan",
    b"1e999",
)


def mutated(random: np.random.Generator, content: bytes, other: bytes) -> bytes:
    """One to four random changes to a file: bits, bytes, pieces lost, doubled, moved, or taken from another file."""
    data = bytearray(content)
    for _ in range(random.integers(1, 5)):
        start = int(random.integers(0, len(data) + 1))
        stop = min(len(data), start + int(2 ** random.uniform(0, 8)))
        match random.integers(0, 9):
            case 0 if data:
                data[min(start, len(data) - 1)] ^= 1 << int(random.integers(8))
            case 1:
                data[start:stop] = random.bytes(stop - start)
            case 2:
                del data[start:stop]
            case 3:
                del data[start:]
            case 4:
                data[start:start] = data[start:stop]
            case 5:
                data[start:stop] = bytes(stop - start)
            case 6:
                at = int(random.integers(0, len(other) + 1))
                data[start:stop] = other[at : at + stop - start]
            case 7:
                data[start:start] = INTERESTING[random.integers(len(INTERESTING))]
            case _:
                found = INTERESTING[random.integers(len(INTERESTING))]
                data[start : start + len(found)] = found
    return bytes(data)


def seeded(target: str) -> np.random.Generator:
    return np.random.default_rng([SEED, TARGETS.index(target)])


def said(made: Made) -> dict[str, tuple] | None:
    """What a reader makes of a folder; `None` where it refuses."""
    try:
        cases = list(verified_cases(made.dataset, made.folder))
    except UserError:
        return None
    return {
        case.name: (case.class_name, case.group, case.image.tobytes(), case.image.shape, case.union.tobytes())
        for case in cases
    }


@pytest.mark.parametrize("reader", MAKERS)
def test_readers(tmp_path, monkeypatch, reader):
    made = MAKERS[reader](tmp_path / reader, monkeypatch.setattr)
    monkeypatch.setattr("benchmarks.datasets.verification.tqdm", lambda cases, *arguments, **keywords: cases)
    files = sorted(path for path in made.folder.rglob("*") if path.is_file())
    tables = [path for path in files if path.suffix != ".png"]
    whole = said(made)
    assert whole
    random, refused = seeded(reader), 0
    for number in range(EACH):
        file = tables[0] if tables and number % 3 == 0 else files[random.integers(len(files))]
        content = file.read_bytes()
        file.write_bytes(mutated(random, content, files[random.integers(len(files))].read_bytes()))
        found = said(made)
        assert found in (None, whole), f"{file} of mutation {number} was read otherwise"
        refused += found is None
        file.write_bytes(content)
    assert refused > EACH / 2


def archive(compression: int) -> tuple[bytes, dict[str, bytes]]:
    members = {f"set/{number}.png": png(drawn(number)[0]) for number in range(3)} | {
        "set/table.csv": b"a,b\n1,2\n" * 50
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as opened:
        for name, content in members.items():
            opened.writestr(zipfile.ZipInfo(name), content, compression)
    return buffer.getvalue(), members


def files_of(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_archives(tmp_path, monkeypatch):
    """Every way to compress that Python's zipfile knows; what is unpacked is a part of what was packed, unchanged."""
    monkeypatch.setattr("benchmarks.datasets.unpacking.tqdm", lambda members, *arguments, **keywords: members)
    kinds = [archive(kind) for kind in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)]
    random, refused = seeded("zip"), 0
    for number in range(EACH):
        content, members = kinds[number % len(kinds)]
        (tmp_path / "a.zip").write_bytes(mutated(random, content, kinds[random.integers(len(kinds))][0]))
        out = tmp_path / f"out{number}"
        try:
            unpack(tmp_path / "a.zip", out)
            assert files_of(out) == members, f"mutation {number} was unpacked otherwise"
        except UserError:
            refused += 1
            assert files_of(out).items() <= members.items(), f"mutation {number} left something else"
    assert not {path.name for path in tmp_path.iterdir()} - {"a.zip", *(f"out{n}" for n in range(EACH))}
    assert refused > EACH / 2


def test_submitted_masks(tmp_path):
    lesions = {f"case {number}": drawn(number)[1] for number in range(3)}
    files = {tmp_path / f"{name}.png": png(lesion.astype(np.uint8) * 255) for name, lesion in lesions.items()}
    for file, content in files.items():
        file.write_bytes(content)
    whole = read_masks(tmp_path, list(lesions))
    random, refused = seeded("submitted masks"), 0
    for number in range(EACH):
        file = list(files)[number % 3]
        file.write_bytes(mutated(random, files[file], list(files.values())[random.integers(3)]))
        try:
            assert read_masks(tmp_path, list(lesions)).equals(whole), f"mutation {number} was read otherwise"
        except UserError as error:
            refused += file.name in str(error)
        file.write_bytes(files[file])
    assert refused > EACH / 2


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_submitted_tables(tmp_path, ending):
    """Never a traceback; what a CSV says otherwise is no damage that a reader could know of."""
    table = read_whole_table(tmp_path / f"whole.{ending}")
    content = (tmp_path / f"whole.{ending}").read_bytes()
    random, file = seeded("submitted table"), tmp_path / f"table.{ending}"
    for number in range(EACH // 2):
        file.write_bytes(mutated(random, content, content))
        try:
            found = read_table(file)
        except UserError:
            continue
        assert set(found.columns) <= {*table.columns, "seed", "height", "width", "mask"}, number


def read_whole_table(path: Path):
    import pandas as pd

    table = pd.DataFrame({"case": [f"case {n}" for n in range(9)], "probability": np.linspace(0, 1, 9), "seed": 0})
    table.to_csv(path, index=False) if path.suffix == ".csv" else table.to_parquet(path)
    return read_table(path)
