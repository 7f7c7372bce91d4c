"""Flagship products: the experts' panel, and how results are told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from flagship_tables import (
    CANDIDATES,
    DRINKS,
    KPJU,
    PRODUCTS,
    WEIGHTS,
)

from pk_research.errors import BadInput
from pk_research.products import flagship


@pytest.fixture(scope="module")
def evidence():
    return flagship.evidence_of(CANDIDATES, made=True)


# The experts' panel

ANI = {("market", "price"): 3, ("price", "capital"): 2, ("market", "capital"): 6}
BUDI = {("market", "price"): 1 / 3, ("capital", "price"): 1 / 2, ("market", "capital"): 1}
CICI = {("market", "price"): 9, ("price", "capital"): 9, ("market", "capital"): 1 / 9}


def test_a_panel_of_one_is_the_published_example():
    found = flagship.panel({"one": DRINKS})
    assert found.weights["water"] == pytest.approx(0.327, abs=1e-3)
    assert found.weights["coffee"] == pytest.approx(0.177, abs=1e-3)
    assert np.isnan(found.consensus)
    assert np.isnan(found.agreement.w)


def test_judgements_are_merged_by_their_geometric_mean_whichever_way_round():
    merged = flagship.merged_judgements([ANI, BUDI])
    assert merged[("market", "price")] == pytest.approx(1)
    assert merged[("price", "capital")] == pytest.approx(2)
    assert merged[("market", "capital")] == pytest.approx(6**0.5)


def test_both_ways_of_merging_against_a_second_implementation():
    ahpy = pytest.importorskip("ahpy")
    found = flagship.panel({"Ani": ANI, "Budi": BUDI})
    theirs = ahpy.Compare("panel", flagship.merged_judgements([ANI, BUDI]), precision=8)
    assert found.by_judgements == pytest.approx(theirs.target_weights, abs=1e-4)
    alone = [ahpy.Compare("one", judgements, precision=8).target_weights for judgements in (ANI, BUDI)]
    means = {name: (alone[0][name] * alone[1][name]) ** 0.5 for name in alone[0]}
    shares = {name: mean / sum(means.values()) for name, mean in means.items()}
    assert found.by_weights == pytest.approx(shares, abs=1e-4)
    assert flagship.panel({"Ani": ANI, "Budi": BUDI}, merging="weights").weights == found.by_weights


def test_consistent_experts_give_the_same_weights_both_ways():
    """For three elements without contradiction both ways of merging are the same."""
    found = flagship.panel({"Ani": ANI, "Budi": BUDI})
    assert found.by_judgements == pytest.approx(found.by_weights, abs=1e-3)
    assert found.inconsistent == ()


def test_a_panel_that_contradicts_itself_says_what_to_discuss():
    with pytest.raises(BadInput, match=r"the panel as a whole: .*Talk first about") as caught:
        flagship.panel({"Ani": ANI, "Cici": CICI, "Cici again": CICI})
    assert "accept_inconsistent=True" in str(caught.value)
    looked_at = flagship.panel({"Cici": CICI}, accept_inconsistent=True)
    assert looked_at.inconsistent == ("Cici",)
    assert "Bahas dahulu Pasar terhadap Harga: dinilai 9" in looked_at.in_words("id")


def test_nobody_is_left_out_unasked():
    together = flagship.panel({"Ani": ANI, "Budi": BUDI, "Cici": CICI}, accept_inconsistent=True)
    assert together.inconsistent == ("Cici",)
    assert "Pakar Cici: " in together.in_words("id")
    without = flagship.panel({"Ani": ANI, "Budi": BUDI, "Cici": CICI}, leave_out=["Cici"])
    assert without.weights == flagship.panel({"Ani": ANI, "Budi": BUDI}).weights
    assert "Left out at the user's wish: Cici." in without.in_words("en")


def test_all_faults_of_a_panel_are_named_at_once():
    with pytest.raises(BadInput) as caught:
        flagship.panel(
            {"Ani": ANI, "Budi": {("market", "price"): -1}, "Dedi": {("market", "halal"): 2}},
            leave_out=["Eka"],
        )
    told = str(caught.value)
    for part in (
        "leave_out, 'Eka'",
        "expert 'Budi', judgement of 'market' against 'price': it is -1",
        "expert 'Dedi': no judgement about capital, price",
    ):
        assert part in told


@pytest.mark.parametrize("given", [{}, {"Ani": ANI}])
def test_no_expert_is_no_panel(given):
    with pytest.raises(BadInput, match="there is no expert"):
        flagship.panel(given, leave_out=list(given))


def favouring(element, names):
    """Nine times as much for one element, all others alike."""
    pairs = [(a, b) for n, a in enumerate(names) for b in names[n + 1 :]]
    return {(a, b): 9 if a == element else 1 / 9 if b == element else 1 for a, b in pairs}


@pytest.mark.parametrize(("n_elements", "n_experts"), [(3, 2), (4, 4), (5, 3)])
def test_consensus_runs_from_zero_to_one(n_elements, n_experts):
    names = [f"c{number}" for number in range(n_elements)]
    apart = {f"e{n}": favouring(names[n], names) for n in range(n_experts)}
    alike = {f"e{n}": favouring("c0", names) for n in range(n_experts)}
    assert flagship.panel(apart).consensus == pytest.approx(0, abs=1e-9)
    assert flagship.panel(alike).consensus == pytest.approx(1)
    assert flagship.panel(alike).agreement.w == pytest.approx(1)


def test_rank_intervals_drawn_from_the_experts_themselves():
    experts = flagship.panel({"Ani": ANI, "Budi": BUDI})
    scores = pd.DataFrame(
        {"market": [5, 1, 2], "price": [1, 5, 2], "capital": [3, 3, 1]}, index=["batik", "rice", "dolls"]
    )
    decision = flagship.decision(scores, experts.weights)
    found = flagship.rank_intervals(decision, method="bayes", experts=experts, n_draws=120)
    assert found.not_told_from_first in {("batik",), ("rice",)}
    assert found.intervals.loc["dolls", "low"] == 3
    with pytest.raises(BadInput, match="they weighed other criteria"):
        flagship.rank_intervals(flagship.decision(PRODUCTS, WEIGHTS), method="bayes", experts=experts)


# Views


@pytest.fixture(scope="module")
def results(evidence):
    decision = flagship.decision(PRODUCTS, WEIGHTS, made=True)
    lists = flagship.list_by_kecamatan(evidence, weights=KPJU)
    return {
        "evidence": evidence,
        "lists": lists,
        "merged": flagship.borda(lists, places=3),
        "ranking": flagship.choose(decision, method="vikor"),
        "comparison": flagship.compare_methods(decision),
        "intervals": flagship.rank_intervals(decision, method="topsis", weight_noise=0.5, n_draws=50),
    }


@pytest.mark.parametrize(("language", "made"), [("id", "Data buatan"), ("en", "Made data")])
@pytest.mark.parametrize("name", ["evidence", "lists", "merged", "ranking", "comparison", "intervals"])
def test_every_view_says_that_the_data_is_made(results, name, language, made):
    result = results[name]
    assert result.in_words(language).startswith(made)
    assert result.table(language).iloc[:, -1].str.startswith(made).all()
    if hasattr(result, "plot"):
        figure = result.plot(language)
        assert made in figure.get_supxlabel()
        figure.draw_without_rendering()


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_panel_is_told_and_drawn(language):
    found = flagship.panel({"Ani": ANI, "Budi": BUDI})
    assert found.table(language).shape == (3, 5)
    assert found.experts_table(language).shape == (3, 7)
    assert found.in_words(language).count("Kendall") == 1
    found.plot(language).draw_without_rendering()


OWN = {"halal": {"id": "Kehalalan", "en": "Halal certification"}}


@pytest.mark.parametrize(
    ("language", "name", "price"), [("id", "Kehalalan", "Harga"), ("en", "Halal certification", "Price")]
)
def test_criteria_of_one_s_own_go_by_their_names_everywhere(language, name, price):
    judged = {("market", "halal"): 9, ("halal", "price"): 9, ("market", "price"): 1 / 9}
    found = flagship.panel({"Ani": judged}, names=OWN, accept_inconsistent=True)
    criterion = found.table(language).iloc[:, 0]
    assert {name, price} < set(criterion)
    compared = found.experts_table(language).iloc[:, 3:5].to_numpy().ravel()
    assert name in compared
    ticks = [text.get_text() for text in found.plot(language).axes[0].get_yticklabels()]
    assert {" ".join(text.split()) for text in ticks} == set(criterion)
    shown = f"{found.in_words(language)} {' '.join(compared)}"
    assert name in shown
    assert "halal" not in shown.replace(name, "")
    with pytest.raises(BadInput, match=r"Talk first about .*Halal certification"):
        flagship.panel({"Ani": judged}, names=OWN)


def test_names_of_criteria_are_checked_against_the_criteria():
    with pytest.raises(BadInput) as caught:
        flagship.panel({"Ani": ANI}, names={"market": {"id": "Pasar"}, "hallal": OWN["halal"]})
    assert [(problem.where, problem.what) for problem in caught.value.problems] == [
        ("criterion 'market'", "it has no name for people in: en"),
        ("names, 'hallal'", "no criterion has this code"),
    ]


def test_a_distance_is_said_to_be_better_when_smaller(results):
    assert "Nilai yang lebih kecil lebih baik." in results["ranking"].in_words("id")


def test_criteria_and_products_are_named_in_the_language(results):
    assert results["comparison"].table("id")["Produk"][0] == "Batik"
    assert "Jumlah usaha 4" in results["lists"].in_words("id")
    assert "Tarumajaya" in results["lists"].table("id")["Kecamatan"].tolist()


class TestWhatAStrictReaderAsks:
    """Faults that once passed in silence, or ended in an error of another library."""

    SCORES = pd.DataFrame(
        {"market": [5.0, 4.0, 2.0, 3.0], "price": [2.0, 3.0, 5.0, 4.0]},
        index=["batik", "rice", "dolls", "crackers"],
    )
    WEIGHTS = {"market": 2, "price": 1}  # noqa: RUF012

    @pytest.mark.parametrize(
        ("scores", "weights", "less", "said"),
        [
            (SCORES.astype(object).replace(5.0, "5"), WEIGHTS, (), "no usable score for batik"),
            (SCORES > 3, WEIGHTS, (), "no usable score for batik, rice, dolls, crackers"),
            (SCORES, {"market": "2", "price": 1}, (), "weight of 'market': it is '2'"),
            (SCORES, {"market": None, "price": 1}, (), "weight of 'market': it is None"),
            (SCORES, WEIGHTS, "price", "'price' is one text"),
        ],
    )
    def test_what_is_no_number_is_not_taken_for_one(self, scores, weights, less, said):
        with pytest.raises(BadInput, match=said):
            flagship.decision(scores, weights, less_is_better=less)

    @pytest.mark.parametrize("of", [flagship.kendall_w, flagship.spearman])
    def test_agreement_over_a_missing_rank_is_refused(self, of):
        ranks = pd.DataFrame({"one": [1, 2, np.nan], "other": [1, 2, 3]}, index=["batik", "rice", "dolls"])
        with pytest.raises(BadInput, match="a rank is missing of dolls"):
            of(ranks)

    @pytest.mark.parametrize("varied", [{"score_sd": 1.0}, {"weight_noise": 0.9}])
    def test_the_order_of_rows_and_columns_changes_no_interval(self, varied):
        turned = self.SCORES.iloc[::-1, ::-1]
        one, other = (
            flagship.rank_intervals(
                flagship.decision(scores, self.WEIGHTS), method="topsis", n_draws=40, n_jobs=1, **varied
            )
            for scores in (self.SCORES, turned)
        )
        pd.testing.assert_frame_equal(one.intervals, other.intervals)
        pd.testing.assert_frame_equal(one.before, other.before)

    def test_a_negative_spread_is_one_fault_and_not_two(self):
        with pytest.raises(BadInput) as caught:
            flagship.rank_intervals(
                flagship.decision(self.SCORES, self.WEIGHTS), method="bayes", score_sd=-1.0
            )
        assert [problem.where for problem in caught.value.problems] == ["score_sd"]

    def test_no_product_is_cut_from_those_that_equal_it(self):
        lists = flagship.KecamatanLists(
            pd.DataFrame(
                {
                    "kecamatan_code": ["321601", "321601", "321601"],
                    "product": ["batik", "rice", "dolls"],
                    "value": [5.0, 4.0, 4.0],
                    "rank": [1.0, 2.5, 2.5],
                }
            ),
            "bayes",
        )
        merged = flagship.borda(lists, places=3)
        taken = [
            list(flagship.decision_of(merged, self.SCORES, self.WEIGHTS, first=first).scores.index)
            for first in (1, 2, 3)
        ]
        assert taken == [["batik"], ["batik", "dolls", "rice"], ["batik", "dolls", "rice"]]
        with pytest.raises(BadInput, match="first: it is 0"):
            flagship.decision_of(merged, self.SCORES, self.WEIGHTS, first=0)

    @pytest.mark.parametrize(
        ("method", "given", "said"),
        [
            (flagship.bayes, {"less_is_better": ("price",)}, "less of it is better, but Bayes"),
            (flagship.mpe, {"less_is_better": ("price",)}, "less of it is better, but Bayes"),
            (flagship.ahp_value, {"less_is_better": ("price",)}, "less of it is better, but Bayes"),
            (flagship.mpe, {"scores": -SCORES}, "'market'.*MPE raises scores to a power"),
            (flagship.ahp_value, {"scores": -SCORES}, "'market'.*AHP takes shares of their sum"),
            (flagship.topsis, {"scores": SCORES.head(1)}, "there is one alternative"),
            (flagship.vikor, {"scores": SCORES.head(1)}, "there is one alternative"),
            (flagship.promethee, {"scores": SCORES.head(1)}, "there is one alternative"),
        ],
    )
    def test_a_method_asked_alone_refuses_what_it_cannot_be_used_on(self, method, given, said):
        given = flagship.decision(**{"scores": self.SCORES, "weights": self.WEIGHTS, **given})
        with pytest.raises(BadInput, match=said):
            method(given)

    def test_candidates_without_village_or_product_do_not_vanish(self):
        candidates = pd.DataFrame(
            {
                "village_code": ["3216012001", None, "3216012001"],
                "product": ["batik", "batik", None],
                "n_enterprises": 1,
                "markets": [("market",)] * 3,
                "sales_idr_month": 1.0,
                "local_material_pct": [100.0, 120.0, 50.0],
            }
        )
        with pytest.raises(BadInput) as caught:
            flagship.evidence_of(candidates)
        assert [(problem.where, problem.what) for problem in caught.value.problems] == [
            ("column 'village_code'", "1 values are missing"),
            ("column 'product'", "1 values are missing"),
            ("column 'local_material_pct'", "1 values are above 100"),
        ]

    def test_who_is_first_is_not_called_better_than_the_drawings_show(self):
        scores = self.SCORES.assign(market=[9.0, 4.0, 2.0, 3.0])
        found = flagship.rank_intervals(
            flagship.decision(scores, self.WEIGHTS), method="bayes", score_sd=0.1, n_draws=50, n_jobs=1
        )
        assert "ranked before each of the others in at least 95% of the drawings" in found.in_words("en")
        assert "mendahului setiap produk lain dalam paling sedikit 95% pengundian" in found.in_words("id")
