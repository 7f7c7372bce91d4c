"""Excel (.xlsx): a sheet with the data, one with the codebook, one about where it came from."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pk_research.codebook import Codebook, Variable
from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message, translate
from pk_research.sources.cells import text_of
from pk_research.sources.dataset import Dataset
from pk_research.sources.files import Content
from pk_research.sources.formats.fitting import empty_texts, problems_with_numbers
from pk_research.sources.formats.written import Written
from pk_research.sources.grid import Rows
from pk_research.sources.package import Description, cast_saved, describe, from_json, restore
from pk_research.sources.packed import read_part
from pk_research.sources.workbook import read_sheets

DATA, CODEBOOK, ABOUT = "data", "codebook", "about"
_MOST_ROWS, _MOST_COLUMNS, _LONGEST_TEXT = 1_048_576, 16_384, 32_767
_LARGEST = 9.99e307
_FIRST_DAY = pd.Timestamp(1900, 3, 1)  # Excel believes that 1900 was a leap year
_MADE = dt.datetime(1980, 1, 1)  # noqa: DTZ001 - written without a time zone,  # so that the same dataset gives the same bytes
_MACHINE_READABLE = "descriptor"
_PART = 30_000


def write_excel(dataset: Dataset, language: Language) -> Written:
    """Write as Excel workbook; texts stay texts, also those that begin with ``=``.

    Raises
    ------
    BadInput
        When it has more rows, columns or longer texts than a sheet holds, or numbers Excel
        cannot hold.
    """
    problems = [*problems_with_numbers(dataset, "Excel", largest=_LARGEST), *_problems_with_size(dataset)]
    if problems:
        raise BadInput(problems)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        workbook.set_properties({"title": dataset.provenance.title, "created": _MADE})
        data = workbook.add_worksheet(DATA)
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        for n, variable in enumerate(dataset.codebook):
            data.write_string(0, n, variable.name)
            _write_column(data, n, dataset.frame[variable.name], variable, day)
        data.freeze_panes(1, 0)
        codebook = list(csv.reader(io.StringIO(dataset.codebook.to_csv(), newline="")))
        _write_texts(workbook.add_worksheet(CODEBOOK), codebook)
        _write_texts(workbook.add_worksheet(ABOUT), _about(dataset, language))
    return Written(out.getvalue(), (*empty_texts(dataset), *_rounded(dataset)))


def may_be_saved_here(content: Content) -> bool:
    """Tell whether a workbook has the sheets that `write_excel` writes."""
    if content.kind != "xlsx":
        return False
    with zipfile.ZipFile(io.BytesIO(content.data)) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            return False
        index = read_part(archive, "xl/workbook.xml", where=content.name)
    return all(f'name="{sheet}"'.encode() in index for sheet in (DATA, CODEBOOK, ABOUT))


def read_excel_exactly(content: Content) -> tuple[pd.DataFrame, Description] | None:
    """Read a workbook that `write_excel` wrote; None when its sheets only have those names.

    Raises
    ------
    BadInput
        When its sheets do not fit together any more.
    """
    data, codebook, about = read_sheets(content, (DATA, CODEBOOK, ABOUT))
    parts = [text_of(row[1]) for row in about if len(row) > 1 and row[0] == _MACHINE_READABLE]
    if not parts:
        return None
    where = f"{content.name}, sheet {CODEBOOK!r}"
    declared = Codebook.from_csv(_as_csv(codebook), where=where)
    where = f"{content.name}, sheet {ABOUT!r}"
    entry = from_json("".join(parts), where=where)
    description = restore({**entry, "schema": declared.to_table_schema()}, where=where)
    description = replace(description, codebook=declared, changed=_was_changed(content))
    where = f"{content.name}, sheet {DATA!r}"
    names = [text_of(cell) for cell in data[0]] if data else []
    if len(set(names)) < len(names):
        raise BadInput(Problem(where, "two columns have one name", "Give every column its own name."))
    rows, n_rows = data[1:], entry.get("n_rows", 0)
    if not description.changed and isinstance(n_rows, int) and n_rows < _MOST_ROWS:
        rows += [[""] * len(names)] * (n_rows - len(rows))  # a sheet ends with its last filled row
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    cells = {
        name: pd.Series([None if cell == "" else cell for cell in column], dtype=object)
        for name, column in zip(names, columns, strict=True)
    }
    return cast_saved(declared, _with_codes_as_text(pd.DataFrame(cells), declared), where=where), description


def _was_changed(content: Content) -> bool:
    """Tell whether another program saved the workbook: it then says when."""
    with zipfile.ZipFile(io.BytesIO(content.data)) as archive:
        is_said = "docProps/core.xml" in archive.namelist()
        about = read_part(archive, "docProps/core.xml", where=content.name) if is_said else b""
    return about.count(f">{_MADE:%Y-%m-%d}T".encode()) != 2  # created, modified


def _with_codes_as_text(frame: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Undo what Excel does to codes typed by hand after the file was written."""
    for variable in codebook:
        if variable.kind in ("code", "string", "category") and variable.name in frame:
            frame[variable.name] = frame[variable.name].map(text_of, na_action="ignore")
    return frame


def _as_csv(rows: Rows) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([text_of(cell) for cell in row] for row in rows)
    return out.getvalue()


def _write_texts(sheet: Worksheet, rows: Sequence[Sequence[str]]) -> None:
    for n, row in enumerate(rows):
        for column, text in enumerate(row):
            sheet.write_string(n, column, text)


def _write_column(sheet: Worksheet, n: int, column: pd.Series, variable: Variable, day: Format) -> None:
    is_day = variable.kind == "date" and _are_days(column)
    for row, value in enumerate(column.tolist(), 1):
        if pd.isna(value) or value == "":
            continue
        if variable.kind == "boolean":
            sheet.write_boolean(row, n, value)
        elif is_day:
            sheet.write_datetime(row, n, value.to_pydatetime(), day)
        elif variable.kind == "date":
            sheet.write_string(row, n, value.isoformat())
        elif variable.kind in ("integer", "number"):
            sheet.write_number(row, n, value)
        else:
            sheet.write_string(row, n, str(value))


def _are_days(column: pd.Series) -> bool:
    filled = column.dropna()
    return bool(((filled == filled.dt.normalize()) & (filled >= _FIRST_DAY)).all())


def _about(dataset: Dataset, language: Language) -> list[tuple[str, str]]:
    """Say where the data came from: for people, then for `read_excel_exactly`."""
    provenance = dataset.provenance
    said = (
        (translate("Title", language), provenance.title),
        (translate("Source", language), provenance.source),
        (translate("Version", language), provenance.version),
        (translate("Licence", language), provenance.licence),
        (translate("File", language), provenance.file_name),
        ("SHA-256", provenance.sha256),
    )
    rows = [(label, text) for label, text in said if text]
    if provenance.made:
        rows.append((translate("Note", language), translate("These data were made up", language)))
    rows += [(translate("Step", language), step.what.text(language)[:_PART]) for step in provenance.steps]
    entry = {key: value for key, value in describe(dataset).items() if key != "schema"}
    text = json.dumps({**entry, "n_rows": len(dataset.frame)})
    return rows + [(_MACHINE_READABLE, text[n : n + _PART]) for n in range(0, len(text), _PART)]


def _problems_with_size(dataset: Dataset) -> list[Problem]:
    where, remedy = f"dataset {dataset.name}", "Save it as CSV or Parquet."
    problems = []
    if len(dataset.frame) >= _MOST_ROWS or len(dataset.codebook) > _MOST_COLUMNS:
        problems.append(
            Problem(where, f"a sheet holds {_MOST_ROWS:,} rows and {_MOST_COLUMNS:,} columns at most", remedy)
        )
    for variable in dataset.codebook:
        if variable.kind in ("code", "string", "category"):
            longest = dataset.frame[variable.name].astype("string").str.len().max()
            if not pd.isna(longest) and longest > _LONGEST_TEXT:
                what = f"a text has {longest:,} characters; a cell holds {_LONGEST_TEXT:,}"
                problems.append(Problem(f"{where}, column {variable.name!r}", what, remedy))
    return problems


def _rounded(dataset: Dataset) -> tuple[Message, ...]:
    """Tell how many numbers need more than the 16 digits that are written."""
    n = sum(
        sum(float(f"{value:.16G}") != value for value in dataset.frame[variable.name].dropna().tolist())
        for variable in dataset.codebook
        if variable.kind == "number"
    )
    return (Message("{n} numbers were rounded to 16 digits", {"n": n}),) if n else ()
