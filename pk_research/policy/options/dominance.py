"""Options that nobody should choose: beaten on every criterion, or first under no weights at all."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import linprog

ROUNDING = 1e-9


def dominated_options(scaled: pd.DataFrame) -> pd.DataFrame:
    """Return options that another equals or beats on every criterion, and beats on one.

    Parameters
    ----------
    scaled
        One row an option, one column a criterion; more is better.

    Returns
    -------
    DataFrame
        One row a pair: ``option``, ``by``.

    Examples
    --------
    >>> scaled = pd.DataFrame({"jobs": [1.0, 0.5], "cost": [0.5, 0.5]}, index=["market", "road"])
    >>> dominated_options(scaled).values.tolist()
    [['road', 'market']]
    """
    values = scaled.to_numpy(dtype=float)
    pairs = [
        (option, other)
        for a, option in enumerate(scaled.index)
        for b, other in enumerate(scaled.index)
        if (values[b] >= values[a]).all() and (values[b] > values[a]).any()
    ]
    return pd.DataFrame(pairs, columns=["option", "by"])


def never_first(scaled: pd.DataFrame) -> tuple[str, ...]:
    """Return options that no weights of 0 or more put first, alone or with others, in a weighted sum.

    Parameters
    ----------
    scaled
        As in `dominated_options`.

    References
    ----------
    Potential optimality: Hazen (1986), Partial information, dominance, and potential optimality in
    multiattribute utility theory, Operations Research 34.

    Examples
    --------
    >>> scaled = pd.DataFrame({"jobs": [1.0, 0.4, 0.0], "cost": [0.0, 0.4, 1.0]}, index=["a", "b", "c"])
    >>> never_first(scaled)
    ('b',)
    """
    values = scaled.to_numpy(dtype=float)
    return tuple(str(name) for n, name in enumerate(scaled.index) if _best_lead(values, n) < -ROUNDING)


def _best_lead(values: np.ndarray, option: int) -> float:
    """Return the largest lead over the best other option that any weights give; negative: always behind."""
    others = np.delete(values, option, axis=0)
    n_criteria = values.shape[1]
    result = linprog(
        np.append(np.zeros(n_criteria), -1.0),
        A_ub=np.column_stack([others - values[option], np.ones(len(others))]),
        b_ub=np.zeros(len(others)),
        A_eq=np.append(np.ones(n_criteria), 0.0)[None, :],
        b_eq=[1.0],
        bounds=[(0, None)] * n_criteria + [(None, None)],
        method="highs",
    )
    return -float(result.fun)
