"""The regression with a constant for each unit, each period, and each starting group in each period.

Sun and Abraham's effects are its coefficients where groups have constants before their start, too. Those of
Borusyak, Jaravel and Spiess are, on a balanced panel without covariates, its coefficients where groups have
them from the start on only (Wooldridge 2025, *Empirical Economics* 69). So averages of either are sums of
coefficients of least squares, whose errors can be corrected for few clusters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pk_research.policy.effects.bias_reduced import bias_reduced_contrasts
from pk_research.policy.effects.did.fixed_effects import less_means
from pk_research.policy.effects.panel import Panel

DEPENDENT = 1e-9


@dataclass(frozen=True, eq=False)
class Saturated:
    """The regression, with what its first columns stand for.

    Attributes
    ----------
    outcome, design, cluster
        Of each row, the units' constants taken out; one column a group and period first.
    start, period, size
        Of these columns: starting group, period, and number of rows.
    """

    outcome: np.ndarray
    design: np.ndarray
    cluster: np.ndarray
    start: np.ndarray
    period: np.ndarray
    size: np.ndarray

    @property
    def since(self) -> np.ndarray:
        """Periods since the start, by column."""
        return np.asarray(self.period - self.start)

    def averages(self, key: np.ndarray, terms: Sequence[int]) -> np.ndarray:
        """Return the weights of averages over the columns with each key, one row a term."""
        weights = np.where(key == np.array(terms, dtype=int)[:, None], self.size, 0.0)
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    def average_after(self) -> np.ndarray:
        """Return the weights of the average over all rows with the policy."""
        return np.asarray(self.averages(self.since >= 0, [True])[0])

    def doubt(self, averages: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return covariance (CR2) and degrees of freedom of averages, one row of weights each."""
        others = np.zeros((len(averages), self.design.shape[1] - len(self.size)))
        contrasts = np.column_stack([averages, others])
        return bias_reduced_contrasts(self.outcome, self.design, contrasts, self.cluster)


def saturated(panel: Panel, *, with_leads: bool) -> Saturated:
    """Return the regression of a balanced panel.

    Parameters
    ----------
    panel
        Balanced. Its covariates enter; one that follows from the constants is left out.
    with_leads
        True for constants of groups in all periods but the last before their start; False for those from
        the start on. Periods in which every unit has the policy are then left out, as nothing can be told
        of them.

    Examples
    --------
    >>> import pandas as pd
    >>> from pk_research.policy.effects.panel import read_panel
    >>> frame = pd.DataFrame({"village": np.repeat(list("abcdef"), 3), "year": [1, 2, 3] * 6,
    ...     "start": np.repeat([2, 2, 3, 3, 0, 0], 3),
    ...     "income": [1, 3, 4, 2, 4, 6, 1, 1, 3, 2, 3, 4, 0, 1, 1, 1, 1, 2.0]})
    >>> panel = read_panel(frame, unit="village", period="year", outcome="income", start="start")
    >>> cells = saturated(panel, with_leads=False)
    >>> list(zip(cells.start.tolist(), cells.period.tolist(), cells.size.tolist()))
    [(2, 2, 2), (2, 3, 2), (3, 3, 2)]
    >>> cells.averages(cells.start, [2, 3]).tolist()
    [[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]]
    """
    rows = panel.rows
    if not with_leads:
        rows = rows[rows.groupby("period")["treated"].transform("min") == 0]
    start, period = rows["start"].to_numpy(), rows["period"].to_numpy()
    since = period - start
    is_told = (start > 0) & (since != -1) & (with_leads | (since >= 0))
    cells, code = np.unique(np.column_stack([start, period])[is_told], axis=0, return_inverse=True)
    of_cells = np.zeros((len(rows), len(cells)))
    of_cells[is_told, code] = 1
    of_periods = period[:, None] == np.unique(period)[1:]
    covariates = rows[list(panel.covariates)].to_numpy(dtype=float)
    unit = np.unique(rows["unit"].to_numpy(), return_inverse=True)[1]
    columns = np.column_stack([of_cells, of_periods, covariates]).T
    design = _independent(np.column_stack([less_means(column, unit) for column in columns]))
    outcome = less_means(rows["outcome"].to_numpy(dtype=float), unit)
    return Saturated(outcome, design, rows["cluster"].to_numpy(), cells[:, 0], cells[:, 1], np.bincount(code))


def _independent(design: np.ndarray) -> np.ndarray:
    """Leave out columns that follow from those before them."""
    left = np.abs(np.diagonal(np.linalg.qr(design, mode="r")))
    return np.asarray(design[:, left > DEPENDENT * np.linalg.norm(design, axis=0)])
