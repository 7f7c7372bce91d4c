"""The report as one HTML page: no script, no other file, readable at 360 pixels and in the dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.language import Language, Message, number_text, translate
from pk_research.quality import wording
from pk_research.quality.findings import SEVERITIES, Finding, Severity
from pk_research.quality.markup import figures, pairs, say, section, table
from pk_research.quality.subject import label_of
from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.quality.report import Report

SHOWN = 100
STYLE = Path(__file__).with_name("page.css")
GROUPS: dict[Severity, tuple[str, str]] = {
    "error": ("Errors", "Rows that cannot be used as they stand."),
    "warning": ("Warnings", "Somebody should look at these."),
    "note": ("Notes", "For the record."),
}


def html_page(report: Report, language: Language) -> str:
    """Write the page.

    Parameters
    ----------
    report
        What was found.
    language
        Of headings and sentences; values stand as they are in the data.

    Returns
    -------
    str
        A whole HTML document. Lists show their first hundred rows and say how many more there are
        and where.
    """
    title = say(Message("Quality of the data: {title}", {"title": report.provenance.title}), language)
    sections = (
        _summary(report, language),
        section(say("What was found", language), _found(report, language)),
        section(say("Missing values by variable", language), _gaps(report, language)),
        section(say("Missing values by village", language), _village_gaps(report, language)),
        section(say("What was not checked", language), _unchecked(report, language)),
        section(say("What was done on the way in", language), _steps(report, language)),
        section(say("Where the data comes from", language), [_origin(report, language)]),
    )
    body = "\n".join(part for part in sections if part)
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        f"<style>\n{STYLE.read_text(encoding='utf-8')}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _summary(report: Report, language: Language) -> str:
    counts: dict[str, int | None] = {
        "Rows": report.n_rows,
        "Villages": report.n_villages,
        "Variables": len(report.missing),
        **{heading: report.count(severity) for severity, (heading, _) in GROUPS.items()},
        "Rows with an error": report.n_rows_with("error"),
    }
    shown = {say(name, language): number_text(n, language) for name, n in counts.items() if n is not None}
    made = f'<p class="made">{say(MADE, language)}.</p>\n' if report.provenance.made else ""
    return made + figures(shown)


def _found(report: Report, language: Language) -> Iterator[str]:
    if not report.findings:
        yield f"<p>{say('Nothing was found wrong', language)}.</p>"
    numbered = list(enumerate(report.findings, start=1))
    for severity in SEVERITIES:
        of_severity = [(number, finding) for number, finding in numbered if finding.severity == severity]
        if of_severity:
            heading, meaning = (say(text, language) for text in GROUPS[severity])
            yield f'<h3 class="{severity}">{heading}</h3>\n<p class="quiet">{meaning}</p>'
            yield from (_finding(number, finding, report, language) for number, finding in of_severity)


def _finding(number: int, finding: Finding, report: Report, language: Language) -> str:
    check = say(wording.check_name(finding, language), language)
    told = say(wording.sentence(finding.message, language), language)
    head = f'<span class="check {finding.severity}">{number}. {check}.</span> {told}'
    if finding.rows.empty:
        return f'<p class="finding">{head}</p>'
    shown = wording.rows_table(finding.rows.head(SHOWN), report.codebook, language)
    listing = table(shown, say(_caption(number, finding, report), language), language)
    return f"<details>\n<summary>{head}</summary>\n{listing}\n</details>"


def _caption(number: int, finding: Finding, report: Report) -> Message:
    n_listed = len(finding.rows)
    extent = Message("All {n} entries", {"n": n_listed})
    if n_listed > SHOWN:
        extent = Message(
            "The first {shown} of {n} entries; all stand in rows.csv under finding {number}",
            {"shown": SHOWN, "n": n_listed, "number": number},
        )
    if len(finding.columns) != 1:
        return extent
    variable = label_of(finding.columns[0], report.codebook)
    return Message("{extent}: {variable}", {"variable": variable, "extent": extent})


def _gaps(report: Report, language: Language) -> Iterator[str]:
    gaps = report.missing[report.missing["n_missing"] > 0].sort_values(
        ["share", "variable"], ascending=[False, True]
    )
    complete = Message(
        "Variables without a gap: {n} of {total}",
        {"n": len(report.missing) - len(gaps), "total": len(report.missing)},
    )
    yield f"<p>{say(complete, language)}.</p>"
    if len(gaps):
        share = translate("Share missing", language)
        shown = pd.DataFrame(
            {
                translate("Variable", language): [
                    label_of(name, report.codebook).text(language) for name in gaps["variable"]
                ],
                translate("Missing", language): gaps["n_missing"],
                share: gaps["share"],
            }
        )
        yield table(shown, say("Variables that lack values, most first", language), language, bar=share)


def _village_gaps(report: Report, language: Language) -> Iterator[str]:
    villages = report.missing_by_village
    if villages.empty:
        return
    share = translate("Share missing", language)
    shown = villages.head(SHOWN).drop(columns="n_values")
    headings = {name: label_of(name, report.codebook).text(language) for name in shown}
    headings |= {
        "n_rows": translate("Rows", language),
        "n_missing": translate("Missing", language),
        "share": share,
    }
    shown = shown.rename(columns=headings)
    caption = Message(
        "{shown} of the {n} villages that lack values, most first", {"shown": len(shown), "n": len(villages)}
    )
    yield (
        f"<details>\n<summary>{say(caption, language)}</summary>\n"
        f"{table(shown, say(caption, language), language, bar=share)}\n</details>"
    )


def _unchecked(report: Report, language: Language) -> Iterator[str]:
    if report.unchecked:
        items = "\n".join(f"<li>{say(message, language)}.</li>" for message in report.unchecked)
        yield f"<ul>\n{items}\n</ul>"


def _steps(report: Report, language: Language) -> Iterator[str]:
    steps = report.provenance.steps
    if not steps:
        yield f"<p>{say('Nothing is on record.', language)}</p>"
        return
    shown = pd.DataFrame(
        {
            translate("Step", language): [step.what.text(language) for step in steps],
            translate("Rows", language): [step.n_rows for step in steps],
            translate("Columns", language): [", ".join(step.columns) for step in steps],
        }
    )
    yield table(shown, say("What was done to how many rows when the file was read", language), language)


def _origin(report: Report, language: Language) -> str:
    origin = report.provenance
    entries = {
        "Dataset": report.dataset_name,
        "File": origin.file_name,
        "Layout": origin.layout,
        "Source": origin.source,
        "Version": origin.version,
        "Licence": origin.licence,
        "SHA-256": origin.sha256,
    }
    rows = number_text(origin.n_rows_read, language) if origin.n_rows_read else ""
    named = {say(name, language): say(value, language) for name, value in entries.items()}
    return pairs({**named, say("Rows in the file", language): rows})
