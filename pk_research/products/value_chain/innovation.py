"""What an innovation at each stage would gain: less spoiled, cheaper work, a better price."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message, translate
from pk_research.products.value_chain.chain import INTERVAL, ValueChain, along, drawn_means, may_be_first
from pk_research.products.value_chain.stages import STAGES, several_from
from pk_research.products.value_chain.words import how_sure, names_of
from pk_research.products.words import told
from pk_research.writing import marked


@dataclass(frozen=True, eq=False)
class Innovation:
    """The gain of the same innovation at each stage.

    Attributes
    ----------
    chain
        The chain before it.
    loss_times, cost_times, price_times
        What it does at a stage: loss, cost and selling price times this.
    gains
        One row a stage (the index): ``gain`` of all stages together in rupiah for one unit that
        reaches the final buyer, its 95% interval ``low`` to ``high`` from dossiers drawn anew,
        ``may_be_best`` (its difference to the largest gain has 0 in its 95% interval) and
        ``gain_idr_month`` for the units a month given; missing without them. Intervals and
        ``may_be_best`` are missing where one dossier alone tells of a stage the gain depends on:
        this one, one after it, or, if less or more spoils, any.
    units_month
        Units that reach the final buyer in a month; None where unknown.
    """

    chain: ValueChain
    loss_times: float
    cost_times: float
    price_times: float
    gains: pd.DataFrame
    units_month: float | None

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a stage for people, the largest gain first."""
        rows = self.gains.sort_values("gain", ascending=False, kind="stable")
        table = {
            translate("Stage", language): [STAGES[code].text(language) for code in rows.index],
            translate("Gain (Rp a unit sold)", language): rows["gain"].round().to_numpy() + 0.0,
            translate("95% from", language): _or_dash(rows["low"]),
            translate("95% to", language): _or_dash(rows["high"]),
        }
        if self.units_month is not None:
            table[translate("Gain (Rp a month)", language)] = rows["gain_idr_month"].round().to_numpy() + 0.0
        return marked(pd.DataFrame(table), language, made=self.chain.made)

    def in_words(self, language: Language) -> str:
        """Tell at which stage the innovation gains most, and whether that is sure."""
        rows = self.gains.sort_values("gain", ascending=False, kind="stable")
        best = rows.iloc[0]
        values = {"stage": STAGES[str(rows.index[0])], "gain": round(best["gain"])}
        parts = [Message("The innovation gains most at: {stage}, Rp {gain} a unit sold.", values)]
        if not np.isnan(best["low"]):
            interval = {"low": round(best["low"]), "high": round(best["high"])}
            parts.append(Message("The dossiers leave Rp {low} to Rp {high} open.", interval))
        rivals = names_of(rows.index[rows["may_be_best"].fillna(value=False)].drop(rows.index[0]), language)
        if rivals:
            parts.append(Message("It may be as much at: {stages}.", {"stages": rivals}))
        parts += how_sure(self.chain, language)
        return told(parts, language, made=self.chain.made)


def innovation(
    chain: ValueChain,
    *,
    loss_times: float = 1.0,
    cost_times: float = 1.0,
    price_times: float = 1.0,
    units_month: float | None = None,
) -> Innovation:
    """Apply the same innovation to each stage by itself, and count what the whole chain gains.

    What is sold to the final buyer stays the same: with less spoiled, less goes in.

    Parameters
    ----------
    chain
        From `value_chain`.
    loss_times, cost_times, price_times
        Loss, other cost and selling price of the stage times this; the price that the next stage
        pays follows, so that only a better price at the last stage is a gain of the whole chain.
    units_month
        Units that reach the final buyer in a month.

    Raises
    ------
    BadInput
        When nothing changes, a factor is no finite number of 0 or more, the loss of any dossier
        would be everything, or ``units_month`` is no number of 0 or more.

    Examples
    --------
    >>> rows = pd.DataFrame({"dossier": ["a", "a"], "stage_code": ["raw", "processing"],
    ...     "stage_buy_idr_unit": [0, 100], "stage_cost_idr_unit": [60, 50],
    ...     "stage_sell_idr_unit": [100, 300], "stage_loss_pct": [0, 50]})
    >>> from pk_research.products.value_chain import value_chain
    >>> innovation(value_chain(rows, "chips"), loss_times=0).gains["gain"].tolist()
    [0.0, 110.0]
    """
    factors = {"loss_times": loss_times, "cost_times": cost_times, "price_times": price_times}
    amounts = factors if units_month is None else factors | {"units_month": units_month}
    problems = [
        Problem(name, f"it is {value}", "Give a number, 0 or more.")
        for name, value in amounts.items()
        if not _is_amount(value)
    ]
    if problems:
        raise BadInput(problems)
    if all(value == 1 for value in factors.values()):
        problems.append(Problem("innovation", "nothing changes", "Give at least one factor other than 1."))
    problems += _spoiled(chain, loss_times)
    if problems:
        raise BadInput(problems)
    gain = _gains(np.nanmean(chain.answers.amounts, axis=0), **factors)
    drawn = _gains(drawn_means(chain.answers, chain.n_draws, chain.seed), **factors)
    known = several_from(chain.answers)
    if loss_times != 1:  # it saves, or costs, what was paid at every stage before
        known = np.full(len(known), known[0])
    low, high = np.where(known, np.percentile(drawn, INTERVAL, axis=0), np.nan)
    gains = pd.DataFrame(
        {"gain": gain, "low": low, "high": high, "may_be_best": may_be_first(gain, drawn, known)},
        index=chain.stages.index,
    )
    monthly = np.nan if units_month is None else gains["gain"] * units_month
    return Innovation(
        chain, loss_times, cost_times, price_times, gains.assign(gain_idr_month=monthly), units_month
    )


def _spoiled(chain: ValueChain, loss_times: float) -> list[Problem]:
    """Return the stages at which a dossier would lose everything: then so would some draw."""
    worst = np.nanmax(chain.answers.amounts[..., 3], axis=0)
    return [
        Problem(
            f"loss_times, {STAGES[stage].template}",
            f"a dossier loses {100 * loss:g}% there, and {loss_times:g} times as much would be everything",
            f"Give a factor below {math.floor(1000 / loss) / 1000}.",
        )
        for stage, loss in zip(chain.answers.stages, worst, strict=True)
        if loss * loss_times >= 1
    ]


def _is_amount(value: object) -> bool:
    return isinstance(value, Real) and 0 <= float(value) < math.inf


def _or_dash(amounts: pd.Series) -> np.ndarray:
    whole = amounts.round() + 0.0
    return np.asarray(whole if whole.notna().all() else whole.astype(object).where(whole.notna(), "–"))


def _gains(means: np.ndarray, *, loss_times: float, cost_times: float, price_times: float) -> np.ndarray:
    before = _earned(means)
    gains = []
    n_stages = means.shape[-2]
    for stage in range(n_stages):
        after = means.copy()
        after[..., stage, 1:] *= [cost_times, price_times, loss_times]
        if stage + 1 < n_stages:
            after[..., stage + 1, 0] += after[..., stage, 2] - means[..., stage, 2]
        gains.append(_earned(after) - before)
    return np.stack(gains, axis=-1)


def _earned(means: np.ndarray) -> np.ndarray:
    """Return what all stages earn together."""
    return np.asarray(along(means)["margin"].sum(axis=-1))
