"""Drawings brought together: expected values and intervals, by village and by group."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pk_research.policy.scenarios.drawing import Part, Question
from pk_research.policy.scenarios.serving import Served, full_cost, is_drawn_anew

KINDS = ("quintile", "type", "kecamatan")
# Of these an expected value says nothing: they are told as changes.
CHANGES = {"gini": "gini_change", "poor": "poor_change"}


def ends_of(level: float) -> list[float]:
    """Return the shares of the drawings below the two ends of an interval."""
    return [(1 - level) / 2, (1 + level) / 2]


def village_frame(
    question: Question,
    parts: Sequence[Part],
    as_read: Served,
    gain: np.ndarray,
    level: float,
) -> pd.DataFrame:
    """Return one row a village, as in `Scenario`."""
    rows, target, n_draws = question.rows, question.policy.target, len(gain)
    probability = sum(part.n_served for part in parts) / n_draws
    low, high = np.quantile(gain, ends_of(level), axis=0)
    return rows.told.assign(
        is_chosen=probability == 1 if is_drawn_anew(target) else as_read.within_budget[0],
        probability=probability,
        amount_idr=np.where(probability > 0, question.policy.amount_idr * rows.units, 0.0),
        full_cost_idr=np.where(probability > 0, full_cost(rows, question.policy), 0.0),
        cost_idr=sum(part.cost for part in parts) / n_draws,
        gain=gain.mean(axis=0),
        gain_low=low,
        gain_high=high,
        wins=(gain > 0).mean(axis=0),
        loses=(gain < 0).mean(axis=0),
    )


def measures_frame(draws: pd.DataFrame, before: dict[str, float], level: float) -> pd.DataFrame:
    """Return one row a measure: expected, interval, and the share of the drawings in which it exists.

    Parameters
    ----------
    draws
        As in `Scenario`.
    before
        Gini ratio (``gini``) and share of poor (``poor``) before.
    level
        Of the intervals.
    """
    changes = {new: draws[old] - before[old] for old, new in CHANGES.items()}
    whole = draws.assign(**changes)
    rows = {str(name): _measure(whole[name].to_numpy(dtype=float), level) for name in whole}
    rows["cost_per_gain"] = _cost_per_gain(draws, level)
    columns = ["expected", "low", "high", "known"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("measure")


def groups_frame(villages: pd.DataFrame, gain: np.ndarray, level: float) -> pd.DataFrame:
    """Return who gains, one row a group, as in `Scenario`."""
    total = float(gain.sum(axis=1).mean())
    rows = []
    for kind in KINDS:
        known = villages[kind].dropna()
        for name in sorted(known.unique()):
            mine = np.flatnonzero((villages[kind] == name).to_numpy())
            of_group = gain[:, mine].sum(axis=1)
            part = villages.iloc[mine]
            low, high = np.quantile(of_group, ends_of(level))
            rows.append(
                {
                    "kind": kind, "group": str(name), "n_villages": len(part),
                    "n_chosen": float(part["probability"].sum()), "cost_idr": float(part["cost_idr"].sum()),
                    "gain": float(of_group.mean()), "gain_low": low, "gain_high": high,
                    "share": float(of_group.mean()) / total if total > 0 else np.nan,
                    "n_winners": float(part["wins"].sum()), "n_losers": float(part["loses"].sum()),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def years_frame(parts: Sequence[Part], level: float) -> pd.DataFrame:
    """Return cost, gain and its worth of each year, as in `Scenario`."""
    gain = np.concatenate([part.by_year for part in parts])
    worth = np.concatenate([part.worth_by_year for part in parts])
    cost = np.zeros_like(gain)
    cost[:, 0] = np.concatenate([part.draws["cost_idr"] for part in parts])
    low, high = np.quantile(gain, ends_of(level), axis=0)
    return pd.DataFrame(
        {
            "year": np.arange(gain.shape[1]), "cost_idr": cost.mean(axis=0), "cost_sd": cost.std(axis=0),
            "gain": gain.mean(axis=0), "gain_low": low, "gain_high": high,
            "worth_idr": worth.mean(axis=0), "worth_sd": worth.std(axis=0),
        }
    )  # fmt: skip


def _measure(values: np.ndarray, level: float) -> tuple[float, float, float, float]:
    known = values[np.isfinite(values)]
    if not len(known):
        return np.nan, np.nan, np.nan, 0.0
    low, high = np.quantile(known, ends_of(level))
    return float(known.mean()), float(low), float(high), len(known) / len(values)


def _cost_per_gain(draws: pd.DataFrame, level: float) -> tuple[float, float, float, float]:
    """Return what a unit of gain costs; where nothing is gained no price buys it."""
    cost, gain = draws["cost_idr"].to_numpy(), draws["gain"].to_numpy()
    each = np.full(len(cost), np.inf)
    np.divide(cost, gain, out=each, where=gain > 0)
    low, high = np.quantile(each, ends_of(level), method="higher")
    mean = float(cost.mean() / gain.mean()) if gain.mean() > 0 else np.inf
    return mean, float(low), float(high), float((gain > 0).mean())
