"""Products on offer as the columns that tastes multiply, and the choices of drawn people among them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from numbers import Real

import numpy as np
import pandas as pd

from pk_research.compute.chance import derived_seed
from pk_research.errors import BadInput, Problem
from pk_research.products.experiments import Attribute, ChoiceModel
from pk_research.products.experiments.attributes import NONE, coefficient_names
from pk_research.products.words import some

PEOPLE, PARAMETERS = 51, 52
INTERVAL = (2.5, 97.5)


def check_model(model: ChoiceModel, attributes: Sequence[Attribute]) -> bool:
    """Return whether choosing nothing is an option; raise where the model cannot be simulated.

    Raises
    ------
    BadInput
        When the attributes are not those of the model, or it has nests.
    """
    if model.kind == "nested":
        raise BadInput(
            Problem(
                "model", "new products belong to no nest of it", "Simulate a multinomial or a mixed logit."
            )
        )
    has_none = NONE in model.utility_names
    if model.utility_names != coefficient_names(attributes, has_none=has_none):
        raise BadInput(
            Problem(
                "attributes",
                f"they have other coefficients than the model: {', '.join(model.utility_names)}",
                "Give the attributes of the experiment, in its order.",
            )
        )
    return has_none


def offered(products: pd.DataFrame, attributes: Sequence[Attribute], *, has_none: bool) -> np.ndarray:
    """Return the columns that tastes multiply: one row a product, then one for choosing nothing.

    A linear attribute may lie between its levels, never beyond them.

    Parameters
    ----------
    products
        One row a product, one column an attribute: a level, or a number for linear ones.
    attributes
        Of the experiment.
    has_none
        Whether choosing nothing is an option.

    Raises
    ------
    BadInput
        Naming every product and attribute that is at fault.
    """
    problems = []
    if products.empty:
        problems.append(Problem("products", "there are none", "Give at least one."))
    if products.index.map(str).has_duplicates:
        problems.append(Problem("products", "two have the same name", "Name each of them."))
    columns = []
    for attribute in attributes:
        if attribute.name not in products:
            problems.append(Problem("products", f"there is no column {attribute.name}", "Add it."))
            continue
        rows = [_row(attribute, value) for value in products[attribute.name]]
        wrong = [str(name) for name, row in zip(products.index, rows, strict=True) if row is None]
        if wrong:
            problems.append(
                Problem(
                    f"{', '.join(wrong)}: {attribute.name}",
                    "it is no level of the experiment, or beyond its levels",
                    f"Give one of {', '.join(attribute.codes)}"
                    + (", or a number between." if attribute.coding == "linear" else "."),
                )
            )
        columns.append([row for row in rows if row is not None])
    if problems:
        raise BadInput(problems)
    matrix = np.hstack([np.array(column) for column in columns])
    if not has_none:
        return matrix
    return np.block([[matrix, np.zeros((len(matrix), 1))], [np.zeros((1, matrix.shape[1])), np.ones((1, 1))]])


def drawn_tastes(model: ChoiceModel, n_draws: int, n_people: int, seed: int) -> Iterator[np.ndarray]:
    """Draw parameters as far as they are unsure, and people for each: people by coefficients.

    The people are the same for every draw, so that draws differ by the parameters alone.
    """
    for parameters in model.draws(n_draws, derived_seed(seed, PARAMETERS)):
        yield people_of(model, n_people, seed, parameters)


def people_of(
    model: ChoiceModel, n_people: int, seed: int, parameters: np.ndarray | None = None
) -> np.ndarray:
    """Draw people at some parameters, the estimates by default; one stands for all where all are alike."""
    n_people = 1 if model.kind == "multinomial" else n_people
    return model.tastes(n_people, derived_seed(seed, PEOPLE), parameters=parameters)


def shares_of(tastes: np.ndarray, offers: np.ndarray) -> np.ndarray:
    """Return the mean over people of the probability that each offer is chosen."""
    utility = tastes @ offers.T
    odds = np.exp(utility - utility.max(axis=1, keepdims=True))
    return np.asarray((odds / odds.sum(axis=1, keepdims=True)).mean(axis=0))


def check_draws(n_draws: int, n_people: int, seed: int) -> None:
    """Raise when there is nothing to draw."""
    counts = {"n_draws": (n_draws, 2), "n_people": (n_people, 1), "seed": (seed, 0)}
    problems = [
        Problem(name, f"it is {value}", f"Give {least} or more.")
        for name, (value, least) in counts.items()
        if value < least
    ]
    if problems:
        raise BadInput(problems)


def prices_of(products: pd.DataFrame, price: str, attributes: Sequence[Attribute]) -> np.ndarray:
    """Return the price of each product, in rupiah.

    Raises
    ------
    BadInput
        When there is no such attribute, or its levels are no amounts.
    """
    if price not in [attribute.name for attribute in attributes]:
        raise BadInput(
            Problem(
                "price", f"{price!r} is no attribute", f"Give one of {', '.join(a.name for a in attributes)}."
            )
        )
    prices = np.asarray(pd.to_numeric(products[price], errors="coerce"), dtype=float)
    wrong = products.loc[~np.isfinite(prices), price]
    if len(wrong):
        what = f"{some(wrong.unique())} is no amount"
        raise BadInput(Problem(f"price, {price}", what, "Name an attribute whose levels are rupiah."))
    return prices


def is_amount(value: object) -> bool:
    """Return whether something is a finite number."""
    return isinstance(value, Real) and math.isfinite(value)


def _row(attribute: Attribute, value: object) -> np.ndarray | None:
    if pd.isna(value):
        return None
    if str(value) in attribute.codes:
        return np.asarray(attribute.columns[attribute.codes.index(str(value))])
    if attribute.coding != "linear":
        return None
    levels = [float(code) for code in attribute.codes]
    try:
        number = float(str(value))
    except ValueError:
        return None
    return np.array([number / attribute.unit]) if min(levels) <= number <= max(levels) else None
