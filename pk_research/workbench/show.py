"""Tables as a page shows them: numbers as people write them, the note on made data once."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

from pk_research.errors import BadInput, Problem
from pk_research.language import Language, number_text, translate

if TYPE_CHECKING:
    import pandas as pd
    from pandas.io.formats.style import Styler

FIRST_YEAR, LAST_YEAR = 1900, 2100


def shown(table: pd.DataFrame, language: Language = "en", *, folded: Sequence[str] = ()) -> Styler:
    """Return a table for a notebook: what it holds stays whole, what a reader needs is seen.

    Parameters
    ----------
    table
        Any result's table. An index without a name is not shown. A missing value is shown as an en dash.
        Where the last column holds one note for all rows, as `marked` adds it, the note becomes the caption.
    language
        How numbers are written: three significant digits, whole numbers from 1,000 on. Whole numbers
        that can all be years are written as such.
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
    has_note = len(table) > 0 and table.columns[-1] == note and table[note].nunique(dropna=False) == 1
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
            style = style.format(lambda value: _number(value, language), subset=[name], na_rep="–")
            looks.append({"selector": f".col{place}", "props": "text-align: right !important"})
        else:
            style = style.format(escape="html", subset=[name], na_rep="–")
    style = style.set_table_styles(looks)  # type: ignore[arg-type]
    return style.set_caption(str(table[note].iloc[0])) if has_note else style


def _number(value: float, language: Language) -> str:
    """Write a number with three significant digits, a whole one from 1,000 on.

    Examples
    --------
    >>> [_number(value, "en") for value in (5, 0.00012345, 12.3456, 1234567.8, -0.0)]
    ['5', '0.000123', '12.3', '1,234,568', '0']
    """
    from math import floor, log10

    if float(value).is_integer() or abs(value) >= 1000:
        return number_text(round(value), language)
    decimals = 2 - floor(log10(abs(value)))
    text = number_text(float(value), language, decimals)
    sign = "," if language == "id" else "."
    return text.rstrip("0").rstrip(sign) if sign in text else text
