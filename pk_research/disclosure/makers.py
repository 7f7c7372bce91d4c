"""What is not told of a product in a village: figures that rest on too few of its makers.

What is made where, in which months and for whom is no secret of anybody; how much, at which price and cost
is what enterprises were promised would leave as summaries of many only.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pk_research.compute.floats import as_floats
from pk_research.disclosure.rules import Rules

UNTOLD = {
    "capacity_units_month": "n_untold_capacity",
    "sales_idr_month": "n_untold_sales",
    "n_workers": "n_untold_workers",
}
"""Sums over makers -> how many makers are not in them."""
OF_DOSSIER = ("price_idr_unit", "cost_idr_unit", "deliveries_month")
"""What a dossier tells for all makers of a village, else those that answered."""
LOCAL = "local_material_pct"
"""A mean of what those that answered say and what the village says, from which the village's part is easily
taken off."""
FIGURES = (*UNTOLD, *OF_DOSSIER, LOCAL)
FOR_ALL = ("product_dossier", "village_potential", "bumdes_profile", "table")
"""Forms in which no maker answers for themselves."""


def few_makers(candidates: pd.DataFrame, *, rules: Rules | None = None) -> pd.DataFrame:
    """Return which figures of a catalogue rest on too few makers, or nobody knows on how many.

    Parameters
    ----------
    candidates
        One row a village and product, as in `products.catalogue.Catalogue.candidates`. A column that is not
        there tells nothing.
    rules
        Whose ``least_contributors`` counts; those of the house by default.

    Returns
    -------
    pandas.DataFrame
        For each of `FIGURES` that is there, True where it is known and must not be told. Behind a sum stand
        the makers that are in it, behind a price the makers of the village where a dossier speaks for them,
        else at most so many as handed in a form of their own.

    Examples
    --------
    >>> rows = pd.DataFrame({"n_enterprises": [9, 9, 3, None], "capacity_units_month": [50.0] * 4,
    ...                      "n_untold_capacity": pd.array([None, 6, None, None], dtype="Int64")})
    >>> few_makers(rows)["capacity_units_month"].tolist()
    [False, True, True, True]
    """
    least = (rules or Rules()).least_contributors
    behind = _behind(candidates)
    return pd.DataFrame(
        {
            name: candidates[name].notna().to_numpy() & ~(behind[name] >= least)
            for name in FIGURES
            if name in candidates
        },
        index=candidates.index,
        dtype=bool,
    )


def without_few(candidates: pd.DataFrame, few: pd.DataFrame) -> pd.DataFrame:
    """Return a catalogue without the figures that `few_makers` found; they are missing then.

    Examples
    --------
    >>> rows = pd.DataFrame({"n_enterprises": [9, 3], "price_idr_unit": [500.0, 700.0]})
    >>> without_few(rows, few_makers(rows))["price_idr_unit"].tolist()
    [500.0, nan]
    """
    return candidates.assign(**{str(name): candidates[name].mask(few[name]) for name in few})


def _behind(candidates: pd.DataFrame) -> Mapping[str, np.ndarray]:
    """Return how many makers stand behind each figure; missing where nobody knows."""
    n = _numbers(candidates, "n_enterprises", np.nan)
    sources = candidates["sources"] if "sources" in candidates else [("table",)] * len(candidates)
    n_for_all = np.array([len(set(told) & set(FOR_ALL)) for told in sources], dtype=float)
    answered = np.fmin(n, _numbers(candidates, "n_submissions", np.inf) - n_for_all)
    by_dossier = np.array([bool({"product_dossier", "table"} & set(told)) for told in sources], dtype=bool)
    has_answers = np.array(["umkm" in told for told in sources], dtype=bool)
    return {
        **{name: n - _numbers(candidates, untold, 0.0) for name, untold in UNTOLD.items()},
        **dict.fromkeys(OF_DOSSIER, np.where(by_dossier, n, answered)),
        LOCAL: np.where(has_answers, answered, n),
    }


def _numbers(frame: pd.DataFrame, name: str, missing: float) -> np.ndarray:
    if name not in frame:
        return np.full(len(frame), missing)
    return np.asarray(as_floats(frame[name]).fillna(missing))
