"""Which command makes what is missing: DVC's stage where `dvc.yaml` has one, else the job by hand."""

from pathlib import Path
from typing import Any

PIPELINE = Path("dvc.yaml")
OF_DATASETS = ("download", "prepare")


def stage_names(root: Path = Path()) -> set[str]:
    """Every stage that `dvc repro` knows, such as `split@busi-small`; none where `dvc.yaml` cannot be read here."""
    try:
        import yaml
    except ImportError:  # a bare training machine, which has no DVC either
        return set()
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's is ten times as fast
    try:
        stages = yaml.load((root / PIPELINE).read_text(encoding="utf-8"), loader)["stages"]
    except (OSError, ValueError, LookupError, TypeError, yaml.YAMLError):
        return set()
    names = set()
    for name, stage in stages.items():
        each = stage.get("foreach") if isinstance(stage, dict) else None
        names |= {name} if each is None else {f"{name}@{key}" for key in each}
    return names


def way_to(job: str, name: str, again: bool = False, root: Path = Path()) -> str:
    """What to run for a job of the pipeline on a dataset or benchmark, as it follows "Run".

    Args:
        job: its name, a command's and a stage's alike.
        name: the dataset's or benchmark's.
        again: whether what it made lies there, but damaged.
        root: the folder with `dvc.yaml`.
    """
    if f"{job}@{name}" in stage_names(root):
        return f"`dvc repro {'-f ' if again else ''}{job}@{name}`"
    if job in OF_DATASETS:
        then = f" && acsbench prepare {name} --from downloads/{name}" if job == "prepare" else ""
        why = f"DVC has no such stage: {name} is not among `datasets` of params.yaml"
        return f"`acsbench download {name}{then}` ({why})"
    return (
        f"`acsbench {job} {name}` (DVC has no such stage: no study of params.yaml has {name}; where it is to have one, "
        "add it there, then `acsbench pipeline`)"
    )
