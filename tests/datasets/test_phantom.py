"""The phantom against closed forms of speckle, and against what it promises."""

import numpy as np
import pytest
from scipy.stats import kstest, rankdata

from benchmarks.datasets.phantom import PHANTOM, compress, generate, speckle_field, write_recipe
from benchmarks.datasets.verification import verified_cases
from benchmarks.errors import UserError


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("phantom")
    write_recipe(folder)
    return list(verified_cases(PHANTOM, folder))


@pytest.fixture(scope="module")
def envelope():
    """Speckle of a uniform region with unit mean power."""
    return np.abs(speckle_field(np.random.default_rng(0), np.ones((1200, 1200))))


def test_the_envelope_of_a_uniform_region_is_rayleigh(envelope):
    assert (envelope**2).mean() == pytest.approx(1, rel=0.02)
    assert envelope.mean() / envelope.std() == pytest.approx(np.sqrt(np.pi / (4 - np.pi)), rel=0.01)  # 1.913
    apart = envelope[8::17, 8::17].ravel()  # far enough apart to be independent
    assert kstest(apart, "rayleigh", args=(0, np.sqrt(0.5))).pvalue > 0.001


def test_power_does_not_depend_on_depth(envelope):
    by_depth = (envelope**2).reshape(6, 200, 1200).mean(axis=(1, 2))
    assert by_depth == pytest.approx(np.ones(6), rel=0.05)


def test_log_compression_turns_speckle_into_5_57_decibels(envelope):
    """The standard deviation of a Rayleigh variable in dB is (10 / ln 10) pi / sqrt(6), at any brightness."""
    gray_per_decibel = 255 / 56
    gray = compress(20 * np.log10(envelope) + 42).astype(float)
    assert gray.std() / gray_per_decibel == pytest.approx(10 / np.log(10) * np.pi / np.sqrt(6), rel=0.02)


def test_counts_groups_and_masks(cases):
    assert [sum(case.class_name == name for case in cases) for name in ("benign", "malignant")] == [96, 64]
    assert len({case.name for case in cases}) == 160
    assert len({case.group for case in cases}) == 150
    for case in cases:
        assert all(mask.sum() >= 50 and mask.shape == case.image.shape for mask in case.masks), case.name
        assert 140 <= case.image.shape[0] <= 200
        assert 150 <= case.image.shape[1] <= 210
    two = [case for case in cases if len(case.masks) == 2]
    assert 2 <= len(two) <= 20
    assert not any((case.masks[0] & case.masks[1]).any() for case in two)


def test_second_views_share_anatomy_but_not_speckle():
    first, second = generate(2024, 16)
    assert first.group == second.group
    assert first.name != second.name
    assert (first.union == second.union).all()
    assert (first.image != second.image).mean() > 0.8


def test_the_same_seed_gives_the_same_image():
    assert (next(generate(2024, 5)).image == next(generate(2024, 5)).image).all()
    other = next(generate(2025, 5)).image
    assert other.shape != next(generate(2024, 5)).image.shape or (other != next(generate(2024, 5)).image).any()


def test_lesions_are_darker_than_their_surroundings(cases):
    darker = [
        np.median(case.image[case.union]) < np.median(case.image[~case.union][: case.image.size // 2]) for case in cases
    ]
    assert np.mean(darker) > 0.9


def test_shape_tells_the_class_often_but_not_always(cases):
    """The area under the ROC curve of a lesion's height over its width (one feature, no learning)."""
    malignant = np.array([case.class_name == "malignant" for case in cases])
    ranks = rankdata([tallness(case.masks[0]) for case in cases])
    auc = (ranks[malignant].mean() - (malignant.sum() + 1) / 2) / (~malignant).sum()
    assert 0.75 < auc < 0.97


def tallness(mask: np.ndarray) -> float:
    rows, columns = np.nonzero(mask)
    return rows.std() / columns.std()


@pytest.mark.parametrize("content", ["", '{"generator": 1, "seed": 7, "anatomies": 150}'])
def test_another_recipe_is_refused(tmp_path, content):
    (tmp_path / "recipe.json").write_text(content)
    with pytest.raises(UserError, match=r"recipe\.json"):
        list(verified_cases(PHANTOM, tmp_path))
