"""What the results of this chapter share when they are told to people."""

from __future__ import annotations

from collections.abc import Iterable

from pk_research.language import Bilingual, Language, Message
from pk_research.writing import MADE

SHOWN = 5
MOST_DECIMALS = 4
WHOLE = 1e-9


def told(sentences: Iterable[Bilingual], language: Language, *, made: bool = False) -> str:
    """Join sentences, each with its own full stop; made data says so first."""
    parts = [sentence.text(language) for sentence in sentences]
    return " ".join([f"{Message(MADE).text(language)}.", *parts] if made else parts)


def percent(share: float, decimals: int = 0) -> float:
    """Return a share in percent, rounded, but never as all or nothing where it is neither.

    Parameters
    ----------
    share
        Of 1.
    decimals
        To round to; more are taken, up to four, as long as a part would read as 0 or 100.

    Examples
    --------
    >>> percent(0.994), percent(0.9996), percent(0.004), percent(1.0)
    (99, 99.96, 0.4, 100)
    """
    exact = 100 * float(share)
    rounded: float = round(exact, decimals) if decimals else round(exact)
    if rounded not in (0, 100) or not WHOLE < share < 1 - WHOLE:
        return rounded
    if decimals < MOST_DECIMALS:
        return percent(share, decimals + 1)
    least: float = 10.0**-MOST_DECIMALS
    return least if rounded == 0 else 100 - least


def some(names: Iterable[object]) -> str:
    """Return the first few names, and how many there are in all where there are more.

    Examples
    --------
    >>> some("abcdefg")
    'a, b, c, d, e, … (7)'
    """
    found = [str(name) for name in names]
    return ", ".join(found[:SHOWN]) + (f", … ({len(found)})" if len(found) > SHOWN else "")


def listed(names: Iterable[Bilingual], language: Language) -> str:
    """Name things one after the other, in quotes."""
    return "; ".join(f"“{name.text(language)}”" for name in names)
