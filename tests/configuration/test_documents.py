"""A file that is missing, broken or says a thing twice."""

import pytest

from benchmarks.configuration import read_parameters
from benchmarks.errors import UserError


def test_a_key_that_stands_twice_is_named_with_both_lines(repository, tmp_path):
    text = (repository / "params.yaml").read_text()
    first = text[: text.index("\n  unet: {")].count("\n") + 2
    path = tmp_path / "params.yaml"
    path.write_text(text.replace("\nrecipes:\n", "\n  unet: {network: 'baselines.mine:UNet'}\nrecipes:\n"))
    with pytest.raises(UserError, match=rf"params\.yaml: unet stands twice, in lines {first} and \d+\. Remove or"):
        read_parameters(path)


def test_a_missing_file_says_what_to_do(tmp_path):
    with pytest.raises(UserError, match=r"not found\. Run the command in the repository's root"):
        read_parameters(tmp_path / "params.yaml")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: [", "not valid YAML"),
        (b"a: *unknown", "not valid YAML"),
        (b"? [a]\n: 1", "not valid YAML"),
        (b"a: 2024-13-45", "not valid YAML: month"),
        (b"a: !!int x", "not valid YAML"),
        (b"a: !!bool x", "not valid YAML"),
        (b"a: !!timestamp x", "not valid YAML"),
        (b"a: " + b"9" * 5000, "not valid YAML"),
        (b"[" * 2000, "not valid YAML"),
        (b"a: &a [*a]", "Circular"),
        (b"a: 2024-12-24", r"found datetime\.date\(2024, 12, 24\)\. Write it in quotes"),
        (b"2024-12-24: a", "expected text, numbers, lists and mappings"),
        (b"a: \xff", "not readable as text"),
        (b"", "the file: expected a mapping, found None"),
        (b"- a", r"the file: expected a mapping, found \['a'\]"),
    ],
)
def test_a_broken_file_is_no_traceback(tmp_path, content, message):
    path = tmp_path / "params.yaml"
    path.write_bytes(content)
    with pytest.raises(UserError, match=rf"params\.yaml: (?s:.*){message}"):
        read_parameters(path)


@pytest.mark.parametrize("content", ["{", "", "[" * 100_000, '{"a": ' + "9" * 5000 + "}"])
def test_broken_json_is_no_traceback(tmp_path, content):
    path = tmp_path / "params.json"
    path.write_text(content)
    with pytest.raises(UserError, match=r"params\.json: not valid JSON"):
        read_parameters(path)
