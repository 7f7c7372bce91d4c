"""What the page says around the policies, and the page that is shown before any kernel is ready."""

from __future__ import annotations

from html import escape

from pk_research.apps.about import ABOUT
from pk_research.apps.frame import Frame, alert_html
from pk_research.apps.policy.model import AID, SPEND, TRIED, PolicyModel
from pk_research.apps.policy.origins import policy_origin_html
from pk_research.language import Message

TABS = (
    (AID, Message("Would it work?")),
    (SPEND, Message("Where to spend")),
    (TRIED, Message("What was tried")),
)
FRAME = Frame(
    ABOUT["policy"].title,
    Message(
        "Try out help for the sellers of village products, spend a budget, and read what was found so far"
    ),
    kinds=("pk-products", "pk-policy"),
    styles=("products", "policy"),
    tabs=TABS,
    tabs_label="Parts of the app about policies",
)


def aid_found(model: PolicyModel) -> str:
    """Return the scenario of the first tab; nothing where there is none."""
    from pk_research.apps.policy.aid_html import aid_html

    if model.scenario is None:
        return ""
    origin = policy_origin_html(model, AID, dict(TABS)[AID])
    found = aid_html(model.scenario, model.language, kept=model.kept, comparison=model.comparison)
    return found + withheld_in(model) + origin


def withheld_in(model: PolicyModel) -> str:
    """Say of how many villages the sales are not told, and that they are in no figure; nothing for none."""
    from pk_research.apps.products.pieces import WITHOUT, withheld_html

    n = 0 if model.material is None else model.material.n_withheld
    return withheld_html(n, model.language, WITHOUT) if n else ""


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
    found = (
        f"<h2 class='pk-title'>{escape(dict(TABS)[AID].text(language))}</h2>"
        f"{alert_html(model.message, language)}{aid_found(model)}{villages_found(model)}"
    )
    return FRAME.first_paint(found, language, made=model.made)
