"""`params.yaml`, read once and validated: a fault is named with its place, what is expected and what stands there.

`declared.py` says what may stand there, on the standard library alone; `ranges.py` in which range. Where pydantic is
installed, everything is checked (`checked.py`). A bare training machine reads the JSON that
`acsbench configuration > params.json` has checked and written elsewhere (`unchecked.py`).
"""

from benchmarks.configuration.declared import (
    TASKS,
    AuxiliaryLoss,
    Benchmark,
    Engine,
    Model,
    Normalisation,
    ParameterGroup,
    Parameters,
    Recipe,
    Selection,
    SelectionRule,
    Split,
    Study,
    Training,
    WarmUp,
)
from benchmarks.configuration.known import PARAMETERS, lookup
from benchmarks.configuration.reading import read_parameters, read_value

__all__ = [
    "PARAMETERS",
    "TASKS",
    "AuxiliaryLoss",
    "Benchmark",
    "Engine",
    "Model",
    "Normalisation",
    "ParameterGroup",
    "Parameters",
    "Recipe",
    "Selection",
    "SelectionRule",
    "Split",
    "Study",
    "Training",
    "WarmUp",
    "lookup",
    "read_parameters",
    "read_value",
]
