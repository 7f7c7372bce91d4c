"""The report as files: a page to read, tables to work with."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pk_research.language import Language
from pk_research.quality.report import Report
from pk_research.writing import write_files


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
        value).

    Raises
    ------
    NotReady
        When the folder cannot be written.
    """
    contents = {
        "quality.html": report.to_html(language).encode(),
        "findings.csv": _csv(report.to_frame(language)),
        "rows.csv": _csv(report.rows()),
    }
    return write_files(contents, folder)


def _csv(frame: pd.DataFrame) -> bytes:
    text: str = frame.to_csv(index=False, lineterminator="\n")
    # The byte-order mark makes Excel read the file as UTF-8.
    return text.encode("utf-8-sig")
