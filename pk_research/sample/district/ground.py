"""The made district underneath the answers: landscapes, prosperity, governance, and chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pk_research.register import Village
from pk_research.sample.district.chance import Array, Chance
from pk_research.sample.district.landscape import landscape_shares

YEARS = (2022, 2023, 2024)
LAST_YEAR_AS_DESA = {"3216011007": 2022}
OLD_CODES = {"3216011007": "3216012007"}
_PROSPERITY = (0.7, 0.9, -0.2, -0.9, -0.3)
_GOVERNANCE = (0.1, 0.4, 0.0, -0.3, 0.1)

Profile = Sequence[float]
Answers = dict[str, npt.NDArray[Any]]
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Vary:
    """How a latent value varies around what the landscapes suggest.

    Attributes
    ----------
    village
        Standard deviation between villages of the same landscape.
    year
        Standard deviation between the years of a village.
    growth
        Change a year.
    prosperity, governance
        Change with one unit of either.
    """

    village: float
    year: float = 0.05
    growth: float = 0.0
    prosperity: float = 0.0
    governance: float = 0.0


@dataclass(frozen=True, eq=False)
class Ground:
    """What the made answers of a village have in common, over the years.

    Attributes
    ----------
    villages
        The villages, in register order.
    chance
        The source of every draw.
    shares
        Villages by landscape; rows sum to 1.
    prosperity, governance
        One value a village, of about unit spread; they tie the answers of a village together.
    is_desa
        Villages by year: True while the village is a desa.
    """

    villages: Sequence[Village]
    chance: Chance
    shares: Array
    prosperity: Array
    governance: Array
    is_desa: npt.NDArray[np.bool_]

    @property
    def shape(self) -> tuple[int, int]:
        """Number of villages and of years."""
        return len(self.villages), len(YEARS)

    def lean(self, name: str, profile: Profile, vary: Vary) -> Array:
        """Draw a latent value by village and year; ``profile`` holds its middle by landscape."""
        n, n_years = self.shape
        village = (
            self.shares @ np.array(profile)
            + vary.village * self.chance.normal(f"{name}, village", (n,))
            + vary.prosperity * self.prosperity
            + vary.governance * self.governance
        )
        noise = vary.year * self.chance.normal(f"{name}, year", (n, n_years))
        return np.asarray(village[:, None] + vary.growth * np.arange(n_years) + noise)

    def amounts(self, name: str, medians: Profile, vary: Vary) -> Array:
        """Draw amounts that differ by factors; ``medians`` by landscape, ``vary`` in logs."""
        return np.asarray(np.exp(self.lean(name, np.log(medians).tolist(), vary)))

    def percents(self, name: str, middles: Profile, vary: Vary) -> Array:
        """Draw percentages; ``middles`` by landscape, ``vary`` in logits."""
        odds = np.array(middles) / (100 - np.array(middles))
        return np.asarray(100 / (1 + np.exp(-self.lean(name, np.log(odds).tolist(), vary))))

    def grades(
        self, name: str, profile: Profile, vary: Vary, options: Sequence[str], cuts: Sequence[float]
    ) -> Texts:
        """Draw an ordered answer: the first option above the first cut, and so on downwards."""
        return graded(self.lean(name, profile, vary), options, cuts)

    def choices(self, name: str, weights: Array, options: Sequence[str], *, change: float = 0.05) -> Texts:
        """Draw an unordered answer by weight, kept over the years but for a share ``change``."""
        n, n_years = self.shape
        picked = _pick(weights, self.chance.uniform(f"{name}, first", (n,)))
        again = self.chance.uniform(f"{name}, again", (n, n_years))
        changes = self.chance.uniform(f"{name}, changes", (n, n_years)) < change
        columns = []
        for year in range(n_years):
            picked = np.where(changes[:, year] & (year > 0), _pick(weights, again[:, year]), picked)
            columns.append(picked)
        return named(options, np.column_stack(columns))


def named(options: Sequence[str], positions: npt.NDArray[np.intp]) -> Texts:
    """Put the options in place of their positions."""
    return np.asarray(np.array(options, dtype=object)[positions])


def graded(latent: Array, options: Sequence[str], cuts: Sequence[float]) -> Texts:
    """Cut a latent value: the first option above the first cut, and so on downwards.

    Examples
    --------
    >>> graded(np.array([0.4, -2.0]), ["good", "fair", "bad"], [0, -1]).tolist()
    ['good', 'bad']
    """
    return named(options, np.sum([latent < cut for cut in cuts], axis=0))


def only(values: npt.NDArray[Any], where: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
    """Keep the values where the question applies; elsewhere they are missing."""
    missing: Any = None if values.dtype == object else np.nan
    return np.where(where, values, missing)


def whole(values: Array, *, to: int = 1) -> Array:
    """Round to multiples of ``to``.

    Examples
    --------
    >>> whole(np.array([1234.0]), to=100).tolist()
    [1200.0]
    """
    return np.asarray(np.rint(values / to) * to)


def make_ground(villages: Sequence[Village], chance: Chance) -> Ground:
    """Draw the landscapes, the prosperity and the governance of the villages."""
    shares = landscape_shares(villages, chance)
    n = len(villages)
    return Ground(
        villages=villages,
        chance=chance,
        shares=shares,
        prosperity=shares @ np.array(_PROSPERITY) + 0.7 * chance.normal("prosperity", (n,)),
        governance=shares @ np.array(_GOVERNANCE) + 0.9 * chance.normal("governance", (n,)),
        is_desa=np.array([[_is_desa(village, year) for year in YEARS] for village in villages]),
    )


def _is_desa(village: Village, year: int) -> bool:
    return village.kind == "desa" or year <= LAST_YEAR_AS_DESA.get(village.code, 0)


def _pick(weights: Array, uniform: Array) -> npt.NDArray[np.intp]:
    cumulative = np.cumsum(weights, axis=1)
    return np.asarray((uniform[:, None] * cumulative[:, -1:] > cumulative).sum(axis=1))
