"""Whether the names in params.yaml fit together: what one section uses must stand in another."""

from dataclasses import fields, replace

from benchmarks.configuration.declared import TASKS, Benchmark, Model, Parameters, Recipe, Study
from benchmarks.configuration.known import lookup
from benchmarks.configuration.ranges import NAME
from benchmarks.errors import UserError


def check_names(parameters: Parameters, where: str) -> None:
    """Check every name that one section uses, and that each entry's own is fit for a file's name.

    Args:
        where: the file that the parameters come from.

    Raises:
        UserError: a name is unknown, unfit, or used where it may not be.
    """
    for section in ("studies", "benchmarks", "models", "recipes"):
        for name in getattr(parameters, section):
            if not NAME.fullmatch(name):
                raise UserError(
                    f"{where}: {section}: {name!r} becomes a file's name: expected letters, digits and _, and - or . "
                    "after the first."
                )
    lookup(parameters.models, parameters.reference, "model", f"{where}: reference")
    check_studies(parameters, where)
    for name, benchmark in parameters.benchmarks.items():
        lookup(parameters.recipes, benchmark.training.recipe, "recipe", f"{where}: benchmarks.{name}")
        check_selection(benchmark, f"{where}: benchmarks.{name}")
        check_references(benchmark, parameters.models, f"{where}: benchmarks.{name}.references")
        check_trained_folds(benchmark, f"{where}: benchmarks.{name}.trained_folds")
        check_schedule(parameters, name, f"{where}: benchmarks.{name}")
        check_test_on(benchmark, f"{where}: benchmarks.{name}.test_on")
    for name, recipe in parameters.recipes.items():
        check_losses(recipe, f"{where}: recipes.{name}.losses")
        check_together(recipe, f"{where}: recipes.{name}")
    for name, model in parameters.models.items():
        check_model(model, parameters, f"{where}: models.{name}")
    check_labels(parameters.models, where)
    for name in parameters.models:
        check_no_circle(parameters.models, name, (), where)


def check_studies(parameters: Parameters, where: str) -> None:
    """Known models on known benchmarks, each with its dataset and in one study."""
    for name, study in parameters.studies.items():
        for model in study.models:
            lookup(parameters.models, model, "model", f"{where}: studies.{name}")
        for benchmark, dataset in study.benchmarks.items():
            expected = lookup(parameters.benchmarks, benchmark, "benchmark", f"{where}: studies.{name}").dataset
            if dataset != expected:
                raise UserError(
                    f"{where}: studies.{name}.benchmarks.{benchmark}: expected {expected!r}, found {dataset!r}."
                )
    for name in parameters.benchmarks:
        studies = [study for study, content in parameters.studies.items() if name in content.benchmarks]
        if len(studies) > 1:
            raise UserError(f"{where}: benchmark {name} belongs to one study, found in {' and '.join(studies)}.")
    shown = [name for study in parameters.studies.values() if study.has_pages for name in study.benchmarks]
    for name in parameters.front_page:
        lookup(dict.fromkeys(shown), name, "compared benchmark of a study", f"{where}: front_page")
    for name, study in parameters.studies.items():
        if study.learning_curve_of is not None:
            lookup(
                dict.fromkeys(shown),
                study.learning_curve_of,
                "compared benchmark of another study",
                f"{where}: studies.{name}.learning_curve_of",
            )
            check_learning_curve(study, parameters, f"{where}: studies.{name}")


def check_learning_curve(study: Study, parameters: Parameters, where: str) -> None:
    """Its benchmarks differ from the one on whose page they stand in image size, training share and epochs alone."""
    whole = parameters.benchmark(str(study.learning_curve_of))
    if not study.compared:
        raise UserError(f"{where}: learning_curve_of needs scores, which `compared: false` rules out.")
    if others := [model for model in study.models if model not in parameters.models_of(str(study.learning_curve_of))]:
        raise UserError(f"{where}: {study.learning_curve_of} does not train {', '.join(others)}: expected its models.")
    for name in study.benchmarks:
        point = parameters.benchmark(name)
        like = replace(
            point,
            image_size=whole.image_size,
            split=replace(point.split, training=whole.split.training),
            training=replace(point.training, epochs=whole.training.epochs),
            **{free: getattr(whole, free) for free in ("description", "references", "test_on", "trained_folds")},
        )
        differing = [own.name for own in fields(whole) if getattr(like, own.name) != getattr(whole, own.name)]
        if differing:
            raise UserError(
                f"{where}: {name} differs from {study.learning_curve_of} in {', '.join(differing)}: a point of a "
                "learning curve may differ in image_size, split.training, training.epochs and trained_folds alone."
            )
        if point.test_on:
            raise UserError(f"{where}: {name} is a point of a learning curve, which has no test_on. Take it out.")
        if further := sorted(set(point.folds) - set(whole.folds)):
            raise UserError(
                f"{where}: {name} trains fold {', '.join(map(str, further))}, which {study.learning_curve_of} does "
                "not: expected among its trained_folds."
            )


def check_selection(benchmark: Benchmark, where: str) -> None:
    if benchmark.selection.rule == "inner_validation" and benchmark.split.validation == 0:
        raise UserError(f"{where}: selection inner_validation needs split.validation above 0.")


def check_references(benchmark: Benchmark, models: dict[str, Model], where: str) -> None:
    """Known models, each compared with one other."""
    compared = [model for models_of_one in benchmark.references.values() for model in models_of_one]
    for name in [*benchmark.references, *compared]:
        lookup(models, name, "model", where)
    for name, own in benchmark.references.items():
        for model in own:
            if model == name or compared.count(model) > 1:
                what = "itself" if model == name else "several"
                raise UserError(f"{where}.{name}: expected {model} to be compared with one other model, found {what}.")


def check_trained_folds(benchmark: Benchmark, where: str) -> None:
    for fold in benchmark.trained_folds or []:
        if fold >= benchmark.split.folds:
            last = benchmark.split.folds - 1
            raise UserError(f"{where}: expected folds from 0 to {last} (split.folds), found {fold}.")


def check_test_on(benchmark: Benchmark, where: str) -> None:
    """Not its own dataset; `benchmarks/protocols/external.py` checks the others against what is known of them."""
    if benchmark.dataset in benchmark.test_on:
        raise UserError(f"{where}: expected other datasets than {benchmark.dataset}, which it trains on. Take it out.")


def check_labels(models: dict[str, Model], where: str) -> None:
    """No two entries are called alike where a reader meets them."""
    called: dict[str, str] = {}
    for name, model in models.items():
        label = model.label or name
        if label in called:
            raise UserError(
                f"{where}: models.{name}.label: {label!r} is how {called[label]} is called: expected its own."
            )
        called[label] = name


def check_losses(recipe: Recipe, where: str) -> None:
    """One for each task; `benchmarks/training/checks/options.py` checks a recipe's pieces against the code."""
    for task in recipe.losses:
        lookup(dict.fromkeys(TASKS), task, "task", where)
    if missing := [task for task in TASKS if task not in recipe.losses]:
        raise UserError(f"{where}: missing {', '.join(missing)}.")


def check_together(recipe: Recipe, where: str) -> None:
    """What a recipe may not ask for at once."""
    if recipe.average_weights and recipe.best_weights_at is not None:
        raise UserError(
            f"{where}: average_weights and best_weights_at contradict each other: what is kept is an average, which no "
            "training goes on from. Take one of them out."
        )
    if "balancing" in (recipe.parameter_groups or {}) and "learning_rate" in recipe.balancing:
        raise UserError(
            f"{where}: parameter_groups.balancing and balancing.learning_rate both give the balancing rule its rate. "
            "Take one of them out."
        )
    if recipe.warm_up and recipe.epochs is not None and recipe.warm_up.epochs >= recipe.epochs:
        raise UserError(f"{where}: warm_up.epochs: expected fewer than its {recipe.epochs} epochs.")


def check_schedule(parameters: Parameters, name: str, where: str) -> None:
    """A benchmark's recipe fits its budget, and its validation set if it looks at one."""
    benchmark = parameters.benchmarks[name]
    recipe, epochs = parameters.recipes[benchmark.training.recipe], benchmark.training.epochs
    if recipe.warm_up and recipe.warm_up.epochs >= epochs:
        raise UserError(f"{where}: its recipe warms up for {recipe.warm_up.epochs} epochs, of {epochs} in all.")
    if recipe.schedule["name"] == "plateau" and benchmark.split.validation == 0:
        raise UserError(f"{where}: its recipe's schedule plateau looks at inner validation: split.validation is 0.")


def check_model(model: Model, parameters: Parameters, where: str) -> None:
    if model.recipe is not None:
        lookup(parameters.recipes, model.recipe, "recipe", where)
    elif model.own_recipe:
        raise UserError(
            f"{where}: own_recipe is true, but the entry names no recipe. Known: {', '.join(parameters.recipes)}."
        )
    for task, source in (model.initialise_from or {}).items():
        lookup(dict.fromkeys(TASKS), task, "task", f"{where}.initialise_from")
        lookup(parameters.models, source, "model", f"{where}.initialise_from")


def check_no_circle(models: dict[str, Model], name: str, path: tuple[str, ...], where: str) -> None:
    """No model may start from itself, by way of others either."""
    if name in path:
        raise UserError(f"{where}: models.{name}: initialise_from goes in a circle: {' <- '.join([*path, name])}.")
    for source in (models[name].initialise_from or {}).values():
        check_no_circle(models, source, (*path, name), where)
