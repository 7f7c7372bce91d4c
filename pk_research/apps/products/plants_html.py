"""Shared plants on screen: where they should stand, who can supply whom, who could sell together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape

import pandas as pd

from pk_research.apps.markup import say, section, sentence, table
from pk_research.apps.products.material import Material
from pk_research.apps.products.pieces import WITHOUT, amount, more, paragraph, withheld_html
from pk_research.apps.products.shared import Shared
from pk_research.apps.products.trouble import NO_PLACES
from pk_research.language import Language, Message, number_text
from pk_research.products.catalogue import product_label
from pk_research.products.plants import Plants
from pk_research.products.words import percent
from pk_research.register.village import KECAMATAN_LENGTH

WIDE, EDGE = 640, 20
MOST_NEEDS, MOST_SUPPLIERS, MOST_GROUPS = 30, 4, 20


def plants_html(shared: Shared, material: Material, language: Language) -> str:
    """Return plants on a map, or makers by kecamatan where places are not known, then supplies."""
    product = product_label(shared.product, language)
    silent = ""
    if shared.n_silent:
        text = Message(
            "Villages that make it and did not say how much, left out: {n}.", {"n": shared.n_silent}
        )
        silent = paragraph(text.text(language), "pk-hint")
    if shared.plants is None:
        first = f"<p class='pk-callout'>{sentence(NO_PLACES, language)}</p>" + _by_kecamatan(
            shared, product, material.names, language
        )
    else:
        first = _plants(shared.plants, product, material.places, language)
    return (
        section("plants", first + silent)
        + section("supply", _supply(shared, material, language))
        + section("groups", _groups(shared, material, language))
        + withheld_html(shared.n_withheld, language, WITHOUT)
    )


def _by_kecamatan(shared: Shared, product: str, names: Mapping[str, str], language: Language) -> str:
    title = Message("Where {product} is made", {"product": product}).text(language)
    rows = [
        [escape(names.get(str(code), str(code))), amount(row["n_villages"], language),
         amount(row["capacity_units_month"], language)]
        for code, row in shared.by_kecamatan.iterrows()
    ]  # fmt: skip
    headings = [
        say(text, language)
        for text in ("Kecamatan", "Villages whose amount is known", "Units a month at most")
    ]
    return f"<h3 class='pk-finding'>{escape(title)}</h3>{table(headings, rows, numeric=(1, 2))}"


def _plants(plants: Plants, product: str, places: pd.DataFrame, language: Language) -> str:
    title = Message(
        "{n} plants for {product}: a unit travels {km} km on average",
        {"n": len(plants.sites), "product": product, "km": round(plants.mean_km, 1)},
    ).text(language)
    rows = [
        [f"<b class='pk-site'>{number}</b> {escape(plants.name(str(code), language))}",
         amount(row["n_villages"], language), amount(row["units_month"], language),
         number_text(row["furthest_km"], language, 1)]
        for number, (code, row) in enumerate(plants.by_plant.iterrows(), start=1)
    ]  # fmt: skip
    headings = [say(text, language) for text in ("Plant in", "Villages", "Units a month", "Furthest (km)")]
    proof = (
        Message("No other choice of places makes the way shorter; that is proven.")
        if plants.is_optimal
        else Message("Another choice may be better, by at most {share}%.", {"share": percent(plants.gap, 1)})
    )
    return (
        f"<h3 class='pk-finding'>{escape(title)}</h3>{map_svg(plants, places, language)}"
        f"{table(headings, rows, numeric=(1, 2, 3))}{paragraph(proof.text(language))}"
        f"<p class='pk-hint'>{say('Distances are straight lines; roads are longer.', language)}</p>"
    )


def map_svg(plants: Plants, places: pd.DataFrame, language: Language) -> str:
    """Draw villages tied to their plants, plants as numbered squares; ``places`` as in `Material`."""
    x, y, high = _on_paper(places)
    lines = "".join(
        f"<line x1='{x[row.village_code]:.0f}' y1='{y[row.village_code]:.0f}' "
        f"x2='{x[row.plant_code]:.0f}' y2='{y[row.plant_code]:.0f}'/>"
        for row in plants.villages.itertuples()
    )
    makers = set(plants.villages["village_code"])
    dots = "".join(
        f"<circle class='{'pk-maker' if code in makers else 'pk-other'}' "
        f"cx='{x[code]:.0f}' cy='{y[code]:.0f}' "
        f"r='{5 if code in makers else 2}'><title>{escape(plants.name(code, language))}</title></circle>"
        for code in places.index
    )
    squares = "".join(
        f"<g transform='translate({x[code]:.0f} {y[code]:.0f})'>"
        f"<title>{escape(plants.name(code, language))}</title>"
        f"<rect x='-13' y='-13' width='26' height='26' rx='3'/><text y='7'>{number}</text></g>"
        for number, code in enumerate(plants.sites, start=1)
    )
    label = say("Map of the plants and of the villages they serve", language)
    return (
        f"<svg class='pk-plants' viewBox='0 0 {WIDE} {high:.0f}' role='img' aria-label='{label}'>"
        f"{lines}{dots}{squares}</svg>"
    )


def _on_paper(places: pd.DataFrame) -> tuple[dict[str, float], dict[str, float], float]:
    """Place longitude and latitude on the paper, alike in both directions; return its height too."""
    east = places["longitude"] * math.cos(math.radians(float(places["latitude"].mean())))
    north = places["latitude"]
    width = float(east.max() - east.min()) or 1.0
    scale = (WIDE - 2 * EDGE) / width
    x = EDGE + (east - east.min()) * scale
    y = EDGE + (north.max() - north) * scale
    return x.to_dict(), y.to_dict(), float(y.max()) + EDGE


def _supply(shared: Shared, material: Material, language: Language) -> str:
    supply = shared.supply
    title = f"<h2>{say('Who can supply whom', language)}</h2>"
    near = (
        Message("within {km} km", {"km": supply.max_km})
        if material.is_mapped
        else Message("in the same kecamatan")
    )
    counts = Message(
        "Of {n} needs for raw material, {home} are met in the village itself, {links} can be met by a "
        "village {near}, and {unmet} by none of them",
        {"n": _n_needs(shared), "home": len(supply.at_home), "links": _n_met(shared), "near": near,
         "unmet": len(supply.unmet)},
    )  # fmt: skip
    unknown = Message(
        "Of {n} candidates the raw material is not known; nothing can be said of them",
        {"n": len(supply.unknown)},
    )
    needs = list(supply.links.groupby(["to_village", "what", "product"], sort=True))
    rows = [_need(key, suppliers, material, language) for key, suppliers in needs[:MOST_NEEDS]]
    order = "Suppliers, nearest first" if material.is_mapped else "Suppliers in the same kecamatan, by code"
    headings = [say(text, language) for text in ("Needs it", "What", order)]
    made = table(headings, rows) + _rest(len(needs) - MOST_NEEDS, language) if rows else ""
    doubt = f"<p class='pk-hint'>{sentence(unknown, language)}</p>"
    return f"{title}<p>{sentence(counts, language)}</p>{made}{doubt}"


def _need(
    key: tuple[str, str, str], suppliers: pd.DataFrame, material: Material, language: Language
) -> list[str]:
    """Return one need: who has it, of what for what, and who can meet it, the nearest first where known."""
    village, what, product = key
    order = ["distance_km", "from_village"] if material.is_mapped else ["from_village"]
    who = suppliers.sort_values(order)["from_village"].tolist()
    names = ", ".join(material.names.get(code, code) for code in who[:MOST_SUPPLIERS])
    further = len(who) - MOST_SUPPLIERS
    if further > 0:
        names = Message("{names} and {n} more", {"names": names, "n": further}).text(language)
    use = f"{say('for', language)} {escape(product_label(product, language))}"
    return [
        _village(village, material),
        f"{escape(product_label(what, language))}<small>{use}</small>",
        escape(names),
    ]


def _rest(n: int, language: Language) -> str:
    """Say how many are not listed; nothing when all are."""
    if n <= 0:
        return ""
    return paragraph(Message("{n} more are not listed here.", {"n": n}).text(language), "pk-hint")


def _n_met(shared: Shared) -> int:
    return len(shared.supply.links[["to_village", "kind", "what", "product"]].drop_duplicates())


def _n_needs(shared: Shared) -> int:
    return len(shared.supply.at_home) + len(shared.supply.unmet) + _n_met(shared)


def _groups(shared: Shared, material: Material, language: Language) -> str:
    groups = shared.groups
    here = groups.groups[groups.groups["product"] == shared.product]
    title = Message(
        "Who could sell {product} together", {"product": product_label(shared.product, language)}
    ).text(language)
    heading = f"<h3>{escape(title)}</h3>"
    if here.empty:
        none = "No villages near each other make it."
        if not material.is_mapped:
            none = "No two villages of one kecamatan make it."
        return f"{heading}<p>{say(none, language)}</p>"
    parts = []
    for number, row in here.head(MOST_GROUPS).iterrows():
        members = groups.villages.loc[groups.villages["group"] == number, "village_code"]
        names = escape(", ".join(material.names.get(code, code) for code in members))
        first = members.iloc[0]
        values = {
            "n": len(members),
            "village": material.names.get(first, first),
            "area": material.names.get(first[:KECAMATAN_LENGTH], first[:KECAMATAN_LENGTH]),
            "units": amount(row["capacity_units_month"], language),
        }
        summary = (
            Message("{n} villages around {village}: {units} units a month", values)
            if material.is_mapped
            else Message("{n} villages of Kecamatan {area}: {units} units a month", values)
        ).text(language)
        if without := int(row["n_without_capacity"]):
            told = Message("besides that of {n} villages, which is not known or not shown", {"n": without})
            summary = f"{summary}, {told.text(language)}"
        parts.append(more(escape(summary), f"<p>{names}</p>"))
    return heading + "".join(parts) + _rest(len(here) - MOST_GROUPS, language)


def _village(code: str, material: Material) -> str:
    area = material.names.get(code[:KECAMATAN_LENGTH], "")
    return f"{escape(material.names.get(code, code))}<small>{escape(area)}</small>"
