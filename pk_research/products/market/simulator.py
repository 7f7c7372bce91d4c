"""The market simulator: how people of the estimated tastes would choose between products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Language
from pk_research.products.experiments import Attribute, ChoiceModel
from pk_research.products.market import words
from pk_research.products.market.offers import (
    INTERVAL,
    check_draws,
    check_model,
    drawn_tastes,
    is_amount,
    offered,
    people_of,
    prices_of,
    shares_of,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NOTHING = "none"
N_PEOPLE = 1_000
N_DRAWS = 500


@dataclass(frozen=True, eq=False)
class MarketShares:
    """Who would buy what.

    Attributes
    ----------
    shares
        One row a product (the index), then ``none`` where choosing nothing is an option: ``share``
        of the choices, 0 to 1, and its 95% interval ``low`` to ``high``; ``units_month`` and
        ``revenue_idr_month``, each with ``_low`` and ``_high``, where the market's size is given,
        and ``profit_idr_month`` where costs are too; missing otherwise.
    drawn
        Draws by rows of ``shares``: the shares under each draw of the parameters.
    products
        What was on offer.
    choices_month
        Size of the market; None where unknown.
    kind
        Kind of the model.
    n_draws, n_people, seed
        Draws of parameters, people for each, and the seed.
    made
        True for made data.
    sha256
        Hash of the choices behind the model.
    """

    shares: pd.DataFrame
    drawn: np.ndarray
    products: pd.DataFrame
    choices_month: float | None
    kind: str
    n_draws: int
    n_people: int
    seed: int
    made: bool
    sha256: str

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a product for people."""
        return words.shares_table(self, language)

    def in_words(self, language: Language) -> str:
        """Tell who leads, how sure that is, and what such shares leave out."""
        return words.shares_account(self, language)

    def plot(self, language: Language, *, width_px: float = 800) -> Figure:
        """Draw the shares with their intervals."""
        from pk_research.products.market.pictures import plot_shares

        return plot_shares(self, language, width_px=width_px)


def market_shares(
    model: ChoiceModel,
    products: pd.DataFrame,
    attributes: Sequence[Attribute],
    *,
    price: str = "price_idr",
    choices_month: float | None = None,
    unit_costs: Mapping[str, float] | None = None,
    n_people: int = N_PEOPLE,
    n_draws: int = N_DRAWS,
    seed: int = 0,
) -> MarketShares:
    """Let people choose between products.

    The shares are those of a market in which everybody knows and finds every product: awareness and
    distribution come on top.

    Parameters
    ----------
    model
        From a choice experiment; nested logits are refused, since a new product has no nest.
    products
        One row a product (the index names it), one column an attribute.
    attributes
        Of the experiment, in its order.
    price
        The attribute that is the price, in rupiah.
    choices_month
        How often people choose in a month, all together: turns shares into units and revenue.
    unit_costs
        Product -> cost of a unit in rupiah, for profit; needs ``choices_month``.
    n_people, n_draws, seed
        People drawn for each draw of the parameters, draws, and seed.

    Raises
    ------
    BadInput
        When products are not described by the attributes, beyond the levels that were asked, or
        named ``none`` or alike, or a market size or costs are no amounts, or of other products.

    References
    ----------
    Train (2009), Discrete choice methods with simulation. Krinsky and Robb (1986).
    """
    check_draws(n_draws, n_people, seed)
    has_none = check_model(model, attributes)
    offers = offered(products, attributes, has_none=has_none)
    own = [str(name) for name in products.index]
    _check(own, choices_month, unit_costs)
    names = own + ([NOTHING] if has_none else [])
    drawn = np.array([shares_of(tastes, offers) for tastes in drawn_tastes(model, n_draws, n_people, seed)])
    people = people_of(model, n_people, seed)
    at = shares_of(people, offers)
    low, high = np.percentile(drawn, INTERVAL, axis=0)
    table = pd.DataFrame({"share": at, "low": low, "high": high}, index=pd.Index(names, name="product"))
    worth = np.full(len(names), np.nan)
    margin = np.full(len(names), np.nan)
    if choices_month is not None:
        worth[: len(products)] = prices_of(products, price, attributes)
        if unit_costs is not None:
            margin[: len(products)] = worth[: len(products)] - [unit_costs[name] for name in own]
    units = np.nan if choices_month is None else choices_month
    for name, times in (
        ("units_month", units),
        ("revenue_idr_month", units * worth),
        ("profit_idr_month", units * margin),
    ):
        table[name] = at * times
        # where a unit brings a loss, the larger share is the lower end
        table[f"{name}_low"] = np.minimum(low * times, high * times)
        table[f"{name}_high"] = np.maximum(low * times, high * times)
    return MarketShares(
        table,
        drawn,
        products,
        choices_month,
        model.kind,
        n_draws,
        len(people),
        seed,
        model.made,
        model.sha256,
    )


def _check(names: Sequence[str], choices_month: float | None, unit_costs: Mapping[str, float] | None) -> None:
    problems = []
    if NOTHING in names:
        problems.append(
            Problem("products", f"{NOTHING!r} is the name of choosing nothing", "Name it otherwise.")
        )
    if choices_month is not None and not (is_amount(choices_month) and choices_month > 0):
        problems.append(Problem("choices_month", f"it is {choices_month}", "Give a number above 0."))
    if unit_costs is not None:
        if choices_month is None:
            what = "without choices_month there is no profit to reckon"
            problems.append(Problem("unit_costs", what, "Give choices_month too."))
        lost = [name for name in names if not is_amount(unit_costs.get(name))]
        if lost:
            what = f"no amount is given for {', '.join(lost)}"
            problems.append(Problem("unit_costs", what, "Give rupiah a unit."))
        unknown = [str(name) for name in unit_costs if name not in names]
        if unknown:
            what = f"there is no product {', '.join(unknown)}"
            problems.append(Problem("unit_costs", what, f"Name products: {', '.join(names)}."))
    if problems:
        raise BadInput(problems)
