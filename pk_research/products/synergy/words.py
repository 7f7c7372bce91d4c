"""Links and groups told to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pk_research.language import Language, Message, translate
from pk_research.products.naming import column_of, name_of
from pk_research.products.words import told
from pk_research.writing import marked

if TYPE_CHECKING:
    from pk_research.products.synergy.groups import MarketingGroups
    from pk_research.products.synergy.supply import Supply


def links_table(supply: Supply, language: Language) -> pd.DataFrame:
    """Return one row a link."""
    rows = supply.links
    table = pd.DataFrame(
        {
            translate("From", language): column_of(rows["from_village"], supply.names, language),
            translate("What", language): column_of(rows["what"], supply.product_names, language),
            translate("To", language): column_of(rows["to_village"], supply.names, language),
            translate("For", language): column_of(rows["product"], supply.product_names, language),
            translate("Distance (km)", language): rows["distance_km"].round(1).to_numpy(),
        }
    )
    return marked(table, language, made=supply.made)


def unmet_table(supply: Supply, language: Language) -> pd.DataFrame:
    """Return one row a need that is not met."""
    rows = supply.unmet
    table = pd.DataFrame(
        {
            translate("Village", language): column_of(rows["village_code"], supply.names, language),
            translate("Lacks", language): column_of(rows["what"], supply.product_names, language),
            translate("For", language): column_of(rows["product"], supply.product_names, language),
            translate("Nearest that has it", language): column_of(
                rows["nearest_village"], supply.names, language
            ),
            translate("Distance (km)", language): rows["nearest_km"].round(1).to_numpy(),
        }
    )
    return marked(table, language, made=supply.made)


def supply_account(supply: Supply, language: Language) -> str:
    """Tell the supply in a paragraph."""
    met = supply.links.drop_duplicates(["to_village", "kind", "what", "product"])
    nowhere = int(supply.unmet["nearest_village"].isna().sum())
    parts = [
        Message(
            "Of {n} needs for raw material or work on the product, {home} are met in the village itself,"
            " {near} by a village within {km} km, {far} only from further away, and {nowhere} nowhere among"
            " these villages.",
            {
                "n": len(supply.at_home) + len(met) + len(supply.unmet),
                "home": len(supply.at_home),
                "near": len(met),
                "km": supply.max_km,
                "far": len(supply.unmet) - nowhere,
                "nowhere": nowhere,
            },
        )
    ]
    links = supply.by_village
    if len(links) and links["n_supplies"].max():
        best = str(links["n_supplies"].idxmax())
        parts.append(
            Message(
                "{village} can supply most other villages: {n}.",
                {"village": name_of(best, supply.names, language), "n": int(links.loc[best, "n_supplies"])},
            )
        )
    if len(supply.unknown):
        parts.append(
            Message(
                "Of {n} candidates the raw material is not known, so nothing is said of their needs.",
                {"n": len(supply.unknown)},
            )
        )
    parts += _left_out(supply)
    return told(parts, language, made=supply.made)


def _left_out(supply: Supply) -> list[Message]:
    repeated, elsewhere, unanswered = (
        {"n": n} for n in (supply.n_stages_repeated, supply.n_stages_elsewhere, supply.n_stages_unanswered)
    )
    sentences = [
        (repeated, Message("Stage answers given more than once, counted once: {n} rows left out.", repeated)),
        (
            elsewhere,
            Message(
                "Stage answers of villages and products that are not candidates, not used: {n}.", elsewhere
            ),
        ),
        (
            unanswered,
            Message("Stage questions without an answer, of which nothing is said: {n}.", unanswered),
        ),
    ]
    return [sentence for count, sentence in sentences if count["n"]]


def groups_table(found: MarketingGroups, language: Language) -> pd.DataFrame:
    """Return one row a group."""
    rows = found.groups
    members = found.villages.groupby("group")["village_code"].agg(list)
    table = pd.DataFrame(
        {
            translate("Group", language): rows.index,
            translate("Product", language): column_of(rows["product"], found.product_names, language),
            translate("Villages", language): [
                ", ".join(name_of(code, found.names, language) for code in members[group])
                for group in rows.index
            ],
            translate("Units a month together", language): rows["capacity_units_month"].to_numpy(),
            translate("Capacity not known", language): rows["n_without_capacity"].to_numpy(),
            translate("Months with supply", language): [len(months) or "–" for months in rows["months"]],
            translate("Widest (km)", language): rows["widest_km"].astype(float).round(1).to_numpy(),
        }
    )
    return marked(table, language, made=found.made)


def groups_account(found: MarketingGroups, language: Language) -> str:
    """Tell the groups in a paragraph."""
    values = {
        "n": len(found.groups),
        "villages": len(found.villages),
        "km": found.max_km,
        "alone": len(found.alone),
    }
    parts = [
        Message(
            "{n} groups could sell together: {villages} candidates whose villages lie within {km} km of each"
            " other; {alone} have no partner that near.",
            values,
        )
    ]
    if len(found.groups):
        largest = found.groups.loc[found.groups["n_villages"].idxmax()]
        parts.append(
            Message(
                "The largest makes {product}, in {n} villages.",
                {
                    "product": name_of(str(largest["product"]), found.product_names, language),
                    "n": int(largest["n_villages"]),
                },
            )
        )
    n_unknown = int(found.groups["n_without_capacity"].sum())
    if n_unknown:
        parts.append(
            Message("The capacity of {n} of them is not known and not in the sums.", {"n": n_unknown})
        )
    return told(parts, language, made=found.made)
