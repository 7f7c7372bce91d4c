"""What a phone is told when something does not work."""

from __future__ import annotations

from tornado.web import HTTPError

from pk_research.apps.survey.trouble import NobodyKnown, told
from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message
from pk_research.store.refusals import Refused

SHOWN_FLAWS = 3
NOT_UNDERSTOOD = Message("This was not understood. Update the app, or ask whoever leads the survey.")
_CONFLICTS = frozenset({"replay", "superseded"})


class Challenged(NobodyKnown):
    """Somebody has to send name and password, or the right ones.

    Parameters
    ----------
    message
        The reason in a sentence, for people.
    """

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(Problem("access", message.text("en"), "Send name and password."))


class Unclear(BadInput):
    """A request that may mean two things.

    Parameters
    ----------
    message
        What is unclear in a sentence, for people.
    """

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(Problem("request", message.text("en"), "Send it again, put right."))


def answered(error: BaseException | None) -> tuple[int, Message]:
    """Return the status of an error and what the phone shows.

    Examples
    --------
    >>> answered(Refused("replay", Message("Another submission with this identifier was received before.")))
    (409, Message(template='Another submission with this identifier was received before.', values={}))
    """
    if isinstance(error, Challenged):
        return 401, error.message
    if isinstance(error, Unclear):
        return 400, error.message
    if isinstance(error, Refused) and error.reason in _CONFLICTS:
        return 409, error.message
    status, message = told(error)
    if isinstance(error, HTTPError) and status in {400, 403, 405, 411}:
        return status, NOT_UNDERSTOOD
    return status, message


def sentence(error: BaseException | None, language: Language) -> str:
    """Return what the phone shows, with the first few flaws of a filling."""
    message = answered(error)[1].text(language)
    if not isinstance(error, Refused):
        return message
    flaws = dict.fromkeys(flaw.message.text(language) for flaw in error.flaws[:SHOWN_FLAWS])
    return " ".join(dict.fromkeys([message, *flaws]))
