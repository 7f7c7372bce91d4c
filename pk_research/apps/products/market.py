"""The market simulator: the choice experiment that was kept in the store, or a made one about a snack."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.codebook import Label
from pk_research.products.experiments import (
    Attribute,
    ChoiceData,
    ChoiceModel,
    KnownTastes,
    choice_design,
    experiment_of,
    made_choices,
    multinomial_logit,
)
from pk_research.products.market import MarketShares, market_shares

if TYPE_CHECKING:
    from pk_research.sources.dataset import Dataset

N_PEOPLE = 240
SEED = 5
PRICE = "price_idr"
OURS, RIVAL = "ours", "rival"
STEPS = 20
SNACK = (
    Attribute("taste", "Rasa", "Taste", (
        Label("plain", "Gurih", "Plain"),
        Label("spicy", "Pedas", "Spicy"),
        Label("sweet", "Manis", "Sweet"),
    )),
    Attribute("packaging", "Kemasan", "Packaging", (
        Label("plastic", "Plastik polos", "Plain plastic"),
        Label("pouch", "Kantong berdiri", "Stand-up pouch"),
        Label("box", "Kotak berlabel", "Labelled box"),
    ), better="last"),
    Attribute("promotion", "Promosi", "Promotion", (
        Label("no", "Tanpa promosi", "No promotion"),
        Label("story", "Kisah desa", "Village story"),
    )),
    Attribute(PRICE, "Harga", "Price", tuple(
        Label(str(value), f"Rp{value // 1000}.000", f"IDR {value // 1000},000")
        for value in (15_000, 20_000, 25_000)
    ), coding="linear", better="first", unit=5000),
)  # fmt: skip
TRUTH = {
    "taste=spicy": 0.6, "taste=sweet": -0.3, "packaging=pouch": 0.5, "packaging=box": 0.8,
    "promotion=story": 0.4, PRICE: -0.7, "none": -3.0,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Experiment:
    """What people chose between, and their tastes.

    Attributes
    ----------
    attributes
        Of the products.
    data
        The choices.
    title
        What the experiment is called; empty for the made one that comes with the program.
    """

    attributes: tuple[Attribute, ...]
    data: ChoiceData
    title: str

    @cached_property
    def model(self) -> ChoiceModel:
        """The tastes, estimated."""
        return multinomial_logit(self.data)

    @property
    def has_price(self) -> bool:
        """Whether a price was varied, without which nothing is said about revenue."""
        return any(one.name == PRICE for one in self.attributes)

    def first_offers(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return what a visitor finds set: a product that differs in everything from a plain, cheap rival."""
        return {one.name: one.codes[1] for one in self.attributes}, {
            one.name: one.codes[0] for one in self.attributes
        }

    def is_offer(self, chosen: object) -> bool:
        """Tell whether each attribute has a level, or a number between the lowest and the highest."""
        return (
            isinstance(chosen, Mapping)
            and set(chosen) == {one.name for one in self.attributes}
            and all(_is_level(chosen[one.name], one) for one in self.attributes)
        )

    def shares(
        self, ours: Mapping[str, str], rival: Mapping[str, str], *, choices_month: int
    ) -> MarketShares:
        """Return the shares of our product and of its rival, and of buying neither.

        Parameters
        ----------
        ours, rival
            Level of each attribute; a number may lie between its levels.
        choices_month
            Purchases in the whole market a month.
        """
        products = pd.DataFrame([dict(ours), dict(rival)], index=[OURS, RIVAL])
        size = float(choices_month) if self.has_price else None
        return market_shares(self.model, products, self.attributes, choices_month=size)


def experiment_from(dataset: Dataset | None) -> Experiment:
    """Return the experiment of a dataset that was kept, or the made one where there is none.

    Raises
    ------
    BadInput
        When the dataset is no experiment.
    """
    if dataset is None:
        return _made()
    kept = experiment_of(dataset)
    return Experiment(kept.attributes, kept.data, dataset.provenance.title)


def range_of(attribute: Attribute) -> tuple[float, float, float]:
    """Return the lowest and highest value of an attribute in numbers, and the step between values to try.

    Examples
    --------
    >>> range_of(SNACK[-1])
    (15000.0, 25000.0, 500.0)
    """
    values = [float(code) for code in attribute.codes]
    low, high = min(values), max(values)
    return low, high, 10 ** math.floor(math.log10((high - low) / STEPS * 2)) / 2


def _is_level(value: object, attribute: Attribute) -> bool:
    if attribute.coding == "dummy":
        return value in attribute.codes
    low, high, _ = range_of(attribute)
    try:
        return low <= float(str(value)) <= high
    except ValueError:
        return False


@lru_cache(maxsize=1)
def _made() -> Experiment:
    design = choice_design(SNACK, n_sets=12, n_blocks=2, priors=TRUTH)
    choices = made_choices(design, KnownTastes((TRUTH,)), N_PEOPLE, seed=SEED)
    return Experiment(SNACK, choices.data(), "")
