"""The findings as files: a CSV of the villages, a workbook with everything."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pandas as pd

from pk_research.apps.files import XLSX, File
from pk_research.clusters import Typology
from pk_research.codebook import Codebook
from pk_research.disclosure import open_table, withheld_message
from pk_research.language import Language, Message, translate
from pk_research.writing import csv_bytes, workbook_bytes


def as_csv(typology: Typology, dataset_name: str, language: Language) -> File:
    """Return one row a village: type, certainty and the compared values.

    Made data says so in a column and in the file's name. Villages left out are not in it.
    """
    opened = open_table(typology.villages_table(language))
    name = _name(typology, dataset_name, ".csv", language)
    return File(name, "text/csv", csv_bytes(opened.frame), (*opened.report, *_withheld(typology)))


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
    content = workbook_bytes({translate(name, language): table for name, table in sheets.items()})
    name = _name(typology, dataset_name, ".xlsx", language)
    return File(name, XLSX, content, (*report, *_withheld(typology)))


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


def _withheld(typology: Typology) -> list[Message]:
    """Return what the types say of values that are not told; their other notes are about the method."""
    return [note for note in typology.notes if note.template == withheld_message(0).template]


def _name(typology: Typology, dataset_name: str, suffix: str, language: Language) -> str:
    parts = [
        translate("village-types", language),
        dataset_name,
        "" if typology.year is None else str(typology.year),
        translate("made-example", language) if typology.made else "",
    ]
    return "-".join(filter(None, parts)) + suffix
