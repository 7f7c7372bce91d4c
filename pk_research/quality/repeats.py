"""Rows that stand more than once: exact copies, contradictory ones, and whole tables fanned out."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from pk_research.language import Message
from pk_research.quality.findings import Finding, Severity, some_of
from pk_research.quality.subject import WHOLE_ROW, Subject, is_running_number

FANNED_OUT = 1.5


def repeat_findings(subject: Subject) -> Iterator[Finding]:
    """Report exact copies, then what else repeats a key: a fan-out, or rows that contradict."""
    compared = [name for name in subject.frame if name in subject.key or not is_running_number(name)]
    if not compared:
        return
    copies = subject.frame.duplicated(compared, keep=False)
    if copies.any():
        yield _copies(subject, subject.frame.index[copies], compared)
    key = [name for name in subject.key if name in subject.frame]
    if not key:
        return
    distinct = subject.frame[~subject.frame.duplicated(compared)].dropna(subset=key)
    repeated = distinct[distinct.duplicated(key, keep=False)]
    if len(repeated):
        yield _fan_out(subject, distinct, repeated, key) or _conflict(subject, repeated, key)


def _copies(subject: Subject, rows: pd.Index, compared: list[str]) -> Finding:
    n_distinct = len(subject.frame.loc[rows, compared].drop_duplicates())
    message = Message(
        "Rows that are copies of one another: {n}, of which {n_distinct} suffice ({names}); keep one of each",
        {"n": len(rows), "n_distinct": n_distinct, "names": some_of(subject.names(rows))},
    )
    severity: Severity = "error" if subject.key else "warning"
    return subject.finding("duplicate", severity, message, [subject.listing(rows, WHOLE_ROW)])


def _fan_out(
    subject: Subject, distinct: pd.DataFrame, repeated: pd.DataFrame, key: list[str]
) -> Finding | None:
    """Recognise a join that repeated most keys: some columns stay constant, others vary."""
    n_keys = len(distinct.drop_duplicates(key))
    factor = len(distinct) / n_keys
    n_repeated = len(repeated.drop_duplicates(key))
    varying = _varying(repeated, key)
    constant = [variable.name for variable in subject.measured if variable.name not in varying]
    if factor < FANNED_OUT or n_repeated < n_keys / 2 or not constant:
        return None
    message = Message(
        "Rows that a join has repeated: {n} for no more than {n_keys} units, {factor} each on average; "
        "constant within a unit: {constant}; varying: {varying}",
        {
            "n": len(distinct),
            "n_keys": n_keys,
            "factor": round(factor, 1),
            "constant": some_of([subject.label(name) for name in constant]),
            "varying": some_of([subject.label(name) for name in varying]),
        },
    )
    return subject.finding("fan-out", "error", message, _listings(subject, varying))


def _conflict(subject: Subject, repeated: pd.DataFrame, key: list[str]) -> Finding:
    varying = _varying(repeated, key)
    message = Message(
        "Rows that share the key of another row ({key}) and say something else: {n} ({names}); "
        "they differ in: {varying}",
        {
            "n": len(repeated),
            "key": ", ".join(key),
            "names": some_of(subject.names(repeated.index)),
            "varying": some_of([subject.label(name) for name in varying]),
        },
    )
    return subject.finding("conflict", "error", message, _listings(subject, varying))


def _varying(repeated: pd.DataFrame, key: list[str]) -> dict[str, pd.Series]:
    """Tell which columns differ between rows of one key, and in which rows."""
    others = [name for name in repeated if name not in key and not is_running_number(name)]
    n_values = repeated.groupby(key, observed=True)[others].transform("nunique", dropna=False)
    differs = n_values > 1
    return {name: differs[name] for name in others if differs[name].any()}


def _listings(subject: Subject, varying: dict[str, pd.Series]) -> list[pd.DataFrame]:
    return [subject.listing(varies.index[varies], name) for name, varies in varying.items()]
