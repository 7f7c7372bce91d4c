"""Spellings that are one category: ``Tidak ada``, ``TIdak ada`` and ``Tidak<TAB>ada``."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

_CONTROL_SIGNS = {"\t": "\\t", "\n": "\\n", "\r": "\\r", "\u00a0": "\\u00a0"}


def spelling_key(text: str) -> str:
    r"""Return what spellings of one category have in common: letters, not case or white space.

    Examples
    --------
    >>> spelling_key("TIdak\tada ") == spelling_key("Tidak ada")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def merge_spellings(texts: Sequence[str], counts: Sequence[int]) -> Mapping[str, str]:
    r"""Choose one spelling for those that are one category: the most frequent one.

    Ties go to the spelling that sorts last, which is the one with fewer capitals; a spelling with
    tabs, line ends or doubled spaces is never chosen where a plain one exists.

    Parameters
    ----------
    texts, counts
        Distinct spellings, and how many rows have each.

    Returns
    -------
    Mapping
        Spelling -> chosen spelling, for those that change.

    Examples
    --------
    >>> merge_spellings(["Tidak ada", "TIdak ada", "Tidak\tada", "Ada"], [5, 2, 1, 9])
    {'TIdak ada': 'Tidak ada', 'Tidak\tada': 'Tidak ada'}
    """
    groups: dict[str, list[tuple[bool, int, str]]] = {}
    for text, count in zip(texts, counts, strict=True):
        groups.setdefault(spelling_key(text), []).append((text == " ".join(text.split()), count, text))
    chosen = {key: max(group)[2] for key, group in groups.items()}
    return {text: chosen[spelling_key(text)] for text in texts if chosen[spelling_key(text)] != text}


def match_categories(texts: Sequence[str], allowed: Iterable[str]) -> Mapping[str, str]:
    """Match spellings to declared categories.

    Returns
    -------
    Mapping
        Spelling -> declared category; texts that match none are left out.

    Examples
    --------
    >>> match_categories(["BERKEMBANG", "Besar"], ["Maju", "Berkembang"])
    {'BERKEMBANG': 'Berkembang'}
    """
    declared = set(allowed)
    by_key: dict[str, str] = {}
    for value in sorted(declared, reverse=True):
        by_key[spelling_key(value)] = value
    matched = {text: text if text in declared else by_key.get(spelling_key(text)) for text in texts}
    return {text: value for text, value in matched.items() if value is not None}


def shown(texts: Iterable[str], *, limit: int = 5) -> str:
    r"""Quote a few texts for a sentence, white space made visible.

    Examples
    --------
    >>> shown(["Tidak\tada", "ada"])
    '“Tidak\\tada”, “ada”'
    """
    listed = list(texts)
    quoted = ["".join(_CONTROL_SIGNS.get(sign, sign) for sign in text[:60]) for text in listed[:limit]]
    return ", ".join(f"“{text}”" for text in quoted) + (", …" if len(listed) > limit else "")
