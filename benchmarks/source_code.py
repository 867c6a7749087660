"""The text of this repository's own modules: what a result was made by, and which files a command depends on.

Comments, docstrings and blank lines do not count, and the text is the same under every Python version.
"""

import ast
import io
import tokenize
from pathlib import Path

ROOT = Path(__file__).parent.parent  # of the source, wherever a command is run
# Modules that only read, check or report: no result depends on their text.
WITHOUT_EFFECT = {
    "benchmarks",
    "benchmarks.configuration",
    "benchmarks.errors",
    "benchmarks.source_code",
    "benchmarks.training.behaviour",
    "benchmarks.training.cell",
    "benchmarks.training.files",
    "benchmarks.training.fingerprints",
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
