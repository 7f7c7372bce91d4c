"""What buyers need, read from their questionnaires, up to why a village cannot meet it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

import pandas as pd
import pytest

from pk_research.apps.products.buying import buying_of
from pk_research.apps.products.material import material_of
from pk_research.codebook import Codebook
from pk_research.errors import BadInput
from pk_research.products.buyers import match, needs_of, why_unmet
from pk_research.products.buyers.needs import FORM, NEEDS
from pk_research.products.catalogue import candidates_of
from pk_research.sample import make_filling
from pk_research.sources.dataset import Dataset, Provenance
from pk_research.store import open_store
from pk_research.survey import Form
from pk_research.survey.exchange import datasets, from_filled
from pk_research.survey.filled import Filled
from pk_research.survey.questionnaires import find_questionnaire

WHEN = datetime(2026, 11, 2, 2, tzinfo=UTC)
SEGARA_MAKMUR = "3216012001"
YEAR = " ".join(str(month) for month in range(1, 13))
ONE = {
    "parent_key": "b", "product": "melon", "unit_of_sale": "kg", "volume_units_month": 20.0,
    "price_max_idr_unit": 9000, "deliveries_month": 8,
    **{f"need_months__{month}": month in (1, 2) for month in range(1, 13)},
    **{f"need_certificates__{name}": name == "halal" for name in ("nib", "pirt", "halal", "bpom")},
}  # fmt: skip
UNANSWERED = {name: None for name in ONE if "__" in name}


def dataset(name: str, frame: pd.DataFrame) -> Dataset:
    return Dataset(name, frame, Codebook(()), Provenance(name, "", f"hash of {name}", "submissions"), ())


def read(*needs: dict[str, object], states: tuple[str, ...] = ("received",)):
    buyers = pd.DataFrame({"key": list("ba")[: len(states)], "review_state": states})
    return needs_of((dataset(FORM, buyers), dataset(NEEDS, pd.DataFrame(list(needs)))))


def test_needs_are_read_with_what_is_left_out_counted():
    others = (ONE | {"product": "gold"}, ONE | {"unit_of_sale": "piece"}, ONE | {"parent_key": "a"})
    found = read(ONE, *others, states=("received", "rejected"))
    columns = ["buyer_code", "product", "months", "certificates", "deliveries_month"]
    assert found.frame[columns].to_numpy().tolist() == [["H001", "melon", (1, 2), ("halal",), 8.0]]
    assert [step.n_rows for step in found.steps] == [1, 1, 1]


def test_what_was_not_answered_is_missing_and_told():
    silent = UNANSWERED | {f"need_months__{month}": month == 3 for month in range(1, 13)}
    found = read(ONE | silent | {"deliveries_month": None})
    row = found.frame.iloc[0]
    assert (row["months"], row["certificates"]) == ((3,), ())
    assert pd.isna(row["deliveries_month"])
    assert [step.what.text("en") for step in found.steps] == [
        "Needs that do not say which certificates they ask for; they count as asking for none"
    ]
    assert read(ONE | UNANSWERED).frame.empty


def test_certificates_that_villages_were_not_asked_about_are_counted():
    found = read(ONE | {"need_certificates__haccp": True})
    assert found.frame["certificates"].tolist() == [("halal",)]
    assert [step.n_rows for step in found.steps] == [1]


def test_a_second_need_of_one_product_stands_under_a_code_of_its_own():
    found = read(ONE, ONE | {"volume_units_month": 5.0})
    assert found.frame["buyer_code"].tolist() == ["H001", "H001-2"]


def test_everything_that_is_lacking_is_named_at_once():
    with pytest.raises(BadInput) as caught:
        needs_of((dataset(FORM, pd.DataFrame()), dataset(NEEDS, pd.DataFrame({"parent_key": ["a"]}))))
    assert len(caught.value.problems) == 1 + 5 + 12 + 4
    with pytest.raises(BadInput, match="hotel_demand_need: it is not there"):
        needs_of((dataset(FORM, pd.DataFrame({"key": ["b"]})),))


# From fillings to reasons


@cache
def opened(name: str) -> Form:
    return find_questionnaire(name).open()


def filled(name: str, **answers: str) -> tuple[Dataset, ...]:
    """One filling of a questionnaire, as it arrives from a device and is taken from the store."""
    form = opened(name)
    given = {"kecamatan_code": "321601", "village_code": SEGARA_MAKMUR, **answers}
    xml = make_filling(form, seed=1, begun_at=WHEN, answers=given)
    one = Filled(f"uuid:{name}", form.identifier, form.version, xml, WHEN)
    return datasets(from_filled([form], [one], personal="leave out"))


MELON = {"product": "melon", "unit_of_sale": "kg"}


def offers(deliveries: str) -> tuple[Dataset, ...]:
    return filled(
        "product_dossier", **MELON, price_idr_unit="18000", capacity_units_month="500", season_months=YEAR,
        deliveries_month=deliveries, product_sellers="12",
    )  # fmt: skip


def wants(deliveries: str) -> tuple[Dataset, ...]:
    return filled(
        "hotel_demand", **MELON, need_count="1", volume_units_month="200", need_months=YEAR,
        need_certificates="none", price_now_idr_unit="19000", price_max_idr_unit="20000",
        deliveries_month=deliveries,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("told", "asked", "reasons"),
    [
        ("4", "12", [("frequency",)]),
        ("12", "12", []),
        ("0", "1", [("frequency",)]),  # buyers must collect
        ("-99", "12", [("frequency",)]),
        ("4", "-99", []),
    ],
)
def test_a_hotel_that_wants_more_deliveries_than_the_village_told_is_missed(told, asked, reasons):
    supply = candidates_of(*offers(told)).candidates.assign(quality=1.0)
    needs = needs_of(wants(asked)).frame
    plan = match(supply, needs, pd.DataFrame({"H001": [0.0]}, index=[SEGARA_MAKMUR]))
    assert why_unmet(plan, n_jobs=1).reasons["reason"].tolist() == reasons
    assert plan.n_unknown["frequency"] == (told == "-99")


def test_the_app_tells_it_too(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    for table in (*offers("4"), *wants("12")):
        if table.name in {"product_dossier", FORM, NEEDS}:
            store.keep(table)
    buying = buying_of(material_of(store))
    assert buying.reasons.reasons["reason"].tolist() == [("frequency",)]
