"""What an innovation at each stage would gain: less spoiled, cheaper work, a better price."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message, translate
from pk_research.products.value_chain.chain import INTERVAL, ValueChain, along, drawn_means
from pk_research.products.value_chain.stages import STAGES
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
        reaches the final buyer, its 95% interval ``low`` to ``high`` from dossiers drawn anew, and
        ``gain_idr_month`` for the units a month given; missing without them.
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
            translate("95% from", language): rows["low"].round().to_numpy() + 0.0,
            translate("95% to", language): rows["high"].round().to_numpy() + 0.0,
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
        if np.isnan(best["low"]):
            parts.append(Message("With one dossier nothing can be said about how sure that is."))
        else:
            rivals = [
                STAGES[str(code)].text(language) for code in rows.index[1:][rows["high"][1:] > best["low"]]
            ]
            interval = {"low": round(best["low"]), "high": round(best["high"])}
            parts.append(Message("The dossiers leave Rp {low} to Rp {high} open.", interval))
            if rivals:
                parts.append(Message("It may be as much at: {stages}.", {"stages": ", ".join(rivals)}))
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
        When nothing changes, or a factor is negative or makes everything spoil.

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
    problems = [
        Problem(name, f"it is {value}", "Give 0 or more.")
        for name, value in factors.items()
        if not value >= 0
    ]
    if all(value == 1 for value in factors.values()):
        problems.append(Problem("innovation", "nothing changes", "Give at least one factor other than 1."))
    means = np.nanmean(chain.answers.amounts, axis=0)
    if (means[:, 3] * loss_times >= 1).any():
        problems.append(Problem("loss_times", "everything would spoil", "Give a smaller factor."))
    if problems:
        raise BadInput(problems)
    gain = _gains(means, **factors)
    low = high = np.full(len(gain), np.nan)
    if chain.n_dossiers > 1:
        drawn = drawn_means(chain.answers, chain.n_draws, chain.seed)
        low, high = np.percentile(_gains(drawn, **factors), INTERVAL, axis=0)
    gains = pd.DataFrame({"gain": gain, "low": low, "high": high}, index=chain.stages.index)
    monthly = np.nan if units_month is None else gains["gain"] * units_month
    return Innovation(
        chain, loss_times, cost_times, price_times, gains.assign(gain_idr_month=monthly), units_month
    )


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
