"""The names that the baselines' libraries know, so that an unknown one is answered by the nearest."""

import difflib
from collections.abc import Callable

from benchmarks.errors import UserError

LISTED = 20  # names, at most, that an error shows


def resnets() -> list[str]:
    """torchvision's ResNets, which `baselines/dilated_resnet.py` can dilate."""
    import torchvision

    return torchvision.models.list_models(include=["resnet*", "resnext*", "wide_resnet*"])


def image_classifiers() -> list[str]:
    """timm's models, and those with the tag of their weights."""
    import timm

    return [*timm.list_models(), *timm.list_models(pretrained=True)]


def encoders() -> list[str]:
    """The encoders of segmentation-models-pytorch, timm's among them."""
    import segmentation_models_pytorch
    import timm

    return [*segmentation_models_pytorch.encoders.encoders, *(f"tu-{name}" for name in timm.list_models())]


LIBRARY_NAMES: dict[str, dict[str, Callable[[], list[str]]]] = {
    "baselines.cross_stitch:CrossStitch": {"encoder": resnets},
    "baselines.image_classifier:ImageClassifier": {"architecture": image_classifiers},
    "baselines.mtan:MTAN": {"encoder": resnets},
    "baselines.multi_task_deeplab:MultiTaskDeepLab": {"encoder": resnets},
    "baselines.nddr_cnn:NDDRCNN": {"encoder": resnets},
    "baselines.shared_encoder:SharedEncoder": {"encoder": encoders},
    "baselines.single_task_deeplab:SingleTaskDeepLab": {"encoder": resnets},
}


def check_library_name(argument: str, found: str, known: list[str], where: str) -> None:
    """The name that an argument gives must be one of `known`.

    Raises:
        UserError: it is not; the nearest are named, and all where they are few.
    """
    if found in known:
        return
    near = " or ".join(repr(name) for name in difflib.get_close_matches(found, known, n=3))
    hint = f" Did you mean {near}?" if near else ""
    all_of_them = f" Known: {', '.join(known)}." if len(known) <= LISTED else f" {len(known):,} are known."
    raise UserError(f"{where}: no {argument} is called {found!r}.{hint}{all_of_them}")
