"""Work through this bundle's list of runs: python run.py [--minutes 9] [--device auto] [--out results.zip].

It trains on one device, several runs at a time, starts no run that it cannot finish, and ends before the minutes are
over with one archive, which is written anew after each run. Bring it back and enter it: `acsbench absorb results.zip`.
"""

import importlib.util
import os
import sys
import time
from pathlib import Path

BEGAN = time.monotonic()
ROOT = Path(__file__).resolve().parent
NEEDED = ("torch", "torchvision", "numpy", "pandas", "pyarrow", "filelock")


def prepare() -> None:
    """Let this bundle's packages and weights be found; leave with a line where the machine lacks what all runs need."""
    sys.path.append(str(ROOT / "packages"))  # the machine's own come first
    os.environ["TORCH_HOME"] = str(ROOT / "weights" / "torch")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    if sys.version_info < (3, 11):  # noqa: UP036  (the machine may have another than this project asks for)
        sys.exit(f"error: Python 3.11 or later is needed, found {sys.version.split()[0]}. Start run.py with another.")
    if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
        sys.exit(f"error: {', '.join(missing)} cannot be imported by {sys.executable}. Start run.py with one that can.")


if __name__ == "__main__":
    prepare()
    from benchmarks.bundle.work import main

    main(ROOT, BEGAN)
