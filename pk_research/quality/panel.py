"""Villages over the years: which lack a year, and which only go by another code."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from pk_research.language import Message
from pk_research.quality.findings import Finding, some_of
from pk_research.quality.subject import PLACES, Subject
from pk_research.sources.vocabulary import VILLAGE, VILLAGE_CODE, YEAR


def panel_findings(subject: Subject) -> Iterator[Finding]:
    """Report villages whose code changes from year to year, then those that lack a year."""
    if not {VILLAGE_CODE.name, YEAR.name} <= set(subject.key) & set(subject.frame):
        return
    years = _years_of_incomplete(subject)
    renamed = _codes_of_one_village(subject, years)
    yield from _changed_codes(subject, renamed)
    yield from _absent_years(subject, years.drop(renamed.index))


def _years_of_incomplete(subject: Subject) -> pd.Series:
    """Return the years of each code that does not have all of them."""
    rows = subject.frame[[VILLAGE_CODE.name, YEAR.name]].dropna().drop_duplicates()
    n_years = rows[VILLAGE_CODE.name].map(rows[VILLAGE_CODE.name].value_counts())
    short = rows[n_years < rows[YEAR.name].nunique()]
    return short.groupby(VILLAGE_CODE.name, observed=True)[YEAR.name].agg(frozenset)


def _codes_of_one_village(subject: Subject, years: pd.Series) -> pd.Series:
    """Find codes that share all names of places and never a year.

    Returns
    -------
    pandas.Series
        Code -> all codes of that village, joined by commas.
    """
    names = [name for name in PLACES if name in subject.frame]
    if VILLAGE.name not in names or years.empty:
        return pd.Series(dtype="string")
    rows = subject.frame[subject.frame[VILLAGE_CODE.name].isin(years.index)].dropna(subset=names)
    villages = rows.groupby(names, observed=True)[VILLAGE_CODE.name].unique()
    found = {
        code: ", ".join(sorted(codes))
        for codes in villages
        if len(codes) > 1 and sum(map(len, years[codes])) == len(frozenset().union(*years[codes]))
        for code in codes
    }
    return pd.Series(found, dtype="string")


def _changed_codes(subject: Subject, codes: pd.Series) -> Iterator[Finding]:
    rows = subject.frame.index[subject.frame[VILLAGE_CODE.name].isin(codes.index)]
    if len(rows):
        message = Message(
            "Villages that go by different codes in different years: {n} ({names})",
            {"n": codes.nunique(), "names": some_of(dict.fromkeys(subject.names(rows)))},
        )
        expected = subject.frame.loc[rows, VILLAGE_CODE.name].map(codes)
        listing = subject.listing(rows, VILLAGE_CODE.name, expected=expected)
        yield subject.finding("code-change", "warning", message, [listing])


def _absent_years(subject: Subject, years: pd.Series) -> Iterator[Finding]:
    first = subject.frame.drop_duplicates(VILLAGE_CODE.name)
    rows = first.index[first[VILLAGE_CODE.name].isin(years.index)]
    if len(rows):
        all_years = sorted(subject.frame[YEAR.name].dropna().unique())
        seen = first.loc[rows, VILLAGE_CODE.name].map(years)
        message = Message(
            "Villages without a row in some of the {n_years} years: {n} ({names})",
            {"n": len(rows), "n_years": len(all_years), "names": some_of(subject.names(rows))},
        )
        listing = subject.listing(
            rows,
            YEAR.name,
            value=seen.map(lambda known: ", ".join(map(str, sorted(known)))),
            expected=", ".join(map(str, all_years)),
        )
        yield subject.finding("absent-year", "note", message, [listing])
