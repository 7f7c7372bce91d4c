"""A live app: it opens the house and draws, or says in a sentence that it cannot."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from pk_research.apps.log import log_to_file
from pk_research.language import translate
from pk_research.settings import Settings, read_settings

if TYPE_CHECKING:
    import ipywidgets

    from pk_research.store import Store

log = logging.getLogger(__name__)
NOT_NOW = "The app cannot be shown now. Try again in a few minutes."


def live(name: str, draw: Callable[[Settings, Store], ipywidgets.Widget]) -> ipywidgets.Widget:
    """Return an app for one visitor; when it cannot start, a plain sentence that says so.

    Parameters
    ----------
    name
        What the log calls it.
    draw
        Makes it, from the settings and the open store.
    """
    import ipywidgets

    try:
        from pk_research.store import store_of

        settings = read_settings()
        log_to_file(settings.home, is_json=settings.is_log_json)
        return draw(settings, store_of(settings))
    except Exception:
        log.exception("the %s app could not start", name)
        return ipywidgets.HTML(f"<p role='alert'>{translate(NOT_NOW, 'id')}</p>").add_class("pk-live")
