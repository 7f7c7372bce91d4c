"""What is to be decided: the worth of each product in each village, and the limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.errors import BadInput
from pk_research.language import Language
from pk_research.products.assignment.faults import Statement, faults_of
from pk_research.products.naming import Names, name_of
from pk_research.register.village import KECAMATAN_LENGTH


@dataclass(frozen=True, slots=True)
class Tier:
    """A part of a market, taken up after the parts before it.

    Attributes
    ----------
    size
        Villages, or units a year; infinite for a last tier without end.
    loss_idr
        IDR a year lost for each village, or IDR for each unit, sold in this tier.
    """

    size: float
    loss_idr: float


@dataclass(frozen=True, eq=False)
class AssignmentProblem:
    """Who could make what, what it is worth, and the limits; made by `assignment_problem`.

    Attributes
    ----------
    villages, products
        Codes and ids, ascending.
    value_idr_year
        One row a village, one column a product; NaN where the village cannot make it, or nobody knows.
    se_idr_year
        Standard errors of those values; None where not given.
    volume_units_year
        Units a year of each village and product; None where not given.
    every_village
        Whether each village must get a product; else it gets one at most.
    decrees
        Village -> product that it makes whatever it is worth.
    most_per_kecamatan
        Kecamatan -> most villages on any one product.
    least_villages
        Product -> least number of villages, if it is taken up at all.
    market
        Product -> its tiers; selling beyond the last is not possible.
    market_by_volume
        Whether tiers count units a year; else villages.
    needs
        (product, material) -> amount a village needs a year.
    supplies
        (material, area) -> amount a year; areas are codes of a regency, kecamatan or village.
    names
        Code or id -> the name shown; others are called as `products.naming` calls them.
    made
        Whether the data is made.
    """

    villages: tuple[str, ...]
    products: tuple[str, ...]
    value_idr_year: np.ndarray
    se_idr_year: np.ndarray | None
    volume_units_year: np.ndarray | None
    every_village: bool
    decrees: Mapping[str, str]
    most_per_kecamatan: Mapping[str, int]
    least_villages: Mapping[str, int]
    market: Mapping[str, tuple[Tier, ...]]
    market_by_volume: bool
    needs: Mapping[tuple[str, str], float]
    supplies: Mapping[tuple[str, str], float]
    names: Names
    made: bool

    @property
    def kecamatan(self) -> np.ndarray:
        """Code of the kecamatan of each village."""
        return np.array([code[:KECAMATAN_LENGTH] for code in self.villages])

    @property
    def n_unknown(self) -> int:
        """Pairs of village and product without a value: they are never chosen."""
        return int(np.isnan(self.value_idr_year).sum())

    def name(self, code: str, language: Language) -> str:
        """Return the name of a code or id; itself where it has none."""
        return name_of(code, self.names, language)


def assignment_problem(
    values: pd.DataFrame,
    *,
    every_village: bool = True,
    decrees: Mapping[str, str] | None = None,
    most_per_kecamatan: int | Mapping[str, int] | None = None,
    least_villages: int | Mapping[str, int] | None = None,
    market: pd.DataFrame | None = None,
    market_by_volume: bool = False,
    needs: pd.DataFrame | None = None,
    supplies: pd.DataFrame | None = None,
    names: Names | None = None,
    made: bool = False,
) -> AssignmentProblem:
    """State which village could make which product, and the limits to keep.

    Parameters
    ----------
    values
        One row a village and product: ``village_code`` (10 digits), ``product``, ``value_idr_year``;
        optional ``se_idr_year`` (for `robustness`) and ``volume_units_year``. A pair that is
        not there, or has no value, is unknown: it is never chosen. A product without a value in any
        village cannot be planned with and is refused.
    every_village
        Whether each village must get a product, at a loss if need be; else it gets one at most, and
        rather none than one at a loss.
    decrees
        Village -> product, fixed.
    most_per_kecamatan
        Most villages of a kecamatan on any one product: one number, or one a kecamatan.
    least_villages
        Least number of villages of a product that is taken up at all: one number, or one a product.
    market
        Tiers, in order: ``product``, ``up_to`` (villages, or units a year, from the first on; missing
        in a last tier without end), ``loss_idr`` (lost in the tier by each village a year, or by each
        unit; it must not fall from tier to tier). A last ``up_to`` that is given is the market's end.
    market_by_volume
        Whether ``up_to`` counts units; then ``values`` needs ``volume_units_year``.
    needs
        ``product``, ``material``, ``amount_per_village`` a year.
    supplies
        ``material``, ``area_code`` (4 digits of a regency, 6 of a kecamatan, 10 of a village),
        ``amount`` a year. A village must lie in at least one area of each material it might need.
    names
        Code or id -> name to be shown, for villages, kecamatan, products and materials; where there is
        none, that of the register or of the list of products.
    made
        Whether the data is made.

    Raises
    ------
    BadInput
        With every fault of the tables and numbers.

    Examples
    --------
    >>> values = pd.DataFrame({"village_code": ["3216012001", "3216012001", "3216012002"],
    ...                        "product": ["kecap", "telur_asin", "kecap"],
    ...                        "value_idr_year": [5e6, 4e6, 3e6]})
    >>> problem = assignment_problem(values)
    >>> problem.products, problem.n_unknown
    (('kecap', 'telur_asin'), 1)
    """
    statement = Statement(
        pairs=values, decrees=dict(decrees or {}), most_per_kecamatan=most_per_kecamatan,
        least_villages=least_villages, market=market, market_by_volume=market_by_volume,
        needs=needs, supplies=supplies,
    )  # fmt: skip
    problems = faults_of(statement)
    if problems:
        raise BadInput(problems)
    villages = tuple(sorted(values["village_code"].unique()))
    products = tuple(sorted(values["product"].unique()))
    return AssignmentProblem(
        villages=villages,
        products=products,
        value_idr_year=_matrix(values, "value_idr_year", villages, products),
        se_idr_year=_optional_matrix(values, "se_idr_year", villages, products),
        volume_units_year=_optional_matrix(values, "volume_units_year", villages, products),
        every_village=every_village,
        decrees=dict(sorted(statement.decrees.items())),
        most_per_kecamatan=_spread(
            most_per_kecamatan, sorted({code[:KECAMATAN_LENGTH] for code in villages})
        ),
        least_villages=_spread(least_villages, products),
        market={} if market is None else _tiers(market),
        market_by_volume=market_by_volume,
        needs={} if needs is None else _amounts(needs, "product", "material", "amount_per_village"),
        supplies={} if supplies is None else _amounts(supplies, "material", "area_code", "amount"),
        names=dict(names or {}),
        made=made,
    )


def _matrix(
    values: pd.DataFrame, column: str, villages: tuple[str, ...], products: tuple[str, ...]
) -> np.ndarray:
    filled = np.full((len(villages), len(products)), np.nan)
    rows = pd.Index(villages).get_indexer(values["village_code"])
    columns = pd.Index(products).get_indexer(values["product"])
    filled[rows, columns] = values[column].to_numpy(dtype=float)
    return filled


def _optional_matrix(
    values: pd.DataFrame, column: str, villages: tuple[str, ...], products: tuple[str, ...]
) -> np.ndarray | None:
    return _matrix(values, column, villages, products) if column in values else None


def _spread(number: int | Mapping[str, int] | None, keys: list[str] | tuple[str, ...]) -> dict[str, int]:
    if number is None:
        return {}
    given = number if isinstance(number, Mapping) else dict.fromkeys(keys, number)
    return {key: int(given[key]) for key in keys if key in given}


def _tiers(market: pd.DataFrame) -> dict[str, tuple[Tier, ...]]:
    tiers = {}
    for product, rows in market.groupby("product", sort=True):
        ends = rows["up_to"].to_numpy(dtype=float, na_value=np.nan)
        sizes = np.diff(np.where(np.isnan(ends), np.inf, ends), prepend=0.0)
        losses = rows["loss_idr"].to_numpy(dtype=float)
        tiers[str(product)] = tuple(Tier(float(a), float(b)) for a, b in zip(sizes, losses, strict=True))
    return tiers


def _amounts(table: pd.DataFrame, first: str, second: str, amount: str) -> dict[tuple[str, str], float]:
    rows = zip(table[first], table[second], table[amount], strict=True)
    return dict(sorted({(str(a), str(b)): float(c) for a, b, c in rows}.items()))
