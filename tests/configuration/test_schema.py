"""The schema that editors read is that of the code."""

import dataclasses

import pytest

from benchmarks.configuration.declared import Parameters, Training
from benchmarks.configuration.schema import parameters_schema, schema_text


def test_the_committed_schema_is_in_step(repository):
    """If not: acsbench configuration --schema > params.schema.json."""
    assert (repository / "params.schema.json").read_text() == schema_text()


def test_the_parameters_name_their_schema_to_editors(repository):
    first = (repository / "params.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=params.schema.json"


@pytest.fixture(scope="module")
def schema() -> dict:
    return parameters_schema()


def test_unknown_keys_are_marked_and_known_ones_completed(schema):
    assert set(schema["properties"]) == {field.name for field in dataclasses.fields(Parameters)}
    training = schema["$defs"]["Training"]
    assert set(training["properties"]) == {field.name for field in dataclasses.fields(Training)}
    assert training["required"] == [name for name in training["properties"] if name != "precision"]  # has a default
    assert all(mapping["additionalProperties"] is False for mapping in (schema, *schema["$defs"].values()))


def test_every_key_and_section_has_a_meaning(schema):
    for name, mapping in {"all": schema, **schema["$defs"]}.items():
        assert mapping["description"].endswith("."), name
        for key, value in mapping["properties"].items():
            assert value["description"].rstrip(".` "), f"{name}.{key}"
    assert schema["$defs"]["Training"]["properties"]["recipe"]["description"] == "A name of `recipes`."


def test_conditions_are_told_in_words(schema):
    of = {name: mapping["properties"] for name, mapping in schema["$defs"].items()}
    assert of["Training"]["seeds"]["$comment"] == "at least one seed, each once"
    assert of["Model"]["network"]["$comment"] == "module:Class, such as baselines.unet:UNet"
    assert "$comment" not in of["Training"]["epochs"]  # JSON schema has words for that


def test_ranges_and_choices_are_told(schema):
    of = {name: mapping["properties"] for name, mapping in schema["$defs"].items()}
    assert of["Training"]["epochs"]["minimum"] == 1
    assert of["Training"]["seeds"]["uniqueItems"] is True
    assert of["Benchmark"]["image_size"]["multipleOf"] == 32
    assert of["Benchmark"]["classes"]["const"] == ["benign", "malignant"]
    assert of["Split"]["rule"]["enum"] == ["grouped_stratified", "stratified", "released"]
    assert of["Engine"]["hours_limit"]["exclusiveMinimum"] == 0
    assert of["Recipe"]["optimiser"]["required"] == ["name"]
