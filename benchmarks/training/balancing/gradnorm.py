"""GradNorm: weights, of sum 2, learned so that the slower task gets the larger gradient.

Chen Z, Badrinarayanan V, Lee C-Y, Rabinovich A. GradNorm: gradient normalization for adaptive loss balancing in deep
multitask networks. ICML 2018. Equations 1 and 2, Algorithm 1; norms are taken over all shared parameters instead of the
last shared layer alone.
"""

import torch
from torch import Tensor, nn

from benchmarks.training.balancing._gradients import GradientBalancing, Gram

SMALLEST = 1e-3  # of a weight and of a loss, whose ratios must stay positive


class Rule(GradientBalancing):
    """Minimise sum |w_i |g_i| - mean(w |g|) r_i^alpha| over w; r_i is task i's loss ratio L_i / L_i(0) to their mean.

    L_i(0) is the loss of the first batch. After each step the weights are scaled to sum 2 again. Parameters of one task
    alone are weighed as well, since the paper's loss is the weighted sum.

    Args:
        alpha: how strongly training rates are evened out; 0 evens out the gradients' norms.
        learning_rate: of the weights; at a network's usual 1e-4 they would hardly move.
    """

    initial_losses: Tensor

    def __init__(self, tasks: list[str], alpha: float = 1.5, learning_rate: float | None = 0.025):
        super().__init__(tasks)
        self.learning_rate = learning_rate
        self.alpha = alpha
        self.weight = nn.Parameter(torch.ones(len(tasks)))
        self.register_buffer("initial_losses", torch.full((len(tasks),), torch.nan))
        self.relative_rates = torch.ones(len(tasks))

    def backward(self, losses: dict[str, Tensor], network: nn.Module) -> None:
        stacked = torch.stack([losses[task].detach() for task in self.tasks])
        latest = stacked.to(self.initial_losses).clamp(min=SMALLEST)
        if self.initial_losses.isnan().any():
            self.initial_losses.copy_(latest)
        rates = latest / self.initial_losses
        self.relative_rates = rates / rates.mean()
        super().backward(losses, network)

    def task_weights(self, gram: Gram) -> tuple[float, float]:
        norms = self.weight.new_tensor(gram.norms)
        weighted = self.weight.detach() * norms
        target = weighted.mean() * self.relative_rates**self.alpha
        self.weight.grad = torch.sign(weighted - target) * norms
        return self.own_weights()

    def own_weights(self) -> tuple[float, float]:
        return tuple(self.weight.tolist())

    @torch.no_grad()
    def after_step(self, losses) -> None:
        self.weight.clamp_(min=SMALLEST)
        self.weight.mul_(len(self.tasks) / self.weight.sum())
