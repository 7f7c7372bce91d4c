"""A reader meets names, not codes, even where nobody gave the names."""

import pandas as pd
import pytest

from pk_research.language import Message
from pk_research.products import assignment, plants
from pk_research.products.naming import called, name_of

SAGARA, SEGARA = "3216012001", "3216012002"


@pytest.mark.parametrize(
    ("code", "in_indonesian", "in_english"),
    [
        (SAGARA, "Sagara Makmur", "Sagara Makmur"),  # a village of the register
        ("321601", "Tarumajaya", "Tarumajaya"),  # a kecamatan
        ("salted_eggs", "Telur asin", "Salted eggs"),  # a product of the list
        ("packing", "Mengemas", "Packing"),  # a stage from production to market
        ("9999999999", "9999999999", "9999999999"),  # nobody's code stays what it is
        ("kujang", "kujang", "kujang"),
    ],
)
def test_what_nobody_named_is_called_as_the_register_and_the_lists_call_it(code, in_indonesian, in_english):
    assert (name_of(code, {}, "id"), name_of(code, {}, "en")) == (in_indonesian, in_english)


def test_a_given_name_goes_first_in_either_language():
    given = {SAGARA: "Made village 1", "kujang": Message("Product")}
    assert name_of(SAGARA, given, "id") == "Made village 1"
    assert (name_of("kujang", given, "id"), name_of("kujang", given, "en")) == ("Produk", "Product")
    assert called("kujang", given) is given["kujang"]


def test_a_plan_and_a_plant_are_told_by_names_in_the_readers_language():
    values = pd.DataFrame(
        {
            "village_code": [SAGARA, SEGARA],
            "product": ["salted_eggs", "milkfish"],
            "value_idr_year": [5e6, 4e6],
        }
    )
    plan = assignment.assign(assignment.assignment_problem(values))
    assert plan.table("id")[["Desa/kelurahan", "Kecamatan", "Produk"]].to_numpy().tolist() == [
        ["Sagara Makmur", "Tarumajaya", "Telur asin"],
        ["Segarajaya", "Tarumajaya", "Bandeng"],
    ]
    assert plan.table("en")["Product"].tolist() == ["Salted eggs", "Milkfish"]
    km = pd.DataFrame([[0.0, 2.0], [2.0, 0.0]], index=[SAGARA, SEGARA], columns=[SAGARA, SEGARA])
    found = plants.p_median(km, pd.Series({SAGARA: 9.0, SEGARA: 1.0}), 1)
    assert "Sagara Makmur" in found.in_words("id")
