"""Saving a dataset: the ending says in which format, and nothing is ever half-written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message
from pk_research.sources.dataset import Dataset
from pk_research.sources.formats.delimited import write_csv
from pk_research.sources.formats.excel import write_excel
from pk_research.sources.formats.parquet import write_parquet
from pk_research.sources.formats.spss import write_spss
from pk_research.sources.formats.stata import write_stata
from pk_research.sources.formats.written import Written
from pk_research.sources.package import package_of, sidecar_path
from pk_research.writing import write_files

_WRITERS: Mapping[str, Callable[[Dataset, Language], Written]] = {
    ".csv": write_csv,
    ".parquet": write_parquet,
    ".sav": write_spss,
    ".dta": write_stata,
    ".xlsx": write_excel,
}
_WITH_SIDECAR = (".csv", ".dta")


def save(dataset: Dataset, path: Path | str, *, language: Language = "en") -> tuple[Message, ...]:
    r"""Save a dataset with its codebook, key and history; `load` reads it back.

    The same dataset gives the same bytes.

    Parameters
    ----------
    dataset
        What to save.
    path
        Its ending chooses the format: ``.csv`` and ``.dta`` (each with a Data Package descriptor,
        ``<stem>.datapackage.json``, beside it), ``.parquet``, ``.sav``, ``.xlsx``.
    language
        Language of the labels that SPSS and Stata show, and of the sentences in Excel.

    Returns
    -------
    tuple
        What the format could not hold as it was, as sentences; mostly empty.

    Raises
    ------
    BadInput
        When the ending is none of these, or the dataset holds what the format cannot.
    NotReady
        When the folder cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> from pk_research.sources.read import load
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("Desa,Panen\nSAGARA,2.5")
    >>> save(load(folder / "a.csv"), folder / "b.sav")
    ()
    >>> load(folder / "b.sav").frame["panen"].tolist()
    [2.5]
    """
    path = Path(path)
    writer = _WRITERS.get(path.suffix)
    if writer is None:
        known = ", ".join(_WRITERS)
        raise BadInput(
            Problem(str(path), f"files cannot be saved as {path.suffix or 'this'!r}", f"Use {known}.")
        )
    written = writer(dataset, language)
    files = {path.name: written.data}
    if path.suffix in _WITH_SIDECAR:
        files[sidecar_path(path).name] = package_of(dataset, path, written.data).encode()
    write_files(files, path.parent)
    return written.losses
