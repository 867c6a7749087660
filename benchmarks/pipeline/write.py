"""`dvc.yaml` from `params.yaml` and `dvc.yaml.jinja` (`acsbench pipeline`)."""

from pathlib import Path

import yaml
from dvc.utils.serialize import modify_yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmarks.configuration import Parameters, read_parameters
from benchmarks.configuration.stages import PIPELINE, stage_names
from benchmarks.datasets.phantom import PHANTOM
from benchmarks.errors import UserError
from benchmarks.pipeline.code import code
from benchmarks.pipeline.studies import read_studies, readers

LOCK = "dvc.lock"


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


def forget_gone_stages(root: Path) -> list[str]:
    """Take out of `dvc.lock` the stages that are neither in `dvc.yaml` any more nor have left anything; their names.

    A stage that has left something stays: whoever puts its study back shall not train anew.

    Raises:
        UserError: the lock is not in DVC's form.
    """
    path, known = root / LOCK, stage_names(root)
    if not path.is_file():
        return []
    try:
        locked = yaml.load(path.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))["stages"]
        left = {name: [out["path"] for out in stage.get("outs", [])] for name, stage in locked.items()}
    except (yaml.YAMLError, LookupError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not in DVC's form: {' '.join(str(error).split())}. Restore it with git.") from error
    gone = [name for name in left if name not in known and not any((root / out).exists() for out in left[name])]
    if gone:
        with modify_yaml(str(path)) as content:
            for name in gone:
                del content["stages"][name]
    return gone


def check_pipeline(root: Path) -> None:
    """Raises `UserError` where `dvc.yaml` is out of step."""
    path = root / PIPELINE
    found = path.read_text(encoding="utf-8") if path.is_file() else ""
    if found != pipeline_text(read_parameters(root / "params.yaml")):
        raise UserError(f"{path}: out of step with params.yaml or the code's imports. Run `acsbench pipeline`.")
