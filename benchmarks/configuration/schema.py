"""The JSON schema of params.yaml, for editors: they complete keys and mark what does not fit while one writes."""

import json
from typing import Any

DRAFT = "http://json-schema.org/draft-07/schema#"  # what every editor's YAML support knows


def schema_text() -> str:
    """The content of params.schema.json."""
    return json.dumps(parameters_schema(), indent=1) + "\n"


def parameters_schema() -> dict[str, Any]:
    from pydantic import TypeAdapter
    from pydantic.json_schema import GenerateJsonSchema

    from benchmarks.configuration.declared import Parameters

    class Untitled(GenerateJsonSchema):
        """Without a title for every key, which would repeat it."""

        def field_title_should_be_set(self, schema: Any) -> bool:
            return False

    schema = TypeAdapter(Parameters).json_schema(schema_generator=Untitled)
    for mapping in (schema, *schema["$defs"].values()):
        mapping["additionalProperties"] = False  # as the reader is told when it reads
    return {"$schema": DRAFT} | schema
