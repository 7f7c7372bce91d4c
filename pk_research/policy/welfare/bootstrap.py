"""The doubt a second time, by drawing the PSUs again: a check on the linearised one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from pk_research.compute.chance import derived_rng
from pk_research.errors import BadInput, Problem
from pk_research.language import Language
from pk_research.policy.welfare import words
from pk_research.policy.welfare.design import SurveyDesign
from pk_research.policy.welfare.estimate import Estimate, Rows
from pk_research.policy.welfare.statistics import Statistic

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DRAWS_AT_ONCE = 50
FEWEST_DRAWS = 100


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """An estimate with the doubt that drawing the PSUs again shows.

    Attributes
    ----------
    found
        The estimate, with its linearised doubt.
    frame
        Indexed by group: ``estimate``, ``se`` and the percentile interval ``low`` to ``high`` of the
        draws, ``linearised_se``, ``known`` (share of the draws in which the statistic exists).
    draws
        One row a draw, one column a group.
    n_draws, seed, level
        Draws, the seed of all chance, and the level of the intervals.
    """

    found: Estimate = field(repr=False)
    frame: pd.DataFrame
    draws: pd.DataFrame = field(repr=False)
    n_draws: int
    seed: int
    level: float

    @property
    def made(self) -> bool:
        """True for made data."""
        return self.found.made

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a group for people: both standard errors and the interval of the draws."""
        return words.bootstrap_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say whether the two ways agree about the doubt."""
        return words.bootstrap_in_words(self, language)

    def plot(self, language: Language, *, width_px: int = 900) -> Figure:
        """Draw the estimate of each group with the interval of the draws."""
        from pk_research.policy.welfare.pictures import plot_bootstrap

        return plot_bootstrap(self, language, width_px=width_px)


def bootstrap(
    found: Estimate, *, n_draws: int = 1000, seed: int, n_jobs: int = 1, level: float = 0.95
) -> Bootstrap:
    """Draw one PSU fewer than there are in each stratum, with replacement, and estimate anew.

    Parameters
    ----------
    found
        What to estimate again.
    n_draws
        At least 100.
    seed
        Of all chance.
    n_jobs
        Workers; the result does not depend on it.
    level
        Of the percentile intervals.

    Returns
    -------
    Bootstrap
        Both standard errors, side by side.

    Raises
    ------
    BadInput
        Too few draws; strata with a single PSU that are ``"centred"``.

    References
    ----------
    Rao, Wu and Yue (1992), Some recent work on resampling methods for complex surveys, Survey
    Methodology 18.

    Examples
    --------
    >>> from pk_research.policy.welfare import mean, survey_design
    >>> frame = pd.DataFrame({"w": 1, "x": range(30)})
    >>> drawn = bootstrap(mean(survey_design(frame, weights="w"), "x"), n_draws=200, seed=1)
    >>> bool(abs(drawn.frame["se"] / drawn.frame["linearised_se"] - 1).max() < 0.2)
    True
    """
    design = found.rows.design
    problems = []
    if n_draws < FEWEST_DRAWS:
        problems.append(Problem("n_draws", f"it is {n_draws}", f"Give at least {FEWEST_DRAWS}."))
    if not 0 < level < 1:
        problems.append(Problem("level", f"it is {level}", "Give a share between 0 and 1, as 0.95."))
    if design.single == "centred" and (design.psus_in == 1).any():
        what = "a single PSU cannot be drawn again and compared with other strata"
        problems.append(Problem("single", what, "Join such strata to others, or use the linearised doubt."))
    if problems:
        raise BadInput(problems)
    starts = range(0, n_draws, DRAWS_AT_ONCE)
    parts = Parallel(n_jobs=n_jobs)(
        delayed(_draws)(found.rows, found.statistic, seed, start, min(start + DRAWS_AT_ONCE, n_draws))
        for start in starts
    )
    draws = pd.DataFrame(np.vstack(parts), columns=list(found.rows.groups))
    low, high = (draws.quantile(end) for end in ((1 - level) / 2, (1 + level) / 2))
    frame = pd.DataFrame(
        {
            "estimate": found.frame["estimate"],
            "se": draws.std(),
            "low": low,
            "high": high,
            "linearised_se": found.frame["se"],
            "known": draws.notna().mean(),
        }
    ).rename_axis("group")
    # Groups whose doubt the design cannot show would seem certain here.
    frame.loc[frame["linearised_se"].isna(), ["se", "low", "high"]] = np.nan
    return Bootstrap(found, frame, draws, n_draws, seed, level)


def _draws(rows: Rows, statistic: Statistic, seed: int, start: int, stop: int) -> np.ndarray:
    return np.array([_draw(rows, statistic, derived_rng(seed, n)) for n in range(start, stop)])


def _draw(rows: Rows, statistic: Statistic, rng: np.random.Generator) -> list[float]:
    weights = rows.design.weights * rescaling(rows.design, rng)[rows.design.psu]
    return [
        statistic(rows.matrix, weights, inside)[0] if weights[inside].any() else float("nan")
        for inside in rows.groups.values()
    ]


def rescaling(design: SurveyDesign, rng: np.random.Generator) -> np.ndarray:
    """Return by how much each PSU's weights are multiplied in one draw.

    Examples
    --------
    >>> from pk_research.policy.welfare import survey_design
    >>> design = survey_design(pd.DataFrame({"w": [1, 1, 1]}), weights="w")
    >>> float(rescaling(design, np.random.default_rng(1)).sum())
    3.0
    """
    factors = np.ones(design.n_psus)
    for stratum, size in enumerate(design.psus_in):
        if size > 1:
            inside = design.psu_stratum == stratum
            times = rng.multinomial(size - 1, np.full(size, 1 / size))
            kept = np.sqrt(design.fpc[stratum])
            factors[inside] = 1 - kept + kept * times * size / (size - 1)
    return factors
