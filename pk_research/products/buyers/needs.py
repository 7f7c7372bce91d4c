"""What hotels and restaurants need, from their questionnaires, as `match` takes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.compute.floats import as_floats
from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.products.buyers.faults import DEMAND
from pk_research.products.buyers.trade import DELIVERIES
from pk_research.products.catalogue import known_products
from pk_research.sources.dataset import Step

if TYPE_CHECKING:
    from pk_research.sources.dataset import Dataset

FORM, NEEDS = "hotel_demand", "hotel_demand_need"
REJECTED = "rejected"
MONTHS = range(1, 13)
CERTIFICATES = {"nib": "NIB", "pirt": "PIRT", "halal": "halal", "bpom": "BPOM"}
# Villages are not asked for these.
OTHER_CERTIFICATES = ("npwp", "haccp", "other")
COLUMNS = (*DEMAND, DELIVERIES)
ASKED = {
    FORM: ("key",),
    NEEDS: (
        "parent_key",
        "product",
        "unit_of_sale",
        "volume_units_month",
        "price_max_idr_unit",
        DELIVERIES,
        *(f"need_months__{month}" for month in MONTHS),
        *(f"need_certificates__{code}" for code in CERTIFICATES),
    ),
}


@dataclass(frozen=True, eq=False)
class Needs:
    """What buyers need.

    Attributes
    ----------
    frame
        One row a buyer and product: ``buyer_code``, ``buyer_name`` (the same), ``product``,
        ``volume_units_month``, ``months`` (tuple), ``price_idr_unit`` (most they pay), ``quality``
        (1: the questionnaire asks for no level), ``certificates`` (tuple) and ``deliveries_month``
        (times a month; missing where it was not told). A second need of one product stands under a
        code of its own, such as ``H001-2``.
    steps
        What was left out, and how often.
    """

    frame: pd.DataFrame
    steps: tuple[Step, ...]


def needs_of(submissions: Sequence[Dataset]) -> Needs:
    """Read what buyers need; buyers are numbered, their names and places are not read.

    Parameters
    ----------
    submissions
        ``hotel_demand`` and ``hotel_demand_need``, as `survey.exchange.datasets` gives them; other
        datasets are not read.

    Returns
    -------
    Needs
        Rejected questionnaires are left out, as are needs whose product is not in the catalogue's
        list, or is bought in another unit than it is sold in, and those without volume, price or
        months; all are counted.

    Raises
    ------
    BadInput
        When one of the two or a column is not there; all at once.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from pk_research.sample import make_filling
    >>> from pk_research.survey.exchange import datasets, from_filled
    >>> from pk_research.survey.filled import Filled
    >>> from pk_research.survey.questionnaires import find_questionnaire
    >>> form, when = find_questionnaire("hotel_demand").open(), datetime(2026, 11, 2, 2, tzinfo=UTC)
    >>> xml = make_filling(form, seed=1, begun_at=when, answers={"need_count": "1", "product": "melon",
    ...     "unit_of_sale": "kg", "need_months": "1 2", "deliveries_month": "8"})
    >>> filled = Filled("uuid:1", form.identifier, form.version, xml, when)
    >>> found = needs_of(datasets(from_filled([form], [filled], personal="leave out")))
    >>> found.frame[["buyer_code", "product", "months", "deliveries_month"]].values.tolist()
    [['H001', 'melon', (1, 2), 8.0]]
    """
    tables = {dataset.name: dataset.frame for dataset in submissions}
    problems = [
        Problem(name, "it is not there", "Give the questionnaires of buyers and their needs.")
        for name in ASKED
        if name not in tables
    ] + [
        Problem(name, f"there is no column {column!r}", "Keep the questionnaire's table as it was exported.")
        for name, columns in ASKED.items()
        for column in columns
        if name in tables and column not in tables[name]
    ]
    if problems:
        raise BadInput(problems)
    buyers, needs = tables[FORM], tables[NEEDS]
    kept = buyers[buyers["review_state"] != REJECTED] if "review_state" in buyers else buyers
    numbered = {key: f"H{number:03}" for number, key in enumerate(sorted(kept["key"]), start=1)}
    asked = needs[needs["parent_key"].isin(list(numbered))]
    known = known_products()
    is_known = asked["product"].isin(list(known))
    right_unit = asked["unit_of_sale"].astype("string") == asked["product"].map(
        lambda name: known[name].unit_of_sale if name in known else pd.NA
    ).astype("string")
    is_told = asked[["volume_units_month", "price_max_idr_unit"]].notna().all(axis=1)
    months = _chosen(asked, {f"need_months__{month}": month for month in MONTHS})
    usable = is_known & right_unit.fillna(value=False).astype(bool) & is_told & (months.map(len) > 0)
    frame = _frame(asked[usable], months[usable], numbered)
    others = {f"need_certificates__{code}": code for code in OTHER_CERTIFICATES}
    told = [
        (Message("Questionnaires of buyers left out because they were rejected on review"),
         len(buyers) - len(kept)),
        (Message("Needs left out: the product is not in the list"), int((~is_known).sum())),
        (Message("Needs left out: another unit, or no volume, price or month given"),
         int(is_known.sum()) - len(frame)),
        (Message("Needs that do not say which certificates they ask for; they count as asking for none"),
         int(_is_silent(asked[usable]).sum())),
        (Message("Needs that ask for certificates villages were not asked about; these are not compared"),
         int((_chosen(asked[usable], others).map(len) > 0).sum())),
    ]  # fmt: skip
    return Needs(frame, tuple(Step(what, n) for what, n in told if n))


def _frame(usable: pd.DataFrame, months: pd.Series, numbered: Mapping[str, str]) -> pd.DataFrame:
    buyer, product = usable["parent_key"].map(numbered), usable["product"].astype("string")
    nth = usable.groupby(["parent_key", "product"]).cumcount() + 1
    code = buyer.where(nth == 1, buyer + "-" + nth.astype("string")).astype("string")
    frame = pd.DataFrame(
        {
            "buyer_code": code,
            "buyer_name": code,
            "product": product,
            "volume_units_month": as_floats(usable["volume_units_month"]),
            "months": months,
            "price_idr_unit": as_floats(usable["price_max_idr_unit"]),
            "quality": 1.0,
            "certificates": _chosen(
                usable, {f"need_certificates__{code}": name for code, name in CERTIFICATES.items()}
            ),
            DELIVERIES: as_floats(usable[DELIVERIES]),
        }
    )
    return frame[list(COLUMNS)].reset_index(drop=True)


def _chosen(rows: pd.DataFrame, labels: Mapping[str, object]) -> pd.Series:
    """Return what each row chose of several, by column -> label; a question not answered chose none."""
    flags = {name: rows[name].astype("boolean").fillna(value=False) for name in labels if name in rows}
    chosen = [tuple(labels[name] for name, flag in flags.items() if flag.iloc[n]) for n in range(len(rows))]
    return pd.Series(chosen, index=rows.index, dtype=object)


def _is_silent(rows: pd.DataFrame) -> pd.Series:
    columns = [name for name in rows if str(name).startswith("need_certificates__")]
    return rows[columns].isna().all(axis=1) if columns else pd.Series(data=False, index=rows.index)
