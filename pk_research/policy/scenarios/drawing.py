"""One block of drawings: who is served, what it costs, what they gain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.policy.scenarios.declared import Outcome, Policy
from pk_research.policy.scenarios.gains import drawn_figures, takers, yearly_gains
from pk_research.policy.scenarios.lots import Block
from pk_research.policy.scenarios.rows import Rows
from pk_research.policy.scenarios.serving import served
from pk_research.policy.scenarios.spread import gini, share_below


@dataclass(frozen=True, eq=False)
class Question:
    """All that a worker needs to draw.

    Attributes
    ----------
    rows, policy, outcome
        Villages, what they get, what it is to change.
    rate
        Discount rate a year.
    """

    rows: Rows
    policy: Policy
    outcome: Outcome
    rate: float

    @property
    def factors(self) -> np.ndarray:
        """What a year's gain a period counts: periods, discounted."""
        years = np.arange(self.policy.impact.years, dtype=float)
        return self.outcome.periods_per_year * (1 + self.rate) ** -years


@dataclass(frozen=True, eq=False)
class Part:
    """Results of one block.

    Attributes
    ----------
    draws
        One row a drawing, as in `Scenario`.
    gain
        Over all years, one row a drawing, one column a village.
    by_year, worth_by_year
        Gain over all villages, and what it is worth (IDR; missing where it is no money), not discounted:
        one row a drawing, one column a year.
    n_served, n_cut
        Per village: drawings in which it is served; in which the rule means it and the budget does not
        reach it.
    cost
        Per village, IDR, summed over the drawings.
    """

    draws: pd.DataFrame
    gain: np.ndarray
    by_year: np.ndarray
    worth_by_year: np.ndarray
    n_served: np.ndarray
    n_cut: np.ndarray
    cost: np.ndarray


def drawn(question: Question, block: Block) -> Part:
    """Make the drawings of one block."""
    rows, policy, outcome = question.rows, question.policy, question.outcome
    found = served(rows, policy, block, is_read_with_error=True)
    whole = (block.n, len(rows))
    is_served = np.broadcast_to(found.within_budget, whole)
    figures = drawn_figures(policy, block)
    taking = takers(rows, policy, figures, block, is_served=is_served)
    apart = (
        policy.impact.between_sd * block.normals("between", rows.codes) if policy.impact.between_sd else 0.0
    )
    gain, by_year = np.zeros(whole), np.empty((block.n, policy.impact.years))
    lost, first = np.zeros(block.n), np.zeros(whole)
    for year, factor in enumerate(question.factors):
        of_year = yearly_gains(rows, policy, figures, taking, apart=apart, year=year)
        gain += factor * of_year.gain
        lost += factor * of_year.lost_to_price
        by_year[:, year] = outcome.periods_per_year * of_year.gain.sum(axis=1)
        first = of_year.gain if year == 0 else first
    cost = policy.fixed_idr * is_served + policy.amount_idr * taking
    after = rows.before + first
    worth_idr = outcome.worth_idr
    each = np.full(block.n, np.nan) if worth_idr is None else block.figure("worth", worth_idr)
    worth = each * gain.sum(axis=1)
    draws = {
        "cost_idr": cost.sum(axis=1),
        "gain": gain.sum(axis=1),
        "lost_to_price": lost,
        "worth_idr": worth,
        "net_idr": worth - cost.sum(axis=1),
        "n_served": is_served.sum(axis=1),
        "n_units": taking.sum(axis=1),
        "n_winners": (gain > 0).sum(axis=1),
        "n_losers": (gain < 0).sum(axis=1),
        **_errors(question, block, is_served),
        "gini": gini(after, rows.weight),
        "poor": share_below(after, rows.weight, outcome.line),
    }
    return Part(
        draws=pd.DataFrame(draws),
        gain=gain,
        by_year=by_year,
        worth_by_year=by_year * each[:, None],
        n_served=is_served.sum(axis=0),
        n_cut=np.broadcast_to(found.by_rule & ~found.within_budget, whole).sum(axis=0),
        cost=cost.sum(axis=0),
    )


def _errors(question: Question, block: Block, is_served: np.ndarray) -> dict[str, np.ndarray]:
    """Return which share of the served should not be, and of those who should be, is not."""
    if not question.policy.target.measurement_sd:
        nobody = np.zeros(block.n)
        return {"inclusion_error": nobody, "exclusion_error": nobody}
    true = served(question.rows, question.policy, block, is_read_with_error=False).within_budget
    return {
        "inclusion_error": _share(is_served & ~true, is_served),
        "exclusion_error": _share(true & ~is_served, np.broadcast_to(true, is_served.shape)),
    }


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    n = whole.sum(axis=1)
    found = np.full(len(n), np.nan)
    np.divide(part.sum(axis=1), n, out=found, where=n > 0)
    return found
