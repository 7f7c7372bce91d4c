"""What the page says around the findings, and the page that is shown before any kernel is ready."""

from __future__ import annotations

from html import escape
from pathlib import Path

from pk_research.apps.findings.doubts import doubts_html
from pk_research.apps.findings.headline import headline_html
from pk_research.apps.findings.model import POTENTIAL, TYPES, VILLAGE, FindingsModel
from pk_research.apps.findings.origins import types_origin_html
from pk_research.apps.findings.picture import picture_html
from pk_research.apps.findings.types import types_html
from pk_research.apps.markup import say, section, sentence, tabs_html
from pk_research.clusters import Typology
from pk_research.clusters.html import legend_html
from pk_research.language import Language, Message, translate

TITLE = "Which villages are alike?"
STYLE = Path(__file__).with_name("style.css")


def title_html(language: Language) -> str:
    """Return the title of the page and what it is for."""
    return (
        f"<h1>{say(TITLE, language)}</h1>"
        f"<p class='pk-hint'>{say('Types of villages in the research of Pabrik Kampoeng', language)}</p>"
    )


def banner_html(model: FindingsModel) -> str:
    """Return the banner that made data carries; nothing for real data."""
    if model.dataset is None or not model.dataset.provenance.made:
        return ""
    text = say("Example data (made up), not real data", model.language)
    return f"<p class='pk-banner' role='note'>{text}</p>"


def progress_html(model: FindingsModel) -> str:
    """Return that something is being computed; an empty place while nothing is."""
    return working_html(model.language, is_working=model.status == "working")


def working_html(language: Language, *, is_working: bool) -> str:
    """Return that something is being computed; an empty place while nothing is."""
    if not is_working:
        return "<div role='status'></div>"
    text = say("Working it out …", language)
    return f"<div role='status' class='pk-working'><progress></progress> {text}</div>"


def trouble_html(model: FindingsModel) -> str:
    """Return why there is nothing to show, and what to do."""
    return "" if model.message is None else alert_html(model.message, model.language)


def alert_html(message: Message, language: Language) -> str:
    """Return a message that must not be overlooked."""
    return f"<p class='pk-trouble' role='alert'>{sentence(message, language)}</p>"


TABS = (
    (TYPES, Message("Types of villages")),
    (POTENTIAL, Message("Economic potential")),
    (VILLAGE, Message("One village")),
)
TABS_LABEL = "Parts of the findings"


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
    preparing = f"<p class='pk-hint pk-preparing'>{say('The choices are being prepared …', language)}</p>"
    found, choice = "", ""
    if model.typology is not None:
        answer = first_answer(model, boundaries=boundaries)
        found = tabs_html(TABS, TYPES, TABS_LABEL, language) + f"<div data-pk-answer>{answer}</div>"
        choice = _first_choice(language)
    return (
        f"<style>{STYLE.read_text(encoding='utf-8')}</style><div class='pk-app'>"
        f"<div class='pk-head'><div>{title_html(language)}</div><div class='pk-language'></div></div>"
        f"{banner_html(model)}"
        f"<div class='pk-body'><div class='pk-controls'><div class='pk-early'>{choice}{preparing}</div></div>"
        f"<div class='pk-results'>{trouble_html(model)}{found}</div></div></div>"
    )


def first_answer(model: FindingsModel, *, boundaries: Path | None = None) -> str:
    """Return the types that are shown at first, or by a choice made before the live app is there."""
    language, typology = model.language, model.typology
    if typology is None:
        return trouble_html(model)
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
