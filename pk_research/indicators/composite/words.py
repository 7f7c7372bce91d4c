"""A composite index told to people: tables with readable headings, and an account with its doubts."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.indicators.composite.naming import NOTE
from pk_research.language import Bilingual, Language, Message, translate
from pk_research.writing import MADE, marked

if TYPE_CHECKING:
    from pk_research.indicators.composite.index import CompositeIndex

NAMED = 3
DECIMALS = 2

CHOSEN: dict[str, Message] = {
    "min-max": Message("the distance from the worst village to the best"),
    "z": Message("standard deviations from the mean"),
    "rank": Message("rank"),
    "goalposts": Message("the distance between declared goalposts"),
    "distance to target": Message("the distance to a declared target"),
    "distance to reference": Message("the distance to a village of reference"),
    "ratio to best": Message("the ratio to the best village"),
    "declared": Message("declared weights"),
    "equal": Message("equal weights"),
    "pca": Message("weights from the first principal component"),
    "entropy": Message("weights by entropy"),
    "critic": Message("weights by CRITIC"),
    "arithmetic": Message("arithmetic mean"),
    "geometric": Message("geometric mean"),
    "harmonic": Message("harmonic mean"),
    "mazziotta-pareto": Message("Mazziotta-Pareto mean, which lowers unbalanced scores"),
    "benefit of the doubt": Message("benefit of the doubt: each village weighed as suits it best"),
    "none": Message("none"),
    "mean": Message("mean of the indicator"),
    "median": Message("median of the indicator"),
    "group mean": Message("mean of the group"),
    "group median": Message("median of the group"),
    "iterative": Message("regression"),
    "multiple": Message("several draws of a regression"),
    "winsorise": Message("winsorising"),
    "winsorise or log": Message("winsorising, or else the logarithm"),
    "winsorise or box-cox": Message("winsorising, or else Box-Cox"),
}


def listed(parts: list[Bilingual]) -> Bilingual:
    """Return one or more parts with commas between them."""
    return reduce(lambda a, b: Message("{first}, {last}", {"first": a, "last": b}), parts)


def index_table(index: CompositeIndex, language: Language) -> pd.DataFrame:
    """Return one row a unit, best first: rank, key, place, the index and what it is directly made of."""
    names = [index.declaration.root, *direct_parts(index)]
    table = places(index.units, index, language)
    table.insert(0, translate("Rank", language), index.rank.to_numpy())
    for name in names:
        row = index.declaration.table.index.get_loc(name)
        table[heading(name, index, language)] = index.elements[row].round(DECIMALS)
    order = np.lexsort((np.arange(len(table)), index.rank.fillna(len(table) + 1).to_numpy(dtype=int)))
    return marked(table.iloc[order].reset_index(drop=True), language, made=index.made)


def direct_parts(index: CompositeIndex) -> list[str]:
    """Return the elements that add up to the index itself, in the declared order."""
    parents = index.declaration.table["parent"]
    return list(parents.index[parents == index.declaration.root])


def heading(name: str, index: CompositeIndex, language: Language) -> str:
    """Return the label of an element; with its name added where two elements share a label."""
    labels = index.declaration.table[f"label_{language}"]
    label = str(labels[name])
    return label if (labels == label).sum() == 1 else f"{label} ({name})"


def places(frame: pd.DataFrame, index: CompositeIndex, language: Language) -> pd.DataFrame:
    """Return key and place names with readable headings, and the notes on codes where there are any."""
    book = index.inputs.codebook
    table = frame[list(book.names)].rename(columns={item.name: item.label(language) for item in book})
    notes = frame.get(NOTE)
    if notes is None or notes.isna().all():
        return table
    told = ["" if note is None else note.text(language) for note in notes]
    return table.assign(**{translate("Note on the code", language): told})


def weights_table(index: CompositeIndex, language: Language) -> pd.DataFrame:
    """Return one row an element, from the index down: what it adds up to, weights, reason."""
    declared, weights = index.declaration.table, index.weights
    sign = {1.0: translate("more is better", language), -1.0: translate("less is better", language)}
    table = pd.DataFrame(
        {
            translate("Element", language): [heading(name, index, language) for name in declared.index],
            translate("Part of", language): [
                heading(parent, index, language) if parent else "" for parent in declared["parent"]
            ],
            translate("Direction", language): declared["direction"].map(sign).to_numpy(),
            translate("Weight within its group (%)", language): (100 * weights["weight"]).round(1).to_numpy(),
            translate("Share of the index (%)", language): (100 * weights["share"]).round(1).to_numpy(),
            translate("Why", language): declared[f"reason_{language}"].to_numpy(),
        }
    )
    return marked(table.iloc[::-1].reset_index(drop=True), language, made=index.made)


def left_out_table(index: CompositeIndex, language: Language) -> pd.DataFrame:
    """Return one row a record that was left out, with the reason."""
    table = places(index.left_out, index, language)
    table[translate("Reason", language)] = [reason.text(language) for reason in index.left_out["reason"]]
    return marked(table, language, made=index.made)


def steps_table(index: CompositeIndex, language: Language) -> pd.DataFrame:
    """Return what was done, in order: the sentence, how many, which indicators."""
    known = set(index.declaration.table.index)
    rows = [
        (
            step.what.text(language),
            step.n_rows,
            ", ".join(heading(name, index, language) if name in known else name for name in step.columns),
        )
        for step in index.steps
    ]
    headings = [translate(text, language) for text in STEP_HEADINGS]
    return marked(pd.DataFrame(rows, columns=headings), language, made=index.made)


STEP_HEADINGS = ("What was done", "How many", "Where")


def account(index: CompositeIndex, language: Language) -> str:
    """Tell what was ranked and how, who stands first and last, and how far to trust it."""
    paragraphs = [_opening(index), _method(index), _ends(index), _doubts(index)]
    return "\n".join(" ".join(sentence(part, language) for part in parts) for parts in paragraphs if parts)


def sentence(part: Message, language: Language) -> str:
    """Return a message as a sentence of its own."""
    text = part.text(language)
    return text[0].upper() + text[1:] + "."


def _opening(index: CompositeIndex) -> list[Message]:
    values = {
        "n": int(index.rank.notna().sum()),
        "index": index.declaration.label(index.declaration.root),
        "m": len(index.declaration.indicators),
        "parts": listed([index.declaration.label(name) for name in direct_parts(index)]),
        "year": str(index.inputs.year),
    }
    parts = [Message(MADE)] if index.made else []
    if index.inputs.year is None:
        parts.append(Message("{n} villages were ranked by: {index}, made of {m} indicators", values))
    else:
        parts.append(
            Message("{n} villages were ranked by: {index}, made of {m} indicators of {year}", values)
        )
    parts.append(Message("It has these parts: {parts}", values))
    if len(index.left_out):
        parts.append(
            Message(
                "Records left out of the ranking, listed with the reason: {n}", {"n": len(index.left_out)}
            )
        )
    return parts


def _method(index: CompositeIndex) -> list[Message]:
    options = index.options
    choices = {
        "normalisation": CHOSEN[options.normalisation],
        "weighting": CHOSEN[options.weighting],
        "aggregation": CHOSEN[options.aggregation],
    }
    done = [
        Message("{what}: {n}", {"what": step.what, "n": step.n_rows}) if step.n_rows else step.what
        for step in index.steps
    ]
    return [
        Message("Indicators were made comparable by {normalisation}", choices),
        Message("They were brought together by {aggregation}, with {weighting}", choices),
        *done,
    ]


def _ends(index: CompositeIndex) -> list[Message]:
    order = index.rank.dropna().argsort(kind="stable")
    ranked = np.flatnonzero(index.rank.notna())[order]
    parts = [Message("Highest: {names}", {"names": _names(index, ranked[:NAMED])})] if len(ranked) else []
    if len(ranked) >= 2 * NAMED:
        parts.append(Message("Lowest: {names}", {"names": _names(index, ranked[::-1][:NAMED])}))
    return parts


def _names(index: CompositeIndex, rows: np.ndarray) -> str:
    return ", ".join(unit_name(index, int(row)) for row in rows)


def unit_name(index: CompositeIndex, row: int) -> str:
    """Return the name of a unit with its kecamatan, or its code where it has none."""
    unit = index.units.iloc[row]
    name, kecamatan = unit.get("village"), unit.get("kecamatan")
    if name is None or pd.isna(name):
        return str(unit.iloc[0])
    return str(name) if kecamatan is None or pd.isna(kecamatan) else f"{name} ({kecamatan})"


def _doubts(index: CompositeIndex) -> list[Message]:
    scores = index.score.dropna().sort_values(ascending=False).to_numpy()
    parts = []
    if len(scores) > 3:
        middle = float(np.median(-np.diff(scores)))
        values = {"gap": round(middle, 3), "spread": round(float(scores[0] - scores[-1]), 1)}
        parts.append(
            Message(
                "Neighbours in the ranking typically differ by {gap} of {spread} points: read groups of"
                " ranks, not single places",
                values,
            )
        )
    parts.append(
        Message(
            "Another normalisation, other weights or measurement error would move ranks; rank intervals"
            " say how far"
        )
    )
    return parts
