"""`acsbench export`: a benchmark for other frameworks."""

from pathlib import Path
from typing import Literal

from benchmarks.commands.app import PARAMETERS, USE, ParameterFile, app
from benchmarks.configuration import read_parameters


@app.command(group=USE)
def export(
    form: Literal["nnunet", "coco", "folders"], benchmark: str, /, *, out: Path, params: ParameterFile = PARAMETERS
) -> None:
    """Write a benchmark for nnU-Net, as COCO or as folders.

    Images, masks and folds, at native size.

    The benchmark's dataset must be prepared and its folds drawn (`dvc repro split@BENCHMARK`). What was trained on an
    export comes back by `acsbench submit`.

    Args:
        form: nnunet (its raw format, with our folds as splits_final.json), coco (JSON) or folders (PNG files, tables).
        benchmark: Its name in params.yaml.
        out: The folder to write, not there yet or empty; for nnU-Net below nnUNet_raw, such as Dataset501_BUSI.
    """
    parameters = read_parameters(params)
    parameters.benchmark(benchmark)
    from benchmarks.exporting.write import export

    count = export(parameters, form, benchmark, out)
    print(f"{out}: {count} cases of {benchmark}; README.txt says what is what.")
