"""Values of the right type that nothing can be trained with, or that would be read as something else."""

import pytest

from benchmarks.configuration.ranges import CLASSES
from benchmarks.errors import UserError


@pytest.mark.parametrize(
    ("section", "key", "value", "message"),
    [
        ("training", "epochs", 0, r"epochs: expected at least 1, found 0"),
        ("training", "epochs", 10**9, r"epochs: expected at most 100000"),
        ("training", "batch_size", 0, r"batch_size: expected at least 1, found 0"),
        ("training", "seeds", [-1], r"seeds\[0\]: expected at least 0, found -1"),
        ("training", "seeds", [0, 2**31], r"seeds\[1\]: expected less than 2147483648"),
        ("training", "seeds", [], r"seeds: expected at least one seed, each once, found \[\]"),
        ("training", "seeds", [1, 2, 1], r"seeds: expected at least one seed, each once, found \[1, 2, 1\]"),
        ("training", "encoder_weights", "", r"encoder_weights: expected imagenet, none or the path"),
        ("split", "folds", 1, r"folds: expected at least 2, found 1"),
        ("split", "seed", -1, r"seed: expected at least 0, found -1"),
        # 1,000 parts of some 400 training cases; 50 parts are nine cases each.
        (
            "split",
            "validation",
            0.001,
            r"validation: expected 0 \(none\) or a share .*, found 0\.001",
        ),
        ("split", "validation", 0.02, r"validation: expected 0 \(none\) or a share"),
        # Half would be set aside for both, a third for the last.
        (
            "split",
            "validation",
            0.45,
            r"validation: .*within a twentieth of 1/2, 1/3, .* is set aside, found 0\.45",
        ),
        ("split", "validation", 0.4, r"validation: expected 0 \(none\) or a share"),
        ("split", "validation", 0.3, r"validation: expected 0 \(none\) or a share"),
        ("split", "validation", 0.5, r"validation: expected 0 \(none\) or a share"),
        ("split", "validation", -0.2, r"validation: expected 0 \(none\) or a share"),
        ("normalisation", "std", 0.0, r"std: expected at least 0\.001, found 0\.0"),
        ("normalisation", "std", -0.2, r"std: expected at least 0\.001"),
        ("normalisation", "mean", 84, r"mean: expected at most 1"),  # of 255: a grey level in bytes
        ("normalisation", "mean", float("nan"), r"mean: expected a finite number, found nan"),
    ],
)
def test_what_no_benchmark_can_have_is_refused(edited, section, key, value, message):
    with pytest.raises(UserError, match=rf"benchmarks\.busi\.{section}\.{message}"):
        edited(lambda content: content["benchmarks"]["busi"][section].update({key: value}))


@pytest.mark.parametrize(
    "classes",
    [
        ["malignant", "benign"],
        ["malignant"],
        ["benign", "malignant", "normal"],
        ["benign", "benign"],
        [],
        ["Benign", "Malignant"],
    ],
)
def test_classes_are_benign_and_malignant_in_this_order(edited, classes):
    message = r"classes: expected \[benign, malignant\], the positive class last, found \["
    with pytest.raises(UserError, match=message):
        edited(lambda content: content["benchmarks"]["busi"].update(classes=classes))


def test_malignant_is_class_1():
    """docs/contracts.md: class 1 is malignant."""
    assert CLASSES[1] == "malignant"


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda c: c["benchmarks"]["busi"].update(image_size=100), r"image_size: expected a multiple of 32, found 100"),
        (lambda c: c["benchmarks"]["busi"].update(image_size=0), r"image_size: expected at least 32, found 0"),
        (lambda c: c["benchmarks"]["busi"].update(image_size=-32), r"image_size: expected at least 32, found -32"),
        (lambda c: c["benchmarks"]["busi"].update(dataset="../busi"), r"dataset: expected letters, digits and _"),
        (lambda c: c.update(datasets=["busi", "busi"]), r"datasets: expected each name once"),
        (lambda c: c["studies"]["ablation"]["models"].append("acsnet"), r"ablation\.models: expected each name once"),
        (lambda c: c["models"]["unet"].update(network="unet"), r"network: expected module:Class, such as"),
        (lambda c: c["models"]["unet"].update(parameters=0), r"unet\.parameters: expected at least 1, found 0"),
        (
            lambda c: c["models"]["unet"].update(normalisation={"mean": 0.5, "std": 0}),
            r"models\.unet\.normalisation\.std: expected at least 0\.001, found 0",
        ),
        (lambda c: c["recipes"]["ggnet"].update(epochs=0), r"recipes\.ggnet\.epochs: expected at least 1, found 0"),
        (lambda c: c["recipes"]["ggnet"].update(batch_size=-4), r"recipes\.ggnet\.batch_size: expected at least 1"),
        (lambda c: c["engine"].update(hours_limit=0), r"engine\.hours_limit: expected more than 0, found 0"),
        (lambda c: c["engine"].update(hours_limit=float("inf")), r"engine\.hours_limit: expected a finite number"),
        (lambda c: c["engine"].update(threads=0), r"engine\.threads: expected at least 1, found 0"),
        (lambda c: c["engine"].update(concurrent_runs=0), r"engine\.concurrent_runs: expected at least 1, found 0"),
        (lambda c: c["engine"].update(device="gpu"), r"engine\.device: expected auto, cpu, cuda, .*found 'gpu'"),
    ],
)
def test_what_no_entry_can_have_is_refused(edited, edit, message):
    with pytest.raises(UserError, match=message):
        edited(edit)


@pytest.mark.parametrize(
    ("piece", "option", "value", "message"),
    [
        (
            "optimiser",
            "learning_rate",
            -1.0e-4,
            r"optimiser: expected learning_rate to be a number in",
        ),
        ("optimiser", "learning_rate", 0, r"learning_rate to be a number in \(0, 10\]"),
        ("optimiser", "learning_rate", "1e-4", r"learning_rate to be a number in \(0, 10\] \(write 1\.0e-4, not 1e-4"),
        ("optimiser", "learning_rate", True, r"learning_rate to be a number"),
        ("optimiser", "weight_decay", 2.0, r"weight_decay to be a number in \[0, 1\]"),
        ("optimiser", "betas", [0.9, 1.0], r"betas to be a number in \[0, 1\)"),
        ("optimiser", "fraction", float("inf"), r"fraction to be a number in \[-1e\+06, 1e\+06\]"),
        ("schedule", "final_share", 1.1, r"schedule: expected final_share to be a number in \[0, 1\]"),
        ("balancing", "temperature", 0.0, r"balancing: expected temperature to be a number in \(0, 1000\]"),
        ("balancing", "weights", {"segmentation": -1.0}, r"weights to be a number in \[0, 1000\]"),
    ],
)
def test_what_no_recipe_can_have_is_refused(edited, piece, option, value, message):
    with pytest.raises(UserError, match=rf"recipes\.paper\.{message}|recipes\.paper\..*{message}"):
        edited(lambda content: content["recipes"]["paper"][piece].update({option: value}))


def test_a_models_own_balancing_has_ranges(edited):
    with pytest.raises(UserError, match=r"models\.acsnet_dwa\.balancing: expected temperature to be a number"):
        edited(lambda content: content["models"]["acsnet_dwa"]["balancing"].update(temperature=-2.0))


@pytest.mark.parametrize("share", [0.05, 0.1, 0.15, 0.2, 0.25, 0.33, 0.49])
def test_sensible_validation_shares_are_taken(edited, share):
    changed = edited(lambda content: content["benchmarks"]["busi"]["split"].update(validation=share))
    assert changed.benchmark("busi").split.validation == share
