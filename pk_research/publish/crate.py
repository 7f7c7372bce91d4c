"""What is in a replication package, for machines: an RO-Crate."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from mimetypes import MimeTypes
from typing import TYPE_CHECKING

from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.publish.citation import About
    from pk_research.publish.sources import Source

CRATE = "https://w3id.org/ro/crate/1.1"
PUBLISHER = "Pabrik Kampoeng"


def crate(about: About, sources: Sequence[Source], files: Mapping[str, bytes]) -> bytes:
    """Describe a package as an RO-Crate 1.1: what it is, who made it, every file with its hash and type.

    Parameters
    ----------
    about, sources
        As in `write_package`.
    files
        Name in the package -> content, of all other files.
    """
    agency = {"@id": "#publisher", "@type": "Organization", "name": PUBLISHER}
    authors = [
        {"@id": f"#author-{n}", "@type": "Person", "name": name, "affiliation": {"@id": "#publisher"}}
        for n, name in enumerate(about.authors, 1)
    ]
    by = [{"@id": one["@id"]} for one in authors]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": about.title,
        "description": about.description,
        "datePublished": about.date,
        "license": {"@id": "LICENSE"},
        "author": by[0] if len(by) == 1 else by,
        "publisher": {"@id": "#publisher"},
        "hasPart": [{"@id": name} for name in sorted(files)],
        "mentions": [{"@id": f"#source-{n}"} for n, _ in enumerate(sources, 1)],
    }
    described = [
        {
            "@id": f"#source-{n}", "@type": "Dataset", "name": source.title, "publisher": source.publisher,
            "license": source.licence, "conditionsOfAccess": f"{source.access}: {source.how}",
            **({"description": MADE} if source.is_made else {}),
        }
        for n, source in enumerate(sources, 1)
    ]  # fmt: skip
    made = {name for name in files for source in sources if source.is_made and source.holds(name)}
    entries = [
        {
            "@id": name, "@type": "File", "contentSize": str(len(content)),
            "sha256": sha256(content).hexdigest(), "encodingFormat": _media_type(name, content),
            **({"description": MADE} if name in made else {}),
        }
        for name, content in sorted(files.items())
    ]  # fmt: skip
    about_itself = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": CRATE},
    }
    everything = [about_itself, root, agency, *authors, *described, *entries]
    graph = {"@context": f"{CRATE}/context", "@graph": everything}
    return json.dumps(graph, ensure_ascii=False, indent=1).encode()


def _media_type(name: str, content: bytes) -> str:
    """Return a file's media type by its name; of types this machine alone may know, none counts."""
    known, _ = MimeTypes().guess_type(name)
    if known is not None:
        return known
    try:
        content.decode()
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "text/plain"
