"""What a village could build on: its products in order, and who might buy them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.language import Language, Message, number_text, translate
from pk_research.products.catalogue import product_label
from pk_research.publish.reports.around import heads
from pk_research.publish.reports.blocks import Block, Heading, Paragraph, Table
from pk_research.publish.reports.facts import Facts
from pk_research.register.village import KECAMATAN_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_PRODUCTS, MOST_SALES = 5, 3


def products(facts: Facts, code: str, language: Language) -> Iterator[Block]:
    """Tell a village's products in the order of its kecamatan, each with its interval, and its buyers."""
    yield Heading(translate("Which flagship products come in question?", language))
    candidates = facts.material.candidates
    own = candidates[candidates["village_code"] == code] if len(candidates) else candidates
    if own.empty:
        yield Paragraph(
            translate(
                "No product of this village is known: nobody has named one."
                " That does not mean there is none.",
                language,
            )
        )
        return
    area = code[:KECAMATAN_LENGTH]
    ranks = facts.flagships.get(area)
    table = None if ranks is None else ranks.intervals
    place = {} if table is None else table["rank"].to_dict()
    ordered = sorted(
        own.to_dict("records"), key=lambda row: (place.get(row["product"], np.inf), row["product"])
    )
    here = candidates[candidates["village_code"].str.startswith(area)]
    rows = []
    for row in ordered[:MOST_PRODUCTS]:
        product = row["product"]
        rows.append((
            product_label(product, language),
            *_place(table, product, language),
            _number(row["capacity_units_month"], language),
            _number(row["sales_idr_month"], language, 1e6),
            number_text(float((here["product"] == product).sum() - 1), language, 0),
        ))  # fmt: skip
    named = ("Product", "Rank in the kecamatan (interval)", "First in % of drawings",
             "Capacity (units a month)",
             "Sales (million Rp a month)", "Other villages of the kecamatan that make it")  # fmt: skip
    caption = Message(
        "Table 4. {shown} of {n} products named here, by enterprises, reach of the market, contribution and"
        " local material, all counted alike",
        {"shown": len(rows), "n": len(own)},
    )
    header = heads(named, language)
    yield Table(caption.text(language), header, tuple(rows), (2, 1.3, 1.1, 1.2, 1.2, 1.4))
    yield Paragraph(
        translate(
            "Intervals that overlap do not tell two products apart. Sales are lower bounds where not all"
            " sellers told them. Other makers nearby could share a plant, or compete.",
            language,
        ),
        "note",
    )
    yield Paragraph(_buyers(facts, code, language))


def _place(table: pd.DataFrame | None, product: str, language: Language) -> tuple[str, str]:
    if table is None or product not in table.index:
        return "–", "–"
    row = table.loc[product]
    rank, low, high = (number_text(float(row[name]), language, 0) for name in ("rank", "low", "high"))
    return f"{rank} ({low}–{high})", number_text(100 * float(row["share_first"]), language, 0)


def _buyers(facts: Facts, code: str, language: Language) -> str:
    if facts.matching is None:
        return translate(
            "Possible buyers are not known: no hotel or restaurant has told its needs.", language
        )
    flows = facts.matching.flows
    own = (
        flows[flows["village_code"] == code]
        .groupby(["product", "buyer_code"], as_index=False)["units_month"]
        .max()
    )
    if own.empty:
        return translate(
            "Among the hotels and restaurants asked, none was matched with this village.", language
        )
    largest = own.sort_values(["units_month", "product", "buyer_code"], ascending=[False, True, True]).head(
        MOST_SALES
    )
    sales = "; ".join(
        f"{product_label(row.product, language)} → {row.buyer_code}" for row in largest.itertuples()
    )
    text = Message(
        "Possible buyers, product → buyer: {sales}. What one buyer needs is not told."
        " Distance is not counted: where buyers lie is not known here.",
        {"sales": sales},
    )
    return text.text(language)


def _number(value: object, language: Language, unit: float = 1.0) -> str:
    return "–" if pd.isna(value) else number_text(float(value) / unit, language, 0 if unit == 1 else 1)  # type: ignore[arg-type]
