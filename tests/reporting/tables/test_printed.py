import pandas as pd

from benchmarks.reporting.labels import MINUS
from benchmarks.reporting.tables.printed import latex, markdown


def test_markdown_and_latex_of_a_small_table():
    table = pd.DataFrame({"Model": ["a_b"], "Dice ↑": [f"{MINUS}0.1 [50%]"]})
    assert markdown(table) == f"| Model | Dice ↑ |\n| --- | --- |\n| a_b | {MINUS}0.1 [50%] |\n"
    assert r"a\_b & $-$0.1 [50\%] \\" in latex(table)
