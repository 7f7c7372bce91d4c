"""The page a supervisor reads while the kernel of their visit begins: each form, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from pk_research.apps.frame import alert_html
from pk_research.apps.markup import say, section, table
from pk_research.apps.supervise import trouble
from pk_research.apps.supervise.forms import FormState
from pk_research.apps.supervise.listing import moment
from pk_research.apps.supervise.page import FRAME
from pk_research.apps.supervise.states import LOOKS, NONE, badge, label_of, tile
from pk_research.language import Language, number_text


def first_paint(states: Sequence[FormState], language: Language) -> str:
    """Return the page as plain HTML that needs neither script nor kernel."""
    found = forms_html(states, language) if states else alert_html(trouble.NO_FORM, language)
    return FRAME.first_paint(found, language, made=False)


def forms_html(states: Sequence[FormState], language: Language) -> str:
    """Return the forms as a table: submissions, by state of review, and when the last one came."""
    shown = [state for state in LOOKS if state != NONE]
    headings = [
        say("Form", language),
        say("Submissions", language),
        *(tile(state, language, title=label_of(state, language)) for state in shown),
    ]
    rows = [
        [
            f"{escape(state.form.title)}<small>{_latest(state, language)}</small>",
            number_text(state.n_by_state.total(), language),
            *(number_text(state.n_by_state[name], language) for name in shown),
        ]
        for state in states
    ]
    made = table(headings, rows, numeric=range(1, len(headings)))
    legend = "".join(f"<li>{badge(state, language)}</li>" for state in shown)
    heading = f"<h2>{say('Forms', language)}</h2>"
    return section("forms", f"{heading}<ul class='pk-states'>{legend}</ul>{made}")


def _latest(state: FormState, language: Language) -> str:
    if state.latest_at is None:
        return say("Nothing received yet", language)
    return f"<span class='pk-wide-only'>{say('Last received', language)} </span>{moment(state.latest_at)}"
