"""Rung (a): drawings of measured speed are those whose SHA-256 their page states."""

import hashlib
import re
from pathlib import Path

from benchmarks.verify.faults import Fault, Outcome

PAGE = Path("docs/speed.md")
DRAWINGS = "reports/figures/speed.*"
STATED = re.compile(r"`(reports/[^`]+)`: SHA-256 `([0-9a-f]{64})`")


def check_hashed(root: Path) -> Outcome:
    """The files that the page names, byte by byte, and drawings that it does not name; none if nothing was measured."""
    text = (root / PAGE).read_text(encoding="utf-8") if (root / PAGE).is_file() else ""
    stated, faults = STATED.findall(text), []
    for file, expected in stated:
        path = root / file
        found = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "no file"
        if found != expected:
            faults.append(Fault(file, "SHA-256", expected, found))
    drawings = [path.relative_to(root).as_posix() for path in sorted(root.glob(DRAWINGS))]
    faults += [Fault(file, f"SHA-256 in {PAGE}", "stated", "missing") for file in drawings if file not in dict(stated)]
    return f"{len(stated)} files", faults
