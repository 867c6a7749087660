"""What comes back is checked run by run; what is refused is named, and the rest is entered."""

import json
import shutil
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import torch

from benchmarks.bundle import absorb as absorbing
from benchmarks.bundle.absorb import absorb
from benchmarks.bundle.archive import write_archive
from benchmarks.bundle.results import Outcome, write_results
from benchmarks.bundle.runs import Run
from benchmarks.errors import UserError
from benchmarks.training import data
from benchmarks.training.fingerprints import read_cell
from benchmarks.training.run import run_fingerprint, train_run
from tests.training.test_faults import Stop

FIRST, SECOND = Run("tiny", "toy", 0, 0), Run("tiny", "toy", 0, 1)


@pytest.fixture(scope="module")
def trained(tmp_path_factory, repository):
    """A folder with one whole run and one that was interrupted after an epoch, as a borrowed machine leaves them."""
