"""The findings app: which villages are alike, for stakeholders.

`show` gives the live app, `first_page` the page that is read while it gets ready.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from pk_research.apps.log import log_to_file
from pk_research.language import translate
from pk_research.settings import read_settings

if TYPE_CHECKING:
    import ipywidgets

    from pk_research.store import Store

__all__ = ["first_page", "show"]

log = logging.getLogger(__name__)
NOT_NOW = "The app cannot be shown now. Try again in a few minutes."


def show() -> ipywidgets.Widget:
    """Return the app for one visitor; when it cannot start, a plain sentence that says so."""
    import ipywidgets

    try:
        from pk_research.apps.findings.model import FindingsModel
        from pk_research.apps.findings.view import FindingsView
        from pk_research.store import open_store

        settings = read_settings()
        log_to_file(settings.home)
        model = FindingsModel(open_store(settings.database_url, attachments=settings.attachments))
        return FindingsView(model, boundaries=settings.boundaries).root
    except Exception:
        log.exception("the findings app could not start")
        return ipywidgets.HTML(f"<p role='alert'>{translate(NOT_NOW, 'id')}</p>").add_class("pk-live")


def first_page(store: Store, *, boundaries: Path | None = None) -> str:
    """Return what a visitor sees at first, as HTML that needs neither script nor kernel.

    Parameters
    ----------
    store
        The open store.
    boundaries
        GeoJSON of village boundaries for a map; without it villages are shown as tiles.
    """
    from pk_research.apps.findings.model import FindingsModel
    from pk_research.apps.findings.page import first_paint

    return first_paint(FindingsModel(store), boundaries=boundaries)
