"""What each village offers and each buyer wants, product by product and season by season.

A sale must pass six filters; which of them a pair fails is kept, for the reasons told later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

Filter = Literal["season", "quality", "certificate", "frequency", "distance", "price"]
FILTERS: tuple[Filter, ...] = get_args(Filter)
DELIVERIES = "deliveries_month"
Unknown = Literal["fails", "passes"]
Objective = Literal["value", "margin"]


@dataclass(frozen=True, slots=True)
class Terms:
    """How offers and demands are compared.

    Attributes
    ----------
    objective
        ``value``: what buyers pay; ``margin``: that less cost and transport.
    most_km
        Longest way; infinite for no bound.
    transport_idr_unit_km
        Cost of carrying one unit one kilometre.
    unknown
        Whether a season, quality, delivery frequency or asking price that is not known passes.
    contract_units
        Sales are whole multiples of so many units a month; None for any amount.
    """

    objective: Objective
    most_km: float
    transport_idr_unit_km: float
    unknown: Unknown
    contract_units: float | None


@dataclass(frozen=True, eq=False)
class Trade:
    """One product in months that are alike: sellers are rows, buyers columns.

    Attributes
    ----------
    product, months
        What, and when.
    sellers, buyers
        Row numbers in the tables of supply and demand.
    capacity, wanted
        Units a month of each, in season or not; the filter ``season`` keeps the others out.
    in_season, wants_now
        Of sellers and of buyers.
    price_idr, gain_idr
        Of each pair: what the buyer pays for a unit, and what the objective counts.
    km
        Of each pair; NaN where there is no way.
    passes
        Filter -> of each pair.
    """

    product: str
    months: tuple[int, ...]
    sellers: np.ndarray
    buyers: np.ndarray
    capacity: np.ndarray
    wanted: np.ndarray
    in_season: np.ndarray
    wants_now: np.ndarray
    price_idr: np.ndarray
    gain_idr: np.ndarray
    km: np.ndarray
    passes: Mapping[Filter, np.ndarray]

    @property
    def allowed(self) -> np.ndarray:
        """Pairs that pass every filter."""
        return np.asarray(np.logical_and.reduce([self.passes[name] for name in FILTERS]))


def trades(supply: pd.DataFrame, demand: pd.DataFrame, km: np.ndarray, terms: Terms) -> Iterator[Trade]:
    """Yield every product and season in which somebody sells or buys; tables must be checked."""
    for product in sorted({*supply["product"], *demand["product"]}):
        sellers = np.flatnonzero((supply["product"] == product).to_numpy())
        buyers = np.flatnonzero((demand["product"] == product).to_numpy())
        offers, wants = supply.iloc[sellers], demand.iloc[buyers]
        sells = _by_month(offers["season_months"], terms.unknown)
        buys = _by_month(wants["months"], "fails")
        for months in alike(np.concatenate([sells, buys])):
            now = months[0] - 1
            yield _trade(
                product, months, sellers=sellers, buyers=buyers, offers=offers, wants=wants,
                in_season=sells[:, now], wants_now=buys[:, now], km=km[np.ix_(sellers, buyers)], terms=terms,
            )  # fmt: skip


def _by_month(months: pd.Series, unknown: Unknown) -> np.ndarray:
    active = np.zeros((len(months), 12), dtype=bool)
    for row, listed in enumerate(months):
        active[row, [month - 1 for month in listed]] = True
        if not len(listed):
            active[row] = unknown == "passes"
    return active


def alike(active: np.ndarray) -> list[tuple[int, ...]]:
    """Group months in which the same sellers and buyers are active; months of nobody are left out.

    Examples
    --------
    >>> alike(np.array([[True] * 6 + [False] * 6]))
    [(1, 2, 3, 4, 5, 6)]
    """
    groups: dict[bytes, list[int]] = {}
    for month in range(12):
        if active[:, month].any():
            groups.setdefault(active[:, month].tobytes(), []).append(month + 1)
    return [tuple(months) for months in groups.values()]


def _trade(
    product: str, months: tuple[int, ...], *, sellers: np.ndarray, buyers: np.ndarray,
    offers: pd.DataFrame, wants: pd.DataFrame, in_season: np.ndarray, wants_now: np.ndarray,
    km: np.ndarray, terms: Terms,
) -> Trade:  # fmt: skip
    price = np.broadcast_to(_numbers(wants, "price_idr_unit"), km.shape)
    carried = np.nan_to_num(km) * terms.transport_idr_unit_km
    is_margin = terms.objective == "margin"
    cost = _numbers(offers, "cost_idr_unit")[:, None] if is_margin else np.zeros((len(offers), 1))
    least = np.fmax(_asking(offers, terms), cost)
    passes: dict[Filter, np.ndarray] = {
        "season": in_season[:, None] & wants_now,
        "quality": _quality(offers, wants, terms),
        "certificate": _certificates(offers, wants),
        "frequency": _frequency(offers, wants, terms),
        "distance": km <= terms.most_km,
        "price": price - carried >= least,
    }
    return Trade(
        product=product, months=months, sellers=sellers, buyers=buyers,
        capacity=_numbers(offers, "capacity_units_month"), wanted=_numbers(wants, "volume_units_month"),
        in_season=in_season, wants_now=wants_now, price_idr=price,
        gain_idr=price - cost - carried if is_margin else price, km=km, passes=passes,
    )  # fmt: skip


def _numbers(table: pd.DataFrame, column: str) -> np.ndarray:
    return np.asarray(table[column].to_numpy(dtype=float, na_value=np.nan))


def _asking(offers: pd.DataFrame, terms: Terms) -> np.ndarray:
    asked = _numbers(offers, "price_idr_unit")[:, None]
    return np.where(np.isnan(asked), np.inf if terms.unknown == "fails" else 0.0, asked)


def _quality(offers: pd.DataFrame, wants: pd.DataFrame, terms: Terms) -> np.ndarray:
    given = _numbers(offers, "quality")[:, None]
    needed = _numbers(wants, "quality")[None, :]
    return np.where(np.isnan(given), (needed <= 1) | (terms.unknown == "passes"), given >= needed)


def deliveries(table: pd.DataFrame) -> np.ndarray:
    """Return deliveries a month; NaN where they are not known, or the table does not speak of them."""
    if DELIVERIES not in table:
        return np.full(len(table), np.nan)
    return _numbers(table, DELIVERIES)


def _frequency(offers: pd.DataFrame, wants: pd.DataFrame, terms: Terms) -> np.ndarray:
    """Compare deliveries; who does not say how often it delivers, delivers at least once what it sells."""
    given, needed = deliveries(offers)[:, None], deliveries(wants)[None, :]
    met = np.where(np.isnan(given), (needed <= 1) | (terms.unknown == "passes"), given >= needed)
    return np.asarray(np.isnan(needed) | met)


def _certificates(offers: pd.DataFrame, wants: pd.DataFrame) -> np.ndarray:
    rows = [[set(needed) <= set(held) for needed in wants["certificates"]] for held in offers["certificates"]]
    return np.array(rows, dtype=bool).reshape(len(offers), len(wants))
