"""Price sensitivity after Gabor and Granger: who would buy it at which price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sklearn.isotonic import isotonic_regression

from pk_research.compute.chance import derived_rng
from pk_research.errors import BadInput, Problem
from pk_research.language import Language
from pk_research.products.market import words
from pk_research.products.market.offers import INTERVAL, check_draws
from pk_research.products.market.respondents import check_columns, prices_in

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = ("respondent", "price_idr", "would_buy")


@dataclass(frozen=True, eq=False)
class GaborGranger:
    """Demand and revenue by price.

    Attributes
    ----------
    demand
        One row a price (the index): ``n`` answers, ``observed`` share that would buy, ``share`` of
        the curve that never rises with the price, its 95% interval ``low`` to ``high``, and
        ``revenue_idr`` for each person asked, with ``revenue_low`` and ``revenue_high``, and
        ``may_be_best``: its difference to the highest revenue has 0 in its 95% interval.
    best_price_idr
        The price with the highest revenue.
    best_prices
        Price (the index) -> share of the draws in which it has the highest revenue; a draw in which
        several have it counts in equal parts for each.
    n_respondents, n_unanswered
        People, and rows without an answer, which are left out.
    n_contradicting
        People who would buy at a price but not at a lower one; they are kept.
    n_draws, seed
        Draws of respondents, and their seed.
    made
        True for made data.
    """

    demand: pd.DataFrame
    best_price_idr: float
    best_prices: pd.Series
    n_respondents: int
    n_unanswered: int
    n_contradicting: int
    n_draws: int
    seed: int
    made: bool

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a price for people."""
        return words.demand_table(self, language)

    def in_words(self, language: Language) -> str:
        """Tell the price with the highest revenue, and how sure that is."""
        return words.demand_account(self, language)

    def plot(self, language: Language, *, width_px: float = 800) -> Figure:
        """Draw demand and revenue by price."""
        from pk_research.products.market.pictures import plot_demand

        return plot_demand(self, language, width_px=width_px)


def gabor_granger(
    answers: pd.DataFrame, *, n_draws: int = 1_000, seed: int = 0, made: bool = False
) -> GaborGranger:
    """Estimate the demand at each price that was asked.

    Parameters
    ----------
    answers
        One row a respondent and price: ``respondent``, ``price_idr``, ``would_buy`` (1 or 0, or
        True or False). Rows without an answer are left out and counted.
    n_draws, seed
        Draws of respondents for the intervals, and their seed.
    made
        True for made data.

    Raises
    ------
    BadInput
        When columns are missing, prices are text, infinite or not positive, answers are neither yes
        nor no, somebody answers a price twice, there are fewer than two prices or people, or nobody
        would buy at any price.

    References
    ----------
    Gabor and Granger (1966), Price as an indicator of quality.

    Examples
    --------
    >>> answers = pd.DataFrame({"respondent": [1, 1, 2, 2], "price_idr": [5000, 8000] * 2,
    ...                         "would_buy": [1, 0, 1, 1]})
    >>> gabor_granger(answers, n_draws=10).demand["share"].tolist()
    [1.0, 0.5]
    """
    check_draws(n_draws, 1, seed)
    rows = _read(answers)
    prices = np.unique(rows["price_idr"])
    table = rows.pivot_table(index="respondent", columns="price_idr", values="would_buy").sort_index()
    yes, asked = table.fillna(0).to_numpy(), table.notna().to_numpy().astype(float)
    at = _falling(yes.sum(axis=0), asked.sum(axis=0))
    rng = derived_rng(seed, 0)
    n = len(table)
    drawn: list[np.ndarray] = []
    while len(drawn) < n_draws:
        some = rng.integers(n, size=n)
        n_asked = asked[some].sum(axis=0)
        if n_asked.all():  # a draw in which nobody was asked a price is drawn again
            drawn.append(_falling(yes[some].sum(axis=0), n_asked))
    shares = np.array(drawn)
    low, high = np.percentile(shares, INTERVAL, axis=0)
    revenue = shares * prices
    first = int((at * prices).argmax())
    behind = np.percentile(revenue[:, [first]] - revenue, INTERVAL[0], axis=0)
    is_best = revenue == revenue.max(axis=1, keepdims=True)
    best = (is_best / is_best.sum(axis=1, keepdims=True)).mean(axis=0)
    seen = np.where(asked == 1, yes, np.nan)
    return GaborGranger(
        demand=pd.DataFrame(
            {
                "n": asked.sum(axis=0).astype(int),
                "observed": yes.sum(axis=0) / asked.sum(axis=0),
                "share": at,
                "low": low,
                "high": high,
                "revenue_idr": at * prices,
                "revenue_low": low * prices,
                "revenue_high": high * prices,
                "may_be_best": behind <= 0,
            },
            index=pd.Index(prices, name="price_idr"),
        ),
        best_price_idr=float(prices[first]),
        best_prices=pd.Series(best, index=pd.Index(prices, name="price_idr")),
        n_respondents=n,
        n_unanswered=int(answers["would_buy"].isna().sum()),
        n_contradicting=int(sum(_contradicts(line) for line in seen)),
        n_draws=n_draws,
        seed=seed,
        made=made,
    )


def _read(answers: pd.DataFrame) -> pd.DataFrame:
    check_columns(answers, COLUMNS)
    known = answers.dropna(subset=["would_buy"])
    rows = known.assign(price_idr=prices_in(known, ["price_idr"]))
    problems = []
    if not rows["would_buy"].isin([0, 1]).all():
        problems.append(Problem("would_buy", "some answers are neither yes nor no", "Give 1 or 0."))
    if not (rows["price_idr"] > 0).all():
        problems.append(Problem("price_idr", "some are missing or not above 0", "Give rupiah."))
    if rows["respondent"].isna().any():
        problems.append(Problem("respondent", "it is missing in some rows", "Say who answered."))
    if rows.duplicated(["respondent", "price_idr"]).any():
        problems.append(Problem("answers", "somebody answers a price twice", "Keep one answer each."))
    if len(rows) and (rows["would_buy"] == 0).all():
        problems.append(Problem("would_buy", "nobody would buy at any price", "Ask lower prices."))
    if rows["price_idr"].nunique() < 2 or rows["respondent"].nunique() < 2:
        problems.append(Problem("answers", "there are too few", "Ask two people and two prices or more."))
    if problems:
        raise BadInput(problems)
    return rows.astype({"would_buy": float})


def _falling(yes: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Return the shares nearest to those observed that never rise with the price."""
    return np.asarray(isotonic_regression(yes / asked, sample_weight=asked, increasing=False))


def _contradicts(line: np.ndarray) -> bool:
    known = line[~np.isnan(line)]
    return bool((np.diff(known) > 0).any())
