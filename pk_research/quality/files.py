"""The report as files: a page to read, tables to work with."""

from __future__ import annotations

from pathlib import Path

from pk_research.language import Language
from pk_research.quality.report import Report
from pk_research.writing import csv_bytes, marked, write_files


def write(report: Report, folder: Path, *, language: Language = "id") -> tuple[Path, ...]:
    """Write a report into a folder: all of it, or nothing.

    Parameters
    ----------
    report
        What was found.
    folder
        Made when missing. Files of these names are replaced; others are left alone.
    language
        Of the page and the table of findings.

    Returns
    -------
    tuple of Path
        ``quality.html``, ``findings.csv`` (one row a finding) and ``rows.csv`` (every affected
        value); the tables of made data say so in a column.

    Raises
    ------
    NotReady
        When the folder cannot be written.
    """
    tables = {"findings.csv": report.to_frame(language), "rows.csv": report.rows()}
    made = report.provenance.made
    contents = {
        "quality.html": report.to_html(language).encode(),
        **{name: csv_bytes(marked(table, language, made=made)) for name, table in tables.items()},
    }
    return write_files(contents, folder)
