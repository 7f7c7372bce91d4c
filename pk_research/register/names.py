"""Names made comparable: case, spaces, kind words, old spelling, numerals."""

from __future__ import annotations

import re
import unicodedata

from pk_research.register.village import Kind

_APOSTROPHES = re.compile("['’‘`´\"]")
_KIND = re.compile(
    r"\s*(?:(?:pemerintah|pemerintahan|kantor)\s+)?(pemdes|desa|ds|kelurahan|kel)\b[\s.:/-]*", re.IGNORECASE
)
_KINDS: dict[str, Kind] = {
    "pemdes": "desa", "desa": "desa", "ds": "desa", "kelurahan": "kelurahan", "kel": "kelurahan",
}  # fmt: skip
_OLD_SPELLING = (("tj", "c"), ("dj", "j"), ("sj", "sy"), ("oe", "u"))
_WORDS = ("satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh")
_ROMANS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_NUMERALS = {
    **dict(zip(_ROMANS, _WORDS, strict=True)),
    **{str(number): word for number, word in enumerate(_WORDS, start=1)},
}
_NUMERAL = re.compile(rf"\d+|{'|'.join(_WORDS)}")


def fold(text: str) -> str:
    """Keep only letters and digits, in small letters and without accents.

    Parameters
    ----------
    text
        A name.

    Examples
    --------
    >>> fold("BABELAN KOTA") == fold("Babelankota")
    True
    """
    return "".join(filter(str.isalnum, _plain(text)))


def spelling_key(text: str) -> str:
    """Fold a name so that spellings of one name meet.

    A kind word is left out. Old spelling becomes new (``oe`` to ``u``, ``dj`` to ``j``, ``tj`` to
    ``c``, ``sj`` to ``sy``). A Roman or Arabic numeral after the first word becomes the word.

    Parameters
    ----------
    text
        A name.

    Examples
    --------
    >>> spelling_key("Soekamadjoe II"), spelling_key("Ds. SUKAMAJU DUA")
    ('sukamajudua', 'sukamajudua')
    """
    bare = split_kind(text)[0] or text
    words: list[str] = re.findall(r"[^\W_]+", _APOSTROPHES.sub("", _plain(bare)))
    key = "".join(words[:1] + [_NUMERALS.get(word.lstrip("0"), word) for word in words[1:]])
    for old, new in _OLD_SPELLING:
        key = key.replace(old, new)
    return key


def numerals_in(key: str) -> tuple[str, ...]:
    """List the numerals of a spelling key: villages that differ in them are never the same.

    Parameters
    ----------
    key
        What `spelling_key` returned.

    Examples
    --------
    >>> numerals_in("sukamajudua")
    ('dua',)
    """
    return tuple(_NUMERAL.findall(key))


def split_kind(text: str) -> tuple[str, Kind | None]:
    """Take the words ``Desa``, ``Ds.``, ``Kelurahan``, ``Kel.`` off the front of a name.

    Parameters
    ----------
    text
        A name as written.

    Returns
    -------
    tuple
        The name, and the kind that was named; None when none was, or both.

    Examples
    --------
    >>> split_kind("Ds. Sukamaju"), split_kind("Desa/Kelurahan Bahagia")
    (('Sukamaju', 'desa'), ('Bahagia', None))
    """
    kinds: set[Kind] = set()
    rest = text
    while match := _KIND.match(rest):
        kinds.add(_KINDS[match[1].lower()])
        rest = rest[match.end() :]
    return rest.strip(), kinds.pop() if len(kinds) == 1 else None


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))
