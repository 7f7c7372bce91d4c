"""Buyers on screen: what they need, what villages can meet, and the reason for each miss."""

from __future__ import annotations

from html import escape

import pandas as pd

from pk_research.apps.markup import say, section, table
from pk_research.apps.products.buying import Buying
from pk_research.apps.products.pieces import amount, first_few, money, months, more
from pk_research.language import Language, Message, number_text
from pk_research.products.buyers.words import REASONS
from pk_research.products.words import percent


def buyers_html(buying: Buying, language: Language) -> str:
    """Return how much of each product's demand is met, and each buyer with its misses."""
    found = buying.matching
    title = Message(
        "{villages} villages could sell to {buyers} buyers, for {value} a year",
        {"villages": found.flows["village_code"].nunique(), "buyers": found.flows["buyer_code"].nunique(),
         "value": money(found.value_idr_year, language)},
    ).text(language)  # fmt: skip
    return (
        section("buyers", f"<h3 class='pk-finding'>{escape(title)}</h3>{_by_product(buying, language)}")
        + section("misses", _misses(buying, language))
        + section("sales", _sales(buying, language))
        + f"<p class='pk-hint'>{say(_TERMS, language)}</p>"
    )


_TERMS = (
    "Buyers are numbered; their names are not shown. Quality and distance keep nobody apart here: neither is "
    "known of the offers. An unknown season, delivery frequency or price counts as fitting."
)


def _in_year(frame: pd.DataFrame) -> pd.DataFrame:
    n = frame["months"].map(len)
    return frame.assign(wanted=frame["wanted_units_month"] * n, delivered=frame["delivered_units_month"] * n)


def _by_product(buying: Buying, language: Language) -> str:
    year = _in_year(buying.matching.demand).groupby("product")[["wanted", "delivered"]].sum()
    share = (year["delivered"] / year["wanted"]).sort_values(kind="stable")
    rows = [
        [escape(buying.matching.name(str(product), language)), amount(year.loc[product, "wanted"], language),
         _met(float(met), language)]
        for product, met in share.items()
    ]  # fmt: skip
    headings = [say(text, language) for text in ("Product", "Units wanted a year", "Met")]
    return table(headings, rows, numeric=(1,))


def _met(share: float, language: Language) -> str:
    """Return a share as a bar and a number; only what is wholly met says 100%."""
    met = number_text(percent(share), language)
    drawn = f"<span class='pk-met'><i style='width:{100 * share:.0f}%'></i></span>"
    return f"<span class='pk-share-met'>{drawn}{met}%</span>"


def _misses(buying: Buying, language: Language) -> str:
    heading = f"<h3>{say('What is missing, and why', language)}</h3>"
    rows = buying.reasons.reasons
    if rows.empty:
        return heading + f"<p>{say('Nothing: every need can be met.', language)}</p>"
    parts = []
    for (buyer, product), of_one in rows.groupby(["buyer_code", "product"], sort=True):
        lines = "".join(_line(row, language) for row in of_one.itertuples())
        once = of_one.drop_duplicates("months")
        missing = float((once["units_month"] * once["months"].map(len)).sum())
        summary = Message(
            "Buyer {buyer}: {product}, {units} units a year are missing",
            {
                "buyer": str(buyer),
                "product": buying.matching.name(str(product), language),
                "units": round(missing),
            },
        ).text(language)
        parts.append(more(escape(summary), f"<ul>{lines}</ul>"))
    return heading + first_few(parts, language)


def _line(row: object, language: Language) -> str:
    names = row.reason  # type: ignore[attr-defined]
    season = months(row.months, language)  # type: ignore[attr-defined]
    if names == ("nobody",):
        return f"<li>{season}: {say('no village makes it', language)}.</li>"
    words = [PLAIN.get(name, REASONS[name]).text(language) for name in names]
    text = Message(
        "{reason}: would free {units} units a month",
        {"reason": " + ".join(words), "units": round(row.freed_units_month)},  # type: ignore[attr-defined]
    ).text(language)
    return f"<li>{season}: {escape(text)}.</li>"


PLAIN = {
    "volume": Message("villages cannot make enough"),
    "season": Message("it is not the season"),
    "quality": Message("the quality is too low"),
    "certificate": Message("a certificate is missing"),
    "frequency": Message("the village cannot deliver often enough"),
    "distance": Message("it is too far"),
    "price": Message("the villages ask more than the buyer pays"),
}


def _sales(buying: Buying, language: Language) -> str:
    found = buying.matching
    yearly = found.flows.assign(
        units=found.flows["units_month"] * found.flows["months"].map(len),
        value=found.flows["value_idr_month"] * found.flows["months"].map(len),
    )
    parts = []
    for buyer, rows in yearly.groupby("buyer_code", sort=True):
        sums = rows.groupby(["village_code", "product"], sort=True)[["units", "value"]].sum().reset_index()
        cells = [
            [escape(found.name(row.village_code, language)), escape(found.name(row.product, language)),
             amount(row.units, language), money(row.value, language)]
            for row in sums.itertuples()
        ]  # fmt: skip
        headings = [say(text, language) for text in ("Village", "Product", "Units a year", "Value a year")]
        summary = Message(
            "Buyer {buyer}; villages: {n}", {"buyer": str(buyer), "n": sums["village_code"].nunique()}
        ).text(language)
        parts.append(more(escape(summary), table(headings, cells, numeric=(2, 3))))
    return f"<h3>{say('Who could sell to whom', language)}</h3>{first_few(parts, language)}"
