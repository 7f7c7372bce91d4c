"""What the page says around the board, and the page that is shown before any kernel is ready."""

from __future__ import annotations

from pk_research.apps.about import ABOUT
from pk_research.apps.frame import Frame, alert_html
from pk_research.apps.programme.html import board_html, changes_html, decisions_html, place_html
from pk_research.apps.programme.model import BOARD, CHANGES, DECISIONS, PLACE, ProgrammeModel
from pk_research.apps.programme.pieces import reconciled
from pk_research.language import Message

TABS = (
    (BOARD, Message("Board")),
    (PLACE, Message("Villages")),
    (DECISIONS, Message("Decisions")),
    (CHANGES, Message("Changes")),
)
FRAME = Frame(
    ABOUT["programme"].title,
    Message(
        "Actions agreed in the programme: who is to act, what is late, and what was decided on which evidence"
    ),
    kinds=("pk-products", "pk-programme"),
    styles=("products", "programme"),
    tabs=TABS,
    tabs_label="Parts of the programme board",
)


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
    if shown is None or material is None:
        return ""
    return reconciled(shown, material, model.language, n_undated=model.n_undated_left_out)


def first_paint(model: ProgrammeModel) -> str:
    """Return what the app shows at first as plain HTML that needs neither script nor kernel."""
    shown = f"{alert_html(model.message, model.language)}{found(model, BOARD)}{counts(model)}"
    return FRAME.first_paint(shown, model.language, made=model.made)
