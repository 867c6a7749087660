"""`dvc.yaml` from `params.yaml` and `dvc.yaml.jinja`: `python -m benchmarks.pipeline [--check | --stop]`."""

import argparse
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmarks.configuration import Parameters, read_parameters
from benchmarks.datasets.phantom import PHANTOM
from benchmarks.errors import UserError, entry_point
from benchmarks.pipeline.code import code
from benchmarks.pipeline.studies import read_studies, readers

PIPELINE = Path("dvc.yaml")
COMMAND = "python -m benchmarks.pipeline"


def pipeline_text(parameters: Parameters) -> str:
    """The text of `dvc.yaml`.

    Raises:
        UserError: see `read_studies` and `code`.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("dvc.yaml.jinja").render(
        studies=read_studies(parameters), code=code, readers=readers(), generated=PHANTOM.read.__module__
    )


def write_pipeline(root: Path) -> bool:
    """Write `dvc.yaml` where it is out of step; whether it was."""
    path, text = root / PIPELINE, pipeline_text(read_parameters(root / "params.yaml"))
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    path.write_text(text, encoding="utf-8", newline="\n")
    return True


def check_pipeline(root: Path) -> None:
    """Raises `UserError` where `dvc.yaml` is out of step."""
    path = root / PIPELINE
    found = path.read_text(encoding="utf-8") if path.is_file() else ""
    if found != pipeline_text(read_parameters(root / "params.yaml")):
        raise UserError(f"{path}: out of step with params.yaml or the code's imports. Run `{COMMAND}`.")


@entry_point
def main() -> None:
    parser = argparse.ArgumentParser(prog=COMMAND, description="Write dvc.yaml from params.yaml.")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--check", action="store_true", help="write nothing; fail where it is out of step")
    choice.add_argument("--stop", action="store_true", help="fail after writing: DVC goes on with the dvc.yaml it read")
    arguments = parser.parse_args()
    if arguments.check:
        check_pipeline(Path())
    elif write_pipeline(Path()):
        if arguments.stop:
            raise UserError(
                "dvc.yaml did not fit params.yaml. It has been written anew: run the same dvc command again."
            )
        print("dvc.yaml has been written anew.")
