"""Who answers for each committed file that holds a result or speaks of one."""

from fnmatch import fnmatchcase
from pathlib import Path

from benchmarks.verify.faults import Fault, Outcome
from benchmarks.verify.tracked import results_among, tracked_files

# The first pattern that fits a path decides; `*` goes through folders. Checks are modules of this room.
OWNERS = {
    "benchmarks/folds/*.csv": ("folds",),
    "reports/external/predictions/*": ("locked", "external"),
    "reports/external/records/*": ("locked", "external"),
    "reports/external/overlap*.csv": ("locked",),  # of the pictures themselves: `acsbench overlap`
    "reports/external/*": ("locked", "external"),
    "reports/truth/*.parquet": ("locked", "agreed", "scored"),
    "reports/cases/*": ("locked", "agreed", "scored"),
    "reports/forensics/*": ("locked", "agreed", "scored"),
    "reports/predictions/*": ("locked", "agreed"),
    "reports/curves/*": ("locked", "agreed"),
    "reports/records/*": ("locked", "agreed", "fingerprinted"),
    "reports/tables/*": ("locked", "shown"),
    "reports/figures/speed.*": ("hashed",),  # drawn from what was measured, `reports/speed.csv`
    "reports/figures/*": ("locked", "shown"),
    "reports/cards/*": ("locked", "shown"),
    "reports/index.html": ("locked", "shown"),
    "reports/*/index.html": ("locked", "shown"),
    "reports/networks.csv": ("locked",),  # measured: what the cards were made from
    "reports/speed.csv": ("numbers",),  # measured
    "reports/balancing.csv": ("numbers",),  # measured: every number listed, and quoted in docs/loss-balancing.md
    "reports/reported/*.csv": ("locked",),  # by hand, cited: what the pages were made from
    "docs/networks.md": ("locked", "shown"),  # what the cards were made from; its costs are those of networks.csv
    "docs/*.md": ("numbers",),
    "README.md": ("numbers",),
}


def owners_of(file: str) -> tuple[str, ...]:
    """The checks that answer for a file; none if no pattern fits."""
    return next((owners for pattern, owners in OWNERS.items() if fnmatchcase(file, pattern)), ())


def check_owners(root: Path) -> Outcome:
    files = results_among(tracked_files(root))
    unowned = [file for file in files if not owners_of(file)]
    return f"{len(files)} files", [
        Fault(file, "which check answers for it", "an entry in benchmarks/verify/owners.py", "none") for file in unowned
    ]
