"""Villages with gaps: which of them can be compared pair by pair, and what is said of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from pk_research.clusters.prepare import Prepared
from pk_research.clusters.request import Request
from pk_research.language import Message
from pk_research.sources.dataset import Step


def without_strangers(prepared: Prepared) -> Prepared:
    """Set aside the villages that have no variable in common with some other, those with least first.

    Nothing can be said of how unlike two villages are that share no known variable. Of every such
    pair the village with fewer values goes, until none is left.

    Parameters
    ----------
    prepared
        Villages with gaps, each with one value or more.
    """
    is_known = prepared.villages[list(prepared.kinds)].notna().to_numpy()
    patterns, of_village = np.unique(is_known, axis=0, return_inverse=True)
    of_village = of_village.reshape(-1)
    kept = np.ones(len(patterns), dtype=bool)
    is_apart = patterns.astype(int) @ patterns.T.astype(int) == 0
    n_known, n_villages = patterns.sum(axis=1), np.bincount(of_village)
    while (strangers := np.flatnonzero(kept & (is_apart & kept).any(axis=1))).size:
        poorest = strangers[np.lexsort((n_villages[strangers], n_known[strangers]))[0]]
        kept[poorest] = False
    if kept.all():
        return prepared
    is_kept = kept[of_village]
    reason = Message(
        "it has values for so few of the variables that it has none in common with some other village"
    )
    places = prepared.villages.loc[~is_kept, list(prepared.codebook.names)]
    aside = places.assign(reason=pd.Series([reason] * len(places), index=places.index, dtype=object))
    step = Step(
        Message("Villages were left out because they have no variable in common with some other"), len(aside)
    )
    return replace(
        prepared,
        villages=prepared.villages[is_kept].reset_index(drop=True),
        left_out=pd.concat([prepared.left_out, aside], ignore_index=True),
        steps=(*prepared.steps, step),
    )


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
