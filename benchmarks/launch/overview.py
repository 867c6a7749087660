"""What a launch would do and what that costs, as text."""

from benchmarks.configuration import Parameters
from benchmarks.launch.cost import hours_of
from benchmarks.launch.plan import Planned

WORDS = {
    "kept": "kept",
    "entered": "kept, in reports/",
    "new": "new",
    "unknown": "new or kept, known once its code is measured and its data prepared",
}


def overview(parameters: Parameters, plan: list[Planned], workers: int | None) -> str:
    """A line for every run: where it stands and its hours, with their source; then what all of them take."""
    width = max(len(planned.run.name) for planned in plan)
    lines, total, unknown = [], 0.0, 0
    for planned in plan:
        lines.append(f"{planned.run.name:{width}}  {standing(planned)}")
        if planned.waits:
            hours, source = hours_of(parameters, planned)
            lines[-1] += f"; {'hours unknown' if hours is None else f'{hours:.2f} h'} ({source})"
            total, unknown = total + (hours or 0), unknown + (hours is None)
        if planned.note:
            lines.append(f"{'':{width}}  {planned.note}")
    waiting = sum(planned.waits for planned in plan)
    lines.append(f"{len(plan)} runs, {len(plan) - waiting} of them kept, {waiting} to train: {total:.2f} h")
    if workers and total:
        lines[-1] += (
            f", {total / min(workers, max(1, waiting)):.2f} h by the clock if {workers} workers do not slow each other"
        )
    if unknown:
        lines[-1] += f"; and {unknown} runs of unknown cost (`acsbench speed` measures a network)"
    return "\n".join(lines)


def standing(planned: Planned) -> str:
    if planned.state == "resumed":
        return f"resumed after epoch {planned.epochs_done} of {planned.run.epochs}"
    return WORDS[planned.state]
