"""Image files as the benchmark's engine has its cases: resized once, bytes on the device."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch
from PIL import Image

from benchmarks.measuring.speed.images import image_files
from benchmarks.training.data import Cases


def resident(folder: Path, size: int, device: torch.device) -> Cases:
    """The same cases as a prepared benchmark holds them; all of them are trained on and validated on in fold 0."""
    files = image_files(folder)
    images, masks = np.zeros((2, len(files), 1, size, size), np.uint8)
    for index, (image, mask, _) in enumerate(files):
        grey = Image.open(image).convert("L").resize((size, size), Image.Resampling.BILINEAR)
        binary = Image.open(mask).convert("L").resize((size, size), Image.Resampling.NEAREST)
        images[index, 0], masks[index, 0] = np.asarray(grey), np.asarray(binary) > 127
    table = pd.DataFrame({"case": [image.stem for image, _, _ in files], "role_0": "train"})
    labels = torch.tensor([label for _, _, label in files])
    truth = torch.from_numpy(masks).to(device)
    return Cases(table, torch.from_numpy(images).to(device), truth, truth, labels.to(device))
