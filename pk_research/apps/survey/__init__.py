"""The survey app: forms opened by invitation or by name, filled on any device, sent exactly once.

In the apps server it is pages of its own (`routes`), which need no kernel; in a notebook it is a
widget (`show`). Both fill the same drafts (`fillings`), so what was begun in one goes on in the other.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from pk_research.language import translate

if TYPE_CHECKING:
    import ipywidgets

__all__ = ["show"]

log = logging.getLogger(__name__)
NOT_NOW = "The app cannot be shown now. Try again in a few minutes."


def show() -> ipywidgets.Widget:
    """Return the app for a notebook; when it cannot start, a plain sentence that says so."""
    import ipywidgets

    try:
        from pk_research.apps.log import log_to_file
        from pk_research.apps.survey.notebook import SurveyView
        from pk_research.apps.survey.visitor import current_actor
        from pk_research.settings import read_settings
        from pk_research.store import open_store

        settings = read_settings()
        log_to_file(settings.home)
        store = open_store(settings.database_url, attachments=settings.attachments)
        return SurveyView(store, by=current_actor(store)).root
    except Exception:
        log.exception("the survey app could not start")
        return ipywidgets.HTML(f"<p role='alert'>{translate(NOT_NOW, 'id')}</p>").add_class("pk-live")
