"""A cell's digest changes with what can change its result, and with nothing else."""

import dataclasses

import pytest

from benchmarks import fingerprints, source_code
from benchmarks.configuration import read_parameters
from benchmarks.errors import UserError


@pytest.fixture
def parameters():
    return read_parameters(source_code.ROOT / "params.yaml")


def test_comments_docstrings_and_blank_lines_do_not_count():
    plain = "def f(x):\n    y = '#' + x\n    return y\n"
    written_up = (
        '"""A module."""\n\n\ndef f(x):  # why\n    """Doc\n    string."""\n    y = \'#\' + x\n\n    return y\n'
    )
    assert source_code.code_text(written_up) == source_code.code_text(plain)
    assert source_code.code_text(plain.replace("'#'", "'!'")) != source_code.code_text(plain)


def test_a_network_counts_with_what_it_imports():
    code = source_code.code_of("baselines.multi_task_deeplab")
    assert {"baselines.multi_task_deeplab", "baselines.dilated_resnet"} <= set(code)
    assert "baselines.unet" not in code
    assert "acsnet.network" in source_code.code_of("acsnet")


def test_the_engine_counts_without_its_commands():
    code = source_code.code_of(fingerprints.ENGINE)
    assert {"benchmarks.training.augmentation", "benchmarks.protocols.selection"} <= set(code)
    assert not {"benchmarks.training.train", "benchmarks.training.collect", "benchmarks.errors"} & set(code)
    assert not any(module.startswith(("acsnet", "baselines", "benchmarks.reporting")) for module in code)


def test_parameters_count_where_they_can_matter(parameters):
    before = fingerprints.fingerprint(parameters, "busi-small", "acsnet")

    def after(**changes) -> str:
        busi_small = dataclasses.replace(parameters.benchmarks["busi-small"], **changes)
        changed = dataclasses.replace(parameters, benchmarks=parameters.benchmarks | {"busi-small": busi_small})
        return fingerprints.fingerprint(changed, "busi-small", "acsnet")

    assert after() == before
    assert after(description="other words", scoring="released", references={"unet": ["acsnet"]}) == before
    assert after(image_size=96) != before
    recipe = dataclasses.replace(parameters.recipes["paper"], balancing={"name": "fixed"})
    changed = dataclasses.replace(parameters, recipes={"paper": recipe})
    assert fingerprints.fingerprint(changed, "busi-small", "acsnet") != before
    assert fingerprints.fingerprint(parameters, "busi-small", "unet") != before
    engine = dataclasses.replace(parameters.engine, threads=7)
    assert fingerprints.fingerprint(dataclasses.replace(parameters, engine=engine), "busi-small", "acsnet") == before


def test_a_network_without_a_file_is_named(parameters):
    lost = dataclasses.replace(parameters.models["unet"], network="baselines.nowhere:UNet")
    changed = dataclasses.replace(parameters, models=parameters.models | {"unet": lost})
    with pytest.raises(UserError, match=r"models\.unet\.network: no file for 'baselines\.nowhere'"):
        fingerprints.fingerprint(changed, "busi-small", "unet")
