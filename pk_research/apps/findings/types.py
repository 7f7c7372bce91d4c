"""One card a type: how many villages, what makes it what it is, and how sure that is."""

from __future__ import annotations

from html import escape

import pandas as pd

from pk_research.apps.findings.choices import indicator_label
from pk_research.apps.findings.naming import type_name
from pk_research.apps.markup import chip, say, section, signed
from pk_research.clusters import Typology
from pk_research.language import Language, Message, decimals_for, number_text

MOST_LINES = 6
EVEN_ROWS = (2, 4)


def types_html(typology: Typology, language: Language) -> str:
    """Return the cards of all types.

    Each line shows the type's mean of an indicator and how far it lies from the mean of all
    villages, in standard deviations, with its 95% interval.
    """
    reach = float(typology.profile.table[["effect_low", "effect_high", "effect"]].abs().max().max()) or 1.0
    cards = "".join(_card(typology, cluster, reach, language) for cluster in typology.summary.index)
    return section(
        "types",
        f"<h2>{say('The types', language)}</h2><p class='pk-hint'>{say(_HINT, language)}</p>"
        f"<div class='pk-cards{' pk-pairs' if typology.k in EVEN_ROWS else ''}'>{cards}</div>",
    )


_HINT = (
    "A dot shows how far the average of a type lies from the average of all villages (the line in the"
    " middle), in standard deviations; the bar is its 95% interval, taking the types as they are: which"
    " village belongs where is a doubt of its own."
)


def _card(typology: Typology, cluster: int, reach: float, language: Language) -> str:
    rows = typology.profile.table[typology.profile.table["cluster"] == cluster]
    told = rows.dropna(subset=["effect"])  # of a variable withheld in the whole type nothing is told
    telling = told.sort_values("effect", key=lambda effect: -effect.abs(), kind="stable").head(MOST_LINES)
    lines = "".join(_line(typology, row, reach, language) for _, row in telling.iterrows())
    n_more = len(told) - len(telling)
    more = Message("and {n} more indicators, nearer to the average", {"n": n_more}).text(language)
    return (
        f"<article class='pk-card'><h3>{chip(cluster, typology.k)}"
        f"<span>{escape(type_name(typology, cluster, language))}</span></h3>"
        f"<p class='pk-size'>{escape(_size(typology, cluster).text(language))}</p>"
        f"<ul class='pk-effects'>{lines}</ul>"
        + (f"<p class='pk-hint'>{escape(more)}</p>" if n_more else "")
        + f"<p class='pk-hint'>{escape(_typical(typology, cluster, language))}</p></article>"
    )


def _size(typology: Typology, cluster: int) -> Message:
    row = typology.summary.loc[cluster]
    values = {
        "n": int(row["n_villages"]),
        "percent": round(100 * row["share"]),
        "border": int(row["n_border"]),
    }
    if values["border"] == 0:
        return Message("{n} villages ({percent}%)", values)
    return Message("{n} villages ({percent}%), {border} of them between two types", values)


def _line(typology: Typology, row: pd.Series, reach: float, language: Language) -> str:
    declared = next(entry for entry in typology.variables if entry.name == row["variable"])
    largest = typology.villages[declared.name].abs().max()
    mean = number_text(row["mean"], language, decimals_for(largest))
    label = escape(indicator_label(declared, language))
    return (
        f"<li><span class='pk-label'>{label}</span><span class='pk-value'>{mean}</span>"
        f"{_bar(row, reach)}<span class='pk-effect'>{_effect(row, language)}</span></li>"
    )


def _bar(row: pd.Series, reach: float) -> str:
    """Draw an effect and its interval; a type of one village has no interval."""
    dot = f"<i class='pk-dot' style='left:{_place(row['effect'], reach):.1f}%'></i>"
    if pd.isna(row["effect_low"]):
        return f"<span class='pk-bar' aria-hidden='true'>{dot}</span>"
    low, high = _place(row["effect_low"], reach), _place(row["effect_high"], reach)
    interval = f"<i class='pk-interval' style='left:{low:.1f}%;width:{high - low:.1f}%'></i>"
    return f"<span class='pk-bar' aria-hidden='true'>{interval}{dot}</span>"


def _place(effect: float, reach: float) -> float:
    return 50 + 48 * effect / reach


def _effect(row: pd.Series, language: Language) -> str:
    if pd.isna(row["effect_low"]):
        return signed(row["effect"], language)
    low, high = signed(row["effect_low"], language), signed(row["effect_high"], language)
    return f"{signed(row['effect'], language)} <small>({low} … {high})</small>"


def _typical(typology: Typology, cluster: int, language: Language) -> str:
    nearest = typology.typical[typology.typical["cluster"] == cluster]
    names = nearest["village"] if "village" in nearest else nearest[typology.code_column]
    return Message("Typical: {villages}", {"villages": ", ".join(map(str, names))}).text(language)
