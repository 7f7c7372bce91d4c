"""What was tried, on screen: the effects found so far, with their doubts."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from pk_research.apps.markup import say, section
from pk_research.apps.policy.helps import HELPS
from pk_research.apps.policy.pieces import paragraphs, strip
from pk_research.apps.products.pieces import more
from pk_research.language import Language, Message, number_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pk_research.policy.effects.effect import Effect

RAISED = Message("It raised sales, if villages with and without it would have changed alike")
LOWERED = Message("It lowered sales, if villages with and without it would have changed alike")
OPEN = Message("Whether it raised or lowered sales cannot be told from this survey")


def tried_html(effects: Mapping[str, Effect], language: Language) -> str:
    """Return a card for each help: the effect, its interval, and all of it in words."""
    ends = (
        min(0.0, *(effect.interval[0] for effect in effects.values())),
        max(0.0, *(effect.interval[1] for effect in effects.values())),
    )
    cards = "".join(_card(key, effect, ends, language) for key, effect in effects.items())
    return section(
        "tried", f"<div class='pk-cards pk-pairs'>{cards}</div><p class='pk-hint'>{say(HINT, language)}</p>"
    )


HINT = (
    "Nobody drew by lot who got this help: villages that took it up may have been on another path anyway."
    " The line in a bar marks no effect."
)


def _card(key: str, effect: Effect, ends: tuple[float, float], language: Language) -> str:
    low, high = effect.interval
    verdict = RAISED if low > 0 else LOWERED if high < 0 else OPEN
    values = {name: number_text(value, language, 1) for name, value in
              (("estimate", effect.estimate), ("low", low), ("high", high))}  # fmt: skip
    figure = Message("{estimate} per cent of monthly sales (95%: {low} to {high})", values).text(language)
    counts = Message(
        "Villages that took it up: {treated}; compared with {others} that had not",
        {"treated": effect.sample.n_treated, "others": effect.sample.n_comparison},
    ).text(language)
    how = say("How it was found out, and what it rests on", language)
    return (
        f"<div class='pk-card'><h3>{escape(HELPS[key].name.text(language))}</h3>"
        f"<p><strong>{escape(verdict.text(language))}.</strong></p>"
        f"<p>{escape(figure.replace('-', '−'))}</p>{strip(effect.estimate, low, high, ends)}"
        f"<p class='pk-hint'>{escape(counts)}.</p>"
        f"{more(how, paragraphs(effect.in_words(language)))}</div>"
    )
