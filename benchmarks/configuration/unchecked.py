"""Values built without pydantic, for a bare training machine: types, keys and ranges must fit."""

import contextlib
import dataclasses
import types
import typing
from typing import Annotated, Any, Literal

from benchmarks.errors import UserError


def build_value(expected: Any, value: Any, where: str, key: str) -> Any:
    """See `reading.read_value`."""
    origin, arguments = typing.get_origin(expected), typing.get_args(expected)
    if origin is Annotated:
        built = build_value(arguments[0], value, where, key)
        for limits in arguments[1:]:
            if fault := limits.fault(built):
                raise misfit(fault, value, where, key)
        return built
    if origin in (types.UnionType, typing.Union):
        for alternative in arguments:
            with contextlib.suppress(UserError):
                return build_value(alternative, value, where, key)
        raise misfit(expected, value, where, key)
    kind = dict if dataclasses.is_dataclass(expected) else list if origin is tuple else origin or expected
    fits = value in arguments if origin is Literal else of_kind(value, kind)
    if not fits:
        raise misfit(expected, value, where, key)
    if dataclasses.is_dataclass(expected):
        return build_dataclass(expected, value, where, key)
    if origin in (list, tuple):
        each = arguments[:1] * len(value) if origin is list or arguments[-1] is Ellipsis else arguments
        if len(each) != len(value):
            raise misfit(expected, value, where, key)
        return origin(build_value(e, v, where, f"{key}[{i}]") for i, (e, v) in enumerate(zip(each, value, strict=True)))
    if origin is dict:
        return {name: build_value(arguments[1], part, where, f"{key}.{name}") for name, part in value.items()}
    return float(value) if expected is float else value


def build_dataclass(expected: Any, value: dict[str, Any], where: str, key: str) -> Any:
    hints = typing.get_type_hints(expected, include_extras=True)
    parts = {n: build_value(hints.get(n, Any), v, where, f"{key}.{n}".strip(".")) for n, v in value.items()}
    try:
        return expected(**parts)
    except TypeError as error:  # a key too many or too few
        raise misfit(expected, value, where, key, f": {error}") from error


def of_kind(value: Any, kind: Any) -> bool:
    """Whether `value` is of the class `kind`, as YAML counts: true is no number, a whole number is a float as well."""
    if not isinstance(kind, type) or kind is Any:
        return True
    return isinstance(value, (float, int) if kind is float else kind) and (kind is bool or not isinstance(value, bool))


def misfit(expected: Any, value: Any, where: str, key: str, reason: str = "") -> UserError:
    name = getattr(expected, "__name__", str(expected)) if typing.get_origin(expected) is None else str(expected)
    return UserError(
        f"{where}: {key or 'the file'}: expected {name}, found {repr(value)[:100]}{reason}. "
        "Write the file anew where pydantic is installed: acsbench configuration > params.json"
    )
