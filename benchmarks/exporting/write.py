"""An export is written beside its place and moved there once it is whole."""

import os
import shutil
from pathlib import Path
from typing import Literal

from benchmarks.configuration import Parameters
from benchmarks.errors import UserError
from benchmarks.exporting import coco, folders, nnunet
from benchmarks.exporting.material import read_material
from benchmarks.whole_files import swap_in

Format = Literal["nnunet", "coco", "folders"]


def export(parameters: Parameters, form: Format, benchmark: str, out: Path) -> int:
    """Write a benchmark's images, masks and folds in the format of another framework; returns how many cases.

    Args:
        parameters: of params.yaml.
        form: `nnunet`, `coco` or `folders`.
        benchmark: its name in params.yaml.
        out: a folder that is not there yet, or empty.

    Raises:
        UserError: the folder holds something, or cannot be written; the benchmark is unknown or not prepared.
    """
    if form == "nnunet":
        nnunet.check_name(out)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UserError(f"--out {out}: expected a folder that is not there yet, or empty; it holds something.")
    material = read_material(parameters, benchmark)
    partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
    try:
        partial.mkdir(parents=True)
        if form == "nnunet":
            nnunet.write(material, partial, out)
        else:
            {"coco": coco, "folders": folders}[form].write(material, partial)
        swap_in(partial, out)
    except OSError as error:
        raise UserError(
            f"{out}: cannot be written: {error}. Nothing is left there. Free space or name another folder."
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return len(material.cases)
