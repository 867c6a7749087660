"""A table as it is printed: texts, as Markdown and as LaTeX."""

import pandas as pd

from benchmarks.reporting.labels import DASH, MINUS

LATEX_SYMBOLS = {"↑": r"$\uparrow$", "↓": r"$\downarrow$", MINUS: "$-$", DASH: "--", "<": "$<$", "_": r"\_", "%": r"\%"}


class Best(str):
    """A text that is printed as the best of its column."""

    __slots__ = ()


def markdown(table: pd.DataFrame) -> str:
    """A Markdown table of texts."""
    body = [
        [f"**{cell}**" if isinstance(cell, Best) else str(cell) for cell in row] for row in table.to_numpy().tolist()
    ]
    rows = [list(table.columns), ["---"] * len(table.columns), *body]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"


def latex(table: pd.DataFrame) -> str:
    """A LaTeX tabular of texts, for the package booktabs."""

    def line(cells: list[str]) -> str:
        return " & ".join(map(latex_text, cells)) + r" \\"

    body = [line(row) for row in table.to_numpy().tolist()]
    columns = "l" * len(table.columns)
    lines = [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", line(list(table.columns)), r"\midrule", *body]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


def latex_text(cell: str) -> str:
    """A cell with LaTeX's own letters escaped, bold where it is the best of its column."""
    text = "".join(LATEX_SYMBOLS.get(letter, letter) for letter in str(cell))
    return rf"\textbf{{{text}}}" if isinstance(cell, Best) else text


def printed(texts: dict[str, pd.DataFrame], description: str, name: str) -> dict[str, str]:
    """The same tables as `<name>.md` and as `<name>.tex`, under one description.

    Args:
        texts: tables of texts by their titles; a title may be empty.
    """
    blocks = [f"**{title}**\n\n{markdown(table)}" if title else markdown(table) for title, table in texts.items()]
    in_latex = [f"% {title}\n{latex(table)}" if title else latex(table) for title, table in texts.items()]
    return {
        f"{name}.md": "\n".join([description, "", *blocks]),
        f"{name}.tex": "\n".join([f"% {description}", "% \\usepackage{booktabs}", *in_latex]),
    }
