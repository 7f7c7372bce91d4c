"""What is in a replication package, for machines: an RO-Crate."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from mimetypes import MimeTypes
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pk_research.publish.dictionary import lies_in
from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.publish.citation import About
    from pk_research.publish.exhibits import Exhibit
    from pk_research.publish.sources import Source

CRATE = "https://w3id.org/ro/crate/1.2"
"""The first version whose context knows ``sha256``."""
PUBLISHER = "Pabrik Kampoeng"
PYTHON = {"@id": "#python", "@type": "ComputerLanguage", "name": "Python", "url": "https://www.python.org/"}
CODE_LICENCE = {
    "@id": "https://spdx.org/licenses/BSD-3-Clause",
    "@type": "CreativeWork",
    "name": "BSD 3-Clause licence",
    "description": "Of the code, in the file LICENSE. Data has the licence of its source.",
}

Entity = dict[str, Any]


def crate(
    about: About,
    sources: Sequence[Source],
    files: Mapping[str, bytes],
    *,
    record: Mapping[str, Any],
    exhibits: Sequence[Exhibit],
) -> bytes:
    """Describe a package as an RO-Crate 1.2: what it is, who made it, every file, and how exhibits were made.

    Parameters
    ----------
    about, sources
        As in `write_package`.
    files
        Name in the package -> content, of all other files.
    record
        What the run of the exhibits was made of.
    exhibits
        Those in the package.

    Notes
    -----
    Each run of a notebook is a ``CreateAction``: the notebook is its instrument, the sources of the run its
    object, the exhibits its result.
    """
    authors = [
        {"@id": f"#author-{n}", "@type": "Person", "name": name, "affiliation": {"@id": "#publisher"}}
        for n, name in enumerate(about.authors, 1)
    ]
    by = _one_or_all([_to(one) for one in authors])
    described = [_source(n, source, files) for n, source in enumerate(sources, 1)]
    licences = [_licence(n, source) for n, source in enumerate(sources, 1)]
    actions = list(_actions(record, exhibits, described, by))
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": about.title,
        "description": about.description,
        "datePublished": about.date,
        "license": _one_or_all([_to(one) for one in (CODE_LICENCE, *licences)]),
        "author": by,
        "publisher": {"@id": "#publisher"},
        "hasPart": [*({"@id": _id(name)} for name in sorted(files)), *(_to(one) for one in described)],
        **({"mentions": _one_or_all([_to(one) for one in actions])} if actions else {}),
    }
    agency = {"@id": "#publisher", "@type": "Organization", "name": PUBLISHER}
    about_itself = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": CRATE},
    }
    language = {**PYTHON, "version": record["python"]}
    of_files = list(_files(files, sources, exhibits))
    everything = [
        about_itself, root, agency, *authors, CODE_LICENCE, *licences, *described, *actions, language,
        *of_files,
    ]  # fmt: skip
    graph = {"@context": f"{CRATE}/context", "@graph": everything}
    return json.dumps(graph, ensure_ascii=False, indent=1).encode()


def _id(name: str) -> str:
    """Return a file's name as an address relative to the package.

    Examples
    --------
    >>> _id("data/fish 2026.csv")
    'data/fish%202026.csv'
    """
    return quote(name)


def _to(entity: Entity) -> Entity:
    return {"@id": entity["@id"]}


def _one_or_all(entities: list[Entity]) -> Entity | list[Entity]:
    return entities[0] if len(entities) == 1 else entities


def _source(number: int, source: Source, files: Mapping[str, bytes]) -> Entity:
    what = [
        f"Given out by: {source.publisher}.",
        f"Collected: {source.collected}" if source.collected else "",
        MADE if source.is_made else "",
    ]
    parts = [{"@id": _id(name)} for name in sorted(files) if lies_in(name, source.files)]
    return {
        "@id": f"#source-{number}",
        "@type": "Dataset",
        "name": source.title,
        "description": " ".join(one for one in what if one),
        "license": {"@id": f"#licence-{number}"},
        "conditionsOfAccess": f"{source.access}: {source.how}",
        **({"creditText": source.citation} if source.citation else {}),
        **({"hasPart": _one_or_all(parts)} if parts else {}),
    }


def _licence(number: int, source: Source) -> Entity:
    return {
        "@id": f"#licence-{number}",
        "@type": "CreativeWork",
        "name": source.licence,
        "description": f"The terms of: {source.title}",
    }


def _actions(
    record: Mapping[str, Any],
    exhibits: Sequence[Exhibit],
    sources: Sequence[Entity],
    by: Entity | list[Entity],
) -> Iterator[Entity]:
    for entry in record["notebooks"]:
        name = entry["notebook"]
        made = [{"@id": _id(f"exhibits/{one.file}")} for one in exhibits if one.notebook == name]
        if made:
            yield {
                "@id": f"#run-of-{quote(name)}",
                "@type": "CreateAction",
                "name": f"Run of notebooks/{name}.ipynb",
                "description": f"pk reproduce {name}, with {record['package']} and Python {record['python']},"
                f" in {entry['seconds']} seconds, from the data that the run loaded",
                "agent": by,
                "instrument": {"@id": _id(f"notebooks/{name}.ipynb")},
                "object": _one_or_all([_to(one) for one in sources]),
                "result": _one_or_all(made),
                **({"endTime": record["date"]} if record.get("date") else {}),
            }


def _files(
    files: Mapping[str, bytes], sources: Sequence[Source], exhibits: Sequence[Exhibit]
) -> Iterator[Entity]:
    shown = {f"exhibits/{one.file}": one for one in exhibits}
    for name, content in sorted(files.items()):
        of = next((n for n, source in enumerate(sources, 1) if lies_in(name, source.files)), None)
        is_made = of is not None and sources[of - 1].is_made
        told = [_told(shown.get(name)), MADE if is_made else ""]
        is_code = name.endswith((".ipynb", ".py"))
        yield {
            "@id": _id(name),
            "@type": ["File", "SoftwareSourceCode"] if is_code else "File",
            "name": shown[name].title if name in shown else PurePosixPath(name).name,
            "contentSize": str(len(content)),
            "sha256": sha256(content).hexdigest(),
            "encodingFormat": _media_type(name, content),
            **({"programmingLanguage": {"@id": PYTHON["@id"]}} if is_code else {}),
            **({"license": {"@id": f"#licence-{of}"}} if of is not None else {}),
            **({"description": ". ".join(one for one in told if one)} if any(told) else {}),
        }


def _told(exhibit: Exhibit | None) -> str:
    if exhibit is None:
        return ""
    return f"{exhibit.kind.capitalize()} of cell {exhibit.cell} of notebooks/{exhibit.notebook}.ipynb"


def _media_type(name: str, content: bytes) -> str:
    """Return a file's media type by its name; of types this machine alone may know, none counts."""
    if name.endswith(".ipynb"):
        return "application/x-ipynb+json"
    known, _ = MimeTypes().guess_type(name)
    if known is not None:
        return known
    try:
        content.decode()
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "text/plain"
