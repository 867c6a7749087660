"""`docs/speed.md` and its figure, from `reports/speed.csv`."""

import hashlib
from pathlib import Path

import pandas as pd

from benchmarks.measuring.speed.table import MEASURED, read_speed
from benchmarks.reporting.figures.speed import draw_speed, speed_finding
from benchmarks.reporting.files import write_text
from benchmarks.reporting.labels import DASH, number
from benchmarks.reporting.style import apply_style, save_figure
from benchmarks.reporting.tables.printed import markdown

PAGE, DRAWING = Path("docs/speed.md"), Path("reports/figures/speed")

TEXT = """\
# Speed
How long each job takes, beside the conventional way to do it where there is one, measured by
`acsbench speed` (`--help` says what it takes; `{measured}` holds the numbers). Both take turns:
ours, the conventional one, ours, ... Seconds are medians of those turns, in brackets the least and the most.

- **Training step**: eight images, augmentation included. Ours: the engine's own step on resident bytes. Conventional: a
  plain script of ACSNet's released recipe (`benchmarks/measuring/speed/conventional.py`): images decoded and augmented
  one by one by PIL in a DataLoader, float32, torchvision's deformable convolution, Adam as torch sets it up. On the
  same weights and images both have the same losses (`tests/measuring/speed/test_conventional.py`).
- **Runs at once**: as many runs as threads, a thread for each, as `engine.concurrent_runs: auto` trains folds on a CPU;
  the seconds of one step among all of them.
- **Validation**: what is done after an epoch. The conventional script computes medpy's distances on each batch (on the
  truth moved by a few pixels, for an untrained network's noise would take longer); the engine counts pixels, and
  distances are left to scoring.
- **Share of ceiling**: operations of the step's products per second, of what the device reaches in a matrix product of
  the same precision in the same turns.
- **Scoring of masks**: Dice, IoU, HD95 and ASSD in one process, about as large as BUSI's; equal values are checked.
- **prepare, split, score, statistics**: each stage in a process of its own on the phantom's cases, again and again
  under new names; statistics: every table of two models, one seed. Memory is the most that the process held.
- **predict**: `acsbench predict` with the network that comes with the repository (128 pixels), on the phantom's images
  about as large as BUSI's, masks and overlays written; with start-up, which is nearly all that one image takes.

![{finding}]({drawing})
"""


def write_page(root: Path) -> None:
    """Write page and figure of what has been measured, if anything."""
    table = read_speed(root / MEASURED)
    if table.empty:
        return
    apply_style()
    save_figure(draw_speed(table), root / DRAWING, speed_finding(table))
    files = [DRAWING.with_suffix(suffix) for suffix in (".svg", ".png")]
    stated = [f"`{f.as_posix()}`: SHA-256 `{hashlib.sha256((root / f).read_bytes()).hexdigest()}`" for f in files]
    write_text(page(table) + "\n" + "\n".join(f"- {line}" for line in stated) + "\n", root / PAGE)


def page(table: pd.DataFrame) -> str:
    """The page: what is measured, the figure, and a table for each device of each machine."""
    parts = [TEXT.format(measured=MEASURED, drawing=f"../{DRAWING}.svg", finding=speed_finding(table))]
    for (machine, device), rows in table.groupby(["machine", "device"], sort=False):  # ty: ignore[not-iterable]  # pandas: a group's key is a Hashable
        name = machine if device == "cpu" else f"{device}, {machine}"
        threads = "" if device != "cpu" else f", {rows['threads'].iloc[0]} threads"
        parts.append(f"## {name}\ntorch {rows['torch'].iloc[0]}{threads}.\n\n{markdown(texts(rows))}")
    return "\n".join(parts)


def texts(rows: pd.DataFrame) -> pd.DataFrame:
    """A device's rows as they are read."""
    ours, conventional = (rows[["minimum", "maximum"]], rows[["conventional_minimum", "conventional_maximum"]])
    return pd.DataFrame(
        {
            "job": rows["job"],
            "conventional (s)": with_spread(rows["conventional_seconds"], conventional),
            "ours (s)": with_spread(rows["seconds"], ours),
            "times as fast": [number(value, 1) for value in rows["ratio"]],
            "share of ceiling": [DASH if pd.isna(v) else f"{v:.0%}" for v in rows["share_of_ceiling"]],
            "memory (GiB)": [number(value, 2) for value in rows["memory"]],
        }
    )


def with_spread(medians: pd.Series, spread: pd.DataFrame) -> list[str]:
    """`1.23 [1.20, 1.31]`, to three digits; a dash where there is nothing."""
    return [
        DASH if pd.isna(median) else f"{median:.3g} [{least:.3g}, {most:.3g}]"
        for median, (least, most) in zip(medians, spread.to_numpy(), strict=True)
    ]
