"""A network's card: what its class must say of itself, and whether its count of parameters is right."""

import sys

from torch import nn

from benchmarks.configuration import Model
from benchmarks.networks import parameter_count

TOLERANCE = 0.005  # of the stated count; of the paper's own network it is exact: tests/test_network_contract.py


def fault_of_card(model: Model, network: nn.Module) -> str | None:
    """What is missing or wrong on the card of a model's network, or None."""
    if not (sys.modules[type(network).__module__].__doc__ or "").strip():
        return "its file begins with no text: expected its citation, its licence and what is faithful or adapted"
    for attribute in ("citation", "licence"):
        if not isinstance(text := getattr(network, attribute, None), str) or not text.strip():
            return f"{attribute}: expected a text on the class, found {text!r}"
    fidelity = getattr(network, "fidelity", None)
    if not isinstance(fidelity, str) or not (fidelity == "faithful" or fidelity.startswith("adapted: ")):
        return f"fidelity: expected 'faithful' or 'adapted: how' on the class, found {fidelity!r}"
    expected = model.parameters or getattr(network, "expected_parameters", None)
    if not isinstance(expected, int):
        return f"expected_parameters: expected a count on the class or in the model's entry, found {expected!r}"
    found = parameter_count(network)
    if abs(found - expected) > TOLERANCE * expected:
        return f"it has {found:,} trainable parameters, {expected:,} are stated"
    return None
