"""The files that fingerprints are kept in: an entry per cell, and the text that each was last measured with."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.errors import UserError
from benchmarks.training.behaviour import Numbers
from benchmarks.training.cell import Fingerprint, short_digest
from benchmarks.whole_files import write

FINGERPRINTS = Path("fingerprints.json")
CODE = Path("fingerprints-code.json")
LOCAL = Path("runs/fingerprints.json")  # what this machine has measured itself, cells outside the studies among them
MEND = "Restore it with git, or remove it to measure anew."


class Entry(NamedTuple):
    """What is kept of a cell."""

    stated: str
    network: Numbers
    engine: Numbers
    code: str  # of the text that the numbers were last measured with

    @property
    def fingerprint(self) -> Fingerprint:
        return Fingerprint(self.stated, short_digest(json.dumps([self.network, self.engine])), self.code)


def read_committed() -> dict[str, Entry]:
    """The entries of `fingerprints.json`, with the digests of the text that they were last measured with."""
    return read_entries(FINGERPRINTS, read_json(CODE))


def read_entries(path: Path, codes: dict[str, str] | None = None) -> dict[str, Entry]:
    """Entries by cell; none where there is no file, or one of another form."""
    entries = {}
    for name, kept in read_json(path).items():
        if isinstance(kept, dict):
            code = kept.get("code", "") if codes is None else codes.get(name, "")
            entries[name] = Entry(kept["stated"], kept["network"], kept["engine"], code)
    return entries


def read_json(path: Path) -> dict[str, Any]:
    """A file of entries, or nothing where there is none.

    Raises:
        UserError: the file is no JSON object.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except json.JSONDecodeError as error:
        raise UserError(
            f"{path}: not valid JSON: {error}. Restore it with git, or remove it to measure anew."
        ) from error
    if not isinstance(content, dict):
        raise UserError(f"{path}: expected an entry per cell. {MEND}")
    return content


def write_entries(path: Path, entries: dict[str, Entry], with_code: bool = False) -> None:
    """Raises `UserError` where the file cannot be written."""
    text = entries_text(entries, with_code)
    write(path, lambda partial: partial.write_text(text, encoding="utf-8"))


def entries_text(entries: dict[str, Entry], with_code: bool = False) -> str:
    """A line for each part of an entry, so that a change is seen in `git diff`."""
    texts = []
    for name, entry in sorted(entries.items()):
        fields: dict[str, str | Numbers] = {"digest": entry.fingerprint.whole, "stated": entry.stated}
        fields |= {"code": entry.code} if with_code else {}
        fields |= {"network": entry.network, "engine": entry.engine}
        lines = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in fields.items())
        texts.append(f" {json.dumps(name)}: {{\n{lines}\n }}")
    return "{\n" + ",\n".join(texts) + "\n}\n"
