"""ACSNet, the network of He et al. 2024. Needs torch and torchvision; uses mmcv's operator on a GPU that has it."""

from acsnet.network import ACSNet

__all__ = ["ACSNet"]
