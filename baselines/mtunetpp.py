"""MTUNet++: MONAI's U-Net++ with a classifier on the features around its bottleneck.

Citation: Aumente-Maestro C, Diez J, Remeseiro B. A multi-task framework for breast cancer segmentation and
classification in ultrasound imaging. Computer Methods and Programs in Biomedicine 2025; U-Net++: Zhou Z et al.
DLMIA 2018.
Licence of the reference: Apache-2.0 (caumente/multi_task_breast_cancer, MONAI).
Faithful: MONAI's blocks at widths 24 to 384, one downsampling block shared by two of the classifier's three inputs,
four supervised masks and the loss of `deep_supervision.py`. Two class logits stand for their single one, and three
input channels for one.
"""

from typing import Any

import torch
from monai.networks.nets import BasicUNetPlusPlus
from monai.networks.nets.basic_unet import Down, TwoConv
from torch import Tensor, nn

from baselines.deep_supervision import deeply_supervised_losses
from baselines.pooling import pooled_perceptron

WIDTHS = (24, 48, 96, 192, 384, 24)
ACTIVATION = ("LeakyReLU", {"negative_slope": 0.1, "inplace": True})
NORMALISATION = ("instance", {"affine": True})


class MTUNetPlusPlus(nn.Module):
    """One mask, those of the three shallower columns in training, and the class."""

    citation = (
        "Aumente-Maestro C, Diez J, Remeseiro B. A multi-task framework for breast cancer segmentation and "
        "classification in ultrasound imaging. Comput Methods Programs Biomed 2025."
    )
    licence = "Apache-2.0"
    fidelity = "faithful"
    expected_parameters = 14_930_000

    def __init__(self, classes: int = 2):
        super().__init__()
        style: dict[str, Any] = {"act": ACTIVATION, "norm": NORMALISATION, "bias": True}
        self.network = BasicUNetPlusPlus(2, 3, 1, WIDTHS, deep_supervision=True, **style)
        self.down = Down(2, WIDTHS[3], WIDTHS[4], **style)
        self.classification_head = nn.Sequential(
            TwoConv(2, 3 * WIDTHS[4], 512, **style), *pooled_perceptron(512, 256, classes)
        )

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, dict]:
        """Map images `(B, 3, H, W)` to mask logits `(B, 1, H, W)` and class logits `(B, classes)`.

        `auxiliary["coarse_masks"]`: logits of the masks of columns 3, 2 and 1, of the images' size.
        """
        nodes = self.nested_features(images)
        gathered = torch.cat([self.down(nodes[3][0]), nodes[4][0], self.down(nodes[3][1])], dim=1)
        finest, *coarse = (self.mask_head(column)(nodes[0][column]) for column in (4, 3, 2, 1))
        return finest, self.classification_head(gathered), {"coarse_masks": coarse}

    def losses(self, images: Tensor, masks: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Dice of the four masks, and focal loss."""
        return deeply_supervised_losses(self(images), masks, labels)

    def mask_head(self, column: int) -> nn.Module:
        return self.network.get_submodule(f"final_conv_0_{column}")

    def nested_features(self, images: Tensor) -> list[list[Tensor]]:
        """U-Net++'s nodes, `[level][column]`; MONAI's own forward returns masks alone."""
        block = self.network.get_submodule
        nodes = [[block("conv_0_0")(images)]]
        for level in range(1, 5):
            nodes.append([block(f"conv_{level}_0")(nodes[-1][0])])
        for column in range(1, 5):
            for level in range(5 - column):
                skip = torch.cat(nodes[level], dim=1)
                nodes[level].append(block(f"upcat_{level}_{column}")(nodes[level + 1][column - 1], skip))
        return nodes
