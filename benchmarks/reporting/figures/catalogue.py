"""The figures of a benchmark in one list, each with what it reads."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from matplotlib.figure import Figure

from benchmarks.reporting.figures.contact_sheet import draw_contact_sheet
from benchmarks.reporting.figures.decision_curve import draw_decision_curve
from benchmarks.reporting.figures.dice_distribution import draw_dice_distribution
from benchmarks.reporting.figures.differences import draw_differences
from benchmarks.reporting.figures.forensics import draw_forensics
from benchmarks.reporting.figures.leakage import draw_leakage
from benchmarks.reporting.figures.material import Material
from benchmarks.reporting.figures.profiles import draw_profiles
from benchmarks.reporting.figures.ranking import draw_ranking
from benchmarks.reporting.figures.ranks import draw_critical_difference, draw_rank_shares
from benchmarks.reporting.figures.reliability import draw_reliability
from benchmarks.reporting.figures.roc import draw_roc
from benchmarks.reporting.figures.selection import draw_selection
from benchmarks.reporting.figures.strata import draw_strata
from benchmarks.reporting.figures.training_curves import draw_network, draw_training_curves

CASES, CURVES, TRUTH = "cases/{benchmark}/*.csv", "curves/{benchmark}/*.csv", "truth/{benchmark}.parquet"
PREDICTIONS = "predictions/{benchmark}/*.parquet"


@dataclass(frozen=True)
class Listed:
    """A figure, by the name of its files without ending."""

    name: str
    draw: Callable[[Material], Figure | None]  # `None`: there is nothing to draw
    tables: tuple[str, ...] = ()  # the stored tables that it reads; without one of them there is no figure
    results: tuple[str, ...] = ()  # the other files that it reads below `reports/`, as patterns

    @property
    def module(self) -> str:
        """The name of the module that draws it."""
        return getattr(self.draw, "func", self.draw).__module__


FIGURES = (
    Listed("ranking", draw_ranking, tables=("scores",)),
    Listed("critical_difference", draw_critical_difference, tables=("critical_difference",)),
    Listed("rank_shares", draw_rank_shares, tables=("rank_shares",)),
    Listed("differences", draw_differences, tables=("differences",)),
    Listed("forensics", draw_forensics, tables=("forensics",)),
    Listed("selection", draw_selection, tables=("scores",)),
    Listed("leakage", draw_leakage, tables=("leakage",)),
    Listed("contact_sheet", draw_contact_sheet, results=(CASES, PREDICTIONS, TRUTH)),
    Listed("dice_distribution", draw_dice_distribution, results=(CASES,)),
    Listed("strata", draw_strata, tables=("strata",)),
    Listed("roc", draw_roc, results=(CASES,)),
    Listed("reliability", draw_reliability, tables=("reliability",)),
    Listed("profiles", draw_profiles, tables=("profiles",)),
    Listed("decision_curve", draw_decision_curve, tables=("decision_curve",)),
    Listed("training_curves", draw_training_curves, results=(CURVES,)),
)


def figures_of(material: Material) -> list[Listed]:
    """The figures that a benchmark can have: of its tables, and one for each network that has curves."""
    curves = material.results.curves
    networks = [] if curves.empty else curves["model"].unique()
    listed = [figure for figure in FIGURES if set(figure.tables) <= material.tables.keys()]
    for model in networks:
        entry = material.names.entry(model)
        curves_file = CURVES.replace("*", entry)
        listed.append(Listed(f"networks/{entry}", partial(draw_network, model=model), results=(curves_file,)))
    return listed
