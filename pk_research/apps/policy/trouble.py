"""Why something cannot be shown, in a sentence for whoever looks."""

from __future__ import annotations

from pk_research.language import Message

NO_SURVEY = Message("No village survey with products and sales has been loaded yet")
UNREADABLE = Message("The village survey cannot be read; the administrator has to look at the log")
NO_EFFECT = Message(
    "How much this help brings cannot be estimated: too few villages took it up between two surveys"
)
NOBODY = Message("By this rule nobody gets anything: allow more villages or a larger budget")
NO_PLAN = Message("No plan keeps all rules: lower a share that is kept, or raise the budget")
NO_PLAN_YET = Message("No plan was found in the time there is; loosen the limits and try again")
TOO_MUCH_KEPT = Message(
    "More is kept than can be spent. Kept for {group}: {kept}. All help that could be given there costs:"
    " {most}. Keep a smaller share, or lower the budget."
)
CLASH = Message(
    "The budget and what is kept cannot both be met, for help is given whole or not at all: {groups}."
    " Keep a smaller share, or raise the budget."
)
