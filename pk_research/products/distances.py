"""How far it is from village to village: along the earth's surface, or by road where that is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from pk_research.compute.floats import floats_or_missing
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
        Naming lengths that are missing, negative, infinite or no number, rows without a code, ways
        listed twice with different lengths, ways from a village to itself that are not 0, codes asked
        for twice, and villages of which no way is known: an island that could have a site of its own
        is listed with a way of 0 to itself.

    Examples
    --------
    >>> ways = pd.DataFrame({"from": ["A"], "to": ["B"], "km": [3.5]})
    >>> road_km(ways, ["A", "B"]).loc["A"].tolist()
    [0.0, 3.5]
    """
    absent = [name for name in ("from", "to", "km") if name not in ways.columns]
    if absent:
        raise BadInput(
            Problem("ways", f"there is no column {', '.join(absent)}", "Give the columns from, to and km.")
        )
    rows = list(map(str, villages))
    columns = rows if sites is None else list(map(str, sites))
    named = ways.dropna(subset=["from", "to"])
    known = named.astype({"from": str, "to": str}).assign(km=floats_or_missing(named["km"]))
    known = known.drop_duplicates(["from", "to", "km"])
    problems = [*_in_ways(ways, known), *_in_codes(rows, columns, known)]
    if problems:
        raise BadInput(problems)
    wide = known.pivot_table(index="from", columns="to", values="km", aggfunc="first")
    found = wide.reindex(index=rows, columns=columns).to_numpy(dtype=float, copy=True)
    found[np.equal.outer(np.array(rows), np.array(columns))] = 0.0
    return pd.DataFrame(found, index=rows, columns=columns)


def _in_ways(ways: pd.DataFrame, known: pd.DataFrame) -> Iterator[Problem]:
    nameless = np.flatnonzero(ways[["from", "to"]].isna().any(axis=1)) + 1
    if len(nameless):
        rows = some([str(row) for row in nameless])
        yield Problem(f"ways, row {rows}", "it does not say from where to where", "Give both codes.")
    is_length = (known["km"] >= 0) & np.isfinite(known["km"])
    faults = (
        (
            ~is_length,
            "the length is missing, negative, infinite or no number",
            "Give kilometres, or leave the row out where there is no way.",
        ),
        (known.duplicated(["from", "to"], keep=False), "the way has two lengths", "Keep one of the two."),
        (
            (known["from"] == known["to"]) & (known["km"] != 0) & is_length,
            "a way from a village to itself is 0 km",
            "Give 0, or leave the row out.",
        ),
    )
    for wrong, what, remedy in faults:
        if wrong.any():
            yield Problem(f"ways, {_pairs(known[wrong])}", what, remedy)


def _in_codes(villages: list[str], sites: list[str], known: pd.DataFrame) -> Iterator[Problem]:
    for which, codes in {"sites": sites, "villages": villages}.items():
        twice = sorted({code for code, n in Counter(codes).items() if n > 1})
        if twice and not (which == "sites" and sites is villages):
            yield Problem(f"{which}, {some(twice)}", "the code occurs twice", "Ask for each once.")
    lost = sorted(set(villages) - set(known["from"]) - (set(known["to"]) & set(sites)))
    if lost:
        yield Problem(
            "ways",
            f"no way leaves or reaches {some(lost)}",
            "Add their ways (an island's leads to itself, 0 km), or leave these villages out.",
        )


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
    codes = places.index.astype(str)
    latitude, longitude = (floats_or_missing(places[name]) for name in ("latitude", "longitude"))
    within = latitude.between(-90, 90) & longitude.between(-180, 180)
    lost = codes[~within.to_numpy()].tolist()
    twice = codes[codes.duplicated()].unique().tolist()
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
