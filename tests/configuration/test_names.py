"""Names that do not fit together are named, with those that are known."""

import pytest

from benchmarks.errors import UserError


def with_curve(content: dict, **changes) -> None:
    """busi-light-64 as a point of busi-light's learning curve, the study changed, or its benchmark."""
    study = {"benchmarks": {"busi-light-64": "busi"}, "models": ["shared_unet_lite0_imagenet"]}
    own = {name: changes.pop(name) for name in ("models", "compared", "learning_curve_of") if name in changes}
    content["studies"] |= {"curve": study | {"learning_curve_of": "busi-light"} | own}
    content["studies"].pop("light-budget", None)
    content["benchmarks"]["busi-light-64"] |= changes


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (
            lambda c: with_curve(c, learning_curve_of="busi-ligt"),
            r"curve\.learning_curve_of: no compared benchmark of another study is called 'busi-ligt'.*busi-light",
        ),
        (
            lambda c: with_curve(c, learning_curve_of="busi-light-64"),
            r"no compared benchmark of another study is called 'busi-light-64'",
        ),
        (lambda c: with_curve(c, compared=False), r"curve: learning_curve_of needs scores"),
        (
            lambda c: with_curve(c, models=["unet", "shared_unet_lite0_imagenet"]),
            r"curve: busi-light does not train unet: expected its models",
        ),
        (
            lambda c: with_curve(c, scoring="released", normalisation={"mean": 0.5, "std": 0.5}),
            r"busi-light-64 differs from busi-light in normalisation, scoring: a point .* may differ in image_size",
        ),
        (lambda c: with_curve(c, test_on=["breast"]), r"busi-light-64 is a point of a learning curve, which has no"),
        (
            lambda c: with_curve(c, trained_folds=[0, 3]),
            r"busi-light-64 trains fold 3, which busi-light does not",
        ),
        (
            lambda c: c["studies"]["comparison"]["models"].append("acsnt"),
            r"no model is called 'acsnt'.*: acsnet, ",
        ),
        (lambda c: c["studies"]["comparison"]["benchmarks"].update(busy="busi"), r"no benchmark is called 'busy'"),
        (lambda c: c["studies"]["comparison"]["benchmarks"].update(busi="udiat"), r"expected 'busi', found 'udiat'"),
        (
            lambda c: c["studies"]["ablation"]["benchmarks"].update({"busi-small": "busi"}),
            r"busi-small belongs to one study",
        ),
        (lambda c: c.update(front_page=["busi-smal"]), r"front_page: no compared benchmark of a study is called"),
        (lambda c: c.update(front_page=["phantom-networks"]), r"front_page: .*phantom-networks.*busi-small"),
        (lambda c: c.update(reference="best"), r"reference: no model is called 'best'"),
        (
            lambda c: c["benchmarks"]["busi"]["training"].update(recipe="papper"),
            r"benchmarks\.busi: no recipe is called 'papper'\. Nearest: paper",
        ),
        (lambda c: c["benchmarks"]["busi"]["split"].update(validation=0.0), r"needs split\.validation above 0"),
        (
            lambda c: c["benchmarks"]["busi"].update(references={"acsnet": ["unet", "resnet"]}),
            r"benchmarks\.busi\.references: no model is called 'resnet'",
        ),
        (
            lambda c: c["benchmarks"]["busi"].update(references={"acsnet": ["unet"], "mtan": ["unet"]}),
            r"references\.acsnet: expected unet to be compared with one other model, found several",
        ),
        (
            lambda c: c["benchmarks"]["busi"].update(references={"acsnet": ["acsnet"]}),
            r"references\.acsnet: expected acsnet to be compared with one other model, found itself",
        ),
        (
            lambda c: c["benchmarks"]["busi"].update(test_on=["breast", "busi"]),
            r"benchmarks\.busi\.test_on: expected other datasets than busi, which it trains on",
        ),
        (lambda c: c["recipes"]["paper"]["losses"].pop("classification"), r"losses: missing classification"),
        (lambda c: c["recipes"]["paper"]["losses"].update(detection="x"), r"losses: no task is called 'detection'"),
        (lambda c: c["models"]["acsnet"].update(initialise_from={"segmentation": "x"}), r"no model is called 'x'"),
        (
            lambda c: c["models"]["unet"].update(initialise_from={"segmentation": "unet"}),
            r"initialise_from goes in a circle: unet <- unet",
        ),
        (
            lambda c: c["models"]["unet"].update(initialise_from={"x": "unet"}),
            r"initialise_from: no task is called 'x'",
        ),
        (
            lambda c: c["models"]["mtanet"].update(label="ACSNet"),
            r"models\.mtanet\.label: 'ACSNet' is how acsnet is called",
        ),
        (
            lambda c: c["models"]["mtanet"].update(own_recipe=True),
            r"models\.mtanet: own_recipe is true, but the entry names no recipe\. Known: .*ggnet.*paper",
        ),
        (
            lambda c: c["models"].update({"my/net": c["models"]["unet"]}),
            r"models: 'my/net' becomes a file's name: expect",
        ),
        (
            lambda c: c["benchmarks"]["busi-small"].update(trained_folds=[0, 3]),
            r"busi-small\.trained_folds: expected folds from 0 to 2 \(split\.folds\), found 3",
        ),
        (lambda c: c["models"]["unet"].update(recipe=""), r"models\.unet: no recipe is called ''"),
    ],
)
def test_names_that_do_not_fit_together_are_named(edited, edit, message):
    with pytest.raises(UserError, match=message):
        edited(edit)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"average_weights": {"name": "equal"}, "best_weights_at": 0.5},
            "average_weights and best_weights_at contradict each other",
        ),
        (
            {
                "parameter_groups": {"balancing": {"factor": 10.0}},
                "balancing": {"name": "automatic", "learning_rate": 0.01},
            },
            "both give the balancing rule its rate",
        ),
        ({"warm_up": {"epochs": 5}}, r"benchmarks\.busi-ablation-small: its recipe warms up for 5 epochs, of 2 in all"),
        ({"schedule": {"name": "plateau"}}, r"benchmarks\.busi-released: .* split\.validation is 0"),
    ],
)
def test_a_recipe_that_contradicts_itself_or_its_benchmark(edited, changes, message):
    with pytest.raises(UserError, match=message):
        edited(lambda content: content["recipes"]["paper"].update(changes))


def test_a_warm_up_is_shorter_than_the_recipes_own_epochs(edited):
    with pytest.raises(UserError, match=r"recipes\.ggnet: warm_up\.epochs: expected fewer than its 100 epochs"):
        edited(lambda content: content["recipes"]["ggnet"].update({"warm_up": {"epochs": 100}}))


def test_a_misspelt_setting_of_a_recipe_is_named(edited):
    with pytest.raises(UserError, match="warmup"):
        edited(lambda content: content["recipes"]["paper"].update({"warmup": {"epochs": 1}}))
    with pytest.raises(UserError, match=r"parameter_groups\.bias.*factr"):
        edited(lambda content: content["recipes"]["paper"].update({"parameter_groups": {"bias": {"factr": 2.0}}}))
