"""A file of parameters as plain values: YAML, or JSON by its ending."""

import json
from pathlib import Path
from typing import Any

from benchmarks.errors import UserError


def read_document(path: Path) -> Any:
    """What stands in a file.

    Raises:
        UserError: the file is missing, not readable, not valid, or a key stands twice in one mapping.
    """
    if not path.is_file():
        raise UserError(f"{path}: not found. Run the command in the repository's root, or name the file with --params.")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not readable as text: {error}") from error
    return parse_json(text, path) if path.suffix == ".json" else parse_yaml(text, path)


def parse_json(text: str, path: Path) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: not valid JSON: {error}") from error


def parse_yaml(text: str, path: Path) -> Any:
    try:
        import yaml
    except ModuleNotFoundError as error:  # a bare training machine
        raise UserError(
            f"{path}: there is no YAML reader here. Where PyYAML is installed, run `acsbench configuration "
            "> params.json`, and give that file with --params."
        ) from error
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)  # libyaml's is ten times as fast
    try:
        node = loader.get_single_node()
        check_keys_once(node, path, set())
        return None if node is None else loader.construct_document(node)
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, RecursionError) as error:
        # PyYAML lets through what Python says of an impossible date or of `!!int x`.
        raise UserError(f"{path}: not valid YAML: {error}") from error
    finally:
        loader.dispose()


def check_keys_once(node: Any, path: Path, seen: set[int]) -> None:
    """YAML takes the last of two like keys without a word; `node` is what its composer made of the file."""
    if node is None or node.id == "scalar" or id(node) in seen:
        return
    seen.add(id(node))  # an alias (`*name`) is the same node once more, perhaps within itself
    lines: dict[str, int] = {}
    for part in node.value:
        if node.id == "mapping":
            key, line = str(part[0].value), part[0].start_mark.line + 1
            if key in lines:
                raise UserError(f"{path}: {key} stands twice, in lines {lines[key]} and {line}. Remove or rename one.")
            lines[key] = line
        check_keys_once(part[1] if node.id == "mapping" else part, path, seen)
