"""Image files as the usual training script loads them: decoded, moved and normalised one by one, by PIL."""

import random
from pathlib import Path

from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, RandomSampler
from torchvision.transforms import functional

from benchmarks.measuring.speed.images import image_files

MEAN, STANDARD_DEVIATION = 0.330, 0.204
FLIP, DEGREES = 0.6, 30.0


class ImageFolder(Dataset):
    """Image (3, S, S), normalised; mask (1, S, S) of 0 and 1; label. Resized, then moved as the released code does."""

    def __init__(self, folder: Path, size: int, augmented: bool):
        self.files, self.size, self.augmented = image_files(folder), size, augmented

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor, int]:
        image_file, mask_file, label = self.files[index]
        size = self.size, self.size
        image = Image.open(image_file).convert("RGB").resize(size, Image.Resampling.BILINEAR)
        mask = Image.open(mask_file).convert("L").resize(size, Image.Resampling.NEAREST)
        if self.augmented:
            image, mask = moved(image, mask)
        return (
            functional.normalize(functional.to_tensor(image), [MEAN] * 3, [STANDARD_DEVIATION] * 3),
            functional.to_tensor(mask),
            label,
        )


def moved(image: Image.Image, mask: Image.Image) -> tuple[Image.Image, Image.Image]:
    """Horizontal flip, rotation with black beyond the border, vertical flip: each at random, the same for both."""
    if random.random() < FLIP:
        image, mask = (moving.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for moving in (image, mask))
    degrees = random.uniform(-DEGREES, DEGREES)
    image = image.rotate(degrees, Image.Resampling.BILINEAR)
    mask = mask.rotate(degrees, Image.Resampling.NEAREST)
    if random.random() < FLIP:
        image, mask = (moving.transpose(Image.Transpose.FLIP_TOP_BOTTOM) for moving in (image, mask))
    return image, mask


def training_loader(folder: Path, size: int, batches: int, batch_size: int, workers: int) -> DataLoader:
    """So many batches of cases drawn at random, however few there are in the folder."""
    cases = ImageFolder(folder, size, augmented=True)
    sampler = RandomSampler(cases, replacement=True, num_samples=batches * batch_size)
    return DataLoader(cases, batch_size, sampler=sampler, num_workers=workers, pin_memory=False)


def validation_loader(folder: Path, size: int, batch_size: int, workers: int) -> DataLoader:
    """Every case once, in order, unmoved."""
    return DataLoader(ImageFolder(folder, size, augmented=False), batch_size, num_workers=workers)
