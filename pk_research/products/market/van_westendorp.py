"""Price sensitivity after van Westendorp: four questions on the price of one product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.compute.chance import derived_rng
from pk_research.errors import BadInput, Problem
from pk_research.language import Language
from pk_research.products.market import words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

QUESTIONS = ("too_cheap_idr", "cheap_idr", "expensive_idr", "too_expensive_idr")
POINTS = {
    "lowest": ("too_cheap_idr", "expensive_idr"),
    "optimal": ("too_cheap_idr", "too_expensive_idr"),
    "indifference": ("cheap_idr", "expensive_idr"),
    "highest": ("cheap_idr", "too_expensive_idr"),
}
INTERVAL = (2.5, 97.5)


@dataclass(frozen=True, eq=False)
class VanWestendorp:
    """Where the curves of the four answers cross.

    Attributes
    ----------
    points
        One row a point (the index): ``lowest`` (below it more find the price too cheap than find
        it expensive), ``optimal`` (as many too cheap as too expensive), ``indifference`` (as many
        cheap as expensive) and ``highest`` acceptable price; ``price_idr`` and its 95% interval
        ``low`` to ``high`` from respondents drawn anew.
    curves
        One row a price that was named: the share of respondents, 0 to 1, to whom it is
        ``too_cheap``, ``cheap``, ``expensive``, ``too_expensive`` or more so.
    n_respondents
        Used.
    n_out_of_order, n_incomplete
        Left out: their four prices do not rise, or one is missing.
    n_draws, seed
        Draws, and their seed.
    made
        True for made data.
    """

    points: pd.DataFrame
    curves: pd.DataFrame
    n_respondents: int
    n_out_of_order: int
    n_incomplete: int
    n_draws: int
    seed: int
    made: bool

    def table(self, language: Language) -> pd.DataFrame:
        """Return the four points for people."""
        return words.points_table(self, language)

    def in_words(self, language: Language) -> str:
        """Tell the range of acceptable prices, and who was left out."""
        return words.points_account(self, language)

    def plot(self, language: Language, *, width_px: float = 800) -> Figure:
        """Draw the four curves and where they cross."""
        from pk_research.products.market.pictures import plot_curves

        return plot_curves(self, language, width_px=width_px)


def van_westendorp(
    answers: pd.DataFrame, *, n_draws: int = 1_000, seed: int = 0, made: bool = False
) -> VanWestendorp:
    """Find the range of acceptable prices.

    The answers are about prices, not about buying: they show what people find proper, and the
    demand at a price needs `gabor_granger` or a choice experiment.

    Parameters
    ----------
    answers
        One row a respondent: ``too_cheap_idr`` (so cheap that quality is doubted), ``cheap_idr``,
        ``expensive_idr`` and ``too_expensive_idr``. Rows with a gap, or whose prices fall, are left
        out and counted.
    n_draws, seed
        Draws of respondents for the intervals, and their seed.
    made
        True for made data.

    Raises
    ------
    BadInput
        When columns are missing, prices are negative, or fewer than two answers can be used.

    References
    ----------
    Van Westendorp (1976), NSS Price sensitivity meter (PSM): a new approach to study consumer
    perception of prices.

    Examples
    --------
    >>> answers = pd.DataFrame([[5, 8, 12, 15], [6, 9, 13, 16]], columns=list(QUESTIONS)) * 1000
    >>> van_westendorp(answers, n_draws=10).points["price_idr"].tolist()
    [8000.0, 8000.0, 10500.0, 12000.0]
    """
    absent = [name for name in QUESTIONS if name not in answers.columns]
    if absent:
        raise BadInput(Problem("answers", f"there is no column {', '.join(absent)}", "Add it."))
    prices = answers[list(QUESTIONS)].astype("Float64").astype("float64")
    if (prices < 0).any(axis=None):
        raise BadInput(
            Problem(
                "answers", "some prices are negative", "Turn codes such as -99 into missing values first."
            )
        )
    complete = prices.dropna()
    rising = (complete.diff(axis=1).iloc[:, 1:] >= 0).all(axis=1)
    used = complete[rising].to_numpy()
    if len(used) < 2:
        raise BadInput(
            Problem("answers", f"{len(used)} can be used", "Give at least two with four rising prices.")
        )
    at = _points(used)
    rng = derived_rng(seed, 0)
    drawn = np.array([_points(used[rng.integers(len(used), size=len(used))]) for _ in range(n_draws)])
    low, high = np.percentile(drawn, INTERVAL, axis=0)
    grid = np.unique(used)
    return VanWestendorp(
        points=pd.DataFrame(
            {"price_idr": at, "low": low, "high": high}, index=pd.Index(POINTS, name="point")
        ),
        curves=pd.DataFrame(_curves(used, grid), index=pd.Index(grid, name="price_idr")),
        n_respondents=len(used),
        n_out_of_order=int((~rising).sum()),
        n_incomplete=len(prices) - len(complete),
        n_draws=n_draws,
        seed=seed,
        made=made,
    )


def _curves(prices: np.ndarray, grid: np.ndarray) -> dict[str, np.ndarray]:
    """Return the share that finds each price this cheap or cheaper, this dear or dearer."""
    n = len(prices)
    ranked = np.sort(prices, axis=0)
    falling = [1 - np.searchsorted(ranked[:, column], grid, side="left") / n for column in (0, 1)]
    rising = [np.searchsorted(ranked[:, column], grid, side="right") / n for column in (2, 3)]
    names = [name.removesuffix("_idr") for name in QUESTIONS]
    return dict(zip(names, [*falling, *rising], strict=True))


def _points(prices: np.ndarray) -> list[float]:
    grid = np.unique(prices)
    curves = _curves(prices, grid)
    return [
        _crossing(grid, curves[down.removesuffix("_idr")], curves[up.removesuffix("_idr")])
        for down, up in POINTS.values()
    ]


def _crossing(grid: np.ndarray, falling: np.ndarray, rising: np.ndarray) -> float:
    """Return the lowest price at which a falling share meets a rising one, between two by a line."""
    gap = rising - falling
    after = int(np.argmax(gap >= 0))
    if after == 0 or gap[after] == 0:
        return float(grid[after])
    share = -gap[after - 1] / (gap[after] - gap[after - 1])
    return float(grid[after - 1] + share * (grid[after] - grid[after - 1]))
