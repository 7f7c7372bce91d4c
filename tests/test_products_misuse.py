"""What people get wrong when they choose products: one clear error each, with the place and the remedy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from pk_research.codebook import Codebook, Label
from pk_research.errors import BadInput
from pk_research.products import assignment, buyers, flagship
from pk_research.products.catalogue import candidates_of, known_products, match_products
from pk_research.products.distances import great_circle_km, road_km
from pk_research.products.experiments import (
    Attribute,
    ChoiceModel,
    KnownTastes,
    choice_data,
    choice_design,
    choose_segments,
    made_choices,
    multinomial_logit,
)
from pk_research.products.market import gabor_granger, market_shares, maxdiff_design, van_westendorp
from pk_research.products.plants import capacitated, coverage, p_median
from pk_research.products.synergy import marketing_groups, supply_links
from pk_research.products.value_chain import value_chain
from pk_research.sources.dataset import Dataset, Provenance

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


SCORES = pd.DataFrame({"market": [5.0, 2.0], "price": [3.0, 4.0]}, index=["batik", "rice"])
WEIGHTS = {"market": 2, "price": 1}
DOSSIER = Dataset(
    "product_dossier",
    pd.DataFrame({"key": ["uuid:1"], "village_code": [A]}, dtype="string"),
    Codebook(()),
    Provenance("product_dossier", "", "hash", "submissions"),
    ("key",),
)


PRICE = Attribute(
    "price_idr", "Harga", "Price",
    tuple(Label(str(n), f"Rp{n}", f"IDR {n}") for n in (10_000, 20_000)), coding="linear", unit=1000,
)  # fmt: skip
TWO_SETS = choice_design([PRICE], n_sets=2)
CANDIDATE = pd.DataFrame(
    {
        "village_code": [A], "product": "batik", "n_enterprises": 3, "markets": [("market",)],
        "sales_idr_month": 8e6, "local_material_pct": 10.0,
    }
)  # fmt: skip
LIKING = ChoiceModel(
    kind="multinomial",
    names=("price_idr",),
    estimates=pd.Series({"price_idr": -0.1}),
    covariance=pd.DataFrame(0.01, index=["price_idr"], columns=["price_idr"]),
    log_likelihood=-90.0,
    log_likelihood_null=-110.0,
    n_choices=100,
    n_respondents=20,
    utility_names=("price_idr",),
    alternatives=("a", "b"),
    made=True,
)


def decided(scores: pd.DataFrame) -> flagship.Decision:
    return flagship.decision(scores, WEIGHTS)


def values(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["village_code", "product", "value_idr_year"])


MISUSES: dict[str, tuple[Callable[[], object], str]] = {
    "experts who contradict themselves": (
        lambda: flagship.panel({"Cici": CONTRADICTION}),
        "Market against Price",
    ),
    "a panel of nobody": (lambda: flagship.panel({}), "^judgements: there is no expert"),
    "a pair nobody judged": (
        lambda: flagship.panel({"Ani": {("market", "price"): 3, ("price", "capital"): 2}}), "it is missing",
    ),
    "a panel form of two criteria": (
        lambda: flagship.panel_form(["market", "price"]),
        "2 are given, or some twice. Give 3 to 15",
    ),
    "no candidates to supply": (lambda: supply_links(NO_CANDIDATES, KM, max_km=5), "there are none"),
    "no candidates to group": (lambda: marketing_groups(NO_CANDIDATES, KM, max_km=5), "there are none"),
    "nothing to assign": (lambda: assignment.assignment_problem(values()), "it has no rows"),
    "a product nobody can make": (
        lambda: assignment.assignment_problem(values((A, "egg", 5.0), (A, "batik", np.nan))),
        "products without a value in any village: batik",
    ),
    "a pair given twice": (
        lambda: assignment.assignment_problem(values((A, "egg", 5.0), (A, "egg", 6.0))),
        f"given more than once: {A} / egg",
    ),
    "a code that is none": (
        lambda: assignment.assignment_problem(values(("12", "egg", 5.0))), "not a village code: 12",
    ),
    "plants that cannot be reached": (lambda: p_median(KM, BROUGHT, 1), "cannot reach every village"),
    "a village without any way": (lambda: p_median(KM[[A]], BROUGHT, 1), f"{B}.*no site can be reached"),
    "more plants than sites": (lambda: p_median(KM, BROUGHT, 3), "3 plants were asked for at 2 sites"),
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
        lambda: great_circle_km(pd.DataFrame({"latitude": [np.nan], "longitude": [107.0]}, index=[A])),
        f"places, {A}: the coordinates are missing",
    ),
    "a road with a negative length": (
        lambda: road_km(pd.DataFrame({"from": [A], "to": [B], "km": [-1.0]}), [A, B]),
        f"ways, {A} to {B}: the length is missing, negative, infinite or no number",
    ),
    "a hotel that wants less than nothing": (
        lambda: buyers.match(OFFER, NEED.assign(volume_units_month=-5.0), TO_HOTEL),
        "demand, volume_units_month: missing, negative or infinite in rows 1",
    ),
    "a hotel without distances": (
        lambda: buyers.match(OFFER, NEED, TO_HOTEL[[]]), "distances_km, columns: without: H1",
    ),
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
        ), "some prices are negative",
    ),
    "one price asked": (
        lambda: gabor_granger(pd.DataFrame({"respondent": [1, 2], "price_idr": 5, "would_buy": [1, 0]})),
        "two people and two prices",
    ),
    "a set that shows everything": (lambda: maxdiff_design(list("abc"), n_sets=3, size=3), "fewer than all"),
    "a chain without dossiers": (
        lambda: value_chain(pd.DataFrame(columns=["dossier", "stage_code", *AMOUNTS]), "Dodol"), "no rows",
    ),
    "scores that are not numbers": (
        lambda: flagship.decision(SCORES.assign(market=np.nan), WEIGHTS), "no usable score for batik, rice",
    ),
    "weights that are all zero": (
        lambda: flagship.decision(SCORES, {"market": 0, "price": 0}), "^weights: none is above 0",
    ),
    "a weight below zero": (
        lambda: flagship.decision(SCORES, {"market": -1, "price": 1}), "^weight of 'market': it is -1",
    ),
    "a criterion that is the same for all": (
        lambda: flagship.decision(SCORES.assign(market=3.0), WEIGHTS), "'market': it is 3 for every",
    ),
    "a direction for no criterion": (
        lambda: flagship.decision(SCORES, WEIGHTS, less_is_better=("cost",)),
        "less_is_better, 'cost': no criterion has this name",
    ),
    "TOPSIS of one": (lambda: flagship.topsis(decided(SCORES.head(1))), "^scores: there is one alternative"),
    "VIKOR of one": (lambda: flagship.vikor(decided(SCORES.head(1))), "^scores: there is one alternative"),
    "PROMETHEE of one": (
        lambda: flagship.promethee(decided(SCORES.head(1))), "^scores: there is one alternative",
    ),
    "MPE of scores at zero": (
        lambda: flagship.mpe(decided(SCORES - 2)), "'market': its lowest score is 0, but MPE raises",
    ),
    "AHP of scores below zero": (
        lambda: flagship.ahp_value(decided(-SCORES)), "'market': its lowest score is -5, but AHP takes",
    ),
    "no drawings": (
        lambda: flagship.rank_intervals(decided(SCORES), method="bayes", score_sd=1, n_draws=0),
        "n_draws and seed: they are 0 and 0",
    ),
    "a spread below zero": (
        lambda: flagship.rank_intervals(decided(SCORES), method="bayes", score_sd=-1),
        "^score_sd: it is below 0",
    ),
    "an offer at a price below zero": (
        lambda: buyers.match(OFFER.assign(price_idr_unit=-1.0), NEED, TO_HOTEL),
        "supply, price_idr_unit: negative or infinite in rows 1",
    ),
    "an offer given twice": (
        lambda: buyers.match(pd.concat([OFFER, OFFER]), NEED, TO_HOTEL),
        f"supply: given more than once: {A} / egg",
    ),
    "a price asked below zero": (
        lambda: gabor_granger(
            pd.DataFrame({"respondent": [1, 1, 2, 2], "price_idr": [-5, 5] * 2, "would_buy": [1, 0] * 2})
        ), "price_idr: some are missing or not above 0",
    ),
    "a village twice in the demand": (
        lambda: coverage(KM, pd.concat([BROUGHT, BROUGHT]), 1, radius_km=1),
        f"demand, {A}, {B}: the code occurs twice",
    ),
    "coverage without any way": (
        lambda: coverage(KM * np.nan, BROUGHT, 1, radius_km=1), f"{A}, {B}: no site can be reached",
    ),
    "a large plant without a way": (
        lambda: capacitated(
            KM[[A]], BROUGHT, haul_idr_unit_km=1,
            sites=pd.DataFrame({"capacity_units_month": 20, "fixed_cost_idr_month": 1}, index=[A]),
        ), f"distances from {B}: no site can be reached",
    ),
    "limits that no plan meets": (
        lambda: assignment.assign(
            assignment.assignment_problem(values((A, "egg", 5.0), (B, "egg", 4.0)), most_per_kecamatan=1)
        ), "^limits: ",
    ),
    "a price outside the experiment": (
        lambda: market_shares(LIKING, pd.DataFrame({"price_idr": ["25000"]}, index=["dodol"]), [PRICE]),
        "dodol: price_idr: it is no level of the experiment, or beyond its levels",
    ),
    "a catalogue of nothing": (candidates_of, "^submissions: there are none"),
    "a catalogue without product names": (
        lambda: candidates_of(DOSSIER), "product_dossier: there is no column 'product'",
    ),
    "a decision for a product of no list": (
        lambda: candidates_of(DOSSIER, decisions={"kerupuk": "krupuk"}),
        "decision on 'kerupuk': the list has no product 'krupuk'",
    ),
    "names that are missing": (
        lambda: match_products(["batik", np.nan], known_products()), "^names, row 2: there is no text",
    ),
    "one name instead of names": (
        lambda: match_products("batik", known_products()), "^names: it is one text, 'batik'",
    ),
    "a decision for no product of the list": (
        lambda: match_products(["x"], known_products(), decisions={"x": "y"}), "has no product 'y'",
    ),
    "sales written with points": (
        lambda: flagship.evidence_of(CANDIDATE.assign(sales_idr_month="8.000.000")),
        "candidates, sales_idr_month: not numbers in rows 1",
    ),
    "candidates that are a list": (lambda: flagship.evidence_of([A]), "^candidates: it is a list"),
    "weights without names": (lambda: flagship.decision(SCORES, [2, 1]), "^weights: it is a list"),
    "scores that are a list": (lambda: flagship.decision([[5, 2]], WEIGHTS), "^scores: it is a list"),
    "a table instead of choices": (lambda: multinomial_logit(CHOICES), "^data: it is a DataFrame. Give what"),
    "segments for a table": (lambda: choose_segments(CHOICES), "^data: it is a DataFrame"),
    "tastes without segments": (
        lambda: made_choices(TWO_SETS, KnownTastes({"price_idr": -1.0}), 5), "^segments: they are no row",
    ),
    "nobody who chooses": (
        lambda: made_choices(TWO_SETS, KnownTastes(({"price_idr": -1.0},)), 0), "^n_respondents: it is 0",
    ),
    "more skipped than there is": (
        lambda: made_choices(TWO_SETS, KnownTastes(({"price_idr": -1.0},)), 5, skipped=1.5),
        "^skipped: it is 1.5",
    ),
    "plants in words": (lambda: p_median(KM, BROUGHT, "3"), "^p: 3 plants were asked for"),
    "a language nobody speaks here": (
        lambda: flagship.choose(decided(SCORES), method="bayes").in_words("fr"), "^language: it is 'fr'",
    ),
    "a village of no plan": (
        lambda: assignment.leads(
            assignment.assign(assignment.assignment_problem(values((A, "egg", 5.0)))), villages=[B]
        ), f"^villages: not in the plan: {B}",
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


# What is no fault, but must not pass in silence


def test_one_expert_has_weights_but_no_agreement():
    found = flagship.panel({"Ani": {("market", "price"): 3}})
    assert dict(found.weights) == pytest.approx({"market": 0.75, "price": 0.25})
    assert np.isnan([found.agreement.w, found.consensus]).all()
    assert "agree" not in found.in_words("en")


def test_a_doubtful_name_is_left_to_a_person():
    (found,) = match_products(["keripik tempe"], known_products())
    assert (found.how, found.product) == ("in doubt", None)
    assert found.hits


def test_a_village_out_of_reach_is_named_by_coverage():
    assert "not served: Segarajaya (1)" in coverage(KM, BROUGHT, 1, radius_km=1).in_words("en")


@pytest.mark.parametrize(
    ("offer", "need"),
    [({}, {"product": "batik"}), ({"season_months": [(6,)]}, {})],
    ids=["a product nobody makes", "a season nobody supplies"],
)
def test_a_need_nobody_can_meet_brings_nothing_and_says_so(offer, need):
    found = buyers.match(OFFER.assign(**offer), NEED.assign(**need), TO_HOTEL)
    assert found.flows.empty
    assert found.demand["unmet_units_month"].tolist() == [5.0]
    assert "Products whose demand is met in full: 0 of 1." in found.in_words("en")
