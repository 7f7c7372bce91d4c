"""Who is served in each drawing: the rule, then the budget, in one order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.policy.design import draw
from pk_research.policy.scenarios.declared import Policy
from pk_research.policy.scenarios.lots import Block
from pk_research.policy.scenarios.rows import CODE, Rows
from pk_research.policy.scenarios.target import EVERY_GROUP, HIGH_FIRST, Target

SERVED, WAITS = "served", "waits"
# A sum of amounts may miss the budget by rounding alone.
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Served:
    """Who is served, one row a drawing (one alone where nothing varies), one column a village.

    Attributes
    ----------
    by_rule
        Whom the rule means.
    within_budget
        Whom of them the budget reaches.
    """

    by_rule: np.ndarray
    within_budget: np.ndarray


def full_cost(rows: Rows, policy: Policy) -> np.ndarray:
    """Return what each village costs where all its units take the policy up, IDR."""
    return np.asarray(policy.fixed_idr + policy.amount_idr * rows.units)


def is_drawn_anew(target: Target) -> bool:
    """Say whether a lot that is not drawn yet orders the villages."""
    return target.indicator is None and not target.public_text


def count_of(target: Target, n_eligible: int) -> int:
    """Return how many villages a counted rule means; a share is rounded down."""
    wanted = (
        target.n if target.n is not None else int(np.floor((target.share or 0.0) * n_eligible + ROUNDING))
    )
    return min(wanted, n_eligible)


def served(rows: Rows, policy: Policy, block: Block, *, is_read_with_error: bool) -> Served:
    """Say who is served.

    Parameters
    ----------
    rows, policy
        Villages, and what is asked.
    block
        The drawings.
    is_read_with_error
        Whether the indicator is read with its error, or as it is in the table.
    """
    target = policy.target
    indicator = rows.indicator[None, :]
    if is_read_with_error and target.measurement_sd:
        indicator = indicator + target.measurement_sd * block.normals("reading", rows.codes)
    place = _places(rows, _order(rows, target, indicator, block))
    by_rule = _meant(rows, target, indicator, place) & rows.is_eligible
    if policy.budget_idr is None:
        return Served(by_rule, by_rule)
    queue = np.argsort(place, axis=1)
    cost = np.take_along_axis(by_rule * full_cost(rows, policy), queue, axis=1)
    is_paid = np.empty_like(by_rule)
    within = np.cumsum(cost, axis=1) <= policy.budget_idr * (1 + ROUNDING)
    np.put_along_axis(is_paid, queue, within, axis=1)
    return Served(by_rule, by_rule & is_paid)


def _order(rows: Rows, target: Target, indicator: np.ndarray, block: Block) -> np.ndarray:
    """Return a figure by which villages stand in line, the lowest first."""
    if target.indicator is not None:
        return -indicator if target.rule in HIGH_FIRST else indicator
    if target.public_text:
        return _public_lot(rows, target)[None, :]
    return block.places("lot", rows.codes)


def _public_lot(rows: Rows, target: Target) -> np.ndarray:
    """Return the places that the public lot gives: those it serves come first."""
    codes = rows.told.loc[rows.is_eligible, CODE]
    n = count_of(target, len(codes))
    places = np.full(len(rows), np.inf)
    if n == len(codes):
        places[rows.is_eligible] = 0.0
        return places
    drawn = draw(
        pd.DataFrame({CODE: codes}), target.public_text, arms={SERVED: n, WAITS: len(codes) - n}
    ).assignment
    waits = drawn["arm"] == WAITS
    in_line = drawn.assign(waits=waits).sort_values(["waits", "lot"])[CODE]
    at = {code: number for number, code in enumerate(in_line)}
    places[rows.is_eligible] = [at[code] for code in codes]
    return places


def _places(rows: Rows, order: np.ndarray) -> np.ndarray:
    """Return the place of each village in line, from 0; who is not eligible stands behind all."""
    in_line = np.argsort(np.where(rows.is_eligible, order, np.inf), axis=1, kind="stable")
    place = np.empty_like(in_line)
    np.put_along_axis(place, in_line, np.arange(len(rows))[None, :], axis=1)
    return place


def _meant(rows: Rows, target: Target, indicator: np.ndarray, place: np.ndarray) -> np.ndarray:
    if target.rule == "below":
        return np.asarray(indicator < target.threshold)
    if target.rule == "above":
        return np.asarray(indicator > target.threshold)
    if target.rule == "types":
        return np.broadcast_to(np.isin(rows.target_group, target.values), place.shape)
    if target.rule == "quota":
        return _within_quota(rows, target, place)
    if target.rule == "all":
        return np.ones(place.shape, dtype=bool)
    return np.asarray(place < count_of(target, int(rows.is_eligible.sum())))


def _within_quota(rows: Rows, target: Target, place: np.ndarray) -> np.ndarray:
    meant = np.zeros(place.shape, dtype=bool)
    for name in sorted(set(rows.target_group)):
        mine = np.flatnonzero(rows.target_group == name)
        n = target.quotas.get(name, target.quotas.get(EVERY_GROUP, 0))
        before = np.argsort(np.argsort(place[:, mine], axis=1), axis=1)
        meant[:, mine] = before < n
    return meant
