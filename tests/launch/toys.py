"""Networks that fail once, somewhere in a launch: the first process that makes a file does the deed."""

import errno
import multiprocessing
import os
import time
from pathlib import Path

from benchmarks import whole_files
from tests.training.toy import Toy


def first(name: str) -> bool:
    """Whether nobody has asked for this name before, in any process of the workspace."""
    try:
        os.close(os.open(name, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


class DiesOnce(Toy):
    """A process that has finished two epochs (of two steps each) ends as if it had been killed."""

    steps = 0

    def forward(self, images):
        self.steps += self.training
        if self.steps > 4 and Path("armed").is_file() and first("died"):
            os._exit(9)
        return super().forward(images)


class FillsTheDiskOnce(Toy):
    """The worker that builds it first finds the disk full when it writes."""

    def __init__(self, **arguments):
        super().__init__(**arguments)
        if multiprocessing.parent_process() is not None and Path("armed").is_file() and first("full"):

            def full(path):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

            whole_files.flush = full


class SlowToy(Toy):
    """A step takes long enough for a head to be killed between epochs."""

    def forward(self, images):
        if Path("slow").is_file():
            time.sleep(0.3)
        return super().forward(images)
