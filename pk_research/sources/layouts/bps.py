"""Tables of Badan Pusat Statistik as its website exports them.

The corner says what the rows are (``38 Provinsi``); above the columns stand the title with its
unit, the categories if there are any, and the year; the last row is the total of the country.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from pk_research.codebook import Codebook, Variable
from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.sources import vocabulary as v
from pk_research.sources.columns import Cell, column_of
from pk_research.sources.dataset import Step
from pk_research.sources.grid import Grid
from pk_research.sources.headers import column_name, heading_of, unique_names
from pk_research.sources.layouts.reading import Layout, Reading, read_columns
from pk_research.sources.table import Table, find_table

PUBLISHER = "Badan Pusat Statistik"

_CORNER = re.compile(r"[0-9]* ?(provinsi|kabupaten/kota|kabupaten|kota|kecamatan)", re.IGNORECASE)
_PLACES = {
    "provinsi": v.PROVINCE,
    "kabupaten/kota": v.REGENCY,
    "kabupaten": v.REGENCY,
    "kota": v.REGENCY,
    "kecamatan": v.KECAMATAN,
}
_UNIT = re.compile(r"\(([^()]+)\)\s*$")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_MAX_HEADER = 6


@dataclass(frozen=True, slots=True)
class _Header:
    """The header of a table: what its rows and columns are.

    Attributes
    ----------
    place
        The variable of the first column.
    title, unit
        What is counted, and in what.
    categories, years
        One entry a column; categories are empty where there are none.
    n_rows
        How many rows the header takes.
    """

    place: Variable
    title: str
    unit: str
    categories: tuple[str, ...]
    years: tuple[str, ...]
    n_rows: int


def _header(grid: Grid) -> _Header | None:
    """Read the header; None when the grid has none of this kind."""
    rows = [[heading_of(cell) for cell in row] for row in grid.rows[:_MAX_HEADER]]
    corner = _CORNER.fullmatch(rows[0][0]) if rows and rows[0] else None
    years_at = next((n for n, row in enumerate(rows) if n and _are_years(row)), None)
    if corner is None or years_at is None or any(row and row[0] for row in rows[1 : years_at + 1]):
        return None
    width = len(rows[years_at])
    above = [row for row in rows[:years_at] if any(row[1:])]
    if not above or any(len(row) != width for row in above):
        return None
    title = " ".join(dict.fromkeys(cell for cell in above[0][1:] if cell))
    unit = _UNIT.search(title)
    categories = [
        " ".join(filter(None, cells)) for cells in zip(*(row[1:] for row in above[1:]), strict=True)
    ]
    return _Header(
        place=_PLACES[corner[1].lower()],
        title=_UNIT.sub("", title).strip() if unit else title,
        unit=unit[1].lower() if unit else "",
        categories=tuple(categories) or ("",) * (width - 1),
        years=tuple(rows[years_at][1:]),
        n_rows=years_at + 1,
    )


def _are_years(row: list[str]) -> bool:
    return len(row) > 1 and not row[0] and all(_YEAR.fullmatch(cell) for cell in row[1:])


def _read(grid: Grid, codebook: Codebook | None) -> Reading:
    header = _header(grid)
    if header is None:
        raise BadInput(
            Problem(
                grid.where,
                "it has no header as BPS exports it (a corner such as '38 Provinsi', a title, years)",
                "Load it as layout 'table'.",
            )
        )
    twice = [pair for pair, n in Counter(zip(header.categories, header.years, strict=True)).items() if n > 1]
    if twice:
        what = f"two columns are headed {' '.join(twice[0]).strip()!r}"
        raise BadInput(Problem(grid.where, what, "Give each its own heading, or load it as layout 'table'."))
    numbered = [f"column {n}" for n in range(len(header.years))]
    body = Grid(
        grid.where,
        [[grid.rows[0][0], *numbered], *grid.rows[header.n_rows :]],
        grid.first_row + header.n_rows - 1,
        grid.steps,
    )
    table = _one_row_a_year(find_table(body), header)
    reading = read_columns(table, (header.place, v.YEAR), codebook)
    if codebook is None:
        reading = replace(reading, codebook=_with_units(reading.codebook, header))
    return reading.described(header.title, PUBLISHER, (header.place.name, "year"))


def _one_row_a_year(table: Table, header: _Header) -> Table:
    """Put years that stand side by side under one another, each followed by its total."""
    place, *measures = table.columns
    years = sorted(set(header.years))
    names = _measure_names(header)
    labels = dict(zip(names, header.categories, strict=True))
    cells: dict[str, list[Cell]] = {name: [] for name in labels}
    for year in years:
        of_year = {
            name: measure.cells()
            for name, measure, its_year in zip(names, measures, header.years, strict=True)
            if its_year == year
        }
        for name in labels:
            cells[name] += of_year.get(name, [""] * table.n_rows)
    columns = [
        column_of(place.header, header.place.name, place.cells() * len(years)),
        column_of("Tahun", "year", [year for year in years for _ in range(table.n_rows)]),
        *(
            column_of(f"{header.title}: {labels[name]}" if labels[name] else header.title, name, column)
            for name, column in cells.items()
        ),
    ]
    steps = table.steps
    if len(years) > 1:
        what = Message("{n} years stood side by side; each row is now of one year", {"n": len(years)})
        steps = (*steps, Step(what, table.n_rows))
    row_numbers = np.tile(table.row_numbers, len(years))
    return Table(table.where, tuple(columns), row_numbers, header.title, steps)


def _measure_names(header: _Header) -> list[str]:
    """Name every column by its category, or by what the title says before "menurut"."""
    counted = re.split(r"\s+menurut\s+", header.title, flags=re.IGNORECASE)[0]
    categories = list(dict.fromkeys(header.categories))
    names = unique_names([column_name(category) or column_name(counted) for category in categories])
    return [names[categories.index(category)] for category in header.categories]


def _with_units(codebook: Codebook, header: _Header) -> Codebook:
    measures = [x for x in codebook if x.name not in (header.place.name, "year")]
    return codebook.with_variables(*(replace(x, unit=header.unit, source=PUBLISHER) for x in measures))


BPS = Layout("bps", lambda grid: _header(grid) is not None, _read)
