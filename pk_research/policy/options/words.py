"""Choices among policy options told to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.language import Bilingual, Language, Message, translate
from pk_research.products.flagship.methods import METHODS
from pk_research.products.words import some, told
from pk_research.writing import marked

if TYPE_CHECKING:
    from pk_research.policy.options.choice import StakeholderChoice
    from pk_research.policy.options.turning import OptionIntervals, Turning


def choice_table(choice: StakeholderChoice, language: Language) -> pd.DataFrame:
    """Return one row an option: its rank for all together and for each group."""
    table = pd.DataFrame(
        {
            translate("Option", language): choice.merged_ranks.index,
            translate("Rank for all together", language): choice.merged_ranks.to_numpy(),
        }
    )
    for group in choice.ranks:
        table[Message("Rank for {group}", {"group": group}).text(language)] = choice.ranks[group].to_numpy()
    beaten = choice.dominated.groupby("option")["by"].agg(", ".join)
    table[translate("Dominated by", language)] = [beaten.get(name, "–") for name in choice.merged_ranks.index]
    return marked(table, language, made=choice.merged.made)


def choice_in_words(choice: StakeholderChoice, language: Language) -> str:
    """Say the first for all and for each group, how far they agree, what nobody should choose."""
    parts: list[Bilingual] = [
        Message(
            "Of {n} options, first for all together: {names} (by {method}).",
            {
                "n": len(choice.ranks),
                "names": some(choice.first),
                "method": METHODS[choice.method].name,
            },
        )
    ]
    if len(choice.weights) > 1:
        parts += _groups(choice)
    for option, by in choice.dominated.groupby("option", sort=False)["by"]:
        parts.append(
            Message(
                "Nobody should choose {option}: no better on any criterion, and worse on one at least, than"
                " {others}.",
                {"option": option, "others": some(by)},
            )
        )
    beaten = set(choice.dominated["option"])
    hidden = [name for name in choice.never_first if name not in beaten]
    if hidden:
        parts.append(
            Message(
                "No weights whatever put these first in a weighted sum: {names}.", {"names": some(hidden)}
            )
        )
    return told(parts, language, made=choice.merged.made)


def _groups(choice: StakeholderChoice) -> list[Message]:
    firsts = {group: choice.first_of(str(group)) for group in choice.ranks}
    parts = [
        Message("First for {group}: {names}.", {"group": group, "names": some(names)})
        for group, names in firsts.items()
    ]
    if len(set(firsts.values())) == 1:
        parts.append(Message("All groups put the same first."))
    else:
        spread = choice.ranks.max(axis=1) - choice.ranks.min(axis=1)
        option = spread.idxmax()
        ranks = choice.ranks.loc[option]
        parts.append(
            Message(
                "They disagree most about {option}: rank {best} for {friend}, rank {worst} for {critic}.",
                {
                    "option": option,
                    "best": float(ranks.min()),
                    "friend": ranks.idxmin(),
                    "worst": float(ranks.max()),
                    "critic": ranks.idxmax(),
                },
            )
        )
    found = choice.agreement
    if np.isnan(found.low):
        parts.append(
            Message(
                "The groups agree with Kendall's W = {w} (1: fully; too few for an interval).",
                {"w": round(found.w, 2)},
            )
        )
    else:
        values = {"w": round(found.w, 2), "low": round(found.low, 2), "high": round(found.high, 2)}
        parts.append(
            Message("The groups agree with Kendall's W = {w} (1: fully; 95%: {low} to {high}).", values)
        )
    return parts


def turning_table(found: Turning, language: Language) -> pd.DataFrame:
    """Return one row a criterion: its weight, where alone it turns the first place, and to whom."""
    single = found.single
    table = pd.DataFrame(
        {
            translate("Criterion", language): single["criterion"],
            translate("Weight (%)", language): (100 * single["now"]).round(1),
            translate("The first place turns at (%)", language): (100 * single["turns_at"]).round(1),
            translate("Then first", language): [name or "–" for name in single["option"]],
        }
    )
    return marked(table, language, made=found.choice.merged.made)


def turning_in_words(found: Turning, language: Language) -> str:
    """Say the nearest rival, the smallest change for it, and the criterion that does it alone."""
    known = found.rivals.dropna(subset="moved")
    parts: list[Bilingual] = []
    if known.empty:
        parts.append(
            Message("Whatever the weights, no other option comes level with {first}.", {"first": found.first})
        )
    else:
        nearest = known.iloc[0]
        parts.append(
            Message(
                "{first} is first. {rival} draws level when {moved}% of all weight is moved between criteria;"
                " no smaller change does it.",
                {
                    "first": found.first,
                    "rival": nearest["option"],
                    "moved": round(100 * float(nearest["moved"]), 1),
                },
            )
        )
    single = found.single.dropna(subset="turns_at")
    if len(single):
        row = single.loc[(single["turns_at"] - single["now"]).abs().idxmin()]
        parts.append(
            Message(
                "By one criterion alone it turns soonest with {criterion}: at a weight of {at}% instead of"
                " {now}% {option} comes level.",
                {
                    "criterion": row["criterion"],
                    "at": round(100 * float(row["turns_at"]), 1),
                    "now": round(100 * float(row["now"]), 1),
                    "option": row["option"],
                },
            )
        )
    return told(parts, language, made=found.choice.merged.made)


def intervals_table(result: OptionIntervals, language: Language) -> pd.DataFrame:
    """Return one row an option, best first."""
    frame = result.found.intervals
    table = pd.DataFrame(
        {
            translate("Option", language): frame.index,
            translate("Rank", language): frame["rank"].to_numpy(),
            translate("Median rank", language): frame["median"].to_numpy(),
            translate("Rank, 5% point", language): frame["low"].to_numpy(),
            translate("Rank, 95% point", language): frame["high"].to_numpy(),
            translate("First (% of drawings)", language): (100 * frame["share_first"]).round(1).to_numpy(),
        }
    )
    return marked(table, language, made=result.found.decision.made)


def intervals_in_words(result: OptionIntervals, language: Language) -> str:
    """Say which options cannot be told from the first."""
    found = result.found
    first = str(found.intervals.index[0])
    values = {"draws": found.n_draws, "first": first, "names": some(found.not_told_from_first)}
    part = (
        Message(
            "Scores and weights were drawn {draws} times: {first} is first, but cannot be told from:"
            " {names}.",
            values,
        )
        if found.not_told_from_first
        else Message(
            "Scores and weights were drawn {draws} times: {first} is before every other option in at least"
            " 95% of the drawings.",
            values,
        )
    )
    return told([part], language, made=found.decision.made)
