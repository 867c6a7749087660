"""Drawings that nothing can draw anew are held to the digests that their page states."""

import hashlib

from benchmarks.verify.hashed import check_hashed


def test_a_drawing_that_was_changed_or_that_the_page_does_not_state_is_named(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "reports/figures").mkdir(parents=True)
    drawing = tmp_path / "reports/figures/speed.svg"
    drawing.write_bytes(b"<svg/>")
    page = tmp_path / "docs/speed.md"
    page.write_text(f"`reports/figures/speed.svg`: SHA-256 `{hashlib.sha256(b'<svg/>').hexdigest()}`\n")
    assert check_hashed(tmp_path) == ("1 files", [])
    drawing.write_bytes(b"<svg> </svg>")
    assert [fault.what for fault in check_hashed(tmp_path)[1]] == ["SHA-256"]
    page.write_text("cut short")
    assert [fault.file for fault in check_hashed(tmp_path)[1]] == ["reports/figures/speed.svg"]
