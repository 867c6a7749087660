"""How the task losses become one gradient. A recipe names the rule: `balancing: {name: automatic}`.

A rule is one file of this package with a class `Rule`; adding one leaves the fingerprints of all others alone.
"""

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from torch import Tensor, nn

from benchmarks.configuration import lookup


class Balancing(nn.Module):
    """Base of all rules. `tasks` are the keys of the losses, in order.

    A rule that is a weighted sum overrides `weighted_sum`; a rule that works on gradients overrides `backward`.
    Parameters of a rule are learned by the network's optimiser, at `learning_rate` if that is given.
    """

    def __init__(self, tasks: list[str], learning_rate: float | None = None):
        super().__init__()
        self.tasks = tasks
        self.learning_rate = learning_rate

    def weighted_sum(self, losses: dict[str, Tensor]) -> Tensor:
        """The scalar to differentiate."""
        raise NotImplementedError

    def weights(self) -> dict[str, float]:
        """What each loss is multiplied by at the moment, for the log."""
        raise NotImplementedError

    def backward(self, losses: dict[str, Tensor], network: nn.Module) -> None:
        """Leave the combined gradient in `.grad` of the network's parameters (and of the rule's own)."""
        self.weighted_sum(losses).backward()

    def after_step(self, losses: Callable[[], dict[str, Tensor]]) -> None:
        """Called after each optimiser step; `losses()` runs the network anew on the same batch."""

    def end_epoch(self, mean_losses: dict[str, float]) -> None:
        """Called after each epoch with the mean of each loss over it."""


def rule_module(name: str) -> ModuleType:
    """The file of a rule.

    Raises:
        UserError: there is none of that name.
    """
    known = {file.stem: file for file in sorted(Path(__file__).parent.glob("[!_]*.py"))}
    lookup(known, name, "balancing rule")
    return importlib.import_module(f"{__name__}.{name}")
