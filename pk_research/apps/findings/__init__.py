"""The findings app: which villages are alike, for stakeholders.

`show` gives the live app, `first_page` the page that is read while it gets ready.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pk_research.apps.first import in_every_language
from pk_research.apps.live import live

if TYPE_CHECKING:
    import ipywidgets

    from pk_research.settings import Settings
    from pk_research.store import Store

__all__ = ["first_page", "show"]


def show() -> ipywidgets.Widget:
    """Return the app for one visitor; when it cannot start, a plain sentence that says so."""
    return live("findings", _draw)


def _draw(settings: Settings, store: Store) -> ipywidgets.Widget:
    from pk_research.apps.findings.model import FindingsModel
    from pk_research.apps.findings.view import FindingsView

    return FindingsView(FindingsModel(store), boundaries=settings.boundaries).root


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

    return in_every_language(FindingsModel(store), partial(first_paint, boundaries=boundaries))
