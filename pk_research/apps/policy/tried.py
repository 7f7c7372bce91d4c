"""What was tried: the effects found so far, and whether what was aimed at is reached."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from pk_research.apps.policy.helps import HELPS
from pk_research.apps.policy.material import Material
from pk_research.apps.policy.trouble import NO_EFFECT
from pk_research.apps.trouble import CannotShow
from pk_research.errors import BadInput
from pk_research.language import Message

if TYPE_CHECKING:
    from pk_research.policy.effects.effect import Effect
    from pk_research.policy.targets import Tracking

log = logging.getLogger(__name__)
Direction = Literal["up", "down"]
WEIGHT, ALL_OF_IT = "households", 100.0


@dataclass(frozen=True)
class Aim:
    """A target of a plan, made up for the example.

    Attributes
    ----------
    name
        For people, with its unit.
    column
        Of the survey: a share of households in per cent, or a number of households.
    is_count
        True for a number of households.
    direction
        ``"up"`` where more is better, ``"down"`` where less is.
    targets
        Year -> target, per cent of households.
    """

    name: Message
    column: str
    is_count: bool
    direction: Direction
    targets: tuple[tuple[int, float], ...]


AIMS = {
    one.column: one
    for one in (
        Aim(Message("Poor households (%)"), "poor_households", True, "down",
            ((2023, 7.8), (2024, 7.2), (2026, 6.5))),
        Aim(Message("Households with clean water (%)"), "clean_water_pct", False, "up",
            ((2023, 83.0), (2024, 85.0), (2026, 88.0))),
        Aim(Message("Households with internet (%)"), "internet_pct", False, "up",
            ((2023, 74.0), (2024, 79.0), (2026, 84.0))),
        Aim(Message("Households with a toilet (%)"), "toilet_pct", False, "up",
            ((2023, 89.0), (2024, 91.0), (2026, 93.0))),
    )
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Tried:
    """What is known so far.

    Attributes
    ----------
    effects
        Key of a help -> its effect; None where it could not be estimated.
    tracking
        The targets; None where the survey does not hold what they are about.
    n_impossible
        Answers left out of the targets, for they lie below 0 or above all households.
    """

    effects: dict[str, Effect | None]
    tracking: Tracking | None
    n_impossible: int


def tried_of(material: Material) -> Tried:
    """Gather the effects and the targets.

    Raises
    ------
    CannotShow
        When neither is there.
    """
    effects: dict[str, Effect | None] = {}
    for key, asked in HELPS.items():
        if asked.assumed is None:
            try:
                effects[key] = material.effect_of(key)
            except CannotShow:
                effects[key] = None
    tracking, n_impossible = _tracking(material)
    if tracking is None and not any(effects.values()):
        raise CannotShow(NO_EFFECT)
    return Tried(effects, tracking, n_impossible)


def share_of_households(share: pd.Series, households: pd.Series, n_all: int) -> tuple[float, float]:
    """Return the share of all households, and its standard error from the villages that did not answer.

    Parameters
    ----------
    share
        Of the households of each village that answered, in per cent.
    households
        Of the same villages.
    n_all
        Villages there are.

    Notes
    -----
    The ratio estimator and its linearised variance with the correction for a finite population, of
    Cochran (1977), *Sampling Techniques*, section 6.4: villages that did not answer are taken to be like
    the others. Errors of the answers themselves are not in it.

    Examples
    --------
    >>> share_of_households(pd.Series([10.0, 20.0]), pd.Series([100, 300]), 2)
    (17.5, 0.0)
    """
    n = len(share)
    mean = float(np.average(share, weights=households))
    if n >= n_all:
        return mean, 0.0
    if n < 2:
        return mean, float("nan")
    residuals = (households * (share - mean)).to_numpy()
    variance = (1 - n / n_all) / n * float(residuals @ residuals) / (n - 1)
    return mean, float(np.sqrt(variance) / households.mean())


def _tracking(material: Material) -> tuple[Tracking | None, int]:
    """Return targets beside values; nothing where the survey has other columns or years."""
    from pk_research.policy.targets import Baseline, track

    rows = material.survey
    if WEIGHT not in rows or not set(AIMS) <= set(rows):
        return None, 0
    n_all, n_impossible = rows["village_code"].nunique(), 0
    first = material.years[0]
    baselines, table = {}, []
    for key, aim in AIMS.items():
        known = rows[["year", aim.column, WEIGHT]].dropna().astype(float)
        known = known[known[WEIGHT] > 0]
        share = known[aim.column] * (ALL_OF_IT / known[WEIGHT] if aim.is_count else 1.0)
        is_possible = share.between(0, ALL_OF_IT)
        n_impossible += int((~is_possible).sum())
        targets = {year: target for year, target in aim.targets if year > first}
        values = {
            int(year): share_of_households(share[part.index], part[WEIGHT], n_all)
            for year, part in known[is_possible].groupby("year")
        }
        if first not in values or not targets:
            continue
        baselines[key] = Baseline(first, values[first][0], aim.direction)
        for year in sorted({*targets, *values}):
            value, error = values.get(year, (np.nan, np.nan))
            table.append((key, year, targets.get(year, np.nan), value, error))
    if not baselines:
        return None, n_impossible
    frame = pd.DataFrame(table, columns=["indicator", "year", "target", "value", "se"])
    try:
        return track(frame, baselines, inputs=material.inputs, made=material.made), n_impossible
    except BadInput:
        log.exception("the targets cannot be compared with the survey")
        return None, n_impossible
