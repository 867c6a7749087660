"""What the studies of `params.yaml` ask the pipeline for: cells, benchmarks to compare, pages, links between them."""

from dataclasses import dataclass

from benchmarks.configuration import Benchmark, Parameters
from benchmarks.datasets import DATASETS, find_dataset
from benchmarks.datasets.phantom import PHANTOM
from benchmarks.errors import UserError
from benchmarks.pipeline.code import code, modules_of
from benchmarks.protocols.external import check_external, external_name
from benchmarks.reporting.page.links import FRONT, page_of
from benchmarks.reporting.twins import twin_of
from benchmarks.reporting.weights import weight_pairs

MANIFESTS = "benchmarks/datasets/manifests"


@dataclass(frozen=True)
class Studies:
    """All in the order in which `params.yaml` names them."""

    datasets: dict[str, list[str]]  # to download and prepare, each with the files of its own, as many for each
    benchmarks: dict[str, str]  # to split, each with its dataset
    cells: dict[str, tuple[str, str]]  # to train, by name, each with its benchmark and model
    folds: dict[str, str]  # by benchmark: those to train, as an option of the command; empty for all
    compared: dict[str, str]  # to score and compare, each with its grouped twin, or itself where it has none
    points: dict[str, list[str]]  # by these: the points of its learning curve, filled up with itself, as many for each
    scored: list[str]  # to score: those to compare and the points of learning curves
    demonstration: list[str]  # of these, those on generated images: not in git, with pages of their own
    front: list[str]  # of these, those on the front page
    paged: list[str]  # of these, those with pages of their own
    models: dict[str, list[str]]  # by benchmark
    conclusive: list[str]  # the benchmarks whose conclusion stands on the front page
    external: dict[str, tuple[str, int]]  # other datasets to test on, by dataset and image size
    tested: dict[str, list[str]]  # benchmarks to test on them, each with the names of these, as many for each

    @property
    def places_of_points(self) -> list[int]:
        """The places in the lists of points, the same for each benchmark."""
        return list(range(len(next(iter(self.points.values()), []))))

    @property
    def pictured(self) -> list[str]:
        """The datasets whose pictures are compared: those trained on and those tested on."""
        found = {*(self.benchmarks[name] for name in self.tested), *(dataset for dataset, _ in self.external.values())}
        return [name for name in (*self.datasets, PHANTOM.name) if name in found]

    @property
    def shown_external(self) -> list[str]:
        """What pages read of tests on other datasets."""
        results = ("figures", "overlap.csv", "overlap_nearest.csv", "tables")
        return [f"reports/external/{name}" for name in results] if self.tested else []

    @property
    def published(self) -> list[str]:
        """The benchmarks whose results are in git."""
        return [name for name in self.compared if name not in self.demonstration]


def read_studies(parameters: Parameters) -> Studies:
    """The studies as the pipeline needs them.

    Raises:
        UserError: a study's benchmark needs a dataset that is not prepared.
    """
    benchmarks = {b: dataset for study in parameters.studies.values() for b, dataset in study.benchmarks.items()}
    for benchmark, dataset in benchmarks.items():
        if dataset not in [*parameters.datasets, PHANTOM.name]:
            raise UserError(
                f"params.yaml: studies: {benchmark} needs {dataset}, which is not prepared. Add it to `datasets`."
            )
    compared = [b for study in parameters.studies.values() if study.has_pages for b in study.benchmarks]
    points = {b: parameters.points_of(b) for b in compared}
    demonstration = [b for b in compared if benchmarks[b] == PHANTOM.name]
    published = [b for b in compared if b not in demonstration]
    named = {name: place for place, name in enumerate(parameters.front_page)}
    front = sorted((b for b in published if page_of(b, parameters) == FRONT), key=lambda b: named.get(b, len(named)))
    paged = [b for b in published if b not in front]
    return Studies(
        datasets=of_one_length({name: files_of(name) for name in parameters.datasets}),
        benchmarks=benchmarks,
        cells={
            f"{benchmark}-{model}": (benchmark, model)
            for study in parameters.studies.values()
            for benchmark in study.benchmarks
            for model in study.models
        },
        folds={b: folds_option(parameters.benchmark(b)) for b in benchmarks},
        compared={b: twin if (twin := twin_of(b, parameters)) in compared else b for b in compared},
        points=of_one_length({b: [*own, b] for b, own in points.items()}) if any(points.values()) else {},
        scored=[*compared, *(point for own in points.values() for point in own)],
        demonstration=demonstration,
        front=front,
        paged=paged,
        models={b: study.models for study in parameters.studies.values() for b in study.benchmarks},
        conclusive=[b for b in paged if weight_pairs(b, parameters)],
        external={name: pair for b in published for name, pair in external_of(b, parameters).items()},
        tested=of_one_length({b: list(own) for b in published if (own := external_of(b, parameters))}),
    )


def external_of(name: str, parameters: Parameters) -> dict[str, tuple[str, int]]:
    """The datasets that a benchmark is tested on beside its own, at its image size.

    Raises:
        UserError: see `protocols.external.check_external`; or one is not prepared.
    """
    check_external(name, parameters)
    benchmark = parameters.benchmark(name)
    for dataset in benchmark.test_on:
        if dataset not in parameters.datasets:
            raise UserError(f"params.yaml: benchmarks.{name}.test_on: {dataset} is not prepared. Add it to `datasets`.")
    size = benchmark.image_size
    return {external_name(dataset, size): (dataset, size) for dataset in benchmark.test_on}


def folds_option(benchmark: Benchmark) -> str:
    return "" if benchmark.trained_folds is None else f" --folds {' '.join(map(str, benchmark.folds))}"


def files_of(dataset: str) -> list[str]:
    """A dataset's own files: its reader, which names its sources, its manifest, and whatever else the reader needs.

    The reader stands for a manifest that there is not.
    """
    found = find_dataset(dataset)
    reader, *others = code(found.read.__module__, without=shared_modules())
    return [reader, f"{MANIFESTS}/{found.manifest}.csv" if found.manifest else reader, *others]


def readers() -> set[str]:
    return {dataset.read.__module__ for dataset in DATASETS.values()}


def shared_modules() -> set[str]:
    """What the readers of the datasets share."""
    return set(modules_of(readers())) - readers()


def of_one_length(lists: dict[str, list[str]]) -> dict[str, list[str]]:
    """Lists filled up with their last entry: DVC takes from a list by place."""
    length = max(map(len, lists.values()), default=0)
    return {name: entries + entries[-1:] * (length - len(entries)) for name, entries in lists.items()}
