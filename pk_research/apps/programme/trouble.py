"""Why something cannot be shown, in a sentence for whoever looks."""

from __future__ import annotations

from pk_research.language import Message

NO_LOG = Message("No coordination log has been sent yet")
UNREADABLE = Message("The coordination log cannot be read; the administrator has to look at the log")
