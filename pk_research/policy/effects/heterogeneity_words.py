"""Effects by group told to people: first whether the groups differ, then each, then how far to trust it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.language import Language, Message, number_text, translate
from pk_research.policy.effects.effect import estimates_table
from pk_research.policy.effects.words import figure
from pk_research.products.words import told
from pk_research.writing import marked

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from pk_research.policy.effects.effect import Effect
    from pk_research.policy.effects.heterogeneity import ByGroup

DECIMALS = 4
ADJUSTED = {
    "holm": Message("p-value for all groups together (Holm)"),
    "benjamini_hochberg": Message("p-value by false discoveries (Benjamini-Hochberg)"),
    "romano_wolf": Message("p-value for all together (Romano-Wolf)"),
}


@dataclass(frozen=True)
class Chance:
    """A p-value as it is written: never as none at all."""

    value: float

    def text(self, language: Language) -> str:
        """Return such as ``"p = 0.0312"`` or ``"p < 0.0001"``."""
        least = 10.0**-DECIMALS
        if self.value < least:
            return f"p < {number_text(least, language, DECIMALS)}"
        return f"p = {number_text(self.value, language, DECIMALS)}"


def groups_table(found: ByGroup, language: Language) -> pd.DataFrame:
    """Return one row a group; those set aside last, with their reason."""
    shown = found.estimates
    first = _first(found)
    level = number_text(100 * found.level, language)

    def rounded(values: pd.Series) -> list[float]:
        return [figure(value, first).value for value in values]

    table = pd.DataFrame(
        {
            translate("Group", language): [found.names[group].text(language) for group in shown["group"]],
            translate("Units with the policy", language): shown["n_treated"].astype("Int64"),
            translate("Units compared with", language): shown["n_comparison"].astype("Int64"),
            translate("Estimate", language): rounded(shown["estimate"]),
            translate("Standard error", language): rounded(shown["standard_error"]),
            Message("{level}% interval, from", {"level": level}).text(language): rounded(shown["low"]),
            translate("to", language): rounded(shown["high"]),
            translate("p-value", language): shown["p_value"].round(4),
            ADJUSTED[found.adjustment].text(language): shown["adjusted"].round(4),
        }
    )
    if "sure_estimate" in shown:
        table[translate("Rows of doubtful members", language)] = shown["n_unsure"].astype("Int64")
        table[translate("Estimate among sure members", language)] = rounded(shown["sure_estimate"])
    if found.set_aside:
        aside = pd.DataFrame(
            {
                translate("Group", language): [name.text(language) for name, _, _ in found.set_aside],
                translate("Why set aside", language): [
                    reason.text(language) for _, reason, _ in found.set_aside
                ],
            }
        )
        table = pd.concat([table, aside], ignore_index=True)
    return marked(table, language, made=found.made)


def pairs_table(found: ByGroup, language: Language) -> pd.DataFrame:
    """Return one row a pair of groups."""
    shown = found.differences
    first = _first(found)
    level = number_text(100 * found.level, language)
    columns: dict[str, list[str] | list[float]] = {
        translate("Group", language): [found.names[group].text(language) for group in shown["first"]],
        translate("compared with", language): [
            found.names[group].text(language) for group in shown["second"]
        ],
    }
    for heading, name in (
        (translate("Difference of the effects", language), "difference"),
        (translate("Standard error", language), "standard_error"),
        (Message("{level}% interval, from", {"level": level}).text(language), "low"),
        (translate("to", language), "high"),
    ):
        columns[heading] = [figure(value, first).value for value in shown[name]]
    table = pd.DataFrame(columns)
    table[translate("p-value", language)] = shown["p_value"].round(4)
    table[translate("p-value for all pairs together (Holm)", language)] = shown["adjusted"].round(4)
    return marked(table, language, made=found.made)


def account(found: ByGroup, language: Language) -> str:
    """Tell whether the groups differ, the effect of each, and how far to trust it."""
    sentences = [
        _differ(found),
        *_each(found),
        _declared(found),
        Message(
            "The groups must have been formed from what was known before the policy: groups formed by the"
            " outcome itself differ by construction."
        ),
        *_sure(found),
        *_aside(found),
    ]
    if found.options["covariance"] == "cluster_jackknife":
        sentences.append(
            Message(
                "Clusters lie in several groups, so differences are judged by leaving out one cluster at a"
                " time."
            )
        )
    return told(sentences, language, made=found.made)


def picture(found: ByGroup, language: Language, *, width_px: float) -> Figure:
    """Draw each group's effect with its interval."""
    rows = [
        (Message("{name}", {"name": found.names[one.group]}), "group", *_figures(one))
        for one in found.estimates.itertuples()
    ]
    return replace(_first(found), estimates=estimates_table(rows), made=found.made).plot(
        language, width_px=width_px
    )


def _figures(one: object) -> tuple[float, float, float, float, float]:
    names = ("estimate", "standard_error", "low", "high", "p_value")
    first, error, low, high, p_value = (float(getattr(one, name)) for name in names)
    return first, error, low, high, p_value


def _first(found: ByGroup) -> Effect:
    """Return the surest effect: figures of all are rounded by its standard error."""
    return min(found.effects.values(), key=lambda effect: effect.standard_error)


def _differ(found: ByGroup) -> Message:
    values = {
        "outcome": _first(found).outcome,
        "n": len(found.effects),
        "p": Chance(found.joint.p_value),
    }
    if found.joint.p_value < 1 - found.level:
        return Message(
            "The effect on “{outcome}” differs between the {n} groups more than chance alone would explain"
            " (joint test, {p}).",
            values,
        )
    return Message(
        "These data do not tell whether the effect on “{outcome}” differs between the {n} groups (joint test,"
        " {p}). That is not the same as showing that it is the same in all.",
        values,
    )


def _each(found: ByGroup) -> list[Message]:
    first = _first(found)
    return [
        Message(
            "{name}: {estimate} ({level}% interval from {low} to {high}; {p}, allowing for the number of"
            " groups {adjusted}).",
            {
                "name": found.names[one.group],
                "estimate": figure(one.estimate, first),
                "level": 100 * found.level,
                "low": figure(one.low, first),
                "high": figure(one.high, first),
                "p": Chance(one.p_value),
                "adjusted": Chance(one.adjusted),
            },
        )
        for one in found.estimates.itertuples()
    ]


def _declared(found: ByGroup) -> Message:
    if found.is_declared:
        return Message("The plan made before names these groups (“{group}”).", {"group": found.group})
    return Message(
        "No plan made before names these groups (“{group}”): what is found of them is exploratory, a question"
        " for the next study rather than an answer.",
        {"group": found.group},
    )


def _sure(found: ByGroup) -> list[Message]:
    if "sure_estimate" not in found.estimates:
        return []
    first = _first(found)
    sentences = [
        Message(
            "Rows of units whose group is doubtful (probability below {sure}%): {n}. The effects without"
            " them follow.",
            {"sure": 100 * float(str(found.options["sure"])), "n": int(found.estimates["n_unsure"].sum())},
        )
    ]
    for one in found.estimates.itertuples():
        values = {
            "name": found.names[one.group],
            "estimate": figure(one.sure_estimate, first),
            "low": figure(one.sure_low, first),
            "high": figure(one.sure_high, first),
        }
        sentences.append(
            Message("{name}: too few sure members are left.", values)
            if pd.isna(one.sure_estimate)
            else Message("{name}, sure members only: {estimate} (from {low} to {high}).", values)
        )
    return sentences


def _aside(found: ByGroup) -> list[Message]:
    sentences = [
        Message("Set aside with {n} rows: {name}, {reason}.", {"n": n, "name": name, "reason": reason})
        for name, reason, n in found.set_aside
    ]
    if found.n_unnamed:
        sentences.append(Message("Rows without a group, set aside: {n}.", {"n": found.n_unnamed}))
    return sentences
