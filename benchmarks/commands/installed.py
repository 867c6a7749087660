"""The package `acsnet_benchmark`, as which a wheel installs this repository; here it is the file of one command.

A wheel holds `acsnet/`, `baselines/` and `benchmarks/` below this package, so that nothing else that is installed
shares a folder with them. Importing it lets them be imported by the names that they have here:
`import acsnet_benchmark`, then `from acsnet import ACSNet`. Processes that are started afterwards know them as well. In
a clone, which `make` installs to be edited, the three folders are those of the clone.
"""

import os
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
LIBRARY = FOLDER if (FOLDER / "benchmarks").is_dir() else None  # none where the clone is installed

if LIBRARY is not None and str(LIBRARY) not in sys.path:
    sys.path.insert(0, str(LIBRARY))
    known = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(LIBRARY), *([known] if known else [])])


def main() -> None:
    """The console command `acsbench`."""
    from benchmarks.commands.app import main as command

    command()
