"""What every app says when it has nothing to show."""

from __future__ import annotations

from pk_research.language import Message

UNEXPECTED = Message(
    "Something went wrong on our side, and it was recorded. Change a choice, or load this page again"
)


class CannotShow(Exception):
    """There is nothing to show, for a reason the visitor can act on.

    Parameters
    ----------
    message
        The reason, as a sentence.
    """

    def __init__(self, message: Message) -> None:
        super().__init__(message.text("en"))
        self.message = message
