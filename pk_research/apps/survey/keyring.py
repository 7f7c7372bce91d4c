"""What a device remembers of the drafts begun or resumed on it: a signed cookie no script can read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from pk_research.store.actors import Actor, Role

MOST = 12
"""As many as fit into a cookie."""


@dataclass(frozen=True, slots=True)
class Key:
    """What opens one draft.

    Attributes
    ----------
    draft_id
        The draft.
    code
        Its resume code.
    owner
        Whose it is: the account, or the invitation without the visit.
    guest
        Who acts, where the code alone was shown and nobody came in.
    """

    draft_id: str
    code: str
    owner: str
    guest: Actor | None = None


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys a device holds, the last one used first.

    Examples
    --------
    >>> ring = Keyring().with_key(Key("uuid:1", "7K3M9QXR", "a-1"))
    >>> read_keyring(ring.written(b"key"), b"key") == ring
    True
    >>> read_keyring(ring.written(b"key"), b"another key")
    Keyring(keys=())
    """

    keys: tuple[Key, ...] = ()

    def find(self, draft_id: str) -> Key | None:
        """Return the key of a draft."""
        return next((key for key in self.keys if key.draft_id == draft_id), None)

    def with_key(self, key: Key) -> Keyring:
        """Return the ring with one more key; the oldest goes where it is full."""
        others = (kept for kept in self.keys if kept.draft_id != key.draft_id)
        return replace(self, keys=(key, *others)[:MOST])

    def written(self, secret: bytes) -> str:
        """Return what the cookie holds."""
        return _serializer(secret).dumps([_entry(key) for key in self.keys])


def read_keyring(text: str | None, secret: bytes) -> Keyring:
    """Read a cookie; an empty ring where this house did not write it."""
    try:
        entries = _serializer(secret).loads(text or "")
        return Keyring(tuple(_key(*entry) for entry in entries))
    except (BadData, TypeError, ValueError):
        return Keyring()


def owner_of(actor: Actor) -> str:
    """Return whose a draft is, so that it stays theirs when they come in again.

    Examples
    --------
    >>> owner_of(Actor("invitation", "i-5e88/3f0a", Role.RESPONDENT))
    'i-5e88'
    """
    return actor.identifier.partition("/")[0]


def _serializer(secret: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="pk keyring")


def _entry(key: Key) -> list[Any]:
    guest = key.guest and [key.guest.identifier, sorted(key.guest.forms or ()), key.guest.village_code]
    return [key.draft_id, key.code, key.owner, guest]


def _key(draft_id: str, code: str, owner: str, guest: list[Any] | None) -> Key:
    if guest is None:
        return Key(draft_id, code, owner)
    identifier, forms, village_code = guest
    actor = Actor("invitation", identifier, Role.RESPONDENT, frozenset(forms), village_code)
    return Key(draft_id, code, owner, actor)
