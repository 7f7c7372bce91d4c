"""The matching told to people: tables with readable headings, and an account with its doubts."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.language import Language, Message, number_text, translate
from pk_research.products.words import percent
from pk_research.writing import MADE, marked

if TYPE_CHECKING:
    from pk_research.products.buyers.match import Matching
    from pk_research.products.buyers.reasons import Reasons

TOLD = 3
REASONS = {
    "volume": Message("volume"),
    "season": Message("season"),
    "quality": Message("quality"),
    "certificate": Message("certificate"),
    "frequency": Message("delivery frequency"),
    "distance": Message("distance"),
    "price": Message("price"),
    "plan": Message("possible, but at a loss to the whole or not in whole contracts"),
}
UNKNOWN = {
    "season": Message("Offers without a known season: {n}"),
    "quality": Message("Offers without a known quality: {n}"),
    "frequency": Message("Offers without a known delivery frequency: {n}"),
    "price": Message("Offers without a known asking price: {n}"),
}


def flow_table(matching: Matching, language: Language) -> pd.DataFrame:
    """Return one row a sale."""
    flows, name = matching.flows, partial(matching.name, language=language)
    columns = {
        translate("Product", language): flows["product"].map(name),
        translate("Months", language): flows["months"].map(lambda months: month_text(months, language)),
        translate("Village", language): flows["village_code"].map(name),
        translate("Buyer", language): flows["buyer_code"].map(name),
        translate("Units a month", language): flows["units_month"].round(3),
        translate("Distance (km)", language): flows["km"].round(1),
        translate("Value (IDR/month)", language): flows["value_idr_month"].round(0),
        _gain_heading(matching, language): flows["gain_idr_month"].round(0),
    }
    return marked(pd.DataFrame(columns), language, made=matching.made)


def _gain_heading(matching: Matching, language: Language) -> str:
    if matching.terms.objective == "margin":
        return translate("Margin after transport (IDR/month)", language)
    return translate("Counted by the plan (IDR/month)", language)


def demand_table(matching: Matching, language: Language) -> pd.DataFrame:
    """Return one row a buyer, product and season."""
    shown, name = matching.demand, partial(matching.name, language=language)
    columns = {
        translate("Buyer", language): shown["buyer_code"].map(name),
        **_common(matching, shown, language),
        translate("Wanted (units/month)", language): shown["wanted_units_month"].round(3),
        translate("Delivered (units/month)", language): shown["delivered_units_month"].round(3),
        translate("Unmet (units/month)", language): shown["unmet_units_month"].round(3),
        translate("Worth of one unit more (IDR)", language): shown["worth_idr_unit"].round(0),
    }
    return marked(pd.DataFrame(columns), language, made=matching.made)


def supply_table(matching: Matching, language: Language) -> pd.DataFrame:
    """Return one row a village, product and season."""
    shown, name = matching.supply, partial(matching.name, language=language)
    columns = {
        translate("Village", language): shown["village_code"].map(name),
        **_common(matching, shown, language),
        translate("Capacity (units/month)", language): shown["capacity_units_month"].round(3),
        translate("Sold (units/month)", language): shown["sold_units_month"].round(3),
        translate("Unsold (units/month)", language): shown["unsold_units_month"].round(3),
        translate("Worth of one unit more (IDR)", language): shown["worth_idr_unit"].round(0),
    }
    return marked(pd.DataFrame(columns), language, made=matching.made)


def reason_table(reasons: Reasons, language: Language) -> pd.DataFrame:
    """Return one row a reason."""
    shown, matching = reasons.reasons, reasons.matching
    who = "buyer_code" if reasons.is_demand else "village_code"
    name = partial(matching.name, language=language)
    heading = translate("Buyer" if reasons.is_demand else "Village", language)
    columns = {
        heading: shown[who].map(name),
        **_common(matching, shown, language),
        translate("Remains (units/month)", language): shown["units_month"].round(3),
        translate("Reason", language): [_reason(names, reasons).text(language) for names in shown["reason"]],
        translate("Would free (units/month)", language): shown["freed_units_month"].round(3),
    }
    return marked(pd.DataFrame(columns), language, made=matching.made)


def _common(matching: Matching, shown: pd.DataFrame, language: Language) -> dict[str, pd.Series]:
    return {
        translate("Product", language): shown["product"].map(partial(matching.name, language=language)),
        translate("Months", language): shown["months"].map(lambda months: month_text(months, language)),
    }


def _reason(names: tuple[str, ...], reasons: Reasons) -> Message:
    if names == ("nobody",):
        return Message("nobody makes it") if reasons.is_demand else Message("nobody buys it")
    whole = REASONS[names[0]]
    for name in names[1:]:
        whole = Message("{first} and {last}", {"first": whole, "last": REASONS[name]})
    return whole


def month_text(months: tuple[int, ...], language: Language) -> str:
    """Write months as ranges.

    Examples
    --------
    >>> month_text((1, 2, 3, 7), "en"), month_text((5, 8), "id"), month_text(tuple(range(1, 13)), "en")
    ('Jan–Mar, Jul', 'Mei, Agu', 'all year')
    """
    from babel.dates import get_month_names

    if len(months) == 12:
        return translate("all year", language)
    short = get_month_names("abbreviated", locale=language)
    ranges: list[list[int]] = []
    for month in months:
        if ranges and ranges[-1][1] == month - 1:
            ranges[-1][1] = month
        else:
            ranges.append([month, month])
    return ", ".join(short[a] if a == b else f"{short[a]}–{short[b]}" for a, b in ranges)


def account(matching: Matching, language: Language) -> str:
    """Tell the plan in sentences; units of different products are never added up."""
    parts = [Message("{note}.", {"note": Message(MADE)})] if matching.made else []
    parts += [_opening(matching), *_by_product(matching, language), *_doubts(matching)]
    return " ".join(part.text(language) for part in parts)


def _opening(matching: Matching) -> Message:
    flows = matching.flows
    values = {
        "villages": flows["village_code"].nunique(), "buyers": flows["buyer_code"].nunique(),
        "products": flows["product"].nunique(), "value": _millions(matching.value_idr_year),
        "gain": _millions(matching.gain_idr_year),
    }  # fmt: skip
    if matching.terms.objective == "margin":
        return Message(
            "Sales are worth {value} a year, of which {gain} remains after cost and transport "
            "(villages: {villages}; products: {products}; buyers: {buyers}).",
            values,
        )
    return Message(
        "Sales are worth {value} a year (villages: {villages}; products: {products}; buyers: {buyers}).",
        values,
    )


def _millions(value_idr: float) -> Message:
    return Message("IDR {amount} million", {"amount": round(value_idr / 1e6, 1) + 0.0})


def shares(matching: Matching) -> pd.DataFrame:
    """Return units a year wanted and delivered of each product, and the share met; least met first."""
    n_months = matching.demand["months"].map(len)
    yearly = pd.DataFrame(
        {
            "product": matching.demand["product"],
            "wanted": matching.demand["wanted_units_month"] * n_months,
            "delivered": matching.demand["delivered_units_month"] * n_months,
        }
    )
    total = yearly.groupby("product", as_index=False, sort=True).sum()
    total = total[total["wanted"] > 0]
    return total.assign(share=total["delivered"] / total["wanted"]).sort_values("share", kind="stable")


def _by_product(matching: Matching, language: Language) -> list[Message]:
    least = shares(matching)
    if least.empty:
        return []
    full = int((least["share"] > 1 - 1e-9).sum())
    parts = [
        Message("Products whose demand is met in full: {n} of {total}.", {"n": full, "total": len(least)})
    ]
    short = [
        f"{matching.name(row.product, language)} ({number_text(percent(row.share), language)}%)"
        for row in least[least["share"] <= 1 - 1e-9].head(TOLD).itertuples()
    ]
    if short:
        parts.append(Message("Least met: {products}.", {"products": ", ".join(short)}))
    return parts


def _doubts(matching: Matching) -> list[Message]:
    how = (
        Message("what is not known counts as not met")
        if matching.terms.unknown == "fails"
        else Message("what is not known counts as met")
    )
    return [
        Message("{what}; {how}.", {"what": Message(UNKNOWN[name].template, {"n": n}), "how": how})
        for name, n in matching.n_unknown.items()
        if n
    ]


def reasons_account(reasons: Reasons, language: Language) -> str:
    """Tell each product's reasons, those that would free most first."""
    parts = [Message("{note}.", {"note": Message(MADE)})] if reasons.matching.made else []
    freed: dict[str, Counter[tuple[str, ...]]] = {}
    for row in reasons.reasons.itertuples():
        units = row.freed_units_month * len(row.months)
        freed.setdefault(row.product, Counter())[row.reason] += units
    if not freed:
        parts.append(_nothing_left(reasons))
    parts += [_of_product(reasons, product, units, language) for product, units in freed.items()]
    return " ".join(part.text(language) for part in parts)


def _nothing_left(reasons: Reasons) -> Message:
    return Message("All demand is met.") if reasons.is_demand else Message("All that villages offer is sold.")


def _of_product(
    reasons: Reasons, product: str, freed: Counter[tuple[str, ...]], language: Language
) -> Message:
    if set(freed) == {("nobody",)}:
        name = {"product": reasons.matching.name(product, language)}
        if reasons.is_demand:
            return Message("{product} is lacking: nobody makes it.", name)
        return Message("{product} remains unsold: nobody buys it.", name)
    order = sorted(freed.items(), key=lambda item: (-item[1], item[0]))[:TOLD]
    told = [
        Message("{reason} (units: {n})", {"reason": _reason(names, reasons), "n": round(units, 1)})
        for names, units in order
    ]
    values = {
        "product": reasons.matching.name(product, language),
        "reasons": "; ".join(part.text(language) for part in told),
    }
    if reasons.is_demand:
        return Message("{product} is lacking; a year, relaxing each alone would free: {reasons}.", values)
    return Message("{product} remains unsold; a year, relaxing each alone would free: {reasons}.", values)
