"""What can change a cell's result, as one digest: its network's code, the engine's code, and its parameters.

`python -m benchmarks.fingerprints` writes `fingerprints.json`, a digest per cell of the studies. Training stages depend
on their own entry, so that an edit of one baseline re-runs that network's cells and no others. Comments, docstrings and
blank lines do not count. The same digest tells a resumed run that what it finds on disk is its own.
"""

import ast
import dataclasses
import hashlib
import io
import json
import tokenize
from collections.abc import Set
from pathlib import Path
from typing import Any

from benchmarks.configuration import Parameters, read_parameters
from benchmarks.errors import UserError, entry_point

FINGERPRINTS = Path("fingerprints.json")
ROOT = Path(__file__).parent.parent  # of the source, wherever a command is run
ENGINE = "benchmarks.training.run"
BALANCING = "benchmarks.training.balancing"  # its rules are found by name, not imported
# Modules that only read, check or report: no result depends on them.
WITHOUT_EFFECT = {
    "benchmarks",
    "benchmarks.configuration",
    "benchmarks.errors",
    "benchmarks.fingerprints",
    "benchmarks.training.cell",
    "benchmarks.training.files",
    "benchmarks.training.record",
}


def code_text(source: str) -> str:
    """Python source without comments, docstrings and blank lines, the same text under every Python version."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node, clean=False):
            docstring = node.body[0]
            for number in range(docstring.lineno - 1, docstring.end_lineno):
                lines[number] = ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    return "\n".join(line.rstrip() for line in lines if line.strip())


def module_file(module: str) -> Path | None:
    """The file of a module of this repository, or None for any other module."""
    path = ROOT.joinpath(*module.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def imported_modules(source: str) -> set[str]:
    """The names of modules that a source imports (absolute imports, the only ones in this repository)."""
    modules = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return modules


def code_of(module: str) -> dict[str, str]:
    """`{module: code text}` of a module and of every module of this repository that it imports, directly or not."""
    found: dict[str, str] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        file = module_file(name)
        if name in found or name in WITHOUT_EFFECT or file is None:
            continue
        source = file.read_text(encoding="utf-8")
        found[name] = code_text(source)
        waiting += imported_modules(source) | {name.rpartition(".")[0]} - {""}
    return found


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
