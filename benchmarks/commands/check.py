"""Jobs that tell whether something is as it should be."""

from benchmarks.commands.app import CHECK, Workers, app


@app.command(group=CHECK)
def verify(*, cell: str | None = None, workers: Workers = None) -> None:
    """Check what is committed, as far up as this machine allows.

    Prints a verdict and the time of each check, and at the end a table of all faults. The exit status is 1 at any fault.

    Args:
        cell: BENCHMARK/MODEL to train anew and judge.
    """
    from benchmarks.verify.asked import read_cell

    read_cell(cell)
