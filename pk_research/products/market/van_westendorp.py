"""Price sensitivity after van Westendorp: four questions on the price of one product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from pk_research.compute.chance import derived_rng
from pk_research.errors import BadInput, Problem
from pk_research.language import Language
from pk_research.products.market import words
from pk_research.products.market.offers import INTERVAL, check_draws
from pk_research.products.market.respondents import check_columns, prices_in

if TYPE_CHECKING:
    from matplotlib.figure import Figure

QUESTIONS = ("too_cheap_idr", "cheap_idr", "expensive_idr", "too_expensive_idr")
Range = Literal["original", "narrower"]
ENDS: dict[Range, tuple[tuple[str, str], tuple[str, str]]] = {
    "original": (("too_cheap", "not_cheap"), ("not_expensive", "too_expensive")),
    "narrower": (("too_cheap", "expensive"), ("cheap", "too_expensive")),
}


@dataclass(frozen=True, eq=False)
class VanWestendorp:
    """Where the curves of the four answers cross.

    Attributes
    ----------
    points
        One row a point (the index): ``lowest`` acceptable price, ``optimal`` (as many too cheap as
        too expensive), ``indifference`` (as many cheap as expensive) and ``highest`` acceptable
        price, each the lowest price where its curves meet; ``price_idr`` and its 95% interval
        ``low`` to ``high`` from respondents drawn anew.
    curves
        One row a price that was named: the share of respondents, 0 to 1, to whom it is
        ``too_cheap``, ``cheap``, ``expensive``, ``too_expensive`` or more so, and the rest:
        ``not_cheap``, ``not_expensive``.
    acceptable_range
        Which crossings are the lowest and the highest price.
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
    acceptable_range: Range
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
    answers: pd.DataFrame,
    *,
    acceptable_range: Range = "original",
    n_draws: int = 1_000,
    seed: int = 0,
    made: bool = False,
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
    acceptable_range
        ``"original"``, as in the paper: from where as many find the price too cheap as not cheap to
        where as many find it too expensive as not expensive. ``"narrower"``, as some market
        researchers have it: from too cheap and expensive to cheap and too expensive.
    n_draws, seed
        Draws of respondents for the intervals, and their seed.
    made
        True for made data.

    Raises
    ------
    BadInput
        When columns are missing, prices are text, infinite or negative, an option cannot be, or
        fewer than two answers can be used.

    References
    ----------
    Van Westendorp (1976), NSS Price sensitivity meter (PSM): a new approach to study consumer
    perception of prices. Both ranges are those of the R package pricesensitivitymeter.

    Examples
    --------
    >>> answers = pd.DataFrame([[5, 8, 12, 15], [6, 9, 13, 16]], columns=list(QUESTIONS)) * 1000
    >>> van_westendorp(answers, n_draws=10).points["price_idr"].tolist()
    [8000.0, 8000.0, 10500.0, 13000.0]
    """
    check_draws(n_draws, 1, seed)
    if acceptable_range not in get_args(Range):
        what = f"there is no {acceptable_range!r}"
        raise BadInput(Problem("acceptable_range", what, f"Use one of {', '.join(get_args(Range))}."))
    check_columns(answers, QUESTIONS)
    prices = prices_in(answers, QUESTIONS)
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
    at = _points(used, acceptable_range)
    rng = derived_rng(seed, 0)
    drawn = [_points(used[rng.integers(len(used), size=len(used))], acceptable_range) for _ in range(n_draws)]
    low, high = np.percentile([list(points.values()) for points in drawn], INTERVAL, axis=0)
    grid = np.unique(used)
    return VanWestendorp(
        points=pd.DataFrame(
            {"price_idr": list(at.values()), "low": low, "high": high}, index=pd.Index(at, name="point")
        ),
        curves=pd.DataFrame(_curves(used, grid), index=pd.Index(grid, name="price_idr")),
        acceptable_range=acceptable_range,
        n_respondents=len(used),
        n_out_of_order=int((~rising).sum()),
        n_incomplete=len(prices) - len(complete),
        n_draws=n_draws,
        seed=seed,
        made=made,
    )


def _curves(prices: np.ndarray, grid: np.ndarray) -> dict[str, np.ndarray]:
    """Return the share that finds each price this cheap or cheaper, this dear or dearer, or neither."""
    n = len(prices)
    ranked = np.sort(prices, axis=0)
    too_cheap, cheap = (1 - np.searchsorted(ranked[:, column], grid, side="left") / n for column in (0, 1))
    expensive, too_expensive = (
        np.searchsorted(ranked[:, column], grid, side="right") / n for column in (2, 3)
    )
    return {
        "too_cheap": too_cheap,
        "cheap": cheap,
        "not_cheap": 1 - cheap,
        "not_expensive": 1 - expensive,
        "expensive": expensive,
        "too_expensive": too_expensive,
    }


def _points(prices: np.ndarray, acceptable_range: Range) -> dict[str, float]:
    grid = np.unique(prices)
    curves = _curves(prices, grid)
    lowest, highest = ENDS[acceptable_range]
    crossings = {
        "lowest": lowest,
        "optimal": ("too_cheap", "too_expensive"),
        "indifference": ("cheap", "expensive"),
        "highest": highest,
    }
    return {point: _crossing(grid, curves[down], curves[up]) for point, (down, up) in crossings.items()}


def _crossing(grid: np.ndarray, falling: np.ndarray, rising: np.ndarray) -> float:
    """Return the lowest price at which a falling share meets a rising one, between two by a line.

    Where they do not meet up to the dearest price, they jump past each other there.
    """
    gap = rising - falling
    if not (gap >= 0).any():
        return float(grid[-1])
    after = int(np.argmax(gap >= 0))
    if after == 0 or gap[after] == 0:
        return float(grid[after])
    share = -gap[after - 1] / (gap[after] - gap[after - 1])
    return float(grid[after - 1] + share * (grid[after] - grid[after - 1]))
