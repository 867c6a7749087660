import re
from pathlib import Path

import pytest

from benchmarks.reporting.figures.contact_sheet import PREDICTION, TRUTH
from benchmarks.reporting.style import (
    BACKGROUND,
    COLOURS,
    DARK,
    GREY,
    INK,
    PANEL,
    PAPER,
    REFERENCE,
    appearances,
    entitled,
    finding_of,
    lighter,
)

ROOT = Path(__file__).parents[2]


def test_ten_models_look_different_and_the_others_are_background():
    models = [f"model {i}" for i in range(26)]
    looks = appearances(models)
    assert len({looks[model].colour for model in models[:10]}) == 10
    assert looks["model 0"].colour == REFERENCE
    assert len({looks[model] for model in models[10:]}) == 1
    assert list(looks)[:16] == models[10:]  # drawn first


def test_a_model_keeps_its_colour_in_other_company():
    places = {"a": 3, "b": 5, "c": 12}  # 12 comes round to 3, which is taken
    few, more = appearances(["reference", "b"], places), appearances(["reference", "c", "b", "a"], places)
    assert few["b"] == more["b"]
    assert more["a"].colour == COLOURS[3]
    assert more["c"].colour == COLOURS[4]
    assert len({look.colour for look in more.values()}) == 4


def test_a_lighter_drawing_keeps_its_letters():
    svg = '<g transform="translate(1.2345 2.5) scale(0.015625)"><path d="M 0.123456 7 \nL 3 4.5 \nz\n"/></g>'
    assert lighter(svg) == '<g transform="translate(1.23 2.5) scale(0.015625)"><path d="M0.12 7L3 4.5z"/></g>'


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_known_pairs():
    """Of WCAG's own examples: 21 for black on white, 4.54 for the lightest grey that text may have on white."""
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54


@pytest.mark.parametrize("scheme", [{}, DARK])
def test_graphics_and_text_can_be_seen_in_either_scheme(scheme):
    """WCAG 2.2: 3:1 for graphics (1.4.11), 4.5:1 for text (1.4.3)."""
    paper, panel = (scheme.get(field, field) for field in (PAPER, PANEL))
    for colour in (REFERENCE, *COLOURS, BACKGROUND, GREY, INK):
        assert contrast(scheme.get(colour, colour), paper) >= 3, colour
    for colour in (INK, GREY):
        assert contrast(scheme.get(colour, colour), paper) >= 4.5, colour
    for colour in (TRUTH, PREDICTION):
        assert contrast(scheme.get(colour, colour), panel) >= 3, colour


def test_no_two_networks_have_one_colour_in_either_scheme():
    for colours in ([REFERENCE, *COLOURS, BACKGROUND], [DARK[c] for c in (REFERENCE, *COLOURS, BACKGROUND)]):
        assert len(set(colours)) == len(colours)


def test_the_page_has_the_paper_of_its_figures():
    style = (ROOT / "benchmarks/reporting/page/templates/page.css").read_text(encoding="utf-8")
    assert re.findall(r"--paper: (#\w{6})", style) == [PAPER.lower(), DARK[PAPER].lower()]


def test_a_title_is_found_again():
    svg = entitled('<?xml version="1.0"?>\n<svg width="1pt"><path/></svg>', 'a & b: p < 0.05, "c"')
    assert '<svg width="1pt">\n <title>a &amp; b: p &lt; 0.05' in svg
    assert finding_of(svg) == 'a & b: p < 0.05, "c"'
    assert finding_of("<svg><g><title>of a part</title></g></svg>") is None
