"""Results as files: tables that are safe to open, and a folder written entirely or not at all."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pk_research.errors import NotReady, Problem
from pk_research.language import Language, translate

if TYPE_CHECKING:
    import pandas as pd

MADE = "Made data (an example), not observed"
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*(e[+-]?\d+)?", re.IGNORECASE)


def marked(table: pd.DataFrame, language: Language, *, made: bool) -> pd.DataFrame:
    """Add a column saying that the data is made, where it is.

    Examples
    --------
    >>> import pandas as pd
    >>> marked(pd.DataFrame({"k": [2]}), "en", made=True).to_dict("list")
    {'k': [2], 'Note': ['Made data (an example), not observed']}
    """
    return table.assign(**{translate("Note", language): translate(MADE, language)}) if made else table


def csv_bytes(frame: pd.DataFrame) -> bytes:
    r"""Write a table as CSV that a spreadsheet opens as UTF-8 and never takes for a formula.

    Text, in cells and headings, that starts like a formula gets an apostrophe in front; numbers
    are left as they are.

    Examples
    --------
    >>> import pandas as pd
    >>> csv_bytes(pd.DataFrame({"x": [-1.5], "village": ["=1+1"]})).decode("utf-8-sig")
    "x,village\n-1.5,'=1+1\n"
    """
    from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype

    safe = frame.copy()
    for n, dtype in enumerate(frame.dtypes):
        if not (is_numeric_dtype(dtype) or is_datetime64_any_dtype(dtype)):
            safe.isetitem(n, frame.iloc[:, n].astype(object).map(_inert))
    safe.columns = [_inert(name) for name in frame.columns]
    text: str = safe.to_csv(index=False, lineterminator="\n")
    # The byte-order mark makes Excel read the file as UTF-8.
    return text.encode("utf-8-sig")


# A workbook records when it was made; a fixed time keeps equal tables equal to the byte.
_MADE_AT = datetime(2000, 1, 1)  # noqa: DTZ001 - the format has no time zone


def workbook_bytes(sheets: Mapping[str, pd.DataFrame]) -> bytes:
    """Write tables as a workbook, a sheet each; the first row stays in sight, and text stays text.

    A cell that starts with ``=`` is never taken for a formula.

    Parameters
    ----------
    sheets
        Name of the sheet -> table.
    """
    import pandas as pd

    out = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with pd.ExcelWriter(out, engine="xlsxwriter", engine_kwargs={"options": options}) as writer:
        writer.book.set_properties({"created": _MADE_AT})
        for name, frame in sheets.items():
            frame.to_excel(writer, sheet_name=name, index=False)
            writer.sheets[name].autofit(300)
            writer.sheets[name].freeze_panes(1, 0)
    return out.getvalue()


def _inert(value: object) -> object:
    is_formula = isinstance(value, str) and value.startswith(FORMULA_SIGNS) and not NUMBER.fullmatch(value)
    return f"'{value}" if is_formula else value


def write_files(
    files: Mapping[str, bytes], folder: Path, *, optional: Iterable[str] = ()
) -> tuple[Path, ...]:
    """Write files into a folder; a fault on the way leaves what was there.

    Parameters
    ----------
    files
        Name -> content. Files of these names are replaced, each in one step; others are left.
    folder
        Made when missing.
    optional
        Names that not every result has: where this one has none, that of an earlier one is removed.

    Returns
    -------
    tuple of Path
        Where they are, in the order given.

    Raises
    ------
    NotReady
        When the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> [path.name for path in write_files({"a.txt": b"a"}, Path(tempfile.mkdtemp()) / "new")]
    ['a.txt']
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".part-") as part:
            for name, content in files.items():
                (Path(part) / name).write_bytes(content)
            for name in files:
                (Path(part) / name).replace(folder / name)
        for name in set(optional) - set(files):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise NotReady(
            Problem(str(folder), f"it cannot be written ({error.strerror})", "Choose another folder.")
        ) from error
    return tuple(folder / name for name in files)
