"""Flagship products: KPJu's two levels, other methods beside them, the experts' panel, and the doubt."""

from __future__ import annotations

import io
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import friedmanchisquare, spearmanr

from pk_research.errors import BadInput
from pk_research.products import flagship

DRINKS = {
    ("coffee", "wine"): 9, ("coffee", "tea"): 5, ("coffee", "beer"): 2, ("coffee", "soda"): 1,
    ("coffee", "milk"): 1, ("coffee", "water"): 1 / 2, ("wine", "tea"): 1 / 3, ("wine", "beer"): 1 / 9,
    ("wine", "soda"): 1 / 9, ("wine", "milk"): 1 / 9, ("wine", "water"): 1 / 9, ("tea", "beer"): 1 / 3,
    ("tea", "soda"): 1 / 4, ("tea", "milk"): 1 / 3, ("tea", "water"): 1 / 9, ("beer", "soda"): 1 / 2,
    ("beer", "milk"): 1, ("beer", "water"): 1 / 3, ("soda", "milk"): 2, ("soda", "water"): 1 / 2,
    ("milk", "water"): 1 / 3,
}  # fmt: skip


def table(text: str, index: str | list[str] = "product") -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text.strip()), sep=r"\s+", dtype={"kecamatan_code": str}).set_index(index)


FIGHTERS = table(
    """
    product  speed  range  payload  cost  reliability  manoeuvrability
    A1       2.0    1500   20000    5.5   5            9
    A2       2.5    2700   18000    6.5   3            5
    A3       1.8    2000   21000    4.5   7            7
    A4       2.2    1800   20000    5.0   5            5
    """
)
FIGHTER_WEIGHTS = dict(zip(FIGHTERS, [0.2, 0.1, 0.1, 0.1, 0.2, 0.3], strict=True))
PRODUCTS = table(
    """
    product       market  price  skilled_labour
    batik         5       3      2
    rice          4       1      5
    salted_eggs   2       4      4
    crackers      1       2      1
    """
)
WEIGHTS = {"market": 3, "price": 2, "skilled_labour": 1}


def random_decision(seed: int, *, n: int = 6, m: int = 4) -> flagship.Decision:
    rng = np.random.default_rng(seed)
    names = [f"c{number}" for number in range(m)]
    scores = pd.DataFrame(rng.uniform(1, 9, size=(n, m)), [f"p{number}" for number in range(n)], names)
    weights = dict(zip(names, rng.uniform(0.1, 1, size=m), strict=True))
    return flagship.decision(scores, weights, less_is_better=("c1",))


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

CANDIDATES = pd.DataFrame(
    [
        ("3216012001", "batik", 10, ("residents",), 5e6, 20.0),
        ("3216012002", "batik", None, ("online", "residents"), 7e6, None),
        ("3216012001", "rice", 30, ("market", "middleman", "residents"), 9e6, 100.0),
        ("3216022001", "rice", 20, ("market",), 4e6, 90.0),
        ("3216022001", "crackers", 5, ("market", "residents"), 1e6, 50.0),
        ("3216022002", "dolls", 3, (), 1e6, 50.0),
    ],
    columns=["village_code", "product", "n_enterprises", "markets", "sales_idr_month", "local_material_pct"],
).astype({"village_code": "string", "product": "string"})
KPJU = {"enterprises": 4, "market_reach": 3, "contribution": 2, "local_material": 1}


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
