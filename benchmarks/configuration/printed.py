"""The parameters as a command prints them: all as JSON, or the names of one section."""

import dataclasses
import json
from typing import Literal

from benchmarks.configuration.declared import Parameters

Section = Literal["benchmarks", "datasets", "models", "recipes", "studies"]


def json_text(parameters: Parameters) -> str:
    """Validated parameters as JSON, for machines without a YAML reader or pydantic: `--params` takes that file."""
    return json.dumps(dataclasses.asdict(parameters), indent=1)


def names_text(parameters: Parameters, section: Section) -> str:
    """The names of a section in their order, a line each."""
    return "\n".join(getattr(parameters, section))
