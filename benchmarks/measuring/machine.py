"""The machine that something was measured on, and how much of its memory a process has taken."""

import os
import platform
import resource
import sys
from pathlib import Path


def processor() -> str:
    """The processor's name."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text(encoding="utf-8").splitlines() if information.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def cores() -> int:
    """How many of its cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine() -> str:
    """Processor and cores; nothing that tells whose machine it is."""
    return f"{processor()}, {cores()} core{'' if cores() == 1 else 's'}"


def peak_memory() -> float:
    """The most memory that this process has held, in GiB.

    Linux counts to a process's `ru_maxrss` what its parent held when it was started; `VmHWM` is its own.
    """
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.is_file() else []
    own = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    if own:
        return own[0] / 2**20
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30
