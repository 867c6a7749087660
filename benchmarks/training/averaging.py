"""Averages of a network's weights, by the names that recipes use: evaluated and kept instead of the latest weights.

`torch.optim.swa_utils.AveragedModel` makes them, running statistics of batch normalisation included: so no further pass
over the training images is needed.
"""

import math
from collections.abc import Callable

from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_avg_fn, get_swa_avg_fn

from benchmarks.configuration import lookup


class Average:
    """A running average of a network's weights.

    Args:
        network: as it is before the first step.
        epochs: of the whole training.
        rule: how torch adds the latest value of a tensor. Its rules for many tensors at once refuse counts of batches.
    """

    def __init__(self, network: nn.Module, epochs: int, rule: Callable):
        self.network, self.epochs = network, epochs
        self.averaged = AveragedModel(network, avg_fn=rule, use_buffers=True)

    def after_step(self) -> None:
        """Called after each optimiser step."""

    def after_epoch(self, epoch: int) -> None:
        """Called after each epoch's last step; epochs are counted from 0."""

    @property
    def current(self) -> nn.Module:
        """The network to evaluate: the averaged one once there is an average."""
        return self.averaged.module if int(self.averaged.n_averaged) else self.network

    def state_dict(self) -> dict:
        return self.averaged.state_dict()

    def load_state_dict(self, state: dict) -> None:
        self.averaged.load_state_dict(state)


class Exponential(Average):
    """After each step `decay` of the average and 1 - `decay` of the latest weights (Polyak and Juditsky 1992)."""

    def __init__(self, network: nn.Module, epochs: int, decay: float = 0.999):
        super().__init__(network, epochs, get_ema_avg_fn(decay))

    def after_step(self) -> None:
        self.averaged.update_parameters(self.network)


class Equal(Average):
    """The mean of the weights after each epoch from `at_share` of the epochs on (Izmailov P et al. Averaging weights
    leads to wider optima and better generalization. UAI 2018)."""

    def __init__(self, network: nn.Module, epochs: int, at_share: float = 0.75):
        super().__init__(network, epochs, get_swa_avg_fn())
        self.begins = math.ceil(at_share * epochs)

    def after_epoch(self, epoch: int) -> None:
        if epoch >= min(self.begins, self.epochs - 1):
            self.averaged.update_parameters(self.network)


AVERAGES: dict[str, type[Average]] = {"exponential": Exponential, "equal": Equal}


def build_average(settings: dict, network: nn.Module, epochs: int) -> Average:
    """The average that a recipe names."""
    options = {key: value for key, value in settings.items() if key != "name"}
    return lookup(AVERAGES, settings["name"], "average")(network, epochs, **options)
