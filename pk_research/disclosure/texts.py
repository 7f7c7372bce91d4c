"""Free text is read by a person before it leaves; what looks personal does not leave at all."""

from __future__ import annotations

import re
from collections.abc import Collection

import pandas as pd

PERSONAL = {
    "identity number": re.compile(r"(?<!\d)\d{16}(?!\d)"),
    "telephone": re.compile(r"(?<![\d.,])(?:\+?62|0)[\s.-]?8\d(?:[\s.-]?\d){6,11}(?!\d)"),
    "e-mail": re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"),
    "web address": re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE),
    "address": re.compile(r"\b(?:jl|jln|jalan|gg|gang)\b\.?\s*\w+|\bR[TW]\s*[.:/]?\s*\d+", re.IGNORECASE),
    "name": re.compile(r"\b(?:Bpk|Bapak|Pak|Ibu|Bu|Sdr|Sdri|Hj|H|Ust|Kiai|KH)\b\.?\s+[A-Z]\w+"),
    "coordinates": re.compile(r"-?\d{1,3}[.,]\d{4,}\s*[,;\s]\s*-?\d{1,3}[.,]\d{4,}"),
}


def found_in(text: str) -> tuple[str, ...]:
    """Return what in a text looks personal, by kind; nothing found is no proof that nothing is there.

    Examples
    --------
    >>> found_in("Hubungi Pak Dedi, 0812-3456-7890"), found_in("Kerupuk udang")
    (('telephone', 'name'), ())
    """
    return tuple(kind for kind, pattern in PERSONAL.items() if pattern.search(text))


def to_review(texts: pd.Series) -> pd.DataFrame:
    """List the different texts of a column for whoever reviews them.

    Parameters
    ----------
    texts
        Free text; missing ones are left out.

    Returns
    -------
    pandas.DataFrame
        One row a text, those that look personal first: ``text``, ``n_rows``, ``looks_personal`` (kinds
        that were found, empty for none).

    Examples
    --------
    >>> to_review(pd.Series(["enak", "enak", "WA 081234567890"]))["text"].tolist()
    ['WA 081234567890', 'enak']
    """
    counted = texts.dropna().astype(str).value_counts()
    listed = pd.DataFrame({"text": counted.index, "n_rows": counted.to_numpy()})
    listed["looks_personal"] = [", ".join(found_in(text)) for text in listed["text"]]
    order = listed.assign(clean=listed["looks_personal"] == "")
    return order.sort_values(["clean", "text"], ignore_index=True)[["text", "n_rows", "looks_personal"]]


def reviewed(texts: pd.Series, approved: Collection[str]) -> tuple[pd.Series, int]:
    """Keep the texts a person approved, word for word, unless they look personal.

    Parameters
    ----------
    texts
        Free text.
    approved
        Texts that may leave.

    Returns
    -------
    tuple
        The texts, missing where they may not leave, and how many were withheld.

    Examples
    --------
    >>> kept, n = reviewed(pd.Series(["enak", "WA 081234567890"]), ["enak", "WA 081234567890"])
    >>> kept.tolist(), n
    (['enak', nan], 1)
    """
    allowed = {text for text in approved if not found_in(text)}
    kept = texts.where(texts.isin(allowed))
    return kept, int((texts.notna() & kept.isna()).sum())
