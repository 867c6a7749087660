from benchmarks.reporting.labels import DASH, MINUS, number, p_value_text, with_interval


def test_texts_of_numbers():
    assert number(0.12345, 3) == "0.123"
    assert number(-0.0004, 3) == "0.000"
    assert number(-1.25, 1) == f"{MINUS}1.2"
    assert number(float("nan"), 3) == DASH
    assert with_interval(0.5, float("nan"), float("nan"), 2) == "0.50"
    assert with_interval(0.5, 0.4, 0.6, 2) == "0.50 [0.40, 0.60]"
    assert p_value_text(0.0004) == "< 0.001"
    assert p_value_text(0.25) == "0.250"
