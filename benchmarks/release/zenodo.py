"""`.zenodo.json`: what Zenodo fills a record's form with, taken from `CITATION.cff`.

Its fields are those of Zenodo's deposit metadata, developers.zenodo.org.
"""

import json
from typing import Any

from benchmarks.release.version import Release

DERIVED = "Licences of every file, and the terms of the datasets behind them: LICENCES.md."


def zenodo_text(release: Release, project: dict[str, Any]) -> str:
    """The text of `.zenodo.json`.

    Args:
        project: the section `project` of `pyproject.toml`.
    """
    citation = release.citation
    record = {
        "title": citation["title"],
        "upload_type": citation.get("type", "software"),
        "description": f"<p>{project['description']}.</p><p>{DERIVED}</p>",
        "creators": [creator(author) for author in citation["authors"]],
        "version": release.version,
        "publication_date": release.released.isoformat(),
        "access_right": "open",
        "license": citation["license"],
        "keywords": project["keywords"],
        "related_identifiers": [
            {"identifier": reference["doi"], "relation": "references", "scheme": "doi"}
            for reference in citation.get("references", ())
            if "doi" in reference
        ],
    }
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"


def creator(author: dict[str, str]) -> dict[str, str]:
    """An author of `CITATION.cff`: a person is `family, given` for Zenodo, a group its name."""
    made = {"name": author_name(author, family_first=True)}
    if "affiliation" in author:
        made["affiliation"] = author["affiliation"]
    if "orcid" in author:
        made["orcid"] = author["orcid"].rpartition("/")[2]
    return made


def author_name(author: dict[str, str], family_first: bool = False) -> str:
    if "name" in author:
        return author["name"]
    family, given = author["family-names"], author["given-names"]
    return f"{family}, {given}" if family_first else f"{given} {family}"
