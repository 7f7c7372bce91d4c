"""Why somebody does not come in, said so that it tells a stranger nothing."""

from __future__ import annotations

from pk_research.errors import BadInput, PkError, Problem
from pk_research.language import Message


class NotEntered(PkError):
    """A name with password, or an invitation link, that opens nothing.

    Parameters
    ----------
    message
        The reason in a sentence, for people.

    Examples
    --------
    >>> str(NotEntered(Message("This invitation has expired.")))
    'access: This invitation has expired. Ask whoever gave you the account or the link.'
    """

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(
            Problem("access", message.text("en"), "Ask whoever gave you the account or the link.")
        )


class TooMany(PkError):
    """Somebody tries too often.

    Parameters
    ----------
    retry_after_s
        In how many seconds the next attempt is heard; at least 1.

    Examples
    --------
    >>> TooMany(90).message.text("en")
    'Too many attempts. Try again in 2 minutes.'
    """

    def __init__(self, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        self.message = Message(
            "Too many attempts. Try again in {n} minutes.", {"n": max(1, -(-retry_after_s // 60))}
        )
        super().__init__(Problem("access", "too many attempts", f"Try again in {retry_after_s} seconds."))


class WeakPassword(BadInput):
    """A new password others would guess.

    Parameters
    ----------
    message
        What is wrong with it, for people.
    """

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(
            Problem("password", message.text("en"), "Choose another, such as four random words.")
        )
