"""What was tried, on screen: the effects found so far with their doubts, and targets with their lights."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.apps.markup import say, section, sentence, signed
from pk_research.apps.policy.helps import HELPS, Help
from pk_research.apps.policy.pieces import paragraphs, strip
from pk_research.apps.policy.tried import AIMS
from pk_research.apps.policy.trouble import NO_EFFECT
from pk_research.apps.products.pieces import more
from pk_research.language import Language, Message, number_text
from pk_research.policy.targets.words import light_text

if TYPE_CHECKING:
    from pk_research.apps.policy.tried import Tried
    from pk_research.policy.effects.effect import Effect
    from pk_research.policy.targets import Tracking

RAISED = Message("It raised sales, if villages with and without it would have changed alike")
LOWERED = Message("It lowered sales, if villages with and without it would have changed alike")
OPEN = Message("Whether it raised or lowered sales cannot be told from this survey")
ASSUMED = Message("Not tried yet: its effect is made up for this example, not estimated")
HINT = (
    "Nobody drew by lot who got this help: villages that took it up may have been on another path anyway."
    " The line in a bar marks no effect."
)
AIMS_HINT = (
    "The targets are made up for this example. The interval holds the doubt from villages that did not"
    " answer, taken to be like the others; errors of the answers themselves are not in it. The line in a"
    " bar marks the target."
)


def tried_html(found: Tried, language: Language) -> str:
    """Return a card for each help, and one for each target."""
    estimated = [effect for effect in found.effects.values() if effect is not None]
    assumed = [asked.assumed for asked in HELPS.values() if asked.assumed is not None]
    ends = (
        min(0.0, *(effect.interval[0] for effect in estimated), *(low for low, _, _ in assumed)),
        max(0.0, *(effect.interval[1] for effect in estimated), *(high for _, _, high in assumed)),
    )
    cards = "".join(_card(asked, found.effects.get(key), ends, language) for key, asked in HELPS.items())
    effects = section(
        "tried", f"<div class='pk-cards pk-pairs'>{cards}</div><p class='pk-hint'>{say(HINT, language)}</p>"
    )
    return effects + ("" if found.tracking is None else _targets(found, found.tracking, language))


def _card(asked: Help, effect: Effect | None, ends: tuple[float, float], language: Language) -> str:
    heading = f"<h3>{escape(asked.name.text(language))}</h3>"
    if asked.assumed is not None:
        low, mean, high = asked.assumed
        values = _signed({"mean": mean, "low": low, "high": high}, language)
        figure = Message("Change in monthly sales: {mean}%, {low}% to {high}% at the utmost", values)
        return (
            f"<div class='pk-card'>{heading}<p><strong>{sentence(ASSUMED, language)}</strong></p>"
            f"<p>{escape(figure.text(language))}</p>{strip(mean, low, high, ends)}</div>"
        )
    if effect is None:
        return f"<div class='pk-card'>{heading}<p><strong>{sentence(NO_EFFECT, language)}</strong></p></div>"
    low, high = effect.interval
    verdict = RAISED if low > 0 else LOWERED if high < 0 else OPEN
    values = _signed({"estimate": effect.estimate, "low": low, "high": high}, language)
    figure = Message("Change in monthly sales: {estimate}% (95%: {low}% to {high}%)", values)
    counts = Message(
        "Villages that took it up: {treated}; compared with {others} that had not",
        {"treated": effect.sample.n_treated, "others": effect.sample.n_comparison},
    )
    how = say("How it was found out, and what it rests on", language)
    return (
        f"<div class='pk-card'>{heading}<p><strong>{sentence(verdict, language)}</strong></p>"
        f"<p>{escape(figure.text(language))}</p>{strip(effect.estimate, low, high, ends)}"
        f"<p class='pk-hint'>{sentence(counts, language)}</p>"
        f"{more(how, paragraphs(effect.in_words(language)))}</div>"
    )


def _signed(values: dict[str, float], language: Language) -> dict[str, object]:
    return {name: signed(value, language) for name, value in values.items()}


def _numbers(values: dict[str, float], language: Language) -> dict[str, object]:
    return {name: number_text(value, language, 1) for name, value in values.items()}


def _targets(found: Tried, tracking: Tracking, language: Language) -> str:
    cards = "".join(
        _aim(str(row.indicator), row, tracking, language) for row in tracking.outlook.itertuples()
    )
    left = ""
    if found.n_impossible:
        text = Message(
            "Answers left out, for they lie below 0 or above all households: {n}.", {"n": found.n_impossible}
        )
        left = f" {escape(text.text(language))}"
    return section(
        "targets",
        f"<h3 class='pk-finding'>{say('Are the targets reached?', language)}</h3>"
        f"<div class='pk-cards pk-pairs'>{cards}</div>"
        f"<p class='pk-hint'>{say(AIMS_HINT, language)}{left}</p>",
    )


def _aim(key: str, outlook: object, tracking: Tracking, language: Language) -> str:
    """Return a target: its light now, value beside target, the year before, and how likely the last is."""
    years = tracking.years[(tracking.years["indicator"] == key) & tracking.years["value"].notna()]
    heading = f"<h3>{escape(AIMS[key].name.text(language))}</h3>"
    lines = "".join(_year(row, language) for row in years.iloc[::-1].to_dict("records"))
    chance, target = float(outlook.chance), float(outlook.target)  # type: ignore[attr-defined]
    values = {"year": str(outlook.end), "target": number_text(target, language, 1)}  # type: ignore[attr-defined]
    if pd.isna(chance):
        last = Message("Target for {year}: {target}. How likely it is cannot be said.", values)
    else:
        percent = min(99, max(1, round(100 * chance)))
        last = Message(
            "Target for {year}: {target}. If the trend of {n} years goes on, the chance to reach it is"
            " {chance}%.",
            {**values, "n": int(outlook.n_values), "chance": percent},  # type: ignore[attr-defined]
        )
    return f"<div class='pk-card'>{heading}{lines}<p class='pk-hint'>{escape(last.text(language))}</p></div>"


def _year(row: dict[str, object], language: Language) -> str:
    value, low, high, target = (float(str(row[name])) for name in ("value", "low", "high", "target"))
    figures = _numbers({"value": value, "low": low, "high": high, "target": target}, language)
    told = Message(
        "{year}: {value} (95%: {low} to {high}), target {target}", {"year": str(row["year"]), **figures}
    )
    light = str(row["light"])
    mark = light_text(light, language, has_error=bool(row["has_error"]))
    reach = max(abs(low - target), abs(high - target), high - low) * 1.5
    drawn = strip(value, low, high, (target - reach, target + reach), at=target)
    return (
        f"<p class='pk-aim'><strong class='pk-light pk-{light.replace('_', '-')}'>{escape(mark)}</strong> "
        f"{escape(told.text(language))}</p>{drawn}"
    )
