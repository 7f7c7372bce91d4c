"""Is it worth it: net present value, ratio, internal rate and payback, and how sure each is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from statsmodels.stats.proportion import proportion_confint

from pk_research.compute.chance import derived_rng
from pk_research.errors import BadInput, Problem
from pk_research.language import Language
from pk_research.policy.costs import words
from pk_research.policy.costs.flows import NOBODY, CashFlows
from pk_research.policy.costs.measures import (
    discount_factors,
    discounted_payback,
    internal_rates,
)
from pk_research.policy.costs.uncertain import Uncertain, uncertain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Prices = Literal["real", "nominal"]
DRAWS_AT_ONCE = 250
FEWEST_DRAWS = 100


@dataclass(frozen=True, eq=False)
class Project:
    """Flows with the rate that discounts them.

    Attributes
    ----------
    flows
        Costs and benefits.
    rate
        Discount rate a year as a share, as it was given.
    prices, rate_prices
        Whether flows and rate are ``"real"`` (without inflation) or ``"nominal"``.
    inflation
        A year, as a share; used only where the two differ.
    """

    flows: CashFlows
    rate: Uncertain
    prices: Prices
    rate_prices: Prices
    inflation: float

    @property
    def is_rate_uncertain(self) -> bool:
        """Say whether the rate varies."""
        return self.rate.shape != "fixed"

    @property
    def n_factors(self) -> int:
        """Uncertain flows, and the rate where it is uncertain."""
        return len(self.flows.factors) + self.is_rate_uncertain

    def in_flow_prices(self, rate: np.ndarray) -> np.ndarray:
        """Return a rate in the prices of the flows (Fisher's equation)."""
        if self.prices == self.rate_prices:
            return rate
        growth = 1 + self.inflation
        return (1 + rate) * growth - 1 if self.prices == "nominal" else (1 + rate) / growth - 1

    @property
    def mean_rate(self) -> float:
        """The expected rate, in the prices of the flows."""
        return float(self.in_flow_prices(np.array([self.rate.mean]))[0])

    def at(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return amounts and rates, one row a drawing, at places of the unit cube."""
        rate = (
            self.rate.quantile(places[:, -1])
            if self.is_rate_uncertain
            else np.full(len(places), self.rate.mean)
        )
        return self.flows.amounts_at(places), self.in_flow_prices(rate)

    def npv_at(self, places: np.ndarray) -> np.ndarray:
        """Return the net present value at places of the unit cube."""
        amounts, rates = self.at(places)
        return np.asarray((self.flows.by_year(amounts) * factors_of(rates, self.flows.n_years)).sum(axis=1))


@dataclass(frozen=True, eq=False)
class CostBenefit:
    """What a project is worth.

    Attributes
    ----------
    project
        What was appraised.
    expected
        At expected amounts and rate: ``npv`` (IDR of the first year), ``benefits``, ``costs`` (present
        values, IDR), ``ratio``, ``payback`` (years; missing where it never pays back).
    rates
        Every internal rate of return at expected amounts: none, one or several.
    draws
        One row a drawing: ``npv``, ``ratio``, ``payback``, ``n_rates`` and ``rate`` (missing unless
        there is exactly one).
    intervals
        One row a measure (``npv``, ``ratio``, ``payback``, ``rate``): ``low``, ``high``, and ``known``,
        the share of the drawings in which it exists.
    loss, loss_low, loss_high
        Share of the drawings with a net present value below 0, and Wilson's 95 % interval of that share,
        which says only how far it is from endlessly many drawings.
    by_group
        One row a group that pays or gains: ``costs``, ``benefits``, ``npv`` (expected present values,
        IDR), ``low``, ``high``; empty where no group was named.
    level
        Of the intervals.
    n_draws, seed
        Drawings, and the seed of all chance.
    inputs
        Hashes of the datasets behind it.
    made
        True when they are made data.
    """

    project: Project
    expected: pd.Series
    rates: tuple[float, ...]
    draws: pd.DataFrame
    intervals: pd.DataFrame
    loss: float
    loss_low: float
    loss_high: float
    by_group: pd.DataFrame
    level: float
    n_draws: int
    seed: int
    inputs: tuple[str, ...] = ()
    made: bool = False

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a measure for people: expected, interval."""
        return words.appraisal_table(self, language)

    def group_table(self, language: Language) -> pd.DataFrame:
        """Return one row a group for people: who pays, who gains."""
        return words.group_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say whether it is worth it and how sure that is."""
        return words.appraisal_in_words(self, language)

    def plot(self, language: Language, *, width_px: int = 900) -> Figure:
        """Draw the distribution of the net present value, losses told from gains."""
        from pk_research.policy.costs.pictures import plot_appraisal

        return plot_appraisal(self, language, width_px=width_px)


def cost_benefit(
    flows: CashFlows,
    *,
    rate: float | Uncertain,
    prices: Prices,
    rate_prices: Prices,
    inflation: float | None = None,
    level: float = 0.9,
    n_draws: int = 2000,
    seed: int = 0,
    n_jobs: int | None = None,
    inputs: tuple[str, ...] = (),
    made: bool = False,
) -> CostBenefit:
    """Appraise a project.

    Parameters
    ----------
    flows
        From `cash_flows`.
    rate
        Social discount rate a year as a share, above -1; `uncertain` where it is not agreed on.
    prices, rate_prices
        Whether the flows and the rate are ``"real"`` or ``"nominal"``. Where they differ the rate is
        brought to the prices of the flows.
    inflation
        A year, as a share, above -1; needed only where the two differ.
    level
        Of the intervals.
    n_draws, seed
        Drawings, 100 or more, and the seed of all chance; each drawing derives its own.
    n_jobs
        Workers, as in joblib; the result does not depend on it.
    inputs, made
        As in `CostBenefit`.

    Raises
    ------
    BadInput
        Naming every wrong option at once.

    References
    ----------
    Boardman, Greenberg, Vining and Weimer (2018), Cost-Benefit Analysis: Concepts and Practice.

    Examples
    --------
    >>> from pk_research.policy.costs.flows import cash_flows
    >>> rows = pd.DataFrame({"item": ["mill", "rice"], "kind": ["cost", "benefit"], "year": [2025, 2026],
    ...                      "mean": [100.0, 121.0]})
    >>> found = cost_benefit(cash_flows(rows), rate=0.1, prices="real", rate_prices="real", n_draws=100)
    >>> round(float(found.expected["npv"]), 6), [round(r, 6) for r in found.rates]
    (10.0, [0.21])
    """
    problems = [
        *_of_rate(rate),
        *_of_prices(prices, rate_prices, inflation),
        *_of_draws(level, n_draws, seed),
    ]
    if problems:
        raise BadInput(problems)
    given = rate if isinstance(rate, Uncertain) else uncertain(rate, where="rate")
    project = Project(flows, given, prices, rate_prices, inflation or 0.0)
    blocks = [range(start, min(start + DRAWS_AT_ONCE, n_draws)) for start in range(0, n_draws, DRAWS_AT_ONCE)]
    parts = Parallel(n_jobs=n_jobs)(delayed(_drawn)(project, block, seed) for block in blocks)
    draws = pd.concat([part for part, _ in parts], ignore_index=True)
    lost = int((draws["npv"] < 0).sum())
    low, high = proportion_confint(lost, n_draws, alpha=0.05, method="wilson")
    yearly = flows.by_year(flows.means)
    return CostBenefit(
        project=project,
        expected=_measures(project, flows.means[None, :], np.array([project.mean_rate])).iloc[0],
        rates=_rates(yearly),
        draws=draws,
        intervals=_intervals(draws, level),
        loss=lost / n_draws,
        loss_low=float(low),
        loss_high=float(high),
        by_group=_by_group(project, np.concatenate([values for _, values in parts]), level),
        level=level,
        n_draws=n_draws,
        seed=seed,
        inputs=inputs,
        made=made,
    )


def factors_of(rates: np.ndarray, n_years: int) -> np.ndarray:
    """Return discount factors, one row a rate."""
    return np.asarray((1 + rates[:, None]) ** -np.arange(n_years, dtype=float))


def groups_of(flows: CashFlows) -> tuple[str, ...]:
    """Return those who pay or gain, in the order of the rows."""
    return tuple(name for name in flows.frame["group"].unique() if name != NOBODY)


def _rates(yearly: np.ndarray) -> tuple[float, ...]:
    has_both_signs = (yearly > 0).any() and (yearly < 0).any()
    return internal_rates(yearly) if has_both_signs else ()


def _measures(project: Project, amounts: np.ndarray, rates: np.ndarray) -> pd.DataFrame:
    """Return the measures, one row a drawing."""
    flows = project.flows
    present = amounts * factors_of(rates, flows.n_years)[:, flows.place]
    benefits, costs = (present[:, flows.sign == sign].sum(axis=1) for sign in (1, -1))
    ratio = np.full(len(rates), np.nan)
    np.divide(benefits, costs, out=ratio, where=costs > 0)
    payback = [
        discounted_payback(yearly, rate) for yearly, rate in zip(flows.by_year(amounts), rates, strict=True)
    ]
    return pd.DataFrame(
        {"npv": benefits - costs, "benefits": benefits, "costs": costs, "ratio": ratio, "payback": payback}
    )


def _drawn(project: Project, block: range, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the measures of some drawings, and the net present value of each group in them."""
    n_factors = project.n_factors
    places = np.stack([derived_rng(seed, n).uniform(size=n_factors) for n in block])
    amounts, rates = project.at(places)
    flows, factors = project.flows, factors_of(rates, project.flows.n_years)
    internal = [_rates(yearly) for yearly in flows.by_year(amounts)]
    by_group = np.empty((len(block), len(groups_of(flows))))
    for n, name in enumerate(groups_of(flows)):
        mine = (flows.frame["group"] == name).to_numpy()
        by_group[:, n] = (flows.by_year(amounts, mine) * factors).sum(axis=1)
    measures = _measures(project, amounts, rates).drop(columns=["benefits", "costs"])
    only = [found[0] if len(found) == 1 else np.nan for found in internal]
    return measures.assign(n_rates=[len(found) for found in internal], rate=only), by_group


def _ends(level: float) -> list[float]:
    return [(1 - level) / 2, (1 + level) / 2]


def _intervals(draws: pd.DataFrame, level: float) -> pd.DataFrame:
    measures = ["npv", "ratio", "payback", "rate"]
    found = draws[measures].quantile(_ends(level)).set_axis(["low", "high"]).T
    return found.assign(known=draws[measures].notna().mean())


def _by_group(project: Project, drawn: np.ndarray, level: float) -> pd.DataFrame:
    flows = project.flows
    present = flows.means * discount_factors(project.mean_rate, flows.n_years)[flows.place]
    rows = {}
    for n, name in enumerate(groups_of(flows)):
        mine = (flows.frame["group"] == name).to_numpy()
        benefits, costs = (float(present[mine & (flows.sign == sign)].sum()) for sign in (1, -1))
        rows[name] = (costs, benefits, benefits - costs, *np.quantile(drawn[:, n], _ends(level)))
    return pd.DataFrame.from_dict(rows, orient="index", columns=["costs", "benefits", "npv", "low", "high"])


def _of_prices(prices: object, rate_prices: object, inflation: float | None) -> Iterator[Problem]:
    for name, value in {"prices": prices, "rate_prices": rate_prices}.items():
        if value not in get_args(Prices):
            yield Problem(name, f"it is {value!r}", "Say 'real' or 'nominal'.")
    if inflation is None and prices != rate_prices:
        yield Problem("inflation", "flows and rate are in different prices", "Give inflation, as a share.")
    if inflation is not None and not (np.isfinite(inflation) and inflation > -1):
        yield Problem("inflation", f"it is {inflation!r}", "Give a share above -1, such as 0.03.")


def _of_draws(level: float, n_draws: int, seed: int) -> Iterator[Problem]:
    if not 0 < level < 1:
        yield Problem("level", f"it is {level!r}", "Give a share between 0 and 1, such as 0.9.")
    if n_draws < FEWEST_DRAWS or seed < 0:
        yield Problem(
            "n_draws and seed", f"they are {n_draws} and {seed}", "Give 100 or more, and 0 or more."
        )


def _of_rate(rate: object) -> Iterator[Problem]:
    remedy = "Give a share above -1, such as 0.08."
    if isinstance(rate, Uncertain):
        # A normal rate has no lowest value: this far out no drawing comes.
        if rate.quantile(np.array([1e-9]))[0] <= -1:
            yield Problem("rate", "its distribution reaches -1", "Give a narrower one, or a triangular one.")
    elif isinstance(rate, bool) or not isinstance(rate, int | float) or not np.isfinite(rate) or rate <= -1:
        yield Problem("rate", f"it is {rate!r}", remedy)
