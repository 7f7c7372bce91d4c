"""What the page says around the findings, and the page that is shown before any kernel is ready."""

from __future__ import annotations

from html import escape
from pathlib import Path

from pk_research.apps.about import ABOUT
from pk_research.apps.findings.doubts import doubts_html
from pk_research.apps.findings.headline import headline_html
from pk_research.apps.findings.model import POTENTIAL, TYPES, VILLAGE, FindingsModel
from pk_research.apps.findings.origins import types_origin_html
from pk_research.apps.findings.picture import picture_html
from pk_research.apps.findings.types import types_html
from pk_research.apps.frame import Frame, alert_html
from pk_research.apps.markup import say, section
from pk_research.clusters import Typology
from pk_research.clusters.html import legend_html
from pk_research.language import Language, Message, translate

TABS = (
    (TYPES, Message("Types of villages")),
    (POTENTIAL, Message("Economic potential")),
    (VILLAGE, Message("One village")),
)
FRAME = Frame(
    ABOUT["findings"].title,
    Message("Types of villages in the research of Pabrik Kampoeng"),
    tabs=TABS,
    tabs_label="Parts of the findings",
)


def source_html(typology: Typology, language: Language) -> str:
    """Return where the numbers come from and how to get them again."""
    title = translate(typology.title, language)
    values = {"title": title, "seed": str(typology.seed), "hash": typology.input_hash[:12]}
    source = Message("Source: {title}. Seed {seed}; data {hash}", values)
    return f"<p class='pk-hint'>{escape(source.text(language))}.</p>"


NUMBERS = (None, *range(2, 11))
"""Numbers of types to choose from; None to have it chosen."""


def first_paint(model: FindingsModel, *, boundaries: Path | None = None) -> str:
    """Return what the app shows at first as plain HTML that needs no kernel.

    Without a script it is read; with one the number of types can be chosen already, which
    `first_answer` has answered before.

    Parameters
    ----------
    model
        As a visitor would find it.
    boundaries
        GeoJSON of village boundaries for a map.
    """
    language = model.language
    found, choice = "", ""
    if model.typology is not None:
        answer = first_answer(model, boundaries=boundaries)
        found = FRAME.tabs_html(language) + f"<div data-pk-answer>{answer}</div>"
        choice = _first_choice(language)
    early = f"<div class='pk-early'>{choice}{FRAME.preparing_html(language)}</div>"
    body = (
        f"<div class='pk-body'><div class='pk-controls'>{early}</div>"
        f"<div class='pk-results'>{alert_html(model.message, language)}{found}</div></div>"
    )
    return FRAME.page_html(body, language, made=model.made)


def first_answer(model: FindingsModel, *, boundaries: Path | None = None) -> str:
    """Return the types that are shown at first, or by a choice made before the live app is there."""
    language, typology = model.language, model.typology
    if typology is None:
        return alert_html(model.message, language)
    return (
        headline_html(typology, language)
        + types_origin_html(model, Message("Types of villages"))
        + section("picture", f"<h2>{say('The villages', language)}</h2>")
        + legend_html(typology, language)
        + picture_html(typology, language, boundaries=boundaries)
        + types_html(typology, language)
        + doubts_html(typology, language)
        + source_html(typology, language)
    )


def _first_choice(language: Language) -> str:
    """Return the choice of a number of types, in the order of the live one (see `controls`)."""
    options = "".join(
        f"<option value='findings-k{k or 0}'>{k or say('Automatic', language)}</option>" for k in NUMBERS
    )
    return (
        f"<label>{say('Number of types', language)} "
        f"<select data-pk-choice='pk-number-of-types' autocomplete='off'>{options}</select></label>"
    )
