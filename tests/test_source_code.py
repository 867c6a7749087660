"""The text of the code: what counts of it, and what it imports."""

from benchmarks.source_code import code_of, code_text
from benchmarks.training.fingerprints import ENGINE, MESSAGES_ONLY


def test_comments_docstrings_and_blank_lines_do_not_count():
    plain = "def f(x):\n    y = '#' + x\n    return y\n"
    written_up = (
        '"""A module."""\n\n\ndef f(x):  # why\n    """Doc\n    string."""\n    y = \'#\' + x\n\n    return y\n'
    )
    assert code_text(written_up) == code_text(plain)
    assert code_text(plain.replace("'#'", "'!'")) != code_text(plain)


def test_texts_below_the_attributes_of_a_class_do_not_count_either():
    plain = "class C:\n    a: int = 1\n    b = 'x'\n    'y'\n"
    assert code_text(
        "class C:\n    a: int = 1\n    'What a is,\\\n    in words.'\n    b = 'x'\n    'y'\n"
    ) == code_text(plain)
    assert "'y'" in code_text(plain)  # what is no annotated attribute counts, as it did in every digest on file


def test_a_network_counts_with_what_it_imports():
    code = code_of("baselines.multi_task_deeplab")
    assert {"baselines.multi_task_deeplab", "baselines.dilated_resnet"} <= set(code)
    assert "baselines.unet" not in code
    assert "acsnet.network" in code_of("acsnet")


def test_the_engine_counts_without_its_commands():
    code = code_of(ENGINE, MESSAGES_ONLY)
    assert {"benchmarks.training.augmentation", "benchmarks.protocols.selection"} <= set(code)
    assert not {"benchmarks.training.train", "benchmarks.training.collect", "benchmarks.errors"} & set(code)
    assert not any(module.startswith(("acsnet", "baselines", "benchmarks.reporting")) for module in code)


def test_packages_are_left_out_whole():
    assert any(module.startswith("benchmarks.configuration") for module in code_of(ENGINE, MESSAGES_ONLY))
    assert not any(module.startswith("benchmarks.configuration") for module in code_of(ENGINE))
