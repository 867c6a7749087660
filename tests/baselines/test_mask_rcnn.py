"""What Mask R-CNN is trained on and what is kept of what it finds."""

import torch
from torchvision.models.detection.image_list import ImageList

from baselines.mask_rcnn import RelativeAnchors, lesions_of, likeliest_lesions


def test_each_connected_part_is_an_instance_of_the_images_class():
    mask = torch.zeros(8, 8)
    mask[1:3, 2:5] = 1
    mask[6, 7] = 1
    lesions = lesions_of(mask, torch.tensor(1))
    assert lesions["boxes"].tolist() == [[2, 1, 5, 3], [7, 6, 8, 7]]
    assert lesions["labels"].tolist() == [2, 2]
    assert lesions["masks"].sum((1, 2)).tolist() == [6, 1]


def test_an_empty_mask_has_no_instance():
    lesions = lesions_of(torch.zeros(8, 8), torch.tensor(0))
    assert lesions["boxes"].shape == (0, 4)
    assert lesions["masks"].shape == (0, 8, 8)


def test_the_region_least_likely_background_is_kept_in_each_image():
    background = torch.tensor([0.9, 0.2, 0.5, 0.7, 0.1])  # two regions of the first image, three of the second
    rest = (1 - background)[:, None].expand(-1, 2) / 2
    logits = torch.cat([background[:, None], rest], dim=1).log()
    assert likeliest_lesions(logits, [2, 3]).tolist() == [1, 4]


def test_anchors_at_128_pixels_are_those_of_the_reference():
    features = [torch.zeros(1, 1, side, side) for side in (32, 16, 8, 4, 2)]
    (anchors,) = RelativeAnchors()(ImageList(torch.zeros(1, 3, 128, 128), [(128, 128)]), features)
    square = anchors[(anchors[:, 2] - anchors[:, 0]) == (anchors[:, 3] - anchors[:, 1])]
    assert (square[:, 2] - square[:, 0]).unique().tolist() == [8, 16, 32, 64, 128]
