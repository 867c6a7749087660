"""Unknown, missing, ill-typed and ill-valued entries: whatever stands in params.yaml, no traceback."""

import copy
import math
import random

import pytest

from benchmarks.configuration import Parameters, read_value
from benchmarks.configuration.names import check_names
from benchmarks.errors import UserError


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda c: c["benchmarks"]["busi"].update(imgsize=3), r"'imgsize'.*Did you mean 'image_size'.*Known: dataset"),
        (lambda c: c["benchmarks"]["busi"].pop("dataset"), r"benchmarks\.busi: missing dataset\.$"),
        (
            lambda c: c.clear(),
            r"the file: missing datasets, reference, studies, benchmarks, models, recipes, engine\.$",
        ),
        (lambda c: c["benchmarks"]["busi"]["training"].update(epochs="many"), r"training\.epochs: expected int, fou"),
        (lambda c: c["benchmarks"]["busi"]["training"].update(epochs=True), r"training\.epochs: expected int, found T"),
        (lambda c: c["benchmarks"]["busi"]["training"].update(epochs=2.0), r"training\.epochs: expected int, found 2"),
        (lambda c: c["benchmarks"]["busi"].update(split=None), r"busi\.split: expected a mapping, found None"),
        (lambda c: c["benchmarks"]["busi"]["split"].update(rule="random"), r"expected one of grouped_stratified"),
        (
            lambda c: c["benchmarks"]["busi"]["normalisation"].update(std="1e-4"),
            r"expected float, found '1e-4' \(write 1\.0e-4, not 1e-4, in YAML\)\.$",
        ),
        (lambda c: c["benchmarks"]["busi"]["normalisation"].update(std="one"), r"expected float, found 'one'\.$"),
        (lambda c: c.update(studies=[]), r"studies: expected a dict, found \[\]"),
        (lambda c: c["models"].update({1: 2}), r"models\.1: expected a mapping, found 2"),
        (lambda c: c["recipes"]["paper"].update(optimiser="adam"), r"recipes\.paper\.optimiser: expected a dict"),
        (
            lambda c: c["recipes"]["paper"].update(schedule={"final_share": 0.1}),
            r"schedule: expected a mapping with a name, found \{'final_share': 0\.1\}",
        ),
        (
            lambda c: c["recipes"]["paper"]["augmentation"][1].pop("name"),
            r"augmentation\[1\]: expected a mapping with a",
        ),
        (
            lambda c: c["models"]["unet"].update(balancing={"temperature": 2}),
            r"unet\.balancing: expected a mapping with",
        ),
        (lambda c: c["models"]["unet"].update(normalisation={"mean": 0.5}), r"unet\.normalisation: missing std"),
    ],
)
def test_what_is_wrong_is_named(edited, edit, message):
    with pytest.raises(UserError, match=rf"params\.yaml: (?s:.*){message}"):
        edited(edit)


def test_all_faults_are_named_at_once_but_ten_at_most(edited):
    with pytest.raises(UserError) as error:
        edited(lambda c: c["benchmarks"]["busi"].update(datset="busi", image_size=1, scoring="none"))
    assert len(str(error.value).splitlines()) == 3
    with pytest.raises(UserError) as error:
        edited(lambda c: [model.update(parameters=0) for model in c["models"].values()])
    assert len(str(error.value).splitlines()) == 11


@pytest.mark.parametrize(
    ("expected", "value", "message"),
    [
        (tuple[int, ...], [1, "b"], r"here: x\[1\]: expected int, found 'b'"),
        (tuple[float, float], [1.0], r"here: x: expected a list of 2 values, found \[1\.0\]"),
        (tuple[float, float], [1.0, 2.0, 3.0], r"here: x: expected a list of 2 values, found"),
        (bool | tuple[int, ...], "b", r"here: x: expected bool, found 'b'\.$"),
        (bool | tuple[int, ...], [1, "b"], r"^here: x: expected bool, found \[1, 'b'\]\.$"),
        (tuple[int, ...] | str, [1, "b"], r"^here: x\[1\]: expected int, found 'b'\.$"),
        (float, math.nan, r"here: x: expected a finite number, found nan"),
        (dict[str, float], {"a": "1e-4"}, r"here: x\.a: expected float, found '1e-4' \(write 1\.0e-4"),
    ],
)
def test_values_of_another_kind_are_named(expected, value, message):
    with pytest.raises(UserError, match=message):
        read_value(expected, value, "here", "x")


def test_values_of_several_kinds_are_read():
    assert read_value(tuple[float, ...], [1, 2.5], "here", "x") == (1.0, 2.5)
    assert read_value(bool | tuple[int, ...] | None, [1, 2], "here", "x") == (1, 2)
    assert read_value(float | None, None, "here", "x") is None


ODD = [
    *(None, True, False, -1, 0, 1, 2, 31, 2**31, 10**30, 10**400, 10**5000, -0.0, 0.001, 0.3, 1.5),
    *(-1e300, math.inf, -math.inf, math.nan),
    *("", " ", "x", "x" * 10_000, "1e-4", "null", "../x", "a:b", "\ud800", "malignant"),
    *(
        [],
        [[]],
        [None],
        ["benign"],
        [0, 0],
        {},
        {"name": None},
        {"name": "x"},
        {"": {}},
        {1: 2},
        {(1, 2): 3},
        {None: []},
    ),
    *({"a": b"x"}, {1, 2}, object()),
]


SECTIONS = ("studies", "benchmarks", "models", "recipes")


def leaves(content, path=()):
    """The paths of all that is no mapping and no list, and of empty ones."""
    inside = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    return [leaf for key, value in inside for leaf in leaves(value, (*path, key))] or [path]


def kind_of(path) -> tuple:
    """A path without the names of entries, items and options: leaves of one kind share their annotation."""
    kind = []
    for position, key in enumerate(path):
        named = (position == 1 and path[0] in SECTIONS) or (position == 3 and path[2] in ("references", "benchmarks"))
        kind.append("*" if named or isinstance(key, int) else key)
        if key in ("arguments", "optimiser", "schedule", "balancing"):
            break  # what follows may be anything
    return (*kind, path[-1] == "name")


def is_taken(content) -> bool:
    """Whether the content is valid; if not, it must be the user's error, and nothing else."""
    try:
        parameters = read_value(Parameters, content, "params.yaml", "")
        check_names(parameters, "params.yaml")
    except UserError as error:
        if not str(error).startswith("params.yaml: "):
            raise
        return False
    return isinstance(parameters, Parameters)


def without_repetitions(content: dict) -> dict:
    """The fewest entries that still have every kind of leaf, to be quick."""
    content = copy.deepcopy(content)
    kinds = {kind_of(path) for path in leaves(content)}
    for section in SECTIONS:
        for name, entry in list(content[section].items()):
            del content[section][name]
            if {kind_of(path) for path in leaves(content)} != kinds or not is_taken(content):
                content[section][name] = entry
    return content


def test_any_leaf_may_be_anything_without_a_traceback(committed):
    """Every kind of leaf with every odd value; of all leaves, some with one by chance."""
    generator, taken = random.Random(0), []
    few = without_repetitions(committed)
    kinds = {kind_of(path): path for path in leaves(few)}
    trials = [(few, path, value) for path in kinds.values() for value in ODD]
    everything = copy.deepcopy(committed)
    trials += [(everything, path, generator.choice(ODD)) for path in generator.sample(leaves(everything), 300)]
    for content, path, value in trials:
        place = content
        for key in path[:-1]:
            place = place[key]
        before, place[path[-1]] = place[path[-1]], value
        taken.append(is_taken(content))
        place[path[-1]] = before
    assert is_taken(few)
    assert len(kinds) > 40
    assert len(trials) / 20 < sum(taken) < len(trials) / 2  # descriptions and arguments may be nearly anything
