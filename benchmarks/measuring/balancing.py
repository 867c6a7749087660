"""What each balancing rule costs per training step: the last section of `docs/loss-balancing.md`.

`acsbench balancing` takes the rules in turn, round after round, on the shared-encoder U-Net
and eight images of 64 x 64 pixels, and writes `reports/balancing.csv` and the section. It counts the processor's time
on one thread, so that other work on the machine does not count.
"""

import time
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor, nn
from tqdm import tqdm

from benchmarks.configuration import Parameters, Recipe, lookup
from benchmarks.errors import UserError
from benchmarks.measuring.machine import processor
from benchmarks.networks import build, outputs_of
from benchmarks.reporting.files import write_text
from benchmarks.reporting.tables.printed import markdown
from benchmarks.training import balancing
from benchmarks.training.evaluation import task_losses
from benchmarks.training.files import write_table
from benchmarks.training.optimisation import build_optimiser

MODEL, RECIPE, REFERENCE = "shared_unet", "paper", "fixed"
MEASURED = Path("reports/balancing.csv")
PAGE = Path("docs/loss-balancing.md")
HEADING = "## Cost per step\n"

SECTION = """\
{heading}
Processor time of one training step (forward, backward, the recipe's optimiser and whatever the rule adds) of
`{model}` on eight images of 64 x 64 pixels: the fastest of {steps} steps per rule, all rules in turn, on one thread of
{machine}. Measured by `acsbench balancing`.

`automatic`, `uncertainty`, `imtl_l`, `dwa` and `rlw` add no more than arithmetic on two numbers: how far these lie from
1 is the noise of the measurement, and differences of that size mean nothing.

{table}"""


def rule_names() -> list[str]:
    """Every rule, the reference first."""
    names = sorted(file.stem for file in Path(balancing.__file__).parent.glob("[!_]*.py"))
    return sorted(names, key=lambda name: name != REFERENCE)


def batch(count: int = 8, side: int = 64) -> tuple[Tensor, Tensor, Tensor]:
    """Noise with a rectangle for a lesion, and both classes by turns."""
    masks = torch.zeros(count, 1, side, side)
    masks[..., side // 4 : -side // 4, side // 3 : -side // 3] = 1
    return torch.randn(count, 3, side, side), masks, torch.arange(count) % 2


def step_seconds(network: nn.Module, name: str, recipe: Recipe, steps: int) -> list[float]:
    """Processor time of some steps under a rule, after one that does not count."""
    images, masks, labels = batch()
    rule = balancing.rule_module(name).Rule(["segmentation", "classification"])
    optimiser = build_optimiser(recipe.optimiser, network, rule)

    def losses() -> dict[str, Tensor]:
        outputs = outputs_of(network, images)
        return task_losses(recipe, outputs.mask, outputs.label, masks, labels)

    durations = []
    for _ in range(steps + 1):
        began = time.process_time()
        current = losses()
        optimiser.zero_grad(set_to_none=True)
        rule.backward(current, network)
        optimiser.step()
        rule.after_step(losses)
        durations.append(time.process_time() - began)
    return durations[1:]


def measure(parameters: Parameters, rounds: int, steps: int = 2) -> pd.DataFrame:
    """`rule, seconds` (of the fastest step), `times_fixed`, `steps`, `machine`, the reference first."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    network = build(parameters.model(MODEL)).train()
    recipe = lookup(parameters.recipes, RECIPE, "recipe")
    found: dict[str, list[float]] = {name: [] for name in rule_names()}
    turns = [name for _ in range(rounds) for name in found]
    with tqdm(turns, unit="rule") as progress:
        for name in progress:
            progress.set_description(name)
            found[name] += step_seconds(network, name, recipe, steps)
    table = pd.DataFrame({"rule": list(found), "seconds": [min(durations) for durations in found.values()]})
    machine = f"{processor()} (torch {torch.__version__.partition('+')[0]})"
    return table.assign(times_fixed=table["seconds"] / table["seconds"][0], steps=rounds * steps, machine=machine)


def with_section(page: str, measured: pd.DataFrame) -> str:
    """The page with its last section, from `HEADING` on, made anew.

    Raises:
        UserError: the page has no such section.
    """
    before, heading, _ = page.partition(HEADING)
    if not heading:
        raise UserError(f"{PAGE}: expected a last section {HEADING.strip()!r}, found none. Put the heading back.")
    table = pd.DataFrame(
        {
            "rule": [f"`{name}`" for name in measured["rule"]],
            "seconds": [f"{value:.3f}" for value in measured["seconds"]],
            f"times `{REFERENCE}`": [f"{value:.2f}" for value in measured["times_fixed"]],
        }
    )
    steps, machine = measured.loc[0, ["steps", "machine"]]
    return before + SECTION.format(heading=HEADING, model=MODEL, steps=steps, machine=machine, table=markdown(table))


def write_balancing(parameters: Parameters, rounds: int) -> int:
    """Measure all rules and write the table and the section of the page; returns how many rules there are.

    Raises:
        UserError: the page has no such section.
    """
    text = PAGE.read_text(encoding="utf-8")
    measured = measure(parameters, rounds)
    write_table(MEASURED, measured)
    write_text(with_section(text, measured), PAGE)
    return len(measured)
