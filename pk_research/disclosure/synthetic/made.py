"""Values that are made without a look at what anybody answered."""

from __future__ import annotations

import numpy as np

from pk_research.codebook import Variable
from pk_research.language import Message

TEXT = Message("(made text)")
MOMENT = np.datetime64("2000-01-01T01:00")
MINUTES = 60 * 8
NEAR = 2.0
PLACE_DECIMALS = 5


def made_texts(variable: Variable, n: int, rng: np.random.Generator, *, is_personal: bool) -> np.ndarray:
    """Return values that show that they are made; a closed question gets one of its answers at random."""
    if variable.categories:
        values = [label.value for label in variable.categories]
        return np.array([values[at] for at in rng.integers(len(values), size=n)], dtype=object)
    if variable.kind == "boolean":
        return np.array([("False", "True")[at] for at in rng.integers(2, size=n)], dtype=object)
    if variable.kind in ("integer", "number"):
        low = 0 if variable.minimum is None else int(variable.minimum)
        high = low + 100 if variable.maximum is None else max(low, int(variable.maximum))
        return np.array([str(value) for value in rng.integers(low, high + 1, size=n)], dtype=object)
    if variable.kind == "date":
        return np.array(
            [str(MOMENT + np.timedelta64(int(day), "D"))[:10] for day in rng.integers(365, size=n)],
            dtype=object,
        )
    if is_personal:
        return np.array([f"made-{number:05}" for number in range(1, n + 1)], dtype=object)
    return np.array([TEXT.text("en")] * n, dtype=object)


def made_moments(n: int, rng: np.random.Generator, *, is_end: bool) -> np.ndarray:
    """Return moments of one day long ago, ends after beginnings."""
    minutes = rng.integers(MINUTES, size=n) + (MINUTES if is_end else 0)
    return np.array(
        [f"{MOMENT + np.timedelta64(int(one), 'm')}:00.000+00:00" for one in minutes], dtype=object
    )


def made_places(
    places: np.ndarray,
    villages: np.ndarray,
    people: np.ndarray,
    new_villages: np.ndarray,
    *,
    k: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw places about where the known places of a village lie.

    Parameters
    ----------
    places
        Degrees of latitude and longitude, one row a place; NaN where unknown.
    villages, people
        Of each place: code of its village, and whose it is.
    new_villages
        Codes of the villages to draw in.
    k
        Mean and spread rest on so many people: those of the village, else of its kecamatan, else all.
    rng
        All chance.

    Returns
    -------
    numpy.ndarray
        Latitude and longitude; NaN where fewer than ``k`` people are known in all.
    """
    known = ~np.isnan(places).any(axis=1)
    found = np.full((len(new_villages), 2), np.nan)
    chance = np.clip(rng.standard_normal((len(new_villages), 2)), -NEAR, NEAR)
    for code in np.unique(new_villages.astype(str)):
        for length in (10, 6, 0):
            near = known & np.array([str(one)[:length] == code[:length] for one in villages])
            if len(np.unique(people[near])) >= k:
                at = new_villages.astype(str) == code
                found[at] = places[near].mean(axis=0) + places[near].std(axis=0) * chance[at]
                break
    return np.round(found, PLACE_DECIMALS)
