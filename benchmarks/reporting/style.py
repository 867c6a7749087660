"""One look for all figures: readable in print and by colour-blind readers, and the same bytes at every run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from xml.sax.saxutils import escape, unescape

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.typing import LineStyleType, RcKeyType

# Okabe and Ito, "Color Universal Design" (2008); black is the reference's. Their yellow is too pale for lines on white,
# and so were their orange and sky blue, which are darker here: 3:1 is what WCAG 2.2 asks of graphics (1.4.11).
OKABE_ITO = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#BD8000", "#0E9AC0"]
# Three more of Paul Tol's "muted" and "vibrant" hues (2021), so that no colour stands for two networks of a figure; his
# olive is darker here, to stand apart from the orange.
COLOURS = [*OKABE_ITO, "#882255", "#77772A", "#332288"]
# Matplotlib leaves a black fill out of an SVG, where it is the default; what is not stated has no dark counterpart.
REFERENCE, PAPER = "#010101", "#FFFFFF"
INK, GREY, PALE, PANEL, BACKGROUND = "#222222", "#767676", "#D9D9D9", "#F4F4F4", "#949494"
INK_ON_COLOUR, PAPER_ON_COLOUR = "#212121", "#FDFDFD"  # on a field of colour, which is the same in either scheme
# What the page shows in place of each colour where the reader asks for a dark scheme. The files keep the light one.
DARK = {
    PAPER: "#14181D",
    PANEL: "#20262D",
    PALE: "#39424B",
    GREY: "#9AA4AE",
    BACKGROUND: "#737D87",
    INK: "#E6E9EC",
    REFERENCE: "#FFFFFF",
    "#0072B2": "#3D8FE0",
    "#D55E00": "#F2702A",
    "#009E73": "#1FBF90",
    "#CC79A7": "#E8A9CC",
    "#BD8000": "#E8A820",
    "#0E9AC0": "#7CCBF4",
    "#882255": "#D4547F",
    "#77772A": "#B9B94A",
    "#332288": "#9C88F0",
}
CROWD = 6  # shaded ranges of more models than that hide each other
NAMED = len(COLOURS) + 1  # networks that lines and colours can tell apart in one figure, the reference among them
LINE_STYLES: list[LineStyleType] = ["-", "--", "-.", ":"]
MARKERS = ["s", "^", "D", "v", "P", "X", "<", ">", "p"]

SETTINGS: dict[RcKeyType, Any] = {
    "svg.hashsalt": "benchmarks.reporting",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.labelsize": 8.5,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": PALE,
    "grid.linewidth": 0.5,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "lines.linewidth": 1.4,
    "figure.dpi": 100,
    "savefig.dpi": 160,
    "figure.constrained_layout.use": True,
}


@dataclass(frozen=True)
class Appearance:
    """How one model is drawn in every figure."""

    colour: str
    line: LineStyleType
    marker: str


def apply_style() -> None:
    sns.set_theme(style="white", rc=SETTINGS)
    # seaborn passes on only the settings that it knows.
    plt.rcParams.update(SETTINGS)


def appearances(models: list[str], places: Mapping[str, int] = MappingProxyType({})) -> dict[str, Appearance]:
    """A colour, line and marker per model, each once. The first is the reference: black, solid, round.

    Models past the tenth are background, all alike. They come first, so that they are drawn below the others.

    Args:
        places: of models among all colours, which they have if no model before them has it; the next free one else.
    """
    background = dict.fromkeys(models[NAMED:], Appearance(BACKGROUND, "-", "."))
    free, others = list(range(len(COLOURS))), {}
    named = models[1:NAMED]
    for model in sorted(named, key=lambda model: places.get(model, len(places) + named.index(model))):
        wanted = places.get(model, 0) % len(COLOURS)
        place = min(free, key=lambda index: (index - wanted) % len(COLOURS))
        free.remove(place)
        line = LINE_STYLES[(place + 1 + place // len(OKABE_ITO)) % len(LINE_STYLES)]
        others[model] = Appearance(COLOURS[place], line, MARKERS[place])
    return background | {models[0]: Appearance(REFERENCE, "-", "o")} | {model: others[model] for model in named}


def say_none(axes: Axes, text: str) -> None:
    """A few words in a panel that has nothing to show."""
    axes.text(0.5, 0.5, text, ha="center", va="center", color=GREY, transform=axes.transAxes)
    axes.set(xticks=[], yticks=[])


def save_figure(figure: Figure, path_without_ending: Path, finding: str) -> None:
    """Lay the figure out, write it as SVG and PNG, without dates or versions, and close it.

    Args:
        figure: to be written.
        path_without_ending: of both files.
        finding: what the figure shows, in words and numbers: the drawing's title, which readers of a page hear.
    """
    path_without_ending.parent.mkdir(parents=True, exist_ok=True)
    # The layout is settled once: solved anew for each format, it would differ a little from one to the other.
    if layout := figure.get_layout_engine():
        layout.execute(figure)
    figure.set_layout_engine("none")
    svg, png = (path_without_ending.with_name(path_without_ending.name + end) for end in (".svg", ".png"))
    # `savefig` would draw once more before each file, to settle a layout that is settled.
    FigureCanvasSVG(figure).print_svg(svg, metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    drawing = entitled(lighter(svg.read_text(encoding="utf-8")), finding)
    svg.write_text(drawing, encoding="utf-8", newline="\n")
    figure.set_dpi(plt.rcParams["savefig.dpi"])
    FigureCanvasAgg(figure).print_png(png, metadata={"Software": None})
    plt.close(figure)


def entitled(svg: str, finding: str) -> str:
    """The drawing with a title, as SVG asks for: its root's first child."""
    return re.sub(r"<svg\b[^>]*>", lambda root: f"{root[0]}\n <title>{escape(finding)}</title>", svg, count=1)


def finding_of(svg: str) -> str | None:
    """The title of a drawing; `None` where it has none."""
    title = re.search(r"<svg\b[^>]*>\s*<title>(.*?)</title>", svg, re.DOTALL)
    return title and unescape(title[1])


def lighter(svg: str) -> str:
    """The same drawing in fewer bytes: places to a hundredth of a point, paths on one line each."""
    svg = re.sub(r"(?<!scale\(0)(\.\d\d)\d+", r"\1", svg)  # but the scale of letters
    return re.sub(r' d="[^"]*"', lambda path: path[0][:4] + re.sub(r"\s*([MLQCz])\s*", r"\1", path[0][4:]), svg)
