"""What a check reports: which rows, how grave, and what was expected instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Literal, get_args

import pandas as pd

from pk_research.language import Bilingual, Message

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
NAMED = 5


@dataclass(frozen=True, eq=False)
class Finding:
    """One thing that is, or may be, wrong with a dataset.

    Attributes
    ----------
    check
        Identifier of the check, such as ``"range"``; `wording.CHECKS` says it in words.
    severity
        ``"error"``: the rows cannot be used as they stand. ``"warning"``: somebody should look.
        ``"note"``: for the record.
    message
        The sentence, in either language.
    n_rows
        Rows of the dataset that are affected, each counted once.
    columns
        Columns the finding is about.
    rows
        Every affected value, none left out: ``row`` (counted from 1 in the dataset), the columns
        that identify it, ``column``, ``value`` and ``expected`` (both as text; missing where there
        is nothing to say).
    """

    check: str
    severity: Severity
    message: Message
    n_rows: int
    columns: tuple[str, ...]
    rows: pd.DataFrame


def by_severity(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Put errors first, then warnings, then notes, else in the order found."""
    return tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)))


def percent_of(share: float) -> float:
    """Return a percentage of which a small one never looks like none.

    Examples
    --------
    >>> percent_of(0.93184), percent_of(0.0000535)
    (93.2, 0.0053)
    """
    percent = 100 * share
    return round(percent, 1) if percent >= 1 else float(f"{percent:.2g}")


def some_of(parts: Iterable[str | Bilingual]) -> str | Bilingual:
    """Name the first few of a list, which is not empty, and count the rest.

    Examples
    --------
    >>> some_of("abcdefgh").text("en")
    'a, b, c, d, e and 3 more'
    """
    every = list(parts)
    shown = reduce(_joined, every[:NAMED])
    n_more = len(every) - NAMED
    return Message("{names} and {n} more", {"names": shown, "n": n_more}) if n_more > 0 else shown


def _joined(first: str | Bilingual, last: str | Bilingual) -> Message:
    return Message("{first}, {last}", {"first": first, "last": last})
