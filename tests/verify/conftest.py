import shutil
from pathlib import Path

import pytest

from benchmarks.reporting.page.render import render_page


@pytest.fixture
def repository(finished_once, tmp_path) -> Path:
    """A copy of the finished repository, cut down to one benchmark."""
    root = shutil.copytree(finished_once, tmp_path / "clone")
    shutil.rmtree(root / "reports/cases/made-up-released")
    (root / "reports/index.html").write_text(render_page(["made-up"], root, root / "reports"), encoding="utf-8")
    return root
