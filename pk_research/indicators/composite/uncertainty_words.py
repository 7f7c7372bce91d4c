"""Rank intervals and their drivers told to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.indicators.composite.words import places, sentence, unit_name
from pk_research.language import Language, Message, translate
from pk_research.writing import MADE, marked

if TYPE_CHECKING:
    from pk_research.indicators.composite.sensitivity import Sensitivity
    from pk_research.indicators.composite.uncertainty import RankUncertainty

ALWAYS = 0.95
NAMED = 10
FEWEST_TO_COMPARE = 2

FACTORS: dict[str, Message] = {
    "imputation": Message("Filling of missing values"),
    "treatment": Message("Treatment of outliers"),
    "normalisation": Message("Normalisation"),
    "weighting": Message("Method of weighting"),
    "aggregation": Message("Aggregation"),
    "weights": Message("Disturbance of the weights"),
    "data": Message("Measurement error of the data"),
}


def intervals_table(result: RankUncertainty, language: Language) -> pd.DataFrame:
    """Return one row a unit, best first: rank, median rank, interval, share at the top."""
    intervals = result.intervals.reset_index(drop=True)
    table = places(result.index.units, result.index, language)
    table.insert(0, translate("Rank", language), intervals["rank"])
    table[translate("Median rank", language)] = intervals["median"]
    table[translate("Rank, 5% point", language)] = intervals["low"]
    table[translate("Rank, 95% point", language)] = intervals["high"]
    table[translate("Villages it cannot be told apart from", language)] = result.n_rivals.to_numpy()
    top = Message("Among the first {n} (% of draws)", {"n": result.top}).text(language)
    table[top] = (100 * intervals["share_top"]).round(1)
    order = intervals["rank"].astype("float64").argsort(kind="stable")
    return marked(table.iloc[order].reset_index(drop=True), language, made=result.index.made)


def intervals_in_words(result: RankUncertainty, language: Language) -> str:
    """Tell how wide the intervals are and who is at the top whatever is chosen."""
    intervals = result.intervals
    known = intervals["high"].notna()
    width = (intervals["high"] - intervals["low"])[known]
    values = {
        "draws": result.n_draws,
        "shift": round(float(np.nanmean(result.mean_shift)), 1),
        "width": round(float(width.median())) if len(width) else 0,
        "n": int(known.sum()),
        "top": result.top,
    }
    parts = [Message(MADE)] if result.index.made else []
    parts += [
        Message("The index was computed {draws} times with other choices", values),
        Message("On average a village moves {shift} ranks", values),
        Message("The middle 90% of the ranks of a typical village span {width} of {n} ranks", values),
    ]
    sure = np.flatnonzero((intervals["share_top"] >= ALWAYS).to_numpy())
    if 0 < len(sure) <= NAMED:
        names = ", ".join(unit_name(result.index, int(row)) for row in sure)
        parts.append(
            Message("Among the first {top} in at least 95% of the draws: {names}", {**values, "names": names})
        )
    else:
        parts.append(
            Message(
                "Villages among the first {top} in at least 95% of the draws: {sure}",
                {**values, "sure": len(sure)},
            )
        )
    parts += _rivals(result)
    return " ".join(sentence(part, language) for part in parts)


def _rivals(result: RankUncertainty) -> list[Message]:
    """Say from how many the first and the typical village cannot be told apart."""
    rivals = result.n_rivals.dropna()
    if len(rivals) < FEWEST_TO_COMPARE:
        return []
    first = np.flatnonzero((result.intervals["rank"] == 1).fillna(value=False) & result.n_rivals.notna())
    values = {"others": len(rivals) - 1, "typical": round(float(rivals.median()))}
    parts = [
        Message(
            "{village} stands first, but the rank intervals of {n} others overlap its own: it cannot be"
            " told apart from them",
            {"village": unit_name(result.index, int(row)), "n": int(result.n_rivals.iloc[row])},
        )
        for row in first[:1]
    ]
    parts.append(
        Message("The typical village cannot be told apart from {typical} of the {others} others", values)
    )
    return parts


def sensitivity_table(result: Sensitivity, language: Language) -> pd.DataFrame:
    """Return one row a factor: share of the variance alone, with interactions, and their intervals."""
    ordered = result.shares.sort_values("total", ascending=False, kind="stable")
    return pd.DataFrame(
        {
            translate("What varies", language): [factor_name(name, language) for name in ordered.index],
            translate("Share of the variance, alone (%)", language): (100 * ordered["first"]).round(1),
            translate("± (alone)", language): (100 * ordered["first_width"]).round(1),
            translate("Share of the variance, with interactions (%)", language): (
                100 * ordered["total"]
            ).round(1),
            translate("± (with interactions)", language): (100 * ordered["total_width"]).round(1),
        }
    ).reset_index(drop=True)


def factor_name(name: str, language: Language) -> str:
    """Return what a factor is called; its own name where it has no other."""
    return FACTORS[name].text(language) if name in FACTORS else name


def sensitivity_in_words(result: Sensitivity, language: Language) -> str:
    """Say which factor moves the ranks most."""
    totals = result.shares["total"]
    if totals.isna().all():
        return sentence(Message("Nothing that was varied moves the ranks"), language)
    strongest = str(totals.idxmax())
    values = {
        "factor": factor_name(strongest, language),
        "percent": round(100 * float(totals[strongest])),
        "runs": result.n_runs,
    }
    told = Message(
        "Of what was varied, this moves the ranks most: {factor}, with {percent}% of the variance,"
        " interactions included ({runs} runs)",
        values,
    )
    return sentence(told, language)
