"""What nobody is shown of a village: values that tell of a few people, or of a few enterprises.

Every page and every table of villages takes this one way out: the findings app and its downloads, the
static site, the files of `pk cluster`, and the reports. Types are found on all values; everything told of
them (means and effects among it) is worked out anew from the values that may be shown, so that nothing can
be subtracted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.clusters.profile import describe
from pk_research.compute.floats import as_floats
from pk_research.disclosure.rules import Rules
from pk_research.disclosure.shares import ALL_OF, OF_PEOPLE, small_by_share
from pk_research.language import Message

if TYPE_CHECKING:
    from pk_research.clusters import Typology
    from pk_research.codebook import Variable
    from pk_research.sources import Dataset

TOLD_BY = {
    "product_sales_idr_month": "product_sellers",
    "online_sales_pct": "product_sellers",
    "sales_idr_month": "n_enterprises",
    **dict.fromkeys(
        (
            "capacity_units_month",
            "price_idr_unit",
            "deliveries_month",
            "chain_input_idr_unit",
            "chain_cost_idr_unit",
        ),
        "product_sellers",
    ),
    "candidate_sales_idr_month": "candidate_sellers",
    "item_sales_idr_month": "n_enterprises",
    **dict.fromkeys(
        ("volume_units_month", "price_now_idr_unit", "price_max_idr_unit", "food_purchases_idr_month"),
        "n_buyers",
    ),
}
"""Amounts -> how many enterprises stand behind them; where that is not known, the amount is not shown."""


def without_small(dataset: Dataset, *, rules: Rules | None = None) -> tuple[Dataset, int]:
    """Blank counts of few people, shares that give such counts, and amounts of few enterprises.

    Parameters
    ----------
    dataset
        Rows by village.
    rules
        Whose ``least_contributors`` counts; those of the house by default. Nobody (0) is told.

    Returns
    -------
    Dataset, int
        The rows with those values missing, and how many were blanked.

    Examples
    --------
    >>> from pk_research import sample
    >>> safe, n = without_small(sample.load_sample())
    >>> counts = safe.frame["stunted_children"].dropna()
    >>> n > 0, bool(((counts > 0) & (counts < 5)).any())
    (True, False)
    """
    few = small_in(dataset.frame, dataset.codebook, rules=rules)
    blanked = {name: dataset.frame[name].mask(few[name]) for name in few}
    return replace(dataset, frame=dataset.frame.assign(**blanked)), int(few.to_numpy().sum())


def small_in(
    frame: pd.DataFrame, variables: Iterable[Variable], *, rules: Rules | None = None
) -> pd.DataFrame:
    """Return which values of a table tell of too few.

    Parameters
    ----------
    frame
        Rows by village.
    variables
        What its columns are; their units say which count people.
    rules
        As in `without_small`.

    Returns
    -------
    pandas.DataFrame
        A column of True and False for each variable that can tell of people or enterprises, by itself or, a
        share, together with the number of people in the same row; missing values tell nothing.
    """
    chosen, given, few = rules or Rules(), list(variables), {}
    for variable in given:
        name = variable.name
        behind = TOLD_BY.get(name, name if variable.unit in OF_PEOPLE else None)
        if behind is None or name not in frame:
            continue
        n = np.full(len(frame), np.nan)
        if behind in frame:
            n = as_floats(frame[behind]).to_numpy()
        told = frame[name].notna().to_numpy()
        if behind == name:
            few[name] = told & chosen.is_small(n)
        else:
            is_nothing = (n == 0) & (as_floats(frame[name]) == 0).to_numpy()
            few[name] = told & ~(n >= chosen.least_contributors) & ~is_nothing
    for share, small in small_by_share(_figures(frame, given), given, rules=chosen).items():
        few[share] = few.get(share, False) | small
    return pd.DataFrame(few, index=frame.index, dtype=bool)


def types_to_tell(
    typology: Typology, dataset: Dataset | None = None, *, rules: Rules | None = None
) -> tuple[Typology, int]:
    """Return types of which nothing tells of a few people or enterprises.

    Parameters
    ----------
    typology
        As it was found.
    dataset
        What it was found on, to know how many enterprises stand behind an amount, and of how many people a
        share is; without it such amounts are not told.
    rules
        As in `without_small`.

    Returns
    -------
    Typology, int
        The same types and villages; values that may not be shown are missing, and the profile is that of the
        values shown. Its account says how many are withheld. Then how many that are.
    """
    villages = typology.villages
    few = small_in(_with_makers(typology, dataset), typology.variables, rules=rules)
    n_few = int(few.to_numpy().sum())
    if not n_few:
        return typology, 0
    shown = replace(
        typology,
        villages=villages.assign(**{name: villages[name].mask(few[name].to_numpy()) for name in few}),
        notes=(*typology.notes, withheld_message(n_few, rules)),
    )
    columns, cluster = shown.columns, villages["cluster"].to_numpy()
    profile = describe(columns.measured, cluster, columns.names, category_of=columns.category_of)
    return replace(shown, profile=profile), n_few


def headings_of_people(variables: Iterable[Variable]) -> dict[str, bool]:
    """Return under which headings a table may tell of a few people or enterprises.

    Parameters
    ----------
    variables
        Of a codebook.

    Returns
    -------
    dict
        Names and labels in small letters -> whether the numbers under them count people themselves; else they
        are amounts, and of how many is not to be seen.

    Examples
    --------
    >>> from pk_research.codebook import Variable
    >>> headings_of_people([Variable("ill", "Sakit", "Ill", "integer", "persons")])
    {'ill': True, 'sakit': True}
    """
    return {
        name.casefold(): one.name not in TOLD_BY
        for one in variables
        if one.unit in OF_PEOPLE or one.name in TOLD_BY
        for name in (one.name, one.label_id, one.label_en)
        if name
    }


def withheld_message(n: int, rules: Rules | None = None) -> Message:
    """Say how many values are withheld and why: the same words on every way out.

    Examples
    --------
    >>> withheld_message(3).text("en")
    'Values of fewer than 5 people or enterprises are not shown: 3'
    """
    least = (rules or Rules()).least_contributors
    values = {"least": least, "n": n}
    return Message("Values of fewer than {least} people or enterprises are not shown: {n}", values)


def _with_makers(typology: Typology, dataset: Dataset | None) -> pd.DataFrame:
    """Return the villages with how many stand behind their amounts and shares, where the data knows it."""
    villages, code = typology.villages, typology.code_column
    if dataset is None or code not in dataset.frame:
        return villages
    rows = dataset.frame if typology.year is None else dataset.frame[dataset.frame["year"] == typology.year]
    behind = dict.fromkeys((*TOLD_BY.values(), *ALL_OF.values()))
    known = [name for name in behind if name in rows and name not in villages]
    rows = rows.drop_duplicates(code, keep=False).set_index(code)[known].reindex(villages[code])
    return villages.assign(**{name: rows[name].to_numpy() for name in known})


def _figures(frame: pd.DataFrame, variables: Iterable[Variable]) -> dict[str, np.ndarray]:
    """Return the numbers of a table that may be shares or what they are shares of."""
    names = {one.name for one in variables if one.kind in ("integer", "number")} | set(ALL_OF.values())
    return {name: as_floats(frame[name]).to_numpy() for name in names if name in frame}
