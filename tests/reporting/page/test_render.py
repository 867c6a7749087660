import base64
import os
import re
import shutil
import subprocess
import sys
import zlib
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image
from selenium.webdriver.support.ui import WebDriverWait

from benchmarks.configuration import read_parameters
from benchmarks.errors import UserError
from benchmarks.reporting.files import write_text
from benchmarks.reporting.page.links import page_of
from benchmarks.reporting.page.networks import runs_part
from benchmarks.reporting.page.render import render_page, unbroken
from benchmarks.reporting.page.stored_tables import evidence_part
from benchmarks.reporting.page.summary import verdict_on
from benchmarks.reporting.results import read_results
from benchmarks.reporting.tables.write import main_files

ROOT = Path(__file__).parents[3]
VOID = {"meta", "link", "img", "input", "br", "hr"}


class Outline(HTMLParser):
    """Identifiers, addresses and the nesting of a page."""

    def __init__(self):
        super().__init__()
        self.open, self.identifiers, self.links, self.sources, self.text = [], [], [], [], []

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.identifiers += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if "href" in found else []
        self.sources += [found["src"]] if "src" in found else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.text.append(data)


@pytest.fixture(scope="module")
def repository(finished_once) -> Path:
    return finished_once


def outline_of(text: str) -> Outline:
    outline = Outline()
    outline.feed(text)
    return outline


@pytest.fixture(scope="module")
def page(repository) -> Outline:
    return outline_of((repository / "reports/index.html").read_text(encoding="utf-8"))


def test_every_element_is_closed_and_every_identifier_is_one_of_a_kind(page):
    assert page.open == []
    assert len(page.identifiers) == len(set(page.identifiers))


def test_nothing_is_loaded_from_elsewhere(page, repository):
    assert page.sources
    assert all(source.startswith("data:") for source in page.sources)
    assert not [link for link in page.links if re.match(r"\w+://|//", link)]
    text = (repository / "reports/index.html").read_text(encoding="utf-8")
    assert not re.search(r"url\((?!%23)|@import|fetch\(|XMLHttpRequest", text)


def test_every_link_leads_somewhere(page, repository):
    for link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.identifiers
        elif not link.startswith("data:"):
            lies_in_the_clone = (repository / "reports" / link).is_file() or (ROOT / "reports" / link).exists()
            assert lies_in_the_clone, link


def test_the_numbers_are_those_on_file(page, repository):
    main = pd.read_csv(repository / "reports/tables/made-up/main.csv").set_index("model")
    text = " ".join(page.text)
    for model in ("acsnet", "shared", "unet"):
        row = main.loc[model]
        assert f"{row['dice']:.3f} [{row['dice_low']:.3f}, {row['dice_high']:.3f}]" in text
    assert "oracle: selected on the test fold" in text
    assert "1.23 M" in text


def test_the_walk_is_shown_step_by_step(page):
    """V9 alone takes a tenth of the Dice in the made-up walk, V1 changes the rule."""
    text = " ".join(page.text)
    assert "without V9" in text
    assert "scores on the network's grid" in text


def test_the_same_files_give_the_same_page(repository):
    text = (repository / "reports/index.html").read_text(encoding="utf-8")
    assert render_page(["made-up", "made-up-released"], repository, repository / "reports") == text


def test_links_lead_from_where_the_page_lies(repository):
    text = render_page(["made-up"], repository, repository / "reports" / "deeper")
    assert 'href="../tables/made-up/main.csv"' in text


STUDIES = """studies:
  comparison: {benchmarks: {made-up: phantom}, models: [acsnet]}
  released: {benchmarks: {made-up-released: phantom}, models: [acsnet]}
"""
UNGROUPED = """  made-up-ungrouped:
    <<: *made-up
    split: {rule: stratified, folds: 3, seed: 0, validation: 0.2}
models:
"""


@pytest.fixture
def two_studies(repository, tmp_path) -> Path:
    """A copy of the repository whose two benchmarks belong to two studies."""
    root = shutil.copytree(repository, tmp_path / "repository")
    path = root / "params.yaml"
    text = re.sub(r"studies: .*\n", STUDIES, path.read_text())
    path.write_text(text.replace("models:\n", UNGROUPED))
    return root


def test_pages_of_studies_lead_to_each_other(two_studies):
    front = outline_of(render_page(["made-up"], two_studies, two_studies / "reports"))
    assert "made-up-released/index.html" in front.links
    own = outline_of(render_page(["made-up-released"], two_studies, two_studies / "reports/made-up-released"))
    assert "../index.html#made-up" in own.links
    assert "../cases/made-up-released/acsnet.csv" in own.links
    shutil.rmtree(two_studies / "reports/tables/made-up-released")
    alone = outline_of(render_page(["made-up"], two_studies, two_studies / "reports"))
    assert not [link for link in alone.links if "made-up-released/index.html" in link]


def test_each_network_stands_against_its_own_reference(two_studies):
    results = read_results("made-up", two_studies)
    tables = two_studies / "reports/tables/made-up"
    references = {"shared": "unet", "resnet": "acsnet"}
    for name, text in main_files(results, "inner_validation", "standard", references).items():
        write_text(text, tables / name)
    text = render_page(["made-up"], two_studies, two_studies / "reports")
    assert text.count("against its reference</button>") == 2  # of Dice and of AUC
    assert '<span class="why">to unet: ' in text
    assert text.count('<tr class="reference">') == 2


def test_an_ungrouped_twin_stands_beside_its_benchmark(two_studies):
    parameters = read_parameters(two_studies / "params.yaml")
    assert page_of("made-up-ungrouped", parameters) == Path("reports/index.html")
    assert page_of("made-up-released", parameters) == Path("reports/made-up-released/index.html")


def test_hyphened_names_and_intervals_are_kept_on_a_line():
    kept = unbroken("MTL-ResNet-18 leads with 0.577 [0.546, 0.604] & more")
    assert kept == (
        '<span class="unbroken">MTL-ResNet-18</span> leads with 0.577 <span class="unbroken">[0.546, 0.604]</span> '
        "&amp; more"
    )


def test_cards_are_linked_where_they_are(two_studies):
    cards = [two_studies / f"reports/cards/{name}.md" for name in ("datasets/phantom", "models/unet")]
    for there in (False, True):
        found = outline_of(render_page(["made-up"], two_studies, two_studies / "reports")).links
        assert ["cards/datasets/phantom.md" in found, "cards/models/unet.md" in found] == [there] * 2
        for path in cards:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("a card")


def test_a_very_long_table_is_only_linked(tmp_path):
    for rows in (200, 201):
        pd.DataFrame({"model_a": range(rows), "metric": "dice", "p_holm": 0.5}).to_csv(
            tmp_path / "pairs.csv", index=False
        )
        part = evidence_part("pairs", tmp_path, str)
        assert part["link"] == str(tmp_path / "pairs.csv")
        assert (part["table"] is None) == (rows > 200)


def test_what_all_runs_share_is_said_once():
    run = {"seconds_per_epoch": 2.0, "epochs": 3, "peak_memory_bytes": 2**30, "device": "cpu", "git_commit": "a" * 40}
    run |= {"image_size": 64, "deformable": None, "encoder_weights": "none", "precision": "float32"}
    run |= {"versions": {"python": "3.11.7"}}
    records = {"a": {"parameters": 1, "runs": [run]}, "b": {"parameters": 1, "runs": [run | {"device": "cuda"}]}}
    part = runs_part(records)
    assert part["table"] == {"columns": ["Network", "Device"], "rows": [["a", "cpu"], ["b", "cuda"]]}
    assert part["shared"]["Versions"] == "python 3.11.7"


def test_a_benchmark_without_tables_says_how_to_make_them(made_up):
    with pytest.raises(UserError, match=r"acsbench tables made-up"):
        render_page(["made-up"], made_up, made_up / "reports")
    with pytest.raises(UserError, match="Did you mean 'made-up'"):
        render_page(["made-upp"], made_up, made_up / "reports")


def test_the_command_writes_the_page(repository, tmp_path):
    command = [sys.executable, "-m", "benchmarks", "page", "made-up", "--output", str(tmp_path / "page.html")]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "page.html").is_file()


@pytest.mark.parametrize(
    ("difference", "p_holm", "p_equivalent", "metric", "verdict"),
    [
        (0.05, 0.01, 0.0, "dice", "better"),
        (-0.05, 0.01, 0.0, "dice", "worse"),
        (5.0, 0.01, 0.0, "hd95", "worse"),
        (0.001, 0.6, 0.97, "dice", "equivalent"),
        (0.001, 0.01, 0.97, "dice", "equivalent"),
        (0.02, 0.3, 0.4, "dice", "undecided"),
        (0.0, 1.0, 1.0, "auc", "equivalent"),
        (0.02, 0.3, float("nan"), "auc", "not tested"),
    ],
)
def test_verdicts_on_differences(difference, p_holm, p_equivalent, metric, verdict):
    row = {
        "model_a": "a",
        "model_b": "b",
        "metric": metric,
        "difference": difference,
        "low": -9,
        "high": 9,
        "p_holm": p_holm,
    }
    table = pd.DataFrame([row | {"p_equivalent": p_equivalent}])
    assert verdict_on("a", table, metric)["verdict"] == verdict
    assert verdict_on("b", table, metric)["verdict"] == "reference"
    assert verdict_on("c", table, metric)["verdict"] == "not tested"


# In a real browser.


OPEN_EXPLORER = "start().then(() => arguments[0]())"  # what scrolling to it does


@pytest.fixture(scope="module")
def browser(chromium, repository):
    """The browser on the page, its explorer open."""
    chromium.get((repository / "reports/index.html").as_uri())
    chromium.execute_async_script(OPEN_EXPLORER)
    return chromium


def texts(browser, selector: str) -> list[str]:
    script = "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent.trim())"
    return browser.execute_script(script, selector)


def choose(browser, name: str, value: str) -> None:
    script = """const c = document.getElementById('choose-' + arguments[0]); c.value = arguments[1];
                c.dispatchEvent(new Event('change'))"""
    browser.execute_script(script, name, value)


def click(browser, selector: str, place: int = 0) -> None:
    browser.execute_script("document.querySelectorAll(arguments[0])[arguments[1]].click()", selector, place)


def test_browser_opens_it_without_a_complaint(browser):
    complaints = [entry for entry in browser.get_log("browser") if "local/made-up" not in entry["message"]]
    assert complaints == []
    assert "ACSNet" in browser.title


def test_browser_sorts_numbers_as_numbers(browser):
    heading = "#made-up table.glance thead button"
    click(browser, heading, 1)
    names = texts(browser, "#made-up table.glance tbody th")
    assert names == ["acsnet", "unet", "shared", "resnet"]  # largest Dice first, none last
    click(browser, heading, 1)
    assert texts(browser, "#made-up table.glance tbody th") == ["shared", "unet", "acsnet", "resnet"]
    assert texts(browser, "#made-up th[aria-sort=ascending]")[0].startswith("Dice")


def test_browser_filters_and_compares_cases(browser, repository):
    cases = pd.read_csv(repository / "reports/cases/made-up/shared.csv").query("selection == 'inner_validation'")
    means = cases.groupby(["case", "label"])[["dice", "probability"]].mean().reset_index()
    assert browser.execute_script("return document.querySelector('#choose-benchmark optgroup').label") == "Phantom"
    choose(browser, "benchmark", "made-up")
    choose(browser, "left", "shared")
    choose(browser, "right", "unet")
    assert texts(browser, "#cases li:first-child b") == ["shared", "unet"]
    worst = means.sort_values("dice").iloc[0]["case"]
    assert texts(browser, "#cases h3")[0].startswith(worst)
    choose(browser, "class", "1")
    choose(browser, "error", "class")
    wrong = means[(means["label"] == 1) & (means["probability"] <= 0.5)]
    assert {text.removesuffix("malignant").strip() for text in texts(browser, "#cases h3")} == set(wrong["case"])
    assert texts(browser, "#explorer-count")[0].startswith(f"{len(wrong)} of 36 cases")
    choose(browser, "error", "")
    choose(browser, "high", "0.5")
    assert len(texts(browser, "#cases li")) == ((means["label"] == 1) & (means["dice"] <= 0.5)).sum()
    choose(browser, "high", "1")
    choose(browser, "class", "")


def test_browser_draws_truth_and_prediction(browser):
    choose(browser, "benchmark", "made-up")
    choose(browser, "sort", "dice-down")
    script = """const card = document.querySelector('#cases li');
                return [...card.querySelectorAll('path')].map((p) => [p.getAttribute('class'), p.getTotalLength()])"""
    drawn = browser.execute_script(script)
    assert {kind for kind, _ in drawn} == {"truth", "prediction"}
    assert all(length > 0 for _, length in drawn)


def test_browser_shows_the_worst_cases_of_a_network(browser):
    click(browser, "#made-up-unet button.worst")
    assert texts(browser, "#cases li:first-child b")[0] == "unet"
    assert texts(browser, "#cases li:first-child .wrong")[0] == "finds nothing"


def test_browser_follows_a_link_into_a_folded_part(browser):
    click(browser, "#made-up table.glance tbody a", 0)
    script = "return document.querySelector('details:target, ' + location.hash)?.open"
    assert browser.execute_script(script) is True


def test_browser_makes_pictures_to_download(browser):
    script = """const done = arguments[0], saved = [];
                HTMLAnchorElement.prototype.click = function () {
                  saved.push([this.download, this.href.slice(0, 18)]);
                  if (saved.length === 2) done(saved.sort());
                };
                document.querySelector('[data-png]').click();
                document.querySelector('[data-download]').dispatchEvent(new MouseEvent('click', {cancelable: true}));"""
    expected = [["made-up-ranking.png", "data:image/png;bas"], ["made-up-ranking.svg", "data:image/svg+xml"]]
    assert browser.execute_async_script(script) == expected
    assert all(texts(browser, "figure [data-download]"))
    drawn = "return [...document.images].filter((i) => i.loading !== 'lazy').every((i) => i.naturalWidth > 100)"
    assert browser.execute_script(drawn)


def test_browser_shows_real_images_where_there_are_some(browser, repository, tmp_path):
    (tmp_path / "local/made-up/cases").mkdir(parents=True)
    for case in pd.read_parquet(repository / "reports/truth/made-up.parquet")["case"]:
        Image.new("L", (120, 100)).save(tmp_path / "local/made-up/cases" / f"{case}.jpg")
    shutil.copy(repository / "reports/index.html", tmp_path)
    shown = "return document.querySelectorAll('#cases .with-image img').length"
    assert browser.execute_script(shown) == 0
    browser.get((tmp_path / "index.html").as_uri())
    browser.execute_async_script(OPEN_EXPLORER)
    WebDriverWait(browser, 60).until(lambda window: window.execute_script(shown) == 48)
    browser.get((repository / "reports/index.html").as_uri())
    browser.execute_async_script(OPEN_EXPLORER)


def emulate(browser, scheme: str = "", medium: str = "") -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": medium, "features": features})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_browser_finds_no_accessibility_fault(browser, scheme):
    axe = pytest.importorskip("axe_core_python.selenium")
    emulate(browser, scheme)
    browser.execute_script("document.querySelectorAll('#made-up details').forEach((d) => { d.open = true })")
    faults = axe.Axe().run(browser)["violations"]
    emulate(browser)
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in faults] == []


PIXEL = """const [selector, done] = arguments, image = document.querySelector(selector), copy = new Image();
copy.src = image.src;
copy.decode().then(() => {
  const canvas = document.createElement('canvas'), context = canvas.getContext('2d');
  canvas.width = copy.naturalWidth; canvas.height = copy.naturalHeight;
  context.drawImage(copy, 0, 0);
  done([...context.getImageData(2, 2, 1, 1).data]);
});"""


def test_browser_draws_figures_in_the_readers_scheme(browser):
    corners = {}
    for scheme in ("light", "dark"):
        emulate(browser, scheme)
        corners[scheme] = browser.execute_async_script(PIXEL, "#made-up-drawn img")
        body = "return getComputedStyle(document.documentElement).backgroundColor"
        red, green, blue, opaque = corners[scheme]
        assert (browser.execute_script(body), opaque) == (f"rgb({red}, {green}, {blue})", 255)
    emulate(browser)
    assert corners == {"light": [255, 255, 255, 255], "dark": [20, 24, 29, 255]}


def test_browser_prints_light_and_all_parts(browser, tmp_path):
    """Of colours in the printed file, white paper's alone are light; what is folded away is printed with them."""
    browser.execute_script("document.querySelectorAll('details').forEach((d) => { d.open = false })")
    emulate(browser, "dark")
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True, "paperWidth": 8.3})
    emulate(browser)
    streams = re.findall(rb"stream\r?\n(.*?)endstream", base64.b64decode(printed["data"]), re.DOTALL)
    drawn = b"".join(inflated(stream) for stream in streams)
    paper = b"%.7g %.7g %.7g rg" % tuple(channel / 255 for channel in (0x14, 0x18, 0x1D))
    assert paper[:7] not in drawn
    assert drawn.count(b"BT") > 400  # pieces of text: of the open parts alone there are fewer


def inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


def test_browser_saves_the_light_drawing_without_variables(browser):
    emulate(browser, "dark")
    script = "return decodeURIComponent(lightDrawing(document.querySelector('#made-up-drawn img').src))"
    drawing = browser.execute_script(script)
    emulate(browser)
    assert "var(" not in drawing
    assert "prefers-color-scheme" not in drawing
    assert "fill: #ffffff" in drawing


@pytest.fixture
def narrow(browser):
    """The page as wide as a phone's, with its folded parts open."""
    metrics = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.execute_script("document.querySelectorAll('details').forEach((d) => { d.open = true })")
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_browser_needs_no_sideways_scrolling_on_a_phone(narrow):
    assert narrow.execute_script("return document.documentElement.scrollWidth - innerWidth") <= 0
    script = "return [...document.querySelectorAll('.scroll')].filter((b) => b.scrollWidth > b.clientWidth + 1).map(%s)"
    hints = WebDriverWait(narrow, 60).until(lambda w: w.execute_script(script % "(b) => b.dataset.overflows"))
    assert len(hints) > 5
    assert all("\u2194" in hint for hint in hints)
    assert set(narrow.execute_script(script % "(b) => b.tabIndex")) == {0}


PRINTED = """
const shown = (selector) => [...document.querySelectorAll(selector)].filter((e) => e.getClientRects().length).length;
const wide = [...document.querySelectorAll('main *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1);
return [['nav', '.controls', '.downloads', '#more', '.worst'].map(shown), wide.map((e) => e.outerHTML.slice(0, 80))];
"""


def test_browser_prints_all_of_every_table_and_nothing_to_press(narrow):
    metrics = {"width": 700, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
    narrow.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    narrow.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    shown, wide = narrow.execute_script(PRINTED)
    narrow.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert shown == [0] * 5
    assert wide == []
