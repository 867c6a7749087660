"""How the task losses become one gradient. A recipe names the rule: `balancing: {name: automatic}`."""

import torch
from torch import Tensor, nn


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
        raise NotImplementedError

    def weights(self) -> dict[str, float]:
        """What each loss is multiplied by at the moment, for the log."""
        raise NotImplementedError

    def backward(self, losses: dict[str, Tensor], network: nn.Module) -> None:
        """Leave the combined gradient in `.grad` of the network's parameters (and of the rule's own)."""
        self.weighted_sum(losses).backward()

    def end_epoch(self, mean_losses: dict[str, float]) -> None:
        """Called after each epoch with the mean of each loss over it."""


class Fixed(Balancing):
    """Constant weights, 1 each unless given."""

    def __init__(self, tasks: list[str], weights: dict[str, float] | None = None, **options):
        super().__init__(tasks, **options)
        self.fixed = {task: float((weights or {}).get(task, 1.0)) for task in tasks}

    def weighted_sum(self, losses: dict[str, Tensor]) -> Tensor:
        return sum(self.fixed[task] * losses[task] for task in self.tasks)

    def weights(self) -> dict[str, float]:
        return self.fixed


class Automatic(Balancing):
    """sum of 0.5 / p^2 L + log(1 + p^2), p learned from 1 (Liebel and Koerner 2018, as in ACSNet's released code)."""

    def __init__(self, tasks: list[str], **options):
        super().__init__(tasks, **options)
        self.scale = nn.Parameter(torch.ones(len(tasks)))

    def weighted_sum(self, losses: dict[str, Tensor]) -> Tensor:
        stacked = torch.stack([losses[task] for task in self.tasks])
        squared = self.scale**2
        return (0.5 / squared * stacked + torch.log(1 + squared)).sum()

    def weights(self) -> dict[str, float]:
        return dict(zip(self.tasks, (0.5 / self.scale.detach() ** 2).tolist(), strict=True))


RULES: dict[str, type[Balancing]] = {"fixed": Fixed, "automatic": Automatic}
