"""Why the store does not take something, said to whoever sent it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pk_research.errors import PkError, Problem
from pk_research.language import Message
from pk_research.survey import Flaw

Reason = Literal[
    "flaws",  # the filling does not keep to its form
    "form",  # there is no such form or version
    "closed",  # the form takes no more submissions
    "identifier",  # it has no usable identifier
    "replay",  # another filling has its identifier
    "predecessor",  # it replaces a filling that is not here, or not of this form
    "superseded",  # it replaces a version that is not the newest
    "state",  # its review is finished
    "village",  # it answers for another village
    "attachment",  # a file is not one it names, or has an unusable name or size
]


class Refused(PkError):
    """A submission that is not taken.

    Parameters
    ----------
    reason
        What sort of reason, for programs.
    message
        The reason in a sentence, for people.
    flaws
        What is wrong with the filling, where that is the reason.

    Examples
    --------
    >>> str(Refused("closed", Message("This form takes no more submissions.")))
    'submission: This form takes no more submissions. Ask whoever gave you the form.'
    """

    def __init__(self, reason: Reason, message: Message, flaws: Iterable[Flaw] = ()) -> None:
        self.reason: Reason = reason
        self.message = message
        self.flaws = tuple(flaws)
        problems = [
            Problem(
                flaw.path or "submission", flaw.message.text("en"), "Correct the answer and send it again."
            )
            for flaw in self.flaws
        ]
        super().__init__(
            problems or Problem("submission", message.text("en"), "Ask whoever gave you the form.")
        )


class Conflict(PkError):
    """Somebody else changed the same thing in between.

    Parameters
    ----------
    message
        What happened, for people.
    current
        The number it has now.
    """

    def __init__(self, message: Message, *, current: int) -> None:
        self.message = message
        self.current = current
        super().__init__(Problem("draft", message.text("en"), "Open it again and go on from there."))
