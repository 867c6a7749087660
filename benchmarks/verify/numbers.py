"""Rung (a): every number in README, docs and hand-made tables is listed with where it comes from.

`acsbench numbers` writes the list anew, `benchmarks/verify/numbers.csv`: after a text was changed, its new numbers
stand there as `stated`. Write in place of that, where the number is one of a file:

    reports/tables/busi-small/scores.csv: estimate of model=acsnet metric=auc selection=inner_validation
    reports/tables/busi-light/pairs.csv: -low of ...      (its sign changed: a number in a text has none)
    params.yaml: benchmarks.busi-small.image_size        (or a JSON file)
    count: reports/cases/busi-small/*.csv                (how many files; of a file, how many rows)
    code: benchmarks.statistics.comparisons.pairs: EQUIVALENT        (a constant, or `compare(resamples)`: a default)

A number in a text must be the one that is listed, and that one the source's, as far as its digits go.
"""

import csv
import importlib
import inspect
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import yaml

from benchmarks.errors import UserError
from benchmarks.verify.faults import Fault, Outcome
from benchmarks.verify.owners import owners_of
from benchmarks.verify.tracked import results_among, tracked_files

LIST = Path("benchmarks/verify/numbers.csv")
STATED = "stated"  # by the author: measured, cited, agreed upon
TWO_TO_SIXTEEN = "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
WORDS: dict[str, int] = {word: number for number, word in enumerate(TWO_TO_SIXTEEN.split(), 2)}
NUMBER = re.compile(
    r"(?:\d{1,3}(?:[,_]\d{3})+|\d+)(?:\.\d+)?(?:e[+-]?\d+)?|\.\d+|\b(?:" + "|".join(WORDS) + r")\b", re.IGNORECASE
)
BEFORE, AFTER = 24, 12  # letters around a number by which it is found again


class Listed(NamedTuple):
    """A number of a text: `context` is what stands around it, itself `_` and its neighbours `#`."""

    file: str
    context: str
    number: str
    source: str = STATED


def check_numbers(root: Path) -> Outcome:
    """The texts' numbers are those of the list, and those with a source are the source's."""
    if not (root / LIST).is_file():
        return f"skipped: no {LIST}", []
    listed, faults, count = read_list(root / LIST), [], 0
    for file in texts(root):
        found = numbers_of(file, (root / file).read_text(encoding="utf-8")) if (root / file).is_file() else []
        count += len(found)
        for expected, number in aligned(listed.pop(file, []), found):
            if expected is not None:
                faults += of_source(expected, root) if number is not None else []
            faults += unequal(expected, number)
    faults += [
        Fault(str(LIST), f"lines of {file}", "none: no such text", str(len(lines))) for file, lines in listed.items()
    ]
    return f"{count} numbers", faults


def unequal(expected: Listed | None, number: Listed | None) -> Iterator[Fault]:
    """What a listed number and the one found in its place differ in."""
    if number is None:
        if expected is not None:
            yield Fault(expected.file, f"'{expected.context}'", expected.number, "no such number")
    elif expected is None:
        listing = f"a line in {LIST.name}: acsbench numbers"
        yield Fault(number.file, f"'{number.context}'", listing, number.number)
    elif number.number != expected.number:
        yield Fault(number.file, f"'{number.context}'", f"{expected.number} ({expected.source})", number.number)


def texts(root: Path) -> list[str]:
    """The files whose numbers are listed."""
    return [file for file in results_among(tracked_files(root)) if "numbers" in owners_of(file)]


def numbers_of(file: str, text: str) -> list[Listed]:
    """Every number of a text, digits and words, in order."""
    found = []
    for line in text.splitlines():
        for match in NUMBER.finditer(line):
            before, after = (NUMBER.sub("#", part) for part in (line[: match.start()], line[match.end() :]))
            found.append(Listed(file, f"{before[-BEFORE:]}_{after[:AFTER]}".strip(), match.group()))
    return found


def aligned(listed: list[Listed], found: list[Listed]) -> Iterator[tuple[Listed | None, Listed | None]]:
    """Listed and found numbers side by side, by what stands around them; None where one of the two is lacking."""
    matcher = SequenceMatcher(None, [one.context for one in listed], [one.context for one in found], autojunk=False)
    for kind, start, end, begin, stop in matcher.get_opcodes():
        if kind == "equal":
            yield from zip(listed[start:end], found[begin:stop], strict=True)
        else:
            yield from ((one, None) for one in listed[start:end])
            yield from ((None, one) for one in found[begin:stop])


def read_list(path: Path) -> dict[str, list[Listed]]:
    """The list by file.

    Raises:
        UserError: a line has not its four columns.
    """
    lines = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.reader(opened))
    for number, row in enumerate(rows, 1):
        if len(row) != len(Listed._fields):
            raise UserError(f"{path}: line {number}: expected {', '.join(Listed._fields)}, found {', '.join(row)}.")
        if number > 1:
            lines[row[0]].append(Listed(*row))
    return dict(lines)


def of_source(listed: Listed, root: Path) -> Iterator[Fault]:
    """Whether the listed number is its source's."""
    if listed.source == STATED:
        return
    try:
        value = value_of(listed.source, root)
    except (UserError, OSError, LookupError, ValueError, TypeError, AttributeError, ImportError) as error:
        yield Fault(str(LIST), f"source of {listed.number} in {listed.file}", listed.source, str(error) or repr(error))
        return
    if not same_number(listed.number, value):
        yield Fault(listed.file, f"'{listed.context}'", f"{value} ({listed.source})", listed.number)


def same_number(text: str, value: Any) -> bool:
    """Whether a number as printed is the value, rounded to the printed digits."""
    if text.lower() in WORDS:
        return float(value) == WORDS[text.lower()]
    plain = text.replace(",", "").replace("_", "")
    decimals = len(plain.partition(".")[2]) if "e" not in plain else 15
    return (
        abs(float(plain) - float(value)) <= 0.5 * 10**-decimals * (1 + 1e-9)
        if decimals
        else float(plain) == round(float(value))
    )


def value_of(source: str, root: Path) -> Any:
    """What a source says.

    Raises:
        UserError, LookupError, ...: it cannot be found or is not of a known form.
    """
    file, _, place = (part.strip() for part in source.partition(":"))
    if file == "count":
        paths = sorted(root.glob(place))
        return len(pd.read_csv(paths[0])) if [str(root / place)] == [str(path) for path in paths] else len(paths)
    if file == "code":
        return of_code(*(part.strip() for part in place.split(":")))
    if file.endswith(".csv"):
        column, _, conditions = place.partition(" of ")
        table = pd.read_csv(root / file, dtype=str)
        for condition in conditions.split():
            name, _, wanted = condition.partition("=")
            table = table[table[name] == wanted]
        if len(table) != 1:
            raise UserError(f"{len(table)} rows")
        value = float(table[column.strip().removeprefix("-")].iloc[0])
        return -value if column.strip().startswith("-") else value
    text = (root / file).read_text(encoding="utf-8")
    content = json.loads(text) if file.endswith(".json") else yaml.safe_load(text)
    for key in place.split("."):
        content = content[int(key)] if isinstance(content, list) else content[key]
    return content if isinstance(content, int | float) else len(content)


def of_code(module: str, name: str) -> Any:
    """A constant of a module, or the default of a function's parameter."""
    function, _, parameter = name.partition("(")
    found = getattr(importlib.import_module(module), function)
    return inspect.signature(found).parameters[parameter.rstrip(")")].default if parameter else found


def write_list(root: Path) -> dict[str, int]:
    """Write the list anew, each known number with its source; how many numbers were new, by file."""
    listed = read_list(root / LIST) if (root / LIST).is_file() else {}
    rows, new = [], {}
    for file in texts(root):
        for expected, number in aligned(
            listed.get(file, []), numbers_of(file, (root / file).read_text(encoding="utf-8"))
        ):
            if number is not None:
                rows.append(number._replace(source=expected.source if expected else STATED))
                new[file] = new.get(file, 0) + (expected is None or expected.number != number.number)
    with (root / LIST).open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened, lineterminator="\n").writerows([Listed._fields, *rows])
    return {file: count for file, count in new.items() if count}
