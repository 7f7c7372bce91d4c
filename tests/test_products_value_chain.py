"""The value chain: margins add up to the price, losses are counted, innovations are worth what they save."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pk_research.errors import BadInput
from pk_research.products.value_chain import innovation, value_chain
from pk_research.products.value_chain.chain import drawn_means
from pk_research.products.value_chain.stages import AMOUNTS, answers
from pk_research.products.value_chain.stages import STAGES as KNOWN_STAGES

STAGES = ["raw", "collecting", "processing", "packing", "transport"]


def dossiers(n: int, seed: int = 0, *, gaps: float = 0.0) -> pd.DataFrame:
    """Return made dossiers whose prices meet from stage to stage."""
    rng = np.random.default_rng(seed)
    rows = []
    for dossier in range(n):
        price = 0.0
        for stage in STAGES:
            cost = float(rng.integers(100, 500))
            loss = float(rng.integers(0, 20))
            sell = float((price + cost) / (1 - loss / 100) + rng.integers(-50, 400))
            rows.append([f"d{dossier}", stage, price, cost, sell, loss])
            price = sell
    names = ["dossier", "stage_code", *(f"stage_{name}_idr_unit" for name in ("buy", "cost", "sell"))]
    frame = pd.DataFrame(rows, columns=[*names, "stage_loss_pct"])
    frame.loc[rng.random(len(frame)) < gaps, "stage_cost_idr_unit"] = np.nan
    return frame


def told_by(**amounts: list[float]) -> pd.DataFrame:
    """Return dossiers of raw material, processing and packing that differ in what is given alone.

    ``amounts`` are those of each dossier: ``processing_margin``, ``packing_cost``, ``raw_loss``...
    Margins and costs are 100 and losses 0 otherwise; prices meet from stage to stage.
    """
    rows = []
    for dossier in range(len(next(iter(amounts.values())))):
        price = 0.0
        for stage in ("raw", "processing", "packing"):
            margin, cost, loss = (
                amounts[key][dossier] if (key := f"{stage}_{name}") in amounts else other
                for name, other in (("margin", 100), ("cost", 100), ("loss", 0))
            )
            sell = price + cost + margin
            rows.append([f"d{dossier}", stage, price, cost, sell, loss])
            price = sell
    return pd.DataFrame(rows, columns=["dossier", "stage_code", *AMOUNTS])


def only_first_tells(rows: pd.DataFrame, stage: str) -> pd.DataFrame:
    """Leave the answer on a stage to the first dossier alone."""
    return rows[(rows["stage_code"] != stage) | (rows["dossier"] == rows["dossier"].iloc[0])]


LEVELS = [100.0, 400.0, 900.0, 1600.0, 2500.0, 3600.0]
NEARLY = [level + 50 for level in LEVELS]


class TestMargins:
    @settings(deadline=None, max_examples=30)
    @given(n=st.integers(1, 6), seed=st.integers(0, 999))
    def test_price_going_in_costs_margins_and_jumps_are_the_final_price(self, n, seed):
        chain = value_chain(dossiers(n, seed), "Dodol", n_draws=2)
        parts = chain.first_price + chain.stages[["cost", "margin", "jump"]].to_numpy().sum()
        assert parts == pytest.approx(chain.final_price)

    def test_without_loss_a_margin_is_what_the_questionnaire_calls_it(self):
        rows = dossiers(1).assign(stage_loss_pct=0)
        chain = value_chain(rows, "Dodol")
        asked = rows["stage_sell_idr_unit"] - rows["stage_buy_idr_unit"] - rows["stage_cost_idr_unit"]
        assert chain.stages["margin"].tolist() == pytest.approx(asked.tolist())
        assert chain.stages["lost"].tolist() == [0] * 5

    def test_what_spoils_late_costs_more(self):
        rows = dossiers(1).assign(stage_loss_pct=[10, 0, 0, 0, 10])
        lost = value_chain(rows, "Dodol").stages["lost"]
        assert lost["transport"] > lost["raw"] > 0

    def test_prices_that_do_not_meet_are_pointed_out(self):
        rows = dossiers(1)
        rows.loc[rows["stage_code"] == "packing", "stage_buy_idr_unit"] *= 1.5
        chain = value_chain(rows, "Dodol")
        assert chain.stages["jump"].idxmax() == "packing"
        assert "Packing" in chain.in_words("en").split("Prices do not meet before:")[1]

    def test_a_stage_that_may_yet_earn_is_not_called_a_loss_for_sure(self):
        sure, unsure = (
            value_chain(told_by(processing_margin=margins), "Dodol", n_draws=200).in_words("en")
            for margins in ([-50.0, -40.0, -60.0], [-50.0, 150.0, -200.0])
        )
        for told in (sure, unsure):
            assert "earn less than they cost: Processing." in told
        assert "not sure at the 95% level" not in sure
        assert "That is not sure at the 95% level for: Processing." in unsure

    def test_most_is_lost_where_the_paired_difference_says_so(self):
        rows = told_by(raw_loss=[10.0, 30.0, 10.0, 30.0], packing_loss=[8.0, 20.0, 20.0, 8.0])
        chain = value_chain(rows, "Dodol", n_draws=200)
        assert chain.stages["may_lose_most"].tolist() == [False, False, True]
        assert "As much may be lost at" not in chain.in_words("en")
        rows = told_by(processing_loss=[10.0, 30.0, 10.0, 30.0], packing_loss=[8.0, 20.0, 20.0, 8.0])
        chain = value_chain(rows, "Dodol", n_draws=200)
        assert chain.stages["may_lose_most"].tolist() == [False, True, True]
        assert "As much may be lost at: Packing." in chain.in_words("en")

    def test_incomplete_answers_are_left_out_and_counted(self):
        rows = dossiers(12, gaps=0.2)
        chain = value_chain(rows, "Dodol", n_draws=50)
        assert chain.stages["n_left_out"].sum() == rows["stage_cost_idr_unit"].isna().sum() > 0
        assert (chain.stages["n"] + chain.stages["n_left_out"] == 12).all()


def test_the_stages_are_those_of_the_questionnaire(project):
    codebook = pd.read_csv(project / "data" / "questionnaires" / "product_dossier.stage.codebook.csv")
    asked = codebook.set_index("name").loc["stage_code", "categories"]
    assert [one.split("=")[0].strip() for one in asked.split(";")] == list(KNOWN_STAGES)


class TestIntervals:
    def test_the_interval_is_that_of_the_mean(self):
        rows = dossiers(40).assign(stage_loss_pct=0)
        chain = value_chain(rows, "Dodol", n_draws=4000)
        margin = (
            rows["stage_sell_idr_unit"] - rows["stage_buy_idr_unit"] - rows["stage_cost_idr_unit"]
        ).groupby(rows["stage_code"])
        half = 1.96 * margin.std() / np.sqrt(40)
        width = (chain.stages["margin_high"] - chain.stages["margin_low"]) / 2
        assert width.to_numpy() == pytest.approx(half[width.index].to_numpy(), rel=0.06)

    def test_one_dossier_has_none(self):
        chain = value_chain(dossiers(1), "Dodol")
        assert chain.stages[["margin_low", "share_high"]].isna().all(axis=None)
        assert "95% interval" not in chain.in_words("en")
        assert "With one dossier nothing can be said about how sure that is." in chain.in_words("en")

    def test_a_stage_with_one_dossier_of_several_has_none_nor_have_those_before_it(self):
        rows = only_first_tells(dossiers(8), "processing")
        chain = value_chain(rows, "Dodol", n_draws=50)
        known = chain.stages[["margin_low", "margin_high", "share_low", "share_high"]].notna().all(axis=1)
        # How much goes in at a stage depends on what spoils there and after it.
        assert known.tolist() == [False, False, False, True, True]
        assert chain.table("en")["Margin, 95% interval (Rp)"].tolist()[:3] == ["–"] * 3
        assert "Only one dossier tells of: Processing." in chain.in_words("en")
        assert "hanya ada satu berkas produk: Mengolah" in chain.in_words("id")

    def test_a_margin_is_the_largest_where_the_paired_difference_says_so(self):
        chain = value_chain(told_by(raw_margin=LEVELS, processing_margin=NEARLY), "Dodol", n_draws=200)
        stages = chain.stages
        assert stages.loc["raw", "margin_high"] > stages.loc["processing", "margin_low"]
        assert stages["may_be_largest"].tolist() == [False, True, False]
        assert "as large at" not in chain.in_words("en")

    def test_a_margin_that_may_be_as_large_is_named(self):
        chain = value_chain(told_by(raw_margin=LEVELS, processing_margin=LEVELS[::-1]), "Dodol", n_draws=200)
        assert chain.stages["may_be_largest"].tolist() == [True, True, False]
        assert "It may be as large at: " in chain.in_words("en")

    def test_many_dossiers_need_no_more_memory_than_draws_by_dossiers(self):
        given = answers(dossiers(200), dossier="dossier")
        tracemalloc.start()
        means = drawn_means(given, 2000, 0)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert means.shape == (2000, 5, 4)
        assert peak < 8 * 2000 * 200 * 8  # a few tables of draws by dossiers; draws by dossiers twice is 80e6

    def test_same_seed_same_bytes(self):
        one, other = (value_chain(dossiers(5), "Dodol", n_draws=20, seed=3).stages for _ in range(2))
        pd.testing.assert_frame_equal(one, other, check_exact=True)


class TestInnovation:
    def test_less_spoiled_is_worth_what_is_no_longer_made(self):
        chain = value_chain(dossiers(1).assign(stage_loss_pct=[0, 0, 0, 0, 20]), "Dodol")
        found = innovation(chain, loss_times=0)
        inputs_and_work = chain.stages["cost"].sum() + chain.first_price
        assert found.gains["gain"]["transport"] == pytest.approx(0.2 * inputs_and_work)
        assert found.gains["gain"].drop("transport").tolist() == [0] * 4

    def test_cheaper_work_is_worth_its_part(self):
        chain = value_chain(dossiers(3), "Dodol", n_draws=20)
        found = innovation(chain, cost_times=0.9, units_month=1000)
        assert found.gains["gain"].to_numpy() == pytest.approx(0.1 * chain.stages["cost"].to_numpy())
        assert found.gains["gain_idr_month"].to_numpy() == pytest.approx(
            100 * chain.stages["cost"].to_numpy()
        )

    def test_a_better_price_inside_the_chain_only_moves_money(self):
        chain = value_chain(dossiers(3).assign(stage_loss_pct=0), "Dodol", n_draws=20)
        gain = innovation(chain, price_times=1.1).gains["gain"]
        assert gain.drop("transport").to_numpy() == pytest.approx(0, abs=1e-6)
        assert gain["transport"] == pytest.approx(0.1 * chain.final_price)

    def test_stages_are_alike_where_the_paired_difference_is_in_doubt(self):
        chain = value_chain(told_by(raw_cost=LEVELS, processing_cost=NEARLY), "Dodol", n_draws=200)
        found = innovation(chain, cost_times=0.5)
        assert found.gains.loc["raw", "high"] > found.gains.loc["processing", "low"]
        assert found.gains["may_be_best"].tolist() == [False, True, False]
        assert "as much at" not in found.in_words("en")

    def test_a_stage_with_one_dossier_leaves_the_gain_unknown(self):
        rows = only_first_tells(dossiers(8), "processing").assign(stage_loss_pct=10)
        chain = value_chain(rows, "Dodol", n_draws=50)
        cheaper, less_lost = innovation(chain, cost_times=0.5), innovation(chain, loss_times=0.5)
        assert cheaper.gains["low"].notna().tolist() == [False, False, False, True, True]
        assert less_lost.gains["low"].isna().all()  # it saves what was paid at every stage before
        for found in (cheaper, less_lost):
            assert found.gains.loc[found.gains["low"].isna(), "may_be_best"].drop(
                found.gains["gain"].idxmax(), errors="ignore"
            ).isna().all()  # fmt: skip
            assert "Only one dossier tells of: Processing." in found.in_words("en")

    def test_a_loss_beyond_everything_in_any_dossier_is_refused(self):
        rows = told_by(processing_loss=[0, 0, 0, 0, 0, 60])  # 10% on average: twice is 20%, but not for d5
        chain = value_chain(rows, "Dodol", n_draws=20)
        with pytest.raises(BadInput, match=r"Processing.*60.*below 1\.66"):
            innovation(chain, loss_times=2)
        assert innovation(chain, loss_times=1.6).gains["gain"]["processing"] < 0

    def test_given_away_at_the_end_only_the_final_price_is_lost(self):
        chain = value_chain(told_by(raw_margin=LEVELS), "Dodol", n_draws=20)
        assert innovation(chain, price_times=0).gains["gain"]["packing"] == pytest.approx(-chain.final_price)

    def test_rivals_within_the_doubt_are_named(self):
        rows = told_by(raw_cost=LEVELS, processing_cost=LEVELS[::-1])
        told = innovation(value_chain(rows, "Dodol", n_draws=200), cost_times=0.5)
        assert "may be as much at" in told.in_words("en")
        assert told.table("id").columns[0] == "Tahap"

    @pytest.mark.parametrize(
        "change",
        [
            {}, {"loss_times": -1}, {"loss_times": 100}, {"cost_times": np.inf}, {"price_times": np.nan},
            {"cost_times": 0.5, "units_month": -1}, {"cost_times": 0.5, "units_month": np.nan},
            {"cost_times": "half"},
        ],
    )  # fmt: skip
    def test_an_innovation_that_cannot_be(self, change):
        with pytest.raises(BadInput):
            innovation(value_chain(dossiers(2), "Dodol", n_draws=2), **change)


class TestBadInput:
    def test_all_faults_at_once(self):
        rows = dossiers(2)
        rows.loc[0, "stage_code"] = "magic"
        rows.loc[1, "stage_cost_idr_unit"] = -99
        rows.loc[2, "stage_loss_pct"] = 100
        with pytest.raises(BadInput) as told:
            value_chain(pd.concat([rows, rows.iloc[[4]]]), "Dodol")
        assert len(told.value.problems) == 4

    def test_a_stage_nobody_answered(self):
        rows = dossiers(2)
        rows.loc[rows["stage_code"] == "packing", "stage_cost_idr_unit"] = np.nan
        with pytest.raises(BadInput, match="packing"):
            value_chain(rows, "Dodol")

    def test_a_final_price_of_nothing(self):
        rows = dossiers(3)
        rows.loc[(rows["stage_code"] == "transport") & (rows["dossier"] == "d1"), "stage_sell_idr_unit"] = 0
        with pytest.raises(BadInput, match="dossiers d1: the final price"):
            value_chain(rows, "Dodol")

    @pytest.mark.parametrize("wrong", [np.inf, -np.inf, "15.000"])
    @pytest.mark.parametrize("column", AMOUNTS)
    def test_amounts_that_are_none(self, column, wrong):
        rows = dossiers(3).astype({column: object})
        rows.loc[7, column] = wrong
        with pytest.raises(BadInput, match="dossiers d1"):
            value_chain(rows, "Dodol")

    def test_who_and_which_stage_must_be_known(self):
        for column in ("dossier", "stage_code"):
            rows = dossiers(2).astype({column: object})
            rows.loc[0, column] = None
            with pytest.raises(BadInput, match=column):
                value_chain(rows, "Dodol")

    @pytest.mark.parametrize("options", [{"n_draws": 0}, {"seed": -1}])
    def test_draws_that_cannot_be(self, options):
        with pytest.raises(BadInput, match=next(iter(options))):
            value_chain(dossiers(2), "Dodol", **options)

    def test_no_rows(self):
        with pytest.raises(BadInput, match="no rows"):
            value_chain(dossiers(1).iloc[:0], "Dodol")


def test_a_picture_in_either_language():
    chain = value_chain(dossiers(6), "Dodol", n_draws=50, made=True)
    figure = chain.plot("id", width_px=360)
    assert figure.get_suptitle().split() == ["Dodol:", "dari", "tahap", "pertama", "sampai", "harga", "akhir"]
    assert "buatan" in figure.get_supxlabel()
    figure.savefig("/dev/null", format="png")


def test_a_picture_says_where_an_interval_is_unknown():
    rows = dossiers(6)
    note = "Without the line of a 95% interval: only one dossier tells of that stage or of one after it."
    for some, is_said in ((rows, False), (only_first_tells(rows, "raw"), True)):
        axes = value_chain(some, "Dodol", n_draws=50).plot("en").axes[0]
        assert (note in axes.get_xlabel().replace("\n", " ")) == is_said
