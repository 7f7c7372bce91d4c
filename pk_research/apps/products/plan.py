"""One village, one product: the plan under the limits a visitor sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.apps.products.material import Material
from pk_research.apps.products.trouble import LIMITS_CLASH, NO_CANDIDATES, NO_PLAN_YET, NOBODY_SERVED
from pk_research.apps.trouble import CannotShow
from pk_research.errors import NotReady
from pk_research.products.assignment import (
    Alternatives,
    Assignment,
    LimitCosts,
    alternatives,
    assign,
    assignment_problem,
    limit_costs,
)

TIME_LIMIT_S = 10.0
"""Of each search. The solver's own limit of nodes does not keep a visitor from waiting: where every village
could make every product and few may be taken up, a single node takes a quarter of a minute."""
MONTHS = 12
WITHIN_SHARE = 0.02
N_ALTERNATIVES = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """What a visitor allows.

    Attributes
    ----------
    most_villages
        Villages on any one product, in the whole regency.
    most_in_kecamatan
        Villages of a kecamatan on any one product.
    least_villages
        Villages of a product that is taken up at all.
    """

    most_villages: int = 20
    most_in_kecamatan: int = 3
    least_villages: int = 2


@dataclass(frozen=True, eq=False)
class Plan:
    """The plan, what its limits cost, and other plans nearly as good.

    Attributes
    ----------
    limits
        As set.
    assignment, costs, others
        Of `products.assignment`.
    n_without_season
        Candidates whose months are not known, counted as sold all year.
    """

    limits: Limits
    assignment: Assignment
    costs: LimitCosts
    others: Alternatives
    n_without_season: int


def values_of(candidates: pd.DataFrame) -> pd.DataFrame:
    """Return what each village would earn with each product in a year: capacity times margin.

    Parameters
    ----------
    candidates
        As in `Material.candidates`.

    Returns
    -------
    DataFrame
        ``village_code``, ``product`` and ``value_idr_year``: missing where price, cost or capacity
        is not known. Months that are not known count as all year.
    """
    months = candidates["season_months"].map(len).replace(0, MONTHS)
    margin = candidates["price_idr_unit"] - candidates["cost_idr_unit"]
    value = candidates["capacity_units_month"] * months * margin
    return candidates[["village_code", "product"]].assign(
        value_idr_year=value.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    )


def plan_of(material: Material, limits: Limits) -> Plan:
    """Make the plan of most worth under the limits.

    Raises
    ------
    CannotShow
        When no village has a candidate of known worth, the limits exclude each other or serve nobody, or no
        plan was found in time.
    """
    if limits.most_villages < limits.least_villages:
        raise CannotShow(LIMITS_CLASH)
    values = values_of(material.candidates)
    if values["value_idr_year"].notna().sum() == 0:
        raise CannotShow(NO_CANDIDATES)
    market = pd.DataFrame(
        {"product": sorted(values["product"].unique()), "up_to": limits.most_villages, "loss_idr": 0.0}
    )
    problem = assignment_problem(
        values,
        every_village=False,
        most_per_kecamatan=limits.most_in_kecamatan,
        least_villages=limits.least_villages,
        market=market,
        made=material.made,
    )
    try:
        assignment = assign(problem, time_limit_s=TIME_LIMIT_S)
    except NotReady as error:
        raise CannotShow(NO_PLAN_YET) from error
    if not (assignment.chosen >= 0).any():
        raise CannotShow(NOBODY_SERVED)
    return Plan(
        limits=limits,
        assignment=assignment,
        costs=limit_costs(assignment, single=(), time_limit_s=TIME_LIMIT_S, n_jobs=1),
        others=alternatives(
            assignment, within_share=WITHIN_SHARE, most=N_ALTERNATIVES, time_limit_s=TIME_LIMIT_S
        ),
        n_without_season=int((material.candidates["season_months"].map(len) == 0).sum()),
    )
