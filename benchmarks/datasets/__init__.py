"""The datasets of the benchmark: reading, verifying and grouping them, one file per dataset."""

from benchmarks.configuration import lookup
from benchmarks.datasets.breast import BREAST
from benchmarks.datasets.busbra import BUSBRA, BUSBRA_500, BUSBRA_SAMPLE
from benchmarks.datasets.busi import BUSI
from benchmarks.datasets.busuclm import BUSUCLM
from benchmarks.datasets.dataset import Case, Dataset
from benchmarks.datasets.phantom import PHANTOM
from benchmarks.datasets.udiat import UDIAT

DATASETS: dict[str, Dataset] = {
    dataset.name: dataset for dataset in (BUSI, BREAST, BUSBRA, BUSBRA_500, BUSBRA_SAMPLE, BUSUCLM, UDIAT, PHANTOM)
}

__all__ = ["DATASETS", "Case", "Dataset", "find_dataset"]


def find_dataset(name: str) -> Dataset:
    """The dataset of this name; `UserError` that lists the known ones if there is none."""
    return lookup(DATASETS, name, "dataset", where="benchmarks/datasets")
