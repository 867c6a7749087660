"""Parameters and single values, checked where pydantic is installed."""

from pathlib import Path
from typing import Any

from benchmarks.configuration.declared import Parameters
from benchmarks.configuration.documents import read_document
from benchmarks.configuration.known import PARAMETERS
from benchmarks.configuration.names import check_names
from benchmarks.errors import UserError


def read_parameters(path: str | Path = PARAMETERS) -> Parameters:
    """Read and validate the parameters (YAML, or JSON by its ending).

    Raises:
        UserError: the file is missing or not readable, a key or name is unknown, a value has the wrong type or lies out
            of its range. A file in YAML needs pydantic; JSON is checked without it as well.
    """
    path = Path(path)
    content = read_document(path)
    if path.suffix != ".json" and not pydantic_is_installed():
        raise UserError(
            f"{path}: cannot be checked without pydantic 2.12. Install it (pip install 'pydantic>=2.12'); or, where "
            "it is installed, run `acsbench configuration > params.json`, and give that file with --params."
        )
    parameters = read_value(Parameters, content, str(path), "")
    check_names(parameters, str(path))
    return parameters


def read_value(expected: Any, value: Any, where: str, key: str) -> Any:
    """`value` as the annotation `expected` has it: lists as tuples, whole numbers as floats, mappings as dataclasses.

    On a machine without pydantic, what is neither a dataclass, a container, a union, a `Literal` nor a plain type is
    taken as it is.

    Args:
        expected: a type or annotation; None may stand only where it says so.
        value: as YAML or JSON gives it.
        where: the file, and what else comes before the key in messages.
        key: the place within it; empty for the whole.

    Raises:
        UserError: `value` does not fit: where, what is expected, what was found.
    """
    if pydantic_is_installed():
        from benchmarks.configuration.checked import checked_value

        return checked_value(expected, value, where, key)
    from benchmarks.configuration.unchecked import build_value

    return build_value(expected, value, where, key)


def pydantic_is_installed() -> bool:
    """Whether it is there, and new enough to forbid unknown keys of plain dataclasses (2.12)."""
    try:
        import pydantic  # slow to import, so only where something is read
    except ImportError:
        return False
    return tuple(int(part) for part in pydantic.VERSION.split(".")[:2]) >= (2, 12)
