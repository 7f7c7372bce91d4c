"""Whether a column holds the village codes its heading promises."""

from __future__ import annotations

from typing import Literal

from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.sources.categories import shown
from pk_research.sources.cells import code_of, text_of
from pk_research.sources.columns import Cell, Column
from pk_research.sources.dataset import Step
from pk_research.sources.table import Table

System = Literal["kemendagri", "bps", "other"]


def code_system(column: Column) -> System:
    """Tell which village codes a column holds.

    Both systems have ten digits. In a Kemendagri code the seventh is 1 (kelurahan) or 2 (desa);
    in a BPS code it ends the number of the kecamatan, most often with 0.

    Examples
    --------
    >>> from pk_research.sources.columns import column_of
    >>> [code_system(column_of("kode", "", [code])) for code in ("32.16.01.2001", "3201190006.0", "BABELAN")]
    ['kemendagri', 'bps', 'other']
    """
    wrong = _wrong_levels(column)
    if column.n_with(wrong) * 2 > column.n_filled:
        return "other"
    n_zero = column.n_with(level for level in column.levels if code_of(level)[6:7] == "0")
    return "bps" if n_zero * 2 > column.n_filled else "kemendagri"


def check_village_codes(table: Table, code: str, name: str) -> list[Step]:
    """Check the column of village codes against what codes look like.

    Parameters
    ----------
    table
        Its columns are named.
    code, name
        Names of the columns with codes and with names of villages.

    Returns
    -------
    list
        A step that names the codes that are none; empty when there are none.

    Raises
    ------
    BadInput
        When most are none, saying so if the column of names holds the codes.
    """
    columns = {column.name: column for column in table.columns}
    codes, names = columns[code], columns.get(name)
    wrong = _wrong_levels(codes)
    n_wrong = codes.n_with(wrong)
    if n_wrong * 2 > codes.n_filled or not codes.n_filled:
        example = shown(map(text_of, codes.levels), limit=1)
        what, remedy = f"most values are not village codes ({example})", "Give the 10 digits of the code."
        if names is not None and names.n_filled and code_system(names) != "other":
            what = f"it holds names ({example}), and {names.header!r} holds the codes"
            remedy = "Swap the two headings."
        raise BadInput(Problem(f"{table.where}, column {codes.header!r}", what, remedy))
    if not wrong:
        return []
    values = {"column": code, "codes": shown(map(text_of, wrong))}
    what_was = Message("{column}: values that are no village codes were kept as they are: {codes}", values)
    return [Step(what_was, n_wrong, (code,))]


def _wrong_levels(column: Column) -> list[Cell]:
    return [level for level in column.levels if not _is_plain(level) and not _is_plain(code_of(level))]


def _is_plain(cell: Cell) -> bool:
    return isinstance(cell, str) and len(cell) == 10 and cell.isdecimal() and cell[0] != "0"
