"""What the page says around the board, and the page that is shown before any kernel is ready."""

from __future__ import annotations

from pathlib import Path

from pk_research.apps.markup import say, tabs_html
from pk_research.apps.products.page import STYLES, alert_html, made_html
from pk_research.apps.programme.html import board_html, changes_html, decisions_html, place_html
from pk_research.apps.programme.model import BOARD, CHANGES, DECISIONS, PLACE, ProgrammeModel
from pk_research.apps.programme.pieces import reconciled
from pk_research.language import Language, Message

TITLE = "Which office does what, for which village, by when?"
PURPOSE = (
    "Actions agreed in the programme: who is to act, what is late, and what was decided on which evidence"
)
TABS = (
    (BOARD, Message("Board")),
    (PLACE, Message("Villages")),
    (DECISIONS, Message("Decisions")),
    (CHANGES, Message("Changes")),
)
TABS_LABEL = "Parts of the programme board"
HERE = Path(__file__).parent


def style_html() -> str:
    """Return the style of all apps, and what this one adds."""
    paths = (*STYLES, HERE / "style.css")
    return f"<style>{''.join(path.read_text(encoding='utf-8') for path in paths)}</style>"


def title_html(language: Language) -> str:
    """Return the title of the page and what it is for."""
    return f"<h1>{say(TITLE, language)}</h1><p class='pk-hint'>{say(PURPOSE, language)}</p>"


def banner_html(model: ProgrammeModel) -> str:
    """Return the banner that made data carries; nothing for real data."""
    return made_html(model.language) if model.made else ""


def found(model: ProgrammeModel, tab: str) -> str:
    """Return what stands on a tab; nothing where there is no log."""
    shown, material, language = model.shown, model.material, model.language
    if shown is None or material is None:
        return ""
    if tab == CHANGES:
        return changes_html(shown, material, model.since, language)
    write = {BOARD: board_html, PLACE: place_html, DECISIONS: decisions_html}[tab]
    return write(shown, material, language)


def counts(model: ProgrammeModel) -> str:
    """Return where every action of the log is; nothing where there is no log."""
    shown, material = model.shown, model.material
    return "" if shown is None or material is None else reconciled(shown, material, model.language)


def first_paint(model: ProgrammeModel) -> str:
    """Return what the app shows at first as plain HTML that needs neither script nor kernel."""
    language = model.language
    preparing = f"<p class='pk-hint pk-preparing'>{say('The choices are being prepared …', language)}</p>"
    return (
        f"{style_html()}<div class='pk-app pk-products pk-programme'>"
        f"<div class='pk-head'><div>{title_html(language)}</div><div class='pk-language'></div></div>"
        f"{banner_html(model)}<div class='pk-results'>"
        f"{tabs_html(TABS, BOARD, TABS_LABEL, language)}{preparing}"
        f"{alert_html(model.message, language)}{found(model, BOARD)}{counts(model)}</div></div>"
    )
