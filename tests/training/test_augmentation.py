"""Batched affine augmentation against PIL, on real images."""

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.ndimage import binary_erosion

from benchmarks.errors import UserError
from benchmarks.training import augmentation

SIZE = 96


@pytest.fixture(scope="module")
def real_pairs(mirror) -> list[tuple[Image.Image, Image.Image]]:
    """Five BUSI images with their masks, resized as the released code does."""
    folder = mirror / "busi" / "Dataset_BUSI_with_GT" / "malignant"
    names = [f"malignant ({number})" for number in (1, 20, 53, 107, 208)]
    return [
        (
            Image.open(folder / f"{name}.png").convert("L").resize((SIZE, SIZE), Image.Resampling.BILINEAR),
            Image.open(folder / f"{name}_mask.png").convert("L").resize((SIZE, SIZE), Image.Resampling.NEAREST),
        )
        for name in names
    ]


def with_pil(picture: Image.Image, mirrored: bool, degrees: float, upside_down: bool, resampling) -> np.ndarray:
    """The released order: horizontal flip, rotation with zero fill, vertical flip."""
    if mirrored:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    picture = picture.rotate(degrees, resampling)
    if upside_down:
        picture = picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    return np.asarray(picture, dtype=float)


@pytest.mark.parametrize(
    ("mirrored", "degrees", "upside_down"),
    [(False, 0.0, False), (True, 0.0, False), (False, 17.0, False), (True, -29.0, True), (False, 30.0, True)],
)
def test_one_sampling_equals_pils_flip_rotate_flip(real_pairs, mirrored, degrees, upside_down):
    matrices = torch.eye(2)
    for step in (
        torch.diag(torch.tensor([-1.0 if mirrored else 1.0, 1.0])),
        augmentation.rotation_matrices(torch.tensor(degrees)),
        torch.diag(torch.tensor([1.0, -1.0 if upside_down else 1.0])),
    ):
        matrices = matrices @ step
    images, masks = (
        torch.stack([torch.tensor(np.asarray(pair[i], dtype=np.float32)) for pair in real_pairs])[:, None]
        for i in (0, 1)
    )
    moved_images, moved_masks = augmentation.apply(matrices.repeat(len(real_pairs), 1, 1), images, masks)
    for index, (image, mask) in enumerate(real_pairs):
        expected = with_pil(image, mirrored, degrees, upside_down, Image.Resampling.BILINEAR)
        white = with_pil(Image.new("L", (SIZE, SIZE), 255), mirrored, degrees, upside_down, Image.Resampling.NEAREST)
        # at the image's edge PIL repeats the last pixel, while sampling fades to zero
        inside = binary_erosion(white == 255, iterations=2)
        difference = np.abs(moved_images[index, 0].numpy() - expected)[inside]
        assert difference.max() <= 1.01  # PIL rounds to whole grey levels
        expected_mask = with_pil(mask, mirrored, degrees, upside_down, Image.Resampling.NEAREST)
        differing = (moved_masks[index, 0].numpy() != expected_mask).mean()
        assert differing < 0.002  # ties at pixel edges alone


def test_draw_keeps_the_recipes_probabilities_and_range():
    generator = torch.Generator().manual_seed(0)
    flips = augmentation.draw([{"name": "horizontal_flip", "probability": 0.6}], 20000, generator)
    assert torch.equal(flips[:, 1, 1], torch.ones(20000))
    assert (flips[:, 0, 0] == -1).float().mean() == pytest.approx(0.6, abs=0.011)  # three standard errors
    turns = augmentation.draw([{"name": "rotation", "degrees": 30}], 20000, generator)
    angles = torch.rad2deg(torch.atan2(turns[:, 1, 0], turns[:, 0, 0]))
    assert angles.abs().max() <= 30
    assert angles.std() == pytest.approx(60 / 12**0.5, rel=0.02)  # of a uniform distribution of width 60


def test_an_image_is_enlarged_about_its_centre(real_pairs):
    """By two, it is its middle half, resized as torch does; by one half, it is framed by black."""
    image = torch.tensor(np.asarray(real_pairs[0][0], dtype=np.float32))[None, None]
    quarter = SIZE // 4
    middle = image[..., quarter:-quarter, quarter:-quarter]
    expected = torch.nn.functional.interpolate(middle, scale_factor=2, mode="bilinear", align_corners=False)
    steps = [{"name": "scale", "factors": [2.0]}]
    larger, _ = augmentation.apply(augmentation.draw(steps, 1, torch.Generator()), image, image)
    torch.testing.assert_close(larger[..., 1:-1, 1:-1], expected[..., 1:-1, 1:-1], rtol=0, atol=1e-3)
    smaller, _ = augmentation.apply(augmentation.scale_matrices(torch.tensor([0.5])), image, image)
    assert smaller[..., quarter:-quarter, quarter:-quarter].mean() == pytest.approx(image.mean().item(), rel=1e-4)
    assert smaller[..., : quarter - 1, :].abs().max() == smaller[..., : quarter - 1].abs().max() == 0


def test_scales_are_drawn_alike_often_and_over_their_range():
    generator = torch.Generator().manual_seed(0)
    chosen = 1 / augmentation.draw([{"name": "scale", "factors": [1.0, 1.2, 1.5]}], 20000, generator)[:, 0, 0]
    for factor in (1.0, 1.2, 1.5):
        assert torch.isclose(chosen, torch.tensor(factor)).float().mean() == pytest.approx(1 / 3, abs=0.01)
    drawn = augmentation.draw([{"name": "scale_between", "lowest": 0.75, "highest": 1.25}], 20000, generator)
    factors = 1 / drawn[:, 1, 1]
    assert torch.equal(drawn[:, 0, 0], drawn[:, 1, 1])
    assert factors.min() >= 0.75
    assert factors.max() <= 1.25
    assert factors.mean() == pytest.approx(1.0, abs=0.004)
    assert factors.std() == pytest.approx(0.5 / 12**0.5, rel=0.02)


@pytest.mark.parametrize(
    "step",
    [
        {"name": "scale", "factors": []},
        {"name": "scale", "factors": [1.0, 0.0]},
        {"name": "scale_between", "lowest": 1.2, "highest": 0.8},
    ],
)
def test_a_scale_that_is_none_is_refused(step):
    with pytest.raises(ValueError, match="expected"):
        augmentation.draw([step], 1, torch.Generator())


def test_unknown_step_lists_the_known_ones():
    with pytest.raises(UserError, match=r"'shear'.*horizontal_flip, vertical_flip, rotation, scale, scale_between"):
        augmentation.draw([{"name": "shear"}], 1, torch.Generator())
