"""PCGrad: where two gradients conflict, each is projected onto the plane normal to the other; then they are added.

Yu T, Kumar S, Gupta A, Levine S, Hausman K, Finn C. Gradient surgery for multi-task learning. NeurIPS 2020.
Algorithm 1.
"""

from benchmarks.training.balancing._gradients import GradientBalancing, Gram, ratio


class Rule(GradientBalancing):
    """w1 = 1 - g12 / |g1|^2 and w2 = 1 - g12 / |g2|^2 where g12 < 0, else 1 and 1."""

    def task_weights(self, gram: Gram) -> tuple[float, float]:
        conflict = min(gram.between, 0.0)
        return 1 - ratio(conflict, gram.first, 0.0), 1 - ratio(conflict, gram.second, 0.0)
