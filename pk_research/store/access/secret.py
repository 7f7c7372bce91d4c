"""The secret key of the house: what signs its tokens, made once and readable by its owner only."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from pk_research.errors import BadInput, NotReady, Problem

FILE_NAME = "secret.key"
N_BYTES = 32
SHORTEST_GIVEN = 32


def read_secret(home: Path, *, given: str | None = None) -> bytes:
    """Return the key of a house, making it the first time.

    Parameters
    ----------
    home
        Folder of the house; the key lies in it as ``secret.key``.
    given
        A key from elsewhere (``PK_SECRET``), used instead of the file.

    Returns
    -------
    bytes
        32 bytes; the same for every process of the house.

    Raises
    ------
    BadInput
        When the given key is too short to be safe.
    NotReady
        When the file cannot be made, is damaged, or may be read by others.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as home:
    ...     read_secret(Path(home)) == read_secret(Path(home))
    True
    """
    if given is not None:
        return _from_text(given)
    path = home / FILE_NAME
    try:
        if not path.exists():
            _make(path)
        _require_private(path)
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except ValueError:
        key = b""
    except OSError as error:
        raise NotReady(
            Problem(
                str(path), f"the key of this house cannot be read ({error.strerror})", "Check who owns it."
            )
        ) from error
    if len(key) != N_BYTES:
        raise NotReady(
            Problem(
                str(path),
                "the key of this house is damaged",
                "Put back a copy. Without one, remove the file: everybody signs in again, and invitation "
                "links and resume codes given out before no longer open.",
            )
        )
    return key


def _from_text(given: str) -> bytes:
    if len(given) < SHORTEST_GIVEN:
        raise BadInput(
            Problem(
                "PK_SECRET",
                f"it has fewer than {SHORTEST_GIVEN} characters",
                "Give a long random one, such as `openssl rand -hex 32` writes.",
            )
        )
    return hashlib.sha256(given.encode()).digest()


def _make(path: Path) -> None:
    """Write the key aside, then give it its name, which fails for all but one of several at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{FILE_NAME}.{secrets.token_hex(8)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(N_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(aside, path)
    finally:
        aside.unlink()


def _require_private(path: Path) -> None:
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise NotReady(
            Problem(
                str(path),
                "others on this machine may read the key of this house",
                f"Run `chmod 600 {FILE_NAME}`, or give the key in PK_SECRET.",
            )
        )
