"""Why something cannot be shown, in a sentence for whoever looks."""

from __future__ import annotations

from pk_research.language import Message

UNEXPECTED = Message(
    "Something went wrong on our side, and it was recorded. Change a choice, or load this page again"
)
NO_CANDIDATES = Message("No village has named a product yet")
UNREADABLE = Message("The submissions on products cannot be read; the administrator has to look at the log")
NO_BUYERS = Message("No hotel or restaurant has said yet what it needs")
NO_MAKERS = Message("No village that makes this product has said how much it can make a month")
NO_PLACES = Message(
    "Where the villages lie is not known here, so there is no map and no distance: "
    "the administrator has to set the boundaries of the villages"
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
