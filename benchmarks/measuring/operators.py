"""How far the operators of ACSNet's deformable convolutions are from float64 on a device, forward and backward."""

from collections.abc import Callable

import torch
from torch import Tensor

from acsnet.deformable_convolution import (
    gather_operator,
    mmcv_devices,
    mmcv_operator,
    torchvision_operator,
    why_mmcv_is_missing,
)

# ACSNet's four deformable convolutions: channels in and out, and the stride of the feature.
SHAPES = ((512, 512, 16), (1024, 512, 16), (256, 256, 8), (512, 256, 8))
GRADIENTS = ("feature", "offset", "mask", "weight")
SPREAD = 1.5  # of the offsets in pixels: they reach past every border

Operator = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]

OPERATORS: dict[str, Operator] = {
    "mmcv": mmcv_operator,
    "torchvision": torchvision_operator,
    "gather": gather_operator,
}


def operator_errors(device: torch.device, side: int, batch: int = 1) -> list[dict]:
    """A row for each operator and shape: the largest errors of output and gradients, against float64 on the CPU.

    An error is a share of the largest value of its tensor. The truth is torchvision's operator in float64 on the CPU.
    An operator that is missing or fails is a row with why.

    Args:
        device: to compute on, in float32.
        side: of the images in pixels; the features have a sixteenth and an eighth of it.
        batch: images.
    """
    rows = []
    for channels, out_channels, stride in SHAPES:
        inputs, upstream = made_up_inputs(channels, out_channels, max(1, side // stride), batch)
        truth = computed(torchvision_operator, inputs, upstream, torch.device("cpu"), torch.float64)
        for name, operator in OPERATORS.items():
            row = {"operator": name, "channels": channels, "out_channels": out_channels, "side": max(1, side // stride)}
            if name == "mmcv" and device.type not in mmcv_devices():
                rows.append(row | {"missing": f"for {device.type}: {why_mmcv_is_missing()}"})
                continue
            try:
                found = computed(operator, inputs, upstream, device, torch.float32)
                rows.append(row | {part: relative_error(found[part], truth[part]) for part in truth})
            except (RuntimeError, NotImplementedError) as error:
                rows.append(row | {"failed": str(error).strip().partition("\n")[0][:300]})
    return rows


def made_up_inputs(channels: int, out_channels: int, side: int, batch: int) -> tuple[list[Tensor], Tensor]:
    """Feature, offset, mask and weight in float64, and the gradient that comes from above."""
    generator = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    feature, offset = normal(batch, channels, side, side), SPREAD * normal(batch, 18, side, side)
    mask, weight = torch.sigmoid(normal(batch, 9, side, side)), normal(out_channels, channels, 3, 3) / channels**0.5
    return [feature, offset, mask, weight], normal(batch, out_channels, side, side)


def computed(
    operator: Operator, inputs: list[Tensor], upstream: Tensor, device: torch.device, dtype: torch.dtype
) -> dict[str, Tensor]:
    """Output and gradients, in float64 on the CPU."""
    leaves = [tensor.detach().clone().to(device, dtype).requires_grad_() for tensor in inputs]
    output = operator(*leaves)
    output.backward(upstream.to(device, dtype))
    parts = {"output": output.detach()}
    for name, leaf in zip(GRADIENTS, leaves, strict=True):
        if leaf.grad is None:
            raise RuntimeError(f"no gradient of the {name}")
        parts[name] = leaf.grad
    return {name: tensor.to("cpu", torch.float64) for name, tensor in parts.items()}


def relative_error(found: Tensor, truth: Tensor) -> float:
    return float((found - truth).abs().max() / truth.abs().max())
