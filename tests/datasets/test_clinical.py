"""Device and BI-RADS category, held to counts taken from the published tables by hand."""

import pytest

from benchmarks.datasets import find_dataset
from benchmarks.datasets.clinical import clinical_facts
from benchmarks.errors import UserError


def test_busbra_states_device_and_category(mirror):
    facts = clinical_facts(find_dataset("busbra-500"), mirror / "busbra-500")
    assert facts["device"].value_counts().to_dict() == {"GE Logiq 7 @10-14MHz": 658, "GE Logiq 5 @10-12MHz": 286}
    assert facts["birads"].value_counts().to_dict() == {"4": 346, "2": 265, "3": 243, "5": 90}


def test_breast_states_the_category_alone(mirror):
    facts = clinical_facts(find_dataset("breast"), mirror / "breast")
    assert facts["birads"].value_counts()[["4c", "4b", "4a", "1"]].to_list() == [49, 46, 44, 4]
    assert set(facts["device"]) == {""}
    assert facts["case"].iloc[0] == "case001"


def test_busi_has_no_table(tmp_path):
    assert clinical_facts(find_dataset("busi"), tmp_path).empty


@pytest.mark.parametrize("name", ["breast", "busbra"])
def test_a_table_that_is_missing_is_named(tmp_path, name):
    with pytest.raises(UserError, match=r"expected .*columns"):
        clinical_facts(find_dataset(name), tmp_path)
