"""Loading a file: recognise it, read it by its layout, and say where it came from."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd

from pk_research.codebook import Codebook
from pk_research.errors import BadInput, NotFound, Problem
from pk_research.language import Message
from pk_research.sources.dataset import Dataset, Provenance, Step
from pk_research.sources.files import WORKBOOKS, Content, read_file
from pk_research.sources.formats.delimited import read_csv_exactly
from pk_research.sources.formats.excel import may_be_saved_here, read_excel_exactly
from pk_research.sources.formats.labelled import Opened, declare_labelled
from pk_research.sources.formats.parquet import read_parquet
from pk_research.sources.formats.spss import read_spss
from pk_research.sources.formats.stata import read_stata, restore_stata
from pk_research.sources.layouts import LAYOUTS, Reading
from pk_research.sources.layouts.reading import VILLAGE_KEY, read_columns
from pk_research.sources.package import Description, read_sidecar
from pk_research.sources.text import read_text
from pk_research.sources.workbook import read_workbook

_OPEN: Mapping[str, Callable[[Content], Opened]] = {
    "parquet": read_parquet,
    "spss": read_spss,
    "stata": read_stata,
}


def load(
    path: Path | str,
    *,
    layout: str | None = None,
    codebook: Codebook | None = None,
    name: str | None = None,
    sheet: str | None = None,
) -> Dataset:
    r"""Load a file as a dataset.

    Text files (any encoding and separator, also gzip), workbooks (XLSX, XLS, ODS), SPSS, Stata and
    Parquet are told by their content, layouts by their headings. What `save` wrote comes back as
    it was. Everything done to the rows stands in ``provenance.steps``.

    Parameters
    ----------
    path
        The file.
    layout
        How the table is laid out, when it is not recognised: ``idm-national``,
        ``idm-indicators``, ``jabar-village``, ``jabar-regency``, ``bps`` or ``table``.
    codebook
        Declares every column, by the name it gets or by its heading, and codes for missing
        answers; it replaces what the file says of itself.
    name
        Name of the dataset; by default made of the file's.
    sheet
        Sheet of a workbook; by default the first visible one with cells.

    Raises
    ------
    NotFound
        When there is no such file, layout or sheet.
    BadInput
        Listing everything in the file that cannot be used as it is.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "panen.csv"
    >>> _ = path.write_text("Provinsi;Panen\nACEH;1.234,5\nRIAU;17.203\nJUMLAH;18.437,5")
    >>> dataset = load(path)
    >>> dataset.frame["panen"].tolist()
    [1234.5, 17203.0]
    >>> print(dataset.provenance.steps[0].what.text("en"))
    Row 4 (JUMLAH) is a total and was set aside; it equals the sum of its parts in 1 of 1 columns
    """
    content = read_file(Path(path))
    _check_options(content, layout, sheet)
    read = _load_typed if content.kind in _OPEN else _load_grid
    with _no_garbage_collection():
        dataset = read(content, layout=layout, codebook=codebook, sheet=sheet)
    return replace(dataset, name=name) if name else dataset


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Keep the collector from walking a million new cells again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _check_options(content: Content, layout: str | None, sheet: str | None) -> None:
    known = [entry.name for entry in LAYOUTS]
    if layout is not None and layout not in known:
        raise NotFound(Problem("layout", f"there is no layout {layout!r}", f"Known: {', '.join(known)}."))
    if layout is not None and content.kind in _OPEN:
        what = f"a {content.kind} file has no layout to choose"
        raise BadInput(Problem(content.name, what, "Leave the layout out."))
    if sheet is not None and content.kind not in WORKBOOKS:
        raise BadInput(Problem(content.name, "only workbooks have sheets", "Leave the sheet out."))


def _load_typed(content: Content, *, codebook: Codebook | None, **_: str | None) -> Dataset:
    """Load a file whose columns have types."""
    opened = _OPEN[content.kind](content)
    if codebook is not None:
        return _dataset(content, _read_opened(opened, codebook, content), "typed")
    if opened.inside is not None:
        return _again(content, opened.frame, opened.inside)
    beside = read_sidecar(content.path)
    if beside and beside.is_of(content) and content.kind == "stata":
        return _again(content, restore_stata(opened.frame, beside, where=content.name), beside)
    return _dataset(content, _read_opened(opened, None, content), "typed")


def _read_opened(opened: Opened, codebook: Codebook | None, content: Content) -> Reading:
    declared = declare_labelled(opened, where=content.name)
    reading = read_columns(declared.table, declared.variables.values(), codebook)
    names = reading.codebook.names
    key = [name for name in VILLAGE_KEY if "village_code" in names and name in names]
    return reading.described("", "", key, declared.steps)


def _load_grid(
    content: Content, *, layout: str | None, codebook: Codebook | None, sheet: str | None
) -> Dataset:
    """Load a text file or a workbook."""
    beside = None
    if not (layout or codebook or sheet):
        saved = read_excel_exactly(content) if may_be_saved_here(content) else None
        if saved is not None:
            return _again(content, *saved)
        beside = read_sidecar(content.path)
        if beside and beside.is_of(content):
            return _again(content, read_csv_exactly(content, beside), beside)
    grid = read_text(content) if content.kind == "text" else read_workbook(content, sheet=sheet)
    chosen = next(entry for entry in LAYOUTS if (entry.name == layout if layout else entry.recognises(grid)))
    reading = chosen.read(grid, codebook or (beside.codebook if beside else None))
    dataset = _dataset(content, reading, chosen.name)
    if beside is None or beside.provenance is None:
        return dataset
    # Without a hash, as beside the made survey, nothing tells whether the file is still the one saved.
    changed = (_changed(len(reading.frame)),) if beside.sha256 else ()
    steps = (*beside.provenance.steps, *changed, *reading.steps)
    origin = replace(beside.provenance, steps=steps)
    return replace(dataset, name=beside.name or dataset.name, key=beside.key, provenance=origin)


def _dataset(content: Content, reading: Reading, layout: str) -> Dataset:
    """Make a dataset of a file from elsewhere."""
    provenance = Provenance(
        title=reading.title or content.stem,
        file_name=content.name,
        sha256=content.sha256,
        layout=layout,
        source=reading.source,
        n_rows_read=reading.n_rows_read,
        steps=reading.steps,
    )
    return Dataset(dataset_name(content.stem), reading.frame, reading.codebook, provenance, reading.key)


def _again(content: Content, frame: pd.DataFrame, description: Description) -> Dataset:
    """Make the dataset again that a file was saved from."""
    if description.provenance is None or description.name is None:
        raise BadInput(Problem(content.name, "it does not say where it came from", "Save it again."))
    steps = (_changed(len(frame)),) if description.changed else ()
    dataset = Dataset(description.name, frame, description.codebook, description.provenance, description.key)
    return dataset.with_frame(frame, dataset.codebook, *steps)


def _changed(n_rows: int) -> Step:
    return Step(Message("The file was changed after it was saved from a dataset"), n_rows)


def dataset_name(stem: str) -> str:
    """Make a dataset's name of a file's.

    Examples
    --------
    >>> dataset_name("01_Jumlah Desa Mandiri, 2019"), dataset_name("…")
    ('01_jumlah-desa-mandiri-2019', 'dataset')
    """
    name = re.sub(r"[^a-z0-9_]+", "-", stem.lower()).strip("-_")
    return name[:120].rstrip("-_") or "dataset"
