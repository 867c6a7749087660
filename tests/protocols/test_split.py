"""Folds: no group on two sides, classes balanced, and the released KFold as the authors' script drew it."""

import dataclasses
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.configuration import Split, read_parameters
from benchmarks.datasets.busi import BUSI
from benchmarks.errors import UserError
from benchmarks.protocols import split
from benchmarks.protocols.split import fold_table, read_folds, write_benchmark


def made_cases(benign: int, malignant: int, pairs: int = 0) -> pd.DataFrame:
    """Cases of two classes; the first `pairs` benign cases share their group with the next one."""
    rows = [("benign", i, i - i % 2 if i < 2 * pairs else i) for i in range(benign)]
    rows += [("malignant", i, i) for i in range(malignant)]
    return pd.DataFrame([{"case": f"{c} ({i + 1})", "class": c, "group": f"{c}{g}"} for c, i, g in rows])


@pytest.fixture(scope="module")
def busi(mirror) -> pd.DataFrame:
    rows = [
        {"case": case.name, "class": case.class_name, "group": case.group}
        for case in BUSI.read(mirror / "busi", problems=[])
        if case.class_name != "normal"
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize("validation", [0.0, 0.15, 0.2])
def test_groups_stay_together_and_classes_stay_balanced(validation):
    table = fold_table(made_cases(120, 60, pairs=40), Split("grouped_stratified", 5, 0, validation))
    for fold in range(5):
        sides = table.groupby("group")[f"role_{fold}"].nunique()
        assert sides.max() == 1
        tested = table[table[f"role_{fold}"] == "test"]
        assert (tested["fold"] == fold).all()
        assert abs((tested["class"] == "malignant").mean() - 1 / 3) < 0.05
        held_out = (table[f"role_{fold}"] == "validation").sum() / (table[f"role_{fold}"] != "test").sum()
        assert abs(held_out - validation) < 0.04
    assert sorted(table["fold"].unique()) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("validation", [0.0, 0.2])
def test_a_share_of_the_training_groups_remains_and_lies_within_a_larger_one(validation):
    """Of each class so many whole groups; who is tested and validated stays the same."""
    cases = made_cases(120, 60, pairs=40)
    split = Split("grouped_stratified", 5, 0, validation)
    tables = {share: fold_table(cases, dataclasses.replace(split, training=share)) for share in (0.25, 0.5, 1.0)}
    whole, groups = tables[1.0], {}
    for fold in range(5):
        role, trained = f"role_{fold}", whole[whole[f"role_{fold}"] == "train"]
        for share, table in tables.items():
            unused = table[role] == "unused"
            assert table.loc[~unused, role].equals(whole.loc[~unused, role])
            assert (whole.loc[unused, role] == "train").all()
            assert not set(table.loc[unused, "group"]) & set(table.loc[table[role] == "train", "group"])
            left = table[table[role] == "train"].groupby("class")["group"].nunique()
            full = trained.groupby("class")["group"].nunique()
            assert (left - share * full).abs().max() <= 0.5
            groups[fold, share] = set(table.loc[table[role] == "train", "group"])
        assert groups[fold, 0.25] < groups[fold, 0.5] < groups[fold, 1.0]
    assert "unused" not in set(whole["role_0"])


def test_a_tiny_share_keeps_a_group_of_each_class_and_row_order_does_not_matter():
    cases, split = made_cases(40, 20, pairs=10), Split("grouped_stratified", 4, 0, 0.2, training=0.001)
    table = fold_table(cases, split)
    pd.testing.assert_frame_equal(table, fold_table(cases.sample(frac=1, random_state=1), split))
    assert table[table["role_0"] == "train"].groupby("class")["group"].nunique().tolist() == [1, 1]


def test_row_order_does_not_matter():
    cases, split = made_cases(40, 20, pairs=10), Split("grouped_stratified", 4, 0, 0.2)
    pd.testing.assert_frame_equal(fold_table(cases, split), fold_table(cases.sample(frac=1, random_state=1), split))


@pytest.mark.parametrize(
    ("benign", "malignant", "sizes", "malignants"),
    [
        (437, 210, [130, 130, 129, 129, 129], [39, 31, 50, 46, 44]),  # BUSI
        (110, 53, [33, 33, 33, 32, 32], [11, 8, 13, 11, 10]),  # UDIAT
    ],
)
def test_released_kfold_gives_the_scripts_counts(benign, malignant, sizes, malignants):
    table = fold_table(made_cases(benign, malignant), Split("released", 5, 42))
    assert table.groupby("fold").size().tolist() == sizes
    assert table[table["class"] == "malignant"].groupby("fold").size().tolist() == malignants
    assert set(table["role_0"]) == {"train", "test"}


def test_random_folds_leak_a_third_of_busis_test_images_and_grouped_folds_none(busi):
    def leaked(split: Split) -> float:
        table = fold_table(busi, split)
        copies = table.groupby("group")["fold"].transform("nunique")
        return float((copies > 1).mean())

    assert len(busi) == 647
    assert leaked(Split("released", 5, 42)) == pytest.approx(0.36, abs=0.02)  # as measured by feature matching
    assert leaked(Split("grouped_stratified", 5, 0)) == 0


@pytest.mark.parametrize("benchmark", ["busi", "busi-small", "busi-released"])
def test_committed_fold_files_are_what_the_rule_makes(busi, benchmark, repository):
    rule = read_parameters(repository / "params.yaml").benchmark(benchmark).split
    committed = read_folds(repository / "benchmarks" / "folds" / f"{benchmark}.csv")
    pd.testing.assert_frame_equal(committed, fold_table(busi, rule))


def test_too_few_groups_and_missing_files_are_named(tmp_path):
    with pytest.raises(UserError, match=r"5 folds need at least as many groups.*'malignant': 3"):
        fold_table(made_cases(20, 3), Split("grouped_stratified", 5, 0))
    with pytest.raises(UserError, match=r"not found\. Run `acsbench split tiny`"):
        read_folds(tmp_path / "tiny.csv")
    (tmp_path / "tiny.csv").write_text("case,class,group,fold\na,benign,1,0\na,benign,1,1\n")
    with pytest.raises(UserError, match="found twice: a"):
        read_folds(tmp_path / "tiny.csv")


def few_groups(seed: int) -> tuple[pd.DataFrame, Split]:
    """A table of 3 to 13 groups a class, one in ten cases in a group across the classes, and a rule for it."""
    random = np.random.default_rng(seed)
    rows = [
        (f"{name} ({group}-{view})", name, f"{name} {group}" if random.random() < 0.9 else "shared")
        for name in ("benign", "malignant")
        for group in range(random.integers(3, 14))
        for view in range(random.integers(1, 6))
    ]
    rule = ("grouped_stratified", "stratified", "released")[random.integers(3)]
    split = Split(rule, int(random.integers(2, 6)), seed, float(random.choice([0, 0.1, 0.15, 0.2, 0.3])))
    return pd.DataFrame(rows, columns=["case", "class", "group"]), split


def test_few_groups_give_each_side_both_classes_or_are_refused():
    made = refused = 0
    for seed in range(60):
        cases, split = few_groups(seed)
        try:
            table = fold_table(cases, split)
        except UserError as error:
            refused += str(error).startswith("split: ")
            continue
        made += 1
        for fold in range(split.folds):
            sides = table.groupby(f"role_{fold}")["class"].nunique()
            assert set(sides.index) == {"train", "test"} | ({"validation"} if split.validation else set())
            assert (sides == 2).all()
    assert made > 10
    assert refused > 10


def test_an_inner_split_that_cannot_be_is_told():
    with pytest.raises(UserError, match=r"one part in 10 .*'benign': 4, 'malignant': 4.*Raise split.validation"):
        fold_table(made_cases(6, 6), Split("grouped_stratified", 3, 0, 0.1))
    # Two malignant cases are left beside the test fold: of ten parts, the first has none of them.
    with pytest.raises(UserError, match="fold 0 would have no malignant case to validate on"):
        fold_table(made_cases(40, 3), Split("grouped_stratified", 3, 0, 0.1))


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A benchmark of a made-up dataset in an empty folder, and a function that writes it for a seed."""
    monkeypatch.chdir(tmp_path)
    cases = made_cases(20, 12).assign(offset=0)
    arrays = np.zeros((3, len(cases), 32, 32), np.uint8)
    monkeypatch.setattr(split, "read_prepared", lambda dataset: (cases, None))
    monkeypatch.setattr(split, "benchmark_arrays", lambda cases, pixels, size: arrays)
    settings = read_parameters(Path(__file__).parents[2] / "params.yaml").benchmark("busi-small")

    def write(seed: int) -> None:
        chosen = dataclasses.replace(settings, split=Split("grouped_stratified", 2, seed))
        write_benchmark("tiny", dataclasses.replace(chosen, image_size=32))

    return write


def test_what_is_said_of_the_validation_set_counts_unused_cases_among_the_training_cases(tiny, capsys):
    """32 cases, each its group, in halves; of 16 a quarter is validated on, of the other 12 six remain."""
    parameters = read_parameters(Path(__file__).parents[2] / "params.yaml")
    settings = dataclasses.replace(
        parameters.benchmark("busi-small"), split=Split("grouped_stratified", 2, 0, 0.25, training=0.5), image_size=32
    )
    split.split_benchmark(dataclasses.replace(parameters, benchmarks={"tiny": settings}), "tiny")
    roles = pd.read_csv("benchmarks/folds/tiny.csv")["role_0"].value_counts().to_dict()
    assert roles == {"test": 16, "train": 6, "unused": 6, "validation": 4}
    assert "4 of 16 training cases, 25.0% (asked: 25.0%)" in capsys.readouterr().out


def written() -> dict[str, bytes]:
    return {path.as_posix(): path.read_bytes() for path in Path().rglob("*") if path.is_file()}


WRITES = {
    "arrays": (np, "savez_compressed"),
    "cases": (pd.DataFrame, "to_parquet"),
    "folds": (pd.DataFrame, "to_csv"),
    "copy": (shutil, "copyfile"),
    "swap": (os, "rename"),
    "swap of the fold file": (os, "replace"),
}


class Killed(BaseException):
    pass


@pytest.mark.parametrize("step", WRITES)
@pytest.mark.parametrize("what", [OSError(28, "No space left on device"), Killed()], ids=["full disk", "kill"])
def test_a_write_that_fails_leaves_the_old_benchmark_or_the_new_one(tiny, monkeypatch, step, what):
    tiny(seed=0)
    old = written()
    assert set(old) == {"benchmarks/folds/tiny.csv"} | {
        f"prepared/benchmarks/tiny/{name}" for name in ("images.npz", "cases.parquet", "folds.csv")
    }

    def fail(*arguments, **options):
        raise what

    with monkeypatch.context() as failing:
        failing.setattr(*WRITES[step], fail)
        if isinstance(what, Killed):
            with pytest.raises(Killed):
                tiny(seed=1)
        else:
            with pytest.raises(UserError, match=r"tiny: cannot be written: .*No space left.*run the command again"):
                tiny(seed=1)
    left = {path: content for path, content in written().items() if "/." not in path}
    assert set(left) == set(old)
    if step != "swap of the fold file":
        assert left == old
        assert isinstance(what, Killed) or written() == old
    tiny(seed=1)
    new = {path: content for path, content in written().items() if "/." not in path}
    assert set(new) == set(old)
    folds = "benchmarks/folds/tiny.csv"
    assert new[folds] == new["prepared/benchmarks/tiny/folds.csv"] != old[folds]
