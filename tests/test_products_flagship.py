"""Flagship products: KPJu's two levels, other methods beside them, agreement, and the doubt."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from flagship_tables import (
    CANDIDATES,
    FIGHTER_WEIGHTS,
    FIGHTERS,
    KPJU,
    PRODUCTS,
    WEIGHTS,
    random_decision,
    table,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import friedmanchisquare, spearmanr

from pk_research.errors import BadInput
from pk_research.products import flagship

# Methods: published figures, and each a second time by hand


def test_topsis_of_the_fighters_is_hwang_and_yoon_s():
    decision = flagship.decision(FIGHTERS, FIGHTER_WEIGHTS, less_is_better=("cost",))
    assert flagship.topsis(decision).tolist() == pytest.approx([0.643, 0.268, 0.613, 0.312], abs=1e-3)


def topsis_by_hand(x, weights, signs):
    v = weights * x / np.sqrt((x**2).sum(axis=0))
    best = np.where(signs > 0, v.max(axis=0), v.min(axis=0))
    worst = np.where(signs > 0, v.min(axis=0), v.max(axis=0))
    to_best, to_worst = (np.linalg.norm(v - ideal, axis=1) for ideal in (best, worst))
    return to_worst / (to_best + to_worst)


def vikor_by_hand(x, weights, signs):
    best = np.where(signs > 0, x.max(axis=0), x.min(axis=0))
    worst = np.where(signs > 0, x.min(axis=0), x.max(axis=0))
    regret = weights * (best - x) / (best - worst)
    s, r = regret.sum(axis=1), regret.max(axis=1)
    return 0.5 * (s - s.min()) / (s.max() - s.min()) + 0.5 * (r - r.min()) / (r.max() - r.min())


def promethee_by_hand(x, weights, signs):
    n = len(x)
    flow = np.zeros(n)
    for i, j in permutations(range(n), 2):
        better = weights @ (signs * (x[i] - x[j]) > 0)
        flow[i] += better / (n - 1)
        flow[j] -= better / (n - 1)
    return flow


@pytest.mark.parametrize(
    ("method", "by_hand"),
    [("topsis", topsis_by_hand), ("vikor", vikor_by_hand), ("promethee", promethee_by_hand)],
)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_methods_of_pymcdm_against_a_second_implementation(method, by_hand, seed):
    decision = random_decision(seed)
    signs = decision.directions.to_numpy()
    expected = by_hand(decision.scores.to_numpy(), decision.shares.to_numpy(), signs)
    assert flagship.METHODS[method].value(decision).to_numpy() == pytest.approx(expected, abs=1e-9)


def test_bayes_mpe_and_ahp_by_hand():
    """Batik: (3*5 + 2*3 + 1*2) / 6; 5^3 + 3^2 + 2^1; 3/6 * 5/12 + 2/6 * 3/10 + 1/6 * 2/12."""
    decision = flagship.decision(PRODUCTS, WEIGHTS)
    assert flagship.bayes(decision)["batik"] == pytest.approx(23 / 6)
    assert flagship.mpe(decision)["batik"] == 125 + 9 + 2
    assert flagship.ahp_value(decision)["batik"] == pytest.approx(5 / 24 + 1 / 10 + 1 / 36)
    assert flagship.ahp_value(decision).sum() == pytest.approx(1)


@pytest.mark.parametrize("method", flagship.METHODS)
def test_the_order_of_rows_and_the_scale_of_weights_do_not_matter(method):
    first = flagship.choose(flagship.decision(PRODUCTS, WEIGHTS), method=method).frame
    turned = flagship.choose(flagship.decision(PRODUCTS[::-1], WEIGHTS), method=method).frame
    pd.testing.assert_frame_equal(first, turned)
    if method != "mpe":
        larger = {name: 10 * weight for name, weight in WEIGHTS.items()}
        scaled = flagship.choose(flagship.decision(PRODUCTS, larger), method=method).frame
        pd.testing.assert_frame_equal(first, scaled)


@pytest.mark.parametrize("method", flagship.METHODS)
def test_what_is_best_on_everything_is_first_by_every_method(method):
    scores = pd.concat([PRODUCTS, pd.DataFrame({name: [6] for name in PRODUCTS}, index=["dolls"])])
    ranking = flagship.choose(flagship.decision(scores, WEIGHTS), method=method)
    assert ranking.frame["product"][0] == "dolls"


def test_equals_share_their_rank():
    scores = pd.DataFrame({"market": [5, 5, 1], "price": [1, 1, 2]}, index=["rice", "batik", "dolls"])
    ranking = flagship.choose(flagship.decision(scores, {"market": 2, "price": 1}), method="topsis")
    assert ranking.frame[["product", "rank"]].to_numpy().tolist() == [
        ["batik", 1.5],
        ["rice", 1.5],
        ["dolls", 3],
    ]


def test_vikor_where_all_have_the_same_worst_regret():
    """Each is worst on one of two equal criteria: the largest regret is 1/2 for both, S decides nothing."""
    scores = pd.DataFrame({"market": [1, 2], "price": [2, 1]}, index=["rice", "batik"])
    decision = flagship.decision(scores, {"market": 1, "price": 1})
    assert flagship.vikor(decision).tolist() == [0, 0]


# Bad input, everything at once


def test_all_faults_of_a_table_are_named_at_once():
    scores = pd.DataFrame(
        {"market": [1, np.nan, 3], "price": [2, 2, 2], "capital": ["high", 1, 2]},
        index=["rice", "rice", "dolls"],
    )
    weights = {"market": -1, "price": 1, "technology": 1}
    with pytest.raises(BadInput) as caught:
        flagship.decision(scores, weights, less_is_better=("cost",))
    told = str(caught.value)
    for part in (
        "alternative 'rice': it stands twice",
        "'market': no usable score for rice",
        "'price': it is 2 for every alternative",
        "'capital': no usable score for rice",
        "'capital': it has no weight",
        "weight of 'market': it is -1",
        "weight of 'technology': no criterion",
        "less_is_better, 'cost'",
    ):
        assert part in told


@pytest.mark.parametrize(
    ("scores", "weights", "message"),
    [
        (PRODUCTS.head(0), WEIGHTS, "nothing to choose from"),
        (PRODUCTS, dict.fromkeys(PRODUCTS, 0), "none is above 0"),
        (PRODUCTS.replace(5, np.inf), WEIGHTS, "no usable score for batik"),
    ],
)
def test_what_cannot_be_decided_on(scores, weights, message):
    with pytest.raises(BadInput, match=message):
        flagship.decision(scores, weights)


@pytest.mark.parametrize(
    ("method", "scores", "weights", "message"),
    [
        ("guess", PRODUCTS, WEIGHTS, "'guess' is none"),
        ("mpe", PRODUCTS, WEIGHTS | {"price": 0.5}, "whole number from 1 to 20"),
        ("mpe", PRODUCTS - 1, WEIGHTS, "its lowest score is 0"),
        ("ahp", PRODUCTS - 2, WEIGHTS, "scores of 0 or more"),
        ("topsis", PRODUCTS.head(1), WEIGHTS, "there is one alternative"),
    ],
)
def test_a_method_says_what_it_cannot_be_used_on(method, scores, weights, message):
    with pytest.raises(BadInput, match=message):
        flagship.choose(flagship.decision(scores, weights), method=method)


def test_sums_of_scores_refuse_criteria_of_which_less_is_better():
    decision = flagship.decision(PRODUCTS, WEIGHTS, less_is_better=("price",))
    with pytest.raises(BadInput, match="less of it is better"):
        flagship.choose(decision, method="bayes")


# The first level: kecamatan


@pytest.fixture(scope="module")
def evidence():
    return flagship.evidence_of(CANDIDATES, made=True)


def test_evidence_of_a_kecamatan_is_gathered_over_its_villages(evidence):
    expected = table(
        """
        kecamatan_code  product   enterprises  market_reach  contribution  local_material
        321601          batik     10           2             12e6          20
        321601          rice      30           3             9e6           100
        321602          crackers  5            2             1e6           50
        321602          rice      20           1             4e6           90
        """,
        ["kecamatan_code", "product"],
    )
    pd.testing.assert_frame_equal(evidence.frame, expected, check_dtype=False, check_index_type=False)


def test_what_lacks_a_figure_is_left_out_and_said(evidence):
    assert evidence.left_out.index.tolist() == [("321602", "dolls")]
    assert evidence.n_partial == {"enterprises": 1, "market_reach": 0, "contribution": 0, "local_material": 1}
    assert "4 pairs of kecamatan and product; 1 lack one" in evidence.in_words("en")
    assert "Jumlah usaha: pada 1 pasangan" in evidence.in_words("id")


def test_sales_that_leave_sellers_out_are_told_as_a_lower_bound():
    assert "sekurang-kurangnya" not in flagship.evidence_of(CANDIDATES).in_words("id")
    untold = [2 if told else None for told in CANDIDATES["sales_idr_month"].notna()]
    found = flagship.evidence_of(CANDIDATES.assign(n_untold_sales=pd.array(untold, dtype="Int64")))
    n = len(found.frame)
    sellers = int(found.untold.reindex(found.frame.index).sum())
    said = f"pada {n} pasangan, penjualan menjumlahkan jawaban sebagian pelaku usaha"
    assert said in found.in_words("id")
    assert f"(sellers not in them: {sellers})" in found.in_words("en")
    assert found.table("en")["Sellers whose sales are not in it"].sum() == found.untold.sum()


def test_a_figure_that_is_not_asked_for_may_be_lacking():
    found = flagship.evidence_of(CANDIDATES, criteria=["enterprises", "contribution"])
    assert ("321602", "dolls") in found.frame.index
    assert list(found.frame) == ["enterprises", "contribution"]
    with pytest.raises(BadInput, match="'profit' is none"):
        flagship.evidence_of(CANDIDATES, criteria=["profit"])


def test_evidence_of_one_kecamatan_and_of_unknown_enterprises():
    one = CANDIDATES[CANDIDATES["village_code"].str.startswith("321601")]
    alone = flagship.evidence_of(one)
    assert alone.quotients is None
    assert "whether a product stands out there" in alone.in_words("en")
    silent = flagship.evidence_of(one.assign(n_enterprises=None), criteria=["contribution"])
    assert silent.quotients is None
    assert silent.table("en")["Location quotient (LQ)"].isna().all()
    assert "LQ" not in silent.in_words("en")


def test_the_location_quotient_stands_beside_as_evidence(evidence):
    """Rice of 321601: 30 of 40 enterprises there, 50 of 68 in the regency."""
    shown = evidence.table("en").set_index(["Kecamatan", "Product"])
    assert shown.loc[("Tarumajaya", "Rice"), "Location quotient (LQ)"] == pytest.approx((30 / 40) / (50 / 68))


def test_scores_run_from_one_to_five_by_place_in_the_regency(evidence):
    scores = evidence.scores(points=5)
    assert scores["contribution"].tolist() == pytest.approx([5, 1 + 4 * 2 / 3, 1, 1 + 4 / 3])
    assert scores["market_reach"].tolist() == pytest.approx([3, 5, 3, 1])


@pytest.mark.parametrize("method", ["bayes", "mpe"])
def test_a_list_in_each_kecamatan(evidence, method):
    lists = flagship.list_by_kecamatan(evidence, weights=KPJU, method=method)
    scores = evidence.scores()
    first = scores.loc[("321601", "rice")]
    by_hand = {
        "bayes": sum(KPJU[name] * first[name] for name in KPJU) / 10,
        "mpe": sum(first[name] ** KPJU[name] for name in KPJU),
    }
    row = lists.frame.set_index(["kecamatan_code", "product"]).loc[("321601", "rice")]
    assert row["value"] == pytest.approx(by_hand[method])
    assert row["rank"] == 1
    assert lists.frame.groupby("kecamatan_code")["rank"].sum().tolist() == [3, 3]


def test_borda_by_hand(evidence):
    """Rice is first in 321601 and (by enterprises alone) in 321602: 2 + 2; batik and crackers 1 each."""
    lists = flagship.list_by_kecamatan(evidence, weights=dict.fromkeys(KPJU, 0) | {"enterprises": 1})
    merged = flagship.borda(lists, places=2)
    assert merged.frame.to_numpy().tolist() == [["rice", 4, 1], ["batik", 1, 2.5], ["crackers", 1, 2.5]]
    assert flagship.borda(lists, places=1).frame["value"].tolist() == [2, 0, 0]


def test_equals_share_the_points_of_their_places():
    frame = pd.DataFrame(
        {
            "kecamatan_code": "321601",
            "product": ["rice", "batik", "dolls"],
            "value": 1.0,
            "rank": [1.5, 1.5, 3],
        }
    )
    found = flagship.borda(flagship.KecamatanLists(frame, "bayes"), places=2).frame
    assert found["value"].tolist() == [1.5, 1.5, 0]


def test_markets_as_one_text_and_codes_that_are_none_are_refused():
    odd = CANDIDATES.assign(markets="online;hotel")
    odd.loc[odd.index[0], "village_code"] = "32.16.06.2006"
    odd.loc[odd.index[1], "village_code"] = "Setiamekar"
    with pytest.raises(BadInput) as caught:
        flagship.evidence_of(odd)
    codes, markets = map(str, caught.value.problems)
    assert codes == (
        "column 'village_code': these are no village codes: 32.16.06.2006, Setiamekar. Give the 10 digits of"
        " the Kemendagri code as text."
    )
    assert markets == (
        f"column 'markets': {len(odd)} values are one text. Give a tuple of markets, such as"
        " ('online', 'hotel')."
    )


def test_candidates_that_cannot_be_gathered_are_named_at_once():
    twice = pd.concat([CANDIDATES, CANDIDATES.head(1).assign(sales_idr_month=-1.0)])
    with pytest.raises(BadInput) as caught:
        flagship.evidence_of(twice)
    assert "village 3216012001, product 'batik': it stands twice" in str(caught.value)
    assert "'sales_idr_month': 1 values are below 0" in str(caught.value)
    with pytest.raises(BadInput, match="there are none"):
        flagship.evidence_of(CANDIDATES.head(0))
    with pytest.raises(BadInput, match="no column 'markets'"):
        flagship.evidence_of(CANDIDATES.drop(columns="markets"))


def test_lists_need_one_of_the_two_methods_and_places(evidence):
    with pytest.raises(BadInput, match="'topsis' is neither"):
        flagship.list_by_kecamatan(evidence, weights=KPJU, method="topsis")
    with pytest.raises(BadInput, match="places: it is 0"):
        flagship.borda(flagship.list_by_kecamatan(evidence, weights=KPJU), places=0)


# The second level: regency, and across sectors


def test_the_first_of_the_lists_go_to_the_panel_s_table(evidence):
    merged = flagship.borda(flagship.list_by_kecamatan(evidence, weights=KPJU), places=2)
    decision = flagship.decision_of(merged, PRODUCTS, WEIGHTS, first=2)
    # Crackers equal the second of the list, so that three go on.
    assert set(decision.scores.index) == {"rice", "batik", "crackers"}
    assert merged.frame["rank"].tolist()[:3] == [1.0, 2.5, 2.5]
    assert decision.made
    with pytest.raises(BadInput, match="product 'rice': it has no row of scores"):
        flagship.decision_of(merged, PRODUCTS.drop(index="rice"), WEIGHTS, first=3)


def test_across_sectors_by_hand():
    """Bayes: batik 23/6, rice 19/6, eggs 3, crackers 4/3. In their sector: batik 1, rice 1, eggs 1, 4/9."""
    ranking = flagship.choose(flagship.decision(PRODUCTS, WEIGHTS), method="bayes")
    sectors = {"batik": "craft", "rice": "agriculture", "salted_eggs": "food", "crackers": "food"}
    found = flagship.across_sectors(
        ranking, sectors=sectors, weights={"craft": 1, "agriculture": 2, "food": 5}
    )
    assert found.frame["product"].tolist() == ["salted_eggs", "crackers", "rice", "batik"]
    assert found.frame["value"].tolist() == pytest.approx([5 / 8, 5 / 8 * 4 / 9, 2 / 8, 1 / 8])
    assert "Pengolahan makanan" in found.table("id")["Sektor"].tolist()


def test_faults_of_sectors_are_named_at_once():
    ranking = flagship.choose(flagship.decision(PRODUCTS, WEIGHTS), method="promethee")
    with pytest.raises(BadInput) as caught:
        flagship.across_sectors(ranking, sectors={"batik": "craft", "rice": "farm"}, weights={"craft": -1})
    told = str(caught.value)
    for part in (
        "'crackers': it has no sector",
        "'farm': it has no weight",
        "'craft': it is -1",
        "cannot be shared",
    ):
        assert part in told


# Agreement


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_kendall_s_w_against_friedman_s_statistic(seed):
    """W = chi2 / (m (n - 1)), with and without equals."""
    ranks = pd.DataFrame(np.random.default_rng(seed).integers(1, 6, size=(7, 4))).rank()
    statistic = friedmanchisquare(*ranks.to_numpy()).statistic
    assert flagship.kendall_w(ranks) == pytest.approx(statistic / (4 * 6))


def test_spearman_against_scipy_and_its_interval_by_hand():
    ranks = pd.DataFrame({"a": [1, 2, 3, 4, 5, 6, 7, 8], "b": [2, 1, 3, 5, 4, 6, 8, 7]})
    row = flagship.spearman(ranks).iloc[0]
    assert row["r"] == pytest.approx(spearmanr(ranks["a"], ranks["b"]).statistic)
    reach = 1.96 * np.sqrt((1 + row["r"] ** 2 / 2) / 5)
    assert np.arctanh(row["low"]) == pytest.approx(np.arctanh(row["r"]) - reach, abs=1e-4)


def test_the_interval_of_w_covers_the_true_one():
    """Four raters who see the same order through noise; the true W is that of very many of them."""
    rng = np.random.default_rng(1)
    truth = np.arange(8.0)

    def ranks(m):
        return pd.DataFrame(truth[:, None] + rng.normal(0, 2, size=(8, m))).rank()

    pairwise = (200 * flagship.kendall_w(ranks(200)) - 1) / 199
    target = (pairwise * 9 + 1) / 10
    found = [flagship.concordance(ranks(10), over="columns") for _ in range(60)]
    covered = np.mean([one.low <= target <= one.high for one in found])
    assert covered >= 0.85


def test_methods_compared():
    found = flagship.compare_methods(flagship.decision(PRODUCTS, WEIGHTS))
    assert list(found.ranks) == ["bayes", "topsis", "vikor", "promethee"]
    assert found.ranks.loc["crackers"].tolist() == [4, 4, 4, 4]
    assert 0 < found.agreement.low <= found.agreement.w <= 1
    assert len(found.pairs) == 6
    assert "Semua metode menempatkan yang sama di urutan pertama: Batik." in found.in_words("id")
    with pytest.raises(BadInput, match="fewer than two"):
        flagship.compare_methods(flagship.decision(PRODUCTS, WEIGHTS), methods=["bayes"])


def test_it_is_said_when_the_first_hangs_on_the_method():
    """MPE: rice 9^2 + 1, dolls 1 + 4^3. PROMETHEE II: dolls win the heavier criterion, by however little."""
    scores = pd.DataFrame({"market": [9, 5, 1], "price": [1, 2, 4]}, index=["rice", "batik", "dolls"])
    decision = flagship.decision(scores, {"market": 2, "price": 3})
    found = flagship.compare_methods(decision, methods=["mpe", "promethee"])
    assert "the choice hangs on the method" in found.in_words("en")


# How sure each rank is


def test_two_that_differ_by_less_than_their_error_cannot_be_told_apart():
    scores = pd.DataFrame({"market": [5, 4.9, 1], "price": [5, 4.9, 1.5]}, index=["batik", "rice", "dolls"])
    decision = flagship.decision(scores, {"market": 1, "price": 1})
    found = flagship.rank_intervals(decision, method="bayes", score_sd=0.5, n_draws=300)
    assert found.not_told_from_first == ("rice",)
    assert found.told_apart[["better", "worse"]].to_numpy().tolist() == [
        ["batik", "dolls"],
        ["rice", "dolls"],
    ]
    assert "cannot be told from: Rice" in found.in_words("en")


def test_the_share_of_drawings_is_the_normal_probability():
    """Bayes of one criterion: P(5 + e1 > 4.5 + e2) = Phi(0.5 / (0.5 sqrt 2)) = 0.760."""
    scores = pd.DataFrame({"market": [5, 4.5]}, index=["batik", "rice"])
    decision = flagship.decision(scores, {"market": 1})
    found = flagship.rank_intervals(decision, method="bayes", score_sd=0.5, n_draws=800)
    assert found.before.loc["batik", "rice"] == pytest.approx(0.760, abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("method", flagship.METHODS)
def test_the_same_bytes_for_any_number_of_workers(method):
    decision = flagship.decision(PRODUCTS, WEIGHTS)
    options = {"score_sd": {"market": 1.0}, "bounds": (1, 5), "weight_noise": 0.4, "n_draws": 60}
    one, two = (flagship.rank_intervals(decision, method=method, n_jobs=n, **options) for n in (1, 2))
    pd.testing.assert_frame_equal(one.intervals, two.intervals, check_exact=True)
    pd.testing.assert_frame_equal(one.before, two.before, check_exact=True)


def test_drawn_scores_that_become_equal_do_no_harm():
    """With so much error most scores lie on the bounds: a criterion may be the same for all."""
    decision = flagship.decision(PRODUCTS.head(2), WEIGHTS)
    for method in ("topsis", "vikor", "promethee"):
        found = flagship.rank_intervals(decision, method=method, score_sd=50.0, bounds=(1, 5), n_draws=60)
        assert found.before.loc["batik", "rice"] == pytest.approx(0.5, abs=0.25)


def test_all_faults_of_a_drawing_are_named_at_once():
    decision = flagship.decision(PRODUCTS, WEIGHTS)
    with pytest.raises(BadInput) as caught:
        flagship.rank_intervals(
            decision, method="mpe", score_sd=1.0, bounds=(5, 1), weight_noise=2, n_draws=0, seed=-1
        )
    told = str(caught.value)
    for part in ("5 is not below 1", "weight_noise: it is 2", "n_draws and seed"):
        assert part in told
    with pytest.raises(BadInput, match="bounds above 0"):
        flagship.rank_intervals(decision, method="ahp", score_sd=1.0)
    with pytest.raises(BadInput, match="nothing varies"):
        flagship.rank_intervals(decision, method="bayes")
