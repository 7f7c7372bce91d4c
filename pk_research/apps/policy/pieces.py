"""Pieces of HTML that several tabs write: figures with their intervals, and strips that show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from pk_research.apps.markup import table
from pk_research.apps.products.pieces import money
from pk_research.language import Bilingual, Language, Message

COLUMNS = 30


def money_range(low: float, high: float, language: Language) -> str:
    """Return from how much to how much rupiah.

    Examples
    --------
    >>> money_range(-2e6, 5e6, "en").replace("\N{NO-BREAK SPACE}", " ")
    '−IDR 2 million to IDR 5 million'
    """
    return escape(_range(low, high, language))


def _range(low: float, high: float, language: Language) -> str:
    ends = {"low": signed_money(low, language), "high": signed_money(high, language)}
    first, _, last = Message("{low} to {high}", ends).text(language).rpartition(" ")
    return f"{first}\N{NO-BREAK SPACE}{last}"  # on a phone, the word between two amounts has no line alone


def signed_money(value: float, language: Language) -> str:
    r"""Return rupiah that no line breaks apart, with the minus sign, no hyphen, before the currency.

    Examples
    --------
    >>> signed_money(-183_200_000, "id"), signed_money(2_500_000, "en")
    ('−Rp183,2\xa0juta', 'IDR\xa02.5\xa0million')
    """
    sign = "−" if value < 0 else ""
    return f"{sign}{money(abs(value), language)}".replace(" ", "\N{NO-BREAK SPACE}")


def bars(values: np.ndarray, middle: float, low: float, high: float, language: Language) -> str:
    """Return how often each amount was drawn as columns, losses hollow, above the interval.

    Parameters
    ----------
    values
        Drawn amounts, IDR.
    middle, low, high
        Their expected value and interval.
    language
        Of what a screen reader reads instead, and of the ends.
    """
    least, most = min(0.0, float(values.min())), max(0.0, float(values.max()))
    width = (most - least) / COLUMNS or 1.0
    first, last = int(np.floor(least / width)), int(np.ceil(most / width))
    edges = width * np.arange(first, last + 1)
    counts, _ = np.histogram(values, edges)
    tall = counts.max()
    columns = "".join(
        f"<rect class='{'pk-loss' if number < -first else 'pk-won'}' x='{10 * number + 1}'"
        f" y='{100 - 100 * count / tall:.1f}' width='8' height='{100 * count / tall:.1f}'/>"
        for number, count in enumerate(counts)
        if count
    )
    told = Message(
        "Income less cost in {n} draws: a loss in {lost}%; expected {middle}, mostly {range}",
        {"n": len(values), "lost": round(100 * float((values < 0).mean()), 1),
         "middle": signed_money(middle, language), "range": _range(low, high, language)},
    ).text(language)  # fmt: skip
    ends = (float(edges[0]), float(edges[-1]))
    return (
        f"<figure class='pk-histogram'><svg role='img' aria-label='{escape(told)}' preserveAspectRatio='none'"
        f" viewBox='0 0 {10 * len(counts)} 100'>{columns}</svg>{strip(middle, low, high, ends)}"
        "<p class='pk-ends' aria-hidden='true'>"
        f"<span>{signed_money(ends[0], language)}</span><span>{signed_money(ends[1], language)}</span>"
        "</p></figure>"
    )


def figures(rows: Iterable[tuple[Bilingual, str, str]], language: Language) -> str:
    """Return a list of figures: name, figure, and a note below it; both are HTML already."""
    entries = "".join(
        f"<div><dt>{escape(name.text(language))}</dt>"
        f"<dd>{figure}{f'<small>{note}</small>' if note else ''}</dd></div>"
        for name, figure, note in rows
    )
    return f"<dl class='pk-figures'>{entries}</dl>"


def strip(middle: float, low: float, high: float, ends: tuple[float, float], *, at: float = 0.0) -> str:
    """Return an interval as a bar with a dot, and a line at what it is held against.

    Parameters
    ----------
    middle, low, high
        The figure and its interval.
    ends
        What the ends of the strip stand for; the same for all strips of a table.
    at
        Where the line stands: by default where nothing is gained or lost.
    """
    least, most = ends
    span = (most - least) or 1.0

    def place(value: float) -> float:
        return float(np.clip(100 * (value - least) / span, 0, 100))

    zero = f"<i class='pk-zero' style='left:{place(at):.1f}%'></i>" if least < at < most else ""
    return (
        f"<span class='pk-strip' aria-hidden='true'>{zero}"
        f"<i class='pk-interval' style='left:{place(low):.1f}%;width:{place(high) - place(low):.1f}%'></i>"
        f"<i class='pk-dot' style='left:{place(middle):.1f}%'></i></span>"
    )


def wide(
    headings: Sequence[str], rows: Iterable[Sequence[str]], label: str, *, numeric: Sequence[int]
) -> str:
    """Return a table that is moved sideways in its box where it is too wide; HTML but for the label."""
    shown = table(headings, rows, numeric=numeric)
    return f"<div class='pk-wide' tabindex='0' role='group' aria-label='{escape(label)}'>{shown}</div>"


def paragraphs(text: str) -> str:
    """Return an account as one escaped paragraph."""
    return f"<p>{escape(text)}</p>"
