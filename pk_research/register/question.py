"""What somebody wrote, taken apart: a code, a name, a kecamatan, a regency."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pk_research.register.codes import CodeReading, read_code, split_code
from pk_research.register.names import split_kind

_MISSING = frozenset({"", "-", "–", "—", ".", "?", "n/a", "na", "nan", "<na>", "nat", "none", "null"})
_KECAMATAN = re.compile(r"[\s,;(]+(?:kecamatan|kec)\b[\s.:]*([^,;()]+)\)?", re.IGNORECASE)
_REGENCY = re.compile(r"[\s,;(]+((?:kabupaten|kab)\b[\s.:]*[^,;()]+)\)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Question:
    """The parts of one messy entry.

    Attributes
    ----------
    code
        The digits given as a code; None when there are none.
    name
        The name given; empty when there is none.
    second_name
        Another name, where a name stood in the place of the code.
    kecamatan, regency
        The bounds given; empty when there are none.
    """

    code: CodeReading | None
    name: str
    second_name: str
    kecamatan: str
    regency: str


def read_question(text: object, *, name: object, kecamatan: object, regency: object) -> Question:
    """Take an entry apart, wherever its code and its name stand.

    Parameters
    ----------
    text
        A code or a name, or both in one text.
    name
        The name written beside it, if any; a code here is taken as the code.
    kecamatan, regency
        The bounds written beside it. Bounds within the text count where these are missing.

    Examples
    --------
    >>> question = read_question("Ds. Sukamaju, Kec. Tambelang", name="3216042002", kecamatan=None,
    ...                          regency=None)
    >>> question.name, question.kecamatan, question.code.digits
    ('Ds. Sukamaju', 'Tambelang', '3216042002')
    """
    code, names = None, []
    for part in (text, name):
        reading, rest = _code_and_rest(part)
        code = code or reading
        names += [rest] if rest else []
    first, in_regency = _take(_REGENCY, names[0] if names else "")
    first, in_kecamatan = _take(_KECAMATAN, first)
    return Question(
        code=code,
        name=first,
        second_name=names[1] if len(names) > 1 else "",
        kecamatan=_text(kecamatan) or in_kecamatan,
        regency=_text(regency) or in_regency,
    )


def _code_and_rest(part: object) -> tuple[CodeReading | None, str]:
    if reading := read_code(part):
        return reading, ""
    written, rest = split_code(_text(part))
    is_name = any(map(str.isalnum, split_kind(rest)[0]))
    return (read_code(written) if written else None), rest if is_name else ""


def _take(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    """Cut what a pattern finds out of a text, if a name remains."""
    match = pattern.search(text)
    if match is None or not text[: match.start()].strip():
        return text, ""
    return (text[: match.start()] + text[match.end() :]).strip(" ,;"), match[1].strip()


def _text(value: object) -> str:
    text = "" if value is None else str(value).strip()
    return "" if text.lower() in _MISSING else text
