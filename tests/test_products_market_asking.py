"""What people say when asked: prices by two ways of asking, and scales of the best and the worst."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from market_tables import FOUR, WANTED, asked, best_worst
from matplotlib.backends.backend_agg import FigureCanvasAgg

from pk_research.errors import BadInput
from pk_research.products.market import (
    gabor_granger,
    maxdiff,
    maxdiff_design,
    van_westendorp,
)


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
    def test_demand_is_that_of_the_people(self):
        found = gabor_granger(asked(4000, 0), n_draws=100)
        assert found.demand.loc[10_000, "share"] == pytest.approx(0.5, abs=0.03)
        assert found.demand["share"].is_monotonic_decreasing

    @settings(max_examples=20, deadline=None)
    @given(seed=st.integers(0, 999))
    def test_the_curve_never_rises_even_where_answers_do(self, seed):
        rng = np.random.default_rng(seed)
        answers = asked(8, seed).assign(would_buy=rng.integers(0, 2, 40))
        found = gabor_granger(answers, n_draws=5)
        assert (found.demand["share"].diff().dropna() <= 1e-12).all()
        assert found.demand["share"].mean() == pytest.approx(found.demand["observed"].mean())

    def test_the_interval_covers(self):
        covered = []
        for seed in range(60):
            row = gabor_granger(asked(80, seed), n_draws=100).demand.loc[10_000]
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
            gabor_granger(asked(5, 0), n_draws=0)

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
        found = gabor_granger(asked(30, 0), n_draws=50)
        assert (
            found.table("en")["Revenue, 95% from (Rp)"].tolist()
            == found.demand["revenue_low"].round().tolist()
        )


class TestMaxDiff:
    @pytest.mark.parametrize(("n_items", "n_sets", "size"), [(5, 5, 4), (7, 7, 3), (12, 9, 4), (13, 13, 4)])
    def test_every_item_is_shown_as_often_as_can_be(self, n_items, n_sets, size):
        sets = maxdiff_design([f"i{n:02}" for n in range(n_items)], n_sets=n_sets, size=size)
        shown = sets["item"].value_counts()
        assert shown.max() - shown.min() <= (n_sets * size % n_items > 0)
        assert (sets.groupby("set")["item"].nunique() == size).all()

    def test_tastes_are_recovered(self):
        found = maxdiff(best_worst(400, 0, WANTED))
        true = np.array([WANTED[str(name)] for name in found.items.index])
        share = np.exp(true) / np.exp(true).sum()
        assert found.items["share"].to_numpy() == pytest.approx(share, abs=0.03)
        assert found.items.index[0] == "halal"
        assert found.items["share"].sum() == pytest.approx(1)

    def test_the_intervals_cover(self):
        true = np.exp(pd.Series(WANTED))
        true /= true.sum()
        covered = []
        for seed in range(30):
            items = maxdiff(best_worst(60, seed, WANTED)).items
            covered += [
                items.loc[name, "low"] <= true[name] <= items.loc[name, "high"] for name in true.index
            ]
        assert 0.90 <= np.mean(covered) <= 0.99

    def test_items_are_alike_where_the_difference_is_in_doubt_not_where_intervals_overlap(self):
        found = maxdiff(best_worst(30, 0, WANTED))
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
        answers = best_worst(30, 1, WANTED)
        gap = (answers["respondent"] == 0) & (answers["set"] == 1) & (answers["choice"] == "worst")
        answers.loc[gap, "choice"] = None
        found = maxdiff(answers)
        assert found.n_left_out == 1
        assert found.n_sets == 30 * 6 - 1

    def test_two_bests_and_repeated_items_at_once(self):
        answers = best_worst(3, 1, WANTED)
        answers.loc[answers.index[:3], "choice"] = "best"
        with pytest.raises(BadInput) as told:
            maxdiff(pd.concat([answers, answers.iloc[[5]]]))
        assert len(told.value.problems) == 2

    def test_a_seed_that_cannot_be(self):
        with pytest.raises(BadInput, match="seed"):
            maxdiff(best_worst(30, 1, WANTED), seed=-1)
        with pytest.raises(BadInput, match="seed"):
            maxdiff_design(list("abcde"), n_sets=6, size=3, seed=-1)

    @pytest.mark.parametrize(("size", "n_sets"), [(2, 6), (5, 6), (3, 1)])
    def test_a_design_that_cannot_be(self, size, n_sets):
        with pytest.raises(BadInput):
            maxdiff_design(list("abcde"), n_sets=n_sets, size=size)
