"""Indeks Desa Membangun: the national list of a year, and the files of the 50 indicators."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pk_research.codebook import Codebook, Variable
from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.sources import idm_indicators
from pk_research.sources import vocabulary as v
from pk_research.sources.dataset import Step
from pk_research.sources.grid import Grid
from pk_research.sources.headers import KNOWN, column_name, unique_names
from pk_research.sources.layouts.reading import (
    VILLAGE_KEY,
    Layout,
    Reading,
    named,
    read_columns,
    require,
    with_constant,
)
from pk_research.sources.layouts.villages import check_village_codes
from pk_research.sources.table import Table, find_table, headings_of

PUBLISHER = "Kementerian Desa, Pembangunan Daerah Tertinggal, dan Transmigrasi"
NOTE = Variable("note", "Keterangan", "Note", "string")

_INDICES: Mapping[str, Variable] = {
    "iks": v.IKS,
    "ike": v.IKE,
    "ikl": v.IKL,
    "idm": v.IDM,
    "nilai_idm": v.IDM,
    "status": v.IDM_STATUS,
    "status_idm": v.IDM_STATUS,
    "keterangan": NOTE,
}
_DECLARED = (*KNOWN.values(), *_INDICES.values())
_YEAR = re.compile(r"(.+)_(20[0-9]{2})")
_INDICATOR = re.compile(r"(ik[sel])([0-9]{2})_.+")
_NEEDED = {"village_code": "KODE_DESA", "iks": "IKS", "ike": "IKE", "ikl": "IKL", "idm": "IDM"}


def _parts(heading: str) -> tuple[str, str | None]:
    """Split a heading such as ``NILAI_IDM_2024`` into the name it stands for and its year."""
    name, year = column_name(heading), None
    if dated := _YEAR.fullmatch(name):
        name, year = dated[1], dated[2]
    variable = _INDICES.get(name) or KNOWN.get(name)
    if variable:
        return variable.name, year
    indicator = _INDICATOR.fullmatch(name)
    return (f"{indicator[1]}{indicator[2]}", year) if indicator else (column_name(heading), None)


def _is_national(grid: Grid) -> bool:
    parts = [_parts(heading) for heading in headings_of(grid)]
    names, years = {name for name, _ in parts}, {year for _, year in parts if year}
    return names >= set(_NEEDED) and not _has_indicators(names) and len(years) + ("year" in names) == 1


def _is_indicators(grid: Grid) -> bool:
    names = {_parts(heading)[0] for heading in headings_of(grid)}
    return names >= {"village_code", "year"} and _has_indicators(names)


def _has_indicators(names: set[str]) -> bool:
    return any(re.fullmatch(r"ik[sel][0-9]{2}", name) for name in names)


def _read_national(grid: Grid, codebook: Codebook | None) -> Reading:
    table = find_table(grid)
    parts = [_parts(heading) for heading in table.headings]
    table = named(table, unique_names([name for name, _ in parts]))
    require(table, _NEEDED)
    steps = check_village_codes(table, "village_code", "village")
    years = sorted({year for _, year in parts if year})
    if "year" not in table.names:
        table, step = _with_year(table, years)
        steps.append(step)
    reading = read_columns(table, _DECLARED, codebook)
    title = " ".join(("Indeks Desa Membangun", *years))
    return reading.described(title, PUBLISHER, VILLAGE_KEY, steps)


def _with_year(table: Table, years: list[str]) -> tuple[Table, Step]:
    if len(years) != 1:
        raise BadInput(
            Problem(
                table.where,
                f"its headings name {len(years)} years" + (f" ({', '.join(years)})" if years else ""),
                "Keep the columns of one year, or add a column TAHUN.",
            )
        )
    what = Message("The year {year} was taken from the headings", {"year": years[0]})
    table = with_constant(table, "year", int(years[0]), after="village")
    return table, Step(what, table.n_rows, ("year",))


def _read_indicators(grid: Grid, codebook: Codebook | None) -> Reading:
    table = find_table(grid)
    table = named(table, unique_names([_parts(heading)[0] for heading in table.headings]))
    require(table, {"village_code": "kode_desa", "year": "tahun"})
    steps = check_village_codes(table, "village_code", "village")
    reading = read_columns(table, (*_DECLARED, *idm_indicators.VARIABLES), codebook)
    return reading.described("Indikator Indeks Desa Membangun", PUBLISHER, VILLAGE_KEY, steps)


NATIONAL = Layout("idm-national", _is_national, _read_national)
INDICATORS = Layout("idm-indicators", _is_indicators, _read_indicators)
