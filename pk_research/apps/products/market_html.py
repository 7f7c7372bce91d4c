"""The market simulator on screen: shares and revenue with their intervals."""

from __future__ import annotations

from html import escape

from pk_research.apps.markup import say, section, table
from pk_research.apps.products.market import OURS, PRICE, RIVAL, Experiment
from pk_research.apps.products.pieces import bar, between, money
from pk_research.language import Language, Message, number_text
from pk_research.products.experiments import Attribute
from pk_research.products.market import MarketShares
from pk_research.products.words import percent

NAMES = {
    OURS: Message("Your product"),
    RIVAL: Message("The rival"),
    "none": Message("Neither of them"),
}


def market_html(found: MarketShares, experiment: Experiment, language: Language) -> str:
    """Return who would buy what, with the interval of each share and revenue."""
    ours = found.shares.loc[OURS]
    title = Message(
        "{share}% would choose your product ({range}%)",
        {
            "share": percent(ours["share"]),
            "range": between(ours["low"], ours["high"], language, times=100),
        },
    ).text(language)
    ahead = Message(
        "It is chosen more often than the rival in {share}% of {n} drawings of people's tastes.",
        {"share": percent(_ahead(found)), "n": found.n_draws},
    )
    told = [ahead.text(language)]
    if experiment.has_price:
        earned = Message(
            "Revenue: {value} a month, between {low} and {high}",
            {"value": money(ours["revenue_idr_month"], language),
             "low": money(ours["revenue_idr_month_low"], language),
             "high": money(ours["revenue_idr_month_high"], language)},
        ).text(language)  # fmt: skip
        told.insert(0, f"{earned}.")
    rows = [
        [(f"{escape(NAMES[str(name)].text(language))}{_described(found, str(name), experiment, language)}"
          f"{bar(row['share'], row['low'], row['high'])}"),
         (f"{number_text(percent(row['share']), language)}%"
          f"<small>{between(row['low'], row['high'], language, times=100)}%</small>"),
         money(row["revenue_idr_month"], language)][: 3 if experiment.has_price else 2]
        for name, row in found.shares.iterrows()
    ]  # fmt: skip
    headings = [say(text, language) for text in ("Product", "Share", "Revenue a month")][: len(rows[0])]
    return section(
        "market",
        f"<h3 class='pk-finding'>{escape(title)}</h3><p class='pk-callout'>{escape(' '.join(told))}</p>"
        f"{table(headings, rows, numeric=range(1, len(headings)))}"
        f"<p class='pk-hint'>{escape(_source(experiment).text(language))} {say(_RANGES, language)}</p>",
    )


def level_text(attribute: Attribute, value: str, language: Language) -> str:
    """Return a level as people read it; rupiah as money."""
    if attribute.name == PRICE:
        return money(float(value), language)
    if attribute.coding == "linear":
        return number_text(float(value), language)
    return {level.value: level for level in attribute.levels}[value].text(language)


def _described(found: MarketShares, name: str, experiment: Experiment, language: Language) -> str:
    """Return the attributes of an offer in words; nothing of what is no offer."""
    if name not in found.products.index:
        return ""
    offer = found.products.loc[name]
    levels = (level_text(one, str(offer[one.name]), language) for one in experiment.attributes)
    return f"<small>{escape(', '.join(levels))}</small>"


def _ahead(found: MarketShares) -> float:
    """Return the share of drawings in which ours is chosen more often than the rival; half of the ties."""
    rows = list(found.shares.index)
    ours, rival = (found.drawn[:, rows.index(name)] for name in (OURS, RIVAL))
    return float(((ours > rival) + (ours == rival) / 2).mean())


def _source(experiment: Experiment) -> Message:
    if not experiment.title:
        return Message(
            "Estimated from a choice experiment with made people about a made snack: it shows how the method"
            " works."
        )
    values = {"n": experiment.data.n_respondents, "title": experiment.title}
    if experiment.data.made:
        return Message(
            "Estimated from the choices of {n} made people (experiment: {title}): it shows how the method"
            " works.",
            values,
        )
    return Message("Estimated from the choices of {n} people (experiment: {title}).", values)


_RANGES = (
    "The ranges hold in 95 of 100 repetitions of such an experiment. They speak of people who know and can "
    "find all products."
)
