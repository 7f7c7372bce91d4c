"""Margins along the chain of a product, each as a part of what the final buyer pays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.compute.chance import derived_rng
from pk_research.errors import BadInput, Problem
from pk_research.language import Language
from pk_research.products.value_chain import words
from pk_research.products.value_chain.stages import Answers, answers, several_from, unused

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DRAWS = 2_000
INTERVAL = (2.5, 97.5)


@dataclass(frozen=True, eq=False)
class ValueChain:
    """What each stage of a product adds, loses and earns.

    All amounts are rupiah for one unit that reaches the final buyer: since something spoils on the
    way, more than one unit passes through the early stages.

    Attributes
    ----------
    product
        Which product.
    stages
        One row a stage (the index, in the order of the chain): ``n`` dossiers, ``n_left_out`` with
        an incomplete answer, ``units`` that go in for one sold at the end, ``cost`` of the work
        here, ``margin`` (what is sold less what went in and costs), ``lost`` (what had been paid
        for what spoiled here; a part of the costs and prices up to here, not beside them),
        ``jump`` (price going in less what the stage before it sells for: what the
        answers do not explain), ``share`` of the final price that the margin is, and the 95%
        intervals ``margin_low``, ``margin_high``, ``share_low``, ``share_high`` from dossiers drawn
        anew, and ``may_be_largest`` and ``may_lose_most``: the difference of its margin, or of what is
        lost, to the largest has 0 in its 95% interval. These and the intervals are missing where
        one dossier alone tells of the stage or of one after it, since what goes in here depends on
        what spoils later.
    first_price, final_price
        What goes into the first stage, and what the final buyer pays: the first, all costs, margins
        and jumps add up to it.
    answers
        The answers behind it.
    n_dossiers, n_draws, seed
        How many dossiers and draws, and the seed.
    made
        True for made data.
    """

    product: str
    stages: pd.DataFrame
    first_price: float
    final_price: float
    answers: Answers
    n_dossiers: int
    n_draws: int
    seed: int
    made: bool

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a stage for people."""
        return words.chain_table(self, language)

    def in_words(self, language: Language) -> str:
        """Tell who earns how much of the price, and where most is lost."""
        return words.account(self, language)

    def plot(self, language: Language, *, width_px: float = 800) -> Figure:
        """Draw what becomes of the final price, stage by stage."""
        from pk_research.products.value_chain.pictures import plot_chain

        return plot_chain(self, language, width_px=width_px)


def value_chain(
    stages: pd.DataFrame,
    product: str,
    *,
    dossier: str = "dossier",
    n_draws: int = DRAWS,
    seed: int = 0,
    made: bool = False,
) -> ValueChain:
    """Work out the margins of a product from the stages of its dossiers.

    Parameters
    ----------
    stages
        One row a dossier and stage: the dossier's key, ``stage_code``, ``stage_buy_idr_unit``,
        ``stage_cost_idr_unit``, ``stage_sell_idr_unit`` and ``stage_loss_pct``; a row that lacks an
        amount is left out of its stage and counted.
    product
        What it is called.
    dossier
        Column that says whose answer it is.
    n_draws, seed
        Draws of dossiers for the intervals, and their seed.
    made
        True for made data.

    Raises
    ------
    BadInput
        When rows or options are at fault, or a stage has no complete answer.

    References
    ----------
    Kaplinsky and Morris (2001), A handbook for value chain research.

    Examples
    --------
    >>> rows = pd.DataFrame({"dossier": ["a", "a"], "stage_code": ["raw", "processing"],
    ...     "stage_buy_idr_unit": [0, 100], "stage_cost_idr_unit": [60, 50],
    ...     "stage_sell_idr_unit": [100, 300], "stage_loss_pct": [0, 50]})
    >>> chain = value_chain(rows, "chips")
    >>> chain.stages[["units", "cost", "lost", "margin"]].values.tolist()
    [[2.0, 120.0, 0.0, 80.0], [2.0, 100.0, 150.0, 0.0]]
    """
    problems = [
        Problem(name, f"it is {value}", f"Give {least} or more.")
        for name, value, least in (("n_draws", n_draws, 2), ("seed", seed, 0))
        if value < least
    ]
    if problems:
        raise BadInput(problems)
    given = answers(stages, dossier=dossier)
    empty = unused(given)
    if empty:
        raise BadInput(
            Problem(
                f"stages {', '.join(empty)}", "no dossier has all amounts", "Ask again, or leave them out."
            )
        )
    means = np.nanmean(given.amounts, axis=0)
    redrawn = drawn_means(given, n_draws, seed)
    at, drawn = along(means), along(redrawn)
    known = several_from(given)
    table = pd.DataFrame(at, index=pd.Index(given.stages, name="stage_code")).assign(
        share=at["margin"] / means[-1, 2]
    )
    for name, values in (("margin", drawn["margin"]), ("share", drawn["margin"] / redrawn[:, -1:, 2])):
        low, high = np.percentile(values, INTERVAL, axis=0)
        table[f"{name}_low"], table[f"{name}_high"] = np.where(known, [low, high], np.nan)
    for name, amount in (("may_be_largest", "margin"), ("may_lose_most", "lost")):
        table[name] = may_be_first(at[amount], drawn[amount], known)
    table.insert(0, "n", (~np.isnan(given.amounts[..., 0])).sum(axis=0))
    table.insert(1, "n_left_out", given.n_left_out.to_numpy())
    return ValueChain(
        product=product,
        stages=table,
        first_price=float(means[0, 0] * table["units"].iloc[0]),
        final_price=float(means[-1, 2]),
        answers=given,
        n_dossiers=len(given.amounts),
        n_draws=n_draws,
        seed=seed,
        made=made,
    )


def along(means: np.ndarray) -> dict[str, np.ndarray]:
    """Return the amounts of each stage for one unit that reaches the final buyer.

    Parameters
    ----------
    means
        Buying price, other cost, selling price and share lost on the last axis, stages on the one
        before it; any number of draws in front.

    Returns
    -------
    dict
        By name, draws by stages; see `ValueChain.stages`.
    """
    buy, cost, sell, loss = np.moveaxis(means, -1, 0)
    kept = np.cumprod((1 - loss)[..., ::-1], axis=-1)[..., ::-1]
    units = 1 / kept  # that go into the stage
    sold = units * (1 - loss)
    margin = sell * sold - (buy + cost) * units
    jump = buy * units
    jump[..., 1:] -= (sell * sold)[..., :-1]
    jump[..., 0] = 0
    return {
        "units": units,
        "cost": cost * units,
        "lost": (buy + cost) * (units - sold),
        "margin": margin,
        "jump": jump,
    }


def drawn_means(given: Answers, n_draws: int, seed: int) -> np.ndarray:
    """Draw dossiers with replacement; return the mean amounts of each draw: draws by stages by amounts.

    A draw without any complete answer at a stage is drawn again.
    """
    rng = derived_rng(seed, 0)
    n = len(given.amounts)
    known = ~np.isnan(given.amounts[..., 0])
    drawn = rng.integers(n, size=(n_draws, n))
    while True:
        times = _times_drawn(drawn, n)
        n_known = times @ known
        empty = (n_known == 0).any(axis=1)
        if not empty.any():
            break
        drawn[empty] = rng.integers(n, size=(int(empty.sum()), n))
    sums = np.tensordot(times, np.nan_to_num(given.amounts), axes=1)
    return np.asarray(sums / n_known[..., None])


def may_be_first(at: np.ndarray, drawn: np.ndarray, known: np.ndarray) -> pd.api.extensions.ExtensionArray:
    """Return by stage whether it may be the largest: true, false, or missing where it cannot be said.

    Parameters
    ----------
    at
        Amount of each stage.
    drawn
        Draws by stages; the difference to the largest is taken within each draw.
    known
        By stage, whether its doubt is known.
    """
    first = int(at.argmax())
    behind = np.percentile(drawn[:, [first]] - drawn, INTERVAL[0], axis=0)
    told = (behind <= 0).astype(object)
    told[~(known & known[first])] = None
    told[first] = True
    return pd.array(told, dtype="boolean")


def _times_drawn(drawn: np.ndarray, n: int) -> np.ndarray:
    """Count how often each of n dossiers is in each draw (row)."""
    places = drawn + n * np.arange(len(drawn))[:, None]
    return np.bincount(places.ravel(), minlength=len(drawn) * n).reshape(len(drawn), n)
