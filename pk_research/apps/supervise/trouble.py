"""What is said when something cannot be shown or done."""

from __future__ import annotations

from pk_research.language import Message

UNEXPECTED = Message("Something went wrong here. Nothing was changed; try again in a few minutes.")
SIGNED_OUT = Message("Your session has ended. Sign in again.")
NOT_ALLOWED = Message(
    "This page is for supervisors and researchers. Ask the admin of your survey for access."
)
NO_FORM = Message("No form has been published yet.")
NO_RIGHT = Message("Your role does not include this.")
NOT_DONE = Message("This was not done: it is not in order, or no longer there. Load the page again.")
SAY_WHY = Message("Write why in the comment, so that the enumerator knows what to do.")
SAY_REASON = Message("Write the reason for the correction before you send it.")
CHANGED_MEANWHILE = Message("This submission was corrected by somebody else. Look at it again, then decide.")
