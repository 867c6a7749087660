"""Unknown, missing, ill-typed and ill-valued entries: whatever stands in params.yaml, no traceback."""

import contextlib
import copy
import dataclasses
import math
import random
import typing

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


def part_of(path) -> tuple:
    """The entry that a leaf lies in, or the key at the top."""
    return path[:2] if path[0] in SECTIONS else path[:1]


def annotation_of_part(place) -> object:
    annotation = typing.get_type_hints(Parameters, include_extras=True)[place[0]]
    return typing.get_args(annotation)[1] if len(place) == 2 else annotation


def is_taken(whole: Parameters, path, content) -> bool:
    """Whether the parameters are valid with another entry in place of one; if not, it must be the user's error.

    The reader's two halves: the entry by itself, and its names among the others. The rest has been read before.
    """
    place = part_of(path)
    try:
        value = read_value(annotation_of_part(place), content, "params.yaml", ".".join(map(str, place)))
        changed = getattr(whole, place[0]) | {place[1]: value} if len(place) == 2 else value
        check_names(dataclasses.replace(whole, **{place[0]: changed}), "params.yaml")
    except UserError as error:
        if not str(error).startswith("params.yaml: "):
            raise
        return False
    return True


def at(content, path):
    for key in path:
        content = content[key]
    return content


def test_any_leaf_may_be_anything_without_a_traceback(committed):
    """Every leaf of params.yaml with every odd value."""
    whole, content = read_value(Parameters, committed, "params.yaml", ""), copy.deepcopy(committed)
    taken = []
    for path in leaves(content):
        inside, entry = at(content, path[:-1]), part_of(path)
        before = inside[path[-1]]
        assert is_taken(whole, path, at(content, entry))
        for value in ODD:
            inside[path[-1]] = value
            taken.append(is_taken(whole, path, at(content, entry)))
        inside[path[-1]] = before
    assert len(taken) > 30 * 700
    assert len(taken) / 20 < sum(taken) < len(taken) / 2  # descriptions and arguments may be nearly anything


def test_the_whole_file_may_hold_anything_without_a_traceback(committed):
    """The reading function itself, on a few leaves by chance."""
    generator = random.Random(0)
    for path in generator.sample(leaves(committed), 40):
        content = copy.deepcopy(committed)
        at(content, path[:-1])[path[-1]] = generator.choice(ODD)
        with contextlib.suppress(UserError):
            check_names(read_value(Parameters, content, "params.yaml", ""), "params.yaml")
