"""MGDA: the convex combination of the gradients with the smallest norm.

Sener O, Koltun V. Multi-task learning as multi-objective optimization. NeurIPS 2018. Algorithm 1, without its options
to normalise the gradients.
"""

from benchmarks.training.balancing._gradients import GradientBalancing, Gram, ratio


class Rule(GradientBalancing):
    """w1 = (|g2|^2 - g12) / |g1 - g2|^2 within [0, 1] and w2 = 1 - w1."""

    def task_weights(self, gram: Gram) -> tuple[float, float]:
        distance = gram.first + gram.second - 2 * gram.between
        first = min(max(ratio(gram.second - gram.between, distance, 0.5), 0.0), 1.0)
        return first, 1 - first
