"""What people get wrong when they choose products: one clear error each, with the place and the remedy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from pk_research.codebook import Label
from pk_research.errors import BadInput
from pk_research.products import assignment, buyers, flagship
from pk_research.products.distances import great_circle_km, road_km
from pk_research.products.experiments import Attribute, choice_data, choice_design, multinomial_logit
from pk_research.products.market import gabor_granger, maxdiff_design, van_westendorp
from pk_research.products.plants import capacitated, coverage, p_median
from pk_research.products.synergy import marketing_groups, supply_links
from pk_research.products.value_chain import value_chain

A, B = "3216012001", "3216012002"
KM = pd.DataFrame([[0.0, np.nan], [np.nan, 0.0]], index=[A, B], columns=[A, B])
BROUGHT = pd.Series({A: 5.0, B: 5.0})
CONTRADICTION = {("market", "price"): 9, ("price", "capital"): 9, ("market", "capital"): 1 / 9}
NO_CANDIDATES = pd.DataFrame(
    columns=["village_code", "product", "raw_materials", "capacity_units_month", "season_months"]
)
OFFER = pd.DataFrame(
    [[A, "egg", 10.0, 2000.0, 4, (), (), 900.0]],
    columns=[
        "village_code", "product", "capacity_units_month", "price_idr_unit", "quality", "season_months",
        "certificates", "cost_idr_unit",
    ],
)  # fmt: skip
NEED = pd.DataFrame(
    [["H1", "Hotel", "egg", 5.0, (1, 2), 3000.0, 3, ()]],
    columns=[
        "buyer_code", "buyer_name", "product", "volume_units_month", "months", "price_idr_unit", "quality",
        "certificates",
    ],
)  # fmt: skip
TO_HOTEL = pd.DataFrame({"H1": [4.0]}, index=[A])
CHOICES = pd.DataFrame(
    {
        "respondent": np.repeat(np.arange(20), 2), "set": 1, "alternative": ["a", "b"] * 20,
        "chosen": [1, 0] * 20, "box": [1.0, 0.0] * 20, "price": [5.0, 4.0, 4.0, 5.0] * 10,
    }
)  # fmt: skip


PRICES = ["too_cheap_idr", "cheap_idr", "expensive_idr", "too_expensive_idr"]
AMOUNTS = ["stage_buy_idr_unit", "stage_cost_idr_unit", "stage_sell_idr_unit", "stage_loss_pct"]


def values(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["village_code", "product", "value_idr_year"])


MISUSES: dict[str, tuple[Callable[[], object], str]] = {
    "experts who contradict themselves": (
        lambda: flagship.panel({"Cici": CONTRADICTION}),
        "Market against Price",
    ),
    "a panel of nobody": (lambda: flagship.panel({}), "expert"),
    "a pair nobody judged": (
        lambda: flagship.panel({"Ani": {("market", "price"): 3, ("price", "capital"): 2}}), "it is missing",
    ),
    "a panel form of two criteria": (lambda: flagship.panel_form(["market", "price"]), "3 to 15"),
    "no candidates to supply": (lambda: supply_links(NO_CANDIDATES, KM, max_km=5), "there are none"),
    "no candidates to group": (lambda: marketing_groups(NO_CANDIDATES, KM, max_km=5), "there are none"),
    "nothing to assign": (lambda: assignment.assignment_problem(values()), "it has no rows"),
    "a product nobody can make": (
        lambda: assignment.assignment_problem(values((A, "egg", 5.0), (A, "batik", np.nan))), "batik",
    ),
    "a pair given twice": (
        lambda: assignment.assignment_problem(values((A, "egg", 5.0), (A, "egg", 6.0))), "egg",
    ),
    "a code that is none": (lambda: assignment.assignment_problem(values(("12", "egg", 5.0))), "12"),
    "plants that cannot be reached": (lambda: p_median(KM, BROUGHT, 1), "cannot reach every village"),
    "a village without any way": (lambda: p_median(KM[[A]], BROUGHT, 1), f"{B}.*no site can be reached"),
    "more plants than sites": (lambda: p_median(KM, BROUGHT, 3), "1 to 2"),
    "nothing within the distance": (
        lambda: coverage(KM.fillna(9.0) + 5, BROUGHT, 1, radius_km=1), "no demand lies within",
    ),
    "plants too small": (
        lambda: capacitated(
            KM, BROUGHT, haul_idr_unit_km=1,
            sites=pd.DataFrame({"capacity_units_month": 1, "fixed_cost_idr_month": 1}, index=[A, B]),
        ), "at most 2 units",
    ),
    "coordinates that are missing": (
        lambda: great_circle_km(pd.DataFrame({"latitude": [np.nan], "longitude": [107.0]}, index=[A])), A,
    ),
    "a road with a negative length": (
        lambda: road_km(pd.DataFrame({"from": [A], "to": [B], "km": [-1.0]}), [A, B]), "negative",
    ),
    "a hotel that wants less than nothing": (
        lambda: buyers.match(OFFER, NEED.assign(volume_units_month=-5.0), TO_HOTEL), "volume_units_month",
    ),
    "a hotel without distances": (lambda: buyers.match(OFFER, NEED, TO_HOTEL[[]]), "H1"),
    "a month that is none": (
        lambda: buyers.match(OFFER, NEED.assign(months=[(13,)]), TO_HOTEL),
        "not a list of months",
    ),
    "choices that follow one thing without exception": (
        lambda: multinomial_logit(choice_data(CHOICES, ["box", "price"])), "separation",
    ),
    "a choice of two at once": (lambda: choice_data(CHOICES.assign(chosen=1), ["price"]), "not exactly one"),
    "an attribute of one level": (
        lambda: choice_design([Attribute("taste", "Rasa", "Taste", (Label("a", "A", "A"),))], n_sets=4),
        "too few or repeat",
    ),
    "prices with the code for no answer": (
        lambda: van_westendorp(
            pd.DataFrame([[-99, 2, 3, 4]] * 2, columns=PRICES)
        ), "-99",
    ),
    "one price asked": (
        lambda: gabor_granger(pd.DataFrame({"respondent": [1, 2], "price_idr": 5, "would_buy": [1, 0]})),
        "two people and two prices",
    ),
    "a set that shows everything": (lambda: maxdiff_design(list("abc"), n_sets=3, size=3), "fewer than all"),
    "a chain without dossiers": (
        lambda: value_chain(pd.DataFrame(columns=["dossier", "stage_code", *AMOUNTS]), "Dodol"), "no rows",
    ),
}  # fmt: skip


@pytest.mark.parametrize("misuse", MISUSES)
def test_a_misuse_ends_in_one_clear_error(misuse):
    call, said = MISUSES[misuse]
    with pytest.raises(BadInput, match=said) as caught:
        call()
    for problem in caught.value.problems:
        assert problem.where
        assert problem.what
        assert problem.remedy.endswith(".")
