"""What was run of a cell, as its record tells it, in words."""

from benchmarks.reporting.labels import number


def run_facts(model: str, record: dict) -> dict:
    """What was run, on what, with which versions: one line per cell; several values are joined."""
    runs = record["runs"]

    def each(key: str) -> str:
        return ", ".join(sorted({str(run.get(key)) for run in runs}))

    seconds = [run["seconds_per_epoch"] for run in runs]
    versions = runs[0]["versions"]
    return {
        "Network": model,
        "Parameters": f"{record['parameters']:,}",
        "Runs": str(len(runs)),
        "Epochs": each("epochs"),
        "Seconds per epoch": number(sorted(seconds)[len(seconds) // 2], 1),
        "Hours in all": number(sum(run["seconds_per_epoch"] * run["epochs"] for run in runs) / 3600, 2),
        "Peak memory (GiB)": number(max(run["peak_memory_bytes"] for run in runs) / 2**30, 2),
        "Device": each("device"),
        "Image size": each("image_size"),
        "Deformable convolution": each("deformable").replace("None", "none"),
        "Encoder weights": each("encoder_weights"),
        "Precision": ", ".join(sorted({run["precision"] for run in runs})),
        "Versions": ", ".join(f"{package} {version}" for package, version in versions.items()),
        "Commit": ", ".join(sorted({run["git_commit"][:10] for run in runs})),
    }
