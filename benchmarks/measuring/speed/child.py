"""One stage on made-up cases in a process of its own: `python -m benchmarks.measuring.speed.child <stage> <cases>`.

Works in the current folder, where `images/` holds image files, and on what the stages before have left there. Prints
the seconds of the stage and the most memory that the process has held, as JSON. Imports neither torch nor whatever
another stage needs, which would count as the stage's memory.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from benchmarks.measuring.machine import peak_memory

STAGES = ("prepare", "split", "score", "statistics")


def prepared(cases: int) -> float:
    """`benchmarks.datasets.prepare`: decoding and writing."""
    from benchmarks.datasets.prepare import prepare
    from benchmarks.datasets.prepared import PREPARED
    from benchmarks.measuring.speed.made_up import NAME, dataset_of

    dataset = dataset_of(cases, Path("images"))
    began = time.perf_counter()
    prepare(dataset, Path("images"), PREPARED / NAME)
    return time.perf_counter() - began


def split(cases: int) -> float:
    """`benchmarks.protocols.split`: folds and arrays."""
    from benchmarks.configuration import Benchmark, Normalisation, Selection, Split, Training
    from benchmarks.measuring.speed.made_up import NAME
    from benchmarks.protocols.split import write_benchmark

    benchmark = Benchmark(
        dataset=NAME,
        classes=["benign", "malignant"],
        image_size=64,
        normalisation=Normalisation(0.330, 0.204),
        split=Split("grouped_stratified", folds=3, seed=0, validation=0.15),
        selection=Selection("inner_validation"),
        scoring="standard",
        training=Training(epochs=6, batch_size=8, seeds=[0], encoder_weights="none", recipe="paper"),
    )
    began = time.perf_counter()
    write_benchmark(NAME, benchmark)
    return time.perf_counter() - began


def score(cases: int) -> float:
    """`benchmarks.scoring.score` of one model's predictions, in this process alone."""
    from benchmarks.measuring.speed.made_up import NAME
    from benchmarks.scoring.score import score_benchmark

    began = time.perf_counter()
    score_benchmark(NAME, progress=False)
    return time.perf_counter() - began


def statistics(cases: int) -> float:
    """Every stored table of two models, one seed."""
    from benchmarks.measuring import statistics

    results = statistics.made_up(models=2, seeds=1, folds=3, cases=cases, groups=cases)
    with tempfile.TemporaryDirectory() as folder:
        statistics.write_walk(results, Path(folder))
        began = time.perf_counter()
        statistics.measure(results, Path(folder))
        return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stage", choices=STAGES, help="which stage")
    parser.add_argument("cases", type=int, help="how many made-up cases")
    arguments = parser.parse_args()
    stages = dict(zip(STAGES, (prepared, split, score, statistics), strict=True))
    seconds = stages[arguments.stage](arguments.cases)
    print(json.dumps({"seconds": seconds, "memory": peak_memory()}))
    if arguments.stage == "split":  # what stands between it and scoring, and is not measured here: the training
        from benchmarks.measuring.speed.made_up import write_predictions

        write_predictions(Path())


if __name__ == "__main__":
    main()
