"""The app about products: what each village could make, with whom, and for whom, for stakeholders.

`show` gives the live app, `first_page` the page that is read while it gets ready.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pk_research.apps.start import App, model_or_reason

if TYPE_CHECKING:
    import ipywidgets

    from pk_research.apps.products.model import ProductsModel
    from pk_research.store import Store

__all__ = ["first_page", "show"]


def _read(store: Store, boundaries: Path | None) -> ProductsModel:
    from pk_research.apps.products.material import material_of
    from pk_research.apps.products.model import ProductsModel
    from pk_research.apps.products.trouble import UNREADABLE

    gather = partial(material_of, store, boundaries=boundaries)
    return model_or_reason(gather, ProductsModel, unreadable=UNREADABLE)


def _view(model: ProductsModel, store: Store) -> ipywidgets.Widget:
    from pk_research.apps.products.view import ProductsView

    return ProductsView(model, store).root


def _paint(model: ProductsModel) -> str:
    from pk_research.apps.products.page import first_paint

    return first_paint(model)


_app = App("products", _read, _view, _paint)
show, first_page = _app.show, _app.first_page
