"""What the rules that work on gradients share: each task's gradient, which parameters the tasks share, and their Gram
matrix, from which every such rule for two tasks has a closed form.

The parameters that receive a gradient from both losses are shared; they are found anew at each step, so that a network
needs to declare nothing. Some papers take the gradients of the shared features instead, or of the last shared layer:
with skip connections between encoder and decoder there is no single such feature or layer.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from benchmarks.errors import UserError
from benchmarks.training.balancing import Balancing

Gradients = list[Tensor | None]


class Gram(NamedTuple):
    """Inner products of the two tasks' gradients over the shared parameters, as Python numbers."""

    first: float  # |g1|^2
    second: float  # |g2|^2
    between: float  # g1 . g2

    @property
    def norms(self) -> tuple[float, float]:
        return math.sqrt(self.first), math.sqrt(self.second)


class GradientBalancing(Balancing):
    """Base of the rules that work on gradients: a subclass maps a `Gram` to the two weights of the shared gradients.

    A parameter of one task alone gets the gradient of that task's own loss. With one task, its plain gradient is used.
    """

    def __init__(self, tasks: list[str]):
        super().__init__(tasks)
        self.latest = dict.fromkeys(tasks, 1.0)

    def task_weights(self, gram: Gram) -> tuple[float, float]:
        """What the two gradients of the shared parameters are multiplied by before they are added."""
        raise NotImplementedError

    def own_weights(self) -> tuple[float, float]:
        """What the gradients of parameters of one task alone are multiplied by."""
        return 1.0, 1.0

    def weights(self) -> dict[str, float]:
        """Those of the latest step."""
        return self.latest

    def backward(self, losses: dict[str, Tensor], network: nn.Module) -> None:
        """Replace `.grad` of the network's parameters by the combined gradient.

        Raises:
            UserError: the network is compiled.
        """
        if len(self.tasks) == 1:
            losses[self.tasks[0]].backward()
            return
        if network._compiled_call_impl is not None:
            raise UserError(
                "params.yaml: engine.compile: expected false, found true. A compiled network gives every parameter a "
                "gradient of every loss, zeros included, so that this balancing rule cannot tell which are shared."
            )
        parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
        first, second = task_gradients([losses[task] for task in self.tasks], parameters)
        weights = self.task_weights(gram_of(first, second))
        self.latest = dict(zip(self.tasks, weights, strict=True))
        for parameter, *gradients in zip(parameters, first, second, strict=True):
            shared = all(gradient is not None for gradient in gradients)
            parameter.grad = weighted_sum(gradients, weights if shared else self.own_weights())


def task_gradients(losses: list[Tensor], parameters: list[nn.Parameter]) -> list[Gradients]:
    """Each loss's gradient of each parameter, None where it does not depend on it; the graph is freed."""
    return [
        list(torch.autograd.grad(loss, parameters, retain_graph=loss is not losses[-1], allow_unused=True))
        for loss in losses
    ]


def gram_of(first: Gradients, second: Gradients) -> Gram:
    """The inner products over all parameters that both tasks reach; zeros if there are none."""
    shared = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    if not shared:
        return Gram(0.0, 0.0, 0.0)
    products = [torch.stack([(a * a).sum(), (b * b).sum(), (a * b).sum()]) for a, b in shared]
    return Gram(*torch.stack(products).sum(0).tolist())  # the step's only wait for the device


def weighted_sum(gradients: Gradients, weights: tuple[float, float]) -> Tensor | None:
    """The sum of those gradients that exist, None if none does."""
    found = [weight * gradient for weight, gradient in zip(weights, gradients, strict=True) if gradient is not None]
    return sum(found[1:], found[0]) if found else None


def ratio(numerator: float, denominator: float, otherwise: float) -> float:
    """The quotient, or `otherwise` for a denominator of 0: a task whose gradient vanished, or two that are equal."""
    return numerator / denominator if denominator else otherwise
