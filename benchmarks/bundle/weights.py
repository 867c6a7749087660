"""The files that a network's pretrained encoder is read from on this machine, and where they lie in a bundle.

`python -m benchmarks.bundle.weights`, a process of its own, builds one network with its weights, fetches nothing, and
prints which files that took. A file of torch's cache goes into a bundle's own cache, a file of an installed package
goes with that package.
"""

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch

from benchmarks.configuration import Model
from benchmarks.errors import UserError, entry_point
from benchmarks.networks import build
from benchmarks.source_code import ROOT
from benchmarks.training.cell import Cell

ENDINGS = (".bin", ".pt", ".pth", ".safetensors", ".tar")
TORCH_CACHE = "weights/torch"  # in a bundle: what TORCH_HOME is set to there
PACKAGES = "packages"  # in a bundle: the end of sys.path there


def weights_of(cells: Iterable[Cell]) -> dict[str, Path]:
    """What the cells' encoders begin from: paths in a bundle with the files here; each network is asked once.

    Raises:
        UserError: weights are not on this machine, or not where a bundle can take them from.
    """
    found: dict[str, Path] = {}
    asked: set[str] = set()
    for cell in cells:
        weights = cell.model.encoder_weights or cell.benchmark.training.encoder_weights
        question = json.dumps([cell.model.network, cell.model.arguments, weights], sort_keys=True)
        if weights == "none" or question in asked:
            continue
        asked.add(question)
        for path in files_read(cell.model, weights):
            found |= placed(path, cell)
    return found


def files_read(model: Model, weights: str) -> list[Path]:
    """The files of weights that a network reads while it is built, in a process that fetches nothing.

    Raises:
        UserError: it cannot be built from what is here.
    """
    asked = json.dumps({"network": model.network, "arguments": model.arguments, "weights": weights})
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.bundle.weights"],
        input=asked,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
    )
    if ended.returncode:
        lines = ended.stderr.strip().splitlines() or ["no message"]
        said = next((line for line in lines if line.startswith("error: ")), lines[-1]).removeprefix("error: ")
        raise UserError(
            f"{model.network}: its encoder's weights ({weights}) are not on this machine: "
            f"{said.rstrip('.')}. Build it once where the network reaches their host (a bundle fetches "
            "nothing), leave its model out (--cells), or name a file of weights as its encoder_weights in params.yaml."
        )
    return [Path(line) for line in json.loads(ended.stdout.splitlines()[-1])]


def placed(path: Path, cell: Cell) -> dict[str, Path]:
    """Where a file of weights lies in a bundle, with what must lie beside it.

    Raises:
        UserError: it lies neither in the repository, in torch's cache nor in an installed package.
    """
    path, here, packages = path.resolve(), Path.cwd().resolve(), Path(sysconfig.get_path("purelib")).resolve()
    cache = Path(torch.hub.get_dir()).resolve().parent
    if path.is_relative_to(packages):
        package = path.relative_to(packages).parts[0]
        files = [file for file in (packages / package).rglob("*") if file.is_file() and "__pycache__" not in file.parts]
        return {f"{PACKAGES}/{file.relative_to(packages).as_posix()}": file for file in files}
    if path.is_relative_to(cache):
        return {f"{TORCH_CACHE}/{path.relative_to(cache).as_posix()}": path}
    if path.is_relative_to(here):
        return {path.relative_to(here).as_posix(): path}
    raise UserError(
        f"{cell.benchmark_name}/{cell.model_name}: its encoder's weights lie in {path}, from where a bundle cannot "
        f"take them; it takes files of this folder, of torch's cache ({cache}) and of installed packages. Copy that "
        "file into this folder and name it as encoder_weights in params.yaml, or leave the model out (--cells)."
    )


def build_and_watch(model: Model, weights: str) -> list[str]:
    """Build a network; the files of weights that Python opened for it.

    Raises:
        UserError: it cannot be built.
    """
    opened: dict[str, None] = {}

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], (str, os.PathLike)):
            path = os.fspath(arguments[0])
            if isinstance(path, str) and path.endswith(ENDINGS):
                opened[os.path.abspath(path)] = None

    sys.addaudithook(watch)
    torch.hub.download_url_to_file = refuse_download  # ty: ignore[invalid-assignment]  (its signature is longer)
    build(model, encoder_weights=weights)
    return list(opened)


def refuse_download(url: str, *arguments: Any, **options: Any) -> None:
    raise RuntimeError(f"{url} is not in torch's cache, {torch.hub.get_dir()}")


@entry_point
def main() -> None:
    asked = json.load(sys.stdin)
    found = build_and_watch(Model(asked["network"], asked["arguments"]), asked["weights"])
    if not found and asked["weights"] == "imagenet" and build_differs(asked):
        raise UserError("they are read by a library in a way that a bundle cannot follow.")
    print(json.dumps(found))


def build_differs(asked: dict[str, Any]) -> bool:
    """Whether the network takes its encoder's weights from anywhere at all."""
    states = []
    for weights in (asked["weights"], "none"):
        torch.manual_seed(0)
        states.append(build(Model(asked["network"], asked["arguments"]), encoder_weights=weights).state_dict())
    first, second = states
    return any(not torch.equal(first[name], second[name]) for name in first)


if __name__ == "__main__":
    main()
