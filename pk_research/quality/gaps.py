"""What is missing: by variable, by row, by village."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from pk_research.language import Message
from pk_research.quality.findings import Finding, Severity, percent_of, some_of
from pk_research.quality.subject import WHOLE_ROW, Subject
from pk_research.sources.vocabulary import VILLAGE_CODE

MUCH = 0.2
MOST = 0.5
FEWEST_VARIABLES = 4


def missing_by_variable(subject: Subject) -> pd.DataFrame:
    """Count what is missing in each variable.

    Returns
    -------
    pandas.DataFrame
        One row a column of the data: ``variable``, ``n_rows``, ``n_missing``, ``share`` (0 to 1;
        0 where there are no rows). All rows count, those outside a variable's universe too.
    """
    n_missing = subject.frame.isna().sum()
    n_rows = len(subject.frame)
    return pd.DataFrame(
        {
            "variable": n_missing.index,
            "n_rows": n_rows,
            "n_missing": n_missing.to_numpy(),
            "share": n_missing.to_numpy() / max(n_rows, 1),
        }
    )


def missing_by_village(subject: Subject) -> pd.DataFrame:
    """Count what is missing in each village, over all its rows.

    Variables with a universe are left out: whoever is outside it has rightly no value.

    Returns
    -------
    pandas.DataFrame
        One row a village that lacks something, most first: its code, names of places, ``n_rows``,
        ``n_values`` (missing ones included), ``n_missing``, ``share``. Empty when the data is not
        by village.
    """
    lacking = _lacking(subject)
    code = VILLAGE_CODE.name
    names = [name for name in subject.identity if name not in {code, *subject.key}]
    if not subject.has_village_codes or lacking.columns.empty:
        return pd.DataFrame(columns=[code, *names, "n_rows", "n_values", "n_missing", "share"])
    per_row = subject.frame[[code, *names]].assign(n_rows=1, n_missing=lacking.sum(axis=1))
    villages = per_row.groupby(code, as_index=False, observed=True).agg(
        {**dict.fromkeys(names, "first"), "n_rows": "sum", "n_missing": "sum"}
    )
    villages.insert(villages.columns.get_loc("n_missing"), "n_values", villages["n_rows"] * lacking.shape[1])
    villages["share"] = villages["n_missing"] / villages["n_values"]
    incomplete = villages[villages["n_missing"] > 0]
    return incomplete.sort_values(["share", code], ascending=[False, True], ignore_index=True)


def _lacking(subject: Subject) -> pd.DataFrame:
    asked_of_all = [variable.name for variable in subject.measured if not variable.universe]
    return subject.frame[asked_of_all].isna()


def gap_findings(subject: Subject) -> Iterator[Finding]:
    """Report variables, rows and villages that lack values."""
    yield from _by_variable(subject)
    empty = _empty_rows(subject)
    if len(empty):
        n_variables = _lacking(subject).shape[1]
        message = Message(
            "Rows without any of the {n_variables} values that every row should have: {n} ({names})",
            {"n": len(empty), "n_variables": n_variables, "names": some_of(subject.names(empty))},
        )
        yield subject.finding("empty-row", "warning", message, [subject.listing(empty, WHOLE_ROW)])
    yield from _by_village(subject.without(empty))


def _by_variable(subject: Subject) -> Iterator[Finding]:
    table = missing_by_variable(subject)
    table = table[(table["n_missing"] > 0) & ~table["variable"].isin(subject.key)]
    asked_of_some = table["variable"].isin([v.name for v in subject.codebook if v.universe])
    grave = table["variable"].isin(_lacking(subject).columns) & (table["share"] >= MUCH)
    cases: list[tuple[Severity, str, pd.DataFrame]] = [
        (
            "warning",
            "Variables that lack at least {percent}% of their values: {n} ({variables})",
            table[grave],
        ),
        ("note", "Variables that lack some values: {n} ({variables})", table[~grave & ~asked_of_some]),
        (
            "note",
            "Variables that were not asked of everybody, and lack some values: {n} ({variables})",
            table[asked_of_some],
        ),
    ]
    for severity, template, gaps in cases:
        if len(gaps):
            worst = gaps.sort_values(["share", "variable"], ascending=[False, True])
            named = [_variable_gap(subject, gap) for _, gap in worst.iterrows()]
            values = {"n": len(gaps), "percent": round(100 * MUCH), "variables": some_of(named)}
            listings = [
                subject.listing(subject.frame.index[subject.frame[name].isna()], name)
                for name in gaps["variable"]
            ]
            yield subject.finding("missing", severity, Message(template, values), listings)


def _variable_gap(subject: Subject, gap: pd.Series) -> Message:
    values = {
        "label": subject.label(gap["variable"]),
        "n": int(gap["n_missing"]),
        "percent": percent_of(gap["share"]),
    }
    return Message("{label}: {n} or {percent}%", values)


def _empty_rows(subject: Subject) -> pd.Index:
    lacking = _lacking(subject)
    return lacking.index[lacking.all(axis=1) & (lacking.shape[1] > 1)]


def _by_village(subject: Subject) -> Iterator[Finding]:
    """Name villages that lack most of their values although the others have theirs."""
    villages = missing_by_village(subject)
    lacking = _lacking(subject)
    if villages.empty or lacking.shape[1] < FEWEST_VARIABLES or lacking.to_numpy().mean() >= MOST:
        return
    codes = villages.loc[villages["share"] >= MOST, VILLAGE_CODE.name]
    rows = subject.frame.index[subject.frame[VILLAGE_CODE.name].isin(codes)]
    if len(rows):
        message = Message(
            "Villages that lack at least half of their values: {n} ({names})",
            {"n": len(codes), "names": some_of(subject.names(rows))},
        )
        listings = [
            subject.listing(rows[lacking.loc[rows, name]], name)
            for name in lacking
            if lacking.loc[rows, name].any()
        ]
        yield subject.finding("village-gap", "warning", message, listings)
