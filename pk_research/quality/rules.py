"""What a later chapter knows about how values hang together, checked here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from pk_research.language import Message
from pk_research.quality.findings import Finding, Severity
from pk_research.quality.subject import COLUMN, EXPECTED, ROW, VALUE, Subject, as_text
from pk_research.sources.dataset import Dataset


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which rows break a rule.

    Attributes
    ----------
    is_broken
        One boolean a row; a row that cannot be judged breaks nothing.
    expected
        What the judged column should hold, where that can be known.
    """

    is_broken: pd.Series
    expected: pd.Series | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition between the values of a row.

    Attributes
    ----------
    name
        Short and unique, such as ``"idm-is-mean"``.
    message
        What a broken rule means; may use ``{n}``, the number of rows that break it.
    columns
        Columns the rule needs, the judged one first; without them it is not applied.
    judge
        Frame -> `Verdict`.
    severity
        Of the finding.

    Examples
    --------
    >>> rule = Rule("sold", Message("{n} rows sold more than was made"), ("sold_kg", "made_kg"),
    ...             lambda frame: Verdict(frame["sold_kg"] > frame["made_kg"], frame["made_kg"]))
    >>> rule.judge(pd.DataFrame({"sold_kg": [1, 9], "made_kg": [5, 5]})).is_broken.tolist()
    [False, True]
    """

    name: str
    message: Message
    columns: tuple[str, ...]
    judge: Callable[[pd.DataFrame], Verdict]
    severity: Severity = "error"


def equals(
    column: str,
    value: Callable[[pd.DataFrame], pd.Series],
    *,
    of: Sequence[str],
    message: Message,
    tolerance: float = 0.0,
) -> Rule:
    """Make the rule that a column is what its parts give.

    Parameters
    ----------
    column
        The judged column: numbers, or text.
    value
        Frame -> what the parts give; missing where they cannot tell.
    of
        The parts.
    message
        What a difference means; may use ``{n}``.
    tolerance
        Largest difference that rounding explains.

    Examples
    --------
    >>> rule = equals("total", lambda frame: frame["men"] + frame["women"], of=["men", "women"],
    ...               message=Message("{n} totals differ from men and women together"))
    >>> rule.judge(pd.DataFrame({"total": [3, 9], "men": [1, 4], "women": [2, 4]})).is_broken.tolist()
    [False, True]
    """

    def judge(frame: pd.DataFrame) -> Verdict:
        expected = value(frame)
        stated = frame[column]
        if pd.api.types.is_numeric_dtype(stated):
            gap = stated.astype("float64") - expected.astype("float64")
            return Verdict(gap.abs() > tolerance, expected)
        return Verdict((stated.astype("string") != expected.astype("string")).fillna(value=False), expected)

    return Rule(f"{column}-of-parts", message, (column, *of), judge)


def rule_findings(subject: Subject, rules: Sequence[Rule]) -> Iterator[Finding]:
    """Report the rows that break each rule."""
    for rule in rules:
        if not set(rule.columns) <= set(subject.frame):
            continue
        verdict = rule.judge(subject.frame)
        broken = subject.frame.index[verdict.is_broken.fillna(value=False).astype(bool)]
        if len(broken):
            values = {**rule.message.values, "n": len(broken)}  # noqa: PD011 - of a message, not a frame
            message = Message(rule.message.template, values)
            listing = subject.listing(broken, rule.columns[0], expected=verdict.expected)
            yield subject.finding("rule", rule.severity, message, [listing])


def from_contradictions(dataset: Dataset, contradictions: pd.DataFrame) -> tuple[Finding, ...]:
    """Turn published values that contradict their parts into findings.

    Parameters
    ----------
    dataset
        What was recomputed.
    contradictions
        One row a contradiction: the key of the dataset, ``index`` (the contradicting column),
        ``published`` and ``recomputed`` (or ``published_status`` and ``recomputed_status`` for
        text), and ``inherited``: True where the value follows from other published values and the
        fault lies in those. As `indicators.idm.recompute` lists them.

    Returns
    -------
    tuple of Finding
        One a column, and one more where contradictions are inherited (a note).
    """
    subject = Subject.of(dataset)
    return tuple(
        _contradiction(subject, name, group, is_inherited=bool(inherited))
        for (name, inherited), group in contradictions.groupby(["index", "inherited"], sort=False)
    )


def _contradiction(subject: Subject, name: str, group: pd.DataFrame, *, is_inherited: bool) -> Finding:
    key = list(subject.key)
    numbers = subject.frame.reset_index()[[ROW, *key]].drop_duplicates(key, keep=False)
    located = group.merge(numbers, on=key, how="left").astype({ROW: "Int64"})
    is_text = (
        located["published"].isna() if "published_status" in located else pd.Series(False, located.index)
    )
    rows = located[[ROW, *(column for column in subject.identity if column in located)]].assign(
        **{
            COLUMN: name,
            VALUE: as_text(located["published"]).mask(is_text, located.get("published_status")),
            EXPECTED: as_text(located["recomputed"]).mask(is_text, located.get("recomputed_status")),
        }
    )
    template = (
        "{label}: published values that follow from others that contradict their own parts: {n}"
        if is_inherited
        else "{label}: published values that contradict their own parts: {n}"
    )
    message = Message(template, {"label": subject.label(name), "n": len(rows)})
    severity: Severity = "note" if is_inherited else "error"
    return Finding("contradiction", severity, message, len(rows), (name,), rows)
