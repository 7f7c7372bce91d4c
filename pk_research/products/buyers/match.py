"""Who should sell what to which hotel or restaurant, when, and what remains on both sides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, get_args

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Language
from pk_research.products.buyers import words
from pk_research.products.buyers.faults import faults_of
from pk_research.products.buyers.trade import Objective, Terms, Trade, Unknown, deliveries, trades
from pk_research.products.buyers.transport import Plan, plan
from pk_research.products.naming import Names, name_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Matching:
    """Sales from villages to buyers.

    Attributes
    ----------
    flows
        One row a sale: ``product``, ``months`` (1..12, those alike), ``village_code``, ``buyer_code``,
        ``units_month``, ``km``, ``value_idr_month`` (what the buyer pays) and ``gain_idr_month`` (what
        the objective counts).
    demand
        One row a buyer, product and season: ``wanted_units_month``, ``delivered_units_month``,
        ``unmet_units_month``, and ``worth_idr_unit``: what one more unit wanted would add.
    supply
        One row a village, product and season in which it can deliver: ``capacity_units_month``,
        ``sold_units_month``, ``unsold_units_month``, and ``worth_idr_unit``: what one more unit
        would add. Both worths are dual prices of the linear programme in any amounts.
    value_idr_year, gain_idr_year
        Of all sales, every month counted.
    terms
        How offers and demands were compared.
    n_unknown
        Season, quality, frequency, asking price -> offers that do not say it; frequency only where a
        buyer asks for it.
    trades, plans
        What was solved, product by product and season by season.
    buyer_names, names
        Names shown; codes where there are none.
    made
        Whether the data is made.
    """

    flows: pd.DataFrame
    demand: pd.DataFrame
    supply: pd.DataFrame
    value_idr_year: float
    gain_idr_year: float
    terms: Terms
    n_unknown: Mapping[str, int]
    trades: tuple[Trade, ...]
    plans: tuple[Plan, ...]
    buyer_names: Mapping[str, str]
    names: Names
    made: bool

    def name(self, code: str, language: Language) -> str:
        """Return the name of a village, buyer or product; itself where it has none."""
        return name_of(code, {**self.buyer_names, **self.names}, language)

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a sale, headings and names in a language."""
        return words.flow_table(self, language)

    def demand_table(self, language: Language) -> pd.DataFrame:
        """Return what each buyer gets and lacks."""
        return words.demand_table(self, language)

    def supply_table(self, language: Language) -> pd.DataFrame:
        """Return what each village sells and keeps."""
        return words.supply_table(self, language)

    def in_words(self, language: Language) -> str:
        """Tell how much of the demand is met, what it is worth, and what is unknown."""
        return words.account(self, language)

    def plot(self, language: Language, *, width_px: int = 1200) -> Figure:
        """Draw the share of each product's demand that is met."""
        from pk_research.products.buyers.pictures import plot_matching

        return plot_matching(self, language, width_px=width_px)


def match(
    supply: pd.DataFrame,
    demand: pd.DataFrame,
    distances_km: pd.DataFrame,
    *,
    objective: Objective = "value",
    most_km: float = np.inf,
    transport_idr_unit_km: float = 0.0,
    unknown: Unknown = "fails",
    contract_units: float | None = None,
    names: Names | None = None,
    made: bool = False,
) -> Matching:
    """Match what villages offer with what buyers want so that the sales are worth most.

    Parameters
    ----------
    supply
        One row a village and product: ``village_code``, ``product``, ``capacity_units_month``,
        ``price_idr_unit`` (least it sells at; missing is unknown), ``quality`` (1 to 5; missing is
        unknown), ``season_months`` (tuple of 1..12; empty is unknown), ``certificates`` (tuple), and
        for the margin ``cost_idr_unit``. Optional: ``deliveries_month`` (how many times a month it can
        deliver, 0 where buyers must collect; missing, or no such column, is unknown).
    demand
        One row a buyer and product: ``buyer_code``, ``buyer_name``, ``product``,
        ``volume_units_month``, ``months`` (tuple), ``price_idr_unit`` (most it pays), ``quality``
        (least), ``certificates`` (needed). Optional: ``deliveries_month`` (least times a month; missing,
        or no such column, asks for none).
    distances_km
        Villages as rows, buyers as columns; NaN where there is no way.
    objective
        ``value``: what buyers pay; ``margin``: that less cost and transport.
    most_km
        Longest way.
    transport_idr_unit_km
        Cost of carrying one unit one kilometre; the asking price must be left after it.
    unknown
        Whether what an offer does not say (season, quality, deliveries, asking price) ``fails`` or
        ``passes``.
    contract_units
        Sales are whole multiples of so many units a month; None for any amount.
    names
        Code or id -> name shown, for villages and products.
    made
        Whether the data is made.

    Returns
    -------
    Matching
        For each product and group of months that are alike, the transportation problem's best
        solution; among equal ones that of most units, then of the shortest ways. Nothing is stored
        from month to month.

    Raises
    ------
    BadInput
        With every fault of the tables and options.

    References
    ----------
    Hitchcock (1941), The distribution of a product from several sources to numerous localities,
    Journal of Mathematics and Physics 20.

    Examples
    --------
    >>> supply = pd.DataFrame({"village_code": ["3216012001"], "product": "telur_asin",
    ...     "capacity_units_month": 100.0, "price_idr_unit": 2500.0, "quality": 4.0,
    ...     "season_months": [tuple(range(1, 13))], "certificates": [("PIRT",)]})
    >>> demand = pd.DataFrame({"buyer_code": ["H1"], "buyer_name": "Hotel Melati", "product": "telur_asin",
    ...     "volume_units_month": 150.0, "months": [(1, 2)], "price_idr_unit": 3000.0, "quality": 3.0,
    ...     "certificates": [("PIRT",)]})
    >>> found = match(supply, demand, pd.DataFrame({"H1": [12.0]}, index=["3216012001"]))
    >>> found.flows["units_month"].tolist(), found.value_idr_year
    ([100.0], 600000.0)
    """
    problems = _options(objective, most_km, transport_idr_unit_km, unknown, contract_units)
    problems += faults_of(supply, demand, distances_km, needs_cost=objective == "margin")
    if problems:
        raise BadInput(problems)
    supply = supply.sort_values(["product", "village_code"], ignore_index=True)
    demand = demand.sort_values(["product", "buyer_code"], ignore_index=True)
    km = distances_km.loc[supply["village_code"], demand["buyer_code"]].to_numpy(dtype=float)
    terms = Terms(objective, most_km, transport_idr_unit_km, unknown, contract_units)
    solved = tuple(trades(supply, demand, km, terms))
    plans = tuple(plan(trade, contract_units) for trade in solved)
    flows = pd.concat(
        [_flows(trade, found, supply, demand) for trade, found in zip(solved, plans, strict=True)]
    )
    n_months = flows["months"].map(len)
    return Matching(
        flows=flows.reset_index(drop=True),
        demand=_side(solved, plans, demand, is_demand=True),
        supply=_side(solved, plans, supply, is_demand=False),
        value_idr_year=float((flows["value_idr_month"] * n_months).sum()),
        gain_idr_year=float((flows["gain_idr_month"] * n_months).sum()),
        terms=terms,
        n_unknown={
            "season": int((supply["season_months"].map(len) == 0).sum()),
            "quality": int(supply["quality"].isna().sum()),
            "frequency": int(np.isnan(deliveries(supply)).sum()) * bool((deliveries(demand) > 1).any()),
            "price": int(supply["price_idr_unit"].isna().sum()),
        },
        trades=solved,
        plans=plans,
        buyer_names=dict(
            zip(demand["buyer_code"], demand["buyer_name"].fillna(demand["buyer_code"]), strict=True)
        ),
        names=dict(names or {}),
        made=made,
    )


def _options(
    objective: str, most_km: object, transport: object, unknown: str, contract_units: object
) -> list[Problem]:
    is_lot = contract_units is None or _is_positive(contract_units)
    checks = [
        ("objective", objective, objective in get_args(Objective), "Choose value or margin."),
        ("most_km", most_km, most_km == np.inf or _is_positive(most_km), "Give kilometres above 0."),
        (
            "transport_idr_unit_km",
            transport,
            transport == 0 or _is_positive(transport),
            "Give IDR, 0 or more.",
        ),
        ("unknown", unknown, unknown in get_args(Unknown), "Choose fails or passes."),
        ("contract_units", contract_units, is_lot, "Give units above 0, or None."),
    ]
    return [
        Problem(name, f"{value!r} cannot be used", remedy)
        for name, value, is_right, remedy in checks
        if not is_right
    ]


def _is_positive(value: object) -> bool:
    return isinstance(value, Real) and 0 < float(value) < np.inf


def _flows(trade: Trade, found: Plan, supply: pd.DataFrame, demand: pd.DataFrame) -> pd.DataFrame:
    sellers, buyers = np.nonzero(found.units)
    units = found.units[sellers, buyers]
    return pd.DataFrame(
        {
            "product": pd.array([trade.product] * len(units), dtype="str"),
            "months": pd.Series([trade.months] * len(units), dtype=object),
            "village_code": supply["village_code"].iloc[trade.sellers[sellers]].to_numpy(),
            "buyer_code": demand["buyer_code"].iloc[trade.buyers[buyers]].to_numpy(),
            "units_month": units,
            "km": trade.km[sellers, buyers],
            "value_idr_month": units * trade.price_idr[sellers, buyers],
            "gain_idr_month": units * trade.gain_idr[sellers, buyers],
        }
    )


def _side(
    solved: tuple[Trade, ...], plans: tuple[Plan, ...], table: pd.DataFrame, *, is_demand: bool
) -> pd.DataFrame:
    """Return what each buyer gets of what it wants, or each village sells of what it has."""
    key = "buyer_code" if is_demand else "village_code"
    total, done, left = (
        ("wanted_units_month", "delivered_units_month", "unmet_units_month")
        if is_demand
        else ("capacity_units_month", "sold_units_month", "unsold_units_month")
    )
    parts = []
    for trade, found in zip(solved, plans, strict=True):
        now = np.flatnonzero(trade.wants_now if is_demand else trade.in_season)
        rows = (trade.buyers if is_demand else trade.sellers)[now]
        amount = (trade.wanted if is_demand else trade.capacity)[now]
        moved = found.units.sum(axis=0 if is_demand else 1)[now]
        worth = (found.worth_wanted_idr if is_demand else found.worth_capacity_idr)[now]
        part = {
            key: table[key].iloc[rows].to_numpy(),
            "product": pd.array([trade.product] * len(now), dtype="str"),
            "months": pd.Series([trade.months] * len(now), dtype=object),
            total: amount, done: moved, left: _rest(amount, moved), "worth_idr_unit": worth,
        }  # fmt: skip
        parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True)


def _rest(amount: np.ndarray, moved: np.ndarray) -> np.ndarray:
    rest = amount - moved
    return np.where(rest > 1e-6 * np.maximum(amount, 1e-300), rest, 0.0)
