"""`acsbench reference`: docs/reference/, from the commands themselves and from what params.yaml may hold."""

import subprocess
import sys
from pathlib import Path

from benchmarks.commands.app import CHECK, app

FOLDER = Path("docs/reference")
HEAD = """\
# Commands
<!-- Written by `acsbench reference` from benchmarks/commands/. -->

What `acsbench JOB --help` says of each job, in one page. `python -m benchmarks JOB` is the same.
"""
# In a process of its own: everywhere in its text an application has the name by which it was started.
ASKED = """
import sys
sys.argv = ["acsbench"]
from benchmarks.commands.app import app, load_commands
load_commands()
print(app.generate_docs(heading_level=2))
"""


@app.command(group=CHECK)
def reference() -> None:
    """Write docs/reference/ from the code.

    After a change of a job's options or of what params.yaml may hold.
    """
    from benchmarks.configuration.reference import reference_text

    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in {"commands.md": commands_text(), "parameters.md": reference_text()}.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(FOLDER / name)


def commands_text() -> str:
    """The content of docs/reference/commands.md, as cyclopts words it."""
    told = subprocess.run([sys.executable, "-c", ASKED], check=True, capture_output=True, encoding="utf-8").stdout
    before, _, after = told.partition("## Table of Contents")  # the groups below it list the same
    text = before + after[after.index("**Run**") :]
    return "\n".join([HEAD, *(line.rstrip() for line in text.strip().splitlines()), ""])
