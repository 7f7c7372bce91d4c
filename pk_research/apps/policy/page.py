"""What the page says around the policies, and the page that is shown before any kernel is ready."""

from __future__ import annotations

from html import escape
from pathlib import Path

from pk_research.apps.markup import say, tabs_html
from pk_research.apps.policy.model import AID, SPEND, TRIED, PolicyModel
from pk_research.apps.policy.origins import policy_origin_html
from pk_research.apps.products.page import STYLES, alert_html, made_html
from pk_research.language import Language, Message

TITLE = "Which help for villages works, for whom, and what does it cost?"
PURPOSE = "Try out help for the sellers of village products, spend a budget, and read what was found so far"
TABS = (
    (AID, Message("Would it work?")),
    (SPEND, Message("Where to spend")),
    (TRIED, Message("What was tried")),
)
TABS_LABEL = "Parts of the app about policies"
HERE = Path(__file__).parent


def style_html() -> str:
    """Return the style of all apps, and what this one adds."""
    paths = (*STYLES, HERE / "style.css")
    return f"<style>{''.join(path.read_text(encoding='utf-8') for path in paths)}</style>"


def title_html(language: Language) -> str:
    """Return the title of the page and what it is for."""
    return f"<h1>{say(TITLE, language)}</h1><p class='pk-hint'>{say(PURPOSE, language)}</p>"


def banner_html(model: PolicyModel) -> str:
    """Return the banner that made data carries; nothing for real data."""
    return made_html(model.language) if model.made else ""


def progress_html(model: PolicyModel) -> str:
    """Return that something is being computed; an empty place while nothing is."""
    if model.status_of_work != "working":
        return "<div role='status'></div>"
    text = say("Working it out …", model.language)
    return f"<div role='status' class='pk-working'><progress></progress> {text}</div>"


def aid_found(model: PolicyModel) -> str:
    """Return the scenario of the first tab; nothing where there is none."""
    from pk_research.apps.policy.aid_html import aid_html

    if model.scenario is None:
        return ""
    origin = policy_origin_html(model, AID, dict(TABS)[AID])
    return aid_html(model.scenario, model.language, kept=model.kept, comparison=model.comparison) + origin


def villages_found(model: PolicyModel) -> str:
    """Return the villages of the first tab; nothing where there is no scenario."""
    from pk_research.apps.policy.aid_html import villages_html

    if model.scenario is None:
        return ""
    listed = villages_html(model.scenario, model.language, model.kecamatan)
    return listed + policy_origin_html(model, AID, Message("Villages that may be helped"))


def first_paint(model: PolicyModel) -> str:
    """Return what the app shows at first as plain HTML that needs neither script nor kernel."""
    language = model.language
    preparing = f"<p class='pk-hint pk-preparing'>{say('The choices are being prepared …', language)}</p>"
    return (
        f"{style_html()}<div class='pk-app pk-products pk-policy'>"
        f"<div class='pk-head'><div>{title_html(language)}</div><div class='pk-language'></div></div>"
        f"{banner_html(model)}<div class='pk-results'>"
        f"{tabs_html(TABS, AID, TABS_LABEL, language)}{preparing}"
        f"<h2 class='pk-title'>{escape(dict(TABS)[AID].text(language))}</h2>"
        f"{alert_html(model.message, language)}{aid_found(model)}{villages_found(model)}</div></div>"
    )
