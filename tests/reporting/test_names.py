import pandas as pd

from benchmarks.reporting.names import title_of, with_titles


def test_datasets_are_called_as_their_papers_call_them():
    assert [title_of(name) for name in ("busi", "breast", "busbra-500", "udiat")] == [
        "BUSI",
        "BrEaST",
        "BUS-BRA (patients 1 to 500)",
        "UDIAT (Dataset B)",
    ]
    assert title_of("busi: pairs of the same group") == "BUSI: pairs of the same group"
    assert title_of("my-hospital") == "my-hospital"


def test_titles_stand_in_columns_of_datasets_alone():
    table = pd.DataFrame({"dataset_a": ["busi"], "dataset_b": ["breast"], "model": ["busi"], "alike": [3]})
    assert with_titles(table).iloc[0].to_list() == ["BUSI", "BrEaST", "busi", 3]
    assert with_titles(pd.DataFrame()).empty
