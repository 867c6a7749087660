import os
import re
import shutil
import subprocess
import sys
import warnings
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.errors import UserError
from benchmarks.reporting.labels import METRICS
from benchmarks.reporting.page import render_page, verdict_on

ROOT = Path(__file__).parents[2]
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


@pytest.fixture(scope="module")
def page(repository) -> Outline:
    outline = Outline()
    outline.feed((repository / "reports/index.html").read_text(encoding="utf-8"))
    return outline


def test_every_element_is_closed_and_every_identifier_is_one_of_a_kind(page):
    assert page.open == []
    assert len(page.identifiers) == len(set(page.identifiers))


def test_nothing_is_loaded_from_elsewhere(page, repository):
    assert page.sources
    assert all(source.startswith("data:") for source in page.sources)
    assert not [link for link in page.links if re.match(r"\w+://|//", link)]
    text = (repository / "reports/index.html").read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest", text)


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


def test_a_benchmark_without_tables_says_how_to_make_them(made_up):
    with pytest.raises(UserError, match=r"python -m benchmarks\.reporting\.compare made-up"):
        render_page(["made-up"], made_up, made_up / "reports")
    with pytest.raises(UserError, match="Did you mean 'made-up'"):
        render_page(["made-upp"], made_up, made_up / "reports")


def test_the_command_writes_the_page(repository, tmp_path):
    command = [sys.executable, "-m", "benchmarks.reporting.page", str(tmp_path / "page.html"), "made-up"]
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
        (0.02, 0.3, 0.4, "dice", "undecided"),
    ],
)
def test_verdicts_on_differences(difference, p_holm, p_equivalent, metric, verdict):
    row = {"model_a": "a", "difference": difference, "low": -9, "high": 9, "p_holm": p_holm}
    table = pd.DataFrame([row | {"p_equivalent": p_equivalent}])
    assert verdict_on("a", table, "b", METRICS[metric])["verdict"] == verdict
    assert verdict_on("b", table, "b", METRICS[metric])["verdict"] == "reference"
    assert verdict_on("c", table, "b", METRICS[metric])["verdict"] == "not tested"


# In a real browser.


@pytest.fixture(scope="module")
def browser(repository, tmp_path_factory):
    """Headless Chromium on the page; without it the test is skipped, loudly."""
    chromium, driver = (shutil.which(name) for name in ("chromium", "chromedriver"))
    webdriver = pytest.importorskip("selenium.webdriver")
    if not (chromium and driver):
        message = "needs chromium and chromedriver (apt-get install chromium chromium-driver)"
        warnings.warn(message, stacklevel=2)
        pytest.skip(message)
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    flags = "headless=new no-sandbox disable-gpu disable-quic no-first-run disable-background-networking"
    for flag in [*flags.split(), "disable-component-update", "disable-sync", "window-size=1200,1000"]:
        options.add_argument(f"--{flag}")
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(executable_path=driver)
    window = webdriver.Chrome(options=options, service=service)
    window.set_script_timeout(600)  # axe takes its time on a busy machine
    window.command_executor.client_config.timeout = 600
    window.get((repository / "reports/index.html").as_uri())
    yield window
    window.quit()


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
    click(browser, heading, 2)
    names = texts(browser, "#made-up table.glance tbody th")
    assert names == ["acsnet", "unet", "shared", "resnet"]  # largest Dice first, none last
    click(browser, heading, 2)
    assert texts(browser, "#made-up table.glance tbody th") == ["shared", "unet", "acsnet", "resnet"]
    assert texts(browser, "#made-up th[aria-sort=ascending]")[0].startswith("Dice")


def test_browser_filters_and_compares_cases(browser, repository):
    cases = pd.read_csv(repository / "reports/cases/made-up/shared.csv").query("selection == 'inner_validation'")
    means = cases.groupby(["case", "label"])[["dice", "probability"]].mean().reset_index()
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


def test_browser_makes_a_picture_to_download(browser):
    script = """window.saved = null; HTMLAnchorElement.prototype.click = function () {
                window.saved = [this.download, this.href.slice(0, 22)] };
                document.querySelector(arguments[0]).click(); return window.saved"""
    assert browser.execute_script(script, "[data-png]") == ["made-up-ranking.png", "data:image/png;base64,"]


def test_browser_finds_no_accessibility_fault(browser):
    axe = pytest.importorskip("axe_core_python.selenium")
    browser.execute_script("document.querySelectorAll('#made-up details').forEach((d) => { d.open = true })")
    faults = axe.Axe().run(browser)["violations"]
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in faults] == []


def test_browser_needs_no_sideways_scrolling_on_a_phone(browser):
    browser.set_window_size(400, 1000)
    assert browser.execute_script("return document.documentElement.scrollWidth - innerWidth") <= 0
