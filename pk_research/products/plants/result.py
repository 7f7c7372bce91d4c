"""Plants and the villages they serve."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from pk_research.language import Language
from pk_research.products.naming import Names, name_of
from pk_research.products.plants import words
from pk_research.products.plants.inputs import Ground

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Kind = Literal["p_median", "coverage", "capacitated"]
PROVEN = 1e-9


@dataclass(frozen=True, eq=False)
class Plants:
    """Where plants stand, whom they serve, and how good the choice is at least.

    Attributes
    ----------
    kind
        Which question was asked.
    sites
        Codes of the villages with a plant, in the order of the sites given.
    villages
        One row a village and plant it goes to: ``village_code``, ``plant_code``, ``share`` of what
        the village brings (1 unless it is divided), ``units_month``, ``distance_km`` (infinite where
        no way leads to any plant) and ``is_served``: False beyond the distance that counts and where
        there is no way; ``plant_code`` is the nearest plant all the same, the first without a way.
    objective
        Unit-kilometres a month (p_median, lower is better), units a month within the distance
        (coverage, higher), rupiah a month (capacitated, lower).
    bound
        No choice does better than this.
    radius_km
        The distance that counts; None where any distance does.
    names
        Village code -> name.
    made
        True for made data.
    """

    kind: Kind
    sites: tuple[str, ...]
    villages: pd.DataFrame
    objective: float
    bound: float
    radius_km: float | None
    names: Names
    made: bool

    @property
    def gap(self) -> float:
        """Share of the objective by which a better choice could still beat it.

        0 when proven best; infinite when the objective is 0 and a better choice is not ruled out.
        """
        away = abs(self.objective - self.bound)
        if away <= PROVEN * max(1.0, abs(self.objective)):
            return 0.0
        return away / abs(self.objective) if self.objective else math.inf

    @property
    def is_optimal(self) -> bool:
        """True when no better choice exists."""
        return self.gap == 0

    @property
    def mean_km(self) -> float:
        """Mean distance to its plant of a unit that has a way there, in kilometres.

        Missing when no such unit is brought.
        """
        rows = self.villages[np.isfinite(self.villages["distance_km"])]
        units = rows["units_month"].to_numpy()
        ways = units @ rows["distance_km"].to_numpy()
        return float(ways / units.sum()) if units.sum() else math.nan

    @property
    def by_plant(self) -> pd.DataFrame:
        """One row a plant (the index): ``n_villages``, ``units_month``, ``mean_km``, ``furthest_km``."""
        rows = self.villages[self.villages["is_served"]]
        rows = rows.assign(ways=rows["units_month"] * rows["distance_km"])
        by = rows.groupby("plant_code")
        units = by["units_month"].sum()
        return pd.DataFrame(
            {
                "n_villages": by.size(),
                "units_month": units,
                "mean_km": by["ways"].sum() / units.where(units > 0),
                "furthest_km": by["distance_km"].max(),
            }
        ).reindex(list(self.sites))

    def name(self, code: str, language: Language) -> str:
        """Return the name of a village; its code where no name is known."""
        return name_of(code, self.names, language)

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a plant for people."""
        return words.plants_table(self, language)

    def in_words(self, language: Language) -> str:
        """Tell where the plants stand, how far it is, and whether a better choice could exist."""
        return words.account(self, language)

    def plot(self, language: Language, places: pd.DataFrame, *, width_px: float = 800) -> Figure:
        """Draw villages and plants where they lie, each village tied to its plant.

        Parameters
        ----------
        language
            Of the texts.
        places
            Indexed by village code: ``latitude`` and ``longitude`` in degrees.
        width_px
            Width of the picture.
        """
        from pk_research.products.plants.pictures import plot_plants

        return plot_plants(self, places, language, width_px=width_px)


def served_by_nearest(given: Ground, chosen: np.ndarray, *, radius_km: float | None = None) -> pd.DataFrame:
    """Send every village to the nearest of the chosen sites; the first where two are as near."""
    nearest = chosen[given.km[:, chosen].argmin(axis=1)]
    share = np.zeros(given.km.shape)
    share[np.arange(len(given.villages)), nearest] = 1.0
    return served(given, share, radius_km=radius_km)


def served(given: Ground, share: np.ndarray, *, radius_km: float | None = None) -> pd.DataFrame:
    """Return one row a village and plant, from the share of each village that goes to each site."""
    village, site = np.nonzero(share)
    km = given.km[village, site]
    return pd.DataFrame(
        {
            "village_code": np.array(given.villages)[village],
            "plant_code": np.array(given.sites)[site],
            "share": share[village, site],
            "units_month": share[village, site] * given.demand[village],
            "distance_km": km,
            "is_served": np.isfinite(km) & (km <= (np.inf if radius_km is None else radius_km)),
        }
    )
