"""CAGrad: the step within a ball around the mean gradient that helps the task which it helps least.

Liu B, Liu X, Jin X, Stone P, Liu Q. Conflict-averse gradient descent for multi-task learning. NeurIPS 2021.
Algorithm 1.
"""

import math

from benchmarks.errors import UserError
from benchmarks.training.balancing._gradients import GradientBalancing, Gram

VANISHED = 1e-12  # |g_w|^2 as a share of |g1|^2 + |g2|^2 below which it has no direction: the mean gradient is left


class Rule(GradientBalancing):
    """g0 + c |g0| g_w / |g_w| with g0 the mean gradient and g_w = x g1 + (1 - x) g2.

    x minimises g_w . g0 + c |g0| |g_w| over [0, 1], for two tasks in closed form. The step is not rescaled by
    1 / (1 + c^2), as some code does.

    Args:
        c: the ball's radius as a share of |g0|: 0 is the mean gradient, and from 1 on a minimum of the mean loss is no
            longer assured.
    """

    def __init__(self, tasks: list[str], c: float = 0.4):
        super().__init__(tasks)
        if not 0 <= c < 1:
            raise UserError(f"params.yaml: balancing cagrad: c: expected a number in [0, 1), found {c!r}.")
        self.c = c

    def task_weights(self, gram: Gram) -> tuple[float, float]:
        total = gram.first + gram.second
        radius = self.c * math.sqrt(max(total + 2 * gram.between, 0.0)) / 2  # c |g0|
        x = minimiser(gram, radius)
        squared = x * x * gram.first + (1 - x) ** 2 * gram.second + 2 * x * (1 - x) * gram.between  # |g_w|^2
        factor = 0.0 if squared <= VANISHED * total else radius / math.sqrt(squared)
        return 0.5 + factor * x, 0.5 + factor * (1 - x)


def minimiser(gram: Gram, radius: float) -> float:
    """x in [0, 1] that minimises g_w . g0 + radius |g_w|.

    With d = g1 - g2, slope b = d . g0 and |g_w|^2 = |d|^2 (x - m)^2 + h^2, the derivative is zero at
    x = m - b h / (|d| sqrt(radius^2 |d|^2 - b^2)); where that root is not real, the linear term decides alone.
    """
    distance = gram.first + gram.second - 2 * gram.between  # |d|^2
    if distance <= 0:
        return 0.5
    slope = (gram.first - gram.second) / 2
    middle = (gram.second - gram.between) / distance
    height = math.sqrt(max(gram.first * gram.second - gram.between**2, 0.0) / distance)
    remainder = radius * radius * distance - slope * slope
    if remainder <= 0:
        return 0.0 if slope > 0 else 1.0
    return min(max(middle - slope * height / math.sqrt(distance * remainder), 0.0), 1.0)
