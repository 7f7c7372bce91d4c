"""One village, one product: the plan under the limits a visitor sets.

It is made of the worths that may be told, and of no others. A visitor moves the limits as often as they like:
were the others in the plan, the difference of two totals would be the worth of one village, and so would
the place at which it enters the plan among villages whose worth is shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pk_research.apps.products.material import Material
from pk_research.apps.products.trouble import (
    ALL_OF_FEW,
    LIMITS_CLASH,
    NO_CANDIDATES,
    NO_PLAN_YET,
    NOBODY_SERVED,
)
from pk_research.apps.trouble import CannotShow
from pk_research.compute.floats import as_floats
from pk_research.disclosure import Rules
from pk_research.errors import NotReady
from pk_research.language import Language, Message
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
    withheld
        Village -> candidates whose worth is known and not planned with, for it rests on too few makers; only
        villages that have any.
    """

    limits: Limits
    assignment: Assignment
    costs: LimitCosts
    others: Alternatives
    n_without_season: int
    withheld: pd.Series

    @property
    def n_withheld(self) -> int:
        """How many candidates are not planned with."""
        return int(self.withheld.sum())

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a village for people, with how many of its products are not planned with."""
        table = self.assignment.table(language)
        least = Message(
            "Products not planned with: fewer than {least} enterprises stand behind their worth",
            {"least": Rules().least_contributors},
        )
        codes = self.assignment.villages["village_code"]
        counts = self.withheld.reindex(codes).fillna(0).astype(int).to_numpy()
        is_marked = int(self.assignment.problem.made)
        table.insert(len(table.columns) - is_marked, least.text(language), counts)
        return table


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
    return candidates[["village_code", "product"]].assign(value_idr_year=as_floats(value))


def plan_of(material: Material, limits: Limits) -> Plan:
    """Make the plan of most worth under the limits.

    Raises
    ------
    CannotShow
        When no village has a candidate of known worth, or none that may be told, the limits exclude each
        other or serve nobody, or no plan was found in time.
    """
    if limits.most_villages < limits.least_villages:
        raise CannotShow(LIMITS_CLASH)
    values = values_of(material.shown)
    is_known = values_of(material.candidates)["value_idr_year"].notna()
    is_told = values["value_idr_year"].notna()
    if not is_told.any():
        raise CannotShow(ALL_OF_FEW if is_known.any() else NO_CANDIDATES)
    values = values[values["product"].isin(values.loc[is_told, "product"])]
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
        withheld=material.candidates.loc[is_known & ~is_told, "village_code"].value_counts(sort=False),
    )
