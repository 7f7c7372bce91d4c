"""Passwords: which may be chosen, and how they are kept (argon2id)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from functools import cached_property
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from pk_research.language import Message
from pk_research.store.access.refusals import WeakPassword

SHORTEST = 10
LONGEST = 200
AT_ONCE = 2

# The commonest of ten characters and more, here and elsewhere, without the figures behind them.
COMMONEST = """
abcdefghij adminadmin administrator akucintakamu alhamdulillah anakbekasi bekasi bekasikota bismillah
bismillahirrahmanirrahim iloveyou indonesia indonesiaraya jakarta kabupatenbekasi kampoeng kampung katasandi
merdeka pabrikkampoeng pancasila passw0rd password passwordpassword qwerty qwertyuiop qazwsxedc qweasdzxc
rahasia rahasianegara sayang sayangkamu sayangmama welcome 1q2w3e4r5t 1qaz2wsx3edc
"""


@dataclass(frozen=True)
class Passwords:
    """Keeps and checks passwords.

    Attributes
    ----------
    hasher
        The method and what it costs; argon2-cffi's current default, RFC 9106's second choice.

    Examples
    --------
    >>> passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=64))
    >>> kept = passwords.hashed("empat kata acak begitu")
    >>> passwords.fits(kept, "empat kata acak begitu"), passwords.fits(kept, "another")
    (True, False)
    """

    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    # Each hash takes 64 MB: many at once would take the memory that fillings need.
    turn: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_ONCE), repr=False)

    def hashed(self, password: str) -> str:
        """Return what is kept of a password."""
        with self.turn:
            return self.hasher.hash(_normalised(password))

    def fits(self, kept: str | None, password: str) -> bool:
        """Return whether a password is the one kept; None costs as much time as any."""
        of_nobody = self._of_nobody
        with self.turn:
            try:
                self.hasher.verify(kept or of_nobody, _normalised(password[:LONGEST]))
            except (VerificationError, InvalidHashError):
                return False
        return kept is not None and len(password) <= LONGEST

    def is_outdated(self, kept: str) -> bool:
        """Return whether it was kept at another cost than today's."""
        return self.hasher.check_needs_rehash(kept)

    @cached_property
    def _of_nobody(self) -> str:
        return self.hasher.hash("")


def require_strong(password: str, *, name: str) -> None:
    """Refuse a password that others would guess.

    Parameters
    ----------
    password
        The password somebody chose.
    name
        The account's name.

    Raises
    ------
    WeakPassword
        When it is too short or too long, the account's name, or among the commonest.

    Examples
    --------
    >>> require_strong("Password2024!", name="siti")
    Traceback (most recent call last):
    ...
    pk_research.store.access.refusals.WeakPassword: password: This password is among the commonest. ...
    """
    plain = _normalised(password).casefold()
    if len(plain) < SHORTEST:
        raise WeakPassword(Message("A password has at least {n} characters.", {"n": SHORTEST}))
    if len(password) > LONGEST:
        raise WeakPassword(Message("A password has at most {n} characters.", {"n": LONGEST}))
    core = plain.strip("0123456789!@#$%^&*()-_=+.,? ")
    if name.casefold() in {plain, core}:
        raise WeakPassword(Message("The password must not be the name of the account."))
    if not core or {plain, core} & set(COMMONEST.split()) or len(set(plain)) < 4:
        raise WeakPassword(Message("This password is among the commonest."))


def _normalised(password: str) -> str:
    """Make one text of what keyboards compose differently."""
    return unicodedata.normalize("NFC", password)
