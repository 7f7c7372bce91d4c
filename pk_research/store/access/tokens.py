"""Signed identifiers: all that a token, a link or a cookie of this house holds."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import Literal

from itsdangerous import Signer

Kind = Literal["session", "invitation"]

_TOKEN = re.compile(r"([a-z]-[0-9a-f]{8,32})\.[A-Za-z0-9_-]{43}", re.ASCII)


def new_identifier(letter: str, *, n_bytes: int = 8) -> str:
    """Draw an identifier that says nothing.

    Examples
    --------
    >>> len(new_identifier("a"))
    18
    """
    return f"{letter}-{secrets.token_hex(n_bytes)}"


def signed(identifier: str, *, secret: bytes, kind: Kind) -> str:
    """Return the token of an identifier.

    Examples
    --------
    >>> token = signed("s-0123456789abcdef", secret=b"key", kind="session")
    >>> identifier_in(token, secret=b"key", kind="session")
    's-0123456789abcdef'
    """
    signer = Signer(secret, salt=f"pk {kind}", key_derivation="hmac", digest_method=hashlib.sha256)
    return signer.sign(identifier).decode()


def identifier_in(token: str, *, secret: bytes, kind: Kind) -> str | None:
    """Return the identifier in a token; None where this house did not sign it for that use."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    # The whole text is compared: Base64 would let the last character of a signature be changed.
    ours = signed(found[1], secret=secret, kind=kind)
    return found[1] if hmac.compare_digest(ours, token) else None
