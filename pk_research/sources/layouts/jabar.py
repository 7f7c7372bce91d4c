"""Open Data Jabar: long tables by village (with both code systems) and by regency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pk_research.codebook import Codebook, Variable
from pk_research.language import Message
from pk_research.sources import vocabulary as v
from pk_research.sources.dataset import Step
from pk_research.sources.grid import Grid
from pk_research.sources.headers import KNOWN, column_name, unique_names
from pk_research.sources.layouts.reading import VILLAGE_KEY, Layout, Reading, named, read_columns, require
from pk_research.sources.layouts.villages import check_village_codes
from pk_research.sources.table import Table, find_table, headings_of

PUBLISHER = "Open Data Jabar"

_BPS = (
    Variable("bps_regency_code", "Kode kabupaten/kota (BPS)", "Regency code (BPS)", "code", source="BPS"),
    Variable("bps_regency", "Kabupaten/kota (BPS)", "Regency or city (BPS)", "string", source="BPS"),
    Variable("bps_kecamatan_code", "Kode kecamatan (BPS)", "Kecamatan code (BPS)", "code", source="BPS"),
    Variable("bps_kecamatan", "Kecamatan (BPS)", "Kecamatan (BPS)", "string", source="BPS"),
    v.BPS_VILLAGE_CODE,
    Variable("bps_village", "Desa/kelurahan (BPS)", "Village (BPS)", "string", source="BPS"),
)
_RECORD = Variable("id", "Nomor baris pada sumber", "Row number in the source", "code", source=PUBLISHER)
_HEADINGS: Mapping[str, str] = {
    "bps_kode_kabupaten_kota": "bps_regency_code",
    "bps_nama_kabupaten_kota": "bps_regency",
    "bps_kode_kecamatan": "bps_kecamatan_code",
    "bps_nama_kecamatan": "bps_kecamatan",
    "bps_kode_desa_kelurahan": "bps_village_code",
    "bps_nama_desa_kelurahan": "bps_village",
    "kemendagri_kode_kabupaten_kota": "regency_code",
    "kemendagri_nama_kabupaten_kota": "regency",
    "kemendagri_kode_kecamatan": "kecamatan_code",
    "kemendagri_nama_kecamatan": "kecamatan",
    "kemendagri_kode_desa_kelurahan": "village_code",
    "kemendagri_nama_desa_kelurahan": "village",
}
_DECLARED = (*KNOWN.values(), *_BPS, _RECORD)
_PLACES = frozenset(variable.name for variable in _DECLARED)


def _name(heading: str) -> str:
    name = column_name(heading)
    known = KNOWN.get(name)
    return _HEADINGS.get(name) or (known.name if known else name)


def _is_village(grid: Grid) -> bool:
    return {"village_code", "bps_village_code", "year"} <= set(map(_name, headings_of(grid)))


def _is_regency(grid: Grid) -> bool:
    headings = {column_name(heading) for heading in headings_of(grid)}
    needed = {
        "kode_provinsi",
        "nama_provinsi",
        "kode_kabupaten_kota",
        "nama_kabupaten_kota",
        "satuan",
        "tahun",
    }
    return needed <= headings and not any("desa" in heading for heading in headings)


def _read(grid: Grid) -> Table:
    table = find_table(grid)
    return named(table, unique_names([_name(heading) for heading in table.headings]))


def _read_village(grid: Grid, codebook: Codebook | None) -> Reading:
    table = _read(grid)
    require(
        table,
        {
            "village_code": "kemendagri_kode_desa_kelurahan",
            "bps_village_code": "bps_kode_desa_kelurahan",
            "year": "tahun",
        },
    )
    steps = check_village_codes(table, "village_code", "village")
    reading = _with_unit(read_columns(table, _DECLARED, codebook), codebook)
    return reading.described(reading.title, PUBLISHER, VILLAGE_KEY, steps)


def _read_regency(grid: Grid, codebook: Codebook | None) -> Reading:
    table = _read(grid)
    require(table, {"regency_code": "kode_kabupaten_kota", "year": "tahun"})
    reading = _with_unit(read_columns(table, _DECLARED, codebook), codebook)
    splits = [
        variable.name
        for variable in reading.codebook
        if variable.kind in ("category", "string")
        and variable.name not in _PLACES
        and variable.name != "satuan"
    ]
    return reading.described(reading.title, PUBLISHER, ("regency_code", *splits, "year"))


def _with_unit(reading: Reading, codebook: Codebook | None) -> Reading:
    """Move a unit that is the same in every row (``satuan``) from the rows to the variable."""
    measures = [x.name for x in reading.codebook if x.kind in ("integer", "number") and x.name != "year"]
    if codebook is not None or "satuan" not in reading.codebook or len(measures) != 1:
        return reading
    units = reading.frame["satuan"].dropna().unique()
    if len(units) != 1 or reading.frame["satuan"].isna().any():
        return reading
    unit = str(units[0]).lower()
    measure = replace(reading.codebook[measures[0]], unit=unit)
    kept = [name for name in reading.codebook.names if name != "satuan"]
    values = {"unit": unit, "column": measure.name}
    step = Step(
        Message("The column satuan is {unit} in every row; it is now the unit of {column}", values),
        len(reading.frame),
        (measure.name,),
    )
    return replace(
        reading,
        frame=reading.frame.drop(columns="satuan"),
        codebook=reading.codebook.with_variables(measure).select(kept),
        steps=(*reading.steps, step),
    )


VILLAGE = Layout("jabar-village", _is_village, _read_village)
REGENCY = Layout("jabar-regency", _is_regency, _read_regency)
