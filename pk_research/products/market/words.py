"""Shares, designs, prices and scales told to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.language import Bilingual, Language, Message, number_text, translate
from pk_research.products.experiments.attributes import Attribute
from pk_research.products.words import percent, told
from pk_research.writing import marked

if TYPE_CHECKING:
    from pk_research.products.market.best_design import BestDesign
    from pk_research.products.market.gabor_granger import GaborGranger
    from pk_research.products.market.maxdiff import MaxDiff
    from pk_research.products.market.newness import Newness
    from pk_research.products.market.simulator import MarketShares
    from pk_research.products.market.van_westendorp import VanWestendorp

NOBODY = Message("Nothing of these")
POINTS = {
    "lowest": Message("Lowest acceptable price"),
    "optimal": Message("Price with least resistance"),
    "indifference": Message("Price that is neither cheap nor expensive"),
    "highest": Message("Highest acceptable price"),
}
RANGES = {
    "original": Message(
        "The lowest price is where as many find it too cheap as not cheap, the highest where as many find"
        " it too expensive as not expensive (van Westendorp, 1976)."
    ),
    "narrower": Message(
        "The lowest price is where as many find it too cheap as expensive, the highest where as many find"
        " it too expensive as cheap: a narrower range than that of van Westendorp (1976)."
    ),
}


def product_name(name: str, language: Language) -> str:
    """Return what a product is called; choosing nothing has a name of its own."""
    return NOBODY.text(language) if name == "none" else name


def shares_table(found: MarketShares, language: Language) -> pd.DataFrame:
    """Return one row a product."""
    rows = found.shares
    table = {
        translate("Product", language): [product_name(str(name), language) for name in rows.index],
        translate("Share of choices (%)", language): (100 * rows["share"]).round(1).to_numpy(),
        translate("95% from", language): (100 * rows["low"]).round(1).to_numpy(),
        translate("95% to", language): (100 * rows["high"]).round(1).to_numpy(),
    }
    for name, heading in (
        ("units_month", Message("Units a month")),
        ("revenue_idr_month", Message("Revenue (Rp a month)")),
        ("profit_idr_month", Message("Profit (Rp a month)")),
    ):
        if rows[name].notna().any():
            table[heading.text(language)] = [
                "–" if pd.isna(value) else number_text(round(value), language) for value in rows[name]
            ]
            table[Message("{heading}, 95% interval", {"heading": heading}).text(language)] = [
                _interval(low, high, language)
                for low, high in zip(rows[f"{name}_low"], rows[f"{name}_high"], strict=True)
            ]
    return marked(pd.DataFrame(table), language, made=found.made)


def _interval(low: float, high: float, language: Language) -> str:
    if np.isnan(low):
        return "–"
    return f"{number_text(round(low), language)} … {number_text(round(high), language)}"


def shares_account(found: MarketShares, language: Language) -> str:
    """Tell the shares in a paragraph."""
    rows = found.shares.drop(index="none", errors="ignore").sort_values(
        "share", ascending=False, kind="stable"
    )
    best = rows.iloc[0]
    values = {
        "product": str(rows.index[0]), "share": percent(best["share"]),
        "low": percent(best["low"]), "high": percent(best["high"]),
    }  # fmt: skip
    sentences = [
        Message("Most often chosen: {product}, {share}% of choices (95% interval {low}% to {high}%).", values)
    ]
    place = {str(name): n for n, name in enumerate(found.shares.index)}
    ahead = found.drawn[:, [place[str(rows.index[0])]]]
    rivals = [
        str(name)
        for name in rows.index[1:]
        if np.mean(ahead[:, 0] > found.drawn[:, place[str(name)]]) < 0.975
    ]
    if rivals:
        sentences.append(Message("It cannot be told from: {names}.", {"names": ", ".join(rivals)}))
    if "none" in found.shares.index:
        sentences.append(
            Message(
                "{share}% would choose nothing of these.",
                {"share": percent(found.shares.loc["none", "share"])},
            )
        )
    sentences.append(
        Message(
            "These are shares among people who know and find every product; awareness and distribution"
            " come on top."
        )
    )
    return told(sentences, language, made=found.made)


def designs_table(found: BestDesign, language: Language, *, most: int) -> pd.DataFrame:
    """Return the best designs, one row each."""
    rows = found.designs.head(most)
    table: dict[str, object] = {
        one.text(language): [level_name(one, value, language) for value in rows[one.name]]
        for one in found.attributes
    }
    digits, times = (1, 100) if found.objective == "share" else (0, 1)
    heading = {
        "share": Message("Share of choices (%)"),
        "revenue": Message("Revenue (Rp for each choice)"),
        "profit": Message("Profit (Rp for each choice)"),
    }[found.objective]
    table[heading.text(language)] = (times * rows["value"]).round(digits).to_numpy()
    table[translate("95% from", language)] = (times * rows["low"]).round(digits).to_numpy()
    table[translate("95% to", language)] = (times * rows["high"]).round(digits).to_numpy()
    table[translate("Best in the draws (%)", language)] = [
        percent(share) for share in rows["probability_best"]
    ]
    return marked(pd.DataFrame(table), language, made=found.made)


def designs_account(found: BestDesign, language: Language) -> str:
    """Tell the best design in a paragraph."""
    best = ", ".join(
        f"{one.text(language)}: {level_name(one, found.best[one.name], language)}" for one in found.attributes
    )
    free = [one for one in found.attributes if (found.designs[one.name] != found.best[one.name]).any()]
    n_rivals = int(found.designs["may_be_best"].sum()) - 1
    sentences = [
        Message(
            "Of {n} designs beside {rivals} rivals this one does best: {best}.",
            {"n": len(found.designs), "rivals": found.n_rivals, "best": best},
        ),
        Message(
            "It is the best in {share}% of the draws.",
            {"share": percent(float(found.designs["probability_best"].iloc[0]))},
        ),
    ]
    value = float(found.designs["value"].iloc[0])
    if found.objective == "profit" and value < 0:
        lost = {"value": round(-value)}
        sentences.append(Message("Even the best of them loses money: Rp {value} for each choice.", lost))
    if n_rivals:
        same = [
            one.text(language)
            for one in free
            if len(set(found.designs.loc[found.designs["may_be_best"], one.name])) == 1
        ]
        sentences.append(Message("{n} others cannot be told from it at the 95% level.", {"n": n_rivals}))
        if same:
            sentences.append(Message("All of them agree on: {names}.", {"names": ", ".join(same)}))
    at_end = [
        one.text(language)
        for one in free
        if one.coding == "linear" and found.best[one.name] in (one.codes[0], one.codes[-1])
    ]
    if at_end:
        sentences.append(
            Message(
                "At the end of what was asked, so that the best may lie beyond: {names}.",
                {"names": ", ".join(at_end)},
            )
        )
    return told(sentences, language, made=found.made)


def newness_table(found: Newness, language: Language) -> pd.DataFrame:
    """Return one row an attribute."""
    rows = found.attributes
    attributes = [found.labels[str(name)] for name in rows.index]
    table = pd.DataFrame(
        {
            translate("Attribute", language): [one.text(language) for one in attributes],
            translate("Original", language): [
                level_name(one, value, language)
                for one, value in zip(attributes, rows["original"], strict=True)
            ],
            translate("New", language): [
                level_name(one, value, language) for one, value in zip(attributes, rows["new"], strict=True)
            ],
            translate("Distance (0 to 1)", language): rows["distance"].round(2).to_numpy(),
            translate("Importance to buyers (%)", language): (100 * rows["importance"]).round().to_numpy(),
            translate("Importance, 95% interval (%)", language): [
                _interval(100 * low, 100 * high, language)
                for low, high in zip(rows["importance_low"], rows["importance_high"], strict=True)
            ],
            translate("Gain in utility", language): rows["gain"].round(2).to_numpy(),
            translate("95% from", language): rows["low"].round(2).to_numpy(),
            translate("95% to", language): rows["high"].round(2).to_numpy(),
        }
    )
    return marked(table, language, made=found.made)


def newness_account(found: Newness, language: Language) -> str:
    """Tell the newness in a paragraph."""
    values = {
        "distance": percent(found.distance), "weighted": percent(found.weighted_distance),
        "share": percent(found.preferred), "low": percent(found.preferred_low),
        "high": percent(found.preferred_high),
        "weighted_low": percent(found.weighted_distance_low),
        "weighted_high": percent(found.weighted_distance_high),
    }  # fmt: skip
    sentences = [
        Message(
            "The new product differs from the original in {distance}% of what can differ, and in {weighted}%"
            " of what matters to buyers (95% interval {weighted_low}% to {weighted_high}%).",
            values,
        ),
        Message("Between the two, {share}% would take the new one (95% interval {low}% to {high}%).", values),
    ]
    if found.preferred_low > 0.5:
        sentences.append(Message("More than half would take the new one, at the 95% level."))
    elif found.preferred_high < 0.5:
        sentences.append(Message("More than half would take the original, at the 95% level."))
    else:
        sentences.append(Message("Which of the two buyers prefer cannot be told."))
    return told(sentences, language, made=found.made)


def points_table(found: VanWestendorp, language: Language) -> pd.DataFrame:
    """Return one row a point."""
    rows = found.points.round()
    table = pd.DataFrame(
        {
            translate("Point", language): [POINTS[str(name)].text(language) for name in rows.index],
            translate("Price (Rp)", language): rows["price_idr"].to_numpy(),
            translate("95% from", language): rows["low"].to_numpy(),
            translate("95% to", language): rows["high"].to_numpy(),
        }
    )
    return marked(table, language, made=found.made)


def points_account(found: VanWestendorp, language: Language) -> str:
    """Tell the range of prices in a paragraph."""
    at = found.points.round()
    values = {
        f"{name}{suffix}": at.loc[point, column]
        for name, point in (("low", "lowest"), ("high", "highest"), ("optimal", "optimal"))
        for suffix, column in (("", "price_idr"), ("_from", "low"), ("_to", "high"))
    }
    used = {"n": found.n_respondents, "out": found.n_out_of_order, "gaps": found.n_incomplete}
    sentences = [
        Message(
            "Prices from Rp {low} (95% interval {low_from} to {low_to}) to Rp {high} (95% interval"
            " {high_from} to {high_to}) are acceptable; resistance is least at Rp {optimal} (95% interval"
            " {optimal_from} to {optimal_to}).",
            values,
        ),
        RANGES[found.acceptable_range],
        Message(
            "{n} answers were used; {out} were left out because their prices fall from one question to the"
            " next, {gaps} because one is missing.",
            used,
        ),
        Message("This is what people find proper, not what they would buy."),
    ]
    return told(sentences, language, made=found.made)


def demand_table(found: GaborGranger, language: Language) -> pd.DataFrame:
    """Return one row a price."""
    rows = found.demand
    table = pd.DataFrame(
        {
            translate("Price (Rp)", language): rows.index,
            translate("Answers", language): rows["n"].to_numpy(),
            translate("Would buy (%)", language): (100 * rows["share"]).round(1).to_numpy(),
            translate("95% from", language): (100 * rows["low"]).round(1).to_numpy(),
            translate("95% to", language): (100 * rows["high"]).round(1).to_numpy(),
            translate("Revenue for each person asked (Rp)", language): rows["revenue_idr"].round().to_numpy(),
            translate("Revenue, 95% from (Rp)", language): rows["revenue_low"].round().to_numpy(),
            translate("Revenue, 95% to (Rp)", language): rows["revenue_high"].round().to_numpy(),
            translate("Best price in the draws (%)", language): [
                percent(share) for share in found.best_prices
            ],
        }
    )
    return marked(table, language, made=found.made)


def demand_account(found: GaborGranger, language: Language) -> str:
    """Tell the best price in a paragraph."""
    sure = float(found.best_prices[found.best_price_idr])
    values = {"price": found.best_price_idr, "sure": percent(sure), "n": found.n_respondents}
    sentences = [
        Message("Revenue is highest at Rp {price}, in {sure}% of the draws of the {n} people asked.", values)
    ]
    rivals = found.demand.index[found.demand["may_be_best"]].drop(found.best_price_idr)
    if len(rivals):
        named = " / ".join(Message("Rp {price}", {"price": price}).text(language) for price in rivals)
        sentences.append(Message("It may be as high at: {prices}.", {"prices": named}))
    if found.best_price_idr in (found.demand.index.min(), found.demand.index.max()):
        sentences.append(
            Message("That is the end of the prices that were asked: the best price may lie beyond.")
        )
    if found.n_contradicting:
        sentences.append(
            Message(
                "{n} people would buy at a price but not at a lower one; they are kept.",
                {"n": found.n_contradicting},
            )
        )
    if found.n_unanswered:
        sentences.append(Message("{n} rows without an answer were left out.", {"n": found.n_unanswered}))
    return told(sentences, language, made=found.made)


def items_table(found: MaxDiff, language: Language) -> pd.DataFrame:
    """Return one row an item."""
    rows = found.items
    table = pd.DataFrame(
        {
            translate("Item", language): [item_name(found, str(name), language) for name in rows.index],
            translate("Chosen as best", language): rows["n_best"].to_numpy(),
            translate("Chosen as worst", language): rows["n_worst"].to_numpy(),
            translate("Shown", language): rows["n_shown"].to_numpy(),
            translate("Share (%)", language): (100 * rows["share"]).round(1).to_numpy(),
            translate("95% from", language): (100 * rows["low"]).round(1).to_numpy(),
            translate("95% to", language): (100 * rows["high"]).round(1).to_numpy(),
        }
    )
    return marked(table, language, made=found.made)


def items_account(found: MaxDiff, language: Language) -> str:
    """Tell the scale in a paragraph."""
    rows = found.items
    first = rows.iloc[0]
    rivals = [
        item_name(found, str(name), language) for name in rows.index[1:] if rows.loc[name, "may_be_best"]
    ]
    values = {
        "item": item_name(found, str(rows.index[0]), language), "share": percent(first["share"]),
        "low": percent(first["low"]), "high": percent(first["high"]), "n": found.n_respondents,
        "sets": found.n_sets, "out": found.n_left_out,
    }  # fmt: skip
    sentences = [
        Message("Matters most: {item}, {share}% (95% interval {low}% to {high}%).", values),
        Message(
            "{n} people answered {sets} sets; {out} sets without both a best and a worst were left out.",
            values,
        ),
    ]
    if rivals:
        sentences.insert(1, Message("It cannot be told from: {names}.", {"names": ", ".join(rivals)}))
    return told(sentences, language, made=found.made)


def item_name(found: MaxDiff, item: str, language: Language) -> str:
    """Return what an item is called."""
    name: Bilingual | str = found.labels.get(item, item)
    return name if isinstance(name, str) else name.text(language)


def level_name(attribute: Attribute, value: object, language: Language) -> str:
    """Return what a level is called; a number between levels as it is."""
    by_code = {level.value: level for level in attribute.levels}
    return by_code[str(value)].text(language) if str(value) in by_code else str(value)
