"""Costs and benefits by item and year, each with its distribution, read strictly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.policy.costs.uncertain import Uncertain, faults, uncertain

Together = Literal["item", "year"]
NEEDED = ("item", "kind", "year", "mean")
KINDS = ("cost", "benefit")
NOBODY = ""


@dataclass(frozen=True, eq=False)
class CashFlows:
    """Flows of money, sound: made by `cash_flows`.

    Attributes
    ----------
    frame
        One row an item and year: ``item``, ``kind`` (``"cost"`` or ``"benefit"``), ``year``, ``group``
        (who pays or gains; empty where not said), ``factor`` (what moves it).
    amounts
        Of each row, IDR: expected 0 or more. Only a normal one can be drawn below 0.
    first_year, n_years
        The base year, and how many years are looked at.
    """

    frame: pd.DataFrame
    amounts: tuple[Uncertain, ...]
    first_year: int
    n_years: int

    @property
    def factors(self) -> tuple[str, ...]:
        """What is uncertain, in the order of the rows."""
        named = zip(self.frame["factor"], self.amounts, strict=True)
        return tuple(dict.fromkeys(name for name, amount in named if amount.shape != "fixed"))

    @property
    def sign(self) -> np.ndarray:
        """1 for a benefit, -1 for a cost."""
        return np.where((self.frame["kind"] == "benefit").to_numpy(), 1.0, -1.0)

    @property
    def place(self) -> np.ndarray:
        """Years after the base year, of each row."""
        return np.asarray(self.frame["year"].to_numpy() - self.first_year)

    @property
    def means(self) -> np.ndarray:
        """Expected amount of each row, IDR."""
        return np.array([amount.mean for amount in self.amounts])

    def amounts_at(self, places: np.ndarray) -> np.ndarray:
        """Return amounts, one row a drawing, at these shares (drawings by `factors`) of the distributions."""
        column = {name: n for n, name in enumerate(self.factors)}
        return np.column_stack(
            [
                np.full(len(places), amount.mean)
                if amount.shape == "fixed"
                else amount.quantile(places[:, column[name]])
                for name, amount in zip(self.frame["factor"], self.amounts, strict=True)
            ]
        )

    def by_year(self, amounts: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
        """Return benefits less costs of each year, of all rows or some; the last axis is the year."""
        to_year = np.zeros((len(self.amounts), self.n_years))
        to_year[np.arange(len(self.amounts)), self.place] = self.sign
        if rows is not None:
            to_year[~rows] = 0
        return np.asarray(amounts @ to_year)


def cash_flows(
    frame: pd.DataFrame, *, together: Together = "item", horizon_years: int | None = None
) -> CashFlows:
    """Read costs and benefits from a table.

    Parameters
    ----------
    frame
        One row an item and year: ``item``, ``kind`` (``"cost"`` or ``"benefit"``), ``year``, ``mean``
        (IDR, 0 or more); where uncertain ``low``, ``high``, ``distribution`` and ``level`` (0.9 where
        empty), as in `uncertain`; and, if wished, ``group``: who pays or gains. All are 0 or more, but
        the low end of a normal amount.
    together
        ``"item"``: all years of an item are high or low together; ``"year"``: each row by itself.
    horizon_years
        Years after the base year that are looked at; a row beyond is a fault. By default to the last.

    Raises
    ------
    BadInput
        Naming every row at once: a missing, negative or text number, an unknown kind or distribution,
        an item that stands twice in a year, a year of which nothing is said.

    Notes
    -----
    A normal amount is that of an estimate, which may turn out on the other side of 0: a gain as a loss, a
    loss as a gain. It is drawn so and counts so, of a cost too, for what an effect takes away is a cost. It
    is not cut off at 0: its mean would then be another than the one that was given, and so would the net
    present value. In drawings in which all costs together are not above 0, the benefit-cost ratio is missing,
    and `CostBenefit.intervals` says in how many it is known. What is bought or paid is never below 0: declare
    it lognormal or triangular.

    Examples
    --------
    >>> rows = pd.DataFrame({"item": ["mill", "rice"], "kind": ["cost", "benefit"], "year": [2025, 2026],
    ...                      "mean": [100.0, 120.0]})
    >>> cash_flows(rows).n_years
    2
    """
    absent = [name for name in NEEDED if name not in frame.columns]
    if absent or frame.empty:
        raise BadInput(
            [
                *(Problem(f"column {name!r}", "it is not in the table", "Add it.") for name in absent),
                *(
                    [Problem("the table", "it has no rows", "Give costs and benefits.")]
                    if frame.empty
                    else []
                ),
            ]
        )
    rows = _complete(frame)
    problems = [*_of_rows(rows), *_of_years(rows, horizon_years)]
    if together not in get_args(Together):
        problems.append(Problem("together", f"it is {together!r}", "Choose 'item' or 'year'."))
    if problems:
        raise BadInput(problems)
    years = rows["year"].astype(int)
    named = rows["item"].astype(str)
    amounts = tuple(
        uncertain(r.mean, low=r.low, high=r.high, shape=r.distribution, level=r.level)
        for r in rows.itertuples()
    )
    found = pd.DataFrame(
        {
            "item": named, "kind": rows["kind"], "year": years, "group": rows["group"].astype(str),
            "factor": named if together == "item" else named + " " + years.astype(str),
        }
    )  # fmt: skip
    first = int(years.min())
    span = int(years.max()) - first if horizon_years is None else horizon_years
    return CashFlows(found, amounts, first, span + 1)


def _complete(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table with every column, optional ones as their documented default."""
    rows = frame.reset_index(drop=True).astype(object)
    defaults = {"low": np.nan, "high": np.nan, "distribution": "fixed", "level": 0.9, "group": NOBODY}
    for name, value in defaults.items():
        if name not in rows:
            rows[name] = value
        elif name in {"distribution", "level", "group"}:
            rows[name] = rows[name].where(rows[name].notna(), value)
    return rows


def _where(number: int, row: pd.Series) -> str:
    return f"row {number + 1} ({row['item']}, {row['year']})"


def _of_rows(rows: pd.DataFrame) -> Iterator[Problem]:
    for number, row in rows.iterrows():
        where = _where(number, row)
        if row["kind"] not in KINDS:
            yield Problem(where, f"kind is {row['kind']!r}", "Write 'cost' or 'benefit'.")
        if pd.isna(row["item"]) or not str(row["item"]).strip():
            yield Problem(where, "the item has no name", "Name it.")
        found = list(
            faults(
                row["mean"],
                row["low"],
                row["high"],
                shape=row["distribution"],
                level=row["level"],
                where=where,
            )
        )
        yield from found
        # Below 0 lies only a part of an estimate, see the notes of `cash_flows`.
        least = row["mean"] if row["distribution"] in ("fixed", "normal") else row["low"]
        if not found and least < 0:
            yield Problem(where, f"{least:g} is below 0", "Costs too are written as positive amounts.")
    twice = rows[rows.duplicated(["item", "kind", "year", "group"])]
    for item, year in zip(twice["item"], twice["year"], strict=True):
        yield Problem(f"item {item!r}, year {year}", "it stands twice", "Add the rows up, or rename one.")
    kinds = rows.groupby("item")["kind"].nunique()
    for item in kinds.index[kinds > 1]:
        yield Problem(f"item {item!r}", "it is cost and benefit both", "Give the two different names.")


def _of_years(rows: pd.DataFrame, horizon_years: int | None) -> Iterator[Problem]:
    numbers = pd.to_numeric(rows["year"], errors="coerce")
    text = rows["year"].map(lambda year: isinstance(year, str))
    wrong = numbers.isna() | (numbers % 1 != 0) | text
    for number in rows.index[wrong]:
        yield Problem(f"row {number + 1}", f"the year is {rows['year'][number]!r}", "Write a whole number.")
    if wrong.any():
        return
    years = numbers.astype(int)
    for year in sorted(set(range(years.min(), years.max() + 1)) - set(years)):
        yield Problem(
            f"year {year}", "nothing is said of it", "Give a row with 0 if nothing is paid or gained in it."
        )
    if horizon_years is not None and horizon_years != int(horizon_years):
        yield Problem("horizon_years", f"it is {horizon_years}", "Give whole years.")
    elif horizon_years is not None and years.max() - years.min() > horizon_years:
        yield Problem(
            "horizon_years",
            f"{horizon_years} years end before the last row ({years.max()})",
            "Lengthen the horizon, or leave the later rows out yourself.",
        )
