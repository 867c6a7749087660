"""The JSON schema of params.yaml, for editors: they complete keys and mark what does not fit while one writes."""

import ast
import inspect
import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, get_args, get_type_hints

DRAFT = "http://json-schema.org/draft-07/schema#"  # what every editor's YAML support knows


def schema_text() -> str:
    """The content of params.schema.json."""
    return json.dumps(parameters_schema(), indent=1) + "\n"


def parameters_schema() -> dict[str, Any]:
    from pydantic import TypeAdapter
    from pydantic.json_schema import GenerateJsonSchema

    from benchmarks.configuration import declared

    class Untitled(GenerateJsonSchema):
        """Without a title for every key, which would repeat it."""

        def field_title_should_be_set(self, schema: Any) -> bool:
            return False

    schema = TypeAdapter(declared.Parameters).json_schema(schema_generator=Untitled)
    meanings = meanings_of(inspect.getsource(declared))
    for name, mapping in {"Parameters": schema, **schema["$defs"]}.items():
        mapping["additionalProperties"] = False  # as the reader is told when it reads
        for key, value in mapping["properties"].items():
            value["description"] = meanings[name][key]
        for key, hint in get_type_hints(getattr(declared, name), include_extras=True).items():
            if conditions := list(conditions_of(hint)):
                mapping["properties"][key]["$comment"] = "; ".join(conditions)
    return {"$schema": DRAFT} | schema


def conditions_of(hint: Any) -> Iterator[str]:
    """What an annotation asks for in words, where the words of JSON schema say it to no person."""
    yield from (condition.expected for condition in getattr(hint, "__metadata__", ()) if has_words(condition))
    for part in get_args(hint):
        yield from conditions_of(part)


def has_words(condition: Any) -> bool:
    return isinstance(getattr(condition, "expected", None), str)


def meanings_of(source: str) -> dict[str, dict[str, str]]:
    """The text below each attribute of a module's classes: `{class: {attribute: text}}`.

    pydantic can read them too, but would do so at every start, and only for dataclasses that are set up for it.
    """
    classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    return {
        node.name: {
            attribute.target.id: text.value.value
            for attribute, text in pairwise(node.body)
            if isinstance(attribute, ast.AnnAssign)
            and isinstance(attribute.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
            and isinstance(text.value.value, str)
        }
        for node in classes
    }
