"""The pages in git as a reader meets them on a phone: their size, their height while folded, and when they begin."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "reports").glob("**/index.html"))
PAGES = [page for page in PAGES if "phantom" not in page]  # made here, and not in git
LARGEST = 8_500_000  # bytes
FIRST = 60_000  # bytes before the first figure: what is parsed before the first screen is complete
TALLEST = 12_000  # pixels at 390, folded: about fourteen screens of a phone


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_no_larger_than_it_must_be(page):
    path = ROOT / page
    assert path.stat().st_size < LARGEST, (
        f"{page} has grown: see which figure has, or which is no longer drawn as a bitmap"
    )
    text = path.read_text(encoding="utf-8")
    before = len(text.partition('src="data:')[0].encode())
    assert before < FIRST, f"{page}: {before} bytes before the first figure; style and first table have grown"


@pytest.mark.parametrize("page", PAGES)
def test_every_folded_part_says_its_outcome(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    silent = [s for s in re.findall(r"<summary>.*?</summary>", text, re.DOTALL) if 'class="outcome"' not in s]
    assert silent == []
    assert not re.search(r'class="outcome">\s*</span>', text)


@pytest.mark.parametrize("page", PAGES)
def test_every_figure_has_a_finding(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    alternatives = re.findall(r'<img [^>]*alt="([^"]*)"', text)
    assert alternatives
    assert [a for a in alternatives if not re.search(r"\d", a)] == []


@pytest.mark.parametrize("page", PAGES)
def test_browser_paints_at_once_and_folded_pages_are_short(phone, page):
    """How soon is measured in docs/scaling.md; here, that nothing but the page's own beginning comes before it."""
    phone.get((ROOT / page).as_uri())
    painted, script, height, wide = phone.execute_async_script(PAINT)
    assert painted is not None, f"{page}: nothing was painted"
    assert painted < script, f"{page} is painted at {painted:.0f} ms, after its script ran at {script:.0f} ms"
    assert painted < 10_000, f"{page} is painted at {painted:.0f} ms, ten times what a phone is to need"
    assert height < TALLEST, f"{page} is {height} px high while folded: fold more of it away"
    assert wide <= 0, f"{page} is {wide} px wider than a phone"


BROKEN = """
const names = [...document.querySelectorAll('.glance tbody th a, .answer strong, summary')];
const lines = (node, from, to) => {
  const range = document.createRange();
  range.setStart(node, from); range.setEnd(node, to);
  return new Set([...range.getClientRects()].filter((r) => r.width > 0).map((r) => Math.round(r.top))).size;
};
return names.flatMap((name) => {
  const walker = document.createTreeWalker(name, NodeFilter.SHOW_TEXT), broken = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    for (const word of node.data.matchAll(/[\\w-]+/g)) {
      if (lines(node, word.index, word.index + word[0].length) > 1) broken.push(word[0]);
    }
  }
  return broken;
});
"""


@pytest.mark.parametrize("page", PAGES)
def test_browser_breaks_no_name_in_mid_word(phone, page):
    phone.get((ROOT / page).as_uri())
    phone.execute_script("document.querySelectorAll('details.group').forEach((d) => { d.open = true })")
    assert phone.execute_script(BROKEN) == []


PAINT = """
const done = arguments[0];
const paint = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null;
const script = performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd;
done([paint, script, document.documentElement.scrollHeight, document.documentElement.scrollWidth - innerWidth]);
"""


@pytest.fixture(scope="module")
def phone(chromium):
    """Chromium as a phone: 390 pixels, a quarter of the processor's speed."""
    metrics = {"width": 390, "height": 844, "deviceScaleFactor": 3, "mobile": True}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    chromium.execute_cdp_cmd("Emulation.setCPUThrottlingRate", {"rate": 4})
    yield chromium
    chromium.execute_cdp_cmd("Emulation.setCPUThrottlingRate", {"rate": 1})
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
