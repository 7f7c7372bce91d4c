"""Village codes as files really hold them: floats, dots, spaces, what a spreadsheet left of them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from numbers import Integral, Real

from pk_research.register.village import CODE_LENGTH

_AROUND = " \t\r\n\u00a0\u200b'\"`="
_WHOLE = re.compile(r"(\d+)(?:[.,]0*)?")
_EXPONENT = re.compile(r"(\d)(?:[.,](\d+))?[eE]\+?(\d{1,2})")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
_GROUPS = re.compile(r"\d+(?:[.\-/\s]+\d+)+\.?")
_EMBEDDED = re.compile(r"(?<!\d)\d{2}([.\-/ ]?)\d{2}\1\d{2}\1\d{4}(?:[.,]0)?(?!\d)")
SINGLE_PRECISION_BYTES = 4


@dataclass(frozen=True, slots=True)
class CodeReading:
    """The digits of something that looks like a code.

    Attributes
    ----------
    digits
        All digits that could be read, of any number.
    is_whole
        False when a spreadsheet or a type too small has rounded digits away.
    """

    digits: str
    is_whole: bool = True


def normalise_code(value: object) -> str | None:
    """Return the 10 digits of a village code, whatever form it was kept in.

    Parameters
    ----------
    value
        Text, an integer or a float.

    Returns
    -------
    str or None
        None when it is missing, no code, has not 10 digits or has lost some. Whether a village
        has the code is for the register to say.

    Examples
    --------
    >>> normalise_code(3216012001.0), normalise_code("32.16.01.2001"), normalise_code("3216012001.0")
    ('3216012001', '3216012001', '3216012001')
    >>> normalise_code("3.21601E+09") is None
    True
    """
    reading = read_code(value)
    if reading is None or not reading.is_whole or len(reading.digits) != CODE_LENGTH:
        return None
    return reading.digits


def read_code(value: object) -> CodeReading | None:
    """Read the digits of a code, keeping what is wrong with it.

    Parameters
    ----------
    value
        Text, an integer or a float.

    Returns
    -------
    CodeReading or None
        None for anything that is no code: a name, a missing value, a fraction.

    Examples
    --------
    >>> read_code("3.21601E+09")
    CodeReading(digits='321601', is_whole=False)
    >>> read_code("Sukamaju") is None
    True
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, Integral):
        return read_code(str(int(value)))
    if isinstance(value, Real):
        number = float(value)
        if not math.isfinite(number) or not number.is_integer() or number < 0:
            return None
        return CodeReading(str(int(number)), getattr(value, "itemsize", 8) > SINGLE_PRECISION_BYTES)
    return _from_text(str(value).strip(_AROUND))


def _from_text(text: str) -> CodeReading | None:
    if match := _WHOLE.fullmatch(text):
        return CodeReading(match[1])
    if match := _EXPONENT.fullmatch(text):
        digits = match[1] + (match[2] or "")
        return CodeReading(digits, len(digits) == int(match[3]) + 1)
    if _THOUSANDS.fullmatch(text) or _GROUPS.fullmatch(text):
        return CodeReading(re.sub(r"\D", "", text))
    return None


def split_code(text: str) -> tuple[str, str]:
    """Part a village code from the words around it.

    Parameters
    ----------
    text
        Such as ``"3216012001 - Sagara Makmur"``.

    Returns
    -------
    tuple of str
        The code as written and the rest; the code is empty where there is none, or several.

    Examples
    --------
    >>> split_code("Sagara Makmur (32.16.01.2001)")
    ('32.16.01.2001', 'Sagara Makmur')
    """
    found = list(_EMBEDDED.finditer(text))
    if len(found) != 1:
        return "", text
    rest = f"{text[: found[0].start()]} {text[found[0].end() :]}"
    rest = re.sub(r"\b(?:kode|code)\b[\s.:]*", " ", rest, flags=re.IGNORECASE)
    return found[0][0], re.sub(r"\s+", " ", rest).strip(" -–—:;,/|()[]")
