"""What every app keeps of a visitor: their language, and what went wrong."""

from __future__ import annotations

from typing import Any

import traitlets

from pk_research.language import LANGUAGES, Message


class AppModel(traitlets.HasTraits):
    """The choices of one visitor; no widgets.

    Attributes
    ----------
    language
        ``"id"`` or ``"en"``.
    message
        What went wrong; None when nothing did.
    """

    language = traitlets.Enum(LANGUAGES, "id")
    message = traitlets.Instance(Message, allow_none=True)


class TabbedModel(AppModel):
    """The same in an app of several tabs.

    Attributes
    ----------
    tab
        The open one; each app names its own.
    """

    tab: traitlets.TraitType[Any, Any]
