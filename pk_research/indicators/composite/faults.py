"""Everything that can be wrong with the table of an index, found in one pass."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from pk_research.errors import Problem
from pk_research.indicators.composite.tree import heights, in_circles


def faults_of(table: pd.DataFrame, where: str) -> list[Problem]:
    """Return every fault of a table whose columns are all there and typed."""
    if table.empty:
        return [Problem(where, "it has no rows", "Declare indicators and the index they add up to.")]
    problems = [*_in_names(table, where), *_in_numbers(table, where), *_in_weights(table, where)]
    structure = [*_in_parents(table, where)]
    return [*problems, *structure, *([] if structure else _in_levels(table, where))]


def points_of(text: str) -> dict[str, float]:
    """Read what categories count for.

    Examples
    --------
    >>> points_of("Baik=2; Rusak ringan=1; Rusak berat=0")
    {'Baik': 2.0, 'Rusak ringan': 1.0, 'Rusak berat': 0.0}
    """
    pairs = [part.rpartition("=") for part in text.split(";") if part.strip()]
    return {category.strip(): float(points) for category, _, points in pairs}


def _in_names(table: pd.DataFrame, where: str) -> Iterator[Problem]:
    names = table["indicator"]
    for n in np.flatnonzero(names == ""):
        yield Problem(f"{where}, row {n + 1}", "the indicator has no name", "Give each row a name.")
    for name in sorted(set(names[names.duplicated() & (names != "")])):
        yield Problem(where, f"{name!r} is declared twice", "Keep one row for each element.")


def _in_numbers(table: pd.DataFrame, where: str) -> Iterator[Problem]:
    for row in table.to_dict("records"):
        at = f"{where}, {row['indicator']!r}"
        if row["direction"] not in {1, -1}:
            yield Problem(
                at, f"the direction is {row['direction']:g}", "Write 1 (more is better) or -1 (less is)."
            )
        if not (np.isfinite(row["weight"]) and row["weight"] >= 0):
            yield Problem(at, f"the weight is {row['weight']:g}", "Write 0 or a positive number.")
        if not np.isnan(row["low"]) and not np.isnan(row["high"]) and row["low"] >= row["high"]:
            yield Problem(
                at,
                f"the lower goalpost {row['low']:g} is not below the upper one {row['high']:g}",
                "Write the lower value in `low`; `direction` says which end is better.",
            )
        for name in ("se", "relative_se"):
            if row[name] < 0 or np.isinf(row[name]):
                yield Problem(at, f"{name} is {row[name]:g}", "Write 0 or a positive number.")
        try:
            points_of(row["points"])
        except ValueError:
            yield Problem(at, f"points are {row['points']!r}", "Write them as Baik=2; Sedang=1; Rusak=0.")
        if not np.isnan(row["se"]) and not np.isnan(row["relative_se"]):
            yield Problem(at, "se and relative_se are both given", "Give one of them.")


def _in_weights(table: pd.DataFrame, where: str) -> Iterator[Problem]:
    usable = table[np.isfinite(table["weight"]) & (table["parent"] != "")]
    totals = usable.groupby("parent", sort=True)["weight"].sum()
    for parent in totals.index[totals == 0]:
        yield Problem(
            f"{where}, {parent!r}",
            "all that adds up to it weighs nothing",
            "Give at least one a positive weight.",
        )


def _in_parents(table: pd.DataFrame, where: str) -> Iterator[Problem]:
    names = set(table["indicator"])
    for row in table.to_dict("records"):
        if row["parent"] and row["parent"] not in names:
            yield Problem(
                f"{where}, {row['indicator']!r}",
                f"its parent {row['parent']!r} is not declared",
                "Add a row for it, or correct the name.",
            )
    circle = in_circles(dict(zip(table["indicator"], table["parent"], strict=True)))
    if circle:
        yield Problem(
            where,
            f"these lead up in a circle: {', '.join(sorted(circle))}",
            "Every element must lead up to the index.",
        )
    tops = [row["indicator"] for row in table.to_dict("records") if not row["parent"]]
    if len(tops) != 1 and not circle:
        yield Problem(
            where,
            f"{len(tops)} elements have no parent: {', '.join(tops)}"
            if tops
            else "every element has a parent",
            "Exactly one, the index itself, has none.",
        )
    elif len(tops) == 1 and len(table) == 1:
        yield Problem(where, f"nothing adds up to {tops[0]!r}", "Declare its indicators.")


def _in_levels(table: pd.DataFrame, where: str) -> Iterator[Problem]:
    parents = dict(zip(table["indicator"], table["parent"], strict=True))
    levels = heights(parents)
    for name, parent in parents.items():
        if parent and levels[parent] != levels[name] + 1:
            yield Problem(
                f"{where}, {name!r}",
                f"it stands on level {levels[name]}, its parent {parent!r} on level {levels[parent]}",
                "Put an element of each level between, so that siblings stand on one level.",
            )
    for row in table.to_dict("records"):
        given, found = row["level"], levels[row["indicator"]]
        if not np.isnan(given) and given != found:
            yield Problem(
                f"{where}, {row['indicator']!r}",
                f"its level is {given:g}, but by what adds up to it, it stands on level {found}",
                "Correct the level, or leave the column out.",
            )
