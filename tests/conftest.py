"""Fixtures shared by all tests."""

import os
import resource
import warnings
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch

from tests.made_up_repository import external, external_once, finished_once, made_up, made_up_once  # noqa: F401


@pytest.fixture(scope="session")
def mirror() -> Path:
    """The folder of real data that `BUS_DATA_MIRROR` names; without it a test is skipped, and fails under CI."""
    setting = os.environ.get("BUS_DATA_MIRROR", "")
    if setting and Path(setting).is_dir():
        return Path(setting)
    message = f"needs real data: set BUS_DATA_MIRROR to a mirror folder (it is {setting!r})"
    if os.environ.get("CI"):
        pytest.fail(message)
    warnings.warn(message, stacklevel=2)
    pytest.skip(message)


@pytest.fixture(params=["cpu", "cuda"])
def device(request) -> str:
    """`cpu`, then `cuda` where there is one."""
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("torch finds no CUDA device")
    return request.param


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of this repository."""
    return Path(__file__).parent.parent


@pytest.fixture
def full_disk():
    """`with full_disk(bytes):` no file may grow beyond so many bytes, as on a disk that is full."""

    @contextmanager
    def limited(size: int):
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limited
