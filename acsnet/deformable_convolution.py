"""Modulated deformable convolution (Zhu X, Hu H, Lin S, Dai J. Deformable ConvNets v2. CVPR 2019), 3x3, without bias.

The operator is mmcv's where its compiled operators are there, else torchvision's. The two agree (see
tests/acsnet/test_deformable_convolution.py), and parameters have the same names and shapes, so that a state dict
made with one serves the other.

Offsets stand in the order of both operators: y0, x0, y1, x1, ... The released code's layer (by its call that of
4uiiurz1/pytorch-deform-conv-v2) has y0 ... y8, x0 ... x8. As the convolution that predicts them is learned, the two
differ in nothing but which of its rows is which.
"""

from functools import cache

import torch
from torch import Tensor, nn
from torchvision.ops import deform_conv2d

CHOICES = ("auto", "mmcv", "torchvision", "none")


def deformable_convolution(in_channels: int, out_channels: int, deformable: str) -> nn.Conv2d:
    """A 3x3 modulated deformable convolution, or a plain one where `deformable` is `"none"` (an ablation).

    Raises:
        ValueError: `deformable` is none of `"auto"`, `"mmcv"`, `"torchvision"`, `"none"`, or mmcv is asked for and its
            operators are missing.
    """
    if deformable not in CHOICES:
        raise ValueError(f"deformable: expected one of {', '.join(CHOICES)}; found {deformable!r}.")
    if deformable == "none":
        return nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
    return ModulatedDeformableConvolution(in_channels, out_channels, deformable)


class ModulatedDeformableConvolution(nn.Conv2d):
    """Each of the nine taps samples where a learned offset says, times a learned mask in (0, 1)."""

    def __init__(self, in_channels: int, out_channels: int, deformable: str = "auto"):
        """`deformable`: `"auto"` (mmcv, else torchvision), `"mmcv"` or `"torchvision"`.

        Raises:
            ValueError: mmcv is asked for and its operators are missing.
        """
        super().__init__(in_channels, out_channels, 3, padding=1, bias=False)
        self.deformable = deformable
        self.mmcv_devices = frozenset() if deformable == "torchvision" else mmcv_devices()
        if deformable == "mmcv":
            self.backend("cpu")
        # Weights of zero, but torch's random bias: the first offsets are fractions of a pixel, the same everywhere.
        self.offset = nn.Conv2d(in_channels, 18, 3, padding=1)
        self.mask = nn.Conv2d(in_channels, 9, 3, padding=1)
        nn.init.zeros_(self.offset.weight)
        nn.init.zeros_(self.mask.weight)

    def backend(self, device_type: str) -> str:
        """Which operator runs on `"cpu"` or `"cuda"`: `"mmcv"` or `"torchvision"`.

        Raises:
            ValueError: mmcv is asked for and its operators are missing there.
        """
        if device_type in self.mmcv_devices:
            return "mmcv"
        if self.deformable == "mmcv":
            raise ValueError(
                f"deformable: mmcv: its compiled operators for {device_type} are missing ({why_mmcv_is_missing()}).\n"
                "Compile them with `make mmcv`, or set deformable to auto or torchvision."
            )
        return "torchvision"

    def forward(self, feature: Tensor) -> Tensor:
        """Map `(B, in_channels, H, W)` to `(B, out_channels, H, W)`."""
        offset, mask = self.offset(feature), torch.sigmoid(self.mask(feature))
        device_type = feature.device.type
        operator = mmcv_operator if self.backend(device_type) == "mmcv" else torchvision_operator
        # Neither operator has a bfloat16 kernel on the CPU, and offsets in half precision lose sub-pixel positions.
        reduced = torch.is_autocast_enabled(device_type) or feature.dtype == torch.bfloat16
        dtype = torch.float32 if reduced else feature.dtype
        with torch.autocast(device_type, enabled=False):
            output = operator(*(tensor.to(dtype) for tensor in (feature, offset, mask, self.weight)))
        return output.to(feature.dtype)


def torchvision_operator(feature: Tensor, offset: Tensor, mask: Tensor, weight: Tensor) -> Tensor:
    return deform_conv2d(feature, offset, weight, padding=1, mask=mask)


@torch.compiler.disable
def mmcv_operator(feature: Tensor, offset: Tensor, mask: Tensor, weight: Tensor) -> Tensor:
    from mmcv.ops import modulated_deform_conv2d

    feature, offset, mask, weight = (tensor.contiguous() for tensor in (feature, offset, mask, weight))
    return modulated_deform_conv2d(feature, offset, mask, weight, None, 1, 1, 1, 1, 1)


@cache
def mmcv_devices() -> frozenset[str]:
    """The device types that mmcv's operators were compiled for; none where it is missing or incomplete."""
    try:
        from mmcv.ops import get_compiling_cuda_version
    except (ImportError, AssertionError):  # mmcv asserts, at import, that every operator of its own exists
        return frozenset()
    return frozenset({"cpu"} if get_compiling_cuda_version() == "not available" else {"cpu", "cuda"})


def why_mmcv_is_missing() -> str:
    try:
        import mmcv.ops  # noqa: F401
    except (ImportError, AssertionError) as error:
        return str(error)
    return "this build has none for that device"
