"""Tables as a page shows them: numbers as people write them, the note on made data once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from math import floor, log10
from typing import TYPE_CHECKING

from pk_research.errors import BadInput, Problem
from pk_research.language import Language, number_text, translate

if TYPE_CHECKING:
    import pandas as pd
    from pandas.io.formats.style import Styler

FIRST_YEAR, LAST_YEAR = 1900, 2100
DIGITS, WHOLE_FROM = 3, 1000
LONG = 24
"""Letters from which a text gets a wide column."""


def shown(table: pd.DataFrame, language: Language = "en", *, folded: Sequence[str] = ()) -> Styler:
    """Return a table for a notebook: what it holds stays whole, what a reader needs is seen.

    Parameters
    ----------
    table
        Any result's table. An index without a name is not shown. A missing value is shown as an en dash.
        Where the last column holds one note for all rows, as `marked` adds it, the note becomes the caption;
        that of a table without rows is an en dash.
    language
        How numbers are written: each column with three significant digits of its middle one, whole
        numbers from 1,000 on. Whole numbers that can all be years are written as such.
    folded
        Columns, such as codes, that stay in the table and in its exhibit and are not seen on the page.
        Columns that are not there are ignored, so that one list does for several tables.

    Raises
    ------
    BadInput
        When a column occurs twice: a table to be read must name each once.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"code": ["3216012001"], "value": [1234.5], "share": [0.25], "year": [2024]})
    >>> html = shown(table, folded=["code"]).to_html()
    >>> [text in html for text in ("1,234", "0.25", "2024", "display: none")]
    [True, True, True, True]
    """
    from pandas.api.types import is_bool_dtype, is_integer_dtype, is_numeric_dtype

    if not table.columns.is_unique:
        twice = table.columns[table.columns.duplicated()].unique()
        raise BadInput(Problem("table", f"columns occur twice: {', '.join(map(str, twice))}", "Rename one."))
    table = table.reset_index() if any(table.index.names) else table.reset_index(drop=True)
    note = translate("Note", language)
    has_note = len(table) > 0 and table.columns[-1] == note and len(set(table[note])) == 1
    answers = {True: translate("yes", language), False: translate("no", language)}
    # The same table has the same name in every run, and another table on the page another one.
    digest = sha256(table.to_csv().encode()).hexdigest()[:8]
    style = table.style.hide(axis="index").set_uuid(digest)
    looks = []
    for place, name in enumerate(table.columns):
        column = table[name]
        if name in folded or (has_note and name == note):
            looks.append({"selector": f".col{place}", "props": "display: none"})
        elif is_bool_dtype(column.dtype):
            style = style.format(answers.get, subset=[name], na_rep="–")
        elif is_integer_dtype(column.dtype) and column.between(FIRST_YEAR, LAST_YEAR).all():
            style = style.format("{:d}", subset=[name], na_rep="–")
        elif is_numeric_dtype(column.dtype):
            style = style.format(_as_column(column, language), subset=[name], na_rep="–")
            looks.append({"selector": f".col{place}", "props": "text-align: right !important"})
        else:
            style = style.format(escape="html", subset=[name], na_rep="–")
            if (column.astype("string").str.len().fillna(0) > LONG).any():
                looks.append({"selector": f"td.col{place}", "props": "min-width: 14rem"})
    style = style.set_table_styles(looks)
    if table.empty:
        return style.set_caption("–")
    return style.set_caption(str(table[note].iloc[0])) if has_note else style


def _as_column(column: pd.Series, language: Language) -> Callable[[float], str]:
    """Return how the numbers of a column are written: three digits of the one in the middle.

    Examples
    --------
    >>> import pandas as pd
    >>> column = pd.Series([0.25, 0.4567, 0.00012345, 0.0, 2500.4])
    >>> [_as_column(column, "en")(value) for value in column]
    ['0.250', '0.457', '0.000123', '0.000', '2,500']
    >>> _as_column(pd.Series([9.1, 18.1]), "en")(9.1)
    '9.1'
    >>> _as_column(pd.Series([3.0, 12000.0]), "id")(12000.0)
    '12.000'
    """
    sizes = column.dropna().astype(float).abs()
    is_whole = bool((sizes == sizes.round()).all())
    between = sizes[(sizes > 0) & (sizes < WHOLE_FROM)]
    usual = 0 if is_whole or between.empty else max(0, _decimals(between.median()))
    while usual and bool((sizes.round(usual) == sizes.round(usual - 1)).all()):  # no digit that none has
        usual -= 1

    def written(value: float) -> str:
        size = abs(value)
        if size >= WHOLE_FROM:
            return number_text(round(value), language)
        vanishes = size > 0 and round(size, usual) == 0
        return number_text(float(value) + 0.0, language, _decimals(size) if vanishes else usual)

    return written


def _decimals(size: float) -> int:
    """Return how many digits after the decimal sign make three significant ones."""
    return DIGITS - 1 - floor(log10(size))
