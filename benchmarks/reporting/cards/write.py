"""A card for every dataset and every model.

Dataset cards follow the headings of Gebru et al. 2021 (Datasheets for datasets), model cards those of Mitchell et al.
2019 (Model cards for model reporting). They hold what is on file and nothing else: the readers of the datasets and
their manifests, `params.yaml`, `docs/networks.md`, `reports/networks.csv` and the stored results. What nobody wrote
down is "not on file". Results on generated images are left out: they say nothing of a network, and are not in git.
"""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmarks.configuration import PARAMETERS, Parameters, read_parameters
from benchmarks.datasets import DATASETS
from benchmarks.reporting.cards.datasets import dataset_facts
from benchmarks.reporting.cards.models import model_facts, network_rows
from benchmarks.reporting.cards.results import result_part
from benchmarks.reporting.files import write_texts
from benchmarks.reporting.labels import GENERATED, is_external
from benchmarks.reporting.names import OWN_RECIPE, label_of
from benchmarks.reporting.results import read_results
from benchmarks.reporting.tables.printed import markdown

CARDS = Path("reports/cards")
TEMPLATES = Path(__file__).parent / "templates"


def all_cards(root: Path, params: Path = PARAMETERS) -> dict[str, str]:
    """Every card's text by its path below the folder of cards: `datasets/<d>.md`, `models/<m>.md` and `README.md`.

    Args:
        root: the repository root.
        params: the file of parameters, below the root unless its path is absolute.

    Raises:
        UserError: a file that the cards are made from is missing or damaged.
    """
    parameters = read_parameters(root / params)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["markdown"] = markdown
    datasets = {name: dataset for name, dataset in DATASETS.items() if dataset.sources or dataset.obtain}
    results = {name: read_results(name, root, parameters) for name in benchmarks_with_tables(parameters, root)}
    networks = network_rows(root)
    submitted = {model for stored in results.values() for model in stored.models if is_external(model)}
    models = [*parameters.models, *sorted(submitted)]
    evidence = {
        model: [part for name in results if (part := result_part(model, results[name], parameters, root))]
        for model in models
    }
    cards = {
        f"datasets/{name}.md": environment.get_template("dataset.md").render(dataset_facts(dataset, parameters, root))
        for name, dataset in datasets.items()
    }
    for model in models:
        facts = model_facts(model, parameters, networks)
        facts |= {"parts": evidence[model], "label": label_of(model, parameters)}
        cards[f"models/{model}.md"] = environment.get_template("model.md").render(facts)
    cards["README.md"] = environment.get_template("index.md").render(
        datasets=datasets.values(),
        models={model: [part["name"] for part in evidence[model]] for model in models},
        labels={model: label_of(model, parameters) for model in models},
        own={model: OWN_RECIPE * any(part["own_recipe"] for part in evidence[model]) for model in models},
    )
    return {path: text.rstrip() + "\n" for path, text in sorted(cards.items())}


def benchmarks_with_tables(parameters: Parameters, root: Path) -> list[str]:
    """The benchmarks of the studies that have tables, those on generated images left out, in order of mention."""
    named = [name for study in parameters.studies.values() for name in study.benchmarks]
    return [
        name
        for name in dict.fromkeys(named)
        if parameters.benchmark(name).dataset != GENERATED
        and (root / "reports" / "tables" / name / "scores.csv").is_file()
    ]


def write_cards(root: Path, folder: Path, params: Path = PARAMETERS) -> int:
    """Write every card below a folder and remove those of datasets and models that are gone; how many were written."""
    cards = all_cards(root, params)
    write_texts(cards, folder)
    return len(cards)
