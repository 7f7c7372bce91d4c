"""Other choices and elements left out, told to people by label and name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pk_research.indicators.composite.uncertainty_words import factor_name
from pk_research.indicators.composite.words import CHOSEN, sentence, unit_name
from pk_research.language import Language, Message, translate
from pk_research.writing import MADE, marked

if TYPE_CHECKING:
    from pk_research.indicators.composite.choices import Removals, SideBySide
    from pk_research.indicators.composite.index import CompositeIndex


def choices_table(result: SideBySide, language: Language) -> pd.DataFrame:
    """Return one row a choice: what was chosen otherwise, how far ranks move, who moves most."""
    effects = result.effects
    kept = Message("Of the first {n}, still there", {"n": result.top}).text(language)
    table = pd.DataFrame(
        {
            translate("Choice", language): [factor_name(name, language) for name in effects["field"]],
            translate("Instead", language): [_chosen(value, language) for value in effects["value"]],
            **_shifts(effects, result.index, language),
            kept: effects["kept_top"].to_list(),
            translate("Villages with a score", language): effects["n_scored"].to_list(),
        }
    )
    return marked(table, language, made=result.index.made)


def choices_in_words(result: SideBySide, language: Language) -> str:
    """Say which choice moves ranks most, and how many of the first stay there whatever is chosen."""
    strongest = result.effects.loc[result.effects["mean_shift"].idxmax()]
    values = {
        "choice": factor_name(strongest["field"], language),
        "value": _chosen(strongest["value"], language),
        "shift": round(float(strongest["mean_shift"]), 1),
        "n": len(result.effects),
        "top": result.top,
        "kept": int(result.effects["kept_top"].min()),
    }
    told = (
        Message(
            "Of {n} choices made otherwise one at a time, this moves ranks most: {choice} ({value}),"
            " by {shift} ranks on average",
            values,
        ),
        Message("Of the first {top}, at least {kept} stay among them whichever is made", values),
    )
    return _told(result.index, told, language)


def removals_table(result: Removals, language: Language) -> pd.DataFrame:
    """Return one row an element: its label, how far ranks move without it, who moves most."""
    labels = [result.index.declaration.label(name).text(language) for name in result.effects.index]
    table = pd.DataFrame(
        {translate("Element left out", language): labels, **_shifts(result.effects, result.index, language)}
    )
    return marked(table, language, made=result.index.made)


def removals_in_words(result: Removals, language: Language) -> str:
    """Say which element matters most and which least to the ranks."""
    shifts = result.effects["mean_shift"]
    most, least = (result.index.declaration.label(str(name)) for name in (shifts.index[0], shifts.index[-1]))
    values = {
        "most": most,
        "most_shift": round(float(shifts.iloc[0]), 1),
        "least": least,
        "least_shift": round(float(shifts.iloc[-1]), 1),
    }
    told = (
        Message(
            "Left out, this moves ranks most: {most}, by {most_shift} ranks on average; this least:"
            " {least}, by {least_shift}",
            values,
        ),
    )
    return _told(result.index, told, language)


def _shifts(effects: pd.DataFrame, index: CompositeIndex, language: Language) -> dict[str, list[object]]:
    places = index.inputs.key.get_indexer(pd.Index(effects["largest_unit"]))
    return {
        translate("Ranks moved on average", language): effects["mean_shift"].round(1).to_list(),
        translate("Most ranks moved", language): effects["largest_shift"].to_list(),
        translate("Village moved most", language): [
            unit_name(index, int(place)) if moved else ""
            for place, moved in zip(places, effects["largest_shift"], strict=True)
        ],
    }


def _chosen(value: object, language: Language) -> str:
    return CHOSEN[value].text(language) if isinstance(value, str) and value in CHOSEN else str(value)


def _told(index: CompositeIndex, parts: tuple[Message, ...], language: Language) -> str:
    opening = [Message(MADE)] if index.made else []
    return " ".join(sentence(part, language) for part in [*opening, *parts])
