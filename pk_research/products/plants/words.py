"""Plants told to people."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.language import Language, Message, translate
from pk_research.products.words import percent, told
from pk_research.writing import marked

if TYPE_CHECKING:
    from pk_research.products.plants.result import Plants


def plants_table(plants: Plants, language: Language) -> pd.DataFrame:
    """Return one row a plant."""
    rows = plants.by_plant
    table = pd.DataFrame(
        {
            translate("Plant in", language): [plants.name(code, language) for code in rows.index],
            translate("Villages", language): rows["n_villages"].fillna(0).astype(int).to_numpy(),
            translate("Units a month", language): rows["units_month"].fillna(0).round().to_numpy(),
            translate("Mean distance of a unit (km)", language): rows["mean_km"].round(1).to_numpy(),
            translate("Furthest village (km)", language): rows["furthest_km"].round(1).to_numpy(),
        }
    )
    return marked(table, language, made=plants.made)


def account(plants: Plants, language: Language) -> str:
    """Tell the whole in a paragraph."""
    parts = [_where(plants, language), _what(plants), _proof(plants)]
    beyond = plants.villages[~plants.villages["is_served"]]
    if len(beyond):
        parts.append(
            Message(
                "Further than {km} km from any plant, and not served: {names} ({n}).",
                {
                    "n": len(beyond),
                    "km": plants.radius_km,
                    "names": ", ".join(plants.name(code, language) for code in beyond["village_code"]),
                },
            )
        )
    codes = plants.villages["village_code"]
    divided = codes[codes.duplicated()].nunique()
    if divided:
        parts.append(Message("Villages shared between plants: {n}.", {"n": divided}))
    return told(parts, language, made=plants.made)


def _where(plants: Plants, language: Language) -> Message:
    return Message(
        "{n} plants, in {names}.",
        {"n": len(plants.sites), "names": ", ".join(plants.name(code, language) for code in plants.sites)},
    )


def _what(plants: Plants) -> Message:
    furthest = plants.villages.loc[plants.villages["is_served"], "distance_km"].max()
    if plants.kind == "coverage":
        total = float(plants.villages["units_month"].sum())
        return Message(
            "{share}% of what is brought ({units} of {total} units a month) comes from within {km} km.",
            {
                "share": percent(plants.objective / total) if total else 0,
                "units": round(plants.objective),
                "total": round(total),
                "km": plants.radius_km,
            },
        )
    ways = {"mean": round(plants.mean_km, 1), "furthest": round(float(furthest), 1)}
    if plants.kind == "capacitated":
        return Message(
            "Building and hauling cost Rp {cost} a month; a unit travels {mean} km on average, the furthest"
            " village {furthest} km.",
            {**ways, "cost": round(plants.objective)},
        )
    return Message(
        "A unit travels {mean} km to its plant on average; the furthest village has {furthest} km.", ways
    )


def _proof(plants: Plants) -> Message:
    if plants.is_optimal:
        return Message("It is proven that no other choice of sites does better.")
    if math.isinf(plants.gap):
        return Message("A better choice may exist; by how much is not known.")
    return Message(
        "A better choice may exist, by at most {gap}%: that is how far the proof goes.",
        {"gap": float(f"{100 * plants.gap:.2g}")},
    )
