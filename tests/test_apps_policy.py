"""The app about policies without a browser: its choices, what they lead to, and what it says."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from html import unescape

import numpy as np
import pandas as pd
import pytest
import traitlets

from pk_research import sample
from pk_research.apps.policy import first_page
from pk_research.apps.policy.downloads import scenario_file, spending_file
from pk_research.apps.policy.helps import DRYING, HELPS, PACKAGING, PERMIT
from pk_research.apps.policy.material import SALES, Material, material_of
from pk_research.apps.policy.model import SPEND, TABS, TRIED, PolicyModel
from pk_research.apps.policy.page import aid_found
from pk_research.apps.policy.tried import share_of_households
from pk_research.apps.policy.trouble import NO_EFFECT, NO_SURVEY, NOBODY
from pk_research.apps.policy.view import PolicyView
from pk_research.apps.trouble import UNEXPECTED
from pk_research.language import number_text
from pk_research.store import open_store


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('store') / 'store.sqlite'}")
    store.keep(sample.load_sample())
    return store


@pytest.fixture(scope="module")
def material(store) -> Material:
    return material_of(store)


@pytest.fixture
def model(material) -> PolicyModel:
    return PolicyModel(material)


def text_of(html: str) -> str:
    bare = re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(bare))


def shown(view: PolicyView) -> str:
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
    assert re.search(r"Desa yang dibantu: 30 dari \d+; biaya Rp", text_of(page))
    assert "<script" not in page
    for name in TABS:
        assert f"#pk-tab-{name}" in page


def test_without_a_survey_the_page_says_what_is_missing(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    assert NO_SURVEY.text("id") in text_of(first_page(store))


# Would it work


@pytest.mark.parametrize(
    ("rule", "n_villages", "served"),
    [("lowest", 12, 12), ("highest", 5, 5), ("kecamatan", 1, None), ("lottery", 12, 12)],
)
def test_who_gets_it_follows_the_rule(model, rule, n_villages, served):
    model.budget_million = 5_000
    model.rule, model.n_villages = rule, n_villages
    villages = model.scenario.villages
    if rule == "lottery":
        assert model.scenario.draws["n_served"].unique().tolist() == [served]
        return
    chosen = villages[villages["is_chosen"]]
    lacking = model.material.without(HELPS[PERMIT])
    assert set(chosen["village_code"]) <= set(lacking["village_code"])
    if rule == "kecamatan":
        assert chosen["kecamatan"].is_unique
        assert set(chosen["kecamatan"]) == set(lacking["kecamatan"])
        return
    assert len(chosen) == served
    is_in = lacking["village_code"].isin(chosen["village_code"])
    inside, outside = lacking.loc[is_in, "ike"], lacking.loc[~is_in, "ike"]
    assert inside.max() <= outside.min() if rule == "lowest" else inside.min() >= outside.max()


def test_villages_of_one_status_only(model):
    model.rule = "status"
    model.open_status("Berkembang")
    model.budget_million = 5_000
    status = model.material.latest.set_index("village_code")["idm_status"]
    chosen = model.scenario.villages.loc[model.scenario.villages["is_chosen"], "village_code"]
    assert set(status[chosen]) == {"Berkembang"}


def test_the_cost_never_exceeds_the_budget_and_says_so(model):
    model.rule, model.budget_million = "all", 200
    assert model.scenario.draws["cost_idr"].max() <= 200e6
    assert "Anggaran Rp200.000.000 tidak cukup" in shown(PolicyView(model))


def test_every_figure_on_the_page_stands_beside_its_range(model):
    said = shown(PolicyView(model))
    measures = model.scenario.measures
    for name in ("cost_idr", "worth_idr", "net_idr"):
        assert measures.loc[name, "low"] <= measures.loc[name, "expected"] <= measures.loc[name, "high"]
    for part in ("Biaya Rp", "Tambahan pendapatan, tiga tahun Rp", "sampai Rp", "90% hasil simulasi"):
        assert part in said


def test_a_plan_is_kept_and_compared_with_the_next(model):
    view = PolicyView(model)
    model.keep()
    assert "Sekarang ubah sesuatu untuk membandingkannya" in shown(view)
    model.n_villages = 10
    assert model.comparison is not None
    assert "Dibandingkan dengan rencana yang Anda simpan" in shown(view)
    model.open_help(PACKAGING)  # which other villages lack
    pair = model.comparison.pairs.iloc[0]
    apart = model.scenario.draws["net_idr"] - model.kept.draws["net_idr"]
    assert -pair["net_difference"] == pytest.approx(apart.mean())
    assert -pair["net_difference_high"] == pytest.approx(apart.quantile(0.05))
    assert "Selisih: sekarang dikurangi yang disimpan −Rp" in shown(view)
    model.keep()
    assert "Dibandingkan dengan rencana" not in shown(view)


def test_another_help_comes_with_its_usual_amount_and_is_computed_once(model, monkeypatch):
    from pk_research.apps.policy import aid

    asked, original = [], aid.scenario_of
    monkeypatch.setattr(
        aid, "scenario_of", lambda material, ask: asked.append(ask) or original(material, ask)
    )
    model.open_help(DRYING)
    assert [(ask.help, ask.seller_idr) for ask in asked] == [(DRYING, 500_000)]
    model.open_help("gold")
    assert model.help == DRYING


def test_help_that_nobody_tried_is_drawn_from_what_is_assumed_and_says_so(model):
    model.open_help(DRYING)
    chosen = model.scenario.villages.query("is_chosen")["village_code"]
    products = model.material.latest.set_index("village_code").loc[chosen, "flagship_product"]
    assert set(products) <= set(HELPS[DRYING].products)
    assert model.scenario.policy.impact.by_group[""].high == 10.0
    assert "diandaikan bila belum pernah dicoba" in shown(PolicyView(model))


def test_groups_are_all_villages_whose_sales_are_known(model):
    by_kind = model.scenario.groups.groupby("kind")
    for groups in (by_kind.get_group("quintile"), by_kind.get_group("type")):
        assert groups["n_villages"].sum() == len(model.material.sellers)
        assert groups["gain"].sum() == pytest.approx(model.scenario.measures.loc["gain", "expected"])


def test_the_picture_says_to_a_screen_reader_what_it_shows(model):
    lost = round(100 * float((model.scenario.draws["net_idr"] < 0).mean()), 1)
    label = re.search(r"role='img' aria-label='([^']*)'", aid_found(model)).group(1)
    assert label.startswith("Pendapatan dikurangi biaya dalam 2.000 simulasi: merugi dalam")
    assert number_text(lost, "id") in label


def test_villages_can_be_listed_by_kecamatan(model):
    view = PolicyView(model)
    name = model.scenario.villages.query("is_chosen")["kecamatan"].iloc[0]
    model.open_kecamatan(name)
    n = int((model.scenario.villages.query("is_chosen")["kecamatan"] == name).sum())
    assert f"Desa yang mungkin dibantu: {n}" in shown(view)
    for unknown in ("<script>", "Nowhere"):
        model.open_kecamatan(unknown)
        assert model.kecamatan == ""


@pytest.mark.parametrize(
    ("trait", "value"),
    [("n_villages", 0), ("n_villages", 10_000), ("budget_million", -1), ("help", "gold"), ("rule", "mine"),
     ("seller_thousand", 10**9), ("language", "xx"), ("lowest_percent", 101), ("each_percent", 5),
     ("kept_for", "me")],
)  # fmt: skip
def test_what_a_browser_must_not_send_is_refused(model, trait, value):
    before = getattr(model, trait)
    with pytest.raises(traitlets.TraitError):
        setattr(model, trait, value)
    assert getattr(model, trait) == before


def test_where_nobody_can_be_helped_it_is_said(material):
    everybody_has = material.survey.assign(**{HELPS[PERMIT].column: "PIRT/NIB"})
    model = PolicyModel(replace(material, survey=everybody_has, _effects={}))
    assert model.message == NOBODY
    assert model.scenario is None


def test_where_no_effect_can_be_estimated_it_is_said(material):
    one_year = material.survey[material.survey["year"] == material.years[1]]
    model = PolicyModel(replace(material, survey=one_year, _effects={}))
    assert model.message == NO_EFFECT


def test_what_was_not_expected_is_logged_and_not_shown(model, monkeypatch, caplog):
    monkeypatch.setattr(
        "pk_research.apps.policy.aid.scenario_of", lambda *_: (_ for _ in ()).throw(RuntimeError("secret"))
    )
    model.n_villages = 7
    assert model.message == UNEXPECTED
    assert model.scenario is None
    assert "secret" not in shown(PolicyView(model))
    assert "secret" in caplog.text


# Where to spend


def test_a_budget_goes_to_what_is_known_to_work(model):
    model.tab = SPEND
    chosen = model.spending.plan.chosen
    assert set(chosen["policy"]) == {PERMIT}  # the other help's effect cannot be told from nothing
    assert model.spending.plan.spent_idr <= 1e9
    assert model.spending.more > 0
    said = shown(PolicyView(model))
    assert "bertumpu pada dampak yang diandaikan" not in said
    for part in (
        "Kemasan berlabel: tidak ada.",
        "Belanja per kecamatan",
        "Tambahan anggaran Rp100 juta akan menambah",
        "95%: Rp",
    ):
        assert part in said


def test_a_share_is_kept_for_the_villages_with_the_lowest_index(model):
    model.tab = SPEND
    model.lowest_percent = 40
    chosen = model.spending.plan.chosen
    assert chosen.loc[chosen["group"] == "lowest", "cost_idr"].sum() >= 0.4e9


def test_a_share_is_kept_for_each_kecamatan_that_can_be_helped(model):
    model.tab = SPEND
    model.kept_for, model.each_percent = "kecamatan", 1
    found, by_kecamatan = model.spending, model.spending.by_kecamatan
    assert by_kecamatan["cost_idr"].min() >= 0.01 * 1e9
    assert len(by_kecamatan) + found.n_without == len(model.material.kecamatan)
    assert by_kecamatan["cost_idr"].sum() == pytest.approx(found.plan.spent_idr)
    assert by_kecamatan["effect"].sum() == pytest.approx(found.plan.effect)
    # One estimate stands behind all grants of a help: the errors of the parts add up.
    assert by_kecamatan["se"].sum() == pytest.approx(found.plan.effect_se)
    assert f"kecamatan tanpa desa yang dapat dibantu: {found.n_without}" in shown(PolicyView(model))


def test_money_that_rests_on_an_assumed_effect_is_said(model):
    model.tab = SPEND
    model.spend_million, model.lowest_percent, model.is_careful = 5_000, 0, False
    assert DRYING in set(model.spending.plan.chosen["policy"])
    assert "bertumpu pada dampak yang diandaikan, bukan yang ditemukan" in shown(PolicyView(model))


def test_money_spent_only_to_keep_a_share_is_said(model):
    model.tab = SPEND
    assert "tidak ada hasil yang diharapkan darinya" not in shown(PolicyView(model))
    model.spend_million, model.lowest_percent = 5_000, 50
    plan = model.spending.plan
    n = int((plan.problem.worth[plan.chosen.index] <= 0).sum())
    assert n > 0
    assert f"{n} bantuan diberikan hanya untuk memenuhi bagian" in shown(PolicyView(model))


def test_a_share_that_cannot_be_kept_is_said_and_nothing_old_is_shown(model):
    model.tab = SPEND
    assert model.spending is not None
    model.spend_million, model.lowest_percent = 5_000, 60  # more than all those villages could get
    assert model.message.text("en") == (
        "More is kept than can be spent. Kept for the fifth of villages with the lowest economic index: "
        "IDR 3,000 million. All help that could be given there costs: IDR 2,797.2 million. Keep a smaller "
        "share, or lower the budget."
    )
    assert model.spending is None
    assert "Dana yang disisihkan melebihi yang dapat dibelanjakan" in shown(PolicyView(model))


def test_whole_grants_that_do_not_fit_a_small_budget_are_named(model):
    model.tab = SPEND
    with model.hold_trait_notifications():
        model.spend_million, model.kept_for, model.each_percent = 50, "kecamatan", 2
    assert model.message.text("en") == (
        "The budget and what is kept cannot both be met, for help is given whole or not at all: Babelan, "
        "Bojongmangu. Keep a smaller share, or raise the budget."
    )


# What was tried


def test_each_help_is_told_with_its_doubt(model):
    model.tab = TRIED
    said = shown(PolicyView(model))
    assert "Bantuan ini menaikkan penjualan, asalkan" in said
    assert "Survei ini tidak dapat menunjukkan apakah bantuan ini menaikkan" in said
    assert "tidak ditentukan dengan undian" in said
    assert "Belum pernah dicoba: dampaknya dibuat untuk contoh ini" in said
    for effect in model.tried.effects.values():
        assert effect.cross_check.agrees
        assert effect.in_words("id") in said


def test_an_effect_that_cannot_be_estimated_leaves_the_others_to_be_read(material):
    without = material.survey.assign(product_packaging="Plastik")
    model = PolicyModel(replace(material, survey=without, _effects={}))
    model.tab = TRIED
    assert model.tried.effects[PACKAGING] is None
    said = shown(PolicyView(model))
    assert NO_EFFECT.text("id") in said
    assert "Bantuan ini menaikkan penjualan, asalkan" in said


# Are the targets reached


def test_each_target_has_a_light_in_sign_and_word_that_respects_the_interval(model):
    model.tab = TRIED
    years = model.tried.tracking.years.dropna(subset="value")
    assert set(years["light"]) == {"on_track", "behind", "cannot_be_said"}
    doubtful = years[years["light"] == "cannot_be_said"]
    assert doubtful["target"].between(doubtful["low"], doubtful["high"]).all()
    said = shown(PolicyView(model))
    for part in ("▲ sesuai jalur", "▼ ", "? ", "Target di sini dibuat untuk contoh", "peluang tercapainya"):
        assert part in said


def test_impossible_shares_are_left_out_and_counted(model):
    survey = model.material.survey
    assert (survey["clean_water_pct"] > 100).any()
    model.tab = TRIED
    shares = [survey["clean_water_pct"], survey["internet_pct"], survey["toilet_pct"],
              100 * survey["poor_households"] / survey["households"]]  # fmt: skip
    n = sum(int((~share.dropna().between(0, 100)).sum()) for share in shares)
    assert model.tried.n_impossible == n
    assert f"melebihi jumlah rumah tangga: {n}." in shown(PolicyView(model))


def test_the_error_of_a_share_is_that_of_villages_that_did_not_answer():
    rng = np.random.default_rng(7)
    households = pd.Series(rng.integers(500, 6_000, 180))
    share = pd.Series(rng.normal(70, 12, 180))
    truth, _ = share_of_households(share, households, 180)
    drawn = [rng.permutation(180)[:150] for _ in range(3_000)]
    answers = np.array([share_of_households(share[some], households[some], 180) for some in drawn])
    assert answers[:, 0].mean() == pytest.approx(truth, abs=0.02)
    assert answers[:, 0].std() == pytest.approx(answers[:, 1].mean(), rel=0.05)


def test_a_survey_without_these_columns_has_no_targets(material):
    model = PolicyModel(replace(material, survey=material.survey.drop(columns="toilet_pct")))
    model.tab = TRIED
    assert model.tried.tracking is None
    assert "Apakah target tercapai?" not in shown(PolicyView(model))


# Both languages, and files


@pytest.mark.parametrize("tab", TABS)
def test_english_leaves_no_indonesian_and_the_other_way_round(model, tab):
    view = PolicyView(model)
    model.tab = tab
    model.language = "en"
    said = shown(view)
    assert "Example data (made up), not real data" in said
    for word in ("Bantuan", "Biaya", "Desa yang", "penjualan"):
        assert word not in said, word
    model.language = "id"
    for word in ("Villages", "Added income", "Cost ", "estimated"):
        assert word not in shown(view), word


def test_files_say_that_they_are_made(model):
    model.tab = SPEND
    files = [scenario_file(model.scenario, "id"), spending_file(model.spending, "en")]
    assert [file.name for file in files] == [
        "bantuan-per-desa-contoh-buatan.csv",
        "spending-plan-made-example.csv",
    ]
    for file in files:
        table = pd.read_csv(io.BytesIO(file.content))
        assert len(table) > 0
        assert table.iloc[:, -1].str.contains("buatan|Made").all()


def test_rows_entered_twice_are_left_out_and_missing_sales_never_count_as_none(material):
    assert material.n_twice > 0
    assert not material.survey.duplicated(["village_code", "year"]).any()
    for asked in HELPS.values():
        assert (material.without(asked)[SALES] > 0).all()
