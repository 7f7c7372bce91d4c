"""Any other table: ministry lists, exports of surveys, a researcher's own spreadsheet.

Its columns get the names and kinds that their headings and values show; headings that offices use
for villages, regencies, provinces and years get the names that all sources share.
"""

from __future__ import annotations

import re

from pk_research.codebook import Codebook
from pk_research.language import Message
from pk_research.sources import vocabulary as v
from pk_research.sources.categories import shown
from pk_research.sources.cells import text_of
from pk_research.sources.columns import Column
from pk_research.sources.dataset import Step
from pk_research.sources.grid import Grid
from pk_research.sources.headers import KNOWN, column_name, unique_names
from pk_research.sources.layouts.reading import VILLAGE_KEY, Layout, Reading, named, read_columns
from pk_research.sources.layouts.villages import check_village_codes, code_system
from pk_research.sources.table import Table, find_table

_YEAR = re.compile(r"(?:19|20)[0-9]{2}(?:\.0)?")
_ANY_CODE = frozenset({"kode", "code", "kode_wilayah", "kode_kemendagri"})
_ANY_NAME = frozenset({"nama", "name"})


def _read(grid: Grid, codebook: Codebook | None) -> Reading:
    table = find_table(grid)
    wanted = [_name(column, codebook) for column in table.columns]
    steps: list[Step] = []
    if codebook is None:
        wanted, steps = _village_names(table, wanted)
    table = named(table, unique_names(wanted))
    steps += _naming_steps(table, wanted)
    if "village_code" in table.names:
        steps += check_village_codes(table, "village_code", "village")
    variables = {variable.name: variable for variable in (*KNOWN.values(), v.BPS_VILLAGE_CODE)}
    reading = read_columns(table, variables.values(), codebook)
    key = [name for name in VILLAGE_KEY if "village_code" in table.names and name in table.names]
    return reading.described(table.title, "", key, steps)


def _name(column: Column, codebook: Codebook | None) -> str:
    """Name a column: as declared, else as all sources call it, else by its heading."""
    own = column_name(column.header)
    known = KNOWN.get(own)
    if known == v.YEAR and not all(_YEAR.fullmatch(text_of(level)) for level in column.levels):
        known = None
    if codebook is None:
        return known.name if known else own
    options = (column.header, own, known.name if known else own)
    return next((name for name in options if name in codebook), own)


def _village_names(table: Table, wanted: list[str]) -> tuple[list[str], list[Step]]:
    """Call a column of village codes by the system of its codes, and leave other codes as they are.

    A table whose only code is headed ``kode`` is a table of villages when the codes say so.
    """
    names = list(wanted)
    for n, column in enumerate(table.columns):
        if wanted[n] == "village_code":
            system = code_system(column)
            is_swapped = any(
                name == "village" and code_system(other) != "other"
                for name, other in zip(wanted, table.columns, strict=True)
            )
            if system == "bps":
                names[n] = "bps_village_code"
            elif system == "other" and not is_swapped:
                names[n] = column_name(column.header)
        elif wanted[n] in _ANY_CODE and "village_code" not in wanted and code_system(column) == "kemendagri":
            names[n] = "village_code"
            names = ["village" if name in _ANY_NAME else name for name in names]
    steps = [
        Step(
            Message("{heading} does not hold Kemendagri village codes", {"heading": column.header}),
            table.n_rows,
            (new,),
        )
        for column, old, new in zip(table.columns, wanted, names, strict=True)
        if old == "village_code" != new
    ]
    return names, steps


def _naming_steps(table: Table, wanted: list[str]) -> list[Step]:
    """Report columns without heading, and columns whose headings give the same name."""
    without = tuple(name for name, want in zip(table.names, wanted, strict=True) if not want)
    repeated = tuple(name for name, want in zip(table.names, wanted, strict=True) if want and name != want)
    steps = []
    if without:
        what = Message("Columns without heading were called {names}", {"names": shown(without)})
        steps.append(Step(what, table.n_rows, without))
    if repeated:
        what = Message(
            "Columns whose heading stands there already were called {names}", {"names": shown(repeated)}
        )
        steps.append(Step(what, table.n_rows, repeated))
    return steps


TABLE = Layout("table", lambda _: True, _read)
