"""What travels with a dataset: its codebook, key and history, as one JSON object.

Parquet, SPSS and Excel files carry it inside; beside CSV and Stata files it stands in a Data
Package descriptor (``<stem>.datapackage.json``), which other tools read as well.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pk_research.codebook import Codebook
from pk_research.errors import BadInput, PkError, Problem
from pk_research.sources.dataset import Dataset, Provenance
from pk_research.sources.files import Content, stem_of

_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_SIDECAR = "datapackage.json"
_FORMATS = {".csv": ("csv", "text/csv"), ".dta": ("dta", "application/x-stata-dta")}


@dataclass(frozen=True, slots=True)
class Description:
    """What was written about a dataset.

    Attributes
    ----------
    codebook
        Its variables.
    name, key, provenance
        As in `Dataset`; None and empty for a descriptor that some other tool wrote.
    sha256
        Hash of the file it describes, when the descriptor stands beside it.
    changed
        True when the file shows that another program wrote it since.
    """

    codebook: Codebook
    name: str | None = None
    key: tuple[str, ...] = ()
    provenance: Provenance | None = None
    sha256: str | None = None
    changed: bool = False

    def is_of(self, content: Content) -> bool:
        """Tell whether the file is still the one that was saved with this description."""
        return self.provenance is not None and self.sha256 == content.sha256


def describe(dataset: Dataset) -> dict[str, Any]:
    """Return what travels with a dataset, in a form that JSON holds; `restore` reads it."""
    return {
        "name": dataset.name,
        "title": dataset.provenance.title,
        "schema": {**dataset.codebook.to_table_schema(), "missingValues": [""]},
        "key": list(dataset.key),
        "provenance": dataset.provenance.to_dict(),
    }


def restore(entry: Mapping[str, Any], *, where: str) -> Description:
    """Read what `describe` wrote, or the resource of a Data Package that another tool wrote.

    Raises
    ------
    BadInput
        When it does not describe a table.
    """
    try:
        codebook = Codebook.from_table_schema(entry["schema"])
        provenance = entry.get("provenance")
        return Description(
            codebook,
            name=entry["name"] if provenance else None,
            key=tuple(entry.get("key", ())),
            provenance=Provenance.from_dict(provenance) if provenance else None,
            sha256=str(entry.get("hash", "")).removeprefix("sha256:") or None,
        )
    except PkError:
        raise
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise BadInput(
            Problem(where, f"it does not describe a table ({error!r})", "Remove it, or write it again.")
        ) from error


def cast_saved(codebook: Codebook, frame: pd.DataFrame, *, where: str) -> pd.DataFrame:
    """Give the columns of a saved file their kinds again.

    Raises
    ------
    BadInput
        When they are not what was saved.
    """
    try:
        return codebook.cast(frame, where=where)
    except (TypeError, OverflowError) as error:
        raise BadInput(Problem(where, f"the file is damaged ({error})", "Save it again.")) from error


def to_json(entry: Mapping[str, Any]) -> str:
    """Write as JSON text, the same text for the same content."""
    return json.dumps(entry, ensure_ascii=False, indent=2) + "\n"


def from_json(text: str, *, where: str) -> dict[str, Any]:
    """Read a JSON object.

    Raises
    ------
    BadInput
        When the text is none.
    """
    try:
        entry = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadInput(
            Problem(where, f"it is not JSON ({error})", "Remove it, or write it again.")
        ) from error
    if not isinstance(entry, dict):
        raise BadInput(Problem(where, "it is not a JSON object", "Remove it, or write it again."))
    return entry


def package_of(dataset: Dataset, path: Path, data: bytes) -> str:
    """Write the Data Package (version 2) of a dataset saved at ``path`` with these bytes."""
    file_format, mediatype = _FORMATS[path.suffix]
    provenance = dataset.provenance
    source = {"title": provenance.source or provenance.title, "version": provenance.version}
    package = {
        "$schema": _PROFILE,
        "name": dataset.name,
        "title": provenance.title,
        "sources": [{key: value for key, value in source.items() if value}],
        "resources": [
            {
                **describe(dataset),
                "type": "table",
                "path": path.name,
                "format": file_format,
                "mediatype": mediatype,
                "encoding": "utf-8",
                "bytes": len(data),
                "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
            }
        ],
    }
    if provenance.licence:
        package["licenses"] = [{"title": provenance.licence}]
    return to_json(package)


def sidecar_path(path: Path) -> Path:
    """Return where the descriptor of a file stands.

    Examples
    --------
    >>> sidecar_path(Path("out/villages.csv")).name, sidecar_path(Path("out/villages.dta")).name
    ('villages.datapackage.json', 'villages.dta.datapackage.json')
    """
    is_text = path.suffix not in (".dta", ".sav", ".parquet", ".xlsx")
    return path.with_name(f"{stem_of(path) if is_text else path.name}.{_SIDECAR}")


def read_sidecar(path: Path) -> Description | None:
    """Read the descriptor beside a file: its own, or that of the whole folder; None without one.

    Raises
    ------
    BadInput
        When it cannot be read.
    """
    for sidecar in (sidecar_path(path), path.with_name(_SIDECAR)):
        if not sidecar.is_file():
            continue
        try:
            text = sidecar.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(
                Problem(sidecar.name, f"it cannot be read ({error})", "Remove it, or write it again.")
            ) from error
        resource = _resource(from_json(text, where=sidecar.name), path, is_own=sidecar == sidecar_path(path))
        if resource is not None:
            return restore(resource, where=sidecar.name)
    return None


def _resource(package: Mapping[str, Any], path: Path, *, is_own: bool) -> Mapping[str, Any] | None:
    """Return the entry for a file; a file's own descriptor keeps it when both were renamed."""
    resources = package.get("resources")
    tables = [entry for entry in resources if isinstance(entry, dict)] if isinstance(resources, list) else []
    named = [entry for entry in tables if entry.get("path") == path.name]
    if named:
        return named[0]
    return tables[0] if is_own and len(tables) == 1 else None
