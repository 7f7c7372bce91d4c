"""Made villages near each other, of which some have a policy, for the tests of spillovers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pk_research.language import Message
from pk_research.policy.effects.spillovers import (
    exposure,
    near_by_place,
    read_exposed,
)

INCOME = Message("Income")
KM = 1 / 111.195
ALIKE = {"rel": 1e-9, "abs": 1e-12}


def on_a_line(**km: float) -> pd.DataFrame:
    """Villages along the equator, so many kilometres from the first."""
    return pd.DataFrame({"latitude": 0.0, "longitude": [KM * far for far in km.values()]}, index=list(km))


def scattered(n: int, seed: int, side_km: float = 60) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    north, east = rng.uniform(0, side_km, (2, n))
    codes = [f"v{number:03d}" for number in range(n)]
    return pd.DataFrame({"latitude": -6.8 + KM * north, "longitude": 107 + KM * east}, index=codes)


def drawn(n: int, share: float, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).permutation((np.arange(n) < share * n).astype(int))


def made_study(n: int = 120, seed: int = 0, rings: tuple[float, ...] = (2, 5), **options):
    """Made villages: 2 from their own policy, 1 and 0.5 where the nearest other is in either ring."""
    places, has = scattered(n, seed), drawn(n, 0.2, seed + 1)
    rng = np.random.default_rng(seed + 2)
    frame = pd.DataFrame({"village": places.index, "has": has, "rain": rng.normal(size=n)})
    found = exposure(frame, near_by_place(places, km=25), unit="village", treated="has", rings=rings)
    nearest = found.of("nearest", "everyone")
    frame["income"] = 2 * has + nearest @ [1, 0.5, 0][: len(rings)] + frame["rain"] + rng.normal(size=n)
    return frame, read_exposed(frame, found, unit="village", outcome="income", **options)


def made_panel(n: int = 60, n_periods: int = 4, seed: int = 0, start: int = 2, **options):
    places, has = scattered(n, seed, 40), drawn(n, 0.15, seed + 1)
    rng = np.random.default_rng(seed + 2)
    frame = pd.DataFrame(
        {"village": np.repeat(places.index, n_periods), "year": np.tile(np.arange(n_periods) + 2020, n)}
    )
    frame["has"] = np.repeat(has, n_periods) * (frame["year"] >= 2020 + start)
    frame["rain"] = rng.normal(size=len(frame))
    found = exposure(
        frame, near_by_place(places, km=25), unit="village", treated="has", period="year", rings=(3, 6)
    )
    own = np.repeat(rng.normal(size=n), n_periods)
    reached = found.of("nearest", "everyone") @ [1.0, 0.5]
    noise = rng.normal(size=len(frame))
    frame["income"] = own + 0.3 * frame["year"] + 2 * frame["has"] + reached + frame["rain"] + noise
    names = {"unit": "village", "outcome": "income", "period": "year"}
    return places, frame, read_exposed(frame, found, **names, **options)
