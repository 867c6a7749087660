"""The tables of docs/scaling.md: what the full benchmarks cost, from params.yaml, their folds and what was measured."""

from pathlib import Path

import pandas as pd

from benchmarks.configuration import Parameters
from benchmarks.errors import UserError
from benchmarks.launch.cost import FORWARD, IMAGES_OF_A_STEP, SPEED, cases_of
from benchmarks.whole_files import write

PAGE = Path("docs/scaling.md")
MARKS = ("<!-- computed -->\n", "<!-- end -->\n")
# The full benchmarks, each with the study whose models it has, or with how many networks.
SUITE: dict[str, str | int] = {
    "busi": 30,
    "udiat": 30,
    "busi-released": 30,
    "udiat-released": 30,
    "busi-ablation": "ablation",
    "busi-balancing": "balancing",
    "busi-pretraining": "pretraining",
}
UDIAT, BUSI = 163, 647  # cases; UDIAT's folds cannot be drawn without its images, so its shares are BUSI's
CARDS = (1, 8, 64)
TENTH = 0.1  # seconds of a step
PRICE = 2.0  # of a GPU hour, in whatever currency: an assumption, for the reader to change


def markdown(rows: list[list[str]]) -> str:
    """A table; its first row is the head."""
    rule = ["---"] * len(rows[0])
    return "".join(f"| {' | '.join(row)} |\n" for row in [rows[0], rule, *rows[1:]])


def steps_of_a_run(parameters: Parameters, name: str) -> float:
    """Steps of eight images in an average run, evaluation counted by its cost."""
    benchmark = parameters.benchmark(name)
    of_busi = name.replace("udiat", "busi")
    counts = [cases_of(parameters, of_busi, fold) for fold in benchmark.folds]
    known = [count for count in counts if count is not None]
    if len(known) < len(counts):
        raise UserError(f"benchmarks/folds/{of_busi}.csv: expected the folds of {of_busi}, found none.")
    images = sum(trained + evaluated * FORWARD for trained, evaluated in known) / len(known)
    share = UDIAT / BUSI if benchmark.dataset == "udiat" else 1.0
    return benchmark.training.epochs * images * share / IMAGES_OF_A_STEP


def runs_of(parameters: Parameters, name: str) -> tuple[int, int]:
    """How many networks, and how many runs."""
    asked, benchmark = SUITE[name], parameters.benchmark(name)
    networks = asked if isinstance(asked, int) else len(parameters.studies[asked].models)
    return networks, networks * len(benchmark.folds) * len(benchmark.training.seeds)


def suite(parameters: Parameters) -> str:
    """Runs and steps of the full benchmarks, and hours for each tenth of a second that a step takes."""
    rows = [["benchmark", "networks", "runs", "steps a run", "million steps", *(f"hours on {n}" for n in CARDS)]]
    rows[0].append(f"at {PRICE:g} an hour")
    total_runs = total = 0.0
    for name in SUITE:
        networks, runs = runs_of(parameters, name)
        steps = steps_of_a_run(parameters, name)
        total_runs, total = total_runs + runs, total + runs * steps
        rows.append([f"`{name}`", f"{networks}", f"{runs}", f"{steps:.0f}", *in_hours(runs * steps)])
    rows.append(["all", "", f"{total_runs:.0f}", "", *in_hours(total)])
    return markdown(rows)


def in_hours(steps: float) -> list[str]:
    """Millions of steps, hours on each number of cards, and the price, which is the same on all."""
    hours = steps * TENTH / 3600
    return [f"{steps / 1e6:.2f}", *(f"{hours / cards:.1f}" for cards in CARDS), f"{hours * PRICE:.0f}"]


def measured(parameters: Parameters) -> str:
    """Seconds per step as measured, and what `busi` would take at them on the machine that they were measured on."""
    table = pd.read_csv(SPEED)
    job = table["job"].str.extract(r"^training step, (?P<model>\w+), (?P<size>\d+) px, (?P<precision>\w+)$")
    table = table.join(job).dropna(subset=["model"])
    busi = parameters.benchmark("busi")
    runs, steps = len(busi.folds) * len(busi.training.seeds), steps_of_a_run(parameters, "busi")
    rows = [["network", "pixels", "precision", "machine", "threads", "seconds a step", "hours a run", "hours"]]
    for row in table.sort_values(["size", "precision", "seconds"], kind="stable").to_dict("records"):
        hours = row["seconds"] * steps / 3600
        setting = [f"`{row['model']}`", row["size"], row["precision"]]
        place = [f"{row['machine']} ({row['device']})", f"{row['threads']}"]
        rows.append([*setting, *place, f"{row['seconds']:.3g}", f"{hours:.2f}", f"{hours * runs:.0f}"])
    return markdown(rows)


def computed(parameters: Parameters) -> str:
    """What stands between the page's marks."""
    return (
        "### Seconds per step of eight images, and what `busi` would take at them\n\n"
        + measured(parameters)
        + "\n### The full benchmarks, for each tenth of a second that a step takes\n\n"
        + suite(parameters)
    )


def with_tables(page: str, tables: str) -> str:
    """The page with other tables between its marks.

    Raises:
        UserError: a mark is missing.
    """
    before, first, rest = page.partition(MARKS[0])
    _, second, after = rest.partition(MARKS[1])
    if not first or not second:
        raise UserError(f"{PAGE}: expected the marks {MARKS[0].strip()} and {MARKS[1].strip()}.")
    return before + first + tables + second + after


def write_tables(parameters: Parameters) -> None:
    """Write both tables into the page, between its marks.

    Raises:
        UserError: the page has no such marks, or what the tables are made from is missing.
    """
    text = with_tables(PAGE.read_text(encoding="utf-8"), computed(parameters))
    write(PAGE, lambda partial: partial.write_text(text, encoding="utf-8"))
