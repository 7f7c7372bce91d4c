"""The findings app: which villages are alike, for stakeholders.

`show` gives the live app, `first_pages` the page that is read while it gets ready, with the answers to the
choice that can be made there.
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

__all__ = ["first_pages", "show"]


def show() -> ipywidgets.Widget:
    """Return the app for one visitor; when it cannot start, a plain sentence that says so."""
    return live("findings", _draw)


def _draw(settings: Settings, store: Store) -> ipywidgets.Widget:
    from pk_research.apps.findings.model import FindingsModel
    from pk_research.apps.findings.view import FindingsView

    return FindingsView(FindingsModel(store), boundaries=settings.boundaries).root


def first_pages(store: Store, *, boundaries: Path | None = None) -> dict[str, str]:
    """Return what a visitor sees at first, by name, as HTML that needs no kernel.

    Parameters
    ----------
    store
        The open store.
    boundaries
        GeoJSON of village boundaries for a map; without it villages are shown as tiles.

    Returns
    -------
    dict of str to str
        ``findings``, and ``findings-k0`` (chosen from the data), ``findings-k2`` ... for each number of
        types, where there are any to show.
    """
    from pk_research.apps.findings.model import FindingsModel
    from pk_research.apps.findings.page import NUMBERS, first_answer, first_paint

    model = FindingsModel(store)
    pages = {"findings": in_every_language(model, partial(first_paint, boundaries=boundaries))}
    if model.typology is None:
        return pages
    for k in NUMBERS:
        model.k = k
        pages[f"findings-k{k or 0}"] = in_every_language(model, partial(first_answer, boundaries=boundaries))
    return pages
