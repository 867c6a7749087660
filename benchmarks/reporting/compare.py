"""Tables and figures of a benchmark from its stored scores: `python -m benchmarks.reporting.compare <benchmark>`."""

import argparse
from pathlib import Path

from threadpoolctl import threadpool_limits
from tqdm import tqdm

from benchmarks.configuration import read_parameters
from benchmarks.errors import entry_point
from benchmarks.reporting.figures.contact_sheet import draw_contact_sheet
from benchmarks.reporting.figures.real_images import write_local
from benchmarks.reporting.figures.scores import all_figures, in_drawing_order
from benchmarks.reporting.figures.statistics import evidence_figures
from benchmarks.reporting.labels import dice_of
from benchmarks.reporting.results import read_results
from benchmarks.reporting.style import apply_style, save_figure
from benchmarks.reporting.tables.leakage import grouped_twin
from benchmarks.reporting.tables.scores import write_tables
from benchmarks.reporting.tables.statistics import write_evidence


@threadpool_limits.wrap(limits=1)  # sums in one order, so that last digits do not hang on the number of threads
def compare(benchmark: str, root: Path, output: Path) -> None:
    """Write a benchmark's tables and figures to `output`/tables/<b> and `output`/figures/<b>.

    Reads `root`/reports and `root`/params.yaml only: no data, no torch.

    Raises:
        UserError: see `results.read_results` and `statistics.panel.arrange`.
    """
    parameters = read_parameters(root / "params.yaml")
    settings = parameters.benchmark(benchmark)
    selection, scoring = settings.selection.rule, settings.scoring
    results = read_results(benchmark, root, parameters.reference)
    reference = parameters.reference_of(benchmark, results.models)
    tables = write_tables(results, output / "tables" / benchmark, selection, scoring, reference)
    twin = grouped_twin(results, root, parameters)
    tables |= write_evidence(results, root, output / "tables" / benchmark, selection, scoring, reference, twin)
    apply_style()
    drawn = in_drawing_order(results, selection, dice_of(scoring))
    figures = all_figures(drawn, tables, selection, scoring)
    figures |= evidence_figures(tables, selection, dice_of(scoring), drawn.models)
    figures["contact_sheet"] = lambda: draw_contact_sheet(drawn, root, selection, metric=dice_of(scoring))
    for name, draw in tqdm(figures.items(), desc=f"figures of {benchmark}", leave=False):
        if (figure := draw()) is not None:
            save_figure(figure, output / "figures" / benchmark / name)


@entry_point
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("benchmark", help="its name in params.yaml")
    arguments = parser.parse_args()
    compare(arguments.benchmark, Path(), Path("reports"))
    if write_local(arguments.benchmark, Path()):
        print(f"Real images for this machine alone: reports/local/{arguments.benchmark}/")


if __name__ == "__main__":
    main()
