"""The supervise app: how far the fieldwork is, and each submission looked at and decided on.

`show` gives the live app. It has no first page: what is shown depends on who looks.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from pk_research.apps.log import log_to_file
from pk_research.language import translate
from pk_research.settings import read_settings

if TYPE_CHECKING:
    import ipywidgets

__all__ = ["show"]

log = logging.getLogger(__name__)
NOT_NOW = "The app cannot be shown now. Try again in a few minutes."


def show() -> ipywidgets.Widget:
    """Return the app for one visitor; when it cannot start, a plain sentence that says so."""
    import ipywidgets

    try:
        from pk_research.apps.supervise.model import SuperviseModel
        from pk_research.apps.supervise.view import SuperviseView
        from pk_research.apps.survey.visitor import current_actor
        from pk_research.store import open_store

        settings = read_settings()
        log_to_file(settings.home)
        store = open_store(settings.database_url)
        return SuperviseView(SuperviseModel(store, who=lambda: current_actor(store))).root
    except Exception:
        log.exception("the supervise app could not start")
        return ipywidgets.HTML(f"<p role='alert'>{translate(NOT_NOW, 'id')}</p>").add_class("pk-live")
