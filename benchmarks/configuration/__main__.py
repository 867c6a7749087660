"""`python -m benchmarks.configuration` prints the validated parameters as JSON, `--schema` the JSON schema."""

import argparse
import dataclasses
import json
from pathlib import Path

from benchmarks.configuration import PARAMETERS, read_parameters
from benchmarks.configuration.schema import schema_text
from benchmarks.errors import entry_point


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.configuration",
        description="Print the validated parameters as JSON, for machines without a YAML reader or pydantic: every "
        "command that takes --params reads that file as well.",
    )
    parser.add_argument("--params", default=PARAMETERS, type=Path, help="the file to read (default: params.yaml)")
    parser.add_argument(
        "--schema", action="store_true", help="print the JSON schema instead (the content of params.schema.json)"
    )
    arguments = parser.parse_args()
    if arguments.schema:
        print(schema_text(), end="")
    else:
        print(json.dumps(dataclasses.asdict(read_parameters(arguments.params)), indent=1))


if __name__ == "__main__":
    entry_point(main)()
