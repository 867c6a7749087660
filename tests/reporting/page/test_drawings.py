"""Figures as the page holds them: whole, in either colour scheme, with their findings."""

import re
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from benchmarks.errors import UserError
from benchmarks.reporting.page.drawings import command_of, embedded, figure_part, in_either_scheme
from benchmarks.reporting.style import DARK


def test_an_embedded_drawing_is_still_one(tmp_path):
    path = tmp_path / "a.svg"
    path.write_text('<?xml version="1.0"?>\n<!-- a & b -->\n<svg>\n  <path d="M0 1" style="fill: #abcdef"/>\n</svg>\n')
    address = embedded(path)
    assert not set(address) & set('"<>#\n')
    drawing = ElementTree.fromstring(unquote(address.removeprefix("data:image/svg+xml,")).strip())
    assert drawing[0].attrib == {"d": "M0 1", "style": "fill: #abcdef"}


def test_a_drawing_without_a_width_says_how_to_draw_it_anew(tmp_path):
    path = tmp_path / "busi" / "roc.svg"
    path.parent.mkdir()
    path.write_text("<svg/>")
    with pytest.raises(UserError, match=r"width in points.*`acsbench figures busi`"):
        figure_part(path, "", str)


def test_a_drawing_without_a_finding_says_how_to_draw_it_anew(tmp_path):
    path = tmp_path / "busi" / "roc.svg"
    path.parent.mkdir()
    path.write_text('<svg width="100pt"/>')
    with pytest.raises(UserError, match=r"its finding as a title.*`acsbench figures busi`"):
        figure_part(path, "", str)
    path.write_text('<svg width="100pt">\n <title>p &lt; 0.05</title></svg>')
    assert figure_part(path, "", str)["finding"] == "p < 0.05"


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("reports/figures/busi/networks/unet.svg", "figures busi"),
        ("reports/external/figures/matrix.svg", "figures-external"),
    ],
)
def test_the_job_that_draws_a_figure(path, command):
    assert command_of(Path(path)) == command


def test_colours_become_variables_that_carry_the_light_colour():
    drawing = in_either_scheme('<svg width="1pt"><path style="fill: #FFFFFF; stroke: #abcdef"/></svg>')
    assert ElementTree.fromstring(drawing)[1].attrib == {"style": "fill: var(--ffffff); stroke: #abcdef"}
    assert ":root{--ffffff:#ffffff}" in drawing
    assert "(prefers-color-scheme:dark){:root{--ffffff:#14181d}}" in drawing


def test_every_colour_of_a_drawing_has_a_dark_one_or_lies_on_a_field_of_colour(external_once):
    """Of all that the made-up repository draws: no text stays dark on a dark page."""
    drawings = sorted((external_once / "reports").rglob("*.svg"))
    assert len(drawings) > 15
    kept = {"#212121", "#fdfdfd"}  # the numbers in the matrix of datasets
    networks = {"#d55e00", "#0072b2", "#009e73"}
    assert networks < {light.lower() for light in DARK}
    for path in drawings:
        used = set(re.findall(r": (#[0-9a-f]{6})\b", path.read_text(encoding="utf-8")))
        left = used - {light.lower() for light in DARK}
        assert left <= (kept if path.stem == "matrix" else set()), path
