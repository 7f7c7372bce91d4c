"""Attempts to learn what one maker, seller or buyer told: by the apps for products and policies, by reports.

Where a figure may not be told, changing it must change nothing that anybody is shown: then no subtraction,
no order and no number of tries gives it away.
"""

from __future__ import annotations

import io
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pk_research import sample
from pk_research.apps.policy import material as policy
from pk_research.apps.policy.downloads import scenario_file, spending_file
from pk_research.apps.policy.model import SPEND, PolicyModel
from pk_research.apps.policy.view import PolicyView
from pk_research.apps.products.buyers_html import buyers_html
from pk_research.apps.products.downloads import plan_file
from pk_research.apps.products.material import material_of
from pk_research.apps.products.model import BUYERS, PLAN, PLANTS, ProductsModel
from pk_research.apps.products.trouble import ALL_OF_FEW
from pk_research.apps.products.view import ProductsView
from pk_research.codebook import read_codebook
from pk_research.disclosure import Rules, few_makers, small_in, without_few
from pk_research.publish.reports import ReportMaterial
from pk_research.publish.reports.council import Policies, council_document
from pk_research.publish.reports.facts import facts_of
from pk_research.publish.reports.village import village_document
from pk_research.store import open_store

AMOUNTS = ["capacity_units_month", "price_idr_unit", "cost_idr_unit", "sales_idr_month"]
SECRET = 7_654_321
"""Recognisable wherever it should turn up."""


def catalogue(**columns):
    given = {"village_code": [f"321601200{n}" for n in range(1, 6)], "product": "batik"}
    return pd.DataFrame(given | columns)


# What rests on few makers.


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ({"n_enterprises": 9}, True),
        ({"n_enterprises": 5}, True),
        ({"n_enterprises": 4}, False),
        ({"n_enterprises": None}, False),
        ({"n_enterprises": 36, "n_untold_capacity": 35}, False),
        ({"n_enterprises": 36, "n_untold_capacity": 31}, True),
        ({"n_enterprises": 10, "n_untold_capacity": 10}, False),  # the unit of a BUMDes that nobody counted
    ],
)
def test_a_capacity_is_told_where_five_makers_are_in_it(case, told):
    rows = catalogue(capacity_units_month=100.0, **case)
    assert (~few_makers(rows)["capacity_units_month"]).eq(told).all()


def test_a_price_is_that_of_all_makers_in_a_dossier_and_of_those_that_answered_elsewhere():
    rows = catalogue(
        price_idr_unit=500.0,
        n_enterprises=[20, 20, 20, 3, 20],
        sources=[("product_dossier", "umkm"), ("umkm",), ("umkm",), ("product_dossier",), ("table",)],
        n_submissions=[2, 1, 5, 1, 1],
    )
    assert few_makers(rows)["price_idr_unit"].tolist() == [False, True, False, True, False]


def test_the_share_of_local_material_is_not_told_where_one_answer_can_be_taken_out_of_the_mean():
    rows = catalogue(
        local_material_pct=80.0,
        n_enterprises=20,
        sources=[("umkm", "village_potential"), ("village_potential",), ("umkm",), ("umkm",), ("table",)],
        n_submissions=[2, 1, 4, 5, 1],
    )
    assert few_makers(rows)["local_material_pct"].tolist() == [True, False, True, False, False]


def test_what_is_not_known_is_not_withheld_and_nothing_else_is_touched():
    rows = catalogue(capacity_units_month=[None, 5.0, 5.0, 5.0, 5.0], n_enterprises=[2, 2, 9, 9, 9])
    few = few_makers(rows)
    assert few["capacity_units_month"].tolist() == [False, True, False, False, False]
    shown = without_few(rows, few)
    pd.testing.assert_frame_equal(shown.drop(columns="capacity_units_month"), rows.drop(
        columns="capacity_units_month"))  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "forbidden"),
    [
        ([100.0] * 4, True),
        ([100.0] * 5, False),
        ([100.0] * 4 + [0.0], True),
        ([9e6, 9, 9, 9, 9], True),
        ([], False),
    ],
)
def test_a_sum_needs_five_parts_of_which_none_is_nearly_all(parts, forbidden):
    assert Rules().forbids(np.array(parts)) is forbidden


def test_the_questionnaires_of_the_house_name_their_amounts_as_the_rules_do(project):
    """Whoever loads answers as they came meets the same rules: dossiers by sellers, buyers never by one."""
    from pk_research.disclosure.villages import TOLD_BY

    known = {
        name
        for path in (project / "data" / "questionnaires").glob("*.codebook.csv")
        for name in read_codebook(path).names
    }
    made_by_us = {"product_sales_idr_month", "online_sales_pct", "sales_idr_month"}
    assert set(TOLD_BY) - made_by_us <= known
    book = read_codebook(project / "data" / "questionnaires" / "product_dossier.codebook.csv")
    rows = pd.DataFrame({"capacity_units_month": [5, 5], "price_idr_unit": [7, 7], "product_sellers": [3, 9]})
    few = small_in(rows, book)
    assert few["capacity_units_month"].tolist() == few["price_idr_unit"].tolist() == [True, False]
    book = read_codebook(project / "data" / "questionnaires" / "hotel_demand.need.codebook.csv")
    needs = pd.DataFrame({"volume_units_month": [5, 5], "price_max_idr_unit": [7, 7]})
    assert small_in(needs, book).to_numpy().all()


# The app about products.


@pytest.fixture(scope="module")
def store():
    opened = open_store("sqlite://", key=b"a key of 32 bytes, only for test")
    opened.keep(sample.load_sample())
    return opened


@pytest.fixture(scope="module")
def material(store):
    """The made example, with a product of three makers in a village that could make nothing of more worth."""
    found = material_of(store)
    candidates = found.candidates.copy()
    first = candidates.index[candidates["product"] == "batik"][0]
    candidates.loc[first, ["n_enterprises", *AMOUNTS]] = [3, SECRET, 300_000.0, 100_000.0, SECRET]
    return replace(found, candidates=candidates)


def with_other_secrets(material):
    """The same, but every figure that may not be told is another."""
    candidates = material.candidates.copy()
    for name in AMOUNTS:
        hidden = material.few[name]
        candidates.loc[hidden, name] = candidates.loc[hidden, name] * 0.37 + 11
    return replace(material, candidates=candidates)


def on_screen(view):
    def texts(widget):
        yield str(getattr(widget, "value", ""))
        for child in getattr(widget, "children", ()):
            yield from texts(child)

    return re.sub(r"[.,](?=\d{3})", "", " ".join(texts(view.root)))


def everything_shown(material, *, language="en"):
    """Open every tab, move the limits, take the plan away; return all that is seen of it."""
    model = ProductsModel(material)
    view = ProductsView(model)
    model.language = language
    seen = {}
    for code in ("", *material.candidates.loc[material.few.any(axis=1), "village_code"].unique()[:3]):
        model.open_village(code)
        seen["village", code] = on_screen(view)
    for tab in (PLANTS, BUYERS, PLAN):
        model.tab = tab
        assert model.message is None, tab
        seen[tab] = on_screen(view)
    for most in (19, 3):
        model.most_villages = most
        seen[PLAN, most] = on_screen(view)
    model.open_product("batik")
    model.tab = PLANTS
    seen[PLANTS, "batik"] = on_screen(view)
    seen["file"] = plan_file(model.plan, language).content.decode("utf-8-sig")
    return seen


@pytest.fixture(scope="module")
def seen(material):
    return everything_shown(material)


def test_the_example_has_secrets_and_shows_other_amounts(material, seen):
    assert int(material.few["capacity_units_month"].sum()) == 36
    assert material.shown["capacity_units_month"].notna().sum() == 539 - 36
    assert str(SECRET) not in " ".join(seen.values())
    assert "Values of fewer than 5 people or enterprises are not shown: 36." in seen[PLAN]
    assert re.search(r"together worth IDR [\d.]+ billion a year", seen[PLAN])


def test_other_secrets_change_nothing_on_any_tab_or_in_the_file(material, seen):
    """Amounts, totals of a plan, what its limits cost, plants, sales and reasons: all as before.

    Only the order of products in a kecamatan rests on all figures, as the types of villages do.
    """
    others = everything_shown(with_other_secrets(material))
    assert [name for name in seen if seen[name] != others[name] and name[0] != "village"] == []
    amounts = [re.findall(r"pk-value'>([^<]*)", page) for page in (seen, others) for page in page.values()]
    half = len(amounts) // 2
    assert amounts[:half] == amounts[half:]


def test_the_file_counts_what_each_village_is_not_planned_with_and_the_log_is_told(material):
    model = ProductsModel(material)
    model.tab = PLAN
    file = plan_file(model.plan, "en")
    table = pd.read_csv(io.BytesIO(file.content), dtype={"Village code": str})
    heading = "Products not planned with: fewer than 5 enterprises stand behind their worth"
    assert table[heading].sum() == model.plan.n_withheld == 36
    told = table.set_index("Village code")[heading]
    few = material.candidates.loc[material.few["capacity_units_month"], "village_code"]
    assert told[told > 0].sort_index().tolist() == few.value_counts().sort_index().tolist()
    assert [one.text("en") for one in file.withheld] == [
        "Values of fewer than 5 people or enterprises are not shown: 36"
    ]


def test_a_village_of_few_makers_still_tells_what_it_makes_and_when(material, seen):
    code = material.candidates.loc[material.few["capacity_units_month"], "village_code"].iloc[0]
    page = seen["village", code]
    assert "Units a month at most</span><span class='pk-value'>–" in page
    assert "all year" in page
    assert "Makers and sellers" in page


def test_the_sum_of_a_kecamatan_is_that_of_what_is_shown(material):
    model = ProductsModel(material)
    model.open_product("batik")
    model.tab = PLANTS
    shown = material.shown[material.shown["product"] == "batik"]
    assert model.shared.by_kecamatan["capacity_units_month"].sum() == shown["capacity_units_month"].sum()
    assert model.shared.by_kecamatan["n_villages"].sum() == shown["capacity_units_month"].notna().sum()


@pytest.mark.parametrize("tab", [PLAN, PLANTS, BUYERS])
def test_where_nothing_may_be_told_that_is_said_and_not_that_nobody_told(material, tab):
    few = replace(material, candidates=material.candidates.assign(n_enterprises=pd.array([2] * 539, "Int64")))
    model = ProductsModel(few)
    model.tab = tab
    assert model.message == ALL_OF_FEW


# Buyers, who were promised that their prices and volumes are not published.


def test_no_amount_of_a_single_buyer_is_on_the_page(material):
    demand = material.demand.copy()
    demand["volume_units_month"] = [1_000_003.0 + 10_007 * n for n in range(len(demand))]
    demand["price_idr_unit"] = [2_000_003.0 + 10_007 * n for n in range(len(demand))]
    model = ProductsModel(replace(material, demand=demand))
    model.tab = BUYERS
    page = re.sub(r"[.,](?=\d{3})", "", buyers_html(model.buying, "en"))
    found = model.buying.matching
    of_one = [*demand["volume_units_month"], *demand["price_idr_unit"]]
    for rows, names in ((found.demand, ("wanted_units_month", "delivered_units_month", "unmet_units_month")),
                        (found.flows, ("units_month", "value_idr_month"))):  # fmt: skip
        for name in names:
            of_one += [value * times for value in rows[name] for times in (1, 2, 6, 12)]
    numbers = {float(text) for text in re.findall(r"\d{4,}", page)}
    assert numbers & {round(value) for value in of_one if value > 0} == set()
    assert "H003" in page


def buying_in(material):
    model = ProductsModel(material)
    model.tab = BUYERS
    return model.buying


def test_in_the_example_units_are_told_of_the_products_that_five_buyers_want_and_of_no_rarer_one(material):
    products = buying_in(material).products
    told = products["wanted_units_year"].notna()
    assert products.index[told].isin(["vegetables", "rice"]).sum() == 2
    assert products.index[~told].isin(["coffee", "shrimp"]).sum() == 2
    assert told.equals(products["n_buyers"] >= Rules().least_contributors)
    year = material.demand["volume_units_month"] * material.demand["months"].map(len)
    vegetables = year[material.demand["product"] == "vegetables"].sum()
    assert products.loc["vegetables", "wanted_units_year"] == pytest.approx(vegetables)


def test_units_of_a_product_are_told_where_five_buyers_want_it_and_none_is_nearly_all(material):
    coffee = material.demand[material.demand["product"] == "coffee"]
    four, five = (
        pd.concat([coffee.assign(buyer_code=f"H{900 + n}") for n in range(many)]) for many in (4, 5)
    )
    for rows, is_told in ((four, False), (five, True)):
        products = buying_in(replace(material, demand=rows.reset_index(drop=True))).products
        assert products["n_buyers"].tolist() == [len(rows)]
        assert products["wanted_units_year"].notna().tolist() == [is_told]
    most = five.assign(volume_units_month=[9e9, 5.0, 5.0, 5.0, 5.0]).reset_index(drop=True)
    assert buying_in(replace(material, demand=most)).products["wanted_units_year"].isna().all()


def test_what_buyers_pay_together_is_told_only_where_it_tells_of_none(material):
    model = ProductsModel(replace(material, demand=material.demand.head(4)))
    view = ProductsView(model)
    model.tab = BUYERS
    assert np.isnan(model.buying.value_idr_year)
    page = on_screen(view)
    assert "pembeli, senilai" not in page
    assert "desa dapat menjual kepada" in page


# The app about policies.


def few_sellers(material, factor):
    """The survey with three sellers in two villages, whose sales are as they are, times a factor."""
    survey = material.survey.copy()
    codes = material.sellers["village_code"].iloc[[4, 9]]
    here = survey["village_code"].isin(codes) & (survey["year"] == survey["year"].max())
    survey.loc[here, policy.SELLERS] = 3
    survey.loc[here, policy.SALES] = SECRET * factor
    return replace(material, survey=survey, _effects=dict(material._effects)), set(codes)


@pytest.fixture(scope="module")
def survey(store):
    found = policy.material_of(store)
    for key in ("permit", "packaging"):
        found.effect_of(key)  # an estimate over all villages and years, which is found on all values
    return found


def policies_shown(material):
    model = PolicyModel(material)
    view = PolicyView(model)
    model.language = "en"
    seen = [on_screen(view), scenario_file(model.scenario, "en").content.decode("utf-8-sig")]
    model.rule = "all"
    seen.append(on_screen(view))
    model.tab = SPEND
    seen += [on_screen(view), spending_file(model.spending, "en").content.decode("utf-8-sig")]
    return seen


def test_sales_of_few_sellers_are_in_no_figure_of_the_app_about_policies_nor_in_its_files(survey):
    first, codes = few_sellers(survey, 1.0)
    second, _ = few_sellers(survey, 0.4)
    assert first.n_withheld == 2
    assert not set(first.sellers["village_code"]) & codes
    seen = policies_shown(first)
    assert seen == policies_shown(second)
    assert "Values of fewer than 5 people or enterprises are not shown: 2." in seen[0]
    assert not [code for code in codes for file in (seen[1], seen[4]) if code in file]


def test_without_such_villages_nothing_is_said_of_them(survey):
    assert survey.n_withheld == 0
    assert "are not shown" not in policies_shown(survey)[0]


# Reports.


@pytest.fixture(scope="module")
def facts(material):
    return facts_of(
        ReportMaterial(
            sample.load_sample(), "v@1", material.register, material.candidates, material.demand,
            products_made=True, demand_made=True,
        )
    )  # fmt: skip


def test_reports_hold_no_figure_of_few_makers_and_no_amount_of_a_buyer(material, facts):
    few = material.few["capacity_units_month"]
    shown = facts.material.candidates
    assert shown.loc[few, "capacity_units_month"].isna().all()
    assert shown.loc[~few, "capacity_units_month"].notna().all()
    assert shown["sales_idr_month"].isna().all(), "one seller of each product of the example told its sales"
    for code in material.candidates.loc[few, "village_code"].unique()[:4]:
        document = repr(village_document(facts, code, "id").blocks)
        assert "7.654" not in document
        assert f"Nilai dari kurang dari 5 orang atau usaha tidak ditampilkan: {36 + 539}" in document
        for told in re.findall(r"→ (H\d+)([^;.]*)", document):
            assert told[1] == ""


def test_sales_are_told_in_reports_where_five_sellers_told_them(material):
    candidates = material.candidates.assign(n_untold_sales=pd.array([0] * 539, "Int64"))
    told = ReportMaterial(sample.load_sample(), "v@1", material.register, candidates, products_made=True)
    shown = facts_of(told).material.candidates
    assert shown["sales_idr_month"].notna().sum() == 539 - 36


def test_the_council_is_told_of_villages_the_plan_is_made_without(survey, facts):
    from pk_research.apps.policy.helps import HELPS
    from pk_research.apps.policy.spend import LOWEST, spending_of

    material, codes = few_sellers(survey, 1.0)
    plan = spending_of(material, budget_idr=1e9, kept_for=LOWEST, kept_share=0.2, caution=0.0).plan
    assert not set(plan.chosen["village_code"]) & codes
    names = {key: asked.name for key, asked in HELPS.items()}
    policies = Policies(names, {}, plan, made=True, n_withheld=material.n_withheld)
    said = repr(council_document(facts, policies, "en").blocks)
    assert "are not shown: 2. The plan is made without them." in said
    assert [one.text("en") for one in policies.withheld] == [
        "Values of fewer than 5 people or enterprises are not shown: 2"
    ]
