"""The jobs in one list, by the names that `--jobs` takes."""

from pathlib import Path

from benchmarks.measuring.speed.asked import Plan
from benchmarks.measuring.speed.images import write_images
from benchmarks.measuring.speed.side_by_side import side_by_side_job
from benchmarks.measuring.speed.steps import step_job, validation_job
from benchmarks.measuring.speed.turns import Job


def jobs_of(plan: Plan, folder: Path) -> list[Job]:
    """Those that were asked for, the shortest groups first; writes the image files that they need.

    Args:
        folder: for whatever they write.
    """
    asked, settings = plan.asked, plan.settings
    reference, jobs = settings.parameters.reference, []
    sizes = {
        model: asked.sizes if settings.device.type != "cpu" or model == reference else asked.sizes[:1]
        for model in plan.models
    }
    if {"steps", "validation"} & set(asked.jobs):
        write_images(settings.folder, asked.image_count)
    if "steps" in asked.jobs:
        jobs += [step_job(settings, model, size) for model, chosen in sizes.items() for size in chosen]
    if "steps" in asked.jobs and settings.device.type == "cpu" and plan.threads > 1:
        chosen = sizes.get(reference, ())
        jobs += [side_by_side_job(settings, reference, size, plan.threads) for size in chosen]
    if "validation" in asked.jobs:
        jobs += [validation_job(settings, reference, size) for size in asked.sizes]
    if {"scoring", "verify", "growth", "predict"} & set(asked.jobs):
        from benchmarks.measuring.speed import (  # SciPy, which a bare machine lacks
            growth,
            predicting,
            scoring,
            verifying,
        )

        if "scoring" in asked.jobs:
            jobs.append(scoring.scoring_job(asked.mask_count, asked.repetitions))
        if "verify" in asked.jobs:
            jobs += verifying.verify_jobs(Path(), plan.threads, asked.command_repetitions)
        if "growth" in asked.jobs:
            jobs += growth.growth_jobs(folder / "growth", list(asked.cases), asked.command_repetitions)
        if "predict" in asked.jobs:
            jobs += predicting.predict_jobs(folder / "predict", list(asked.predicted), asked.command_repetitions)
    return jobs
