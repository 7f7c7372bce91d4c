"""What SPSS and Stata files have in common: numbers with labels, and blanks for missing texts."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from pk_research.codebook import Codebook, Variable
from pk_research.errors import BadInput, Problem
from pk_research.language import Language
from pk_research.sources.cells import text_of
from pk_research.sources.files import Content
from pk_research.sources.foreign import foreign_reader
from pk_research.sources.grid import check_size
from pk_research.sources.package import Description, cast_saved

LARGEST_CODE = 2**31 - 101


def file_bytes(write: Callable[[Path], None], *, suffix: str, where: str) -> bytes:
    """Return the bytes that a writer puts into a file.

    Raises
    ------
    BadInput
        When the writer refuses.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"dataset{suffix}"
        try:
            write(path)
        except Exception as error:
            raise BadInput(
                Problem(where, f"it cannot be written as {suffix} ({error})", "Save it as CSV or Parquet.")
            ) from error
        return path.read_bytes()


def read_statistical(content: Content, reader: Callable[..., Any]) -> tuple[pd.DataFrame, Any]:
    """Read a file with one of pyreadstat's readers, after asking how large it is.

    Returns
    -------
    tuple
        Its rows, codes for missing answers included, and pyreadstat's metadata.

    Raises
    ------
    BadInput
        When it is damaged or too large.
    """
    with foreign_reader(content.name):
        _, about = reader(io.BytesIO(content.data), metadataonly=True)
        check_size(content.name, max(about.number_rows or 0, 0), about.number_columns)
        frame, about = reader(io.BytesIO(content.data), user_missing=True)
    return frame, about


def texts_of(codebook: Codebook, language: Language) -> list[str]:
    """Return all labels of variables and of their values, in a language."""
    return [
        text
        for variable in codebook
        for text in (
            variable.label(language),
            *(label.text(language) for label in (*variable.categories, *variable.missing)),
        )
    ]


def number_codes(variable: Variable) -> Mapping[str, int] | None:
    """Return the numbers that categories are, when all of them are whole numbers.

    Examples
    --------
    >>> from pk_research.codebook import Label
    >>> number_codes(Variable("road", kind="category", categories=(Label("1", "Baik", "Good"),)))
    {'1': 1}
    """
    values = [label.value for label in variable.categories]
    codes = {value: int(value) for value in values if value.lstrip("-").isdecimal() and len(value) < 11}
    exact = all(str(code) == value and abs(code) <= LARGEST_CODE for value, code in codes.items())
    return codes if values and exact and len(codes) == len(values) else None


def days(column: pd.Series) -> pd.Series:
    """Return dates as days, unless one has a time of day."""
    filled = column.dropna()
    if (filled != filled.dt.normalize()).any():
        return column
    return column.astype(object).where(column.notna(), None).map(lambda day: day.date(), na_action="ignore")


def restored(
    frame: pd.DataFrame, description: Description, codes: Mapping[str, Mapping[str, int]], *, where: str
) -> pd.DataFrame:
    """Give a frame that was written here its names, kinds and categories back.

    Parameters
    ----------
    frame
        As read; columns in the order of the codebook, under names that fit the format.
    description
        What was written with it.
    codes
        For every column whose categories were written as numbers: category -> number.

    Raises
    ------
    BadInput
        When it is not what was written.
    """
    codebook = description.codebook
    if len(frame.columns) != len(codebook):
        raise BadInput(
            Problem(where, "its columns are not those it was saved with", "Save it again from the dataset.")
        )
    columns = {
        variable.name: _as_saved(column, codes.get(variable.name))
        for variable, (_, column) in zip(codebook, frame.items(), strict=True)
    }
    return cast_saved(codebook, pd.DataFrame(columns, index=frame.index), where=where)


def _as_saved(column: pd.Series, codes: Mapping[str, int] | None) -> pd.Series:
    if codes is not None:
        values = {str(code): value for value, code in codes.items()}
        return column.map(lambda code: values.get(text_of(code)), na_action="ignore")
    return (
        column if pd.api.types.is_numeric_dtype(column) else column.astype(object).where(column != "", None)
    )
