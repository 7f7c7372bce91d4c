"""Names of products made comparable, and freed of persons."""

from __future__ import annotations

import re

from pk_research.register.names import spelling_key

# Words that say where, how or by whom, not what.
_EMPTY = frozenset(
    [
        "asli",
        "khas",
        "bekasi",
        "produk",
        "usaha",
        "dagang",
        "umkm",
        "ukm",
        "olahan",
        "aneka",
        "macam",
        "berbagai",
        "dan",
        "serta",
        "produksi",
        "pembuatan",
        "pembuat",
        "pengrajin",
        "perajin",
        "industri",
        "rumahan",
        "oleh",
        "jual",
        "jualan",
        "penjualan",
        "warga",
    ]
)
_SHORT = {
    "krupuk": "kerupuk",
    "kripik": "keripik",
    "mie": "mi",
    "krpk": "kerupuk",
    "kpk": "kerupuk",
    "krpik": "keripik",
    "tlr": "telur",
    "telor": "telur",
    "kerjn": "kerajinan",
    "kraj": "kerajinan",
    "bdy": "budidaya",
    "bd": "budidaya",
    "ik": "ikan",
    "rmpt": "rumput",
    "bmb": "bambu",
    "awi": "bambu",
    "supa": "jamur",
    "endog": "telur",
    "lauk": "ikan",
}
_WORD = re.compile(r"[^\W_]+")
_PERSON = re.compile(
    r"\b(?:milik\s+)?(?:(?:ibu|bu|bapak|bpk|pak|haji|hajah|hj|mpok|mbak|mbok|bang|abah|emak|mak|kang|ustadz?|ny"
    r"|tn|sdri?)\b\.?|h\.)\s*(?:(?:haji|hj?)\b\.?\s*)?[^\W\d_]+",
    re.IGNORECASE,
)
_CONTACT = re.compile(r"\S+@\S+|https?://\S+|\+?\d[\d\s().-]{5,}\d")


def product_key(text: str) -> str:
    """Fold a product's name so that spellings, abbreviations and orders of words meet.

    Parameters
    ----------
    text
        A name as written.

    Returns
    -------
    str
        Its telling words, spelled the new way, sorted; empty where there is none.

    Examples
    --------
    >>> product_key("Telor ASIN khas Bekasi") == product_key("asin, tlr")
    True
    """
    words = [word.lower() for word in _WORD.findall(text)]
    telling = [_SHORT.get(word, word) for word in words if word not in _EMPTY]
    # spelling_key counts numerals from the second word on; each word is folded alone.
    return " ".join(sorted({spelling_key(word) for word in telling if not word.isdigit()} - {""}))


def without_persons(text: str) -> str:
    """Take telephone numbers, addresses of mail, and names after a title out of a text.

    A person named without a title cannot be recognised: the list a person decides on is not for
    publication.

    Parameters
    ----------
    text
        As written.

    Examples
    --------
    >>> without_persons("Kerupuk Bu Siti 0812 3456 7890")
    'Kerupuk'
    """
    return " ".join(_PERSON.sub(" ", _CONTACT.sub(" ", text)).split()).strip(" ,.;:-")
