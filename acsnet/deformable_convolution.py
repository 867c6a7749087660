"""Modulated deformable convolution (Zhu X, Hu H, Lin S, Dai J. Deformable ConvNets v2. CVPR 2019), 3x3, without bias.

Three operators compute it, and agree (see tests/acsnet/test_deformable_convolution.py): mmcv's where it is compiled,
torchvision's, and the gather of acsnet/gather_operator.py, on a CPU four to ten times as fast as the others.
Parameters have the same names and shapes, so that a state dict made with one serves the others.

Offsets stand in the order of all three: y0, x0, y1, x1, ... The released code's layer (by its call that of
4uiiurz1/pytorch-deform-conv-v2) has y0 ... y8, x0 ... x8. As the convolution that predicts them is learned, the two
differ in nothing but which of its rows is which.
"""

from functools import cache

import torch
from torch import Tensor, nn
from torchvision.ops import deform_conv2d

from acsnet.gather_operator import gather_operator

CHOICES = ("auto", "mmcv", "torchvision", "gather", "none")


def deformable_convolution(in_channels: int, out_channels: int, deformable: str) -> nn.Conv2d:
    """A 3x3 modulated deformable convolution, or a plain one where `deformable` is `"none"` (an ablation).

    Raises:
        ValueError: `deformable` is none of `"auto"`, `"mmcv"`, `"torchvision"`, `"gather"`, `"none"`, or mmcv is asked
            for and its operators are missing.
    """
    if deformable not in CHOICES:
        raise ValueError(f"deformable: expected one of {', '.join(CHOICES)}; found {deformable!r}.")
    if deformable == "none":
        return nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
    return ModulatedDeformableConvolution(in_channels, out_channels, deformable)


class ModulatedDeformableConvolution(nn.Conv2d):
    """Each of the nine taps samples where a learned offset says, times a learned mask in (0, 1)."""

    def __init__(self, in_channels: int, out_channels: int, deformable: str = "auto"):
        """`deformable`: `"mmcv"`, `"torchvision"`, `"gather"`, or `"auto"`: the fastest that the device has.

        That is the gather on a CPU; elsewhere mmcv's where it is compiled for the device, else torchvision's.

        Raises:
            ValueError: mmcv is asked for and its operators are missing.
        """
        super().__init__(in_channels, out_channels, 3, padding=1, bias=False)
        self.deformable = deformable
        # mmcv takes a second to import, and without a GPU "auto" has no use for it.
        wanted = deformable == "mmcv" or (deformable == "auto" and torch.cuda.is_available())
        self.mmcv_devices = mmcv_devices() if wanted else frozenset()
        if deformable == "mmcv":
            self.backend("cpu")
        # Weights of zero, but torch's random bias: the first offsets are fractions of a pixel, the same everywhere.
        self.offset = nn.Conv2d(in_channels, 18, 3, padding=1)
        self.mask = nn.Conv2d(in_channels, 9, 3, padding=1)
        nn.init.zeros_(self.offset.weight)
        nn.init.zeros_(self.mask.weight)

    def backend(self, device_type: str) -> str:
        """Which operator runs on `"cpu"` or `"cuda"`: `"mmcv"`, `"torchvision"` or `"gather"`.

        Raises:
            ValueError: mmcv is asked for and its operators are missing there.
        """
        if self.deformable == "auto":
            if device_type == "cpu":
                return "gather"  # nobody has measured it on a GPU
            return "mmcv" if device_type in self.mmcv_devices else "torchvision"
        if self.deformable == "mmcv" and device_type not in self.mmcv_devices:
            raise ValueError(
                f"deformable: mmcv: its compiled operators for {device_type} are missing ({why_mmcv_is_missing()}).\n"
                "Compile them with `make mmcv`, or set deformable to auto."
            )
        return self.deformable

    def forward(self, input: Tensor) -> Tensor:
        """Map `(B, in_channels, H, W)` to `(B, out_channels, H, W)`."""
        offset, mask = self.offset(input), torch.sigmoid(self.mask(input))
        device_type = input.device.type
        autocast = torch.is_autocast_enabled(device_type)
        # Offsets in half precision lose sub-pixel positions, so sampling is in float32. So is the matrix product where
        # the operator does both: mmcv's and torchvision's have no bfloat16 kernel on the CPU.
        dtype = torch.float32 if autocast or input.dtype == torch.bfloat16 else input.dtype
        backend, product = self.backend(device_type), dtype
        if backend == "gather":
            product = torch.get_autocast_dtype(device_type) if autocast else input.dtype
        # By name when called, so that one can stand in for another.
        operator = {"mmcv": mmcv_operator, "torchvision": torchvision_operator, "gather": gather_operator}[backend]
        with torch.autocast(device_type, enabled=False):
            output = operator(input.to(product), offset.to(dtype), mask.to(dtype), self.weight.to(product))
        return output.to(input.dtype)


def torchvision_operator(feature: Tensor, offset: Tensor, mask: Tensor, weight: Tensor) -> Tensor:
    return deform_conv2d(feature, offset, weight, padding=(1, 1), mask=mask)


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
