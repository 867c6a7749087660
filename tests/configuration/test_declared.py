"""What follows from the parameters: the models of a benchmark, what they are compared with, recipe and budget."""

from benchmarks.configuration import read_parameters


def test_the_papers_protocol_stands_in_the_committed_file(repository):
    parameters = read_parameters(repository / "params.yaml")
    busi, released = parameters.benchmark("busi"), parameters.benchmark("busi-released")
    assert (busi.image_size, busi.split.folds, busi.training.epochs, busi.training.batch_size) == (256, 5, 90, 8)
    assert (busi.normalisation.mean, busi.normalisation.std) == (0.330, 0.204)
    assert (released.split.rule, released.split.seed, released.selection.rule) == ("released", 42, "test_oracle")
    assert released.training.seeds == [2]
    paper = parameters.recipes["paper"]
    assert paper.optimiser == {"name": "adam", "learning_rate": 1e-4, "weight_decay": 1e-4}
    assert [step["name"] for step in paper.augmentation] == ["horizontal_flip", "rotation", "vertical_flip"]


def test_every_model_of_a_benchmark_is_listed_once(repository):
    parameters = read_parameters(repository / "params.yaml")
    models = parameters.models_of("busi-small")
    assert models[0] == "acsnet"
    assert len(models) == len(set(models))


def test_models_are_compared_with_the_reference_or_with_their_own(edited):
    plain = edited(lambda c: None)
    assert plain.reference_of("busi-small", ["unet", "acsnet"]) == "acsnet"
    assert plain.reference_of("busi-small", ["unet", "mtan"]) is None
    own = edited(lambda c: c["benchmarks"]["busi-small"].update(references={"unet": ["mtan", "acsnet"]}))
    assert own.reference_of("busi-small", ["acsnet", "unet", "pad_net"]) == {"acsnet": "unet"}
    assert own.reference_of("busi-small", ["acsnet", "mtan"]) is None


def test_a_model_is_trained_as_all_others_or_with_the_recipe_and_the_budget_of_its_reference(edited):
    """GG-Net's four images a batch; what a recipe says of the budget does not reach models that only mention it."""
    shared = edited(lambda content: None)
    assert shared.recipe_of("busi", "ggnet_mt") == shared.recipes["paper"]
    assert shared.training_of("busi", "ggnet_mt") == shared.benchmarks["busi"].training
    own = edited(lambda content: content["models"]["ggnet_mt"].update(own_recipe=True))
    assert own.recipe_of("busi", "ggnet_mt").optimiser["name"] == "sgd"
    assert own.training_of("busi", "ggnet_mt").batch_size == 4
    assert own.training_of("busi", "ggnet_mt").seeds == own.benchmarks["busi"].training.seeds
    assert own.training_of("busi", "ggnet") == own.benchmarks["busi"].training
