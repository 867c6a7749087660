"""Nash-MTL: the tasks bargain over the update; its weights solve G w = 1 / w, with G the Gram matrix of the gradients.

Navon A, Shamsian A, Achituve I, Maron H, Kawaguchi K, Chechik G, Fetaya E. Multi-task learning as a bargaining game.
ICML 2022. Claim 3.2.
"""

import math

from benchmarks.training.balancing._gradients import GradientBalancing, Gram, ratio

OPPOSED = 1e-6  # 1 + cos below which the gradients have no common direction: the weights would grow without bound


class Rule(GradientBalancing):
    """w_i = 1 / (|g_i| sqrt(1 + cos)), exact for two tasks: no solver, no schedule of updates, no clipping.

    For two tasks this is IMTL-G's direction. The scale is another: the combined gradient always has norm sqrt(2),
    whatever the norms of the tasks' gradients, while IMTL-G's shrinks with them and with their conflict. Adam takes
    nearly the same steps under both.
    """

    def task_weights(self, gram: Gram) -> tuple[float, float]:
        first, second = gram.norms
        agreement = 1 + ratio(gram.between, first * second, 0.0)
        scale = 1 / math.sqrt(max(agreement, OPPOSED))
        return ratio(scale, first, 0.0), ratio(scale, second, 0.0)
