"""Candidates of one's own: a table with a row for each village and product."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.products.catalogue.candidates import catalogue_of
from pk_research.products.catalogue.catalogue import Catalogue
from pk_research.products.catalogue.known import Product
from pk_research.products.catalogue.merging import IN_UNITS
from pk_research.products.catalogue.reading import CERTIFICATES, COLUMNS, MARKETS, MONTHS, NUMBERS, Mentions
from pk_research.products.words import some
from pk_research.register import Register
from pk_research.sources.dataset import Step

FORM = "table"
NEEDED = ("village", "product")
TEXTS = ("kecamatan", "unit_of_sale", "material", "kbli")
SETS = ("season_months", "markets", "certificates")
KNOWN = (*NEEDED, *TEXTS, *NUMBERS, *SETS)
SHARE = "local_material_pct"
_SPAN = re.compile(r"(\d{1,2})\s*-\s*(\d{1,2})")


def candidates_from_table(
    table: pd.DataFrame | Path | str,
    *,
    register: Register | None = None,
    products: Mapping[str, Product] | None = None,
    decisions: Mapping[str, str | None] | None = None,
    made: bool = False,
) -> Catalogue:
    """Gather candidates from a table, or a file of one in any layout that `sources.load` reads.

    Parameters
    ----------
    table
        One row a village and product. Needed: ``village`` (code or name) and ``product`` (of the list, or
        as people write it). Optional: ``kecamatan`` (name, where villages are named alike),
        ``price_idr_unit``, ``cost_idr_unit``, ``capacity_units_month``, which need ``unit_of_sale``,
        ``n_enterprises``, ``n_workers``, ``sales_idr_month``, ``deliveries_month``,
        ``local_material_pct`` (0 to 100, from the regency), ``material``, ``kbli`` (five digits), and lists
        divided by semicolons: ``season_months`` (1 to 12, spans like 3-6), ``markets`` (residents, market,
        middleman, hotel_restaurant, online) and ``certificates`` (NIB, PIRT, halal, BPOM, trademark, SNI).
        An empty cell is unknown. Other columns are not used, and named.
    register, products, decisions
        As in `candidates_of`.
    made
        True when the table is made data.

    Returns
    -------
    Catalogue
        Figures are those of the village; rows of one village and product enter by their median.

    Raises
    ------
    BadInput
        With every cell that cannot be what it should be, by row and column.

    Examples
    --------
    >>> mine = pd.DataFrame({"village": ["3216012001", "Cibatu"], "product": ["kripik singkong", "batik"],
    ...                      "price_idr_unit": [15_000, None], "unit_of_sale": ["pack", None]})
    >>> found = candidates_from_table(mine)
    >>> found.candidates[["village_code", "product", "price_idr_unit"]].values.tolist()
    [['3216012001', 'chips', 15000.0], ['3216192001', 'batik', nan]]
    """
    inputs: tuple[str, ...] = ()
    if not isinstance(table, pd.DataFrame):
        from pk_research.sources import load

        loaded = load(Path(table))
        table, inputs = loaded.frame, (loaded.provenance.sha256,)
    problems = list(_shape(table))
    if problems:
        raise BadInput(problems)
    rows = table.reset_index(drop=True)
    unused = [str(name) for name in rows if name not in KNOWN]
    read: dict[str, pd.Series] = {name: _texts(rows, name) for name in (*NEEDED, *TEXTS)}
    for names, reader in ((NUMBERS, _number), (SETS, _reader_of_sets)):
        for name in names:
            read[name] = _read(rows, name, reader, problems)
    problems += _ranges(read)
    if problems:
        raise BadInput(problems)
    frame = pd.DataFrame(
        {
            **{name: read[name] for name in read if name in COLUMNS},
            "form": FORM,
            "submission": [f"row {number}" for number in range(1, len(rows) + 1)],
            "village_name": pd.Series(pd.NA, index=rows.index, dtype="string"),
            "written": pd.Series(pd.NA, index=rows.index, dtype="string"),
        }
    ).reindex(columns=list(COLUMNS))
    named = frame["product"].notna() & frame["village"].notna()
    mentions = Mentions(frame[named].reset_index(drop=True), {FORM: len(rows)}, 0, int((~named).sum()))
    more = (Step(Message("Columns that were not used ({names})", {"names": some(unused)}), len(unused)),)
    return catalogue_of(
        mentions,
        register=register,
        products=products,
        decisions=decisions,
        kecamatan=read["kecamatan"][named].reset_index(drop=True),
        steps=more if unused else (),
        inputs=inputs,
        made=made,
    )


def _shape(table: pd.DataFrame) -> Iterator[Problem]:
    yield from (
        Problem(
            "the table", f"there is no column {name!r}", "Name villages and products in columns so called."
        )
        for name in NEEDED
        if name not in table
    )
    of_units = [name for name in IN_UNITS if name in table]
    if of_units and "unit_of_sale" not in table:
        yield Problem(
            "the table",
            f"there is no column 'unit_of_sale', in which {some(of_units)} would be counted",
            "Say of each row what is sold: pack, kg, piece ...",
        )
    twice = table.columns[table.columns.duplicated()].unique()
    if len(twice):
        yield Problem("the table", f"columns given twice: {some(twice)}", "Keep one of each.")
    if table.empty:
        yield Problem("the table", "it has no rows", "Give one row for each village and product.")


def _texts(rows: pd.DataFrame, name: str) -> pd.Series:
    if name not in rows:
        return pd.Series(pd.NA, index=rows.index, dtype="string")
    texts = rows[name].astype("string").str.strip()
    return texts.mask(texts == "")


def _read(
    rows: pd.DataFrame, name: str, reader: Callable[[str, object], object], problems: list[Problem]
) -> pd.Series:
    """Read the cells of a column; what cannot be read is noted, all of a kind in one problem."""
    if name not in rows:
        empty: object = () if name in SETS else np.nan
        return pd.Series([empty] * len(rows), index=rows.index, dtype=object if name in SETS else float)
    found: list[object] = []
    wrong: dict[str, list[str]] = {}
    for number, cell in enumerate(rows[name], start=1):
        try:
            found.append(reader(name, cell))
        except ValueError as reason:
            wrong.setdefault(str(reason), []).append(f"{number} ({cell!r})")
            found.append(() if name in SETS else np.nan)
    problems += [
        Problem(f"column {name!r}, row {some(cells)}", what, REMEDIES[name]) for what, cells in wrong.items()
    ]
    return pd.Series(found, index=rows.index, dtype=object if name in SETS else float)


def _is_empty(cell: object) -> bool:
    return cell is None or cell is pd.NA or (isinstance(cell, float) and math.isnan(cell)) or cell == ""


def _number(_name: str, cell: object) -> float:
    if _is_empty(cell):
        return np.nan
    try:
        number = float(str(cell).strip()) if not isinstance(cell, bool) else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError("it is no number")
    return number


def _reader_of_sets(name: str, cell: object) -> tuple[object, ...]:
    if isinstance(cell, list | tuple | set | frozenset):
        parts = [str(part).strip() for part in cell]
    else:
        parts = [] if _is_empty(cell) else [part.strip() for part in re.split(r"[;,]", str(cell))]
    parts = [part for part in parts if part]
    if name == "season_months":
        return tuple(sorted({month for part in parts for month in _months(part)}))
    known = {one.lower(): one for one in (MARKETS if name == "markets" else CERTIFICATES)}
    if unknown := [part for part in parts if part.lower() not in known]:
        raise ValueError(f"not one of them: {', '.join(unknown)}")
    return tuple(sorted({known[part.lower()] for part in parts}))


def _months(part: str) -> range:
    span = _SPAN.fullmatch(part)
    first, last = span.groups() if span else (part, part)
    if not (first.isdecimal() and int(first) in MONTHS and int(last) in MONTHS and int(first) <= int(last)):
        raise ValueError("it names no months")
    return range(int(first), int(last) + 1)


def _ranges(read: Mapping[str, pd.Series]) -> Iterator[Problem]:
    for name in NUMBERS:
        low = read[name] < 0
        if low.any():
            yield Problem(
                f"column {name!r}, row {some(np.flatnonzero(low) + 1)}", "it is below zero", "Give 0 or more."
            )
    high = read[SHARE] > 100
    if high.any():
        yield Problem(
            f"column {SHARE!r}, row {some(np.flatnonzero(high) + 1)}", "it is above 100", "Give per cent."
        )


REMEDIES = {
    **dict.fromkeys(NUMBERS, "Write digits alone, with a point before decimals (8000000, not 8.000.000)."),
    "season_months": "Write 1 to 12, divided by semicolons, or a span like 3-6.",
    "markets": f"Choose among {', '.join(MARKETS)}, divided by semicolons.",
    "certificates": f"Choose among {', '.join(CERTIFICATES)}, divided by semicolons.",
}
