"""Types over the years told to people."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.clusters.phrases import inside_sentence, joined
from pk_research.language import Bilingual, Language, Message, number_text, translate
from pk_research.writing import MADE, marked

if TYPE_CHECKING:
    from pk_research.clusters.over_time import Transition, TypesOverTime


def transition_table(result: TypesOverTime, language: Language) -> pd.DataFrame:
    """Return one row a pair of years and cell of the transition matrix."""
    parts = []
    for step in result.transitions:
        table = pd.DataFrame(
            {
                translate("From year", language): step.first,
                translate("To year", language): step.second,
                translate("From type", language): step.shares["from"],
                translate("To type", language): step.shares["to"],
                translate("Villages", language): step.shares["n"],
                translate("Share (%)", language): (100 * step.shares["share"]).round(1),
                translate("At least (%)", language): (100 * step.shares["low"]).round(1),
                translate("At most (%)", language): (100 * step.shares["high"]).round(1),
            }
        )
        parts.append(table)
    return marked(pd.concat(parts, ignore_index=True), language, made=result.last.made)


def moves_table(result: TypesOverTime, language: Language) -> pd.DataFrame:
    """Return one row a village that changed type."""
    yes_no = {True: translate("yes", language), False: translate("no", language)}
    parts = [
        pd.DataFrame(
            {
                translate("From year", language): step.first,
                translate("To year", language): step.second,
                translate("Village code", language): step.moves["code"],
                translate("Village name", language): step.moves["name"],
                translate("From type", language): step.moves["from"],
                translate("To type", language): step.moves["to"],
                translate("Moved but uncertain", language): step.moves["is_uncertain"].map(yes_no),
                translate("Changed most", language): [
                    _why(result, why).text(language) for why in step.moves["why"]
                ],
            }
        )
        for step in result.transitions
    ]
    return marked(pd.concat(parts, ignore_index=True), language, made=result.last.made)


def missing_table(result: TypesOverTime, language: Language) -> pd.DataFrame:
    """Return one row a village with a type in only one of two consecutive years."""
    parts = [
        pd.DataFrame(
            {
                translate("From year", language): step.first,
                translate("To year", language): step.second,
                translate("Village code", language): rows["code"],
                translate("Village name", language): rows["name"],
                translate("Type", language): rows["type"],
                translate("Reason", language): [reason.text(language) for reason in rows["reason"]],
            }
        )
        for step in result.transitions
        for rows in (step.exits, step.entries)
    ]
    return marked(pd.concat(parts, ignore_index=True), language, made=result.last.made)


def _why(result: TypesOverTime, why: tuple[tuple[str, float], ...]) -> Bilingual:
    if not why:
        return Message("the village hardly changed: the types moved")
    labels = {variable.name: inside_sentence(variable) for variable in result.last.variables}
    told = [
        Message(
            "{variable} rose by {sd} standard deviations"
            if change > 0
            else "{variable} fell by {sd} standard deviations",
            {"variable": labels[name], "sd": round(abs(change), 2)},
        )
        for name, change in why
    ]
    return reduce(joined, told)


def account(result: TypesOverTime, language: Language) -> str:
    """Tell each pair of years in one paragraph."""
    opening = [Message(MADE)] if result.last.made else []
    opening.append(
        Message("Every year was grouped by itself and its types matched to those of the year before")
        if result.base == "each"
        else Message("The types of {year} were applied to every year", {"year": str(result.base)})
    )
    paragraphs = [opening, *(_told(step) for step in result.transitions)]
    return "\n".join(" ".join(part.text(language) + "." for part in parts) for parts in paragraphs)


def _told(step: Transition) -> list[Message]:
    n_both, n_moved = int(step.counts.to_numpy().sum()), len(step.moves)
    values = {
        "first": str(step.first),
        "second": str(step.second),
        "n": n_both,
        "moved": n_moved,
        "percent": round(100 * n_moved / max(1, n_both)),
    }
    parts = [
        Message("{first} to {second}: of {n} villages compared, {moved} ({percent}%) changed type", values)
    ]
    n_uncertain = int(step.moves["is_uncertain"].sum())
    if n_moved:
        parts.append(
            Message(
                "Moved but uncertain, on the border of a type in either year, so that their move may be no"
                " more than the uncertainty of the types: {n}",
                {"n": n_uncertain},
            )
        )
    ended = sorted(set(step.counts.index) - set(step.counts.columns))
    begun = sorted(set(step.counts.columns) - set(step.counts.index))
    if ended:
        parts.append(Message("Types without a successor: {types}", {"types": ", ".join(map(str, ended))}))
    if begun:
        parts.append(Message("Types without a predecessor: {types}", {"types": ", ".join(map(str, begun))}))
    if len(step.exits) or len(step.entries):
        parts.append(
            Message(
                "Villages with a type in only one of the years, listed with the reason: {exits} of {first},"
                " {entries} of {second}",
                {**values, "exits": len(step.exits), "entries": len(step.entries)},
            )
        )
    return parts


def cell_text(n: int, share: float, language: Language) -> str:
    """Return what stands in a cell of the picture."""
    return f"{number_text(n, language)}\n{number_text(100 * share, language, 0)}%"
