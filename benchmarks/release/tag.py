"""The tag that is released, and its files as git keeps them: what else lies in the working folder is never read."""

import io
import os
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.errors import UserError
from benchmarks.release.version import PROJECT, read_project, tag_of

# Settings of a user's own that would change the archive's bytes.
SAME_FOR_ALL = ("-c", "tar.umask=0022", "-c", "core.autocrlf=false")
SHOWN = 5  # of the files that are not committed


def release_at(root: Path) -> tuple[str, str]:
    """The name and the tag of the release at which a repository stands.

    Raises:
        UserError: no git repository, something not committed, no tag at HEAD, or none of the version that
            `pyproject.toml` states.
    """
    if git(root, "rev-parse", "--git-dir", check=False) is None:
        raise UserError(
            f"{root.resolve()}: expected a git repository with its tags, found none: clone it, then the same again."
        )
    changed = told(git(root, "status", "--porcelain")).splitlines()
    if changed:
        more = [f"... and {len(changed) - SHOWN} more"] if len(changed) > SHOWN else []
        raise UserError(
            "\n  ".join([f"{root.resolve()}: expected everything committed, found:", *changed[:SHOWN], *more])
            + "\nA release is made from a tag alone: commit these, stash them or let git ignore them, then go on."
        )
    project = read_project({PROJECT: (root / PROJECT).read_bytes()})
    expected = tag_of(project["version"])
    tags = told(git(root, "tag", "--points-at", "HEAD")).splitlines()
    if expected in tags:
        return f"{project['name']}-{project['version']}", expected
    head = told(git(root, "rev-parse", "--short", "HEAD")).strip()
    found = f"found {', '.join(tags)}" if tags else "found no tag there"
    raise UserError(
        f"HEAD, commit {head}: expected tag {expected}, the version of pyproject.toml, {found}. Check out the tag "
        f"(`git checkout {expected}`) or, to release this commit, set it (`git tag {expected}`): docs/release.md."
    )


def archive(root: Path, tag: str, prefix: str) -> bytes:
    """`git archive` of a tag as a tar file, every path below `prefix`."""
    made = git(root, *SAME_FOR_ALL, "archive", "--format=tar", f"--prefix={prefix}/", tag)
    assert made is not None
    return made


def files_of(tar: bytes) -> tuple[str, Mapping[str, bytes]]:
    """The folder that all files of a tar file lie in, and their content by path within.

    Raises:
        UserError: no tar file, or not one folder.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(tar), mode="r:*") as opened:
            members = {member.name: opened.extractfile(member) for member in opened if member.isfile()}
            contents = {name: file.read() for name, file in members.items() if file is not None}
    except (tarfile.TarError, EOFError, OSError) as error:
        raise UserError(f"the archive of the source: expected a tar file, found {error}: download it again.") from error
    folders = {name.partition("/")[0] for name in contents}
    if len(folders) != 1:
        raise UserError(f"the archive of the source: expected all in one folder, found {sorted(folders)[:3]}.")
    return folders.pop(), {name.partition("/")[2]: content for name, content in contents.items()}


def git(root: Path, *words: str, check: bool = True) -> bytes | None:
    """What a git command prints; None where it fails and may.

    Raises:
        UserError: git is not installed, or refuses.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}  # of a hook
    try:
        ended = subprocess.run(["git", "-C", str(root), *words], capture_output=True, env=environment)
    except FileNotFoundError as error:
        raise UserError("git: expected to be installed, found none: install it, then the same again.") from error
    if ended.returncode and check:
        raise UserError(f"`git {' '.join(words)}` in {root}: {ended.stderr.decode(errors='replace').strip()}")
    return None if ended.returncode else ended.stdout


def told(printed: bytes | None) -> str:
    return (printed or b"").decode()
