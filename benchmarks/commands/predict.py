"""Trained networks on a user's own images."""

import sys
from pathlib import Path

from benchmarks.commands.app import PARAMETERS, USE, ParameterFile, app
from benchmarks.configuration import read_parameters


@app.command(group=USE)
def predict(
    model: str,
    images: list[Path],
    /,
    *,
    out: Path,
    benchmark: str | None = None,
    weights: Path | None = None,
    fold: int | None = None,
    params: ParameterFile = PARAMETERS,
) -> None:
    """Predict lesion and malignancy in your own images.

    For research, not for diagnosis.

    Leaves in the folder: masks/ and overlays/, a PNG file for each image at its own size, and predictions.csv with the
    probability of malignancy, its least and greatest over the networks, the mask's area, and a note where the image is
    unlike those that the networks were trained on. What is no image is refused by name and the rest goes on; the exit
    status is then 1. A call that was interrupted goes on where it stopped when it is given again.

    Args:
        model: MODEL or BENCHMARK/MODEL, as in params.yaml.
        images: Files (PNG, JPEG, BMP, TIFF, DICOM) or folders of them.
        out: Folder for what is predicted.
        benchmark: That the networks were trained on, where MODEL alone does not say it.
        weights: Folder of exported weights; else weights/ of this repository, then runs/.
        fold: Of the networks, that of this fold alone; else the mean of all.
    """
    parameters = read_parameters(params)
    from benchmarks.prediction.names import check_images, read_name

    benchmark, model = read_name(model, benchmark, parameters)
    check_images(images)
    from benchmarks.prediction.predict import predict

    outcome = predict(parameters, benchmark, model, images, out, weights=weights, fold=fold)
    kept = f" ({outcome.kept} more were there already)" if outcome.kept else ""
    print(
        f"{outcome.predicted} images predicted{kept}, {len(outcome.refused)} files refused: {out / 'predictions.csv'}"
    )
    sys.exit(1 if outcome.refused else 0)
