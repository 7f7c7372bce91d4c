"""Pieces of HTML that several tabs write: money, months, ranges and ranks."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import pandas as pd

from pk_research.apps.markup import sentence
from pk_research.disclosure import withheld_message
from pk_research.language import Language, Message, number_text
from pk_research.products.assignment.money import millions
from pk_research.products.buyers.words import month_text

NONE = "–"
WITHOUT = Message("Nothing here is reckoned with them, so that no two answers tell them by their difference")
IN_SIGHT = 5
MILLION_IDR, BILLION_IDR = 1_000_000, 1_000_000_000


def money(value: float, language: Language) -> str:
    """Return rupiah, in millions or billions where there are so many; a dash for missing.

    Examples
    --------
    >>> money(6_887_900_000, "id"), money(2_500_000, "id"), money(18_000, "id"), money(float("nan"), "id")
    ('Rp6,89 miliar', 'Rp2,5 juta', 'Rp18.000', '–')
    """
    if pd.isna(value):
        return NONE
    if abs(value) >= BILLION_IDR:
        return escape(Message("IDR {amount} billion", {"amount": round(value / 1e9, 2)}).text(language))
    if abs(value) >= MILLION_IDR:
        return escape(millions(value).text(language))
    return escape(Message("IDR {amount}", {"amount": round(value)}).text(language))


def amount(value: float, language: Language) -> str:
    """Return a whole number; a dash for missing.

    Examples
    --------
    >>> amount(1234.6, "id"), amount(float("nan"), "id")
    ('1.235', '–')
    """
    return NONE if pd.isna(value) else number_text(round(value), language)


def months(season: tuple[int, ...], language: Language) -> str:
    """Return the months of a season; a dash where nobody told them."""
    return escape(month_text(season, language)) if season else NONE


def between(low: float, high: float, language: Language, *, times: float = 1) -> str:
    """Return a range of whole numbers.

    Examples
    --------
    >>> between(0.1, 0.25, "id", times=100)
    '10–25'
    """
    ends = [number_text(round(times * end), language) for end in (low, high)]
    return ends[0] if ends[0] == ends[1] else "–".join(ends)


def places(ranks: pd.Series, language: Language) -> list[str]:
    """Return ranks as people write them: those that share a place have the best one, with a sign for it.

    Examples
    --------
    >>> places(pd.Series([1.0, 2.5, 2.5, float("nan")]), "id")
    ['1', '2=', '2=', '–']
    """
    best, shared = ranks.rank(method="min"), ranks.duplicated(keep=False) & ranks.notna()
    return [
        f"{number_text(rank, language)}{'=' * is_shared}"
        for rank, is_shared in zip(best, shared, strict=True)
    ]


def bar(share: float, low: float, high: float) -> str:
    """Return a share from 0 to 1 as a dot on a line, its interval around it."""
    spread = f"left:{100 * low:.1f}%;width:{100 * (high - low):.1f}%"
    return (
        f"<span class='pk-strip'><i class='pk-interval' style='{spread}'></i>"
        f"<i class='pk-dot' style='left:{100 * share:.1f}%'></i></span>"
    )


def paragraph(text: str, kind: str = "") -> str:
    """Return an escaped paragraph, of a kind where one is given; nothing for nothing."""
    if not text:
        return ""
    return f"<p class='{kind}'>{escape(text)}</p>" if kind else f"<p>{escape(text)}</p>"


def withheld_html(n: int, language: Language, then: Message | None = None) -> str:
    """Say how many figures are withheld and, where there are any, what follows from it.

    Examples
    --------
    >>> withheld_html(3, "en")
    "<p class='pk-hint'>Values of fewer than 5 people or enterprises are not shown: 3.</p>"
    """
    said = [withheld_message(n), *([then] if then is not None and n else [])]
    return f"<p class='pk-hint'>{' '.join(sentence(one, language) for one in said)}</p>"


def more(summary: str, body: str) -> str:
    """Return what is folded away until somebody asks; both are HTML already."""
    return f"<details><summary>{summary}</summary>{body}</details>"


def first_few(parts: Sequence[str], language: Language) -> str:
    """Return the first parts of a long list in sight, and the rest folded away; HTML already.

    Examples
    --------
    >>> first_few(["<p>a</p>", "<p>b</p>"], "en")
    '<p>a</p><p>b</p>'
    >>> first_few([f"<p>{n}</p>" for n in range(9)], "en")
    '<p>0</p>...<p>4</p><details><summary>4 more</summary><p>5</p>...</details>'
    """
    rest = parts[IN_SIGHT:]
    if len(rest) <= 1:
        return "".join(parts)
    summary = Message("{n} more", {"n": len(rest)}).text(language)
    return "".join(parts[:IN_SIGHT]) + more(escape(summary), "".join(rest))
