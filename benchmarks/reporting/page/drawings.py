"""Figures within the page: in the reader's colour scheme, with the finding that each states as its alternative."""

import base64
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from benchmarks.errors import UserError
from benchmarks.reporting.style import DARK, finding_of

WIDE = 550  # points
HEAVY = 500_000  # bytes; a larger drawing is shown as its bitmap, and the drawing itself is linked
READABLE = " !$&()*+,/:;=?@[]{}|^~'"  # what an address between double quotes may hold as it is


def figure_part(path: Path, text: str, link: Callable) -> dict:
    """A figure, embedded, with its caption and its finding. The wide ones take the page's whole width.

    Raises:
        UserError: the drawing states no width in points, or no finding.
    """
    drawing = path.read_text(encoding="utf-8")
    width, finding = re.search(r'width="([\d.]+)pt"', drawing), finding_of(drawing)
    if width is None or finding is None:
        raise UserError(
            f"{path}: expected a drawing that states its width in points and its finding as a title, found none. Draw "
            f"it anew: `acsbench {command_of(path)}`"
        )
    heavy = path.stat().st_size > HEAVY
    return {
        "name": path.stem,
        "text": text,
        "finding": finding,
        "source": embedded(path.with_suffix(".png") if heavy else path),
        "link": link(path),
        "wide": float(width[1]) > WIDE,
        "heavy": heavy,
    }


def command_of(path: Path) -> str:
    """The job that draws a figure: below `figures/<benchmark>/`, or of all benchmarks in `external/figures/`."""
    below = path.parts[path.parts.index("figures") + 1 : -1] if "figures" in path.parts else path.parts[-2:-1]
    return f"figures {below[0]}" if below else "figures-external"


def embedded(path: Path) -> str:
    """A picture as the address of its own bytes, safe between double quotes; a drawing without remarks and indents."""
    if path.suffix == ".png":
        return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()
    drawing = re.sub(r"<!--.*?-->|<!DOCTYPE[^>]*>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    drawing = re.sub(r"<title>.*?</title>", "", drawing, flags=re.DOTALL)  # the page says it
    drawing = re.sub(r">\s+<", "><", in_either_scheme(drawing).replace('"', "'"))
    return "data:image/svg+xml," + quote(re.sub(r"\s+", " ", drawing), safe=READABLE)


def in_either_scheme(drawing: str) -> str:
    """The drawing with a variable in place of each colour that the dark scheme changes, and the values of both schemes.

    A variable's name is the light colour's, which whoever wants the file back puts in its place (page.js).
    """
    used = [colour.lower() for colour in DARK if re.search(rf": {colour}\b", drawing, re.IGNORECASE)]
    if not used:
        return drawing
    dark = {light.lower(): value.lower() for light, value in DARK.items()}
    either = "|".join(used)
    coloured = re.sub(rf"(?<=: )({either})\b", lambda found: f"var(--{found[1].lower()[1:]})", drawing, flags=re.I)

    def values(of: dict[str, str]) -> str:
        return ";".join(f"--{colour[1:]}:{of[colour]}" for colour in used)

    style = f":root{{{values({colour: colour for colour in used})}}}"
    style += f"@media (prefers-color-scheme:dark){{:root{{{values(dark)}}}}}"
    return re.sub(r"<svg\b[^>]*>", lambda root: f"{root[0]}<style>{style}</style>", coloured, count=1)
