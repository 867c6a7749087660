"""What pydantic finds, in this repository's words: file, key, what is expected, what was found, the nearest name."""

import dataclasses
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from benchmarks.configuration.known import unknown
from benchmarks.configuration.ranges import is_text_number

LIMITS = {
    "greater_than_equal": "at least {ge}",
    "greater_than": "more than {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "less than {lt}",
    "multiple_of": "a multiple of {multiple_of}",
    "finite_number": "a finite number",
    "condition": "{expected}",
}
UNKNOWN_KEY = "unexpected_keyword_argument"
MOST = 10  # lines; a file with more faults than that has one cause


def messages(faults: Sequence[Mapping[str, Any]], expected: Any, value: Any, where: str, key: str) -> list[str]:
    """A line per fault, those of unknown keys first; of the alternatives of a union, the first alternative's.

    Args:
        faults: `ValidationError.errors()` of `value` against the annotation `expected`.
        where: the file, and what else comes before the key.
        key: the place of `value` within it; empty for the whole.
    """
    lines: dict[Any, str] = {}
    ill: list[tuple] = []
    for fault in sorted(faults, key=lambda f: f["type"] != UNKNOWN_KEY):
        path = path_within(value, fault["loc"])
        found = at(value, path)
        if fault["type"] == "missing" and isinstance(found, dict):
            names = [f["loc"][-1] for f in faults if f["type"] == "missing" and f["loc"][:-1] == fault["loc"][:-1]]
            lines.setdefault((path, "missing"), f"{place(key, path)}: missing {', '.join(names)}.")
        elif fault["type"] == UNKNOWN_KEY:
            inside = place(key, path[:-1])
            known = [field.name for field in dataclasses.fields(annotation_at(expected, path[:-1]))]
            lines.setdefault(path, unknown(known, str(path[-1]), f"key in {inside}"))
        elif not any(path[: len(other)] == other[: len(path)] for other in ill):  # not of another alternative
            ill.append(path)
            lines[path] = f"{place(key, path)}: {mismatch(fault, annotation_at(expected, path), found)}"
    shown = [f"{where}: {line}" for line in lines.values()]
    more = len(shown) - MOST
    return shown if more <= 0 else [*shown[:MOST], f"{where}: {more} more."]


def mismatch(fault: Mapping[str, Any], expected: Any, found: Any) -> str:
    if fault["type"] in LIMITS:
        limits = fault.get("ctx", {}).items()
        wanted = LIMITS[fault["type"]].format(**{n: f"{v:g}" if isinstance(v, float) else v for n, v in limits})
    elif fault["type"].startswith("json_"):
        wanted = f"what JSON can hold ({fault['msg']})"
    else:
        wanted = described(expected)
    hint = " (write 1.0e-4, not 1e-4, in YAML)" if expected is float and is_text_number(found) else ""
    text = repr(found)
    return f"expected {wanted}, found {text if len(text) <= 200 else f'{text[:200]}...'}{hint}."


def path_within(value: Any, location: Sequence[str | int]) -> tuple[str | int, ...]:
    """The part of pydantic's location that lies in `value`, without the names of a union's alternatives."""
    path = []
    for part in location:
        if (isinstance(value, dict) and part in value) or (isinstance(value, list) and part in range(len(value))):
            path.append(part)
            value = value[part]
    return tuple(path)


def at(value: Any, path: Sequence[str | int]) -> Any:
    for part in path:
        value = value[part]
    return value


def annotation_at(expected: Any, path: Sequence[str | int]) -> Any:
    """The annotation of what lies at `path` in a value annotated `expected`; of a union, its first alternative's."""
    expected = first_alternative(expected)
    for part in path:
        arguments = typing.get_args(expected)
        if dataclasses.is_dataclass(expected):
            expected = typing.get_type_hints(expected)[str(part)]
        elif typing.get_origin(expected) is tuple:
            expected = arguments[0] if arguments[-1] is Ellipsis else arguments[min(int(part), len(arguments) - 1)]
        else:
            expected = arguments[-1] if arguments else Any
        expected = first_alternative(expected)
    return expected


def first_alternative(expected: Any) -> Any:
    if typing.get_origin(expected) is Annotated:
        return first_alternative(typing.get_args(expected)[0])
    if typing.get_origin(expected) in (types.UnionType, typing.Union):
        return first_alternative(next(a for a in typing.get_args(expected) if a is not type(None)))
    return expected


def described(expected: Any) -> str:
    """An annotation in words."""
    origin, arguments = typing.get_origin(expected), typing.get_args(expected)
    if origin is Literal:
        return f"one of {', '.join(map(str, arguments))}"
    if origin is tuple:
        return "a list of values" if arguments[-1] is Ellipsis else f"a list of {len(arguments)} values"
    if dataclasses.is_dataclass(expected):
        return "a mapping"
    if origin in (list, dict):
        return f"a {origin.__name__}"
    return getattr(expected, "__name__", str(expected))


def place(key: str, path: Sequence[str | int]) -> str:
    """`key` and what follows it: `benchmarks.busi.training.seeds[0]`."""
    for part in path:
        key += f"[{part}]" if isinstance(part, int) else f".{part}" if key else part
    return key or "the file"
