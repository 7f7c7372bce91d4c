"""The app about products without a browser: its choices, what they lead to, and what it says."""

from __future__ import annotations

import ast
import io
import json
import re
from dataclasses import replace
from html import unescape

import pandas as pd
import pytest
import traitlets

from pk_research.apps.first import part_in
from pk_research.apps.products import first_page
from pk_research.apps.products.buyers_html import buyers_html
from pk_research.apps.products.downloads import plan_file
from pk_research.apps.products.made.fillings import made_demand, made_submissions
from pk_research.apps.products.made.tables import CANDIDATES, DEMAND, as_csv, read_table
from pk_research.apps.products.market_html import market_html
from pk_research.apps.products.material import Material, material_of
from pk_research.apps.products.model import BUYERS, MARKET, PLAN, PLANTS, TABS, ProductsModel
from pk_research.apps.products.plan import values_of
from pk_research.apps.products.trouble import NO_BUYERS, NO_CANDIDATES, NO_PLAN_YET
from pk_research.apps.products.view import ProductsView
from pk_research.codebook import Codebook, Label
from pk_research.errors import NotReady, Problem
from pk_research.language import catalogue, number_text
from pk_research.products.buyers import needs_of
from pk_research.products.catalogue import candidates_of
from pk_research.products.experiments import (
    Attribute,
    Choices,
    KnownTastes,
    choice_design,
    experiment_dataset,
    made_choices,
)
from pk_research.sources.dataset import Dataset, Provenance
from pk_research.store import open_store

PERMITS = ("nib", "pirt", "halal", "bpom")
SETIA_ASIH = "3216011007"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store without submissions: the app shows its made example."""
    return open_store(f"sqlite:///{tmp_path_factory.mktemp('store') / 'store.sqlite'}")


@pytest.fixture(scope="module")
def material(store) -> Material:
    return material_of(store)


@pytest.fixture
def model(material) -> ProductsModel:
    return ProductsModel(material)


@pytest.fixture
def mapped(store, material, tmp_path) -> ProductsModel:
    """The model where villages have boundaries: squares on a grid, a kilometre and a bit apart."""
    path = tmp_path / "boundaries.geojson"
    path.write_text(json.dumps(squares(material.villages_of(""))), encoding="utf-8")
    return ProductsModel(material_of(store, boundaries=path))


def squares(codes) -> dict[str, object]:
    def square(number: int, code: str) -> dict[str, object]:
        x, y = 107 + 0.012 * (number % 14), -6.2 - 0.012 * (number // 14)
        ring = [[x, y], [x + 0.01, y], [x + 0.01, y + 0.01], [x, y + 0.01], [x, y]]
        shape = {"type": "Polygon", "coordinates": [ring]}
        return {"type": "Feature", "properties": {"code": code}, "geometry": shape}

    return {"type": "FeatureCollection", "features": [square(n, code) for n, code in enumerate(codes)]}


def text_of(html: str) -> str:
    bare = re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(bare))


def shown(view: ProductsView) -> str:
    """Everything on the page, tabs that are not open too."""

    def texts(widget):
        if hasattr(widget, "children"):
            for child in widget.children:
                yield from texts(child)
        elif isinstance(getattr(widget, "value", None), str):
            yield text_of(widget.value)

    return " ".join(texts(view.root))


# The first page


def test_the_first_page_needs_no_script_and_says_that_the_data_is_made(store):
    page = first_page(store)
    assert "Data contoh (buatan), bukan data sebenarnya" in page
    assert "187 desa menyebutkan 20 produk" in page
    assert "<script" not in page
    for name in TABS:
        assert f"#pk-tab-{name}" in page


# One village


def test_a_village_shows_its_candidates_and_where_they_stand(model):
    view = ProductsView(model)
    model.open_village(SETIA_ASIH)
    said = shown(view)
    for part in ("Setia Asih", "Gula aren", "Urutan produk di Kecamatan Tarumajaya", "perhitungan urutannya"):
        assert part in said
    assert "Penjualan" not in said  # they may be those of a single enterprise
    assert model.kecamatan_code == SETIA_ASIH[:6]
    ranks = model.flagships.intervals.intervals
    assert (ranks["low"] <= ranks["median"]).all()
    assert (ranks["median"] <= ranks["high"]).all()


@pytest.mark.parametrize("code", ["", "9999999999", "<script>", "321601"])
def test_a_code_that_is_not_offered_chooses_no_village(model, code):
    model.open_village(SETIA_ASIH)
    model.open_village(code)
    assert model.village_code == ""
    assert model.message is None


def test_a_card_tells_how_often_it_is_delivered_and_what_a_sum_leaves_out(model):
    view = ProductsView(model)
    model.open_village(SETIA_ASIH)
    assert "Paling banyak dikirim sebulan (kali) 8" in shown(view)
    assert "atau lebih" not in shown(view)
    rows = model.material.candidates
    counted = rows.assign(n_untold_capacity=pd.array([3] * len(rows), dtype="Int64"))
    partial = ProductsModel(replace(model.material, candidates=counted))
    view = ProductsView(partial)
    partial.open_village(SETIA_ASIH)
    assert "8.853 atau lebih (pembuat yang belum terhitung: 3)" in shown(view)


def test_a_kecamatan_without_a_village_shows_its_own_products_and_none_of_the_regency(model, material):
    view = ProductsView(model)
    regency = "187 desa menyebutkan"
    assert regency in shown(view)
    view.kecamatan.value = SETIA_ASIH[:6]
    here = material.candidates[material.candidates["village_code"].str.startswith(SETIA_ASIH[:6])]
    said = shown(view)
    n_villages, n_products = here["village_code"].nunique(), here["product"].nunique()
    assert f"{n_villages} desa/kelurahan di Kecamatan Tarumajaya menyebutkan {n_products} produk" in said
    assert set(model.flagships.intervals.intervals.index) == set(here["product"])
    assert regency not in said
    view.village.value = SETIA_ASIH
    assert f"{n_villages} desa/kelurahan di Kecamatan" not in shown(view)
    assert "Urutan produk di Kecamatan Tarumajaya" in shown(view)
    view.kecamatan.value = ""
    assert regency in shown(view)


def test_another_kecamatan_offers_its_own_villages_and_chooses_none(model):
    view = ProductsView(model)
    model.open_village(SETIA_ASIH)
    view.kecamatan.value = "321602"
    assert model.village_code == ""
    codes = [code for _, code in view.village.options if code]
    assert codes
    assert all(code.startswith("321602") for code in codes)


# One village, one product


def test_worth_is_capacity_times_margin_over_the_season_and_unknown_stays_unknown():
    rows = pd.DataFrame(
        {
            "village_code": ["A", "B", "C"],
            "product": "melon",
            "capacity_units_month": [10.0, 10.0, None],
            "price_idr_unit": [5000.0, 5000.0, 5000.0],
            "cost_idr_unit": [3000.0, 3000.0, 3000.0],
            "season_months": [(4, 5, 6), (), (1,)],
        }
    )
    values = values_of(rows)["value_idr_year"]
    assert values.iloc[:2].tolist() == [10 * 2000 * 3, 10 * 2000 * 12]
    assert values.isna().tolist() == [False, False, True]


def test_a_slider_changes_the_plan_and_its_limits_are_kept(model):
    view = ProductsView(model)
    view.tabs.value = PLAN
    before = model.plan.assignment
    view.sliders["most_in_kecamatan"].value = 1
    view.sliders["most_villages"].value = 8
    after = model.plan.assignment
    assert after.value_idr_year < before.value_idr_year
    assert after.products["n_villages"].max() <= 8
    made = after.villages.dropna(subset="product")
    assert made.groupby([made["village_code"].str[:6], "product"]).size().max() == 1
    assert "tanpa batas ini nilai rencana bertambah" in shown(view)


def test_products_of_too_few_villages_are_not_taken_up(model):
    model.least_villages = 9
    model.tab = PLAN
    counts = model.plan.assignment.products["n_villages"]
    assert counts[counts > 0].min() >= 9


def test_a_search_that_the_clock_ended_is_told_wherever_it_matters(model):
    view = ProductsView(model)
    view.tabs.value = PLAN
    told = "Pencarian dihentikan oleh batas waktu"
    assert told not in shown(view)
    plan = model.plan
    model.plan = replace(
        plan,
        costs=replace(plan.costs, stopped_by_clock=True),
        others=replace(plan.others, chosen=(), values_idr_year=(), is_complete=False, stopped_by_clock=True),
    )
    assert shown(view).count(told) == 2
    assert "mungkin saja ada" in shown(view)


def test_limits_that_exclude_each_other_are_said_and_the_next_are_heard(model):
    model.tab = PLAN
    model.most_villages = 1  # below the least, which is two
    assert model.message is not None
    assert model.message.text("en").startswith("At most so many villages for one product is less than")
    assert model.plan is None
    model.most_villages = 20
    assert (model.message, model.plan is None) == (None, False)


def test_no_plan_in_the_time_there_is_is_a_sentence(model, monkeypatch):
    def nothing_found(*_, **__):
        raise NotReady(Problem("time_limit_s", "no plan was found in 10 s", "Allow more time."))

    monkeypatch.setattr("pk_research.apps.products.plan.assign", nothing_found)
    model.tab = PLAN
    assert model.message == NO_PLAN_YET


def test_the_plan_is_taken_away_as_a_table_that_says_it_is_made(model):
    view = ProductsView(model)
    assert view.download.layout.display == "none"
    view.tabs.value = PLAN
    assert view.download.layout.display is None
    file = plan_file(model.plan, "id")
    table = pd.read_csv(io.BytesIO(file.content), dtype=str)
    assert "buatan" in file.name
    assert len(table) == 187
    assert table.iloc[:, -1].str.startswith("Data buatan").all()


# Shared plants


def test_without_boundaries_there_is_no_map_and_it_is_said(model):
    view = ProductsView(model)
    view.tabs.value = PLANTS
    assert model.shared.plants is None
    said = shown(view)
    assert "Letak desa tidak diketahui" in said
    assert "di kecamatan yang sama" in said
    assert "terdekat" not in said
    assert "di sekitar" not in said
    assert view.of_map.layout.display == "none"


def test_supplies_without_boundaries_stay_within_a_kecamatan(model):
    model.tab = PLANTS
    links = model.shared.supply.links
    assert len(links)
    assert (links["from_village"].str[:6] == links["to_village"].str[:6]).all()


def test_more_plants_make_the_way_shorter(mapped):
    view = ProductsView(mapped)
    view.tabs.value = PLANTS
    few = mapped.shared.plants
    view.sliders["n_plants"].value = 8
    many = mapped.shared.plants
    assert (len(few.sites), len(many.sites)) == (3, 8)
    assert many.mean_km < few.mean_km
    assert "8 pabrik untuk" in shown(view)
    assert "Pemasok, yang terdekat lebih dahulu" in shown(view)
    assert "<svg class='pk-plants'" in "".join(
        child.value for panel in view.results.children if hasattr(panel, "children")
        for child in panel.children if hasattr(child, "value") and isinstance(child.value, str)
    )  # fmt: skip


def test_a_product_of_fewer_villages_than_plants_is_no_trouble(mapped):
    mapped.open_product("dried_fish")
    mapped.n_plants = 12
    mapped.tab = PLANTS
    assert mapped.message is None
    assert len(mapped.shared.plants.sites) <= 12


def test_boundaries_that_leave_villages_out_are_not_used(store, tmp_path):
    path = tmp_path / "some.geojson"
    path.write_text(json.dumps(squares([SETIA_ASIH])), encoding="utf-8")
    assert not material_of(store, boundaries=path).is_mapped


# Buyers


def test_each_miss_has_a_reason_and_no_buyer_is_named(model):
    view = ProductsView(model)
    view.tabs.value = BUYERS
    demand = model.buying.matching.demand
    unmet = demand[demand["unmet_units_month"] > 0]
    reasons = model.buying.reasons.reasons
    assert set(unmet["buyer_code"]) == set(reasons["buyer_code"])
    said = shown(view)
    assert "Pembeli H003" in said
    assert "Contoh 0" not in said


def test_the_example_shows_what_many_buyers_need_in_a_year_and_a_dash_where_few_do(model):
    view = ProductsView(model)
    view.tabs.value = BUYERS
    rows = pd.read_html(io.StringIO(buyers_html(model.buying, "en")), thousands=None)[0].set_index("Product")
    needs = rows["Units wanted a year"]
    wanted = model.buying.products["wanted_units_year"]
    assert needs["Vegetables"] == number_text(wanted["vegetables"], "en", 0)
    assert needs["Coffee"] == "–"


def dataset(name: str, frame: pd.DataFrame) -> Dataset:
    return Dataset(name, frame, Codebook(()), Provenance(name, "", f"hash of {name}", "submissions"), ())


def test_another_language_tells_the_same_plan_and_sales_without_finding_them_again(model):
    view = ProductsView(model)
    for tab, trait, indonesian, english in (
        (PLAN, "plan", "Telur asin", "Salted eggs"),
        (BUYERS, "buying", "Telur asin", "Salted eggs"),
    ):
        view.tabs.value = tab
        found = getattr(model, trait)
        assert indonesian in shown(view)
        model.language = "en"
        assert english in shown(view)
        assert getattr(model, trait) is found
        model.language = "id"


# The market


def test_a_dearer_product_is_chosen_less_and_the_interval_is_around_the_share(model):
    view = ProductsView(model)
    view.tabs.value = MARKET
    cheap = model.shares.shares.loc["ours"]
    view.levels["ours", "price_idr"].value = 25_000
    dear = model.shares.shares.loc["ours"]
    assert dear["share"] < cheap["share"]
    assert dear["low"] < dear["share"] < dear["high"]
    assert dear["revenue_idr_month"] == pytest.approx(dear["share"] * 10_000 * 25_000)
    assert "akan memilih produk Anda" in shown(view)
    assert view.levels["ours", "price_idr"].description == "Harga, produk Anda: Rp25.000"


def test_a_better_rival_takes_shares_and_is_described_as_it_was_set(model):
    view = ProductsView(model)
    view.tabs.value = MARKET
    before = model.shares.shares.loc["ours", "share"]
    for attribute, level in (("taste", "spicy"), ("packaging", "box"), ("promotion", "story")):
        view.levels["rival", attribute].value = level
    assert model.shares.shares.loc["ours", "share"] < before
    assert "Pedas, Kotak berlabel, Kisah desa, Rp15.000" in shown(view)


def test_a_rival_like_ours_is_as_good_as_ours(model):
    model.tab = MARKET
    model.rival = model.ours
    shares = model.shares.shares
    assert shares.loc["ours", "share"] == pytest.approx(shares.loc["rival", "share"])
    assert "more often than the rival in 50% of" in market_html(model.shares, model.experiment, "en")


def test_the_market_is_that_of_the_experiment_that_was_kept(material):
    kept = experiment_dataset(emping(), "Emping of Setu")
    model = ProductsModel(replace(material, experiment=kept))
    view = ProductsView(model)
    view.tabs.value = MARKET
    assert [name for whose, name in view.levels if whose == "ours"] == ["salt", "price_idr"]
    assert model.shares.products.loc["rival"].to_dict() == {"salt": "mild", "price_idr": "10000"}
    said = shown(view)
    assert "dari pilihan 60 responden buatan (percobaan: Emping of Setu)" in said
    assert "camilan contoh" not in said


def test_without_a_price_nothing_is_said_of_revenue(material):
    kept = experiment_dataset(emping(with_price=False), "Emping of Setu")
    view = ProductsView(ProductsModel(replace(material, experiment=kept)))
    view.tabs.value = MARKET
    assert "akan memilih produk Anda" in shown(view)
    assert "Pendapatan" not in shown(view)


def test_an_experiment_that_cannot_be_used_is_said_so_and_takes_nothing_else_away(material):
    broken = replace(experiment_dataset(emping(), "Emping of Setu"), codebook=Codebook(()))
    model = ProductsModel(replace(material, experiment=broken))
    view = ProductsView(model)
    assert model.evidence is not None
    view.tabs.value = MARKET
    assert "Percobaan pilihan yang disimpan tidak dapat dipakai" in shown(view)


def emping(*, with_price: bool = True) -> Choices:
    salt = Attribute("salt", "Rasa asin", "Salt", (Label("mild", "Sedikit", "Little"),
                     Label("salty", "Asin", "Salty")))  # fmt: skip
    price = Attribute(
        "price_idr", "Harga", "Price",
        (Label("10000", "Rp10.000", "IDR 10,000"), Label("14000", "Rp14.000", "IDR 14,000")),
        coding="linear", better="first", unit=1000,
    )  # fmt: skip
    tastes = {"salt=salty": 0.5, "none": -1.0} | ({"price_idr": -0.2} if with_price else {})
    design = choice_design([salt, price] if with_price else [salt], n_sets=6 if with_price else 2)
    return made_choices(design, KnownTastes((tastes,)), 60, seed=1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ours", {"taste": "plain", "packaging": "box", "promotion": "no", "price_idr": "1"}),
        ("rival", {"taste": "bitter", "packaging": "box", "promotion": "no", "price_idr": "15000"}),
        ("ours", {"taste": "plain"}),
        ("n_plants", 0),
        ("tab", "x"),
        ("most_villages", 1e9),
    ],
)
def test_values_beyond_what_is_offered_are_refused(model, name, value):
    with pytest.raises(traitlets.TraitError):
        setattr(model, name, value)


# Trouble


def test_without_candidates_a_sentence_says_so(material):
    empty = replace(material, candidates=material.candidates.iloc[:0])
    model = ProductsModel(empty)
    assert model.message == NO_CANDIDATES
    for tab in TABS:
        model.tab = tab
    assert model.plan is None
    assert "Belum ada desa yang menyebutkan produk" in shown(ProductsView(model))


def test_submissions_that_cannot_be_read_are_a_sentence_and_stop_nothing(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    store.keep(dataset("product_dossier", pd.DataFrame({"key": ["d1"], "colour": ["red"]})))
    page = part_in(first_page(store), "id")
    assert "Kiriman tentang produk tidak dapat dibaca" in page
    assert "red" not in text_of(page)


def test_without_needs_the_buyers_say_so_and_the_other_tabs_work(material):
    model = ProductsModel(replace(material, demand=pd.DataFrame()))
    model.tab = BUYERS
    assert model.message == NO_BUYERS
    model.tab = PLAN
    assert model.message is None
    assert model.plan is not None


def test_a_fault_is_a_sentence_and_shows_nothing_old(model, monkeypatch):
    model.tab = PLAN
    monkeypatch.setattr(
        "pk_research.apps.products.plan.plan_of", lambda *_: (_ for _ in ()).throw(RuntimeError("secret"))
    )
    model.most_villages = 5
    assert model.plan is None
    assert "secret" not in model.message.text("id")


# Words


def test_the_language_is_switched_everywhere(model):
    view = ProductsView(model)
    model.open_village(SETIA_ASIH)
    for tab in TABS:
        view.tabs.value = tab
    view.language.value = "en"
    said = shown(view)
    for part in ("What the limits cost", "Who can supply whom", "would choose your product", "Told by"):
        assert part in said


def test_every_text_that_is_said_has_its_indonesian(project):
    known = set(catalogue("id"))
    for path in (project / "pk_research" / "apps" / "products").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say":
                text = node.args[0]
                if isinstance(text, ast.Constant):
                    assert text.value in known, (path.name, text.value)


def test_in_indonesian_no_catalogue_text_is_left_english(mapped):
    view = ProductsView(mapped)
    mapped.open_village(SETIA_ASIH)
    for tab in TABS:
        view.tabs.value = tab
    labels = [slider.description for slider in view.sliders.values()]
    said = f" {shown(view)} {' '.join(labels)} "
    left = [text for text, other in catalogue("id").items()
            if text != other and len(text) > 8 and "{" not in text and f" {text} " in said]  # fmt: skip
    assert left == []


# The made example


def test_the_made_tables_are_read_back_as_they_were_written():
    for name in (CANDIDATES, DEMAND):
        frame = read_table(name)
        assert as_csv(frame) == as_csv(read_table(name))
        assert len(frame)


@pytest.mark.slow
def test_the_made_tables_are_what_the_questionnaires_give(material):
    villages = [village for village in material.register if village.kecamatan_code == "321601"][:3]
    codes = {village.code for village in villages}
    found = candidates_of(*made_submissions(villages), made=True).candidates
    kept = read_table(CANDIDATES)
    assert as_csv(found) == as_csv(kept[kept["village_code"].isin(codes)])
    assert as_csv(needs_of(made_demand(4)).frame) == as_csv(read_table(DEMAND).head(4))


@pytest.mark.slow
def test_submissions_kept_as_datasets_come_before_the_example(store, material):
    villages = list(material.register)[:2]
    for table in made_submissions(villages):
        if "missing" not in table.name and not table.name.endswith("stage"):
            store.keep(table)
    found = material_of(store)
    assert set(found.candidates["village_code"]) == {village.code for village in villages}
    assert not found.made
    assert found.demand.empty
    model = ProductsModel(found)
    view = ProductsView(model)
    assert "Data contoh" not in shown(view)
    view.tabs.value = MARKET  # whose experiment is made, whatever the candidates are
    assert "Data contoh" in shown(view)
