"""What may leave the building: every rule of it, in one place, to be read by whoever answers for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from pk_research.errors import BadInput, Problem


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a release.

    Attributes
    ----------
    least_contributors
        A cell of a table to which fewer people or enterprises contribute (but at least one) is not
        shown.
    prior_percent
        The p of the p%-rule: a sum is not shown where the second largest contributor could, from the
        sum and their own part, tell the largest one's to within so many per cent.
    least_alike
        The k of k-anonymity: every combination of what others may know of somebody (the keys) is shared
        by at least so many rows.
    least_values
        The l of l-diversity: those rows have at least so many different sensitive values.
    urban_km, rural_km
        Coordinates are moved by at most so far, in towns and in the country.
    far_km, far_share
        A small share of the rural ones is moved further, up to this, so that none is sure to lie within
        ``rural_km``.

    Examples
    --------
    >>> Rules(least_contributors=10).is_small(np.array([0, 3, 10])).tolist()
    [False, True, False]
    """

    least_contributors: int = 5
    prior_percent: float = 10.0
    least_alike: int = 5
    least_values: int = 2
    urban_km: float = 2.0
    rural_km: float = 5.0
    far_km: float = 10.0
    far_share: float = 0.01

    def __post_init__(self) -> None:
        problems = list(_faults(self))
        if problems:
            raise BadInput(problems)

    def is_small(self, contributors: np.ndarray) -> np.ndarray:
        """Return which cells have too few contributors; an empty cell tells of nobody."""
        return np.asarray((contributors > 0) & (contributors < self.least_contributors))

    def is_dominated(self, total: np.ndarray, largest: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Return which sums give the largest contributor away to the second.

        Parameters
        ----------
        total, largest, second
            Of each cell: the sum, and its two largest parts (0 where there is none).

        Notes
        -----
        Hundepool et al. (2012), Statistical Disclosure Control, section 4.2: the rest must be at least
        p % of the largest.
        """
        return np.asarray(total - largest - second < self.prior_percent / 100 * largest)

    def forbids(self, parts: np.ndarray) -> bool:
        """Return whether a sum of parts, one of each contributor, would tell too much of one of them.

        Examples
        --------
        >>> Rules().forbids(np.array([5.0, 4, 6])), Rules().forbids(np.array([5.0, 4, 6, 5, 7]))
        (True, False)
        """
        largest = np.sort(np.append(parts, [0.0, 0.0]))[::-1]
        counted = np.array([np.count_nonzero(parts)])
        dominated = self.is_dominated(np.array([parts.sum()]), largest[:1], largest[1:2])
        return bool(self.is_small(counted)[0] or dominated[0])


def _faults(rules: Rules) -> Iterator[Problem]:
    least = {"least_contributors": 2, "least_alike": 1, "least_values": 1}
    for field in fields(rules):
        value = getattr(rules, field.name)
        lowest = least.get(field.name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
            yield Problem(f"rules, {field.name}", f"it is {value!r}", "Give a number.")
        elif value < lowest or (field.name in least and value != int(value)):
            yield Problem(f"rules, {field.name}", f"it is {value!r}", f"Give {lowest} or more.")
    if rules.far_share > 1:
        yield Problem("rules, far_share", f"it is {rules.far_share!r}", "Give a share from 0 to 1.")
