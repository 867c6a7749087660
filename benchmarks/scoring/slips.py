"""The usual slips of a table that is submitted, guessed from what was found, so that an error says what to change."""

from collections.abc import Callable, Sequence

Rename = Callable[[str], str]

# What turns names as they are often written into those of the cases, and what to do about it.
RENAMED: dict[str, Rename] = {
    "the endings of files stand in the names; take `.png` and the like off": lambda name: name.rsplit(".", 1)[0],
    "folders stand in the names; leave the last part": lambda name: name.replace("\\", "/").rsplit("/", 1)[-1],
    "folders and endings of files stand in the names; leave what is between": lambda name: (
        name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    ),
    "blanks, quotes or the line ends of Windows stand around the names; strip them": (
        lambda name: name.strip(" \t\r\n'\"")
    ),
    "`_mask` or `_pred` stands behind the names; take it off": lambda name: (
        name.removesuffix("_mask").removesuffix("_pred").removesuffix("_segmentation")
    ),
}  # fmt: skip


SYNONYMS = {
    "case": ("image", "image_id", "id", "name", "file", "filename", "file_name"),
    "probability": ("prob", "p", "score", "malignant", "probability_malignant", "p_malignant"),
    "mask": ("rle", "counts", "segmentation"),
}


def slips_of_names(strangers: Sequence[str], cases: Sequence[str]) -> list[str]:
    """What most of the names that are of no case were meant to be, as a line for an error; empty if unclear."""
    known, small = set(cases), {case.lower(): case for case in cases}
    for slip, rename in RENAMED.items():
        if strangers and sum(rename(name) in known for name in strangers) > len(strangers) / 2:
            return [f"hint: {slip} ({strangers[0]!r} is {rename(strangers[0])!r})."]
    if strangers and sum(name.lower() in small for name in strangers) > len(strangers) / 2:
        meant = small.get(strangers[0].lower(), cases[0])
        return [f"hint: upper and lower case differ; write {meant!r}, not {strangers[0]!r}."]
    if strangers and all(name.isdigit() for name in strangers):
        return [f"hint: the names are numbers; expected the cases' own names, such as {cases[0]!r}."]
    return []


def slips_of_columns(found: Sequence[str], known: Sequence[str]) -> str:
    """What was meant by columns that are not known, as a sentence to append to an error; empty if unclear."""
    names = [str(name) for name in found]
    if len(names) == 1 and (separator := next((mark for mark in (";", "\t", "|") if mark in names[0]), None)):
        told = {";": "semicolons", "\t": "tabulators", "|": "bars"}[separator]
        return f" Hint: the columns are separated by {told}; write commas (pandas: to_csv without sep)."
    if any(name.startswith("Unnamed:") or name in ("", "index", "__index_level_0__") for name in names):
        return " Hint: one is a column of row numbers; leave it out (pandas: to_csv(..., index=False))."
    stripped = {name.strip().lower(): name for name in names if name not in known}
    if meant := next((plain for plain in stripped if plain in known), None):
        return f" Hint: {stripped[meant]!r} should be {meant!r}: lower case, without blanks."
    likely = {name: meant for name in names if name not in known and (meant := meant_by(name))}
    return f" Hint: {', '.join(f'{name!r} is {meant!r} here' for name, meant in likely.items())}?" if likely else ""


def meant_by(name: str) -> str | None:
    """The column that another name most likely stands for; None if unclear."""
    return next((column for column, others in SYNONYMS.items() if name.strip().lower() in others), None)


def slip_of_probabilities(values: Sequence[float]) -> list[str]:
    """Whether numbers that are no probabilities were per cent, as a line for an error; empty if unclear."""
    highest = max(values, default=0.0)
    per_cent = 1 < highest <= 100 and min(values) >= 0
    return [f"hint: they reach {highest:g}: per cent? Divide them by 100."] if per_cent else []
