"""Villages with gaps: which of them can be compared pair by pair, and what is said of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from pk_research.clusters.prepare import Prepared, check_varied
from pk_research.clusters.request import Request
from pk_research.language import Message
from pk_research.sources.dataset import Step


def without_strangers(prepared: Prepared) -> Prepared:
    """Set aside the villages that have no variable in common with some other, those with least first.

    Nothing can be said of how unlike two villages are that share no known variable; of asymmetric
    variables neither having the thing is nothing in common. Of every such pair the village with
    fewer values that count goes, until none is left.

    Parameters
    ----------
    prepared
        Villages with gaps, each with one value or more.

    Raises
    ------
    BadInput
        When a variable does not vary among those that stay.
    """
    villages = prepared.mixed()
    is_known = ~np.isnan(villages.points.rows)
    counts_always = is_known & ((villages.points.rows == 1) | (np.array(villages.kinds) != "asymmetric"))
    each = np.hstack([is_known, counts_always])
    patterns, of_point = np.unique(each, axis=0, return_inverse=True)
    of_village = of_point.reshape(-1)[villages.points.index]
    known, always = np.hsplit(patterns.astype(int), 2)
    is_apart = (known @ always.T == 0) & (always @ known.T == 0)
    kept = np.ones(len(patterns), dtype=bool)
    n_counting, n_villages = always.sum(axis=1), np.bincount(of_village)
    while (strangers := np.flatnonzero(kept & (is_apart & kept).any(axis=1))).size:
        poorest = strangers[np.lexsort((n_villages[strangers], n_counting[strangers]))[0]]
        kept[poorest] = False
    if kept.all():
        return prepared
    is_kept = kept[of_village]
    check_varied(prepared.villages.loc[is_kept, list(prepared.kinds)], "villages that can be compared")
    places = prepared.villages.loc[~is_kept, list(prepared.codebook.names)]
    reasons = [_reason(has_gaps=n_gaps > 0) for n_gaps in prepared.n_gaps[~is_kept]]
    aside = places.assign(reason=pd.Series(reasons, index=places.index, dtype=object))
    step = Step(
        Message("Villages were left out because they have no variable in common with some other"), len(aside)
    )
    return replace(
        prepared,
        villages=prepared.villages[is_kept].reset_index(drop=True),
        left_out=pd.concat([prepared.left_out, aside], ignore_index=True),
        steps=(*prepared.steps, step),
    )


def _reason(*, has_gaps: bool) -> Message:
    if has_gaps:
        return Message(
            "it has values for so few of the variables that it has none in common with some other village"
        )
    return Message("it has none of the things that were compared, so that nothing says what it is like")


def on_gaps(prepared: Prepared, request: Request) -> tuple[Message, ...]:
    """Say for the account what became of missing values; latent classes say it themselves."""
    counts = _counts(prepared)
    if not counts["villages"] or request.method == "latent_classes":
        return ()
    if request.handling == "impute":
        return (
            Message(
                "Missing values were imputed {times} times from the other variables: {values} values of"
                " {villages} villages. The types rest on the mean of the imputations; the probability of a"
                " type counts in how many imputations, on villages drawn anew, a village is found in it",
                {**counts, "times": request.n_imputations},
            ),
        )
    return (
        Message(
            "Villages with gaps, compared by the values they have: {villages} ({values} values are missing)",
            counts,
        ),
    )


def steps_on_gaps(prepared: Prepared, request: Request) -> tuple[Step, ...]:
    """Say among the steps what became of missing values."""
    counts = _counts(prepared)
    if not counts["villages"]:
        return ()
    if request.handling == "impute":
        what = Message(
            "Villages had missing values imputed {times} times for the grouping only: {values} values",
            {**counts, "times": request.n_imputations},
        )
    else:
        what = Message("Villages with gaps were kept: {values} values stayed missing", counts)
    return (Step(what, counts["villages"]),)


def _counts(prepared: Prepared) -> dict[str, int]:
    return {"values": int(prepared.n_gaps.sum()), "villages": int((prepared.n_gaps > 0).sum())}
