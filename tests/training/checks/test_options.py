"""What a recipe may be told: unknown, missing, ill-typed and ill-valued options are named before training."""

import dataclasses

import pytest

from benchmarks.configuration import AuxiliaryLoss, Model, Parameters, Recipe, read_parameters, read_value
from benchmarks.errors import UserError
from benchmarks.training.balancing import rule_module
from benchmarks.training.checks.options import check_arguments, check_recipe, check_recipes, options_of


@pytest.fixture(scope="module")
def committed(repository) -> Parameters:
    return read_parameters(repository / "params.yaml")


def with_recipe(parameters: Parameters, **changes) -> Parameters:
    recipe = dataclasses.replace(parameters.recipes["paper"], **changes)
    return dataclasses.replace(parameters, recipes={"paper": recipe}, models={})


def test_the_committed_recipes_can_be_followed(committed):
    check_recipes(committed)


# The options that docs/loss-balancing.md lists; `fixed` has no use for its base's learning rate, but takes it.
@pytest.mark.parametrize(
    ("rule", "options"),
    [
        ("fixed", {"weights", "learning_rate"}),
        ("automatic", {"learning_rate"}),
        ("uncertainty", {"learning_rate"}),
        ("imtl_l", {"learning_rate"}),
        ("dwa", {"temperature"}),
        ("rlw", set()),
        ("famo", {"learning_rate", "weight_decay"}),
        ("pcgrad", set()),
        ("cagrad", {"c"}),
        ("gradnorm", {"alpha", "learning_rate"}),
    ],
)
def test_options_are_those_of_the_documentation(rule, options):
    assert set(options_of(rule_module(rule).Rule, given=("tasks",))) == options


ADAM = {"name": "adam", "learning_rate": 1e-4}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"balancing": {"name": "dwaa"}}, r"no balancing rule is called 'dwaa'.*Did you mean 'dwa'"),
        (
            {"balancing": {"name": "dwa", "temprature": 2}},
            r"recipes\.paper\.balancing: no option is called 'temprature'\. Did you mean 'temperature'\?",
        ),
        ({"balancing": {"name": "dwa", "temperature": "two"}}, r"temperature: expected float, found 'two'\.$"),
        (
            {"balancing": {"name": "automatic", "learning_rate": "1e-4"}},
            r"expected float, found '1e-4' \(write 1\.0e-4",
        ),
        ({"balancing": {"name": "fixed", "weights": {"segmantation": 2.0}}}, r"no task is called 'segmantation'"),
        ({"balancing": {"name": "cagrad", "c": 3.0}}, r"cagrad: c: expected a number in \[0, 1\), found 3\.0"),
        ({"optimiser": {"name": "lion", "learning_rate": 1e-4}}, r"no optimiser is called 'lion'.*adam, adamw, sgd"),
        ({"optimiser": {"name": "adam"}}, r"recipes\.paper\.optimiser: missing learning_rate"),
        ({"optimiser": ADAM | {"momentum": 0.9}}, r"no option is called 'momentum'\. Known: learning_rate, betas"),
        ({"optimiser": ADAM | {"lr": 0.9}}, r"no option is called 'lr'"),
        ({"optimiser": ADAM | {"betas": 0.9}}, r"betas: expected a list of 2 values, found 0\.9"),
        ({"optimiser": ADAM | {"betas": [0.9, "b"]}}, r"betas\[1\]: expected float, found 'b'"),
        ({"optimiser": ADAM | {"betas": [0.9, 1.9]}}, r"recipes\.paper\.optimiser: .*1\.9"),
        ({"schedule": {"name": "cosine", "final": 0.1}}, r"schedule: no option is called 'final'.*'final_share'"),
        ({"schedule": {"name": "step", "at_share": 50}}, r"at_share: expected a share in \[0, 1\], found 50"),
        ({"schedule": {"name": "constant", "epochs": 3}}, r"no option is called 'epochs'\. Known: none"),
        ({"augmentation": [{"name": "turn"}]}, r"augmentation\[0\]: no augmentation is called 'turn'"),
        ({"augmentation": [{"name": "rotation"}]}, r"augmentation\[0\]: missing degrees"),
        ({"augmentation": [{"name": "rotation", "degree": 3}]}, r"no option is called 'degree'.*'degrees'"),
        (
            {"losses": {"segmentation": "dice", "classification": "cross_entropy"}},
            r"no segmentation loss is called 'dice'.*soft_dice, binary_cross_entropy",
        ),
    ],
)
def test_what_is_wrong_in_a_recipe_is_named(committed, changes, message):
    with pytest.raises(UserError, match=message):
        check_recipes(with_recipe(committed, **changes))


def test_a_models_own_balancing_is_checked(committed):
    model = Model("baselines.unet:UNet", balancing={"name": "rlw", "learning_rate": 0.1})
    with pytest.raises(UserError, match=r"models\.mine\.balancing: no option is called 'learning_rate'\. Known: none"):
        check_recipes(dataclasses.replace(committed, models={"mine": model}))


@pytest.mark.parametrize(
    ("network", "arguments", "message"),
    [
        ("acsnet:ACSNet", {"gatess": False}, r"no option is called 'gatess'\. Did you mean 'gates'\?.*heads"),
        ("acsnet:ACSNet", {"gates": "yes"}, r"gates: expected bool, found 'yes'"),
        ("acsnet:ACSNet", {"heads": "three"}, r"heads: expected one of both, segmentation, classification"),
        ("baselines.unet:UNet", {"heads": "both"}, r"no option is called 'heads'\. Known: widths"),
        ("baselines.unet:UNet", {"widths": "wide"}, r"widths: expected a list of values, found 'wide'"),
        ("baselines.unet:UNet", {"widths": [8, "b"]}, r"widths\[1\]: expected int, found 'b'"),
        ("baselines.unet:UNet", {"classes": 3}, r"no option is called 'classes'"),
        ("baselines.mtan:MTAN", {"encoder": "vgg16"}, r"no encoder is called 'vgg16'\. Known: resnet101, .*resnet18"),
        (
            "baselines.cross_stitch:CrossStitch",
            {"encoder": "resnet19"},
            r"no encoder is called 'resnet19'\. Did you mean 'resnet18'.* Known: resnet101, .*resnet18, resnet34",
        ),
        (
            "baselines.image_classifier:ImageClassifier",
            {"architecture": "resnet5O"},
            r"no architecture is called 'resnet5O'\. Did you mean 'resnet5.* \d,\d{3} are known",
        ),
        (
            "baselines.shared_encoder:SharedEncoder",
            {"encoder": "efficientnet-b00"},
            r"no encoder is called 'efficientnet-b00'\. Did you mean 'efficientnet-b0'",
        ),
    ],
)
def test_what_is_wrong_in_a_networks_arguments_is_named(network, arguments, message):
    with pytest.raises(UserError, match=message):
        check_arguments(network, arguments, "params.yaml: models.mine.arguments")


def test_the_committed_arguments_are_taken(committed):
    for name, model in committed.models.items():
        check_arguments(model.network, model.arguments, name)


ODD = [None, True, -1, 0, 0.5, 1, 1.5, 2, 1000, "", "x", "1e-4", [], [0.5], [0.5, 0.5], {}, {"segmentation": 0.5}]


def test_any_option_of_a_recipe_may_be_anything_without_a_traceback(committed):
    """Read as params.yaml is, then checked against the code: valid, or the user's error."""
    pieces = {"optimiser": "learning_rate", "schedule": "final_share", "balancing": "learning_rate"}
    options = ("name", "weight_decay", "betas", "eps", "momentum", "power", "factor", "temperature", "weights", "c")
    refused, tried = 0, 0
    for piece, own in pieces.items():
        for recipe in ("paper", "ggnet", "aumente"):
            for option in (own, *options):
                for value in ODD:
                    entry = dataclasses.asdict(committed.recipes[recipe])
                    entry[piece] = entry[piece] | {option: value}
                    tried += 1
                    try:
                        check_recipe(read_value(Recipe, entry, "params.yaml", "recipes.mine"), "params.yaml: recipes")
                    except UserError as error:
                        refused += str(error).startswith("params.yaml: ")
    assert tried / 2 < refused < tried


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"average_weights": {"name": "mean"}}, r"average_weights: no average is called 'mean'.*exponential, equal"),
        ({"average_weights": {"name": "equal", "decay": 0.9}}, r"no option is called 'decay'. Known: at_share"),
        ({"schedule": {"name": "plateau", "by": "dice"}}, r"schedule: by: expected .*score.*found 'dice'"),
        (
            {"auxiliary_losses": {"edges": AuxiliaryLoss("segmentation", "edge_loss")}},
            r"auxiliary_losses\.edges: no segmentation loss is called 'edge_loss'.*Known: soft_dice",
        ),
    ],
)
def test_what_a_recipe_asks_for_beyond_the_papers_is_named_where_it_is_unknown(committed, changes, message):
    with pytest.raises(UserError, match=message):
        check_recipes(with_recipe(committed, **changes))
