"""Several networks as one: the mean of their probabilities, and the pixels that at least half of them mark.

That is how `reports/external/` has them, too (`benchmarks/scoring/external.py`). A single network gives what it gave
for its own test fold: the same code makes an image of bytes its input (`training/data.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from benchmarks.configuration import Parameters
from benchmarks.errors import UserError
from benchmarks.networks import outputs_of
from benchmarks.prediction.description import Description
from benchmarks.prediction.finding import Source
from benchmarks.prediction.likeness import TrainingImages, widest
from benchmarks.training.cell import choose_device
from benchmarks.training.data import grey_levels, normalise
from benchmarks.training.precision import autocast, has_bfloat16


@dataclass(frozen=True)
class Answers:
    """What each of the networks says of each image; None without such a head."""

    masks: np.ndarray | None  # bool (networks, images, S, S)
    probabilities: np.ndarray | None  # float32 (networks, images), of malignant

    def votes(self) -> np.ndarray | None:
        """The pixels that at least half of the networks mark, bool (images, S, S)."""
        return None if self.masks is None else self.masks.mean(axis=0) >= 0.5


class Ensemble:
    """Networks that see images in the same way, on one device."""

    def __init__(self, sources: list[Source], parameters: Parameters):
        """Load them.

        Raises:
            UserError: one cannot be loaded, or they expect different images.
        """
        self.device = choose_device(parameters.engine.device)
        torch.set_num_threads(parameters.engine.threads)
        loaded = [source.load(self.device) for source in sources]
        self.descriptions = [about for about, _ in loaded]
        self.networks: list[nn.Module] = [network for _, network in loaded]
        self.about = self.descriptions[0]
        for source, other in zip(sources, self.descriptions, strict=True):
            if expects(other) != expects(self.about):
                raise UserError(
                    f"{source.path}: expects images as {expects(other)}, the first of the networks as "
                    f"{expects(self.about)}. Export them again, from one version of params.yaml."
                )
        self.lacks_precision = self.about.precision == "bfloat16" and not has_bfloat16(self.device)
        precision = "float32" if self.lacks_precision else self.about.precision
        self.autocast = autocast(precision, self.device, self.about.cell)

    @property
    def training_images(self) -> TrainingImages | None:
        """What the networks were trained on, together; None where that is not known of all of them."""
        known = [about.training_images for about in self.descriptions]
        return widest([images for images in known if images is not None]) if all(known) else None

    @torch.no_grad()
    def answers(self, images: np.ndarray) -> Answers:
        """What each network says of images, uint8 (B, S, S) of its own size.

        Raises:
            UserError: a network's outputs are not finite.
        """
        batch = normalise(grey_levels(torch.from_numpy(images)[:, None].to(self.device)), self.about.normalisation)
        masks, probabilities = [], []
        for about, network in zip(self.descriptions, self.networks, strict=True):
            with self.autocast:
                outputs = outputs_of(network, batch)
            for logits in (outputs.mask, outputs.label):
                if logits is not None and not logits.isfinite().all():
                    raise UserError(f"{about.cell}, seed {about.seed}, fold {about.fold}: NaN or infinite outputs.")
            if outputs.mask is not None:
                masks.append((outputs.mask > 0)[:, 0].cpu().numpy())
            if outputs.label is not None:
                probabilities.append(torch.softmax(outputs.label, 1)[:, 1].cpu().numpy())
        return Answers(np.stack(masks) if masks else None, np.stack(probabilities) if probabilities else None)


def expects(about: Description) -> str:
    """How a network wants its images, in words."""
    normalisation = about.normalisation
    return (
        f"{about.image_size} x {about.image_size} pixels, mean {normalisation.mean}, deviation {normalisation.std}, "
        f"in {about.precision}"
    )


def disagreements(probabilities: np.ndarray | None, masks: np.ndarray | None) -> Iterator[str]:
    """Where networks contradict each other on one image: their probabilities (networks,), masks (networks, S, S)."""
    if probabilities is not None and 0 < (malignant := int((probabilities > 0.5).sum())) < len(probabilities):
        yield f"the networks disagree on the class ({malignant} of {len(probabilities)} say malignant)"
    if masks is not None and 0 < (marking := int(masks.any(axis=(1, 2)).sum())) < len(masks):
        yield f"the networks disagree on whether there is a lesion ({marking} of {len(masks)} mark one)"
