"""Jobs that tell whether something is as it should be."""

import sys
from pathlib import Path

from benchmarks.commands.app import CHECK, PARAMETERS, ParameterFile, Workers, app, processes
from benchmarks.configuration import read_parameters
from benchmarks.configuration.printed import Section, json_text, names_text


@app.command(group=CHECK)
def verify(*, cell: str | None = None, workers: Workers = None) -> None:
    """Check what is committed, as far up as this machine allows.

    Prints a verdict and the time of each check, and at the end a table of all faults. The exit status is 1 at any
    fault.

    Args:
        cell: BENCHMARK/MODEL to train anew and judge.
    """
    from benchmarks.verify.asked import read_cell

    if cell is not None:
        read_cell(cell, Path())
    from benchmarks.verify.run import verify

    if not verify(Path(), cell, processes(workers)):
        sys.exit(1)


@app.command(group=CHECK)
def mmcv_wheel(wheel: Path, /) -> None:
    """Check that a wheel of mmcv holds CUDA kernels.

    And that it computes on the CPU as the other operators do.

    Args:
        wheel: Made by `make mmcv CUDA=1`.
    """
    from benchmarks.measuring.mmcv_wheel import KERNELS, check_wheel

    check_wheel(wheel)
    print(f"{wheel}: {len(KERNELS)} kernels of modulated deformable convolution; as before on the CPU.")


@app.command(group=CHECK)
def configuration(*, names: Section | None = None, schema: bool = False, params: ParameterFile = PARAMETERS) -> None:
    """Check params.yaml and print it as JSON.

    For machines without a YAML reader or pydantic: every job that takes --params reads that JSON as well
    (`acsbench configuration > params.json`).

    Args:
        names: Print the names of this section instead, a line each.
        schema: Print the JSON schema instead, the content of params.schema.json.
    """
    if schema:
        from benchmarks.configuration.schema import schema_text

        print(schema_text(), end="")
        return
    print(names_text(params, names) if names else json_text(read_parameters(params)))


@app.command(group=CHECK)
def numbers() -> None:
    """List the numbers of README and docs anew.

    After one of them was changed; those of hand-made tables are listed, too.
    """
    from benchmarks.verify.numbers import LIST, write_list

    new = write_list(Path())
    print("\n".join(f"{file}: {count} new or changed" for file, count in new.items()) or "Nothing new.")
    print(f"{LIST}: name the source of those that a file holds (see the head of benchmarks/verify/numbers.py).")
