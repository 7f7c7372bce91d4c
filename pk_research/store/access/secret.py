"""The key of this house: made once, kept in a file only its owner reads."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from pk_research.errors import NotReady, Problem

N_BYTES = 32
NAME = "secret.key"


def read_secret(home: Path, *, environ: Mapping[str, str] = os.environ) -> bytes:
    """Return the key that signs and hashes what this house hands out.

    Parameters
    ----------
    home
        Folder of the house; the key is its file ``secret.key``, made when first asked for.
    environ
        ``PK_SECRET`` there, 64 hexadecimal digits, comes before the file: for several servers
        that share one house.

    Raises
    ------
    NotReady
        When the key that is given or kept is not 32 bytes.

    Examples
    --------
    >>> len(read_secret(Path("nowhere"), environ={"PK_SECRET": "0f" * 32}))
    32
    """
    given = environ.get("PK_SECRET")
    if given:
        try:
            return _whole(bytes.fromhex(given), "PK_SECRET")
        except ValueError:
            raise _unusable("PK_SECRET") from None
    path = home / NAME
    if not path.exists():
        _make(path)
    return _whole(path.read_bytes(), str(path))


def _make(path: Path) -> None:
    """Make the key; of several processes that try at once, one succeeds and the others find its key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{NAME}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(N_BYTES))
            file.flush()
            os.fsync(file.fileno())
        # A link fails where there is a key already, and never shows a half-written one.
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _whole(key: bytes, where: str) -> bytes:
    if len(key) != N_BYTES:
        raise _unusable(where)
    return key


def _unusable(where: str) -> NotReady:
    return NotReady(
        Problem(
            where,
            "it is not a key of 32 bytes",
            "Restore the key from your backup. With a new one, what was handed out before is void.",
        )
    )
