"""Buyers on screen: what they need, what villages can meet, and the reason for each miss."""

from __future__ import annotations

from html import escape

import pandas as pd

from pk_research.apps.markup import say, section, table
from pk_research.apps.products.buying import ALL, LESS, MORE, NOTHING, ROUNDING, Buying
from pk_research.apps.products.pieces import amount, first_few, money, months, more, withheld_html
from pk_research.language import Language, Message
from pk_research.products.buyers.words import REASONS


def buyers_html(buying: Buying, language: Language) -> str:
    """Return how much of each product's demand is met, and each buyer with its misses: of one, no amount."""
    flows = buying.matching.flows
    counts = {"villages": flows["village_code"].nunique(), "buyers": flows["buyer_code"].nunique()}
    title = (
        Message("{villages} villages could sell to {buyers} buyers", counts)
        if pd.isna(buying.value_idr_year)
        else Message(
            "{villages} villages could sell to {buyers} buyers, for {value} a year",
            {**counts, "value": money(buying.value_idr_year, language)},
        )
    ).text(language)
    return (
        section("buyers", f"<h3 class='pk-finding'>{escape(title)}</h3>{_by_product(buying, language)}")
        + section("misses", _misses(buying, language))
        + section("sales", _sales(buying, language))
        + f"<p class='pk-hint'>{say(_TERMS, language)}</p>"
        + withheld_html(buying.n_withheld, language, PROMISED)
    )


_TERMS = (
    "Buyers are numbered; their names are not shown. Quality and distance keep nobody apart here: neither is "
    "known of the offers. An unknown season, delivery frequency or price counts as fitting."
)
PROMISED = Message(
    "What one hotel or restaurant needs and pays was told on the promise that it is not published; villages "
    "whose capacity may not be told are not matched here"
)
WORDS = {
    NOTHING: Message("nothing"),
    LESS: Message("less than half"),
    MORE: Message("half or more"),
    ALL: Message("all"),
}


def _by_product(buying: Buying, language: Language) -> str:
    rows = [
        [escape(buying.matching.name(str(row.Index), language)), amount(row.n_buyers, language),
         amount(row.wanted_units_year, language), escape(WORDS[str(row.met)].text(language))]
        for row in buying.products.itertuples()
    ]  # fmt: skip
    headings = [say(text, language) for text in ("Product", "Buyers", "Units wanted a year", "Met")]
    return table(headings, rows, numeric=(1, 2))


def _misses(buying: Buying, language: Language) -> str:
    heading = f"<h3>{say('What is missing, and why', language)}</h3>"
    rows = buying.reasons.reasons
    if rows.empty:
        return heading + f"<p>{say('Nothing: every need can be met.', language)}</p>"
    parts = []
    for (buyer, product), of_one in rows.groupby(["buyer_code", "product"], sort=True):
        lines = "".join(_line(row, language) for row in of_one.itertuples())
        summary = Message(
            "Buyer {buyer}: not all of the {product} it needs",
            {"buyer": str(buyer), "product": buying.matching.name(str(product), language)},
        ).text(language)
        parts.append(more(escape(summary), f"<ul>{lines}</ul>"))
    return heading + first_few(parts, language)


def _line(row: object, language: Language) -> str:
    names = row.reason  # type: ignore[attr-defined]
    season = months(row.months, language)  # type: ignore[attr-defined]
    if names == ("nobody",):
        return f"<li>{season}: {say('no village makes it', language)}.</li>"
    words = [PLAIN.get(name, REASONS[name]).text(language) for name in names]
    is_all = row.freed_units_month >= (1 - ROUNDING) * row.units_month  # type: ignore[attr-defined]
    freed = _ALL_OF_IT if is_all else _PART_OF_IT
    text = Message(freed, {"reason": " + ".join(words)})
    return f"<li>{season}: {escape(text.text(language))}.</li>"


_ALL_OF_IT = "{reason}: without that, all of it could be met"
_PART_OF_IT = "{reason}: without that, a part of it could be met"
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
    parts = []
    for buyer, rows in found.flows.groupby("buyer_code", sort=True):
        seasons = rows.groupby(["village_code", "product"], sort=True)["months"].agg(
            lambda several: tuple(sorted({month for some in several for month in some}))
        )
        cells = [
            [escape(found.name(village, language)), escape(found.name(product, language)),
             months(season, language)]
            for (village, product), season in seasons.items()
        ]  # fmt: skip
        headings = [say(text, language) for text in ("Village", "Product", "Months")]
        summary = Message(
            "Buyer {buyer}; villages: {n}", {"buyer": str(buyer), "n": rows["village_code"].nunique()}
        ).text(language)
        parts.append(more(escape(summary), table(headings, cells)))
    return f"<h3>{say('Who could sell to whom', language)}</h3>{first_few(parts, language)}"
