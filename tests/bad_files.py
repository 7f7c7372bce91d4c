"""Files that people really hand in broken, each made on the spot, with what should happen.

``refused`` files end in one clear error that holds the words given; ``reported`` files load, and
a step of their provenance holds the words.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import xlsxwriter

GOOD = "kode_desa,desa,tahun,penduduk\n3216012001,SAGARA MAKMUR,2024,100\n3216012002,SEGARAJAYA,2024,250\n"
IDM_HEADER = "KODE_DESA,NAMA_DESA,IKS_2024,IKE_2024,IKL_2024,NILAI_IDM_2024,STATUS_IDM_2024\n"


@dataclass(frozen=True)
class BadFile:
    """A broken file and what should become of it.

    Attributes
    ----------
    name
        File name; its ending is part of the story.
    make
        Returns the bytes.
    words
        What the error or the step says.
    loads
        True when the file loads with the fault reported, False when it is refused.
    """

    name: str
    make: Callable[[], bytes]
    words: str
    loads: bool = False


BAD_FILES: dict[str, BadFile] = {}


def refused(name: str, words: str):
    def add(make: Callable[[], bytes]) -> Callable[[], bytes]:
        BAD_FILES[make.__name__] = BadFile(name, make, words)
        return make

    return add


def reported(name: str, words: str):
    def add(make: Callable[[], bytes]) -> Callable[[], bytes]:
        BAD_FILES[make.__name__] = BadFile(name, make, words, loads=True)
        return make

    return add


def xlsx(rows: list[list[object]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("Data")
        for n, row in enumerate(rows):
            sheet.write_row(n, 0, row)
    return out.getvalue()


def with_part(workbook: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with one of its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change(old.read(part)) if part == name else old.read(part))
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
TABLE = [["kode_desa", "penduduk"], ["3216012001", 100], ["3216012002", 250]]


# Not a file, or nothing in it
@refused("empty.csv", "the file is empty")
def empty() -> bytes:
    return b""


@refused("spaces.csv", "the file is empty")
def only_white_space() -> bytes:
    return b"\n  \r\n\t\n"


@refused("header.csv", "no rows under the header")
def only_a_header() -> bytes:
    return b"kode_desa,desa\n"


@refused("totals.csv", "only rows of totals")
def only_totals() -> bytes:
    return b"provinsi,jumlah\nIndonesia,84048\n"


@refused("empty.xlsx", "it holds no cells")
def empty_workbook() -> bytes:
    return xlsx([])


@refused("hidden.xlsx", "hidden: Rahasia")
def hidden_sheet() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as workbook:
        workbook.add_worksheet("Kosong")
        sheet = workbook.add_worksheet("Rahasia")
        sheet.write_row(0, 0, ["desa", "n"])
        sheet.hide()
    return out.getvalue()


# Something else under a false name
@refused("report.csv", "a PDF document")
def pdf_renamed_csv() -> bytes:
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"


@refused("photo.csv", "a JPEG picture")
def jpeg_renamed_csv() -> bytes:
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"


@refused("table.xls", "a web page (HTML)")
def html_saved_as_xls() -> bytes:
    return b"<html><body><table><tr><td>desa</td></tr></table></body></html>"


@refused("data.csv", "an XML document")
def xml_renamed_csv() -> bytes:
    return b"<?xml version='1.0'?><desa><nama>A</nama></desa>"


@refused("data.csv", "a JSON document")
def json_renamed_csv() -> bytes:
    return b'{"type": "FeatureCollection", "features": []}'


@refused("many.xlsx", "a zip archive")
def zip_of_files() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.csv", GOOD)
    return out.getvalue()


@refused("data.csv", "bytes that no text holds")
def binary() -> bytes:
    return bytes(range(32)) * 200


@refused("nul.csv", "bytes that no text holds")
def nul_bytes() -> bytes:
    return GOOD.replace("SAGARA", "SA\0GARA").encode()


@refused("data.sav", "not what the ending .sav says")
def text_named_sav() -> bytes:
    return GOOD.encode()


@reported("data.xls", "spellings of one category")
def csv_named_xls() -> bytes:
    return b"desa,air\nA,Tidak ada\nB,TIdak ada\nC,Tidak ada\nD,Ada\nE,Ada\n"


# Cut off or damaged
@refused("cut.csv.gz", "the gzip file is damaged")
def truncated_gzip() -> bytes:
    return gzip.compress(GOOD.encode() * 50)[:60]


@refused("cut.xlsx", "damaged")
def truncated_xlsx() -> bytes:
    return xlsx(TABLE)[:-300]


@refused("broken.xlsx", "damaged")
def flipped_xlsx() -> bytes:
    data = bytearray(xlsx(TABLE))
    data[data.index(b"sheet1.xml") + 20] ^= 0xFF
    return bytes(data)


@refused("broken.ods", "damaged")
def broken_ods() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<office:document-content><table:table")
    return out.getvalue()


def _saved(writer: Callable[..., None], ending: str) -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{ending}"
        writer(pd.DataFrame({"desa": ["A", "B"], "n": [1.0, 2.0]}), path)
        return path.read_bytes()


@refused("cut.sav", "damaged")
def truncated_sav() -> bytes:
    return _saved(pyreadstat.write_sav, ".sav")[:200]


@refused("cut.dta", "damaged")
def truncated_dta() -> bytes:
    return _saved(pyreadstat.write_dta, ".dta")[:300]


@refused("cut.parquet", "damaged")
def truncated_parquet() -> bytes:
    return _saved(lambda frame, path: frame.to_parquet(path), ".parquet")[:-20]


@refused("old.xls", "damaged")
def truncated_xls() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


# Bombs
@refused("bomb.csv.gz", "when unpacked")
def gzip_bomb() -> bytes:
    out = io.BytesIO()
    with gzip.open(out, "wb", compresslevel=1) as file:
        for _ in range(6):
            file.write(b"0" * 2**20)
    return out.getvalue()


@refused("bomb.xlsx", "would unpack to more than")
def zip_bomb() -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx(TABLE))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            new.writestr(part, old.read(part))
        with new.open("xl/worksheets/sheet2.xml", "w", force_zip64=True) as part:
            for _ in range(6):
                part.write(b" " * 2**20)
    return out.getvalue()


@refused("lying.xlsx", "damaged")
def zip_bomb_that_lies_about_its_size() -> bytes:
    data = bytearray(zip_bomb_of_one_part())
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = data.rindex(signature)
        data[at + offset : at + offset + 4] = (1000).to_bytes(4, "little")
    return bytes(data)


def zip_bomb_of_one_part() -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx(TABLE))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            new.writestr(part, old.read(part))
        new.writestr("xl/worksheets/sheet2.xml", b" " * 2**20)
    return out.getvalue()


@refused("corner.xlsx", "cells")
def one_cell_in_the_far_corner() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["desa", "n"])
        sheet.write(1_048_575, 16_383, 1)
    return out.getvalue()


@refused("wide.csv", "more than the 16,384 that are read")
def a_million_columns() -> bytes:
    return b",".join(b"c" for _ in range(1_000_000)) + b"\n1\n"


@refused("cell.csv", "a cell near line")
def huge_cell() -> bytes:
    return b"desa,catatan\nA," + b"x" * 200_000 + b"\n"


@refused("repeated.ods", "cells")
def ods_that_repeats_itself() -> bytes:
    row = (
        '<table:table-row table:number-rows-repeated="1000000"><table:table-cell office:value-type="float" '
        'office:value="1" table:number-columns-repeated="1000"/></table:table-row>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", f"<office:spreadsheet>{row}</office:spreadsheet>")
    return out.getvalue()


# Encodings
@reported("latin.csv", "read as windows-1252")
def windows_1252() -> bytes:
    return "desa,penduduk\nMASSA’BU,10\nNANGGRÖ,20\n".encode("cp1252")


@refused("mixed.csv", "some lines are UTF-8 and others are not")
def two_encodings() -> bytes:
    return "desa,penduduk\nNANGGRÖ,10\n".encode() + "MASSÄBU,20\n".encode("cp1252")


@refused("utf16.csv", "damaged: not utf-16")
def truncated_utf_16() -> bytes:
    return GOOD.encode("utf-16")[:-1]


@reported("lost.csv", "Letters were lost")
def replacement_characters() -> bytes:
    return "desa,penduduk\nNANGGR\ufffd,10\n".encode()


# Rows and cells out of place
@refused("ragged.csv", "it has 5 cells, the header has 4")
def comma_in_a_name() -> bytes:
    return GOOD.replace("SEGARAJAYA", "SEGARA, JAYA").encode()


@refused("short.csv", "it has 2 cells, the header has 4")
def cut_off_row() -> bytes:
    return GOOD.encode()[: GOOD.index(",2024,250")]


@refused("mixed.csv", "it has 1 cells, the header has 4")
def two_separators() -> bytes:
    return (GOOD + "3216012003;SETIA ASIH;2024;300\n").encode()


@refused("quote.csv", "the row that starts in line 2 cannot be read")
def unclosed_quote() -> bytes:
    return GOOD.replace("SAGARA MAKMUR", '"SAGARA MAKMUR').encode()


@refused("data.csv", "values (3216012001, 100) where headings should be")
def no_header() -> bytes:
    return b"3216012001,SAGARA,100\n3216012002,SEGARA,250\n"


@reported("two.csv", "Two header rows were joined")
def two_header_rows() -> bytes:
    return b"Desa,Penduduk,,Luas\n,L,P,ha\nA,1,2,3\nB,4,5,6\nC,7,8,9\n"


@reported("joined.csv", "Rows that repeat the header")
def repeated_header() -> bytes:
    return (GOOD + GOOD).encode()


@reported("twice.csv", "heading stands there already")
def duplicate_columns() -> bytes:
    return b"desa,jumlah,jumlah\nA,1,2\n"


@reported("unnamed.csv", "Columns without heading")
def blank_headings() -> bytes:
    return b"desa,,jumlah\nA,1,2\n"


@reported("merged.xlsx", "Cells were merged")
def merged_cells() -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in (["kecamatan", "desa"], ["BABELAN", "A"], ["", "B"], ["SETU", "C"]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


@refused("formulas.xlsx", "formulas without their results (B2)")
def formulas_never_computed() -> bytes:
    workbook = openpyxl.Workbook()
    workbook.active.append(["desa", "jumlah"])
    workbook.active.append(["A", "=1+1"])
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


@reported("errors.xlsx", "Cells with an error such as #DIV/0!")
def error_cells() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["desa", "rata"])
        sheet.write_row(1, 0, ["A", 2])
        sheet.write_string(2, 0, "B")
        sheet.write_formula(2, 1, "=1/0", None, "#DIV/0!")
    return out.getvalue()


@reported("sheets.xlsx", "Only the sheet Data was read, not Lain")
def several_sheets() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as workbook:
        for name in ("Data", "Lain"):
            sheet = workbook.add_worksheet(name)
            for n, row in enumerate(TABLE):
                sheet.write_row(n, 0, row)
    return out.getvalue()


@refused("secret.xlsx", "protected by a password")
def password() -> bytes:
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le") + bytes(500)
    )


# What the values say
@refused("idm.csv", "it holds names (“BANYUASIH”, …), and 'NAMA_DESA' holds the codes")
def swapped_code_and_name() -> bytes:
    row = "BANYUASIH,3215242004,0.7,0.6,0.5,0.6,BERKEMBANG\nCICINDE,3215242009,0.7,0.6,0.5,0.6,BERKEMBANG\n"
    return (IDM_HEADER + row).encode()


@refused("idm.csv", "most values are not village codes")
def wrong_codes() -> bytes:
    return (IDM_HEADER + "001,A,0.7,0.6,0.5,0.6,MAJU\n002,B,0.7,0.6,0.5,0.6,MAJU\n").encode()


@reported("idm.csv", "no village codes were kept as they are: “32152420”")
def one_wrong_code() -> bytes:
    rows = "3215242004,A,0.7,0.6,0.5,0.6,MAJU\n3215242005,B,0.7,0.6,0.5,0.6,MAJU\n32152420,C,1,1,1,1,MAJU\n"
    return (IDM_HEADER + rows).encode()


@refused("codes.csv", "values are not of kind code")
def codes_rounded_by_a_spreadsheet() -> bytes:
    return b"kode usaha,nama\n3.21601E+09,A\n3.21602E+09,B\n"


@refused("idm.csv", "values are not of kind number")
def words_among_numbers() -> bytes:
    return (IDM_HEADER + "3215242004,A,tinggi,0.6,0.5,0.6,MAJU\n").encode()


@reported("sum.csv", "gives 50 for jumlah, but its parts add up to 30")
def wrong_total() -> bytes:
    return b"provinsi,jumlah\nACEH,10\nRIAU,20\nJUMLAH,50\n"


@reported("ambiguous.csv", "can be thousands or decimals")
def ambiguous_numbers() -> bytes:
    return b"desa,luas\nA,1.234\nB,5.678\n"


@reported("conflict.csv", "has a decimal point and")
def both_decimal_signs() -> bytes:
    return b"desa;luas\nA;12.5\nB;3,75\n"
