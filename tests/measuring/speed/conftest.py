"""Image files of a few phantom cases, smaller than those that are measured on."""

import pytest

from benchmarks.measuring.speed.images import write_images


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    write_images(folder, 6, enlarged=1)
    return folder
