"""`croissant.json`: predictions and scores of a release for machines, in MLCommons' format Croissant 1.0.

A set of records for each table of the release, a field for each of its columns. `mlcroissant` writes and reads it.
The tables are files of their own since mlcroissant 1.1.1 reads no columns from the files within an archive.
"""

import importlib.util
import json
import logging
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from benchmarks.errors import UserError
from benchmarks.release.tables import TABLES
from benchmarks.release.version import Release
from benchmarks.release.zenodo import DERIVED, author_name

FILE = "croissant.json"
FORMATS = {".parquet": "application/x-parquet", ".csv": "text/csv"}


def croissant_text(release: Release, project: dict[str, Any], sums: Mapping[str, str]) -> str:
    """The text of `croissant.json`, found valid by mlcroissant.

    Args:
        project: the section `project` of `pyproject.toml`.
        sums: the SHA-256 of each file of the release, by its name there.

    Raises:
        UserError: mlcroissant is missing, or finds it not valid.
    """
    if not installed():
        raise UserError(
            "mlcroissant: expected to be installed, found none; it writes the release's metadata: "
            "`pip install mlcroissant`, or the extra `release`."
        )
    with only_errors():
        text = json.dumps(metadata(release, project, sums).to_json(), indent=2, ensure_ascii=False) + "\n"
    if faults := faults_of(json.loads(text)):
        raise UserError("\n".join([f"{FILE}: mlcroissant refuses what was made:", *faults]))
    return text


def installed() -> bool:
    return importlib.util.find_spec("mlcroissant") is not None


def faults_of(described: dict[str, Any] | Path) -> list[str]:
    """What mlcroissant finds wrong with a description, or with the file of one; its warnings are none."""
    import mlcroissant

    with only_errors():
        try:
            mlcroissant.Dataset(jsonld=described)
        except (mlcroissant.ValidationError, ValueError, KeyError, TypeError, AttributeError) as error:
            return [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return []


@contextmanager
def only_errors() -> Generator[None]:
    """mlcroissant recommends fields by warnings; what is not known, such as a DOI to come, is left out on purpose."""
    logger = logging.getLogger("absl")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def metadata(release: Release, project: dict[str, Any], sums: Mapping[str, str]) -> Any:
    """The description as mlcroissant's own object."""
    import mlcroissant as mlc

    citation = release.citation
    authors = [author_name(author) for author in citation["authors"]]
    kinds = [mlc.Organization if "name" in author else mlc.Person for author in citation["authors"]]
    doi = citation.get("doi")
    address = f"https://doi.org/{doi}" if doi else citation.get("repository-code")
    return mlc.Metadata(
        name=release.package,
        description=f"{project['description']}: predictions and scores, case by case. {DERIVED}",
        version=release.version,
        date_published=datetime(release.released.year, release.released.month, release.released.day),
        license=[f"https://spdx.org/licenses/{citation['license']}.html"],
        creators=[kind(name=name) for kind, name in zip(kinds, authors, strict=True)],
        keywords=project["keywords"],
        cite_as=f"{', '.join(authors)}. {citation['title']}. Version {release.version}, {release.released}."
        + (f" {address}" if address else ""),
        url=address,
        distribution=[file_object(f"{release.name}-{table}", table, sums) for table in TABLES],
        record_sets=[record_set(table) for table in TABLES],
    )


def file_object(file: str, table: str, sums: Mapping[str, str]) -> Any:
    import mlcroissant as mlc

    return mlc.FileObject(
        id=table,
        name=table,
        content_url=file,
        encoding_formats=[FORMATS[PurePosixPath(table).suffix]],
        sha256=sums[file],
    )


def record_set(table: str) -> Any:
    """A table's records: `cases` for `cases.csv`, with fields such as `cases/dice`."""
    import mlcroissant as mlc

    types: dict[type, Any] = {str: mlc.DataType.TEXT, int: mlc.DataType.INTEGER, float: mlc.DataType.FLOAT}
    name = PurePosixPath(table).stem
    fields = [
        mlc.Field(
            id=f"{name}/{column}",
            name=column,
            description=says,
            data_types=[types[kind]],
            source=mlc.Source(file_object=table, extract=mlc.Extract(column=column)),
        )
        for column, (kind, says) in (TABLES[table].names | TABLES[table].columns).items()
    ]
    return mlc.RecordSet(id=name, name=name, description=TABLES[table].holds, fields=fields)
