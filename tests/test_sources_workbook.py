"""Workbooks: two independent ways of reading a sheet give the same cells."""

from __future__ import annotations

import io

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from bad_files import SHEET, TABLE, with_part, xlsx
from hypothesis import given, settings
from hypothesis import strategies as st

from pk_research import sources
from pk_research.sources.calamine import read_sheet
from pk_research.sources.files import read_file
from pk_research.sources.packed import unpack
from pk_research.sources.plain import read_plain
from pk_research.sources.workbook import read_workbook

texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=8).map(str.strip)
numbers = st.floats(allow_nan=False, allow_infinity=False, width=32) | st.integers(-(2**40), 2**40)
cells = st.one_of(texts, numbers, st.none())
sheets = st.integers(1, 5).flatmap(lambda n: st.lists(st.lists(cells, min_size=n, max_size=n), max_size=6))


def write(rows, *, at: tuple[int, int] = (0, 0)) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("Data")
        for n, row in enumerate(rows, at[0]):
            for m, cell in enumerate(row, at[1]):
                if isinstance(cell, str):
                    sheet.write_string(n, m, cell)
                elif cell is not None:
                    sheet.write_number(n, m, cell)
    return out.getvalue()


def opened(tmp_path, data: bytes):
    path = tmp_path / "a.xlsx"
    path.write_bytes(data)
    return read_file(path)


@settings(max_examples=150, deadline=None)
@given(rows=sheets, at=st.tuples(st.integers(0, 3), st.integers(0, 30)))
def test_plain_sheets_are_read_as_calamine_reads_them(rows, at, tmp_path_factory):
    content = opened(tmp_path_factory.mktemp("plain"), write(rows, at=at))
    parts = unpack(content)
    found = read_plain(parts.sheets[0], parts, where="a.xlsx")
    expected = read_sheet(content.data, None, 10**6)
    if found is None:
        assert not any(cell not in (None, "") for row in rows for cell in row) or "_x" in str(rows)
        return
    first_row, columns = found
    assert first_row == expected.start[0] + 1
    by_row = [list(row) for row in zip(*(column.cells() for column in columns), strict=True)]
    assert by_row == [
        [cell.strip() if isinstance(cell, str) else cell for cell in row] for row in expected.rows
    ]


def test_a_real_sheet_is_plain(shared, tmp_path):
    """Pandas and xlsxwriter write such sheets; the national list must take the fast way."""
    frame = pd.read_csv(shared / "data" / "idm-2024" / "idm2024_karawang.csv", dtype={"KODE_DESA": str})
    frame.to_excel(tmp_path / "a.xlsx", index=False, engine="xlsxwriter")
    parts = unpack(read_file(tmp_path / "a.xlsx"))
    assert read_plain(parts.sheets[0], parts, where="a.xlsx") is not None


@pytest.mark.parametrize(
    "change",
    [
        lambda xml: xml.replace(b"<v>100</v>", b"<v>NaN</v>"),
        lambda xml: xml.replace(b"<v>100</v>", b"<f>1+1</f><v>2</v>"),
        lambda xml: xml.replace(b'<c r="B2">', b'<c r="B2" t="b">'),
        lambda xml: xml.replace(b'<c r="B2">', b'<c t="str" r="B2">'),
        lambda xml: xml.replace(b"<c r=", b"<x:c r="),
        lambda xml: xml.replace(b'<row r="3"', b'<row r="2"'),
        lambda xml: xml.replace(
            b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A2:B2"/></mergeCells>'
        ),
        lambda xml: xml.replace(b"<sheetData>", b""),
    ],
)
def test_whatever_is_not_plain_is_left_to_calamine(change, tmp_path):
    parts = unpack(opened(tmp_path, with_part(xlsx(TABLE), SHEET, change)))
    assert read_plain(parts.sheets[0], parts, where="a.xlsx") is None


def test_dates_and_formulas_come_through_calamine(tmp_path):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["desa", "tanggal", "jumlah"])
        sheet.write_string(1, 0, "A")
        sheet.write_datetime(
            1, 1, pd.Timestamp("2024-01-31"), workbook.add_format({"num_format": "dd/mm/yyyy"})
        )
        sheet.write_formula(1, 2, "=2*3", None, 6)
    dataset = sources.load(opened(tmp_path, out.getvalue()).path)
    assert dataset.frame["tanggal"].tolist() == [pd.Timestamp("2024-01-31")]
    assert dataset.frame["jumlah"].tolist() == [6]


def test_the_sheet_can_be_named_and_the_others_are_reported(tmp_path):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as workbook:
        for name, value in (("Data", 1), ("Lain", 2)):
            sheet = workbook.add_worksheet(name)
            sheet.write_row(0, 0, ["desa", "n"])
            sheet.write_row(1, 0, ["A", value])
    path = opened(tmp_path, out.getvalue()).path
    assert sources.load(path).frame["n"].tolist() == [1]
    assert sources.load(path, sheet="Lain").frame["n"].tolist() == [2]
    assert "Lain" in sources.load(path).provenance.steps[0].what.text("id")


def test_merged_cells_all_hold_their_value(tmp_path):
    workbook = openpyxl.Workbook()
    for row in (["kecamatan", "desa"], ["BABELAN", "A"], ["", "B"], ["SETU", "C"]):
        workbook.active.append(row)
    workbook.active.merge_cells("A2:A3")
    workbook.save(tmp_path / "a.xlsx")
    dataset = sources.load(tmp_path / "a.xlsx")
    assert dataset.frame["kecamatan"].tolist() == ["BABELAN", "BABELAN", "SETU"]
    assert dataset.provenance.steps[0].n_rows == 2


def test_ods_is_read(tmp_path):
    pd.DataFrame({"Desa": ["A", "B"], "Luas": [1.5, None]}).to_excel(tmp_path / "a.ods", index=False)
    assert sources.load(tmp_path / "a.ods").frame["luas"].tolist()[0] == 1.5


def test_old_excel_is_read(shared):
    """By a process of its own: see `pk_research.sources.calamine`."""
    grid = read_workbook(
        read_file(shared / "conformance" / "xlsforms" / "hotosm__places.xls"), sheet="survey"
    )
    assert grid.rows[0][:3] == ["type", "name", "label::English(en)"]


def test_codes_that_excel_made_numbers_are_codes_again(tmp_path):
    path = opened(tmp_path, xlsx([["kode_desa", "n"], [3216012001, 1], [3216012002, 2]])).path
    assert sources.load(path).frame["village_code"].tolist() == ["3216012001", "3216012002"]
