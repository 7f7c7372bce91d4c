"""What was typed or pasted, as text that can be kept."""

from __future__ import annotations

import re

# No XML holds them, nor does PostgreSQL hold the first; half a surrogate pair cannot even be encoded.
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def plain(text: str) -> str:
    r"""Return a text without the characters that no filling can hold, as come with a paste from a PDF.

    Examples
    --------
    >>> plain("Ibu\x0b Aminah\n\ud83d")
    'Ibu Aminah\n'
    """
    return _NO_TEXT.sub("", text)
