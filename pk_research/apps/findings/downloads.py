"""The findings as files: a CSV of the villages, a workbook with everything."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from pk_research.apps.files import File
from pk_research.clusters import Typology
from pk_research.codebook import Codebook
from pk_research.disclosure import open_table
from pk_research.language import Language, Message, translate
from pk_research.writing import csv_bytes

# A workbook records when it was made; a fixed time keeps equal findings equal to the byte.
MADE_AT = datetime(2000, 1, 1)  # noqa: DTZ001 - the format has no time zone
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_csv(typology: Typology, dataset_name: str, language: Language) -> File:
    """Return one row a village: type, certainty and the compared values.

    Made data says so in a column and in the file's name. Villages left out are not in it.
    """
    content = csv_bytes(open_table(typology.villages_table(language)).frame)
    return File(_name(typology, dataset_name, ".csv", language), "text/csv", content)


def as_workbook(typology: Typology, dataset_name: str, language: Language) -> File:
    """Return a workbook: types, villages, villages left out, profile, codebook, and about it all."""
    sheets = {
        "Types": typology.table(language),
        "List of villages": typology.villages_table(language),
        "Left out": typology.left_out_table(language),
        "Profile": typology.profile.table,
    }
    opened = {name: open_table(frame) for name, frame in sheets.items()}
    report = [message for table in opened.values() for message in table.report]
    sheets = {
        **{name: table.frame for name, table in opened.items()},
        "Codebook": _codebook(typology),
        "About": _about(typology, report, language),
    }
    out = io.BytesIO()
    # Text stays text: a cell that starts with "=" is never taken for a formula.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with pd.ExcelWriter(out, engine="xlsxwriter", engine_kwargs={"options": options}) as writer:
        writer.book.set_properties({"created": MADE_AT})
        for name, frame in sheets.items():
            sheet = translate(name, language)
            frame.to_excel(writer, sheet_name=sheet, index=False)
            writer.sheets[sheet].autofit(300)
            writer.sheets[sheet].freeze_panes(1, 0)
    return File(_name(typology, dataset_name, ".xlsx", language), XLSX, out.getvalue())


def _codebook(typology: Typology) -> pd.DataFrame:
    book = Codebook((*typology.codebook, *(v for v in typology.variables if v.name not in typology.codebook)))
    return pd.read_csv(io.StringIO(book.to_csv()), dtype="string", keep_default_na=False)


def _about(typology: Typology, report: Sequence[Message], language: Language) -> pd.DataFrame:
    lines = [(translate("Data", language), translate(typology.title, language))]
    if typology.made:
        lines.append(("", translate("Example data (made up), not real data", language)))
    lines += [("", message.text(language)) for message in report]
    lines += [("", paragraph) for paragraph in typology.in_words(language).split("\n")]
    lines += [
        (translate("Seed of the calculation", language), str(typology.seed)),
        (translate("Hash of the data (SHA-256)", language), typology.input_hash),
        *typology.versions.items(),
    ]
    return pd.DataFrame(lines, columns=[translate("About", language), ""])


def _name(typology: Typology, dataset_name: str, suffix: str, language: Language) -> str:
    parts = [
        translate("village-types", language),
        dataset_name,
        "" if typology.year is None else str(typology.year),
        translate("made-example", language) if typology.made else "",
    ]
    return "-".join(filter(None, parts)) + suffix
