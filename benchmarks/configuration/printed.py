"""The parameters as a command prints them: all as JSON, or the names of one section."""

import dataclasses
import json
from pathlib import Path
from typing import Literal

from benchmarks.configuration.declared import Parameters
from benchmarks.configuration.documents import read_document
from benchmarks.errors import UserError

Section = Literal["benchmarks", "datasets", "models", "recipes", "studies"]


def json_text(parameters: Parameters) -> str:
    """Validated parameters as JSON, for machines without a YAML reader or pydantic: `--params` takes that file."""
    return json.dumps(dataclasses.asdict(parameters), indent=1)


def names_text(path: Path, section: Section) -> str:
    """The names of a section in their order, a line each; of a file whose names do not fit together, too.

    Raises:
        UserError: the file is missing or not readable, or has no such section.
    """
    content = read_document(path)
    if not isinstance(content, dict) or not isinstance(content.get(section), dict | list):
        raise UserError(f"{path}: expected a section {section}, found none.")
    return "\n".join(map(str, content[section]))
