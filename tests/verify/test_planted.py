"""Faults of all kinds, planted at random places of the committed results: none may stay silent.

Nothing is made anew here, for that takes a minute: locks, listed numbers and results that disagree give these faults
away. `test_shown` plants in what is made anew.
"""

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.verify.ladder import ladder, verdict_on
from benchmarks.verify.owners import owners_of
from benchmarks.verify.tracked import only_tracked, results_among

ROOT = Path(__file__).parents[2]
SEED, FAULTS = 14, 75
FOLDERS = (
    "reports/tables/",
    "reports/figures/",
    "reports/cards/",
    "reports/reported/",
)  # locked as a whole: a fault each
SCORES = ("reports/cases/", "reports/forensics/")  # of which `digests.json` knows each file


def changed_digit(content: bytes, rng: random.Random) -> bytes:
    places = [match.start() for match in re.finditer(rb"\d", content)]
    place = rng.choice(places)
    digit = rng.choice([d for d in b"0123456789" if d != content[place]])
    return content[:place] + bytes([digit]) + content[place + 1 :]


def lost_line(content: bytes, rng: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    del lines[rng.choice([i for i, line in enumerate(lines) if re.search(rb"\d", line)])]
    return b"".join(lines)


def doubled_line(content: bytes, rng: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    place = rng.choice([i for i, line in enumerate(lines) if re.search(rb"\d", line)])
    return b"".join([*lines[: place + 1], *lines[place:]])


def cut_short(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content) // 2)]


def flipped_bit(content: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(content))
    return content[:place] + bytes([content[place] ^ 1 << rng.randrange(8)]) + content[place + 1 :]


def lost(content: bytes, rng: random.Random) -> None:
    return None


TEXT: list[Callable] = [changed_digit, changed_digit, lost_line, doubled_line, cut_short, lost]
BINARY: list[Callable] = [flipped_bit, cut_short, lost]


def plant(root: Path, files: list[str], rng: random.Random) -> dict[str, str]:
    """Change each file in its way, in a folder of links; which way, by file."""
    planted = {}
    for file in files:
        path = root / file
        content = path.read_bytes()
        kinds = BINARY if path.suffix in (".png", ".parquet") else TEXT
        if kinds is TEXT and not re.search(rb"\d", content):
            kinds = [lost]  # it says nothing of a result
        kind = rng.choice(kinds)
        path.unlink()
        if (changed := kind(content, rng)) is not None:
            assert changed != content
            path.write_bytes(changed)
        planted[file] = kind.__name__
    return planted


def quick_faults(root: Path) -> set[str]:
    """The files that the checks name which make no table, figure, page or card."""
    checks = [check for check in ladder(root, None) if check.rung == "a" and not check.does.startswith("made")]
    return {fault.file for check in checks for fault in verdict_on(check).faults}


@pytest.fixture(scope="module")
def planted():
    """Faults in sixty files, drawn so that every kind of file has some, and what the checks name."""
    rng = random.Random(SEED)
    with only_tracked(ROOT) as root:
        kinds: dict[str, list[str]] = {}
        for file in results_among(
            [path.relative_to(root).as_posix() for path in sorted(root.rglob("*")) if path.is_file()]
        ):
            parts = [*file.split("/"), ""]
            whole = "/".join(parts[:3]) if parts[1] != "cards" else "reports/cards"
            kind = whole if file.startswith(FOLDERS) else f"{'/'.join(parts[:2])} {owners_of(file)} {Path(file).suffix}"
            kinds.setdefault(kind, []).append(file)
        chosen = {rng.choice(files) for files in kinds.values()} | {
            "README.md",
            "fingerprints.json",
            "fingerprints-code.json",
        }
        single = sorted(
            file for files in kinds.values() for file in files if not file.startswith(FOLDERS) and file not in chosen
        )
        chosen = sorted(chosen | set(rng.sample(single, FAULTS - len(chosen))))
        assert quick_faults(root) == set()
        yield plant(root, chosen, rng), quick_faults(root)


def test_no_planted_fault_is_silent(planted):
    faults, named = planted
    assert len(faults) == FAULTS
    assert len(set(faults.values())) >= 6

    def is_named(file: str) -> bool:
        folder = "/".join(file.split("/")[: 2 if file.startswith(("reports/cards/", "reports/reported/")) else 3])
        remembered = f"reports/cases/{file.split('/')[2]}/digests.json" if file.startswith(SCORES) else None
        whole = [parent.as_posix() for parent in Path(file).parents] if file.startswith("reports/external/") else []
        if named & set(whole):  # a stage's folder
            return True
        return file in named or (folder in named and (file.startswith(FOLDERS) or remembered in faults))

    assert {file: kind for file, kind in faults.items() if not is_named(file)} == {}


def test_nothing_else_is_blamed_but_what_was_made_of_it(planted):
    """A fault in one model's results is laid to no other model."""
    faults, named = planted
    of_models = re.compile(r"reports/(?:cases|forensics|curves|records|predictions)/(.+)\.\w+")
    blamed = {match[1] for file in named if (match := of_models.fullmatch(file))}
    changed = {match[1] for file in faults if (match := of_models.fullmatch(file))}
    benchmarks = {
        file.split("/")[2].partition(".")[0] for file in faults if "/truth/" in file or file.endswith("digests.json")
    }
    others = {model for model in blamed - changed if model.partition("/")[0] not in benchmarks}
    # fingerprints.json always has a fault; it may lie in the fingerprint of a cell, whose record holds the same.
    records = {match[1] for file in named if (match := re.fullmatch(r"reports/records/(.+)\.json", file))}
    assert others <= records
    assert len(others) <= 1
