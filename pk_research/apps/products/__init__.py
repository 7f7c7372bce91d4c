"""The app about products: what each village could make, with whom, and for whom, for stakeholders.

`show` gives the live app, `first_page` the page that is read while it gets ready.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from pk_research.apps.first import in_every_language
from pk_research.apps.live import live
from pk_research.errors import PkError

if TYPE_CHECKING:
    import ipywidgets

    from pk_research.apps.products.model import ProductsModel
    from pk_research.settings import Settings
    from pk_research.store import Store

__all__ = ["first_page", "show"]

log = logging.getLogger(__name__)


def show() -> ipywidgets.Widget:
    """Return the app for one visitor; when it cannot start, a plain sentence that says so."""
    return live("products", _draw)


def first_page(store: Store, *, boundaries: Path | None = None) -> str:
    """Return what a visitor sees at first, as HTML that needs neither script nor kernel.

    Parameters
    ----------
    store
        The open store.
    boundaries
        GeoJSON of village boundaries, for distances and maps.
    """
    from pk_research.apps.products.page import first_paint

    return in_every_language(_model(store, boundaries), first_paint)


def _draw(settings: Settings, store: Store) -> ipywidgets.Widget:
    from pk_research.apps.products.view import ProductsView

    return ProductsView(_model(store, settings.boundaries), store).root


def _model(store: Store, boundaries: Path | None) -> ProductsModel:
    from pk_research.apps.products.material import material_of
    from pk_research.apps.products.model import ProductsModel
    from pk_research.apps.products.trouble import UNREADABLE

    try:
        return ProductsModel(material_of(store, boundaries=boundaries))
    except PkError:
        log.exception("the submissions on products cannot be used")
        return ProductsModel(None, trouble_found=UNREADABLE)
