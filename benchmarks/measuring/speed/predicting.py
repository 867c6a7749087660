"""`acsbench predict` as a user runs it: the network of this repository, on folders of more and more images."""

import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from benchmarks.errors import UserError
from benchmarks.measuring.speed.growth import DISTINCT, with_source
from benchmarks.measuring.speed.images import image_files, write_images
from benchmarks.measuring.speed.turns import Job, Reading, Sides
from benchmarks.source_code import ROOT

SHIPPED = "busi-light/shared_unet_lite0_imagenet"
READ = ("params.yaml", "weights")
# The command in a process that tells the memory it held itself; what its parent held would count otherwise.
COMMAND = """
import runpy, sys
from benchmarks.measuring.machine import peak_memory
sys.argv[0] = "acsbench"
try:
    runpy.run_module("benchmarks", run_name="__main__")
except SystemExit as ended:
    if ended.code:
        raise
print(peak_memory())
"""


def predict_jobs(folder: Path, counts: list[int], repetitions: int) -> list[Job]:
    """A job for each number of images, with start-up; that of one image is start-up and little else."""
    jobs = []
    for count in counts:
        name = f"predict, {count} image{'' if count == 1 else 's'}"
        jobs.append(Job(name, partial(start, name, folder, count), repetitions))
    return jobs


def start(name: str, folder: Path, count: int) -> Sides:
    """Lay out so many images: the phantom's, about as large as BUSI's, again and again under new names."""
    write_images(folder / "images", min(count, DISTINCT))
    distinct = [image for image, _, _ in image_files(folder / "images")]
    asked = folder / str(count)
    asked.mkdir(exist_ok=True)
    for number in range(count):
        link = asked / f"{number:05}.png"
        if not link.exists():
            link.symlink_to(distinct[number % len(distinct)].resolve())
    return Sides({name: partial(run_predict, asked)})


def run_predict(images: Path, model: str = SHIPPED) -> Reading:
    """Predict a folder's images into a folder for the time being.

    Raises:
        UserError: it failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        for part in READ:
            (Path(folder) / part).symlink_to(ROOT / part)
        command = [sys.executable, "-c", COMMAND, "predict", model, str(images.resolve()), "--out", "predicted"]
        began = time.perf_counter()
        done = subprocess.run(command, cwd=folder, env=with_source(), capture_output=True, encoding="utf-8")
        seconds = time.perf_counter() - began
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message; out of memory?"])[-1]
        raise UserError(f"predict of {images} ended with status {done.returncode}: {last}")
    return Reading(seconds, float(done.stdout.split()[-1]))
