"""Columns of numbers: how their texts are read, and what is said about it."""

from __future__ import annotations

import re
from dataclasses import replace

from pk_research.codebook import Variable
from pk_research.language import Message
from pk_research.sources.categories import shown
from pk_research.sources.cells import NO_NUMBER, text_of
from pk_research.sources.columns import Cell, Column
from pk_research.sources.dataset import Step
from pk_research.sources.infer import may_be_numbers
from pk_research.sources.numbers import Context, Decision, Number, decide, read_number

NUMERIC = ("integer", "number")
# A currency or sign, the number, a sign or a unit; not "1. Yes", not "12A".
_WITH_NUMBER = re.compile(
    r"(?:[(<>≤≥~$€+-]|rp\.?|idr|usd|\s)*"
    r"([0-9](?:[0-9.,]*[0-9])?)"
    r"(?:,-|\s*[%*)]+|(?![a-z]$)\s*[^\W\d_][^0-9]*[23]?)?",
    re.IGNORECASE,
)


def decide_column(column: Column, declared: Variable | None, total: Cell | None) -> Decision | None:
    """Decide how a column is read as numbers.

    Parameters
    ----------
    column
        Missing codes are blank, signs for "no answer" not yet.
    declared
        Its variable, when it is declared.
    total
        Its cell in a row of totals.

    Returns
    -------
    Decision
        None when the column is declared to hold something else, or holds no numbers.
    """
    if declared.kind not in NUMERIC if declared else not may_be_numbers(column):
        return None
    counts = {text: n for text, n in zip(column.levels, column.counts, strict=True) if text not in NO_NUMBER}
    texts = tuple(text for text in counts if isinstance(text, str))
    published = total if isinstance(total, str) and len(texts) == len(counts) else None
    context = Context(tuple(counts[text] for text in texts), published)
    if declared is None:
        decision = decide(texts, context=context)
        return decision if decision.style or decision.ambiguous or not texts else None
    whole = declared.kind == "integer"
    context = replace(context, minimum=declared.minimum, maximum=declared.maximum, whole=whole)
    decision = decide(texts, context=context)
    if decision.ambiguous and not whole and not any("," in text for text in texts):
        return Decision("point", Message("the codebook declares numbers, whose decimal sign is the point"))
    return decision


def numbers_of(column: Column, decision: Decision) -> list[Number | None]:
    """Read the levels of a column as numbers in the style decided; None where one is none."""

    def read(level: Cell) -> Number | None:
        if isinstance(level, str):
            return read_number(level, decision.style or "whole")
        return level if isinstance(level, int | float) else None

    return [read(level) for level in column.levels]


def report_numbers(column: Column, decision: Decision) -> list[Step]:
    """Report what signs in numbers mean, unless there was nothing but a decimal point."""
    signed = [text for text in column.texts if "," in text or (decision.style != "point" and "." in text)]
    if not signed or decision.evidence is None:
        return []
    values = {"column": column.name, "evidence": decision.evidence}
    if decision.style == "point":
        what = Message("{column}: commas separate thousands, a point decimals; {evidence}", values)
    elif decision.style == "comma":
        what = Message("{column}: points separate thousands, a comma decimals; {evidence}", values)
    else:
        what = Message("{column} was kept as text, declare it in a codebook: {evidence}", values)
    return [Step(what, column.n_with(signed) if decision.style else column.n_filled, (column.name,))]


def report_words(column: Column) -> list[Step]:
    """Report a column kept as text although more than half of its answers are or hold a number.

    Words may stand among the numbers (``tidak tahu``), or signs and units with them (``5%``,
    ``Rp 1.200.000``, ``(12)``).
    """
    numbers = column.map(_number_in)
    n_answers = column.n_filled - column.n_with(NO_NUMBER)
    if not may_be_numbers(numbers) or 2 * numbers.n_filled <= n_answers:
        return []
    odd = [level for level in column.levels if level not in NO_NUMBER and _number_in(level) != level]
    if any(_number_in(level) != "" for level in odd):
        what = Message(
            "{column} was kept as text although most of its values look like numbers: {texts}; "
            "clean them, or declare the column in a codebook",
            {"column": column.name, "texts": shown(map(text_of, odd))},
        )
    else:
        what = Message(
            "{column} was kept as text: words stand among its numbers: {words}",
            {"column": column.name, "words": shown(map(text_of, odd))},
        )
    return [Step(what, column.n_with(odd), (column.name,))]


def _number_in(level: Cell) -> Cell:
    """Return a number as it is, the number in a text such as ``5%``, or nothing."""
    if not isinstance(level, str):
        return level if isinstance(level, int | float) else ""
    found = _WITH_NUMBER.fullmatch(level)
    options = (level, found[1]) if found else (level,)
    return next((text for text in options if _is_number(text)), "")


def _is_number(text: str) -> bool:
    return read_number(text, "point") is not None or read_number(text, "comma") is not None
