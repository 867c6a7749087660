"""Whether a wheel of mmcv holds CUDA kernels of modulated deformable convolution, and computes on the CPU as before.

The check of the CPU runs in a process that imports mmcv from the wheel. A library with CUDA kernels needs CUDA's
runtime, which torch brings; a GPU it needs not.
"""

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from benchmarks.errors import UserError
from benchmarks.source_code import ROOT

KERNELS = (
    b"modulated_deformable_im2col_gpu_kernel",
    b"modulated_deformable_col2im_gpu_kernel",
    b"modulated_deformable_col2im_coord_gpu_kernel",
)
LARGEST_ERROR = 1e-5  # of float32, as a share of the largest value
PROBE = f"""
import torch
from benchmarks.measuring.operators import operator_errors
rows = [row for row in operator_errors(torch.device("cpu"), 64) if row["operator"] == "mmcv"]
print(rows)
parts = ("output", "feature", "offset", "mask", "weight")
raise SystemExit(not all(part in row and row[part] < {LARGEST_ERROR} for row in rows for part in parts))
"""


def check_wheel(wheel: Path) -> None:
    """Raises `UserError` where kernels are missing, or mmcv cannot be imported from the wheel or computes otherwise."""
    with tempfile.TemporaryDirectory() as name:
        try:
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(name)
        except (OSError, zipfile.BadZipFile) as error:
            raise UserError(f"{wheel}: expected a wheel of mmcv: {error}.") from error
        libraries = sorted((Path(name) / "mmcv").glob("_ext*.so"))
        content = b"".join(library.read_bytes() for library in libraries)
        if missing := [kernel.decode() for kernel in KERNELS if kernel not in content]:
            raise UserError(
                f"{wheel}: expected CUDA kernels in mmcv/_ext*.so, missing {', '.join(missing)}. Was it compiled with "
                "FORCE_CUDA=1 and nvcc? `make mmcv CUDA=1` does so."
            )
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([name, str(ROOT)]), "CUDA_VISIBLE_DEVICES": ""}
        ended = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, encoding="utf-8", env=environment)
    if ended.returncode:
        said = (ended.stderr or ended.stdout).strip().splitlines()
        raise UserError(f"{wheel}: mmcv's operator on the CPU is not as before: {said[-1] if said else 'no message'}")
