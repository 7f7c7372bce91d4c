"""Rows that are totals or means of other rows and would be counted as units."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import pandas as pd

from pk_research.language import Message
from pk_research.quality.findings import Finding, Severity, some_of
from pk_research.quality.subject import PLACES, ROW, WHOLE_ROW, Subject
from pk_research.quality.sums import additive_columns, agrees, rows_summed, sums_of_others
from pk_research.sources.vocabulary import KECAMATAN, REGENCY, VILLAGE

_TOTAL = r"(?:(?:grand|sub|jumlah)[\s-]*)?(?:total|jumlah)"
_MEAN = r"rata\s*-?\s*rata|average"
_REGENCY_OR_LARGER = r"(?:kabupaten|kab\.|provinsi|prov\.)\s*\S.*"
_LARGER_AREA = {
    VILLAGE.name: rf"(?:kecamatan|kec\.)\s*\S.*|{_REGENCY_OR_LARGER}",
    KECAMATAN.name: _REGENCY_OR_LARGER,
    REGENCY.name: r"(?:provinsi|prov\.)\s*\S.*",
}
NOTHING_ELSE = re.compile(rf"(?:{_TOTAL}(?:\s+(?:total|keseluruhan))?|{_MEAN}|indonesia)\s*:?", re.IGNORECASE)
BEGINNING = rf"(?:{_TOTAL}|{_MEAN})\b.*"
MEAN = re.compile(_MEAN, re.IGNORECASE)


def total_findings(subject: Subject) -> Iterator[Finding]:
    """Report rows whose label says that they are totals, then rows whose numbers say so."""
    labels = total_labels(subject)
    units = subject.without(labels.index)
    if len(labels):
        yield from _labelled(subject, units, labels)
    by_sum = rows_summed(units)
    if len(by_sum):
        yield _unlabelled(subject, units, by_sum)


def total_rows(findings: Iterable[Finding]) -> pd.Index:
    """Return the numbers of the rows that `total_findings` reported as totals."""
    numbers = [finding.rows[ROW] for finding in findings if finding.check == "total"]
    return pd.Index(pd.concat(numbers).unique()) if numbers else pd.Index([])


def total_labels(subject: Subject) -> pd.Series:
    """Find the rows whose label says total, mean, the whole country, or a larger area.

    A row with a village code is a village, unless its label is nothing but such a word.

    Returns
    -------
    pandas.Series
        Row number -> label.
    """
    found = pd.Series(dtype="string")
    coded = subject.is_coded if subject.has_village_codes else pd.Series(False, subject.frame.index)
    for name in _label_columns(subject):
        labels = subject.frame[name].astype("string").str.strip()
        longer = re.compile("|".join(filter(None, [BEGINNING, _LARGER_AREA.get(name)])), re.IGNORECASE)
        says_total = labels.str.fullmatch(NOTHING_ELSE) | (labels.str.fullmatch(longer) & ~coded)
        says_total = says_total.fillna(value=False).astype(bool)
        if says_total.sum() * 2 <= len(labels):
            found = found.combine_first(labels[says_total])
    return found.sort_index()


def _label_columns(subject: Subject) -> list[str]:
    texts = [v.name for v in subject.codebook if v.name in subject.frame and v.kind in ("string", "code")]
    return list(dict.fromkeys([name for name in texts if name in (*PLACES, *subject.key)] + texts[:1]))


def _labelled(subject: Subject, units: Subject, labels: pd.Series) -> Iterator[Finding]:
    message = Message(
        "Rows that are totals or means of others, not units: {n} ({labels}); left out of all other checks",
        {"n": len(labels), "labels": some_of(labels.unique())},
    )
    yield subject.finding("total", "error", message, [subject.listing(labels.index, WHOLE_ROW, value=labels)])
    sums = sums_of_others(subject, units, labels.index[~labels.str.contains(MEAN)])
    for severity, wrong in _disagreements(subject, sums).items():
        if len(wrong):
            told = Message(
                "Values of total rows that differ from what their rows add up to: {n}",
                {"n": sum(map(len, wrong))},
            )
            yield subject.finding("total-sum", severity, told, wrong)


def _disagreements(subject: Subject, sums: pd.DataFrame) -> dict[Severity, list[pd.DataFrame]]:
    """List wrong totals: warnings where other columns of the row do add up, notes where none does."""
    stated = subject.frame.loc[sums.index, sums.columns].astype("float64")
    same = agrees(stated, sums)
    wrong = stated.notna() & sums.notna() & ~same
    adds_up = same.any(axis=1)
    by_severity: dict[Severity, pd.Series] = {"warning": adds_up, "note": ~adds_up}
    return {
        severity: [
            subject.listing(wrong.index[rows & wrong[name]], name, expected=sums[name])
            for name in sums
            if (rows & wrong[name]).any()
        ]
        for severity, rows in by_severity.items()
    }


def _unlabelled(subject: Subject, units: Subject, rows: pd.Index) -> Finding:
    message = Message(
        "Rows that hold exactly the sum of others and look like totals: {n} ({names}); left out of all other "
        "checks",
        {"n": len(rows), "names": some_of(subject.names(rows))},
    )
    listings = [
        subject.listing(rows[units.frame.loc[rows, name].notna()], name) for name in additive_columns(units)
    ]
    return subject.finding("total", "warning", message, listings)
