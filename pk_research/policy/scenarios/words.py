"""Scenarios told to people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from pk_research.language import Bilingual, Language, Message, number_text, translate
from pk_research.policy.budget.words import short
from pk_research.products.words import told
from pk_research.writing import marked

if TYPE_CHECKING:
    from pk_research.policy.scenarios.scenario import Scenario

MEASURES = {
    "cost_idr": Message("Cost (IDR)"),
    "n_served": Message("Villages served"),
    "n_units": Message("Units that take it up"),
    "gain": Message("Gain in the outcome"),
    "lost_to_price": Message("Gain lost to lower prices"),
    "worth_idr": Message("Worth of the gain (IDR)"),
    "net_idr": Message("Worth less cost (IDR)"),
    "cost_per_gain": Message("Cost of a unit gained (IDR)"),
    "n_winners": Message("Villages that gain"),
    "n_losers": Message("Villages that lose"),
    "inclusion_error": Message("Served, but not among those meant (%)"),
    "exclusion_error": Message("Meant, but not served (%)"),
    "gini_change": Message("Change of the Gini ratio between villages"),
    "poor_change": Message("Change of the share of villages below the line (percentage points)"),
}
PERCENT = ("inclusion_error", "exclusion_error", "poor_change")
KINDS = {
    "quintile": Message("Fifth by the outcome before (1 = lowest)"),
    "type": Message("Type of village"),
    "kecamatan": Message("Kecamatan"),
}
NO_LIMIT = Message("no limit")
YES, NO = Message("yes"), Message("no")
SHOWN_ANYWAY = 3
DECIMALS = {"gini_change": 4}
SEEN = 5e-4


def scenario_table(found: Scenario, language: Language) -> pd.DataFrame:
    """Return one row a measure; a dash where it does not exist."""
    rows = []
    for name, label in _shown(found).items():
        row = found.measures.loc[name]
        size = 100 if name in PERCENT else 1
        decimals = DECIMALS.get(name, SHOWN_ANYWAY)
        figures = [number(size * float(row[end]), language, decimals) for end in ("expected", "low", "high")]
        rows.append((label.text(language), *figures))
    columns = [translate("Measure", language), translate("Expected value", language), *ends(found, language)]
    return marked(pd.DataFrame(rows, columns=columns), language, made=found.made)


def ends(found: Scenario, language: Language) -> list[str]:
    """Return the headings of the two ends of an interval."""
    shares = (100 * end for end in ((1 - found.level) / 2, (1 + found.level) / 2))
    return [Message("{p}% point", {"p": round(share, 1)}).text(language) for share in shares]


def number(value: float, language: Language, decimals: int = SHOWN_ANYWAY) -> str:
    """Write a figure to four significant digits; "no limit" for an endless one."""
    if np.isinf(value):
        return NO_LIMIT.text(language)
    if np.isnan(value):
        return "–"
    # A sum with 0.0 turns what is rounded to -0 into 0.
    rounded = round(short(value), decimals) + 0.0
    return number_text(rounded, language, decimals if decimals > SHOWN_ANYWAY else None)


def _shown(found: Scenario) -> dict[str, Message]:
    """Return the measures that say something here."""
    left_out = set()
    if found.policy.prices is None:
        left_out.add("lost_to_price")
    if found.outcome.worth_idr is None:
        left_out |= {"worth_idr", "net_idr"}
    if not found.policy.target.measurement_sd:
        left_out |= {"inclusion_error", "exclusion_error"}
    if found.outcome.line is None:
        left_out.add("poor_change")
    return {name: label for name, label in MEASURES.items() if name not in left_out}


def village_table(found: Scenario, language: Language) -> pd.DataFrame:
    """Return one row a village; those most likely served first."""
    frame = found.villages.sort_values(
        ["probability", "village_code"], ascending=[False, True], ignore_index=True
    )
    low, high = ends(found, language)
    columns: dict[str, object] = {
        translate("Village", language): frame["village_code"],
        translate("Name", language): frame["name"],
        translate("Kecamatan", language): frame["kecamatan"],
        translate("Type of village", language): frame["type"],
        translate("Served", language): [(YES if it else NO).text(language) for it in frame["is_chosen"]],
        translate("Probability of being served (%)", language): (100 * frame["probability"]).round(1),
        translate("Given at most (IDR)", language): frame["amount_idr"],
        translate("Expected cost (IDR)", language): frame["cost_idr"].round(0),
        translate("Expected gain", language): frame["gain"].map(short),
        low: frame["gain_low"].map(short),
        high: frame["gain_high"].map(short),
        translate("Loses in (% of the draws)", language): (100 * frame["loses"]).round(1),
    }
    table = pd.DataFrame(columns)
    unknown = [name for name in table if table[name].isna().all()]
    return marked(table.drop(columns=unknown), language, made=found.made)


def group_table(found: Scenario, language: Language) -> pd.DataFrame:
    """Return one row a group: served, cost, gain, share of all gains, winners and losers."""
    frame = found.groups
    low, high = ends(found, language)
    table = pd.DataFrame(
        {
            translate("By", language): [KINDS[kind].text(language) for kind in frame["kind"]],
            translate("Group", language): frame["group"],
            translate("Villages", language): frame["n_villages"],
            translate("Villages served", language): frame["n_chosen"].round(1),
            translate("Expected cost (IDR)", language): frame["cost_idr"].round(0),
            translate("Expected gain", language): frame["gain"].map(short),
            low: frame["gain_low"].map(short),
            high: frame["gain_high"].map(short),
            translate("Share of the gain (%)", language): (100 * frame["share"]).round(1),
            translate("Villages that gain", language): frame["n_winners"].round(1),
            translate("Villages that lose", language): frame["n_losers"].round(1),
        }
    )
    return marked(table, language, made=found.made)


def scenario_in_words(found: Scenario, language: Language) -> str:
    """Say cost, gain, worth, who gains, what is spread how, and every warning."""
    parts: list[Bilingual] = [_cost(found), *_gain(found), *_worth(found), *_prices(found), *_spread(found)]
    parts += _errors(found)
    parts += [
        Message("Villages set aside ({reason}): {n}.", {"reason": reason, "n": n})
        for reason, n in found.left_out
    ]
    parts += found.warnings
    return told(parts, language, made=found.made)


def _interval(found: Scenario, name: str) -> dict[str, object]:
    row = found.measures.loc[name]
    values: dict[str, object] = {"level": round(100 * found.level, 1)}
    for key, end in (("expected", "expected"), ("low", "low"), ("high", "high")):
        value = float(row[end])
        values[key] = short(value) if np.isfinite(value) else NO_LIMIT
    return values


def _cost(found: Scenario) -> Message:
    expected = found.measures["expected"]
    values = {
        "policy": found.policy.name,
        "villages": short(float(expected["n_served"])),
        "all": len(found.villages),
        "units": short(float(expected["n_units"])),
    }
    return Message(
        "{policy}: {villages} of {all} villages are served, {units} units take it up, and it costs IDR"
        " {expected} ({level}% of the draws: {low} to {high}).",
        values | _interval(found, "cost_idr"),
    )


def _gain(found: Scenario) -> Iterator[Message]:
    unit = found.outcome.unit
    values = {"outcome": found.outcome.name, "unit": unit} | _interval(found, "gain")
    has_unit = bool(unit.text("en"))
    yield (
        Message("{outcome}: {expected} {unit} are gained ({level}% of the draws: {low} to {high}).", values)
        if has_unit
        else Message("{outcome}: {expected} is gained ({level}% of the draws: {low} to {high}).", values)
    )
    years = found.policy.impact.years
    if years > 1:
        yield Message(
            "That is counted over {years} years, later ones discounted by {rate}% a year.",
            {"years": years, "rate": round(100 * found.rate, 2)},
        )
    yield Message(
        "In {share}% of {n} draws something is gained.",
        {"share": round(100 * found.probability_of_gain, 1), "n": found.n_draws},
    )
    price = _interval(found, "cost_per_gain")
    if isinstance(price["expected"], float):
        yield Message(
            "A unit gained costs IDR {expected} ({level}% of the draws: {low} to {high}).",
            price,
        )


def _worth(found: Scenario) -> Iterator[Message]:
    if found.outcome.worth_idr is None:
        yield Message("What the gain is worth in rupiah was not said, so it is not held against the cost.")
        return
    won = round(found.probability_worth_it * found.n_draws)
    low, high = proportion_confint(won, found.n_draws, alpha=0.05, method="wilson")
    values = {"worth": short(float(found.measures.loc["worth_idr", "expected"]))}
    yield Message(
        "The gain is worth IDR {worth}; less the cost, that is IDR {expected} ({level}% of the draws: {low}"
        " to {high}).",
        values | _interval(found, "net_idr"),
    )
    yield Message(
        "In {share}% of the draws it is worth more than it costs (by chance of drawing alone {low} to"
        " {high}%).",
        {
            "share": round(100 * found.probability_worth_it, 1),
            "low": round(100 * float(low), 1),
            "high": round(100 * float(high), 1),
        },
    )


def _prices(found: Scenario) -> Iterator[Message]:
    if found.policy.prices is None:
        return
    expected = found.measures["expected"]
    lost, gain = float(expected["lost_to_price"]), float(expected["gain"])
    if lost > 0 and lost + gain > 0:
        yield Message(
            "Lower prices take away {lost} of what would be gained at unchanged prices ({percent}%), also"
            " from villages that get nothing: {n} villages are expected to lose. What buyers save is not"
            " counted.",
            {
                "lost": short(lost),
                "percent": round(100 * lost / (lost + gain), 1),
                "n": round(float(expected["n_losers"]), 1),
            },
        )


def _spread(found: Scenario) -> Iterator[Message]:
    yield from _fifths(found.groups[found.groups["kind"] == "quintile"])
    row = found.measures.loc["gini_change"]
    if np.isfinite(found.gini_before) and row["known"] > 0:
        after = found.gini_before + row[["expected", "low", "high"]].astype(float)
        values = {
            "before": round(found.gini_before, 3), "after": round(float(after["expected"]), 3),
            "low": round(float(after["low"]), 3), "high": round(float(after["high"]), 3),
        }  # fmt: skip
        yield (
            Message("The Gini ratio between villages stays near {before} ({low} to {high}).", values)
            if abs(float(row["expected"])) < SEEN
            else Message(
                "The Gini ratio between villages goes from {before} to {after} ({low} to {high}).", values
            )
        )
    if found.outcome.line is not None:
        row = found.measures.loc["poor_change"]
        after = 100 * (found.poor_before + row[["expected", "low", "high"]].astype(float))
        yield Message(
            "The share of villages below the line goes from {before}% to {after}% ({low} to {high}%).",
            {
                "before": round(100 * found.poor_before, 1), "after": round(float(after["expected"]), 1),
                "low": round(float(after["low"]), 1), "high": round(float(after["high"]), 1),
            },
        )  # fmt: skip


def _fifths(groups: pd.DataFrame) -> Iterator[Message]:
    """Say what the lowest and the highest fifth gain: shares, unless somebody loses."""
    if len(groups) < 2:
        return
    first, last = groups.iloc[0], groups.iloc[-1]
    if (groups["gain"] >= 0).all() and groups["gain"].any():
        yield Message(
            "Of the gain, {low}% goes to the fifth of villages with the lowest outcome before, {high}% to"
            " the fifth with the highest.",
            {"low": round(100 * float(first["share"]), 1), "high": round(100 * float(last["share"]), 1)},
        )
    else:
        yield Message(
            "The fifth of villages with the lowest outcome before gains {low}, the fifth with the highest"
            " {high}.",
            {"low": short(float(first["gain"])), "high": short(float(last["gain"]))},
        )


def _errors(found: Scenario) -> list[Message]:
    if not found.policy.target.measurement_sd:
        return []
    expected = found.measures["expected"]
    message = Message(
        "Because the indicator is read with error, {inclusion}% of the villages served are not among those"
        " meant, and {exclusion}% of those meant are not served.",
        {
            "inclusion": round(100 * float(expected["inclusion_error"]), 1),
            "exclusion": round(100 * float(expected["exclusion_error"]), 1),
        },
    )
    return [message]
