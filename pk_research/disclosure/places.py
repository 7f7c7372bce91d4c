"""Places are moved a little before anybody sees them, the same place always by the same way."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.disclosure.rules import Rules
from pk_research.errors import BadInput, Problem

EARTH_KM = 6371.0088
SHORTEST_SECRET = 16


@dataclass(frozen=True, eq=False)
class Moved:
    """Places after they were moved.

    Attributes
    ----------
    frame
        As given, with the moved coordinates.
    furthest_km
        How far each may have been moved at most; this may be published.
    n_without
        Rows without a place.
    """

    frame: pd.DataFrame
    furthest_km: np.ndarray
    n_without: int


def moved(
    frame: pd.DataFrame,
    *,
    latitude: str,
    longitude: str,
    is_urban: str | None = None,
    secret: bytes,
    rules: Rules | None = None,
) -> Moved:
    """Move coordinates by a random way of limited length.

    Parameters
    ----------
    frame
        One row a place.
    latitude, longitude
        Columns in degrees; a row without both is left without.
    is_urban
        Column: True in towns, where places are moved less; all are rural by default.
    secret
        At least 16 bytes nobody else knows. The way is derived from it and the place itself, so that a
        place released twice is moved alike, and the mean of many releases tells nothing more.
    rules
        The rules; the house's own by default.

    Raises
    ------
    BadInput
        All at once: columns that are not there, half a place, degrees out of range, a short secret.

    Notes
    -----
    Burgert, Colston, Roy and Zachary (2013), *Geographic Displacement Procedure and Georeferenced Data
    Release Policy for the Demographic and Health Surveys*: direction and distance uniform; one rural place
    in a hundred further. Unlike there a moved place may lie in a neighbouring area: show it without its
    area, or the area without the place.

    Examples
    --------
    >>> rows = pd.DataFrame({"lat": [-6.3], "lon": [107.1]})
    >>> away = moved(rows, latitude="lat", longitude="lon", secret=b"an example only!")
    >>> bool(away.frame["lat"].iloc[0] == -6.3), away.furthest_km.tolist()
    (False, [10.0])
    """
    chosen = Rules() if rules is None else rules
    _check(frame, latitude, longitude, is_urban, secret)
    given = frame[[latitude, longitude]].to_numpy(dtype=float)
    known = np.isfinite(given).all(axis=1)
    urban = np.zeros(len(frame), dtype=bool) if is_urban is None else frame[is_urban].to_numpy(dtype=bool)
    direction, distance, chance = _uniform(given, secret).T
    far = ~urban & (chance < chosen.far_share)
    most = np.where(urban, chosen.urban_km, np.where(far, chosen.far_km, chosen.rural_km))
    lat, lon = _away(given[:, 0], given[:, 1], 2 * np.pi * direction, distance * most)
    told = np.where(urban, chosen.urban_km, chosen.far_km)
    return Moved(
        frame.assign(**{latitude: lat, longitude: lon}),
        np.where(known, told, np.nan),
        int((~known).sum()),
    )


def _uniform(places: np.ndarray, secret: bytes) -> np.ndarray:
    """Return three numbers between 0 and 1 a place, which only the secret's holder can make again."""
    rows = [hmac.digest(secret, np.round(place, 7).tobytes(), hashlib.sha256) for place in places]
    drawn = np.frombuffer(b"".join(rows), dtype="<u8").reshape(-1, 4)[:, :3]
    return drawn / 2.0**64


def _away(
    lat: np.ndarray, lon: np.ndarray, bearing: np.ndarray, distance_km: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return where a way along a great circle ends."""
    phi, angle = np.radians(lat), distance_km / EARTH_KM
    end = np.arcsin(np.sin(phi) * np.cos(angle) + np.cos(phi) * np.sin(angle) * np.cos(bearing))
    turn = np.arctan2(
        np.sin(bearing) * np.sin(angle) * np.cos(phi), np.cos(angle) - np.sin(phi) * np.sin(end)
    )
    return np.degrees(end), (lon + np.degrees(turn) + 180) % 360 - 180


def _check(frame: pd.DataFrame, latitude: str, longitude: str, is_urban: str | None, secret: bytes) -> None:
    names = [latitude, longitude, *([] if is_urban is None else [is_urban])]
    problems = [
        Problem(f"column '{name}'", "it is not in the table", "Name the columns of the places.")
        for name in names
        if name not in frame.columns
    ]
    if len(secret) < SHORTEST_SECRET:
        problems.append(
            Problem("secret", f"it has {len(secret)} bytes", f"Give {SHORTEST_SECRET} or more, kept secret.")
        )
    if not problems:
        for name, most in ((latitude, 90), (longitude, 180)):
            if not (frame[name].isna() | (frame[name].abs() <= most)).all():
                problems.append(
                    Problem(f"column '{name}'", "it holds degrees out of range", f"Give -{most} to {most}.")
                )
        half = int((frame[latitude].isna() != frame[longitude].isna()).sum())
        if half:
            problems.append(
                Problem("the places", f"{half} rows have half a place", "Complete or empty them.")
            )
        if is_urban is not None and frame[is_urban].isna().any():
            problems.append(Problem(f"column '{is_urban}'", "it has missing values", "Write True or False."))
    if problems:
        raise BadInput(problems)
