"""The figures of a benchmark in one list, each with what it reads."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from matplotlib.figure import Figure

from benchmarks.reporting.figures.contact_sheet import contact_sheet_finding, draw_contact_sheet
from benchmarks.reporting.figures.decision_curve import decision_curve_finding, draw_decision_curve
from benchmarks.reporting.figures.dice_distribution import dice_distribution_finding, draw_dice_distribution
from benchmarks.reporting.figures.differences import differences_finding, draw_differences
from benchmarks.reporting.figures.forensics import draw_forensics, forensics_finding
from benchmarks.reporting.figures.leakage import draw_leakage, leakage_finding
from benchmarks.reporting.figures.learning_curve import draw_learning_curve, learning_curve_finding
from benchmarks.reporting.figures.material import Material
from benchmarks.reporting.figures.profiles import draw_profiles, profiles_finding
from benchmarks.reporting.figures.ranking import draw_ranking, ranking_finding
from benchmarks.reporting.figures.ranks import (
    critical_difference_finding,
    draw_critical_difference,
    draw_rank_shares,
    rank_shares_finding,
)
from benchmarks.reporting.figures.reliability import draw_reliability, reliability_finding
from benchmarks.reporting.figures.roc import draw_roc, roc_finding
from benchmarks.reporting.figures.selection import draw_selection, selection_finding
from benchmarks.reporting.figures.strata import draw_strata, strata_finding
from benchmarks.reporting.figures.training_curves import (
    draw_network,
    draw_training_curves,
    network_finding,
    training_curves_finding,
)

CASES, CURVES, TRUTH = "cases/{benchmark}/*.csv", "curves/{benchmark}/*.csv", "truth/{benchmark}.parquet"
PREDICTIONS = "predictions/{benchmark}/*.parquet"


@dataclass(frozen=True)
class Listed:
    """A figure, by the name of its files without ending."""

    name: str
    draw: Callable[[Material], Figure | None]  # `None`: there is nothing to draw
    finding: Callable[[Material], str]  # what it shows, in words and numbers; of the same data
    tables: tuple[str, ...] = ()  # the stored tables that it reads; without one of them there is no figure
    results: tuple[str, ...] = ()  # the other files that it reads below `reports/`, as patterns

    @property
    def module(self) -> str:
        """The name of the module that draws it."""
        return getattr(self.draw, "func", self.draw).__module__


FIGURES = (
    Listed("ranking", draw_ranking, ranking_finding, tables=("scores",)),
    Listed(
        "critical_difference", draw_critical_difference, critical_difference_finding, tables=("critical_difference",)
    ),
    Listed("rank_shares", draw_rank_shares, rank_shares_finding, tables=("rank_shares",)),
    Listed("differences", draw_differences, differences_finding, tables=("differences",)),
    Listed("forensics", draw_forensics, forensics_finding, tables=("forensics",)),
    Listed("selection", draw_selection, selection_finding, tables=("scores",)),
    Listed("leakage", draw_leakage, leakage_finding, tables=("leakage",)),
    Listed("learning_curve", draw_learning_curve, learning_curve_finding, tables=("learning_curve",)),
    Listed("contact_sheet", draw_contact_sheet, contact_sheet_finding, results=(CASES, PREDICTIONS, TRUTH)),
    Listed("dice_distribution", draw_dice_distribution, dice_distribution_finding, results=(CASES,)),
    Listed("strata", draw_strata, strata_finding, tables=("strata",)),
    Listed("roc", draw_roc, roc_finding, tables=("scores",), results=(CASES,)),
    Listed("reliability", draw_reliability, reliability_finding, tables=("reliability",)),
    Listed("profiles", draw_profiles, profiles_finding, tables=("profiles",)),
    Listed("decision_curve", draw_decision_curve, decision_curve_finding, tables=("decision_curve",)),
    Listed("training_curves", draw_training_curves, training_curves_finding, results=(CURVES,)),
)


def figures_of(material: Material) -> list[Listed]:
    """The figures that a benchmark can have: of its tables, and one for each network that has curves."""
    curves = material.results.curves
    networks = [] if curves.empty else curves["model"].unique()
    listed = [figure for figure in FIGURES if set(figure.tables) <= material.tables.keys()]
    for model in networks:
        entry = material.names.entry(model)
        curves_file = CURVES.replace("*", entry)
        listed.append(
            Listed(
                f"networks/{entry}",
                partial(draw_network, model=model),
                partial(network_finding, model=model),
                results=(curves_file,),
            )
        )
    return listed
