"""A browser for tests of the page."""

import shutil
import warnings

import pytest


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    """Headless Chromium; without it a test is skipped, loudly."""
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
    yield window
    window.quit()
