"""A report told to people: names of the checks, tables with headings, an account in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.codebook import Codebook
from pk_research.language import Language, Message, translate
from pk_research.quality.findings import Finding, Severity
from pk_research.quality.subject import COLUMN, EXPECTED, PLACES, ROW, VALUE
from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.quality.report import Report

SEVERITY_NAMES: dict[Severity, str] = {"error": "Error", "warning": "Warning", "note": "Note"}
CHECKS = {
    "empty": "No rows",
    "total": "Total rows",
    "total-sum": "Totals that do not add up",
    "column": "Columns",
    "missing-key": "Missing key",
    "kind": "Kind of value",
    "range": "Out of range",
    "category": "Undeclared category",
    "missing": "Missing values",
    "empty-row": "Empty rows",
    "village-gap": "Villages with gaps",
    "code-change": "Codes that change",
    "absent-year": "Absent years",
    "duplicate": "Copies",
    "conflict": "Contradictory repeats",
    "fan-out": "Rows fanned out",
    "swapped": "Code and name swapped",
    "code-form": "Form of the code",
    "code-area": "Code and area",
    "outside": "Outside the register",
    "old-code": "Code out of use",
    "unknown-code": "Unknown code",
    "name-code": "Code and name",
    "elsewhere": "Other area than registered",
    "absent-village": "Absent villages",
    "rule": "Broken rules",
    "contradiction": "Contradicts its parts",
    "unit-slip": "Slip of unit",
    "heaping": "Round numbers",
}
PLACE = "place"
_HEADINGS = {
    ROW: "Row", PLACE: "Place", COLUMN: "Column", VALUE: "Value", EXPECTED: "Expected",
}  # fmt: skip


def check_name(finding: Finding, language: Language) -> str:
    """Say which check a finding comes from."""
    return translate(CHECKS[finding.check], language)


def sentence(message: Message, language: Language) -> str:
    """Write a message as a sentence: a capital first, a full stop last."""
    text = message.text(language)
    return f"{text[:1].upper()}{text[1:]}."


def findings_table(findings: Sequence[Finding], language: Language) -> pd.DataFrame:
    """Return one row a finding: number, severity, check, sentence, rows, columns."""
    table = {
        "No.": range(1, len(findings) + 1),
        "Severity": [translate(SEVERITY_NAMES[finding.severity], language) for finding in findings],
        "Check": [check_name(finding, language) for finding in findings],
        "Finding": [sentence(finding.message, language) for finding in findings],
        "Rows": [finding.n_rows for finding in findings],
        "Columns": [", ".join(finding.columns) for finding in findings],
    }
    return pd.DataFrame({translate(heading, language): values for heading, values in table.items()})


def all_rows(findings: Sequence[Finding]) -> pd.DataFrame:
    """Put the rows of all findings under one another."""
    first = ["finding", "check", "severity", ROW]
    last = [COLUMN, VALUE, EXPECTED]
    listings = [
        finding.rows.assign(finding=number, check=finding.check, severity=finding.severity).astype(
            {ROW: "Int64"}
        )
        for number, finding in enumerate(findings, start=1)
    ]
    if not listings:
        return pd.DataFrame(columns=[*first, *last])
    rows = pd.concat(listings, ignore_index=True)
    return rows[[*first, *(name for name in rows if name not in {*first, *last}), *last]]


def rows_table(rows: pd.DataFrame, codebook: Codebook, language: Language) -> pd.DataFrame:
    """Arrange listed rows for reading, all as text.

    Names of places stand in one column; columns without a value are left out, as is the column in
    question where it is the same in all rows (the caption names it).
    """
    labels = {variable.name: variable.label(language) for variable in codebook}
    headings = labels | {name: translate(text, language) for name, text in _HEADINGS.items()}
    places = [name for name in PLACES[::-1] if name in rows]
    table = rows.drop(columns=places)
    if places:
        joined = rows[places].agg(lambda names: ", ".join(names.dropna()), axis=1)
        table.insert(table.columns.get_loc(COLUMN), PLACE, joined.replace("", pd.NA))
    concerned = set(table[COLUMN])
    table[COLUMN] = table[COLUMN].map(lambda name: labels.get(name, name)) if len(concerned) > 1 else pd.NA
    return table.dropna(axis=1, how="all").astype("string").rename(columns=headings)


def account(report: Report, language: Language) -> str:
    """Tell how large the dataset is and what stands in the way of using it."""
    return "\n".join(_account(report, language))


def _account(report: Report, language: Language) -> Iterator[str]:
    if report.provenance.made:
        yield f"{translate(MADE, language)}.\n"
    yield f"{sentence(size(report), language)} {sentence(tally(report), language)}"
    grave = [finding for finding in report.findings if finding.severity != "note"]
    if grave:
        yield ""
    for finding in grave:
        name = translate(SEVERITY_NAMES[finding.severity], language)
        yield f"- {name}: {sentence(finding.message, language)}"


def size(report: Report) -> Message:
    """Say how many rows and villages there are."""
    values = {"title": report.provenance.title, "n_rows": report.n_rows, "n_villages": report.n_villages}
    if report.n_villages is None:
        return Message("{title}: {n_rows} rows", values)
    return Message("{title}: {n_rows} rows, {n_villages} villages", values)


def tally(report: Report) -> Message:
    """Say how many findings there are of each severity, and how many rows have an error."""
    if not report.findings:
        return Message("Nothing was found wrong")
    return Message(
        "Errors: {errors}, in {n_rows} rows; warnings: {warnings}; notes: {notes}",
        {
            "errors": report.count("error"),
            "n_rows": report.n_rows_with("error"),
            "warnings": report.count("warning"),
            "notes": report.count("note"),
        },
    )
