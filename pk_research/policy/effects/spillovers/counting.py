"""Neighbours with the policy, counted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import sparse

from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.policy.effects.effect import input_hash
from pk_research.policy.effects.rows import Gaps, absent_columns, complete_rows, not_zero_or_one
from pk_research.policy.effects.spillovers.near import Near
from pk_research.policy.effects.spillovers.rings import Exposure, LagWeights, Ring, ring_key, ring_matrices
from pk_research.products.words import some


def exposure(
    treatment: pd.DataFrame,
    near: Near,
    *,
    unit: str,
    treated: str,
    period: str | None = None,
    rings: Sequence[float] = (2, 5, 10),
    lag_weights: LagWeights = "equal",
    gaps: Gaps = "refuse",
    made: bool = False,
) -> Exposure:
    """Count the neighbours with the policy of every village, ring by ring; it is no neighbour of itself.

    Parameters
    ----------
    treatment
        One row a village (and period): of all villages that might have the policy, also those whose
        outcome is not known.
    near
        From `near_by_place` or `near_by_km`.
    unit, treated, period
        Columns: the village's code, 0 or 1, and the period (none for one time).
    rings
        Upper ends, kilometres, ascending: (2, 5, 10) makes 0 to 2, above 2 to 5, and above 5 to 10.
    lag_weights
        Of the mean policy of the neighbours in all rings: ``"equal"``, or ``"inverse_km"``.
    gaps
        Villages without a place or rows without a policy: ``"refuse"``, or ``"leave_out"`` and count.
    made
        True for made data.

    Raises
    ------
    BadInput
        All at once: a column that is not there, a policy neither 0 nor 1, a village twice (in a
        period), gaps unless left out, rings that do not grow or reach beyond the pairs, and two
        villages in one place with inverse weights.

    Notes
    -----
    A village that is left out counts as nobody's neighbour: if it has the policy, its neighbours'
    exposure is understated.

    Examples
    --------
    >>> from pk_research.policy.effects.spillovers.near import near_by_place
    >>> places = pd.DataFrame({"latitude": [0.0, 0, 0], "longitude": [0.0, 0.01, 0.03]}, index=list("abc"))
    >>> has = pd.DataFrame({"village": list("abc"), "has": [1, 0, 0]})
    >>> found = exposure(has, near_by_place(places, km=5), unit="village", treated="has", rings=[2, 5])
    >>> found.rows[["number_0_2", "number_2_5", "lag"]].to_dict("list")
    {'number_0_2': [0, 1, 0], 'number_2_5': [0, 0, 1], 'lag': [0.0, 0.5, 0.5]}
    """
    problems = absent_columns(treatment, [unit, treated, period])
    ends = [0.0, *map(float, rings)]
    problems += _wrong_rings(ends, near)
    if problems:
        raise BadInput(problems)
    keys = [unit] if period is None else [unit, period]
    rows, left_out = complete_rows(treatment, [*keys, treated], [], gaps)
    codes = rows[unit].astype(str)
    problems = not_zero_or_one(rows[treated], treated, "Write 1 for villages with the policy, 0 for others.")
    twice = rows.assign(**{unit: codes}).duplicated(keys)
    if twice.any():
        problems.append(
            Problem(f"column '{unit}'", f"units stand twice: {some(codes[twice].unique())}", "Keep one row.")
        )
    lost = ~codes.isin(near.codes)
    if lost.any() and gaps == "refuse":
        problems.append(
            Problem(
                f"column '{unit}'",
                f"{codes[lost].nunique()} villages have no place: {some(sorted(codes[lost].unique()))}",
                "Give their coordinates, or say gaps='leave_out': they are then counted in the result.",
            )
        )
    if lost.all():
        problems.append(Problem(f"column '{unit}'", "no village has a place", "Use the codes of `near`."))
    if problems:
        raise BadInput(problems)
    if lost.any():
        left_out = (*left_out, (Message("the village has no place on the map"), int(lost.sum())))
    rows, codes = rows[~lost], codes[~lost]
    n_strange = len(set(near.codes) - set(codes))
    if n_strange:
        left_out = (
            *left_out,
            (Message("villages on the map of which it is not known who has the policy"), n_strange),
        )
    among = near.only(tuple(codes))
    if lag_weights == "inverse_km" and (among.km == 0).any():
        same = some(sorted({among.codes[n] for n in among.start[among.km == 0]}))
        raise BadInput(
            Problem("lag_weights", f"villages lie in one place: {same}", "Take equal weights, or mend them.")
        )
    kept = pd.DataFrame({"unit": codes} if period is None else {"unit": codes, "period": rows[period]})
    bands = tuple(pairwise(ends))
    table, periods = _counted(kept.assign(treated=rows[treated]), among, bands, lag_weights)
    return Exposure(
        table,
        bands,
        among,
        periods,
        lag_weights,
        left_out,
        input_hash(table),
        made,
    )


def _wrong_rings(ends: list[float], near: Near) -> list[Problem]:
    if len(ends) < 2 or not all(math.isfinite(end) for end in ends) or (np.diff(ends) <= 0).any():
        return [Problem("rings", "they do not grow from above zero", "Give upper ends such as (2, 5, 10).")]
    if ends[-1] > near.reach_km:
        return [
            Problem(
                "rings",
                f"the outermost ends at {ends[-1]:g} km, but pairs are known up to {near.reach_km:g} km",
                "Find pairs further apart (km of near_by_place), or take smaller rings.",
            )
        ]
    return []


def _counted(
    rows: pd.DataFrame, near: Near, rings: Sequence[Ring], lag_weights: LagWeights
) -> tuple[pd.DataFrame, tuple[object, ...]]:
    """Return the rows with their counts, sorted by village and period, and the periods."""
    place = np.searchsorted(np.array(near.codes), rows["unit"].to_numpy(dtype=str))
    when, periods = np.zeros(len(rows), dtype=int), ()
    if "period" in rows:
        known, when = np.unique(rows["period"].to_numpy(), return_inverse=True)
        periods = tuple(known.tolist())
    order = np.lexsort((when, place))
    place, when = place[order], when[order]
    table = rows.iloc[order].reset_index(drop=True).astype({"treated": int})
    wide = np.zeros((2, len(near.codes), int(when.max()) + 1))
    wide[0, place, when] = table["treated"].to_numpy()
    wide[1, place, when] = 1
    for ring, matrix in zip(rings, ring_matrices(near, rings), strict=True):
        number, neighbours = ((matrix @ part)[place, when].astype(int) for part in wide)
        key = ring_key(ring)
        table[f"number_{key}"], table[f"neighbours_{key}"] = number, neighbours
        table[f"share_{key}"] = _ratio(number, neighbours)
    inside = near.km <= rings[-1][1]
    weight = 1 / near.km[inside] if lag_weights == "inverse_km" else np.ones(inside.sum())
    shape = (len(near.codes), len(near.codes))
    weights = sparse.csr_array((weight, (near.start[inside], near.end[inside])), shape=shape)
    table["lag"] = _ratio(*((weights @ part)[place, when] for part in wide))
    return table, periods


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.asarray(np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0))
