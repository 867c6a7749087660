"""Releases: one folder for an archive with a DOI, built from a tag; one that was downloaded, checked."""

from pathlib import Path

from cyclopts import App

from benchmarks.commands.app import CHECK, app

release = App(name="release", group=CHECK, help="Build a release from a tag, or check one that was downloaded.")
app.command(release)

RELEASES = Path("release")


@release.command
def build(*, out: Path = RELEASES) -> None:
    """Build one folder for an archive with a DOI, from the tag at which this repository stands.

    Everything must be committed, and the tag that of the version in pyproject.toml, CITATION.cff and CHANGELOG.md. The
    same tag gives the same bytes.

    Args:
        out: Folder; the release lies in OUT/NAME-VERSION/.
    """
    from benchmarks.release.build import build

    folder = build(Path(), out)
    for path in sorted(folder.iterdir()):
        print(f"{path.stat().st_size:>12,}  {path.name}")
    print(f"The release: {folder}. What is left to do: docs/release.md.")


@release.command
def check(folder: Path, /) -> None:
    """Check a release that was downloaded: checksums, versions, parts against the source, Croissant.

    Croissant is checked where mlcroissant is installed. The exit status is 1 at any fault.

    Args:
        folder: The one that holds SHA256SUMS.
    """
    from benchmarks.release.check import check

    done, faults = check(folder)
    print("\n".join([*(f"checked: {line}" for line in done), *faults]))
    print(f"{folder}: {f'{len(faults)} faults' if faults else 'a whole release'}.")
    raise SystemExit(bool(faults))
