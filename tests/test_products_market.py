"""The market: shares that are right for known tastes, the best design found, prices and scales recovered."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg

from pk_research.codebook import Label
from pk_research.errors import BadInput
from pk_research.products.experiments import (
    Attribute,
    ChoiceModel,
    KnownTastes,
    choice_design,
    latent_class_logit,
    made_choices,
)
from pk_research.products.market import (
    best_design,
    gabor_granger,
    market_shares,
    maxdiff,
    maxdiff_design,
    newness,
    van_westendorp,
)

TASTE = Attribute(
    "taste", "Rasa", "Taste", (Label("mild", "Gurih", "Mild"), Label("spicy", "Pedas", "Spicy"))
)
PRICE = Attribute(
    "price_idr", "Harga", "Price",
    tuple(Label(str(n), f"Rp{n}", f"IDR {n}") for n in (10_000, 15_000, 20_000)),
    coding="linear", better="first", unit=1000,
)  # fmt: skip
ATTRIBUTES = [TASTE, PRICE]
FOUR = ["too_cheap_idr", "cheap_idr", "expensive_idr", "too_expensive_idr"]
NAMES = ("taste=spicy", "price_idr", "none")


def tastes(
    spicy: float = 1.0, price: float = -0.1, none: float = -1.0, *, sd: float = 0.1, made: bool = False
):
    """Return a multinomial logit with known estimates and independent standard errors."""
    return ChoiceModel(
        kind="multinomial",
        names=NAMES,
        estimates=pd.Series([spicy, price, none], index=list(NAMES)),
        covariance=pd.DataFrame(np.diag([sd**2, (sd / 10) ** 2, sd**2]), index=NAMES, columns=NAMES),
        log_likelihood=-90.0,
        log_likelihood_null=-110.0,
        n_choices=100,
        n_respondents=20,
        utility_names=NAMES,
        alternatives=("a", "b", "none"),
        made=made,
    )


def products(*rows: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["taste", "price_idr"], index=[f"p{n + 1}" for n in range(len(rows))])


class TestShares:
    def test_they_are_the_logit_formula(self):
        found = market_shares(tastes(), products(("spicy", "10000"), ("mild", "20000")), ATTRIBUTES)
        odds = np.exp([1 - 1, -2, -1])
        assert found.shares["share"].tolist() == pytest.approx((odds / odds.sum()).tolist())
        assert found.shares.index.tolist() == ["p1", "p2", "none"]

    def test_the_interval_is_that_of_the_delta_method(self):
        found = market_shares(
            tastes(sd=0.02), products(("spicy", "10000"), ("mild", "20000")), ATTRIBUTES, n_draws=8000
        )
        share = found.shares["share"].to_numpy()
        offers = np.array([[1, 10, 0], [0, 20, 0], [0, 0, 1]])
        slope = share[0] * (offers[0] - share @ offers)
        se = np.sqrt(slope**2 @ [0.02**2, 0.002**2, 0.02**2])
        assert (found.shares["high"] - found.shares["low"]).iloc[0] == pytest.approx(2 * 1.96 * se, rel=0.05)

    def test_a_price_between_levels_is_taken_and_one_beyond_refused(self):
        market_shares(tastes(), products(("spicy", "12500")), ATTRIBUTES)
        with pytest.raises(BadInput, match="p1: price_idr"):
            market_shares(tastes(), products(("spicy", "25000")), ATTRIBUTES)

    def test_units_revenue_and_profit(self):
        found = market_shares(
            tastes(), products(("spicy", "10000")), ATTRIBUTES, choices_month=1000, unit_costs={"p1": 4000}
        ).shares.loc["p1"]
        assert found["units_month"] == pytest.approx(1000 * found["share"])
        assert found["revenue_idr_month"] == pytest.approx(10_000 * found["units_month"])
        assert found["profit_idr_month"] == pytest.approx(6_000 * found["units_month"])
        assert found["revenue_idr_month_low"] < found["revenue_idr_month"] < found["revenue_idr_month_high"]

    def test_units_and_revenue_have_their_intervals_in_the_table(self):
        found = market_shares(tastes(), products(("spicy", "10000")), ATTRIBUTES, choices_month=1000)
        low, high = found.shares.loc["p1", ["units_month_low", "units_month_high"]]
        told = found.table("en")["Units a month, 95% interval"]
        assert told.tolist()[0] == f"{low:,.0f} … {high:,.0f}"
        assert "Pendapatan (Rp per bulan), selang 95%" in found.table("id")
        assert found.table("en")["Revenue (Rp a month), 95% interval"].tolist()[1] == "–"

    def test_without_a_market_size_revenue_is_unknown_not_zero(self):
        found = market_shares(tastes(), products(("spicy", "10000")), ATTRIBUTES)
        assert found.shares["revenue_idr_month"].isna().all()

    def test_rivals_within_the_doubt_are_named(self):
        found = market_shares(tastes(spicy=0.01), products(("spicy", "10000"), ("mild", "10000")), ATTRIBUTES)
        assert "cannot be told from" in found.in_words("en")

    def test_all_faults_of_the_products_at_once(self):
        with pytest.raises(BadInput) as told:
            market_shares(tastes(), products(("sweet", "10000"), ("mild", "x")), ATTRIBUTES)
        assert len(told.value.problems) == 2

    def test_attributes_of_another_experiment(self):
        with pytest.raises(BadInput, match="other coefficients"):
            market_shares(tastes(), products(("mild", "10000")), [TASTE])

    def test_segments_choose_each_by_their_own_tastes(self):
        design = choice_design(ATTRIBUTES, n_sets=8, seed=1, n_starts=1)
        segments = ({"taste=spicy": 2.0, "price_idr": -0.1}, {"taste=spicy": -2.0, "price_idr": -0.1})
        answers = made_choices(design, KnownTastes(segments, (0.6, 0.4)), 300, seed=1)
        model = latent_class_logit(answers.data(), 2, n_starts=2)
        offers = products(("spicy", "10000"), ("mild", "10000"))
        found = market_shares(model, offers, ATTRIBUTES, n_people=20_000, n_draws=50)
        tastes_by_segment = model.typical(model.estimates.to_numpy()[None])[0]
        odds = np.exp(tastes_by_segment @ np.array([[1, 10, 0], [0, 10, 0], [0, 0, 1]]).T)
        expected = model.shares.to_numpy() @ (odds / odds.sum(axis=1, keepdims=True))
        assert found.shares["share"].to_numpy() == pytest.approx(expected, abs=0.01)
        assert (found.shares["low"] < found.shares["share"]).all()
        assert (found.shares["share"] < found.shares["high"]).all()

    def test_where_a_unit_costs_more_than_it_brings_the_larger_share_loses_more(self):
        found = market_shares(
            tastes(), products(("spicy", "10000")), ATTRIBUTES, choices_month=10, unit_costs={"p1": 14_000}
        ).shares.loc["p1"]
        assert found["profit_idr_month_low"] < found["profit_idr_month"] < found["profit_idr_month_high"]
        assert found["profit_idr_month_low"] == pytest.approx(-4_000 * 10 * found["high"])

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"unit_costs": {"p1": 4_000}}, "choices_month"),
            ({"choices_month": 10, "unit_costs": {"p1": 1, "p9": 2}}, "p9"),
            ({"choices_month": 10, "unit_costs": {"p1": "dear"}}, "unit_costs"),
            ({"choices_month": 10, "unit_costs": {"p1": float("inf")}}, "unit_costs"),
            ({"choices_month": float("inf")}, "choices_month"),
            ({"choices_month": "many"}, "choices_month"),
            ({"choices_month": 10, "price": "taste"}, "spicy"),
        ],
    )
    def test_what_cannot_be_reckoned_is_told_not_ignored(self, options, said):
        with pytest.raises(BadInput, match=said):
            market_shares(tastes(), products(("spicy", "10000")), ATTRIBUTES, **options)

    @pytest.mark.parametrize("names", [["none", "b"], [1, "1"]])
    def test_names_that_would_be_taken_for_another(self, names):
        offers = products(("spicy", "10000"), ("mild", "10000")).set_axis(names)
        with pytest.raises(BadInput, match="name"):
            market_shares(tastes(), offers, ATTRIBUTES)

    def test_same_seed_same_bytes(self):
        one, other = (
            market_shares(tastes(), products(("mild", "10000")), ATTRIBUTES, n_draws=20, seed=4)
            for _ in range(2)
        )
        assert one.drawn.tobytes() == other.drawn.tobytes()


def shares_beside(own: tuple[str, str], rivals: pd.DataFrame, model: ChoiceModel) -> float:
    offers = pd.concat([products(own), rivals.set_axis(["rival"])])
    return market_shares(model, offers, ATTRIBUTES, n_draws=2).shares["share"].iloc[0]


class TestBestDesign:
    def test_the_most_wanted_at_the_price_of_highest_revenue(self):
        model = tastes(sd=0.001)
        rivals = products(("mild", "10000"))
        found = best_design(model, ATTRIBUTES, rivals, objective="revenue", n_draws=50)
        by_hand = {
            price: price * shares_beside(("spicy", str(price)), rivals, model)
            for price in (10_000, 15_000, 20_000)
        }
        best = max(by_hand, key=by_hand.get)
        assert found.best == {"taste": "spicy", "price_idr": str(best)}
        assert found.designs["value"].iloc[0] == pytest.approx(by_hand[best], rel=0.01)

    def test_a_taste_nobody_is_sure_of_leaves_rivals(self):
        found = best_design(
            tastes(spicy=0.0, sd=0.3), ATTRIBUTES, products(("mild", "10000")), objective="share"
        )
        assert found.designs["may_be_best"].sum() > 1
        assert found.designs["probability_best"].sum() == pytest.approx(1)
        assert "cannot be told from it" in found.in_words("en")

    def test_costs_change_what_is_best(self):
        rivals = products(("mild", "15000"))
        free = best_design(tastes(), ATTRIBUTES, rivals, objective="profit")
        dear = best_design(
            tastes(), ATTRIBUTES, rivals, objective="profit", level_costs={"taste": {"spicy": 9_500}}
        )
        assert (free.best["taste"], dear.best["taste"]) == ("spicy", "mild")

    def test_a_best_price_at_the_end_is_pointed_out(self):
        found = best_design(tastes(price=0.1), ATTRIBUTES, products(("mild", "15000")), n_draws=20)
        assert found.best["price_idr"] == "20000"
        assert "may lie beyond: Price" in found.in_words("en")

    def test_fixed_levels_stay(self):
        found = best_design(tastes(), ATTRIBUTES, products(("mild", "15000")), fixed={"taste": "mild"})
        assert set(found.designs["taste"]) == {"mild"}
        with pytest.raises(BadInput, match="sweet"):
            best_design(tastes(), ATTRIBUTES, products(("mild", "15000")), fixed={"taste": "sweet"})

    def test_a_best_design_that_loses_says_so(self):
        rivals = products(("mild", "10000"))
        gains, loses = (
            best_design(
                tastes(), ATTRIBUTES, rivals, objective="profit", base_cost_idr=cost, n_draws=20
            ).in_words("en")
            for cost in (5_000, 50_000)
        )
        assert "loses money" not in gains
        assert "Even the best of them loses money: Rp -" in loses

    def test_a_fixed_level_is_neither_an_end_nor_an_agreement(self):
        found = best_design(
            tastes(spicy=0.0), ATTRIBUTES, products(("mild", "15000")), fixed={"price_idr": "20000"}
        )
        assert found.designs["may_be_best"].all()
        assert "Price" not in found.in_words("en").split("draws.")[1]

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"objective": "Profit"}, "share, revenue, profit"),
            ({"objective": "profit", "base_cost_idr": float("nan")}, "base_cost_idr"),
            ({"objective": "profit", "base_cost_idr": -1}, "base_cost_idr"),
            ({"objective": "profit", "level_costs": {"taste": {"spicy": float("nan")}}}, "spicy"),
            ({"objective": "profit", "level_costs": {"taste": {"spicy": "dear"}}}, "spicy"),
            ({"objective": "revenue", "level_costs": {"taste": {"spicy": 5}}}, "profit"),
            ({"objective": "share", "base_cost_idr": 5}, "profit"),
            ({"objective": "revenue", "price": "taste"}, "mild"),
        ],
    )
    def test_what_cannot_be_reckoned_is_told_not_ignored(self, options, said):
        with pytest.raises(BadInput, match=said):
            best_design(tastes(), ATTRIBUTES, products(("mild", "15000")), **options)

    def test_more_designs_than_fit_a_machine_number(self):
        many = [
            Attribute(f"a{n}", f"A{n}", f"A{n}", (Label("no", "Tidak", "No"), Label("yes", "Ya", "Yes")))
            for n in range(64)
        ]
        names = tuple(f"a{n}=yes" for n in range(64))
        model = replace(
            tastes(),
            names=names,
            estimates=pd.Series(0.0, index=list(names)),
            covariance=pd.DataFrame(np.eye(64), index=names, columns=names),
            utility_names=names,
        )
        rivals = pd.DataFrame([["no"] * 64], columns=[one.name for one in many])
        with pytest.raises(BadInput, match=str(2**64)):
            best_design(model, many, rivals, objective="share")


class TestNewness:
    def test_the_same_product_is_not_new(self):
        same = {"taste": "mild", "price_idr": "10000"}
        found = newness(tastes(), ATTRIBUTES, same, same)
        assert (found.distance, found.gain, found.preferred) == (0, 0, pytest.approx(0.5))
        assert "cannot be told" in found.in_words("en")

    def test_a_wanted_change_is_preferred(self):
        found = newness(
            tastes(),
            ATTRIBUTES,
            {"taste": "mild", "price_idr": "10000"},
            {"taste": "spicy", "price_idr": "15000"},
        )
        assert found.attributes["distance"].tolist() == [1, 0.5]
        assert found.attributes["importance"].tolist() == pytest.approx([0.5, 0.5])
        assert found.gain == pytest.approx(1 - 0.5)
        assert found.weighted_distance == pytest.approx(0.75)
        assert found.preferred_low < found.preferred < found.preferred_high
        rows = found.attributes
        assert (rows["importance_low"] < rows["importance"]).all()
        assert (rows["importance"] < rows["importance_high"]).all()
        # 1 x the importance of taste and 1/2 x that of the price, which is 1 less that of taste
        assert found.weighted_distance_low == pytest.approx((1 + rows.loc["taste", "importance_low"]) / 2)
        assert found.weighted_distance_high == pytest.approx((1 + rows.loc["taste", "importance_high"]) / 2)
        assert f"{round(100 * found.weighted_distance_low)}% to " in found.in_words("en")

    def test_the_words_say_no_more_than_that_half_prefer_it(self):
        old, new = {"taste": "mild", "price_idr": "10000"}, {"taste": "spicy", "price_idr": "10000"}
        for spicy, preferred in ((1.0, "the new one"), (-1.0, "the original")):
            told = newness(tastes(spicy), ATTRIBUTES, old, new).in_words("en")
            assert f"More than half would take {preferred}, at the 95% level." in told


class TestVanWestendorp:
    def test_curves_cross_where_they_are_drawn_to(self):
        rng = np.random.default_rng(0)
        base = rng.normal(10_000, 1500, (4000, 1)).clip(3000)
        answers = pd.DataFrame(
            base * [0.6, 0.9, 1.1, 1.4],
            columns=FOUR,
        )
        found = van_westendorp(answers, n_draws=50)
        # P(a x >= t) = P(b x <= t) where (t/a - m) = -(t/b - m): t = 2 m a b / (a + b).
        # Not cheap is P(cheap < t), not expensive P(expensive > t): the crossings of the paper of 1976.
        for name, (a, b) in {
            "lowest": (0.6, 0.9), "optimal": (0.6, 1.4), "indifference": (0.9, 1.1), "highest": (1.1, 1.4),
        }.items():  # fmt: skip
            row = found.points.loc[name]
            assert row["price_idr"] == pytest.approx(2 * 10_000 * a * b / (a + b), rel=0.01)
            assert row["low"] <= row["price_idr"] <= row["high"]

    FOUR_PEOPLE: ClassVar = pd.DataFrame(
        [[1, 2, 7, 9], [2, 4, 8, 10], [3, 5, 9, 11], [4, 6, 10, 12]], columns=FOUR
    )

    @pytest.mark.parametrize(
        ("acceptable_range", "lowest", "highest"),
        [
            # Too cheap: 75% at 2, 50% at 3, 25% at 4. Not cheap: 0% at 2, 25% at 3 and 4. They meet at 4.
            # Not expensive: 50% at 8, 25% at 9. Too expensive: 0% at 8, 25% at 9. They meet at 9.
            ("original", 4, 9),
            # Too cheap: 25% at 4, 0% at 5. Expensive: 0% at 4 and 5. They meet at 5.
            # Cheap: 25% at 6, 0% at 7. Too expensive: 0% at 6 and 7. They meet at 7.
            ("narrower", 5, 7),
        ],
    )
    def test_the_range_by_hand(self, acceptable_range, lowest, highest):
        found = van_westendorp(self.FOUR_PEOPLE, n_draws=5, acceptable_range=acceptable_range)
        assert found.points.loc[["lowest", "highest"], "price_idr"].tolist() == [lowest, highest]
        assert found.acceptable_range == acceptable_range

    def test_the_words_say_which_range_and_how_sure_it_is(self):
        original, narrower = (
            van_westendorp(self.FOUR_PEOPLE * 1000, n_draws=50, acceptable_range=one)
            for one in ("original", "narrower")
        )
        assert "too cheap as not cheap" in original.in_words("en")
        assert "too cheap as expensive" in narrower.in_words("en")
        low = original.points.loc["lowest"].round().astype(int)
        assert f"Rp 4,000 (95% interval {low['low']:,} to {low['high']:,})" in original.in_words("en")

    def test_the_picture_draws_the_curves_that_cross(self):
        for one, names in (
            ("original", ["too cheap", "not cheap", "not expensive", "too expensive"]),
            ("narrower", ["too cheap", "cheap", "expensive", "too expensive"]),
        ):
            found = van_westendorp(self.FOUR_PEOPLE, n_draws=5, acceptable_range=one)
            axes = found.plot("en").axes[0]
            assert [line.get_label() for line in axes.get_lines()] == names
            too_cheap, other = (line.get_ydata() for line in axes.get_lines()[:2])
            assert (too_cheap[3], other[3]) == ((25, 25) if one == "original" else (25, 75))

    def test_the_key_covers_no_curve(self):
        figure = van_westendorp(self.FOUR_PEOPLE, n_draws=5).plot("id", width_px=360)
        FigureCanvasAgg(figure).draw()
        axes = figure.axes[0]
        key = axes.get_legend().get_window_extent()
        assert not key.overlaps(axes.get_window_extent())
        assert 0 <= key.x0 < key.x1 <= figure.bbox.x1
        assert 0 <= key.y0 < key.y1 <= figure.bbox.y1

    def test_a_crossing_at_the_dearest_price(self):
        same = pd.DataFrame([[5, 6, 10, 10], *[[10, 10, 10, 10]] * 3], columns=FOUR)
        assert van_westendorp(same, n_draws=5).points.loc["lowest", "price_idr"] == 10

    @pytest.mark.parametrize("wrong", ["dear", float("inf")])
    def test_prices_that_are_no_amounts(self, wrong):
        answers = self.FOUR_PEOPLE.astype(object)
        answers.iloc[0, 3] = wrong
        with pytest.raises(BadInput, match="too_expensive_idr"):
            van_westendorp(answers)

    def test_options_that_cannot_be(self):
        with pytest.raises(BadInput, match="original, narrower"):
            van_westendorp(self.FOUR_PEOPLE, acceptable_range="wide")
        with pytest.raises(BadInput, match="n_draws"):
            van_westendorp(self.FOUR_PEOPLE, n_draws=0)

    def test_who_is_left_out_is_counted(self):
        answers = pd.DataFrame(
            [[5, 8, 12, 15], [6, 9, 13, 16], [9, 8, 12, 15], [5, None, 12, 15]],
            columns=FOUR,
        )
        found = van_westendorp(answers, n_draws=5)
        assert (found.n_respondents, found.n_out_of_order, found.n_incomplete) == (2, 1, 1)
        assert "1 were left out" in found.in_words("en")

    def test_codes_for_no_answer_are_not_prices(self):
        answers = pd.DataFrame(
            [[-99, 8, 12, 15]] * 3,
            columns=FOUR,
        )
        with pytest.raises(BadInput, match="-99"):
            van_westendorp(answers)


class TestGaborGranger:
    @staticmethod
    def asked(n: int, seed: int) -> pd.DataFrame:
        """Return answers of people who would pay up to a lognormal sum around Rp 10,000."""
        rng = np.random.default_rng(seed)
        prices = np.array([6000, 8000, 10_000, 12_000, 15_000])
        most = 10_000 * np.exp(0.3 * rng.normal(size=(n, 1)))
        return pd.DataFrame(
            {
                "respondent": np.repeat(np.arange(n), 5),
                "price_idr": np.tile(prices, n),
                "would_buy": (most >= prices).astype(int).ravel(),
            }
        )

    def test_demand_is_that_of_the_people(self):
        found = gabor_granger(self.asked(4000, 0), n_draws=100)
        assert found.demand.loc[10_000, "share"] == pytest.approx(0.5, abs=0.03)
        assert found.demand["share"].is_monotonic_decreasing

    @settings(max_examples=20, deadline=None)
    @given(seed=st.integers(0, 999))
    def test_the_curve_never_rises_even_where_answers_do(self, seed):
        rng = np.random.default_rng(seed)
        answers = self.asked(8, seed).assign(would_buy=rng.integers(0, 2, 40))
        found = gabor_granger(answers, n_draws=5)
        assert (found.demand["share"].diff().dropna() <= 1e-12).all()
        assert found.demand["share"].mean() == pytest.approx(found.demand["observed"].mean())

    def test_the_interval_covers(self):
        covered = []
        for seed in range(60):
            row = gabor_granger(self.asked(80, seed), n_draws=100).demand.loc[10_000]
            covered.append(row["low"] <= 0.5 <= row["high"])
        assert 0.88 <= np.mean(covered) <= 0.99

    def test_the_best_price_at_the_end_is_pointed_out(self):
        answers = pd.DataFrame(
            {"respondent": [1, 1, 2, 2], "price_idr": [5, 8] * 2, "would_buy": [1, 1, 1, 1]}
        )
        assert "may lie beyond" in gabor_granger(answers, n_draws=5).in_words("en")

    def test_contradictions_are_kept_and_counted_and_gaps_left_out(self):
        answers = pd.DataFrame(
            {"respondent": [1, 1, 2, 2], "price_idr": [5, 8] * 2, "would_buy": [0, 1, 1, None]}
        )
        found = gabor_granger(answers, n_draws=5)
        assert (found.n_contradicting, found.n_unanswered) == (1, 1)

    def test_all_faults_at_once(self):
        answers = pd.DataFrame({"respondent": [1, 1, None], "price_idr": [5, 5, 0], "would_buy": [0, 2, 1]})
        with pytest.raises(BadInput) as told:
            gabor_granger(answers)
        assert len(told.value.problems) == 5

    @pytest.mark.parametrize("wrong", ["dear", float("inf")])
    def test_prices_that_are_no_amounts(self, wrong):
        answers = pd.DataFrame(
            {"respondent": [1, 1, 2, 2], "price_idr": [5, wrong] * 2, "would_buy": [1, 0, 1, 1]}
        )
        with pytest.raises(BadInput, match="price_idr"):
            gabor_granger(answers)

    def test_draws_that_cannot_be(self):
        with pytest.raises(BadInput, match="n_draws"):
            gabor_granger(self.asked(5, 0), n_draws=0)

    def test_prices_are_alike_where_the_paired_difference_is_in_doubt(self):
        n = 200  # at 10 all of them, at 20 nearly half, at 40 a fourth: 10, 9.9 and 10 of revenue
        would = np.array([[1] * n, [1] * 99 + [0] * 101, [1] * 50 + [0] * 150]).T
        answers = pd.DataFrame(
            {
                "respondent": np.repeat(np.arange(n), 3),
                "price_idr": [10, 20, 40] * n,
                "would_buy": would.ravel(),
            }
        )
        found = gabor_granger(answers)
        assert found.demand["may_be_best"].tolist() == [True, True, True]
        sure = gabor_granger(answers[answers["price_idr"] != 40].assign(
            would_buy=lambda rows: rows["would_buy"].where(rows["price_idr"] == 10, rows["respondent"] < 70)
        ))  # fmt: skip
        assert sure.demand["may_be_best"].tolist() == [True, False]
        assert "as high at" not in sure.in_words("en")

    def test_draws_in_which_two_prices_are_equally_good_count_half_for_each(self):
        # With both people 1 x 5 = 0.5 x 10 (half the draws); with one of them twice 10 or 5 is better.
        answers = pd.DataFrame(
            {"respondent": [1, 1, 2, 2], "price_idr": [5, 10] * 2, "would_buy": [1, 1, 1, 0]}
        )
        assert gabor_granger(answers).best_prices.tolist() == pytest.approx([0.5, 0.5], abs=0.05)

    def test_a_price_nobody_pays_is_not_the_best(self):
        answers = pd.DataFrame(
            {"respondent": [1, 1, 2, 2], "price_idr": [5, 10] * 2, "would_buy": [0, 0, 0, 0]}
        )
        with pytest.raises(BadInput, match="nobody would buy"):
            gabor_granger(answers)

    def test_the_revenue_has_its_interval_in_the_table(self):
        found = gabor_granger(self.asked(30, 0), n_draws=50)
        assert (
            found.table("en")["Revenue, 95% from (Rp)"].tolist()
            == found.demand["revenue_low"].round().tolist()
        )


def best_worst(n: int, seed: int, utility: dict[str, float]) -> pd.DataFrame:
    """Return made answers of people who choose with Gumbel noise: the best, then the worst of the rest."""
    rng = np.random.default_rng(seed)
    sets = maxdiff_design(list(utility), n_sets=6, size=3, seed=seed)
    rows = []
    for person in range(n):
        for number, shown in sets.groupby("set"):
            items = shown["item"].tolist()
            value = np.array([utility[item] for item in items])
            best = int((value + rng.gumbel(size=len(items))).argmax())
            rest = [k for k in range(len(items)) if k != best]
            worst = rest[int((-value[rest] + rng.gumbel(size=len(rest))).argmax())]
            for k, item in enumerate(items):
                choice = "best" if k == best else "worst" if k == worst else None
                rows.append((person, number, item, choice))
    return pd.DataFrame(rows, columns=["respondent", "set", "item", "choice"])


class TestMaxDiff:
    TRUE: ClassVar = {"halal": 1.5, "price": 0.8, "taste": 0.3, "pack": -0.4, "brand": 0.0}

    @pytest.mark.parametrize(("n_items", "n_sets", "size"), [(5, 5, 4), (7, 7, 3), (12, 9, 4), (13, 13, 4)])
    def test_every_item_is_shown_as_often_as_can_be(self, n_items, n_sets, size):
        sets = maxdiff_design([f"i{n:02}" for n in range(n_items)], n_sets=n_sets, size=size)
        shown = sets["item"].value_counts()
        assert shown.max() - shown.min() <= (n_sets * size % n_items > 0)
        assert (sets.groupby("set")["item"].nunique() == size).all()

    def test_tastes_are_recovered(self):
        found = maxdiff(best_worst(400, 0, self.TRUE))
        true = np.array([self.TRUE[str(name)] for name in found.items.index])
        share = np.exp(true) / np.exp(true).sum()
        assert found.items["share"].to_numpy() == pytest.approx(share, abs=0.03)
        assert found.items.index[0] == "halal"
        assert found.items["share"].sum() == pytest.approx(1)

    def test_the_intervals_cover(self):
        true = np.exp(pd.Series(self.TRUE))
        true /= true.sum()
        covered = []
        for seed in range(30):
            items = maxdiff(best_worst(60, seed, self.TRUE)).items
            covered += [
                items.loc[name, "low"] <= true[name] <= items.loc[name, "high"] for name in true.index
            ]
        assert 0.90 <= np.mean(covered) <= 0.99

    def test_items_are_alike_where_the_difference_is_in_doubt_not_where_intervals_overlap(self):
        found = maxdiff(best_worst(30, 0, self.TRUE))
        items, first = found.items, found.items.index[0]
        covariance = found.model.covariance.reindex(index=items.index, columns=items.index, fill_value=0.0)
        variance = pd.Series(np.diag(covariance), index=items.index)
        se = np.sqrt(variance[first] + variance - 2 * covariance[first])
        behind = items["utility"][first] - items["utility"]
        assert items["may_be_best"].tolist() == (behind <= 1.96 * se).tolist()
        overlap = items["high"] > items["low"].iloc[0]
        assert (overlap & ~items["may_be_best"]).any()  # what the intervals alone would call alike
        told = found.in_words("en").partition("cannot be told from:")[2].split(".")[0]
        named = {name.strip() for name in told.split(",") if name.strip()}
        assert named == set(items.index[items["may_be_best"]]) - {first}

    def test_sets_without_both_are_left_out_and_counted(self):
        answers = best_worst(30, 1, self.TRUE)
        gap = (answers["respondent"] == 0) & (answers["set"] == 1) & (answers["choice"] == "worst")
        answers.loc[gap, "choice"] = None
        found = maxdiff(answers)
        assert found.n_left_out == 1
        assert found.n_sets == 30 * 6 - 1

    def test_two_bests_and_repeated_items_at_once(self):
        answers = best_worst(3, 1, self.TRUE)
        answers.loc[answers.index[:3], "choice"] = "best"
        with pytest.raises(BadInput) as told:
            maxdiff(pd.concat([answers, answers.iloc[[5]]]))
        assert len(told.value.problems) == 2

    def test_a_seed_that_cannot_be(self):
        with pytest.raises(BadInput, match="seed"):
            maxdiff(best_worst(30, 1, self.TRUE), seed=-1)
        with pytest.raises(BadInput, match="seed"):
            maxdiff_design(list("abcde"), n_sets=6, size=3, seed=-1)

    @pytest.mark.parametrize(("size", "n_sets"), [(2, 6), (5, 6), (3, 1)])
    def test_a_design_that_cannot_be(self, size, n_sets):
        with pytest.raises(BadInput):
            maxdiff_design(list("abcde"), n_sets=n_sets, size=size)


@pytest.mark.parametrize("language", ["id", "en"])
def test_everything_is_told_and_drawn_and_made_data_said(language):
    note = {"id": "Data buatan", "en": "Made data"}[language]
    offers = products(("spicy", "10000"), ("mild", "20000"))
    shares = market_shares(tastes(made=True), offers, ATTRIBUTES, n_draws=20, choices_month=100)
    best = best_design(tastes(made=True), ATTRIBUTES, offers, n_draws=20)
    new = newness(
        tastes(made=True), ATTRIBUTES, {"taste": "mild", "price_idr": "10000"},
        {"taste": "spicy", "price_idr": "10000"}, n_draws=20,
    )  # fmt: skip
    prices = pd.DataFrame(
        [[5, 8, 12, 15], [6, 9, 13, 16]],
        columns=FOUR,
    )
    meter = van_westendorp(1000 * prices, n_draws=5, made=True)
    ladder = gabor_granger(TestGaborGranger.asked(20, 0), n_draws=5, made=True)
    scale = maxdiff(best_worst(20, 0, TestMaxDiff.TRUE), made=True)
    for found in (shares, best, new, meter, ladder, scale):
        assert note in found.in_words(language)
        assert note in str(found.table(language).iloc[0].tolist())
    figure = ladder.plot(language, width_px=360)
    FigureCanvasAgg(figure).draw()
    below = figure.axes[1]
    low, high = below.get_xlim()
    boxes = [
        label.get_window_extent()
        for place, label in zip(below.get_xticks(), below.get_xticklabels(), strict=True)
        if low <= place <= high
    ]
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))
    for found in (shares, meter, ladder, scale):
        for width_px in (360, 800):
            figure = found.plot(language, width_px=width_px)
            assert note in figure.get_supxlabel()
            figure.savefig("/dev/null", format="png")
