"""The text of this repository's own modules: what a result was made by, and which files a command depends on.

Comments, docstrings and blank lines do not count, and the text is the same under every Python version.
"""

import ast
import io
import tokenize
from collections.abc import Iterator, Set
from functools import cache
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parent.parent  # of the source, wherever a command is run
# Modules that only read, check or report (those of a package with it): no score or figure depends on their text.
WITHOUT_EFFECT = frozenset({"benchmarks", "benchmarks.configuration", "benchmarks.errors", "benchmarks.source_code"})


def code_text(source: str) -> str:
    """Python source without comments, docstrings and blank lines, the same text under every Python version."""
    lines = source.splitlines()
    for docstring in docstrings(ast.parse(source)):
        for number in range(docstring.lineno - 1, docstring.end_lineno or docstring.lineno):
            lines[number] = ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    return "\n".join(line.rstrip() for line in lines if line.strip())


def docstrings(tree: ast.Module) -> Iterator[ast.stmt]:
    """The docstrings of a module, of its classes and functions, and below the attributes of classes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node, clean=False):
            yield node.body[0]
        if isinstance(node, ast.ClassDef):
            yield from (text for attribute, text in pairwise(node.body) if is_text_of(attribute, text))


def is_text_of(attribute: ast.stmt, text: ast.stmt) -> bool:
    """Whether a statement of a class is the text below an annotated attribute."""
    is_text = isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)
    return is_text and isinstance(attribute, ast.AnnAssign)


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


def code_of(module: str, without: Set[str] = WITHOUT_EFFECT) -> dict[str, str]:
    """`{module: code text}` of a module and of every module of this repository that it imports, directly or not."""
    found: dict[str, str] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        file = module_file(name)
        if name in found or left_out(name, without) or file is None:
            continue
        found[name], imported = read_code(file)
        waiting += imported | {name.rpartition(".")[0]} - {""}
    return found


@cache
def read_code(file: Path) -> tuple[str, frozenset[str]]:
    """A file's code text, and the names of modules that it imports."""
    source = file.read_text(encoding="utf-8")
    return code_text(source), frozenset(imported_modules(source))


def left_out(module: str, without: Set[str]) -> bool:
    """Whether a module, or a package below `benchmarks` that holds it, is among those left out."""
    parts = module.split(".")
    packages = {".".join(parts[: i + 1]) for i in range(1, len(parts))}
    return module in without or bool(packages & without)
