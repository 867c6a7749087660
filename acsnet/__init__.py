"""ACSNet, the network of He et al. 2024. Needs torch and torchvision; uses mmcv's operator where that is built."""

from acsnet.network import ACSNet

__all__ = ["ACSNet"]
