"""The device by the name that the table gives it, and waiting for it."""

import torch


def device_name(device: torch.device) -> str:
    """`cpu`, or the accelerator's name."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def wait_for(device: torch.device) -> None:
    """Return when the device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
