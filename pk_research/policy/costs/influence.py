"""Which doubt matters: one figure at a time, all at once, and where the verdict would turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.indicators.composite.sensitivity import sobol_indices
from pk_research.language import Language
from pk_research.policy.costs import words
from pk_research.policy.costs.appraisal import CostBenefit, Project, factors_of
from pk_research.policy.costs.measures import discount_factors

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RATE = "discount rate"


@dataclass(frozen=True, eq=False)
class Tornado:
    """The net present value with one figure at a time at either end of its interval.

    Attributes
    ----------
    frame
        One row an uncertain figure, the widest first: ``factor``, ``at_low``, ``at_high`` (net present
        value, IDR, with the figure at its low and its high end, all others as expected), ``swing``.
    npv
        As expected, IDR.
    level
        Share of each figure's distribution between its two ends.
    made
        True for made data.
    """

    frame: pd.DataFrame
    npv: float
    level: float
    made: bool

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a figure for people."""
        return words.tornado_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say which figure moves the result most, and which can turn it."""
        return words.tornado_in_words(self, language)

    def plot(self, language: Language, *, width_px: int = 900) -> Figure:
        """Draw the tornado."""
        from pk_research.policy.costs.pictures import plot_tornado

        return plot_tornado(self, language, width_px=width_px)


@dataclass(frozen=True, eq=False)
class Drivers:
    """Sobol indices of the net present value.

    Attributes
    ----------
    shares
        One row an uncertain figure: ``first``, ``first_width``, ``total``, ``total_width``, as in
        `pk_research.indicators.composite.Sensitivity`.
    n_runs, seed
        How often the value was computed, and the seed of the design.
    made
        True for made data.
    """

    shares: pd.DataFrame
    n_runs: int
    seed: int
    made: bool

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a figure for people, the strongest first."""
        return words.drivers_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say which figure's doubt is worth most to remove."""
        return words.drivers_in_words(self, language)


@dataclass(frozen=True, eq=False)
class BreakEven:
    """Where the net present value becomes zero.

    Attributes
    ----------
    frame
        One row an item: ``item``, ``kind``, ``present_value`` (IDR), ``multiple``: the part of its
        expected amounts at which the net present value is 0, all else as expected; missing where no
        amount of 0 or more does it.
    rates
        Discount rates that do it: the internal rates of return.
    made
        True for made data.
    """

    frame: pd.DataFrame
    rates: tuple[float, ...]
    made: bool

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row an item for people."""
        return words.break_even_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say which item needs to change least to turn the verdict."""
        return words.break_even_in_words(self, language)


def tornado(found: CostBenefit, *, level: float = 0.9) -> Tornado:
    """Move one uncertain figure at a time to the ends of its interval, all others as expected.

    Parameters
    ----------
    found
        From `cost_benefit`.
    level
        Share of each figure's distribution between the two ends.

    Raises
    ------
    BadInput
        When the level is no share, or nothing is uncertain.

    Examples
    --------
    >>> from pk_research.policy.costs import cash_flows, cost_benefit
    >>> rows = pd.DataFrame({"item": ["mill", "rice"], "kind": ["cost", "benefit"], "year": [2025, 2025],
    ...                      "mean": [100.0, 120.0], "low": [None, 90.0], "high": [None, 150.0],
    ...                      "distribution": ["fixed", "uniform"], "level": [None, 0.9]})
    >>> found = cost_benefit(cash_flows(rows), rate=0.1, prices="real", rate_prices="real", n_draws=100)
    >>> tornado(found).frame[["factor", "at_low", "at_high"]].round(6).values.tolist()
    [['rice', -10.0, 50.0]]
    """
    project = found.project
    if not 0 < level < 1:
        raise BadInput(Problem("level", f"it is {level!r}", "Give a share between 0 and 1, such as 0.9."))
    names = _factors(project)
    ends = np.array([(1 - level) / 2, (1 + level) / 2])
    rows = [(name, *_npv_with(project, n, ends)) for n, name in enumerate(names)]
    frame = pd.DataFrame(rows, columns=["factor", "at_low", "at_high"])
    frame["swing"] = (frame["at_high"] - frame["at_low"]).abs()
    frame = frame.sort_values(["swing", "factor"], ascending=[False, True], ignore_index=True)
    return Tornado(frame, float(found.expected["npv"]), level, found.made)


def drivers(found: CostBenefit, *, n_base: int = 512, seed: int = 0) -> Drivers:
    """Share the variance of the net present value out over the uncertain figures.

    Parameters
    ----------
    found
        From `cost_benefit`.
    n_base, seed
        As in `pk_research.indicators.composite.sensitivity.sobol_indices`.

    Raises
    ------
    BadInput
        When nothing is uncertain, or ``n_base`` is no power of two.

    References
    ----------
    Saltelli et al. (2010), Variance based sensitivity analysis of model output.

    Examples
    --------
    >>> from pk_research.policy.costs import cash_flows, cost_benefit, uncertain
    >>> rows = pd.DataFrame({"item": ["mill", "rice"], "kind": ["cost", "benefit"], "year": [2025, 2026],
    ...                      "mean": [100.0, 120.0]})
    >>> rate = uncertain(0.08, low=0.05, high=0.11, shape="normal")
    >>> found = cost_benefit(cash_flows(rows), rate=rate, prices="real", rate_prices="real", n_draws=100)
    >>> drivers(found, n_base=64).shares["total"].round(1).to_dict()
    {'discount rate': 1.0}
    """
    names = _factors(found.project)
    # The design holds the corner 0, where an endless distribution has no value.
    inside = np.finfo(float).eps
    result = sobol_indices(
        lambda places: found.project.npv_at(places.clip(inside, 1 - inside)), names, n_base=n_base, seed=seed
    )
    return Drivers(result.shares, result.n_runs, seed, found.made)


def break_even(found: CostBenefit) -> BreakEven:
    """Find, item by item, the amount at which the net present value is zero.

    Parameters
    ----------
    found
        From `cost_benefit`.

    Examples
    --------
    >>> from pk_research.policy.costs import cash_flows, cost_benefit
    >>> rows = pd.DataFrame({"item": ["mill", "rice"], "kind": ["cost", "benefit"], "year": [2025, 2025],
    ...                      "mean": [100.0, 125.0]})
    >>> found = cost_benefit(cash_flows(rows), rate=0.1, prices="real", rate_prices="real", n_draws=100)
    >>> break_even(found).frame["multiple"].tolist()
    [1.25, 0.8]
    """
    flows, value = found.project.flows, float(found.expected["npv"])
    factors = discount_factors(found.project.mean_rate, flows.n_years)[flows.place]
    present = pd.Series(flows.means * factors * flows.sign).groupby(flows.frame["item"], sort=False).sum()
    multiple = (1 - value / present.where(present != 0)).where(lambda m: m >= 0)
    kinds = flows.frame.groupby("item", sort=False)["kind"].first()
    frame = pd.DataFrame({"kind": kinds, "present_value": present, "multiple": multiple})
    return BreakEven(frame.rename_axis("item").reset_index(), found.rates, found.made)


def _factors(project: Project) -> list[str]:
    names = [*project.flows.factors, *([RATE] if project.is_rate_uncertain else [])]
    if not names:
        raise BadInput(
            Problem("the flows", "nothing in them is uncertain", "Give low, high and a distribution.")
        )
    return names


def _npv_with(project: Project, factor: int, ends: np.ndarray) -> np.ndarray:
    """Return the net present value with one factor at these shares of its distribution."""
    flows = project.flows
    places = np.full((len(ends), project.n_factors), 0.5)
    places[:, factor] = ends
    amounts, rates = project.at(places)
    if factor == len(flows.factors):
        amounts = np.broadcast_to(flows.means, amounts.shape)
    else:
        others = (flows.frame["factor"] != flows.factors[factor]).to_numpy()
        amounts[:, others] = flows.means[others]
        rates = np.full(len(ends), project.mean_rate)
    return np.asarray((flows.by_year(amounts) * factors_of(rates, flows.n_years)).sum(axis=1))
