"""The command that predicts is timed from outside, with its start-up, on as many images as were asked for."""

import pytest

from benchmarks.errors import UserError
from benchmarks.measuring.speed.predicting import predict_jobs, run_predict


def test_a_folder_of_images_is_predicted(tmp_path):
    one, three = predict_jobs(tmp_path, [1, 3], repetitions=2)
    assert (one.name, three.name, three.repetitions) == ("predict, 1 image", "predict, 3 images", 2)
    ((_, run),) = three.start().ours.items()
    assert len(list((tmp_path / "3").iterdir())) == 3
    reading = run()
    assert reading.seconds > 0.5  # torch alone takes longer to import
    assert 0.1 < reading.memory < 4


def test_what_fails_says_why(tmp_path):
    with pytest.raises(UserError, match=r"ended with status 1: error: .*acsnett"):
        run_predict(tmp_path, "busi-light/acsnett")
