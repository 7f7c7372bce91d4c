"""What people would pay: how much money weighs as much as a level."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual, Language, Message
from pk_research.products.experiments.attributes import NONE
from pk_research.products.experiments.model import ChoiceModel
from pk_research.products.experiments.sample_size import Z_95
from pk_research.products.experiments.words import segment_name
from pk_research.products.words import told
from pk_research.writing import marked

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STEP = 1e-6
N_PEOPLE = 10_000
DOUBTFUL = 0.025


@dataclass(frozen=True, eq=False)
class WillingnessToPay:
    """What a typical person of each group would pay more for a level, or for a unit more.

    Attributes
    ----------
    frame
        One row a group and coefficient: ``group`` (empty without segments), ``name``, ``wtp`` in
        the unit of money, ``low`` and ``high`` (95 %, delta method), ``low_draws`` and
        ``high_draws`` (95 %, Krinsky and Robb).
    price
        Name of the price coefficient.
    wrong_sign
        By group, share of draws of the price coefficient that are not negative: where it is not
        small, the price hardly matters and no interval of a ratio can be trusted.
    people_wrong_sign
        Share of people who by the model like higher prices; 0 where the model gives everybody of a
        group the same taste, and the price coefficient is negative.
    labels
        What the coefficients are called.
    n_draws, seed
        Of the draws.
    made
        Whether the choices are made, not observed.
    sha256
        Hash of the table of choices.
    """

    frame: pd.DataFrame
    price: str
    wrong_sign: pd.Series
    people_wrong_sign: float
    labels: Mapping[str, Bilingual]
    n_draws: int
    seed: int
    made: bool
    sha256: str

    def table(self, language: Language) -> pd.DataFrame:
        """Return what people would pay, with both intervals, headings in a language."""
        frame = self.frame
        columns = {
            Message("Segment").text(language): [segment_name(one).text(language) for one in frame["group"]],
            Message("Coefficient").text(language): [self.labels[n].text(language) for n in frame["name"]],
            Message("Would pay (IDR)").text(language): frame["wtp"],
            Message("95% from (delta method)").text(language): frame["low"],
            Message("95% to (delta method)").text(language): frame["high"],
            Message("95% from (draws)").text(language): frame["low_draws"],
            Message("95% to (draws)").text(language): frame["high_draws"],
        }
        table = pd.DataFrame(columns).round(0)
        if (frame["group"] == "").all():
            table = table.drop(columns=Message("Segment").text(language))
        return marked(table, language, made=self.made)

    def in_words(self, language: Language) -> str:
        """Say what people would pay most for, and whether the price can be trusted."""
        sentences = []
        for group, rows in self.frame.groupby("group", sort=False):
            sentences.append(self._most(str(group), rows))
            sentences.append(_sign_said(float(self.wrong_sign[group])))
        if self.people_wrong_sign > 0.01:
            values = {"share": round(100 * self.people_wrong_sign)}
            sentences.append(
                Message(
                    "By the model {share}% of people prefer higher prices; what they would pay has no "
                    "meaning, and figures are those of the typical person.",
                    values,
                )
            )
        return told(sentences, language, made=self.made)

    def _most(self, group: str, rows: pd.DataFrame) -> Message:
        best = rows.loc[rows["wtp"].idxmax()]
        values = {
            "segment": segment_name(group), "name": self.labels[best["name"]],
            "wtp": round(float(best["wtp"])),
            "low": round(float(best["low_draws"])), "high": round(float(best["high_draws"])),
        }  # fmt: skip
        if group:
            return Message(
                "{segment}: people would pay most for “{name}”: IDR {wtp} (95% interval {low} to {high}).",
                values,
            )
        return Message(
            "People would pay most for “{name}”: IDR {wtp} (95% interval {low} to {high}).", values
        )

    def plot(self, language: Language, *, width_px: int = 1000) -> Figure:
        """Draw what people would pay, with the intervals from draws."""
        from pk_research.products.experiments.pictures import plot_wtp

        return plot_wtp(self, language, width_px=width_px)


def _sign_said(share: float) -> Message:
    values = {"share": round(100 * share, 2)}
    if share > DOUBTFUL:
        return Message(
            "In {share}% of the draws people do not mind a higher price at all: no interval of what they "
            "would pay can be trusted.",
            values,
        )
    return Message("The price coefficient has the wrong sign in {share}% of the draws.", values)


def willingness_to_pay(
    model: ChoiceModel, price: str, *, unit: float | None = None, n_draws: int = 10_000, seed: int = 0
) -> WillingnessToPay:
    """Work out what people would pay, from a model with a linear price.

    Parameters
    ----------
    model
        A fitted model.
    price
        Name of the price coefficient.
    unit
        Money in one unit of the price as it was coded. By default what the model knows of the attribute,
        and 1 where it knows nothing.
    n_draws, seed
        Draws of the coefficients for the second interval, and their seed.

    Returns
    -------
    WillingnessToPay
        ``- coefficient / price coefficient * unit`` for each other coefficient but the opt-out's.

    Raises
    ------
    BadInput
        When the model has no such coefficient, or another unit of it is given than it knows.

    References
    ----------
    Krinsky and Robb (1986), On approximating the statistical properties of elasticities; Daly, Hess
    and de Jong (2012) for the delta method.

    Examples
    --------
    >>> from pk_research.products.experiments.data import choice_data
    >>> from pk_research.products.experiments.multinomial import multinomial_logit
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"respondent": np.repeat(range(300), 2), "set": 1,
    ...     "alternative": ["a", "b"] * 300, "price": rng.integers(1, 5, 600),
    ...     "box": rng.integers(0, 2, 600)})
    >>> utility = 1.0 * frame["box"] - 0.5 * frame["price"] + rng.gumbel(size=600)
    >>> frame["chosen"] = (utility == utility.groupby(frame["respondent"]).transform("max")).astype(int)
    >>> model = multinomial_logit(choice_data(frame, ["price", "box"]))
    >>> bool(abs(willingness_to_pay(model, "price").frame["wtp"][0] - 2) < 0.7)
    True
    """
    if price not in model.utility_names:
        known = ", ".join(model.utility_names)
        raise BadInput(Problem(price, "the model has no such coefficient", f"Choose among {known}."))
    known_unit = model.units.get(price)
    if unit is not None and known_unit is not None and unit != known_unit:
        raise BadInput(
            Problem("unit", f"it is {unit:g}, but the price was coded by {known_unit:g}", "Leave it out.")
        )
    money = unit or known_unit or 1.0
    at = model.utility_names.index(price)
    others = [n for n, name in enumerate(model.utility_names) if name not in (price, NONE)]

    def ratio(parameters: np.ndarray) -> np.ndarray:
        typical = model.typical(parameters)
        found: np.ndarray = -money * typical[..., others] / typical[..., at, None]
        return found.reshape(len(parameters), -1)

    estimates = model.estimates.to_numpy()
    wtp = ratio(estimates[None])[0]
    slope = _slope(ratio, estimates)
    spread = np.sqrt(np.einsum("pk,pq,qk->k", slope, model.covariance.to_numpy(), slope))
    draws = model.draws(n_draws, seed)
    low, high = np.quantile(ratio(draws), [0.025, 0.975], axis=0)
    frame = pd.DataFrame(
        {
            "group": np.repeat(list(model.groups), len(others)),
            "name": [model.utility_names[n] for n in others] * len(model.groups),
            "wtp": wtp,
            "low": wtp - Z_95 * spread,
            "high": wtp + Z_95 * spread,
            "low_draws": low,
            "high_draws": high,
        }
    )
    is_wrong = model.typical(draws)[..., at] >= 0
    return WillingnessToPay(
        frame=frame,
        price=price,
        wrong_sign=pd.Series(is_wrong.mean(axis=0), index=list(model.groups)),
        people_wrong_sign=float((model.tastes(N_PEOPLE, seed)[:, at] >= 0).mean()),
        labels={name: model.label(name) for name in model.utility_names},
        n_draws=n_draws,
        seed=seed,
        made=model.made,
        sha256=model.sha256,
    )


def _slope(function: Callable[[np.ndarray], np.ndarray], at: np.ndarray) -> np.ndarray:
    """Return derivatives by central differences: parameters by values."""
    steps = np.diag(STEP * np.maximum(1.0, np.abs(at)))
    rise = function(at + steps) - function(at - steps)
    slope: np.ndarray = rise / (2 * np.diag(steps)[:, None])
    return slope
