"""Which sign separates thousands and which the decimals: decided for a whole column.

A text such as ``1.234`` is a number in two ways: 1.234 read with a decimal point, 1 234 read with
a decimal comma. One cell cannot tell; its column often can, by texts that read only one way
(``0.7029``, ``1.234.567``, ``1.234,5``), by its published total, or by a declared range.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pk_research.language import Message

Style = Literal["whole", "point", "comma"]
Number = int | float

_POINT = re.compile(
    r"[+-]?(?:(?:[0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?"
)
_COMMA = re.compile(r"[+-]?(?:(?:[0-9]+|[1-9][0-9]{0,2}(?:\.[0-9]{3})+)(?:,[0-9]+)?|,[0-9]+)")
_UNLIKELY = 1000


@dataclass(frozen=True, slots=True)
class Decision:
    """How the texts of a column are read as numbers.

    Attributes
    ----------
    style
        ``"whole"`` (digits only), ``"point"`` (decimal point, commas between thousands),
        ``"comma"`` (decimal comma, points between thousands), or None: not numbers, or undecided.
    evidence
        What decided, or why nothing could; None where there was nothing to decide.
    ambiguous
        True when every text is a number but nothing tells which.
    """

    style: Style | None
    evidence: Message | None = None
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """What is known about a column besides its texts.

    Attributes
    ----------
    counts
        How often each text occurs; once each when empty.
    total
        Text of the column's cell in a row of totals.
    minimum, maximum
        Declared range.
    whole
        True when the column is declared to hold whole numbers.
    """

    counts: tuple[int, ...] = ()
    total: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    whole: bool = False


def read_number(text: str, style: Style) -> Number | None:
    """Read one text in a style; None when it is no number in that style.

    Examples
    --------
    >>> read_number("1.234,5", "comma"), read_number(" 400,000,000 ", "point"), read_number("-", "point")
    (1234.5, 400000000, None)
    """
    pattern = _COMMA if style == "comma" else _POINT
    if not pattern.fullmatch(text):
        text = text.strip().replace("\u2212", "-")
        if not pattern.fullmatch(text):
            return None
    if style == "comma":
        text = text.replace(".", "").replace(",", ".")
    elif "," in text:
        text = text.replace(",", "")
    return float(text) if "." in text or "e" in text or "E" in text else int(text)


def decide(texts: Sequence[str], *, context: Context | None = None) -> Decision:
    """Decide how the distinct texts of a column are read as numbers.

    Parameters
    ----------
    texts
        Distinct texts; none blank, none standing for a missing answer.
    context
        What else is known of the column.

    Examples
    --------
    >>> decide(["12,5", "1.234"]).style, decide(["1.234", "5.678"]).ambiguous, decide(["owner"]).style
    ('comma', True, None)
    """
    readings = [(text, read_number(text, "point"), read_number(text, "comma")) for text in texts]
    if not readings or any(point is None and comma is None for _, point, comma in readings):
        return Decision(None)
    only_point = next((text for text, _, comma in readings if comma is None), None)
    only_comma = next((text for text, point, _ in readings if point is None), None)
    if only_point is not None and only_comma is not None:
        values = {"one": only_point, "other": only_comma}
        conflict = Message("“{one}” has a decimal point and “{other}” a decimal comma", values)
        return Decision(None, conflict, ambiguous=True)
    certain = only_point if only_point is not None else only_comma
    if certain is not None:
        evidence = Message("“{text}” can be read in one way only", {"text": certain})
        return Decision("point" if only_comma is None else "comma", evidence)
    both = [(text, point or 0, comma or 0) for text, point, comma in readings]
    if all(point == comma for _, point, comma in both):
        return Decision("whole")
    return _weigh(both, context or Context())


def adds_up(values: Sequence[Number], total: Number) -> bool:
    """Tell whether values add up to a published total, allowing for the rounding of decimals.

    Examples
    --------
    >>> adds_up([0.333, 0.333, 0.333], 1.0), adds_up([25, 6, 32], 64)
    (True, False)
    """
    if all(float(value).is_integer() for value in (*values, total)):
        return sum(values) == total
    decimals = max(len(repr(float(value)).partition(".")[2]) for value in (*values, total))
    return abs(math.fsum(values) - total) <= 0.5 * (len(values) + 1) * 10.0**-decimals


def _weigh(readings: Sequence[tuple[str, Number, Number]], context: Context) -> Decision:
    """Decide where every text is a number in both styles, by what is known besides."""
    text = next(text for text, point, comma in readings if point != comma)
    grouped: Style = "point" if "," in text else "comma"
    styles: dict[Style, list[Number]] = {
        "point": [point for _, point, _ in readings],
        "comma": [comma for _, _, comma in readings],
    }
    if context.total is not None:
        fitting = [style for style, values in styles.items() if _gives_total(values, style, context)]
        if len(fitting) == 1:
            values = {"total": context.total}
            return Decision(
                fitting[0], Message("only so do the values add up to the total “{total}”", values)
            )
    if context.whole:
        return Decision(grouped, Message("the codebook declares whole numbers"))
    inside = [style for style, values in styles.items() if _all_inside(values, context)]
    if len(inside) == 1:
        return Decision(inside[0], Message("only so do all values lie in the declared range"))
    if _parted_at_thousand(readings, grouped):
        evidence = Message(
            "every number without a sign lies below those with one, such as “{text}”", {"text": text}
        )
        return Decision(grouped, evidence)
    return Decision(None, Message("“{text}” can be thousands or decimals", {"text": text}), ambiguous=True)


def _gives_total(values: list[Number], style: Style, context: Context) -> bool:
    total = read_number(context.total or "", style)
    counts = context.counts or (1,) * len(values)
    repeated = [value for value, count in zip(values, counts, strict=True) for _ in range(count)]
    return total is not None and adds_up(repeated, total)


def _all_inside(values: list[Number], context: Context) -> bool:
    low = -math.inf if context.minimum is None else context.minimum
    high = math.inf if context.maximum is None else context.maximum
    return all(low <= value <= high for value in values)


def _parted_at_thousand(readings: Sequence[tuple[str, Number, Number]], grouped: Style) -> bool:
    """Tell whether only thousands explain which numbers have a sign.

    Were the sign a decimal one, all the numbers with decimals would be smaller than all those
    without. That n plain and k signed numbers fall apart so by chance has the probability
    1 / C(n + k, k); below one in a thousand it is no chance.
    """
    decimals = [abs(comma if grouped == "point" else point) for _, point, comma in readings if point != comma]
    plain = [abs(point) for _, point, comma in readings if point == comma and point]
    if not plain or min(plain) <= max(decimals) or max(plain) >= 1000:
        return False
    return math.comb(len(plain) + len(decimals), len(decimals)) >= _UNLIKELY
