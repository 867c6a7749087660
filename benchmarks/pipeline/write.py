"""`dvc.yaml` from `params.yaml` and `dvc.yaml.jinja` (`acsbench pipeline`)."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmarks.configuration import Parameters, read_parameters
from benchmarks.configuration.stages import PIPELINE
from benchmarks.datasets.phantom import PHANTOM
from benchmarks.errors import UserError
from benchmarks.pipeline.code import code
from benchmarks.pipeline.studies import read_studies, readers


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
        raise UserError(f"{path}: out of step with params.yaml or the code's imports. Run `acsbench pipeline`.")
