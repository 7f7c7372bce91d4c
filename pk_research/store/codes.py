"""Codes people copy from a screen: no letters that look alike, and a check character.

References
----------
Crockford, D. "Base 32", https://www.crockford.com/base32.html
"""

from __future__ import annotations

import hashlib
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8
_READ_AS = str.maketrans("OIL", "011", "- \t")


def receipt_code(instance_id: str, *, attempt: int = 0) -> str:
    """Return the code on a receipt, derived from the identifier of the submission.

    Parameters
    ----------
    instance_id
        The identifier.
    attempt
        Counts up when another submission already has the code.

    Examples
    --------
    >>> receipt_code("uuid:5b2f6d3c-7f0e-4b53-9d4f-1a2b3c4d5e6f")
    'PK-...-...'
    """
    digest = hashlib.sha256(f"{instance_id}/{attempt}".encode()).digest()
    number = int.from_bytes(digest[:5], "big")
    digits = [(number >> 5 * place) & 31 for place in range(LENGTH - 1)]
    text = "".join(ALPHABET[digit] for digit in [*digits, _check_digit(digits)])
    return f"PK-{text[:4]}-{text[4:]}"


def read_receipt_code(text: str) -> str | None:
    """Return the code somebody typed as it is kept; None where it was mistyped.

    Examples
    --------
    >>> code = receipt_code("uuid:1")
    >>> read_receipt_code(code.lower().replace("-", " ")) == code
    True
    """
    plain = normalised(text)
    if len(plain) == LENGTH + 2:
        plain = plain.removeprefix("PK")
    digits = [ALPHABET.find(letter) for letter in plain]
    if len(digits) != LENGTH or -1 in digits or _check_digit(digits[:-1]) != digits[-1]:
        return None
    return f"PK-{plain[:4]}-{plain[4:]}"


def new_resume_code() -> str:
    """Draw a code that nobody can guess, with 40 bits of chance.

    Examples
    --------
    >>> len(new_resume_code())
    8
    """
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def normalised(text: str) -> str:
    """Return a typed code without dashes, its look-alike letters read as digits.

    Examples
    --------
    >>> normalised("o1l-7k 3m")
    '0117K3M'
    """
    return text.upper().translate(_READ_AS)


def _check_digit(digits: list[int]) -> int:
    """Return what a single wrong digit, or two that changed places, would change.

    A polynomial over the field of 32 elements: each place weighs the double of the next.
    """
    check = 0
    for digit in digits:
        check = _double(check ^ digit)
    return check


def _double(element: int) -> int:
    return (element << 1) ^ (0b100101 if element & 16 else 0)
