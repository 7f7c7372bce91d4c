"""Who comes in: by the token of an invitation in the address, or by name and password."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass
from typing import Protocol

from tornado.httputil import HTTPServerRequest

from pk_research.apps.openrosa.trouble import Challenged
from pk_research.apps.openrosa.ways import is_private
from pk_research.language import Message
from pk_research.store import Store
from pk_research.store.access import NotEntered
from pk_research.store.actors import Actor


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody who came in.

    Attributes
    ----------
    actor
        Who.
    refusal
        Why they may only finish what was received from them before; None where they may do all.
    """

    actor: Actor
    refusal: NotEntered | None = None


class Door(Protocol):
    """Lets somebody in who asks something, with a token where the address holds one."""

    def __call__(self, store: Store, request: HTTPServerRequest, token: str, *, origin: str) -> Entered:
        """Return who came in; ``origin`` is the network address they come from."""


def by_key(store: Store, request: HTTPServerRequest, token: str, *, origin: str) -> Entered:  # noqa: ARG001
    """Let somebody in by the token of an invitation.

    A filling with many files comes in several requests, and one whose acknowledgement was lost comes
    again: the last use of an invitation must not stop them.

    Raises
    ------
    NotEntered, TooMany
        As `Access.invited`; an invitation that was used up or has expired still lets finish.
    """
    try:
        return Entered(store.access.invited(token, origin=origin))
    except NotEntered as refusal:
        before = store.access.invited_before(token)
        if before is None:
            raise
        return Entered(before, refusal)


def by_password(store: Store, request: HTTPServerRequest, token: str, *, origin: str) -> Entered:  # noqa: ARG001
    """Let somebody in by name and password (HTTP Basic), where nobody can listen on the way.

    Raises
    ------
    NotEntered
        When they would travel in the clear.
    Challenged
        When they are missing or wrong.
    TooMany
        When they were wrong too often.
    """
    if not is_private(request):
        raise NotEntered(_NOT_SAFE)
    name, password = credentials(request.headers.get("Authorization", ""))
    try:
        return Entered(store.access.basic(name, password, origin=origin))
    except NotEntered as refusal:
        raise Challenged(refusal.message) from None


def credentials(header: str) -> tuple[str, str]:
    """Return the name and password of an ``Authorization`` header.

    Raises
    ------
    Challenged
        When it holds none.

    Examples
    --------
    >>> credentials("Basic c2l0aTplbXBhdCBrYXRhOiBhY2Fr")
    ('siti', 'empat kata: acak')
    """
    scheme, _, encoded = header.partition(" ")
    try:
        text = b64decode(encoded.strip(), validate=True).decode()
    except ValueError:
        raise Challenged(_NAME_FIRST) from None
    name, colon, password = text.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise Challenged(_NAME_FIRST)
    return name, password


_NAME_FIRST = Message("Name and password are needed.")
_NOT_SAFE = Message("Name and password are taken over a safe connection (https) only.")
