"""Values checked by pydantic against annotations, in strict mode: nothing is converted silently, no key is ignored."""

import dataclasses
import functools
import json
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError

from benchmarks.configuration.messages import messages
from benchmarks.errors import UserError


def checked_value(expected: Any, value: Any, where: str, key: str) -> Any:
    """See `reading.read_value`."""
    text = json_text(value, f"{where}: {key or 'the file'}")
    try:
        return adapter(expected).validate_json(text, strict=True, extra="forbid")
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        raise UserError("\n".join(messages(faults, expected, json.loads(text), where, key))) from error


def json_text(value: Any, place: str) -> str:
    """pydantic's strict mode takes mappings for dataclasses and lists for tuples from JSON alone."""

    def refuse(other: Any) -> None:
        raise UserError(f"{place}: expected text, numbers, lists and mappings, found {other!r}. Write it in quotes.")

    try:
        return json.dumps(value, default=refuse)
    except (TypeError, ValueError, RecursionError) as error:  # a date as a key, a number of 5,000 digits, a circle
        raise UserError(f"{place}: expected text, numbers, lists and mappings: {error}.") from error


@functools.cache
def adapter(expected: Any) -> TypeAdapter:
    if dataclasses.is_dataclass(expected):
        return TypeAdapter(expected)
    try:
        return TypeAdapter(expected, config={"arbitrary_types_allowed": True, "allow_inf_nan": False})
    except PydanticUserError:  # an annotation of code from elsewhere that pydantic has no schema for
        return TypeAdapter(Any)
