"""What the page says around the products, and the page that is shown before any kernel is ready."""

from __future__ import annotations

from pk_research.apps.about import ABOUT
from pk_research.apps.frame import Frame, alert_html
from pk_research.apps.products.model import BUYERS, MARKET, PLAN, PLANTS, VILLAGE, ProductsModel
from pk_research.apps.products.origins import products_origin_html
from pk_research.apps.products.village_html import overview_html
from pk_research.language import Message

TABS = (
    (VILLAGE, Message("Village products")),
    (PLAN, Message("One village one product")),
    (PLANTS, Message("Shared plants")),
    (BUYERS, Message("Buyers")),
    (MARKET, Message("Market simulator")),
)
FRAME = Frame(
    ABOUT["products"].title,
    Message("Products of the villages of Kabupaten Bekasi, plans for them and their buyers"),
    kinds=("pk-products",),
    styles=("products",),
    tabs=TABS,
    tabs_label="Parts of the app about products",
)


def first_paint(model: ProductsModel) -> str:
    """Return what the app shows at first as plain HTML that needs neither script nor kernel."""
    found = alert_html(model.message, model.language)
    if model.evidence is not None:
        found += overview_html(model) + products_origin_html(model, VILLAGE, dict(TABS)[VILLAGE])
    return FRAME.first_paint(found, model.language, made=model.made)
