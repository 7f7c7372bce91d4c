"""The plan told to people: tables with readable headings, and an account with its doubts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.language import Language, Message, number_text, translate
from pk_research.products.assignment.money import millions
from pk_research.products.naming import column_of
from pk_research.products.words import some
from pk_research.writing import MADE, marked

if TYPE_CHECKING:
    from pk_research.products.assignment.assign import Assignment

TOLD = 3
BY_CLOCK = Message("The search was stopped by the clock; another machine may find another plan.")


def village_table(assignment: Assignment, language: Language) -> pd.DataFrame:
    """Return one row a village."""
    shown, names = assignment.villages, assignment.problem.names
    decreed = {True: translate("yes", language), False: translate("no", language)}
    columns = {
        translate("Village code", language): shown["village_code"],
        translate("Village", language): column_of(shown["village_code"], names, language),
        translate("Kecamatan", language): column_of(assignment.problem.kecamatan.tolist(), names, language),
        translate("Product", language): column_of(shown["product"], names, language),
        translate("Value (IDR/year)", language): shown["value_idr_year"].round(0),
        translate("Runner-up", language): column_of(shown["runner_up"], names, language),
        translate("Value of the runner-up (IDR/year)", language): shown["runner_up_value_idr_year"].round(0),
        translate("Without its product the plan loses at least (IDR/year)", language): shown[
            "lead_at_least_idr_year"
        ]
        .replace(np.inf, np.nan)
        .round(0),
        translate("By decree", language): shown["village_code"]
        .isin(list(assignment.problem.decrees))
        .map(decreed),
    }
    return marked(pd.DataFrame(columns), language, made=assignment.problem.made)


def product_table(assignment: Assignment, language: Language) -> pd.DataFrame:
    """Return one row a product, those of most villages first."""
    shown = assignment.products.sort_values(["n_villages", "product"], ascending=[False, True])
    columns = {
        translate("Product", language): column_of(shown["product"], assignment.problem.names, language),
        translate("Villages", language): shown["n_villages"],
        translate("Value (IDR/year)", language): shown["value_idr_year"].round(0),
        translate("Lost to a full market (IDR/year)", language): shown["loss_idr_year"].round(0),
    }
    return marked(pd.DataFrame(columns).reset_index(drop=True), language, made=assignment.problem.made)


def price_table(assignment: Assignment, language: Language) -> pd.DataFrame:
    """Return one row a price, the dearest first."""
    prices = assignment.prices
    shown = prices.iloc[(-prices["price_idr_year"].abs()).argsort(kind="stable")]
    columns = {
        translate("Limit", language): [
            limit.words(assignment.problem).text(language) for limit in shown["limit"]
        ],
        translate("Product", language): column_of(shown["product"], assignment.problem.names, language),
        translate("Worth of one unit more (IDR/year)", language): shown["price_idr_year"].round(0),
    }
    return marked(pd.DataFrame(columns).reset_index(drop=True), language, made=assignment.problem.made)


def account(assignment: Assignment, language: Language) -> str:
    """Tell the plan in sentences."""
    parts = [Message("{note}.", {"note": Message(MADE)})] if assignment.problem.made else []
    parts += [
        *_plan(assignment, language),
        _sureness(assignment, language),
        *[BY_CLOCK] * assignment.stopped_by_clock,
        *_unknown(assignment),
        *_prices(assignment),
    ]
    return " ".join(part.text(language) for part in parts)


def _plan(assignment: Assignment, language: Language) -> list[Message]:
    counts = assignment.products["n_villages"]
    values = {
        "n": int((assignment.chosen >= 0).sum()), "k": int((counts > 0).sum()),
        "value": millions(assignment.value_idr_year),
    }  # fmt: skip
    parts = [
        Message(
            "The plan is worth {value} a year (villages with a product: {n}; products made: {k}).", values
        )
    ]
    largest = assignment.products.sort_values(["n_villages", "product"], ascending=[False, True])
    largest = largest[largest["n_villages"] > 0].head(TOLD)
    if len(largest):
        listed = ", ".join(
            f"{assignment.problem.name(row.product, language)} ({row.n_villages})"
            for row in largest.itertuples()
        )
        parts.append(Message("Most villages make: {products}.", {"products": listed}))
    none = int((assignment.chosen < 0).sum())
    if none:
        parts.append(Message("Villages that get no product: {n}.", {"n": none}))
    losing = assignment.villages.loc[assignment.villages["value_idr_year"] < 0, "village_code"]
    if len(losing):
        named = some(assignment.problem.name(code, language) for code in losing)
        parts.append(
            Message(
                "Villages whose product loses money, for the limits or a decree give them one: {n}"
                " ({villages}).",
                {"n": len(losing), "villages": named},
            )
        )
    loss = float(assignment.products["loss_idr_year"].sum())
    if loss > 0:
        parts.append(Message("Full markets lose {amount} a year of it.", {"amount": millions(loss)}))
    return parts


def _sureness(assignment: Assignment, language: Language) -> Message:
    if assignment.is_best:
        return Message("It is proven that no plan that keeps the limits is worth more.")
    share = number_text(100 * assignment.gap_share, language, 3)
    return Message(
        "It is proven that no plan that keeps the limits is worth over {share}% more; whether a better one "
        "exists is not known.",
        {"share": share},
    )


def _unknown(assignment: Assignment) -> list[Message]:
    problem = assignment.problem
    if not problem.n_unknown:
        return []
    values = {"n": problem.n_unknown, "total": problem.value_idr_year.size}
    return [
        Message(
            "Pairs of village and product without a known value: {n} of {total}. No such pair "
            "can be chosen, which does not say that it is worth nothing.",
            values,
        )
    ]


def _prices(assignment: Assignment) -> list[Message]:
    dear = assignment.prices[assignment.prices["price_idr_year"] > 0]
    if dear.empty:
        return []
    dearest = dear.loc[dear["price_idr_year"].idxmax()]
    limit = dearest["limit"].words(assignment.problem)
    price = millions(dearest["price_idr_year"])
    return [
        Message(
            "The dearest limit at the margin is {limit}: one unit more is worth about {price} a year. That "
            "is a dual price of the linear programme in which villages may be divided and the products taken "
            "up are kept.",
            {"limit": limit, "price": price},
        )
    ]
