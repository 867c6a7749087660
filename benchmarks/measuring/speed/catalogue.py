"""The jobs in one list, by the names that `--jobs` takes."""

import argparse
from pathlib import Path

from benchmarks.measuring.speed.images import write_images
from benchmarks.measuring.speed.side_by_side import side_by_side_job
from benchmarks.measuring.speed.steps import Settings, step_job, validation_job
from benchmarks.measuring.speed.turns import Job

GROUPS = ("steps", "validation", "scoring", "verify", "growth")


def jobs_of(arguments: argparse.Namespace, settings: Settings, folder: Path) -> list[Job]:
    """Those that were asked for, the shortest groups first; writes the image files that they need.

    Args:
        folder: for whatever they write.
    """
    reference, jobs = settings.parameters.reference, []
    sizes = {
        model: arguments.sizes if settings.device.type != "cpu" or model == reference else arguments.sizes[:1]
        for model in arguments.models
    }
    if {"steps", "validation"} & set(arguments.jobs):
        write_images(settings.folder, arguments.image_count)
    if "steps" in arguments.jobs:
        jobs += [step_job(settings, model, size) for model, chosen in sizes.items() for size in chosen]
    if "steps" in arguments.jobs and settings.device.type == "cpu" and arguments.threads > 1:
        chosen = [(model, size) for model, asked in sizes.items() if model == reference for size in asked]
        jobs += [side_by_side_job(settings, model, size, arguments.threads) for model, size in chosen]
    if "validation" in arguments.jobs:
        jobs += [validation_job(settings, reference, size) for size in arguments.sizes]
    if {"scoring", "verify", "growth"} & set(arguments.jobs):
        from benchmarks.measuring.speed import growth, scoring, verifying  # SciPy, which a bare machine lacks

        if "scoring" in arguments.jobs:
            jobs.append(scoring.scoring_job(arguments.masks, arguments.repetitions))
        if "verify" in arguments.jobs:
            jobs += verifying.verify_jobs(Path(), arguments.threads, arguments.command_repetitions)
        if "growth" in arguments.jobs:
            jobs += growth.growth_jobs(folder / "growth", arguments.cases, arguments.command_repetitions)
    return jobs
