"""Pieces of HTML that several tabs write: figures with their intervals, and strips that show them."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import numpy as np

from pk_research.apps.products.pieces import money
from pk_research.language import Bilingual, Language, Message


def money_range(low: float, high: float, language: Language) -> str:
    """Return from how much to how much rupiah.

    Examples
    --------
    >>> money_range(-2e6, 5e6, "en")
    'IDR −2 million to IDR 5 million'
    """
    ends = {"low": _signed(low, language), "high": _signed(high, language)}
    return escape(Message("{low} to {high}", ends).text(language))


def _signed(value: float, language: Language) -> str:
    return money(value, language).replace("-", "−")


def figures(rows: Iterable[tuple[Bilingual, str, str]], language: Language) -> str:
    """Return a list of figures: name, figure, and a note below it; both are HTML already."""
    entries = "".join(
        f"<div><dt>{escape(name.text(language))}</dt>"
        f"<dd>{figure}{f'<small>{note}</small>' if note else ''}</dd></div>"
        for name, figure, note in rows
    )
    return f"<dl class='pk-figures'>{entries}</dl>"


def strip(middle: float, low: float, high: float, ends: tuple[float, float]) -> str:
    """Return an interval as a bar with a dot, and a line where nothing is gained or lost.

    Parameters
    ----------
    middle, low, high
        The figure and its interval.
    ends
        What the ends of the strip stand for; the same for all strips of a table.
    """
    least, most = ends
    span = (most - least) or 1.0

    def at(value: float) -> float:
        return float(np.clip(100 * (value - least) / span, 0, 100))

    zero = f"<i class='pk-zero' style='left:{at(0):.1f}%'></i>" if least < 0 < most else ""
    return (
        f"<span class='pk-strip' aria-hidden='true'>{zero}"
        f"<i class='pk-interval' style='left:{at(low):.1f}%;width:{at(high) - at(low):.1f}%'></i>"
        f"<i class='pk-dot' style='left:{at(middle):.1f}%'></i></span>"
    )


def paragraphs(text: str) -> str:
    """Return an account as one escaped paragraph."""
    return f"<p>{escape(text)}</p>"
