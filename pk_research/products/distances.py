"""How far it is from village to village: along the earth's surface, or by road where that is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.indicators.spatial.distance import EARTH_RADIUS_KM

MOST_NAMED = 8


def great_circle_km(places: pd.DataFrame, targets: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the great-circle distance from every place to every target.

    Roads are longer, by a third or more where rivers lie between: use `road_km` where a road
    matrix can be had.

    Parameters
    ----------
    places, targets
        Indexed by code, with ``latitude`` and ``longitude`` in degrees; ``targets`` are the places
        themselves by default.

    Returns
    -------
    DataFrame
        Kilometres: one row a place, one column a target.

    Raises
    ------
    BadInput
        Naming the places whose coordinates are missing or outside the world, and codes that occur
        twice.

    References
    ----------
    Sinnott (1984), Virtues of the haversine, Sky and Telescope 68(2).

    Examples
    --------
    >>> places = pd.DataFrame({"latitude": [0.0, 0.0], "longitude": [0.0, 1.0]}, index=["A", "B"])
    >>> great_circle_km(places).round(2).loc["A", "B"]
    np.float64(111.2)
    """
    problems = [*_faults(places, "places"), *(_faults(targets, "targets") if targets is not None else [])]
    if problems:
        raise BadInput(problems)
    targets = places if targets is None else targets
    phi, lam = (np.radians(places[name].to_numpy(dtype=float))[:, None] for name in ("latitude", "longitude"))
    phi_to, lam_to = (np.radians(targets[name].to_numpy(dtype=float)) for name in ("latitude", "longitude"))
    haversine = (
        np.sin((phi_to - phi) / 2) ** 2 + np.cos(phi) * np.cos(phi_to) * np.sin((lam_to - lam) / 2) ** 2
    )
    km = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(haversine, 1)))
    return pd.DataFrame(km, index=places.index.astype(str), columns=targets.index.astype(str))


def road_km(ways: pd.DataFrame, villages: Sequence[str], sites: Sequence[str] | None = None) -> pd.DataFrame:
    """Return distances by road as a table of villages by sites.

    Parameters
    ----------
    ways
        One row a way: ``from``, ``to`` (codes) and ``km``. A way that is not listed does not
        exist; the way back has its own row.
    villages, sites
        Rows and columns wanted; the sites are the villages by default.

    Returns
    -------
    DataFrame
        Kilometres; missing where there is no way; 0 from a village to itself.

    Raises
    ------
    BadInput
        Naming lengths that are missing or negative, ways listed twice with different lengths, and
        villages of which no way is known.

    Examples
    --------
    >>> ways = pd.DataFrame({"from": ["A"], "to": ["B"], "km": [3.5]})
    >>> road_km(ways, ["A", "B"]).loc["A"].tolist()
    [0.0, 3.5]
    """
    sites = villages if sites is None else sites
    problems = []
    absent = [name for name in ("from", "to", "km") if name not in ways.columns]
    if absent:
        raise BadInput(
            Problem("ways", f"there is no column {', '.join(absent)}", "Give the columns from, to and km.")
        )
    km = ways["km"].astype("Float64").astype("float64")
    wrong = ways[~(km >= 0)]
    if len(wrong):
        problems.append(
            Problem(
                f"ways, {_pairs(wrong)}",
                "the length is missing or negative",
                "Give kilometres, or leave the row out where there is no way.",
            )
        )
    known = ways.assign(km=km).drop_duplicates(["from", "to", "km"])
    twice = known[known.duplicated(["from", "to"], keep=False)]
    if len(twice):
        problems.append(Problem(f"ways, {_pairs(twice)}", "the way has two lengths", "Keep one of the two."))
    lost = sorted(set(map(str, villages)) - set(known["from"].astype(str)) - set(map(str, sites)))
    if lost:
        problems.append(
            Problem("ways", f"no way leaves {some(lost)}", "Add their ways, or leave these villages out.")
        )
    if problems:
        raise BadInput(problems)
    wide = known.pivot_table(index="from", columns="to", values="km", aggfunc="first")
    wide.index, wide.columns = wide.index.astype(str), wide.columns.astype(str)
    rows, columns = list(map(str, villages)), list(map(str, sites))
    found = wide.reindex(index=rows, columns=columns).to_numpy(dtype=float, copy=True)
    found[np.equal.outer(np.array(rows), np.array(columns))] = 0.0
    return pd.DataFrame(found, index=rows, columns=columns)


def some(names: Sequence[str]) -> str:
    """Return the first few names, and how many more there are.

    Examples
    --------
    >>> some(["A", "B"])
    'A, B'
    """
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _pairs(rows: pd.DataFrame) -> str:
    return some([f"{start} to {end}" for start, end in zip(rows["from"], rows["to"], strict=True)])


def _faults(places: pd.DataFrame, which: str) -> list[Problem]:
    absent = [name for name in ("latitude", "longitude") if name not in places.columns]
    if absent:
        return [Problem(which, f"there is no column {', '.join(absent)}", "Give degrees in both.")]
    within = places["latitude"].between(-90, 90) & places["longitude"].between(-180, 180)
    lost = places.index[~within].astype(str).tolist()
    twice = places.index[places.index.duplicated()].unique().astype(str).tolist()
    problems = []
    if lost:
        problems.append(
            Problem(
                f"{which}, {some(lost)}",
                "the coordinates are missing or outside the world",
                "Give latitude and longitude in degrees.",
            )
        )
    if twice:
        problems.append(Problem(f"{which}, {some(twice)}", "the code occurs twice", "Keep one row each."))
    return problems
