"""How models and datasets are called where a reader meets them: models by their labels in params.yaml, with a mark
where one needs it, datasets by their titles.

Files, links, commands and stored tables keep the entry's name.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from benchmarks.configuration import Parameters
from benchmarks.datasets import DATASETS
from benchmarks.reporting.labels import EXTERNAL, is_external
from benchmarks.reporting.recipes import own_recipes

OWN_RECIPE, SUBMITTED = " (own recipe)", " (external)"
COLUMNS = ("model", "model_a", "model_b", "leader", "rival", "counterpart")  # of stored tables that hold models
DATASET_COLUMNS = ("dataset", "dataset_a", "dataset_b")


@dataclass(frozen=True)
class Names:
    """Of the models of a benchmark, or of several."""

    labels: Mapping[str, str] = field(default_factory=dict)  # by entry, marks included
    own: Mapping[str, str] = field(default_factory=dict)  # of those with a recipe of their own: what differs, in words

    def of(self, model: str) -> str:
        """A model's label; its own name where it has none."""
        return self.labels.get(model, model)

    def marked(self, model: str) -> tuple[str, str]:
        """A model's label without its mark, and the mark in one or two words; empty where it has none."""
        label = self.of(model)
        for mark in (OWN_RECIPE, SUBMITTED):
            if label.endswith(mark):
                return label.removesuffix(mark), mark.strip(" ()")
        return label, ""

    def all_of(self, models: Iterable[str]) -> list[str]:
        return [self.of(model) for model in models]

    def entry(self, label: str) -> str:
        """The entry that has a label; the label itself where none has."""
        return next((model for model, known in self.labels.items() if known == label), label)

    def in_text(self, text: str) -> str:
        """A text with the label in place of every model's name."""
        names = sorted(self.labels, key=len, reverse=True)
        if not names:
            return text
        either = "|".join(map(re.escape, names))
        return re.sub(rf"(?<![\w/-])(?:{either})(?![\w/-])", lambda found: self.of(found[0]), text)

    def in_table(self, table: pd.DataFrame) -> pd.DataFrame:
        """A stored table with labels in its columns of models."""
        columns = [column for column in table.columns if column in COLUMNS]
        return table.assign(**{column: [self.of(str(model)) for model in table[column]] for column in columns})


PLAIN = Names()


def names_of(benchmark: str, models: Iterable[str], parameters: Parameters) -> Names:
    """The labels of a benchmark's models, those from elsewhere and those with a recipe of their own marked."""
    models = list(models)
    own = own_recipes(benchmark, models, parameters)
    marks = dict.fromkeys(own, OWN_RECIPE)
    return Names({model: label_of(model, parameters) + marks.get(model, "") for model in models}, own)


def all_names(parameters: Parameters) -> Names:
    """The labels of all models of `params.yaml`, for texts on several benchmarks."""
    return Names({model: label_of(model, parameters) for model in parameters.models})


def title_of(dataset: str) -> str:
    """A dataset's title, before what follows a colon; its own name where none is registered by it."""
    name, colon, rest = dataset.partition(": ")
    return (DATASETS[name].title if name in DATASETS else name) + colon + rest


def with_titles(table: pd.DataFrame) -> pd.DataFrame:
    """A stored table with titles in its columns of datasets."""
    columns = [column for column in table.columns if column in DATASET_COLUMNS]
    return table.assign(**{column: [title_of(dataset) for dataset in table[column]] for column in columns})


def label_of(model: str, parameters: Parameters) -> str:
    """A model's label without marks, but that a submission is one."""
    if is_external(model):
        return model.removeprefix(EXTERNAL) + SUBMITTED
    entry = parameters.models.get(model)
    return (entry.label if entry else None) or model


def own_note(names: Names, among: Iterable[str]) -> str:
    """A sentence for a caption on those with a recipe of their own: what differs; empty where there is none."""
    named = [f"{names.of(model)}: {names.own[model]}" for model in dict.fromkeys(among) if model in names.own]
    return f" Trained by a recipe of their own, so that it is compared as well: {'; '.join(named)}." if named else ""


def external_note(names: Names, among: Iterable[str]) -> str:
    """A sentence for a caption on the submissions; empty where there is none."""
    named = [names.of(model) for model in dict.fromkeys(among) if is_external(model)]
    if not named:
        return ""
    return f" External, predictions from elsewhere whose epochs their authors selected: {', '.join(named)}."
