"""The keys of params.yaml as a page: what each may be, its default and its meaning, from the JSON schema."""

from typing import Any

from benchmarks.configuration.ranges import ANY_NUMBER, OPTIONS
from benchmarks.configuration.schema import parameters_schema

HEAD = """\
# params.yaml, key by key

Written by `acsbench reference` from `benchmarks/configuration/`; `params.schema.json` says the same to editors. What is
outside is refused by name before anything starts. A piece of a recipe is a mapping with a `name` and the options that
the piece of that name takes: a wrong one is answered by the known ones.
"""
OPTIONS_HEAD = f"""
## Options of pieces
A number that an option gives, whichever piece has it, must lie in its interval (a round bracket: the end is outside),
one that is not listed in {ANY_NUMBER}.

| option | interval |
|---|---|
"""
LIMITS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
    "multipleOf": "a multiple of {}",
}


def reference_text() -> str:
    """The content of docs/reference/parameters.md."""
    schema = parameters_schema()
    sections = [("params.yaml", schema), *sorted(schema["$defs"].items())]
    options = "".join(f"| `{name}` | {interval} |\n" for name, interval in OPTIONS.items())
    return HEAD + "".join(section(name, mapping) for name, mapping in sections) + OPTIONS_HEAD + options


def section(name: str, mapping: dict[str, Any]) -> str:
    """A mapping's heading, its sentence and a table of its keys."""
    required = set(mapping.get("required", ()))
    rows = "".join(row(key, value, key in required) for key, value in mapping["properties"].items())
    title = name if name == "params.yaml" else f"`{name}`"
    return f"\n## {title}\n{mapping['description']}\n\n| key | may be | default | meaning |\n|---|---|---|---|\n{rows}"


def row(key: str, value: dict[str, Any], required: bool) -> str:
    default = "required" if required else said_default(value.get("default"))
    return f"| `{key}` | {said(value)} | {default} | {value['description']} |\n"


def said_default(value: Any) -> str:
    """A default as YAML has it."""
    if value in (None, "", [], {}):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def said(value: dict[str, Any]) -> str:
    """In words what a value may be."""
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in value and "type" not in value:
        ways = " or ".join(said(one) for one in value["anyOf"] if one != {"type": "null"})
        return ways + "".join(f" ({text})" for text in told(value))
    if "enum" in value or value["type"] == "boolean":
        return " or ".join(f"`{one}`" for one in value.get("enum", ("true", "false")))
    if "const" in value:
        return "".join(told(value)) or f"`{value['const']}`"
    return KINDS[value["type"]](value)


def said_number(value: dict[str, Any]) -> str:
    kind = "whole number" if value["type"] == "integer" else "number"
    limits = [text.format(f"{value[name]:,}") for name, text in LIMITS.items() if name in value]
    return ", ".join([kind, *limits, *told(value)])


def said_list(value: dict[str, Any]) -> str:
    return f"list of {said(value['items'])}" + "".join(f" ({text})" for text in told(value))


def said_mapping(value: dict[str, Any]) -> str:
    if isinstance(inner := value.get("additionalProperties"), dict):
        return f"mapping of names to {said(inner)}"
    return "piece: a mapping with a `name`" if "name" in value.get("required", ()) else "mapping"


def told(value: dict[str, Any]) -> list[str]:
    """What `ranges.py` says to people of a condition that is beyond the schema's own words."""
    return [value["$comment"].replace("<", "&lt;")] if "$comment" in value else []


KINDS = {
    "integer": said_number,
    "number": said_number,
    "array": said_list,
    "object": said_mapping,
    "string": lambda value: ": ".join(["text", *told(value)]),
}
