"""A restricted file in, the files of its twin out, and what is written down of it."""

from __future__ import annotations

import hmac
import tempfile
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from pandas.api.types import is_object_dtype, is_string_dtype

from pk_research import sources
from pk_research.codebook import read_codebook
from pk_research.disclosure.release import record_leaving
from pk_research.disclosure.synthetic.links import identified
from pk_research.disclosure.withheld import counted
from pk_research.sources.package import from_json, package_of, sidecar_path, to_json

if TYPE_CHECKING:
    from pk_research.disclosure.synthetic.twin import Twin
    from pk_research.sources import Dataset
    from pk_research.store import Store
    from pk_research.store.actors import Actor

KIND = "synthetic data released"
SEED_BYTES = 8


def read_restricted(path: Path, *, codebook: Path | None = None) -> Dataset:
    """Read a table as `pk_research.sources.load` does, and keep the codes for missing answers of a CSV file.

    Its key is one that tells its rows apart, as far as there is one: `links.identified`.

    Parameters
    ----------
    path
        The table.
    codebook
        Its codebook; by default what lies beside it: ``<stem>.datapackage.json`` or
        ``<stem>.codebook.csv``.

    Raises
    ------
    NotFound, BadInput
        As `pk_research.sources.load` and `pk_research.codebook.read_codebook`.
    """
    beside = path.with_name(f"{path.stem}.codebook.csv")
    if codebook is None and beside.is_file() and not sidecar_path(path).is_file():
        codebook = beside
    dataset = sources.load(path, codebook=None if codebook is None else read_codebook(codebook))
    texts = _as_written(path) if path.suffix == ".csv" else None
    is_same = texts is not None and list(texts.columns) == list(dataset.codebook.names)
    return identified(replace(dataset, frame=texts) if is_same else dataset)


def _as_written(path: Path) -> pd.DataFrame | None:
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (UnicodeDecodeError, pd.errors.ParserError):
        return None  # `sources.load` reads more than this; then codes are missing values


def twin_files(twin: Twin, path: Path) -> dict[str, bytes]:
    """Return the files of a twin by name: the table in the format of ``path``, and what says that it is made.

    Parameters
    ----------
    twin
        The twin.
    path
        The file it stands for; its name and ending are kept.

    Raises
    ------
    BadInput
        When files of this ending are not written.
    """
    dataset = replace(twin.dataset, provenance=replace(twin.dataset.provenance, file_name=path.name))
    codebook = {f"{path.stem}.codebook.csv": dataset.codebook.to_csv().encode()}
    if path.suffix == ".csv" and all(map(is_text, dataset.frame.dtypes)):
        content = dataset.frame.to_csv(index=False, lineterminator="\n").encode()
        described = from_json(package_of(dataset, path, content), where=path.name)
        # Without a hash the table is read as any other, its codes for missing answers included.
        del described["resources"][0]["hash"]
        return {path.name: content, sidecar_path(path).name: to_json(described).encode()} | codebook
    with tempfile.TemporaryDirectory() as folder:
        sources.save(dataset, Path(folder) / path.name)
        return {file.name: file.read_bytes() for file in sorted(Path(folder).iterdir())} | codebook


def is_text(dtype: object) -> bool:
    """Tell whether a column holds texts as a file has them, and no declared kind."""
    return bool(is_object_dtype(dtype) or (is_string_dtype(dtype) and str(dtype) == "str"))


def seed_from(secret: bytes, *datasets: Dataset) -> int:
    """Return a seed for tables that are made together, which only the holder of the secret can make again.

    Examples
    --------
    >>> from pk_research.codebook import Codebook
    >>> from pk_research.sources import Dataset, Provenance
    >>> empty = Dataset("a", pd.DataFrame(), Codebook(()), Provenance("a", "", "", "table"))
    >>> seed_from(b"one secret", empty) == seed_from(b"one secret", empty) != seed_from(b"another", empty)
    True
    """
    said = "".join(dataset.content_hash for dataset in datasets)
    return int.from_bytes(hmac.digest(secret, said.encode(), sha256)[:SEED_BYTES], "big")


def record_twin(store: Store, dataset: Dataset, twin: Twin, *, by: Actor, purpose: str, to: str) -> None:
    """Write into the audit log which table a twin was made of, for whom and why.

    Raises
    ------
    BadInput
        When the purpose or the receiver is not said.
    """
    details = {
        "n_rows": len(twin.dataset.frame),
        "columns": dict(twin.parts),
        "source": dataset.content_hash,
        "rules": asdict(twin.rules),
        "told": counted(twin.told),
    }
    record_leaving(store, KIND, twin.content_hash, details, by=by, purpose=purpose, to=to)
