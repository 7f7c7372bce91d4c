"""The problem as a mixed-integer linear programme whose every row belongs to a named limit.

Columns: one a pair of village and product with a known value (whole, 0 or 1); one a product with
a least number of villages (1 when it is taken up); one a tier of a market (how much is sold in it).
A product's row of a kecamatan, or of all villages, holds its pairs below a multiple of its own
column, so that nothing is made of a product that is not taken up.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from pk_research.products.assignment.limits import Kind, Limit
from pk_research.products.assignment.problem import AssignmentProblem

NOBODY = -1


@dataclass(frozen=True, eq=False)
class Model:
    """Maximise gain·x with low ≤ A·x ≤ high, lower ≤ x ≤ upper.

    Attributes
    ----------
    gain
        IDR a year of each column.
    matrix
        A, sparse, one row a constraint.
    low, high
        Of the rows.
    lower, upper
        Of the columns.
    is_whole
        Columns that take whole numbers.
    limits
        Every limit, in the order in which rows name them.
    owner
        Number of each row's limit; -1 for "at most one product a village".
    row_product
        Number of the product a row is about; -1 for all.
    village, product
        Of each pair: the first columns.
    """

    gain: np.ndarray
    matrix: sparse.csr_array
    low: np.ndarray
    high: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    is_whole: np.ndarray
    limits: tuple[Limit, ...]
    owner: np.ndarray
    row_product: np.ndarray
    village: np.ndarray
    product: np.ndarray

    @property
    def n_pairs(self) -> int:
        """Columns that are pairs of village and product."""
        return len(self.village)

    def without(self, dropped: Collection[Limit]) -> Model:
        """Return the model without some limits."""
        numbers = [n for n, limit in enumerate(self.limits) if limit in set(dropped)]
        free = np.isin(self.owner, numbers)
        return replace(self, low=np.where(free, -np.inf, self.low), high=np.where(free, np.inf, self.high))

    def with_row(self, coefficients: np.ndarray, *, low: float = -np.inf, high: float = np.inf) -> Model:
        """Return the model with one more row, of nobody's limit."""
        return replace(
            self,
            matrix=sparse.csr_array(sparse.vstack([self.matrix, sparse.csr_array(coefficients[None, :])])),
            low=np.append(self.low, low),
            high=np.append(self.high, high),
            owner=np.append(self.owner, NOBODY),
            row_product=np.append(self.row_product, NOBODY),
        )

    def kind_of(self, row: int) -> Kind | None:
        """Return the kind of limit a row belongs to; None for nobody's."""
        return None if self.owner[row] == NOBODY else self.limits[self.owner[row]].kind

    def limits_of(self, kind: Kind) -> tuple[Limit, ...]:
        """Return the limits of a kind."""
        return tuple(limit for limit in self.limits if limit.kind == kind)


def build(problem: AssignmentProblem) -> Model:
    """Write the problem as a model."""
    return _Builder(problem).model()


class _Builder:
    """Gathers rows; a row's entries are (row within the block, column, coefficient)."""

    def __init__(self, problem: AssignmentProblem) -> None:
        self.problem = problem
        self.village, self.product = np.nonzero(~np.isnan(problem.value_idr_year))
        self.value = problem.value_idr_year[self.village, self.product]
        n_pairs = len(self.village)
        self.taken_up = {p: n_pairs + n for n, p in enumerate(problem.least_villages)}
        self.tiers = [(name, tier) for name, tiers in problem.market.items() for tier in tiers]
        self.first_tier = n_pairs + len(self.taken_up)
        self.n_columns = self.first_tier + len(self.tiers)
        self.limits: dict[Limit, int] = {}
        self.blocks: list[sparse.coo_array] = []
        self.low: list[np.ndarray] = []
        self.high: list[np.ndarray] = []
        self.owner: list[np.ndarray] = []
        self.row_product: list[np.ndarray] = []

    def model(self) -> Model:
        self._villages()
        self._decrees()
        self._diversity()
        self._least()
        self._market()
        self._materials()
        sold = [tier.size for _, tier in self.tiers]
        n_whole = self.first_tier
        return Model(
            gain=np.concatenate(
                [self.value, np.zeros(len(self.taken_up)), [-tier.loss_idr for _, tier in self.tiers]]
            ),
            matrix=sparse.csr_array(sparse.vstack(self.blocks)),
            low=np.concatenate(self.low),
            high=np.concatenate(self.high),
            lower=np.zeros(self.n_columns),
            upper=np.concatenate([np.ones(n_whole), np.minimum(sold, self._most_sold())]),
            is_whole=np.arange(self.n_columns) < n_whole,
            limits=tuple(self.limits),
            owner=np.concatenate(self.owner),
            row_product=np.concatenate(self.row_product),
            village=self.village,
            product=self.product,
        )

    def _most_sold(self) -> np.ndarray:
        """Bound tiers without end, so that every column has an upper bound."""
        total = np.bincount(self.product, self._volume(), minlength=len(self.problem.products))
        return np.array([total[self.problem.products.index(name)] for name, _ in self.tiers])

    def _volume(self) -> np.ndarray:
        volumes = self.problem.volume_units_year
        if not self.problem.market_by_volume or volumes is None:
            return np.ones(len(self.village))
        return np.asarray(volumes[self.village, self.product])

    def _limit(self, limit: Limit) -> int:
        return self.limits.setdefault(limit, len(self.limits))

    def _add(
        self, rows: np.ndarray, columns: np.ndarray, data: np.ndarray, *, low: object, high: object,
        owner: object, product: object = NOBODY,
    ) -> None:  # fmt: skip
        n_rows = len(np.atleast_1d(np.asarray(owner)))
        self.blocks.append(sparse.coo_array((data, (rows, columns)), shape=(n_rows, self.n_columns)))
        self.low.append(np.broadcast_to(np.asarray(low, dtype=float), n_rows))
        self.high.append(np.broadcast_to(np.asarray(high, dtype=float), n_rows))
        self.owner.append(np.broadcast_to(np.asarray(owner), n_rows))
        self.row_product.append(np.broadcast_to(np.asarray(product), n_rows))

    def _villages(self) -> None:
        villages = self.problem.villages
        nobody = np.full(len(villages), NOBODY)
        pairs = (self.village, np.arange(len(self.village)), np.ones(len(self.village)))
        self._add(*pairs, low=-np.inf, high=1.0, owner=nobody)
        if self.problem.every_village:
            owners = [self._limit(Limit("every_village", code)) for code in villages]
            self._add(*pairs, low=1.0, high=np.inf, owner=owners)

    def _decrees(self) -> None:
        for code, name in self.problem.decrees.items():
            village, product = self.problem.villages.index(code), self.problem.products.index(name)
            pairs = np.flatnonzero((self.village == village) & (self.product == product))
            owner = self._limit(Limit("decree", code))
            self._add(pairs * 0, pairs, np.ones(1), low=1.0, high=np.inf, owner=owner, product=product)

    def _diversity(self) -> None:
        for area, most in self.problem.most_per_kecamatan.items():
            inside = np.flatnonzero((self.problem.kecamatan == area)[self.village])
            counts = np.bincount(self.product[inside], minlength=len(self.problem.products))
            names = self.problem.products
            needed = [p for p, n in enumerate(counts) if n > most or (n and names[p] in self.taken_up)]
            row_of = np.full(len(names), NOBODY)
            row_of[needed] = np.arange(len(needed))
            pairs = inside[row_of[self.product[inside]] >= 0]
            gated = [p for p in needed if names[p] in self.taken_up]
            rows = np.concatenate([row_of[self.product[pairs]], row_of[gated]]).astype(int)
            columns = np.concatenate([pairs, [self.taken_up[names[p]] for p in gated]]).astype(int)
            data = np.concatenate([np.ones(len(pairs)), -np.minimum(counts[gated], most)])
            high = [0.0 if names[p] in self.taken_up else float(most) for p in needed]
            owner = np.full(len(needed), self._limit(Limit("diversity", area)))
            self._add(rows, columns, data, low=-np.inf, high=high, owner=owner, product=needed)

    def _least(self) -> None:
        for name, least in self.problem.least_villages.items():
            product = self.problem.products.index(name)
            pairs = np.flatnonzero(self.product == product)
            columns = np.append(pairs, self.taken_up[name])
            owner = [self._limit(Limit("least", name))]
            for factor, low, high in ((least, 0.0, np.inf), (len(pairs), -np.inf, 0.0)):
                data = np.append(np.ones(len(pairs)), -float(factor))
                self._add(columns * 0, columns, data, low=low, high=high, owner=owner, product=product)

    def _market(self) -> None:
        volume = self._volume()
        for name in self.problem.market:
            product = self.problem.products.index(name)
            pairs = np.flatnonzero(self.product == product)
            tiers = self.first_tier + np.flatnonzero([named == name for named, _ in self.tiers])
            columns = np.concatenate([pairs, tiers])
            data = np.concatenate([volume[pairs], -np.ones(len(tiers))])
            owner = [self._limit(Limit("market", name))]
            self._add(columns * 0, columns, data, low=-np.inf, high=0.0, owner=owner, product=product)

    def _materials(self) -> None:
        codes = np.array(self.problem.villages)
        for (material, area), amount in self.problem.supplies.items():
            need = np.array([self.problem.needs.get((name, material), 0.0) for name in self.problem.products])
            inside = np.char.startswith(codes, area)[self.village]
            pairs = np.flatnonzero(inside & (need[self.product] > 0))
            owner = [self._limit(Limit("material", material, area))]
            self._add(pairs * 0, pairs, need[self.product[pairs]], low=-np.inf, high=amount, owner=owner)
