"""The findings app: the index of economic potential, and the page of one village."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest
from findings_tables import TABLE, pieces_of, store_with, survey, text_of

from pk_research import sample
from pk_research.apps.findings.differences import differences
from pk_research.apps.findings.doubts import doubts_html
from pk_research.apps.findings.headline import headline_html
from pk_research.apps.findings.model import FindingsModel
from pk_research.apps.findings.potential import COVERED, Potential, potential_of, proposed_directions
from pk_research.apps.findings.potential_html import potential_html, standing
from pk_research.apps.findings.potential_model import PotentialModel
from pk_research.apps.findings.potential_view import PotentialView
from pk_research.apps.findings.view import FindingsView
from pk_research.apps.findings.village_index import village_index_html
from pk_research.apps.findings.village_page import village_html
from pk_research.apps.trouble import CannotShow
from pk_research.sources import Dataset


@pytest.fixture
def model() -> FindingsModel:
    return FindingsModel(store_with(survey()))


@pytest.fixture
def view(model) -> FindingsView:
    return FindingsView(model)


# The index of economic potential


@pytest.fixture(scope="module")
def made() -> Dataset:
    return sample.load_sample()


@pytest.fixture(scope="module")
def few(made) -> Dataset:
    """Sixty villages of the latest year, which are computed in a moment."""
    frame = made.frame[made.frame["year"] == 2024]
    return made.with_frame(frame.iloc[:60].reset_index(drop=True), made.codebook)


@pytest.fixture(scope="module")
def potential(made) -> Potential:
    return potential_of(made, year=2024)


def test_weights_move_the_ranks_and_the_proposed_ones_stay_beside_them(made, potential):
    access_alone = {part: float(part == "access") for part in potential.parts}
    tried = standing(potential_of(made, year=2024, weights=access_alone))
    assert list(tried["score"]) == sorted(tried["score"], reverse=True)
    assert list(tried["score"]) == pytest.approx(
        list(potential.declared.scores.loc[tried.index, "access"]), nan_ok=False
    )
    assert dict(tried["declared"]) == dict(potential.declared.rank[tried.index])


def test_a_direction_that_is_turned_turns_the_ranks(made):
    near, far = ({"market_km": way, "toll_gate_km": way} for way in (-1, 1))
    lowest, highest = (potential_of(made, year=2024, directions=each) for each in (near, far))
    assert list(lowest.tried.normalised.sum(axis=1) + highest.tried.normalised.sum(axis=1)) == pytest.approx(
        [200.0] * len(lowest.tried.units)
    )


def test_an_indicator_beside_the_proposal_gets_a_part_of_its_own(made):
    directions = {**proposed_directions(made), "clean_water_pct": 1}
    found = potential_of(made, year=2024, directions=directions)
    assert found.parts == ("enterprise", "product", "access", "capital", "other_indicators")
    assert found.tried.declaration.label("other_indicators").text("id") == "Indikator lain"
    assert found.declared.declaration.indicators == tuple(proposed_directions(made))


def test_every_rank_has_an_interval_and_the_reader_is_told_not_to_compare_where_they_overlap(potential):
    found = standing(potential)
    assert (found["low"] <= found["high"]).all()
    shown = text_of(potential_html(potential, "", "id"))
    assert "jangan menyebut yang satu lebih baik" in shown
    assert "Data contoh (buatan), bukan data sebenarnya" in shown


def test_a_village_is_told_its_rank_its_interval_and_its_neighbours(potential):
    found = standing(potential)
    second, third = found.index[1], found.index[2]
    shown = text_of(village_index_html(potential, second, "en"))
    interval = f"between {found.loc[second, 'low']:.0f} and {found.loc[second, 'high']:.0f}"
    said = f"rank {found.loc[second, 'rank']} of {len(found)}; in {COVERED}% of the calculations {interval}"
    assert said in shown
    assert found.loc[third, "village"] in shown.partition("Next to it in the ranking:")[2].split(".")[0]


def test_a_village_is_told_which_parts_are_strong_and_what_was_missing(potential):
    values = pd.DataFrame(potential.tried.inputs.measured.T, index=potential.tried.inputs.key)
    n_missing = values.isna().sum(axis=1)
    lacking = n_missing.index[n_missing == 2][0]
    shown = text_of(village_index_html(potential, lacking, "en"))
    assert "Missing for it: 2 of 14 indicators" in shown
    best = potential.tried.scores["access"].idxmax()
    assert re.search(r"Access to markets [0-9.]+ strong", text_of(village_index_html(potential, best, "en")))


def test_a_village_without_a_place_in_the_index_is_told_why(made):
    frame = made.frame.copy()
    gone = (frame["village_code"] == "3216012001") & (frame["year"] == 2024)
    frame.loc[gone, ["market_km", "toll_gate_km", "internet_pct", "umkm_count", "population"]] = pd.NA
    frame.loc[gone, ["product_sellers", "flood_days_year", "online_sales_pct"]] = pd.NA
    found = potential_of(made.with_frame(frame, made.codebook), year=2024)
    assert "3216012001" not in standing(found).index
    shown = text_of(village_index_html(found, "3216012001", "id"))
    assert "Desa ini tidak mendapat tempat dalam indeks:" in shown


@pytest.mark.parametrize(
    ("directions", "indonesian"),
    [
        ({}, "Indeks memerlukan sedikitnya dua indikator"),
        ({"iks": 1}, "Indeks memerlukan sedikitnya dua indikator"),
        ({"iks": 1, "roads_km": 1}, "Jalan sama di semua desa"),
    ],
)
def test_an_index_that_cannot_be_computed_is_refused_with_the_reason(directions, indonesian):
    with pytest.raises(CannotShow) as refused:
        potential_of(survey(), year=2024, directions=directions)
    assert refused.value.message.text("id").startswith(indonesian)


def test_a_refusal_is_logged_and_the_next_choice_computes_again(few, caplog):
    index = PotentialModel(FindingsModel(store_with(few)))
    caplog.set_level("INFO")
    index._findings.tab = "potential"
    index.directions = {"umkm_count": 1}
    assert (index.status, index.result) == ("failed", None)
    assert index.message.text("en").startswith("An index needs at least two indicators")
    assert "no index of ['umkm_count']" in caplog.text
    index.reset()
    assert (index.status, index.message) == ("ready", None)
    assert index.directions == proposed_directions(few)


def test_the_index_says_that_it_is_being_computed(few):
    findings = FindingsModel(store_with(few))
    index = PotentialModel(findings)
    said = []
    index.observe(lambda change: said.append(change["new"]), "status")
    findings.tab = "potential"
    index.weights = {"access": 10.0}
    assert said == ["working", "ready", "working", "ready"]


def test_the_index_is_computed_when_it_is_opened_and_follows_the_choices(few):
    findings = FindingsModel(store_with(few))
    view = PotentialView(PotentialModel(findings))
    assert view.model.result is None
    findings.tab = "potential"
    before = view.found.value
    view.sliders["access"].value = 10
    assert view.found.value != before
    assert view.sliders["access"].description == "Akses pasar: 40%"
    view.indicators.value = {**view.indicators.value, "market_km": 1}
    assert view.model.result.tried.declaration.table.loc["market_km", "direction"] == 1
    view.reset.click()
    assert view.sliders["access"].description == "Akses pasar: 25%"
    assert view.indicators.value == proposed_directions(few)
    assert view.found.value == before


def test_when_nothing_has_a_weight_the_ranks_stay_and_it_is_said(few):
    findings = FindingsModel(store_with(few))
    view = PotentialView(PotentialModel(findings))
    findings.tab = "potential"
    before = view.found.value
    view.model.weights = dict.fromkeys(view.sliders, 0.0)
    assert view.found.value == before
    assert "Beri bobot sedikitnya pada satu bagian" in text_of(" ".join(pieces_of(view.root)))


# The page of one village


@pytest.mark.parametrize(
    ("search", "selected", "said"),
    [
        ("?village=3216912002", "3216912002", None),
        ("?village=32.16.91.2002", "3216912002", None),
        ("?x=1&village=3216922001", "3216922001", None),
        ("", "", None),
        ("?other=3216912002", "", None),
        ("?village=3216912009", "", "no village has the code 3216912009"),
        ("?village=3216012001", "", "this data has nothing on Sagara Makmur (3216012001)"),
        ("?village=<script>", "", "the code of a village has 10 digits, and this is “<script>”"),
        ("?village=" + "9" * 4000, "", "the code of a village has 10 digits"),
        ("?village=%00%FF", "", "the code of a village has 10 digits"),
        ("?" + "&".join(f"a{n}=1" for n in range(100)), "", None),
    ],
)
def test_an_address_leads_to_its_village_or_says_why_not(view, model, search, selected, said):
    view.address.search = search
    assert (model.selected, view.address.code) == (selected, selected)
    assert model.tab == ("types" if not selected and said is None else "village")
    assert (model.astray is None) == (said is None)
    if said is not None:
        assert said in model.astray.message.text("en")
        assert "<script" not in " ".join(pieces_of(view.results))


def test_a_lost_visitor_is_offered_the_nearest_villages(view, model):
    view.address.search = "?village=3216912009"
    near = [code for code, _ in model.astray.nearest]
    assert near[:3] == ["3216912003", "3216912002", "3216912001"]
    shown = " ".join(pieces_of(view.results))
    assert "href='?village=3216912003' data-pk-village='3216912003'" in shown
    view._follow(None, {"village": "3216912003"}, None)
    assert (model.selected, model.astray) == ("3216912003", None)


def test_an_address_finds_the_area_and_the_year_of_its_village(model):
    model.year = 2024
    model._whole = survey(table="\n".join([*TABLE.strip().splitlines(), OLD_VILLAGE]))
    model.open_village("3216922009")
    assert (model.year, model.selected, model.status) == (2023, "3216922009", "ready")


OLD_VILLAGE = "3216922009   2023 Setu      Lama          0.45 0.44 0.43 1300000          2"


@pytest.mark.parametrize("content", [{}, {"village": 7}, {"village": None}, {"village": "<b>"}])
def test_a_message_from_a_browser_may_hold_anything(view, model, content):
    model.selected = "3216912001"
    view._follow(None, content, None)
    assert model.selected in {"", "3216912001"}


def test_what_sets_a_village_apart_is_said_in_plain_words_with_units(model):
    found = differences(model.typology, model.dataset, "3216912001")
    assert list(found) == ["its type", "its kecamatan", "all villages"]
    (first, *_) = found["all villages"]
    assert (
        first.text("id")
        == "Pendapatan: Rp5.000.000/bulan; Rp2.200.000/bulan di atas rata-rata (Rp2.800.000/bulan)"
    )
    assert first.effect == pytest.approx((5_000_000 - INCOMES.mean()) / INCOMES.std())


INCOMES = pd.Series([5_000_000, 4_000_000, 4_000_000, 1_500_000, 1_200_000, 1_100_000])


def test_the_page_of_a_village_says_its_type_how_probable_it_is_and_which_comes_second(made):
    model = FindingsModel(store_with(made))
    typology = model.typology
    border = typology.villages[
        typology.villages["is_border"] & typology.villages["probability"].between(0.3, 0.7)
    ]
    row = border.iloc[0]
    shown = text_of(village_html(typology, model.dataset, row["village_code"], "en"))
    own = round(100 * row["probability"])
    assert f"Probability of type {row['cluster']}: {own}%, of another: {100 - own}%" in shown
    assert f"The second nearest is type {row['second_cluster']}" in shown
    assert "It lies on the border: it could as well belong there" in shown
    assert "Example data (made up), not real data" in shown


def test_without_groups_the_headline_praises_no_types(model):
    choice = replace(model.typology.choice, recommended=1)
    shown = text_of(headline_html(replace(model.typology, choice=choice), "en"))
    assert "no separate types: the 2 types shown only cut up a continuum" in shown


def test_border_villages_come_with_the_probability_of_their_type():
    typology = FindingsModel(store_with(sample.load_sample())).typology
    first = typology.villages[typology.villages["is_border"]].sort_values("silhouette", kind="stable").iloc[0]
    shown = text_of(doubts_html(typology, "en"))
    assert "Probability of the type" in shown
    assert f"{100 * first['probability']:.0f}%" in shown


def test_few_villages_have_a_probability_too(model):
    assert model.typology.certainty.n_draws == 50
    assert model.typology.villages["probability"].between(0, 1).all()
