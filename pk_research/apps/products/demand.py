"""What hotels and restaurants need, from their questionnaires, as buyers are matched with villages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.products.catalogue import known_products
from pk_research.sources import Step

if TYPE_CHECKING:
    from pk_research.sources import Dataset

FORM, NEEDS = "hotel_demand", "hotel_demand_need"
CERTIFICATES = {"nib": "NIB", "pirt": "PIRT", "halal": "halal", "bpom": "BPOM"}
COLUMNS = (
    "buyer_code",
    "buyer_name",
    "product",
    "volume_units_month",
    "months",
    "price_idr_unit",
    "quality",
    "certificates",
)
REJECTED = "rejected"
MONTHS = range(1, 13)
ASKED = {
    FORM: ("key",),
    NEEDS: (
        "parent_key",
        "product",
        "unit_of_sale",
        "volume_units_month",
        "price_max_idr_unit",
        *(f"need_months__{month}" for month in MONTHS),
        *(f"need_certificates__{code}" for code in CERTIFICATES),
    ),
}


@dataclass(frozen=True, eq=False)
class Demand:
    """What buyers need.

    Attributes
    ----------
    frame
        One row a buyer and need: ``buyer_code``, ``buyer_name``, ``product``,
        ``volume_units_month``, ``months`` (tuple), ``price_idr_unit`` (most they pay), ``quality``
        (1: the questionnaire asks for no level) and ``certificates`` (tuple).
    steps
        What was left out, and how often.
    """

    frame: pd.DataFrame
    steps: tuple[Step, ...]


def demand_of(submissions: Sequence[Dataset]) -> Demand:
    """Read what buyers need; buyers are numbered, their names and places are not read.

    Parameters
    ----------
    submissions
        The questionnaire's root and its needs.

    Raises
    ------
    BadInput
        When columns are not there; all at once.
    """
    tables = {dataset.name: dataset.frame for dataset in submissions}
    problems = [
        Problem(name, f"there is no column {column!r}", "Keep the questionnaire's table as it was exported.")
        for name, columns in ASKED.items()
        for column in columns
        if column not in tables[name]
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
    right_unit = right_unit.fillna(value=False).astype(bool)
    usable = asked[is_known & right_unit & is_told]
    frame = pd.DataFrame(
        {
            "buyer_code": usable["parent_key"].map(numbered).astype("string"),
            "buyer_name": usable["parent_key"].map(numbered).astype("string"),
            "product": usable["product"].astype("string"),
            "volume_units_month": usable["volume_units_month"].astype("float64"),
            "months": [
                tuple(month for month in MONTHS if row[f"need_months__{month}"])
                for _, row in usable.iterrows()
            ],
            "price_idr_unit": usable["price_max_idr_unit"].astype("float64"),
            "quality": 1.0,
            "certificates": [
                tuple(name for code, name in CERTIFICATES.items() if row[f"need_certificates__{code}"])
                for _, row in usable.iterrows()
            ],
        }
    )
    frame = frame[frame["months"].map(len) > 0].reset_index(drop=True)
    told = [
        (Message("Questionnaires of buyers left out because they were rejected on review"),
         len(buyers) - len(kept)),
        (Message("Needs left out: the product is not in the list"), int((~is_known).sum())),
        (Message("Needs left out: another unit, or no volume, price or month given"),
         int(is_known.sum()) - len(frame)),
    ]  # fmt: skip
    return Demand(frame[list(COLUMNS)], tuple(Step(what, n) for what, n in told if n))
