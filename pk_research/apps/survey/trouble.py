"""What a visitor is told when something does not work: a sentence and a status, never a detail."""

from __future__ import annotations

import logging
import traceback
from types import TracebackType

from tornado.web import HTTPError

from pk_research.errors import BadInput, NotFound, NotReady, PkError
from pk_research.language import Message
from pk_research.store.access import NotEntered, TooMany
from pk_research.store.actors import NotAllowed
from pk_research.store.drafts import TooManyFiles
from pk_research.store.refusals import Conflict, Refused

log = logging.getLogger(__name__)

NOTHING_HERE = Message("There is nothing here, or it is not for you.")
OUR_FAULT = Message("Something went wrong here. Your answers are kept; try again in a few minutes.")
_OF_STATUS = {
    400: Message("This could not be understood. Load the page again."),
    403: Message("This is not allowed. Load the page again."),
    404: NOTHING_HERE,
    405: Message("This is not allowed. Load the page again."),
    411: Message("This could not be understood. Load the page again."),
    413: Message("This is too large to be taken."),
}


class NobodyKnown(PkError):
    """Somebody asks for what only those who came in may see."""


def told(error: BaseException | None) -> tuple[int, Message]:
    """Return the status of an error and what the visitor is told.

    Examples
    --------
    >>> told(KeyError("secret"))
    (500, Message(template='Something went wrong here. ...', values={}))
    """
    if isinstance(error, HTTPError):
        return error.status_code, _OF_STATUS.get(error.status_code, OUR_FAULT)
    if isinstance(error, NotEntered | Conflict | TooManyFiles | Refused | TooMany):
        return _OF_REASON[type(error)], error.message
    return next((entry for kind, entry in _OF_KIND.items() if isinstance(error, kind)), (500, OUR_FAULT))


# These say their reason themselves.
_OF_REASON = {NotEntered: 403, Conflict: 409, TooManyFiles: 413, Refused: 422, TooMany: 429}
_OF_KIND: dict[type[BaseException], tuple[int, Message]] = {
    NobodyKnown: (401, Message("You are no longer signed in. Sign in, or open your invitation link again.")),
    NotAllowed: (403, Message("This is not open to you.")),
    NotFound: (404, NOTHING_HERE),
    BadInput: (400, Message("This cannot be used as it is.")),
    NotReady: (503, OUR_FAULT),
}


def note(where: str, error: BaseException | None, trace: TracebackType | None) -> None:
    """Write down what nobody expected: its kind and where it happened.

    Its message is left out: it may quote an answer, a code or a token. A database that is away is
    one line, since everybody meets it.
    """
    if isinstance(error, NotReady):
        log.error("%s failed: %s", where, type(error).__name__)
    elif told(error)[0] >= 500:
        frames = "".join(traceback.format_tb(trace))
        log.error("%s failed: %s\n%s", where, type(error).__name__, frames)
