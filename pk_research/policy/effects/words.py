"""An effect told to people: never surer than its interval, never without what it rests on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.language import Bilingual, Language, Message, number_text, translate
from pk_research.products.words import told
from pk_research.writing import marked

if TYPE_CHECKING:
    from pk_research.policy.effects.effect import Diagnostic, Effect

KIND_NAMES = {
    "overall": Message("Whole effect"),
    "event_time": Message("Periods since the start"),
    "cohort": Message("Started in"),
    "period": Message("In period"),
    "group": Message("Among"),
    "placebo": Message("Where there was no policy"),
}
PERCENT = "%"
VERDICTS = {
    "holds": Message("in order"),
    "doubtful": Message("doubtful"),
    "fails": Message("not in order"),
    "cannot_be_said": Message("cannot be said"),
}


def effect_table(effect: Effect, language: Language) -> pd.DataFrame:
    """Return one row a term: estimate, standard error, interval and p-value."""
    digits = _digits(effect)
    shown = effect.estimates
    level = number_text(100 * effect.level, language)
    table = pd.DataFrame(
        {
            translate("Effect on", language): effect.outcome.text(language),
            translate("Term", language): [
                term_name(kind, term, language)
                for kind, term in zip(shown["kind"], shown["term"], strict=True)
            ],
            translate("Estimate", language): shown["estimate"].round(digits),
            translate("Standard error", language): shown["standard_error"].round(digits),
            Message("{level}% interval, from", {"level": level}).text(language): shown["low"].round(digits),
            translate("to", language): shown["high"].round(digits),
            translate("p-value", language): shown["p_value"].round(4),
        }
    )
    return marked(table, language, made=effect.made)


def term_name(kind: str, term: object, language: Language) -> str:
    """Say what a row of the estimates is about."""
    name = KIND_NAMES[kind].text(language)
    if kind == "overall":
        return name
    text = term.text(language) if isinstance(term, Message) else _plain(term)
    return f"{name}: {text}"


def account(effect: Effect, language: Language) -> str:
    """Tell the effect in a careful paragraph."""
    return told([*found(effect), *ground(effect, language)], language, made=effect.made)


def ground(effect: Effect, language: Language) -> list[Message]:
    """Say what an effect rests on, a sentence each: its sample, its method, and what has to hold."""
    return [
        _sample(effect),
        *_left_out(effect),
        _method(effect),
        *_rests_on(effect, language),
        *(diagnostic.account for diagnostic in effect.diagnostics),
        *effect.warnings,
        *_second(effect),
        *effect.plan,
    ]


def diagnostics_table(effect: Effect, language: Language) -> pd.DataFrame:
    """Return one row a check: what, figure, verdict, and what it means."""

    def row(diagnostic: Diagnostic) -> tuple[str, float, str, str]:
        return (
            diagnostic.name.text(language),
            round(diagnostic.value, 4),
            VERDICTS[diagnostic.verdict].text(language),
            diagnostic.account.text(language),
        )

    names = [translate(text, language) for text in ("Check", "Figure", "Verdict", "What it means")]
    return pd.DataFrame([row(diagnostic) for diagnostic in effect.diagnostics], columns=names)


@dataclass(frozen=True)
class Figure:
    """A number written to so many decimals in either language."""

    value: float
    decimals: int

    def text(self, language: Language) -> str:
        """Return the number as the language writes it."""
        return number_text(self.value + 0.0, language, self.decimals)


def figure(value: float, effect: Effect) -> Figure:
    """Return a number to two digits of the effect's standard error, as figures with doubt are written."""
    digits = _digits(effect)
    return Figure(round(float(value), digits), digits)


def found(effect: Effect) -> list[Message]:
    """Say what was found, and how far it is told apart from nothing."""
    low, high = effect.interval
    values: dict[str, object] = {
        "outcome": effect.outcome,
        "size": _amount(figure(abs(effect.estimate), effect), effect),
        "low": _bound(low, effect),
        "high": _bound(high, effect),
        "level": 100 * effect.level,
        "comparison": effect.comparison,
    }
    if not math.isfinite(effect.estimate):
        return [Message("No effect on “{outcome}” could be estimated.", values)]
    higher = Message("higher") if effect.estimate >= 0 else Message("lower")
    values["higher"] = higher
    if not (math.isfinite(low) and math.isfinite(high)):
        return [
            Message(
                "“{outcome}” is estimated to be {size} {higher} than without the policy, compared with"
                " {comparison}.",
                values,
            ),
            Message("How sure this is cannot be said by an interval: see the checks below."),
        ]
    answer = Message(
        "“{outcome}” is estimated to be {size} {higher} than without the policy, compared with"
        " {comparison}; the {level}% interval of the difference goes from {low} to {high}.",
        values,
    )
    if low <= 0 <= high:
        doubt = Message(
            "No effect at all is within the interval: these data do not tell whether the policy raised or"
            " lowered it. That is not the same as showing that it did nothing."
        )
    else:
        direction = Message("raised") if effect.estimate > 0 else Message("lowered")
        doubt = Message(
            "If what is said below holds, chance alone hardly explains this: the policy {direction} it.",
            {"direction": direction},
        )
    return [answer, doubt]


def _amount(size: Figure, effect: Effect) -> Bilingual:
    unit = effect.unit
    if not unit.text("en"):
        return size
    template = "{size}{unit}" if unit.text("en") == PERCENT else "{size} {unit}"
    return Message(template, {"size": size, "unit": unit})


def _bound(value: float, effect: Effect) -> Bilingual:
    """Return an end of the interval; a percent sign follows each number, another unit is told once."""
    bound = figure(value, effect)
    return _amount(bound, effect) if effect.unit.text("en") == PERCENT else bound


def _sample(effect: Effect) -> Message:
    sample = effect.sample
    return Message(
        "Units with the policy: {treated}; units compared with: {comparison}; rows: {rows}; periods:"
        " {periods}.",
        {
            "treated": sample.n_treated,
            "comparison": sample.n_comparison,
            "rows": sample.n_rows,
            "periods": sample.n_periods,
        },
    )


def _left_out(effect: Effect) -> list[Message]:
    return [
        Message("Rows set aside, {n}: {reason}.", {"n": n, "reason": reason})
        for reason, n in effect.sample.left_out
        if n
    ]


def _method(effect: Effect) -> Message:
    return Message(
        "Method: {name} ({source}), computed with {library}.",
        {
            "name": effect.estimator.name,
            "source": effect.estimator.source,
            "library": effect.estimator.library,
        },
    )


def _rests_on(effect: Effect, language: Language) -> list[Message]:
    if not effect.assumptions:
        return []
    held = "; ".join(assumption.text(language) for assumption in effect.assumptions)
    return [Message("The figure is the policy's effect only if: {held}.", {"held": held})]


def _second(effect: Effect) -> list[Message]:
    check = effect.cross_check
    if check is None or not check.agrees:
        return []
    return [Message("A second implementation ({library}) gives the same.", {"library": check.library})]


def _digits(effect: Effect) -> int:
    size = effect.standard_error if np.isfinite(effect.standard_error) else abs(effect.estimate)
    if not np.isfinite(size) or size == 0:
        return 3
    return max(0, 1 - math.floor(math.log10(size)))


def _plain(term: object) -> str:
    if isinstance(term, (float, np.floating)) and float(term).is_integer():
        return str(int(term))
    return str(term)
