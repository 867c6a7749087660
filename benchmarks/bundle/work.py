"""What `run.py` does on the borrowed machine: check the device, measure, train, and write what is whole."""

import argparse
import importlib.util
import os
import signal
import sys
from pathlib import Path
from typing import Any

from benchmarks.bundle.archive import MANIFEST, check_files, content_digest, parse_manifest
from benchmarks.bundle.queue import Queue
from benchmarks.bundle.results import Outcome, write_results
from benchmarks.bundle.runs import EXTERNAL, RUNS, Run
from benchmarks.bundle.team import Team
from benchmarks.configuration import read_parameters
from benchmarks.errors import entry_point
from benchmarks.measuring.machine import cores

PARAMS = Path("params.json")
MEGABYTE = 10**6
SLOWEST_DISK = 20 * MEGABYTE  # bytes a second: what time the last archive is given
MOST_PROCESSES = 16


def main(root: Path, began: float) -> None:
    """Raises `SystemExit` with status 1 where nothing could be done; what was whole so far stays in the archive."""
    entry_point(work)(root, began)


def work(root: Path, began: float) -> None:
    """Work through the list of the bundle in `root`, whose command began at `began` on the monotonic clock."""
    manifest = parse_manifest(root / MANIFEST, "bundle", root)
    arguments = read_arguments(manifest)
    out = arguments.out.resolve()
    os.chdir(root)
    check_files(Path(), manifest["files"], root, without=is_worked_on)
    signal.signal(signal.SIGTERM, stop_as_by_hand)
    outcomes = [outcome_of(Run.of(listed), manifest) for listed in manifest["runs"]]
    said = {
        "bundle": content_digest(Path(MANIFEST)),
        "git_commit": manifest["git_commit"],
        "cells": {name: cell["fingerprint"] for name, cell in manifest["cells"].items()},
    }
    limit = arguments.megabytes * MEGABYTE
    reserve = min(2 + limit / SLOWEST_DISK, 0.15 * 60 * arguments.minutes)
    deadline = began + 60 * arguments.minutes - reserve
    report: dict[str, Any] = {"versions": {}, "cells": {}}

    def write(states: bool) -> float:
        return write_results(out, outcomes, said | {"versions": report["versions"]}, report, limit, states)

    write(states=True)
    team = Team(PARAMS.resolve(), arguments.device, manifest["git_commit"])
    queue = Queue(
        read_parameters(PARAMS), manifest["cells"], outcomes, team, report, deadline, write, not arguments.skip_check
    )
    try:
        queue.run(min(cores(), MOST_PROCESSES), arguments.at_once)
    except KeyboardInterrupt:
        print("stopped; what is whole is being written.", file=sys.stderr)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        team.end()
        for outcome in outcomes:
            look_again(outcome, manifest)
        write(states=True)
    print(summary(outcomes, out))
    if any(outcome.state == "failed" for outcome in outcomes):
        raise SystemExit(1)


def read_arguments(manifest: dict[str, Any]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python run.py", description="Work through this bundle's list of runs.")
    parser.add_argument("--minutes", type=positive, default=manifest["minutes"], help="to be over after (%(default)s)")
    parser.add_argument(
        "--megabytes", type=positive, default=manifest["megabytes"], help="of the archive (%(default)s)"
    )
    parser.add_argument("--device", default="auto", help="auto (CUDA where there is one), cpu, cuda or cuda:0")
    parser.add_argument("--out", type=Path, default=Path("results.zip"), help="the archive (%(default)s)")
    parser.add_argument("--at-once", type=int, help="processes side by side, instead of as many as pay in a trial")
    parser.add_argument("--skip-check", action="store_true", help="leave the check of the device's operators out")
    return parser.parse_args()


def positive(text: str) -> float:
    if (number := float(text)) <= 0:
        raise ValueError(f"expected a number above 0, found {text}")
    return number


def stop_as_by_hand(*_: object) -> None:
    raise KeyboardInterrupt


def is_worked_on(name: str) -> bool:
    """Whether a file of the bundle may have changed since: states of runs, what this machine has measured."""
    return Path(name).parts[0] in (RUNS.name, EXTERNAL.name)


def outcome_of(run: Run, manifest: dict[str, Any]) -> Outcome:
    """Where a run stands before the work; one that lacks a package has failed."""
    outcome = Outcome(run)
    look_again(outcome, manifest)
    missing = [name for name in manifest["cells"][run.cell]["packages"] if importlib.util.find_spec(name) is None]
    if missing and outcome.state != "whole":
        outcome.state, outcome.message = "failed", f"its network needs {', '.join(missing)}, not installed here"
        print(f"{run}: {outcome.message}", file=sys.stderr)
    return outcome


def look_again(outcome: Outcome, manifest: dict[str, Any]) -> None:
    """Set what an outcome says to what lies in its run's folder."""
    fingerprint = manifest["cells"][outcome.run.cell]["fingerprint"]
    path = outcome.run.folder / "record.json"
    if path.is_file() and f'"fingerprint": "{fingerprint}"' in path.read_text(encoding="utf-8"):
        outcome.state = "whole"
    elif (outcome.run.folder / "state.pt").is_file():
        outcome.state = "resumable"


def summary(outcomes: list[Outcome], out: Path) -> str:
    """What has become of the runs, and what to do with the archive."""
    lines = []
    for outcome in outcomes:
        told = outcome.state + (f" after {outcome.epochs} epochs" if outcome.state == "resumable" else "")
        told += f": {outcome.message}" if outcome.message else ""
        told += f" (no room in the archive for its {' and '.join(outcome.left_out)})" if outcome.left_out else ""
        lines.append(f"{outcome.run}: {told}")
    size = out.stat().st_size / MEGABYTE
    return "\n".join([*lines, f"{out}: {size:.1f} MB. Enter it at home: acsbench absorb {out.name}"])
