"""The market: shares that are right for known tastes, the best design found, and what is new about it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from market_tables import ATTRIBUTES, FOUR, TASTE, WANTED, asked, best_worst, products, tastes
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
    newness,
    van_westendorp,
)


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
        assert "Even the best of them loses money: Rp 4,647 for each choice" in loses

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
    ladder = gabor_granger(asked(20, 0), n_draws=5, made=True)
    scale = maxdiff(best_worst(20, 0, WANTED), made=True)
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
