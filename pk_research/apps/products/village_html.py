"""Village products on screen: the regency at first, then one village and why."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd

from pk_research.apps.markup import say, section, table
from pk_research.apps.products.model import ProductsModel
from pk_research.apps.products.pieces import (
    NONE,
    amount,
    between,
    money,
    months,
    paragraph,
    places,
    withheld_html,
)
from pk_research.apps.products.villages import KecamatanFlagships
from pk_research.language import Language, Message, number_text
from pk_research.products.catalogue import product_label
from pk_research.products.catalogue.catalogue import FORMS
from pk_research.products.flagship import IN_KECAMATAN, METHODS
from pk_research.products.words import percent
from pk_research.register.village import KECAMATAN_LENGTH

SHOWN = 12
ON_CARDS = (
    "price_idr_unit",
    "cost_idr_unit",
    "capacity_units_month",
    "deliveries_month",
    "local_material_pct",
)
CERTIFICATES = {"trademark": Message("trademark"), "halal": Message("halal")}
UNITS = {
    "kg": Message("kilogram"),
    "piece": Message("piece"),
    "pack": Message("pack"),
    "portion": Message("portion"),
    "bottle": Message("bottle"),
    "box": Message("box"),
    "set": Message("set"),
}
MARKETS = {
    "residents": Message("residents"),
    "market": Message("markets and shops"),
    "middleman": Message("middlemen"),
    "hotel_restaurant": Message("hotels and restaurants"),
    "online": Message("online buyers"),
}
_POINTS = (
    "Each kecamatan has its own list, by number of enterprises, market reach, sales and local raw "
    "material, which count alike until a panel of experts weighs them. The first five places of each "
    "list give 5 to 1 points."
)
_SHARED = "Products with = share a place."
_ORDER = (
    "Rank: weighted mean of four criteria, all alike. From–to: the ranks in 9 of 10 calculations in which "
    "scores and weights were varied. First in: in how many of them it is first. The other columns: the "
    "rank by other methods."
)


def overview_html(model: ProductsModel) -> str:
    """Return how many products villages named, and which lead the lists of most kecamatan."""
    material, language = model.material, model.language
    if material is None or model.evidence is None:
        return ""
    candidates = material.candidates
    counted = Message(
        "{villages} villages named {products} products they make or could make",
        {"villages": candidates["village_code"].nunique(), "products": candidates["product"].nunique()},
    ).text(language)
    body = f"<h2 class='pk-finding'>{escape(counted)}</h2>"
    if model.ranking is not None:
        villages = candidates["product"].value_counts()
        order = model.ranking.frame
        rows = [
            [
                place,
                escape(product_label(row.product, language)),
                amount(villages.get(row.product, 0), language),
                number_text(row.value, language, 0),
            ]
            for place, row in zip(places(order["rank"], language), order.itertuples(), strict=True)
        ]
        headings = [say(text, language) for text in ("Rank", "Product", "Villages", "Points")]
        body += f"<h3>{say('Products that lead the lists of most kecamatan', language)}</h3>"
        body += table(headings, rows[:SHOWN], numeric=(2, 3))
        body += f"<p class='pk-hint'>{say(_POINTS, language)} {say(_SHARED, language)}</p>"
    left = "".join(
        f"<li>{escape(step.what.text(language))}: {amount(step.n_rows, language)}</li>"
        for step in material.steps
    )
    if left:
        body += f"<h3>{say('Left out, or not used', language)}</h3><ul>{left}</ul>"
    return section("overview", body)


def village_html(model: ProductsModel) -> str:
    """Return a village's candidates, and where they stand in its kecamatan and how surely."""
    material, language, code = model.material, model.language, model.village_code
    if material is None or not code:
        return ""
    name, area = (
        material.names.get(code, code),
        material.names.get(code[:KECAMATAN_LENGTH], code[:KECAMATAN_LENGTH]),
    )
    mine = material.shown[material.shown["village_code"] == code]
    cards = "".join(_card(row, model.flagships, language) for row in mine.to_dict("records"))
    heading = f"<h2 class='pk-title'>{escape(name)} <small>{escape(area)}</small></h2>"
    n_few = int(material.few.loc[mine.index, list(ON_CARDS)].to_numpy().sum())
    body = f"{heading}<div class='pk-cards'>{cards}</div>{withheld_html(n_few, language)}"
    if model.flagships is not None:
        body += _order_html(model.flagships, area, {*mine["product"]}, language)
    return section("village", body)


def kecamatan_html(model: ProductsModel) -> str:
    """Return what the villages of a kecamatan named, and their order: no figure of the whole regency."""
    material, language, code = model.material, model.language, model.kecamatan_code
    if material is None or not code:
        return ""
    area = material.names.get(code, code)
    here = material.candidates[material.candidates["village_code"].str.startswith(code)]
    counted = Message(
        "{villages} villages of kecamatan {area} named {products} products they make or could make",
        {"villages": here["village_code"].nunique(), "area": area, "products": here["product"].nunique()},
    ).text(language)
    body = f"<h2 class='pk-finding'>{escape(counted)}</h2>"
    body += f"<p class='pk-hint'>{say('Choose a village to read about its own products.', language)}</p>"
    if model.flagships is not None:
        body += _order_html(model.flagships, area, set(), language)
    return section("kecamatan", body)


def _card(row: Mapping[str, Any], flagships: KecamatanFlagships | None, language: Language) -> str:
    """Return one candidate with its evidence, as far as it may be told."""
    facts = {
        "Unit of sale": _unit(row["unit_of_sale"], language),
        "Price of a unit": money(row["price_idr_unit"], language),
        "Cost of a unit": money(row["cost_idr_unit"], language),
        "Units a month at most": _capacity(row, language),
        "Months": months(row["season_months"], language),
        "Deliveries a month at most": amount(row["deliveries_month"], language),
        "Makers and sellers": amount(row["n_enterprises"], language),
        "Sold to": _listed(row["markets"], MARKETS, language),
        "Local raw material": _percent(row["local_material_pct"], language),
        "Certificates": _listed(row["certificates"], CERTIFICATES, language),
    }
    lines = "".join(
        f"<li><span class='pk-label'>{say(text, language)}</span><span class='pk-value'>{value}</span></li>"
        for text, value in facts.items()
    )
    said = ", ".join(FORMS[form].text(language) for form in row["sources"])
    return (
        f"<article class='pk-card'><h3>{escape(product_label(row['product'], language))}</h3>"
        f"{_place(row['product'], flagships, language)}<ul class='pk-effects'>{lines}</ul>"
        f"<small>{say('Told by', language)}: {escape(said)}</small></article>"
    )


def _place(product: str, flagships: KecamatanFlagships | None, language: Language) -> str:
    """Return where a product stands in its kecamatan and how surely; nothing where there is no order."""
    if flagships is None or flagships.intervals is None:
        return ""
    ranks = flagships.intervals.intervals
    if product in ranks.index:
        at = ranks.loc[product]
        place = dict(zip(ranks.index, places(ranks["rank"], language), strict=True))[product]
        said = Message(
            "Rank {rank} of {n} in the kecamatan; 9 of 10 calculations say {range}",
            {"rank": place, "n": len(ranks), "range": between(at["low"], at["high"], language)},
        )
    else:
        names = ", ".join(text.text(language) for text in IN_KECAMATAN.values())
        said = Message("Not ranked: some of this is not known ({names})", {"names": names})
    return paragraph(said.text(language), "pk-size")


def _listed(names: tuple[str, ...], labels: Mapping[str, Message], language: Language) -> str:
    shown = [labels[name].text(language) if name in labels else name for name in names]
    return escape(", ".join(shown)) or NONE


def _capacity(row: Mapping[str, Any], language: Language) -> str:
    """Return how much can be made; a sum over enterprises that leaves some out says so."""
    units, untold = amount(row["capacity_units_month"], language), row["n_untold_capacity"]
    if pd.isna(untold) or untold == 0:
        return units
    values = {"units": units, "n": int(untold)}
    return escape(Message("{units} or more (makers not counted: {n})", values).text(language))


def _unit(name: object, language: Language) -> str:
    return NONE if pd.isna(name) else _listed((str(name),), UNITS, language)


def _percent(value: float, language: Language) -> str:
    return NONE if pd.isna(value) else f"{amount(value, language)}%"


def _order_html(found: KecamatanFlagships, area: str, mine: set[str], language: Language) -> str:
    title = Message("The products of kecamatan {area}, in order", {"area": area}).text(language)
    heading = f"<h3 class='pk-above'>{escape(title)}</h3>"
    if found.comparison is None or found.intervals is None:
        return heading + f"<p>{say('Too few products are known here to put them in order.', language)}</p>"
    intervals = found.intervals.intervals
    ranks = found.comparison.ranks.reindex(intervals.index)
    others = [places(ranks[method], language) for method in _others(ranks)]
    rows = [
        [
            f"<b>{label}</b>" if product in mine else label,
            place,
            between(row["low"], row["high"], language),
            f"{number_text(percent(row['share_first']), language)}%",
            *by_others,
        ]
        for (product, row), place, *by_others in zip(
            intervals.iterrows(), places(intervals["rank"], language), *others, strict=True
        )
        for label in [escape(product_label(str(product), language))]
    ]
    headings = [
        *(say(text, language) for text in ("Product", "Rank", "From–to", "First in")),
        *(escape(METHODS[method].name.text(language)) for method in _others(ranks)),
    ]
    made = table(headings, rows, numeric=range(1, len(headings)))
    words = f"<p>{escape(found.intervals.in_words(language))}</p>"
    hint = f"<p class='pk-hint'>{say(_ORDER, language)} {say(_SHARED, language)}</p>"
    return f"{heading}<div class='pk-order'>{made}</div>{hint}{words}"


def _others(ranks: pd.DataFrame) -> list[str]:
    return [str(name) for name in ranks.columns if name != "bayes"]
