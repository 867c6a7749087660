"""Reporting checklists, item by item, with the file that answers each: REFORMS, CLAIM 2024 and TRIPOD+AI.

The items stand in `checklists.csv` beside this file, in short words of our own and numbered as in their sources:
Kapoor et al. 2024, Science Advances 10:eadk3452; Tejani et al. 2024, Radiology: Artificial Intelligence 6:e240300;
Collins et al. 2024, BMJ 385:e078378. What nobody here can answer stays `blank`.
"""

from pathlib import Path

import pandas as pd

from benchmarks.errors import UserError
from benchmarks.reporting.results import check_columns, rows_of

CHECKLISTS = Path(__file__).with_name("checklists.csv")
COLUMNS = ["checklist", "item", "asks", "answer", "file", "note"]
ANSWERS = ("answered", "partly", "blank", "not applicable")


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
