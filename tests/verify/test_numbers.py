import pytest

from benchmarks.errors import UserError
from benchmarks.verify.numbers import LIST, check_numbers, numbers_of, read_list, same_number, value_of, write_list


@pytest.fixture
def texts(tmp_path):
    """A README that quotes a table and a parameter, listed."""
    (tmp_path / "reports").mkdir()
    (tmp_path / LIST).parent.mkdir(parents=True)
    (tmp_path / "README.md").write_text(
        "Dice .81 [0.795, 0.833] at 64 pixels,\nof ten networks; 2,000 cases,\nin 8 min.\n"
    )
    (tmp_path / "params.yaml").write_text("benchmarks: {small: {image_size: 64, seeds: [0, 1, 2]}}\n")
    (tmp_path / "reports/scores.csv").write_text("model,estimate,low\na,0.8132,0.7951\nb,0.5,0.4\n")
    assert write_list(tmp_path) == {"README.md": 7}
    sources = {
        ".81": "reports/scores.csv: estimate of model=a",
        "0.795": "reports/scores.csv: low of model=a",
        "64": "params.yaml: benchmarks.small.image_size",
    }
    rows = [
        line.replace("stated", sources.get(line.split(",")[-2], "stated"))
        for line in (tmp_path / LIST).read_text().splitlines()
    ]
    (tmp_path / LIST).write_text("\n".join(rows) + "\n")
    assert check_numbers(tmp_path) == ("7 numbers", [])
    return tmp_path


def test_every_digit_and_number_word_is_a_number():
    found = [
        one.number for one in numbers_of("f", "ResNet-18 v2, ten of 23_891; 1e-9, .703, 10.1016/j.2024.19 and 2,000")
    ]
    assert found == ["18", "2", "ten", "23_891", "1e-9", ".703", "10.1016", ".2024", ".19", "2,000"]


@pytest.mark.parametrize(("before", "after"), [(".81", ".82"), ("8 min", "9 min"), ("ten", "nine"), ("2,000", "3,000")])
def test_a_changed_number_is_named_with_what_is_listed(texts, before, after):
    text = (texts / "README.md").read_text()
    (texts / "README.md").write_text(text.replace(before, after))
    (fault,) = check_numbers(texts)[1]
    assert (fault.file, fault.found) == ("README.md", after.split()[0])
    assert fault.expected.startswith(before.split()[0])


def test_a_number_that_its_table_no_longer_holds_is_named(texts):
    (texts / "reports/scores.csv").write_text("model,estimate,low\na,0.8232,0.7951\nb,0.5,0.4\n")
    (texts / "params.yaml").write_text("benchmarks: {small: {image_size: 32}}\n")
    assert [(fault.expected, fault.found) for fault in check_numbers(texts)[1]] == [
        ("0.8232 (reports/scores.csv: estimate of model=a)", ".81"),
        ("32 (params.yaml: benchmarks.small.image_size)", "64"),
    ]
    (texts / "reports/scores.csv").write_text("model,estimate,low\nb,0.5,0.4\n")
    assert [fault.found for fault in check_numbers(texts)[1]][:2] == ["0 rows", "0 rows"]


def test_new_and_lost_numbers_are_named_and_a_renewed_list_keeps_its_sources(texts):
    (texts / "README.md").write_text(
        "Dice .81 [0.795, 0.833] at 64 pixels,\nof ten networks; 2,000 cases,\nby 3 readers.\n"
    )
    lost, new = check_numbers(texts)[1]
    assert (lost.expected, lost.found) == ("8", "no such number")
    assert new.found == "3"
    assert write_list(texts) == {"README.md": 1}
    assert check_numbers(texts)[1] == []
    assert [line.source for line in read_list(texts / LIST)["README.md"]].count("stated") == 4


def test_numbers_are_compared_as_far_as_their_digits_go():
    assert same_number(".703", 0.70349)
    assert not same_number(".703", 0.7036)
    assert same_number("2,000", 2000)
    assert same_number("Ten", 10)
    assert not same_number("12", 13)
    assert same_number("1e-9", 1e-9)


def test_sources_of_each_kind(texts):
    assert value_of("count: reports/*.csv", texts) == 1 or value_of("count: reports/scores.csv", texts) == 2
    assert value_of("count: reports/scores.csv", texts) == 2
    assert value_of("reports/scores.csv: low of model=b", texts) == 0.4
    assert value_of("reports/scores.csv: -low of model=b", texts) == -0.4
    assert value_of("params.yaml: benchmarks.small.seeds", texts) == 3
    assert value_of("code: benchmarks.statistics.comparisons.pairs: EQUIVALENT", texts) == 0.01
    assert value_of("code: benchmarks.statistics.comparisons.pairs: compare(resamples)", texts) == 10_000
    (texts / LIST).write_text("file,context,number,source\nREADME.md,a,1\n")
    with pytest.raises(UserError, match="line 2: expected file, context, number, source"):
        check_numbers(texts)
