"""Parquet: values with their types; codebook, key and history in the file's metadata."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq

from pk_research.language import Language
from pk_research.sources.dataset import Dataset
from pk_research.sources.files import Content
from pk_research.sources.foreign import foreign_reader
from pk_research.sources.formats.labelled import Opened
from pk_research.sources.formats.written import Written
from pk_research.sources.grid import check_size
from pk_research.sources.package import cast_saved, describe, from_json, restore, to_json

_KEY = b"pk_research"


def write_parquet(dataset: Dataset, _: Language) -> Written:
    """Write as Parquet."""
    table = pa.Table.from_pandas(dataset.frame, preserve_index=False)
    metadata = {**(table.schema.metadata or {}), _KEY: to_json(describe(dataset)).encode()}
    out = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(metadata), out, compression="zstd")
    return Written(out.getvalue())


def read_parquet(content: Content) -> Opened:
    """Read a Parquet file.

    Raises
    ------
    BadInput
        When it is damaged or too large.
    """
    with foreign_reader(content.name):
        file = pq.ParquetFile(io.BytesIO(content.data))
        check_size(content.name, file.metadata.num_rows, len(file.schema_arrow.names))
        table = file.read()
        frame = table.to_pandas(date_as_object=False)
    about = (table.schema.metadata or {}).get(_KEY)
    if about is None:
        return Opened(frame.reset_index() if frame.index.name else frame.reset_index(drop=True))
    inside = restore(from_json(about.decode("utf-8", "replace"), where=content.name), where=content.name)
    return Opened(cast_saved(inside.codebook, frame, where=content.name), inside=inside)
