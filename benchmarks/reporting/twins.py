"""Which benchmark differs from another in its split alone."""

import dataclasses

from benchmarks.configuration import Parameters


def twin_of(name: str, parameters: Parameters) -> str | None:
    """The benchmark that differs from an ungrouped one in its split alone, and keeps groups together."""
    own = parameters.benchmark(name)
    if own.split.rule == "grouped_stratified":
        return None
    for other, benchmark in parameters.benchmarks.items():
        split = dataclasses.replace(benchmark.split, rule=own.split.rule)
        like = dataclasses.replace(benchmark, split=split, description=own.description)
        if benchmark.split.rule == "grouped_stratified" and like == own:
            return other
    return None
