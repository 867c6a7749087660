"""Mask R-CNN: the lesion found as an instance, which gives its mask and its class.

Citation: He K, Gkioxari G, Dollar P, Girshick R. Mask R-CNN. ICCV 2017. On breast ultrasound:
github.com/mroussak/BUS_Deep_Learning, by way of github.com/matterport/Mask_RCNN.
Licence of the reference: BUS_Deep_Learning has none and none of its code is used; the network is torchvision's
(BSD-3-Clause), ResNet-50 with a feature pyramid.
Faithful: anchors of a sixteenth to once the image's height (8 to 128 pixels at the reference's 128), 32 regions per
training image, a third of them lesions, one detection per image, the five losses of the paper.
Adapted: ResNet-50 for ResNet-101; batch normalisation that learns; benign and malignant lesions are classes of their
own; the region most likely a lesion is kept however unlikely, so that every image has a mask and class logits.
"""

from typing import cast

import torch
import torchvision
from scipy import ndimage
from torch import Tensor, nn
from torchvision.models.detection import MaskRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import resnet_fpn_backbone
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.roi_heads import RoIHeads, paste_masks_in_image
from torchvision.models.detection.rpn import RegionProposalNetwork
from torchvision.ops import clip_boxes_to_image, masks_to_boxes

from baselines.encoder_weights import with_encoder_weights

ANCHOR_SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1)  # of the image's height, one for each level of the pyramid
ASPECT_RATIOS = (0.5, 1.0, 2.0)


class RelativeAnchors(AnchorGenerator):
    """Anchors whose sizes are shares of the image's height."""

    def __init__(self):
        super().__init__(tuple((share,) for share in ANCHOR_SHARES), (ASPECT_RATIOS,) * len(ANCHOR_SHARES))

    def forward(self, image_list: ImageList, feature_maps: list[Tensor]) -> list[Tensor]:
        """The anchors (N, 4) of each image, as x1, y1, x2, y2 in pixels."""
        height, dtype = image_list.tensors.shape[-2], feature_maps[0].dtype
        ratios, sizes = list(ASPECT_RATIOS), [share * height for share in ANCHOR_SHARES]
        # torchvision declares whole pixels, and takes fractions.
        self.cell_anchors = [self.generate_anchors([size], ratios, dtype) for size in sizes]  # ty: ignore[invalid-argument-type]
        return super().forward(image_list, feature_maps)


class Proposals(RegionProposalNetwork):
    """torchvision's, whose targets have the precision of the anchors, where torchvision makes them in float32."""

    def assign_targets_to_anchors(
        self, anchors: list[Tensor], targets: list[dict[str, Tensor]]
    ) -> tuple[list[Tensor], list[Tensor]]:
        """For each image: of every anchor (N,) whether it is a lesion, 1, background, 0, or neither, -1; and (N, 4)
        the box of the lesion that it fits best."""
        labels, boxes = super().assign_targets_to_anchors(anchors, targets)
        return [found.to(anchors[0].dtype) for found in labels], [found.to(anchors[0].dtype) for found in boxes]


class LesionMaskRCNN(nn.Module):
    citation = "He K et al. Mask R-CNN. ICCV 2017"
    licence = "BSD-3-Clause (torchvision); BUS_Deep_Learning has none"
    fidelity = "adapted: ResNet-50 for ResNet-101, one class per lesion type, the likeliest region is always kept"
    expected_parameters = 43_980_897
    exempt_from_fit = "its regions need some hundred steps on two images, and only the likeliest one gives a mask"

    def __init__(self, classes: int = 2, encoder_weights: str = "none"):
        """Raises UserError where the encoder's weights cannot be had."""
        super().__init__()
        backbone = with_encoder_weights(
            lambda pretrained: resnet_fpn_backbone(
                backbone_name="resnet50",
                weights=torchvision.models.ResNet50_Weights.IMAGENET1K_V1 if pretrained else None,
                norm_layer=nn.BatchNorm2d,
                trainable_layers=5,
            ),
            encoder_weights,
            encoder_of=lambda network: network.get_submodule("body"),
        )
        anchors = RelativeAnchors()
        network = MaskRCNN(
            backbone,
            num_classes=1 + classes,
            rpn_anchor_generator=anchors,
            box_batch_size_per_image=32,
            box_positive_fraction=1 / 3,
        )
        # Without torchvision's transform: our images are normalised and of one size.
        self.backbone = network.backbone
        self.proposals = Proposals(
            anchors,
            network.rpn.get_submodule("head"),
            fg_iou_thresh=0.7,
            bg_iou_thresh=0.3,
            batch_size_per_image=256,
            positive_fraction=0.5,
            pre_nms_top_n={"training": 2000, "testing": 1000},
            post_nms_top_n={"training": 100, "testing": 100},
            nms_thresh=0.7,
        )
        self.regions = cast(RoIHeads, network.roi_heads)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, dict]:
        """Map images `(B, 3, H, W)` to mask logits `(B, 1, H, W)` and class logits `(B, classes)`.

        Both are those of the region most likely a lesion.
        """
        height, width = images.shape[-2:]
        size = (height, width)
        sizes = [size] * len(images)
        features = self.features(images)
        with torch.autocast(images.device.type, enabled=False):
            proposals = self.propose(images, features)
            regions = self.regions.box_roi_pool(features, proposals, sizes)
            class_logits, box_offsets = self.regions.box_predictor(self.regions.box_head(regions))
            boxes = self.regions.box_coder.decode(box_offsets, proposals)  # (regions, 1 + classes, 4)
            chosen = likeliest_lesions(class_logits, [len(p) for p in proposals])
            class_logits = class_logits[chosen, 1:]
            instance = 1 + class_logits.argmax(1)
            boxes = clip_boxes_to_image(boxes[chosen, instance], size)
            parts = ("mask_roi_pool", "mask_head", "mask_predictor")  # torchvision's other networks have none
            pool, describe, predict = (self.regions.get_submodule(part) for part in parts)
            masks = predict(describe(pool(features, list(boxes.split(1)), sizes)))
            masks = masks[torch.arange(len(masks)), instance].sigmoid()[:, None]
            pasted = paste_masks_in_image(masks, boxes.detach(), size)
            mask_logits = torch.logit(pasted, eps=1e-4)  # -9.2 outside the region
        return mask_logits, class_logits, {}

    def features(self, images: Tensor) -> dict[str, Tensor]:
        """The pyramid's five levels, in float32 at least: coordinates of regions need it."""
        levels = self.backbone(images)
        return {name: level.to(torch.promote_types(level.dtype, torch.float32)) for name, level in levels.items()}

    def propose(self, images: Tensor, features: dict[str, Tensor]) -> list[Tensor]:
        """Regions (N, 4) of each image: the proposals, and last the whole image, so that there is one."""
        self.proposals.eval()  # its mode says no more than whether it asks for targets
        height, width = images.shape[-2:]
        whole = images.new_tensor([[0, 0, width, height]])
        proposals, _ = self.proposals(ImageList(images, [(height, width)] * len(images)), features)
        return [torch.cat([found, whole]) for found in proposals]

    def losses(self, images: Tensor, masks: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """The paper's five losses, of weight 1: that of the regions' class is ours of classification, the others' sum
        ours of segmentation."""
        height, width = images.shape[-2:]
        sizes = [(height, width)] * len(images)
        targets = [lesions_of(mask[0], label) for mask, label in zip(masks, labels, strict=True)]
        features = self.features(images)
        with torch.autocast(images.device.type, enabled=False):
            self.proposals.train()
            self.regions.train()
            proposals, finding = self.proposals(ImageList(images, sizes), features, targets)
            _, describing = self.regions(features, proposals, sizes, targets)
        classification = describing.pop("loss_classifier")
        return {"segmentation": sum((finding | describing).values()), "classification": classification}


def likeliest_lesions(class_logits: Tensor, counts: list[int]) -> Tensor:
    """For each image the index of the region whose probability of background is least; `counts`: regions per image."""
    background = class_logits.softmax(1)[:, 0].split(counts)
    firsts = torch.tensor([0, *counts[:-1]], device=class_logits.device).cumsum(0)
    return firsts + torch.stack([probability.argmin() for probability in background])


def lesions_of(mask: Tensor, label: Tensor) -> dict[str, Tensor]:
    """The connected parts of a mask (H, W) as instances: their `masks`, their `boxes`, and the image's label each."""
    parts, count = ndimage.label(mask.cpu().numpy() > 0.5)
    numbers = torch.arange(1, count + 1, device=mask.device)
    masks = torch.from_numpy(parts).to(mask.device) == numbers[:, None, None]
    boxes = masks_to_boxes(masks).to(mask.dtype)
    boxes[:, 2:] += 1  # from the last pixel's number to its far edge
    return {"boxes": boxes, "labels": (1 + label).expand(count), "masks": masks.to(torch.uint8)}
