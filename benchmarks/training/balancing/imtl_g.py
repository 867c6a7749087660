"""IMTL-G: the weights, of sum 1, whose combined gradient has the same projection onto every task's gradient.

Liu L, Li Y, Kuang Z, Xue J-H, Chen Y, Yang W, Liao Q, Zhang W. Towards impartial multi-task learning. ICLR 2021.
"""

from benchmarks.training.balancing._gradients import GradientBalancing, Gram, ratio


class Rule(GradientBalancing):
    """w1 = |g2| / (|g1| + |g2|) and w2 = 1 - w1: the bisector of the two gradients."""

    def task_weights(self, gram: Gram) -> tuple[float, float]:
        first, second = gram.norms
        weight = ratio(second, first + second, 0.5)
        return weight, 1 - weight
