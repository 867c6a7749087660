"""What can change a cell's result, as one digest: its network's code, the engine's code, and its parameters.

`python -m benchmarks.fingerprints` writes `fingerprints.json`, a digest per cell of the studies. Training stages depend
on their own entry, so that an edit of one baseline re-runs that network's cells and no others. Comments, docstrings and
blank lines do not count. The same digest tells a resumed run that what it finds on disk is its own.
"""

import dataclasses
import hashlib
import json
from collections.abc import Set
from pathlib import Path
from typing import Any

from benchmarks.configuration import Parameters, read_parameters
from benchmarks.errors import UserError, entry_point
from benchmarks.source_code import code_of, module_file

FINGERPRINTS = Path("fingerprints.json")
ENGINE = "benchmarks.training.run"
BALANCING = "benchmarks.training.balancing"  # its rules are found by name, not imported


def stated(settings: Any, without: Set[str] = frozenset()) -> dict[str, Any]:
    """What a dataclass states beyond its defaults: an option that is added later leaves digests as they are."""
    return {
        field.name: getattr(settings, field.name)
        for field in dataclasses.fields(settings)
        if field.name not in without and getattr(settings, field.name) not in (None, field.default, {})
    }


def fingerprint(parameters: Parameters, benchmark: str, model: str) -> str:
    """The digest of a cell (hexadecimal SHA-256, shortened to 16 digits)."""
    chosen, entry = parameters.benchmark(benchmark), parameters.model(model)
    module = entry.network.partition(":")[0]
    if module_file(module) is None:
        raise UserError(f"params.yaml: models.{model}.network: no file for {module!r}. Is it under baselines/?")
    recipe = parameters.recipe_of(benchmark, model)
    code = code_of(module) | code_of(ENGINE) | code_of(f"{BALANCING}.{recipe.balancing['name']}")
    settings = {
        "benchmark": stated(chosen, without={"description", "references", "scoring"}),
        "model": stated(entry, without={"parameters", "recipe", "own_recipe", "balancing"}),
        "recipe": stated(recipe),  # the one in use, with the balancing rule in use
    }
    if entry.initialise_from:
        settings["initialise_from"] = {
            task: fingerprint(parameters, benchmark, source) for task, source in entry.initialise_from.items()
        }
    text = json.dumps([code, settings], sort_keys=True, default=dataclasses.asdict)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def main() -> None:
    """Write the digest of every cell of the studies."""
    parameters = read_parameters()
    digests = {
        f"{benchmark}-{model}": fingerprint(parameters, benchmark, model)
        for study in parameters.studies.values()
        for benchmark in study.benchmarks
        for model in study.models
    }
    FINGERPRINTS.write_text(json.dumps(digests, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    entry_point(main)()
