import pytest

from benchmarks.errors import UserError
from benchmarks.verify.asked import read_cell


def test_an_unknown_cell_or_one_without_data_says_what_to_do(repository):
    with pytest.raises(UserError, match=r"no benchmark is called 'made-upp'"):
        read_cell("made-upp/acsnet", repository)
    for wrong in ("made-up/nothing", "made-up"):
        with pytest.raises(UserError, match=r"expected BENCHMARK/MODEL with stored scores.*acsnet, resnet, shared"):
            read_cell(wrong, repository)
    with pytest.raises(UserError, match=r"acsbench split made-up"):
        read_cell("made-up/acsnet", repository)
    (repository / "prepared/benchmarks/made-up").mkdir(parents=True)
    assert read_cell("made-up/acsnet", repository) == ("made-up", "acsnet")
