"""Constant weights, 1 each unless given."""

from torch import Tensor

from benchmarks.training.balancing import Balancing


class Rule(Balancing):
    """`weights`: {task: weight}; a task that is not named weighs 1."""

    def __init__(self, tasks: list[str], weights: dict[str, float] | None = None, **options):
        super().__init__(tasks, **options)
        self.fixed = {task: float((weights or {}).get(task, 1.0)) for task in tasks}

    def weighted_sum(self, losses: dict[str, Tensor]) -> Tensor:
        first, *others = (self.fixed[task] * losses[task] for task in self.tasks)
        return sum(others, first)

    def weights(self) -> dict[str, float]:
        return self.fixed
