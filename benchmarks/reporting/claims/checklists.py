"""Reporting checklists, item by item, with the file that answers each: REFORMS, CLAIM 2024 and TRIPOD+AI.

The items stand in `checklists.csv` beside this file, in short words of our own and numbered as in their sources:
Kapoor et al. 2024, Science Advances 10:eadk3452; Tejani et al. 2024, Radiology: Artificial Intelligence 6:e240300;
Collins et al. 2024, BMJ 385:e078378. What nobody here can answer stays `blank`.
"""

from pathlib import Path

import pandas as pd

from benchmarks.configuration import Parameters
from benchmarks.errors import UserError
from benchmarks.reporting.labels import is_external
from benchmarks.reporting.recipes import own_recipes
from benchmarks.reporting.results import check_columns, rows_of

CHECKLISTS = Path(__file__).with_name("checklists.csv")
COLUMNS = ["checklist", "item", "asks", "answer", "file", "note"]
ANSWERS = ("answered", "partly", "blank", "not applicable")

TREATMENT = ("REFORMS", "5f")  # the fair treatment of baselines: true or not of the models shown


def with_treatment(items: pd.DataFrame, shown: dict[str, list[str]], parameters: Parameters) -> pd.DataFrame:
    """The items, with what the models shown say of their fair treatment: own recipes, predictions from elsewhere.

    Args:
        items: of `read_checklists`.
        shown: the models of each benchmark.
    """
    own = [
        f"{model} on {name} ({what})"
        for name, models in shown.items()
        for model, what in own_recipes(name, models, parameters).items()
    ]
    external = sorted({model for models in shown.values() for model in models if is_external(model)})
    notes = [f"trained by a recipe of their own: {', '.join(own)}"] if own else []
    notes += [f"trained elsewhere, budget and recipe not on file: {', '.join(external)}"] if external else []
    item = (items["checklist"] == TREATMENT[0]) & (items["item"] == TREATMENT[1])
    if not notes or not item.any():
        return items
    said = "; ".join(["same data and folds", *notes, "all others: same budget and recipe"])
    return items.assign(answer=items["answer"].mask(item, "partly"), note=items["note"].mask(item, said))


def read_checklists(path: Path = CHECKLISTS) -> pd.DataFrame:
    """All items, as texts.

    Raises:
        UserError: names each line with an unknown answer, an answer without a file, or an item that stands twice.
    """
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    check_columns(table, COLUMNS, path)
    problems = []
    for line, row in enumerate(rows_of(table), 2):
        if row.answer not in ANSWERS:
            problems.append(f"line {line}: answer: expected one of {', '.join(ANSWERS)}, found {row.answer!r}")
        if (row.answer in ("answered", "partly")) != bool(row.file):
            problems.append(f"line {line}: what is answered needs a file, what is blank has none; found {row.file!r}")
    doubled = table[table.duplicated(["checklist", "item"])]
    problems += [f"{row.checklist} {row.item} stands twice" for row in rows_of(doubled)]
    if problems:
        raise UserError("\n  ".join([f"{path}: {len(problems)} problems.", *problems]))
    return table
