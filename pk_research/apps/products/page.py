"""What the page says around the products, and the page that is shown before any kernel is ready."""

from __future__ import annotations

from pathlib import Path

from pk_research.apps.markup import say, sentence, tabs_html
from pk_research.apps.products.model import BUYERS, MARKET, PLAN, PLANTS, VILLAGE, ProductsModel
from pk_research.apps.products.origins import products_origin_html
from pk_research.apps.products.village_html import overview_html
from pk_research.language import Language, Message

TITLE = "What could each village make, with whom, and for whom?"
PURPOSE = "Products of the villages of Kabupaten Bekasi, plans for them and their buyers"
HERE = Path(__file__).parent
STYLES = (HERE.with_name("findings") / "style.css", HERE / "style.css")
TABS = (
    (VILLAGE, Message("Village products")),
    (PLAN, Message("One village one product")),
    (PLANTS, Message("Shared plants")),
    (BUYERS, Message("Buyers")),
    (MARKET, Message("Market simulator")),
)
TABS_LABEL = "Parts of the app about products"


def style_html() -> str:
    """Return the style of all apps, and what this one adds."""
    return f"<style>{''.join(path.read_text(encoding='utf-8') for path in STYLES)}</style>"


def title_html(language: Language) -> str:
    """Return the title of the page and what it is for."""
    return f"<h1>{say(TITLE, language)}</h1><p class='pk-hint'>{say(PURPOSE, language)}</p>"


def banner_html(model: ProductsModel) -> str:
    """Return the banner that made data carries; nothing for real data."""
    return made_html(model.language) if model.made else ""


def made_html(language: Language) -> str:
    """Return that what is shown is made."""
    text = say("Example data (made up), not real data", language)
    return f"<p class='pk-banner' role='note'>{text}</p>"


def progress_html(model: ProductsModel) -> str:
    """Return that something is being computed; an empty place while nothing is."""
    if model.status != "working":
        return "<div role='status'></div>"
    text = say("Working it out …", model.language)
    return f"<div role='status' class='pk-working'><progress></progress> {text}</div>"


def alert_html(message: Message | None, language: Language) -> str:
    """Return what went wrong, so that it is not overlooked; nothing when nothing did."""
    return "" if message is None else f"<p class='pk-trouble' role='alert'>{sentence(message, language)}</p>"


def first_paint(model: ProductsModel) -> str:
    """Return what the app shows at first as plain HTML that needs neither script nor kernel."""
    language = model.language
    preparing = f"<p class='pk-hint pk-preparing'>{say('The choices are being prepared …', language)}</p>"
    found = ""
    if model.evidence is not None:
        found = overview_html(model) + products_origin_html(model, VILLAGE, dict(TABS)[VILLAGE])
    return (
        f"{style_html()}<div class='pk-app pk-products'>"
        f"<div class='pk-head'><div>{title_html(language)}</div><div class='pk-language'></div></div>"
        f"{banner_html(model)}<div class='pk-results'>"
        f"{tabs_html(TABS, VILLAGE, TABS_LABEL, language)}{preparing}"
        f"{alert_html(model.message, language)}{found}</div></div>"
    )
