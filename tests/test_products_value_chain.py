"""The value chain: margins add up to the price, losses are counted, innovations are worth what they save."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pk_research.errors import BadInput
from pk_research.products.value_chain import innovation, value_chain
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

    def test_rivals_within_the_doubt_are_named(self):
        told = innovation(value_chain(dossiers(4), "Dodol", n_draws=200), cost_times=0.5)
        assert "may be as much at" in told.in_words("en")
        assert told.table("id").columns[0] == "Tahap"

    @pytest.mark.parametrize("change", [{}, {"loss_times": -1}, {"loss_times": 100}])
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

    def test_no_rows(self):
        with pytest.raises(BadInput, match="no rows"):
            value_chain(dossiers(1).iloc[:0], "Dodol")


def test_a_picture_in_either_language():
    chain = value_chain(dossiers(6), "Dodol", n_draws=50, made=True)
    figure = chain.plot("id", width_px=360)
    assert figure.get_suptitle().split() == ["Dodol:", "dari", "tahap", "pertama", "sampai", "harga", "akhir"]
    assert "buatan" in figure.get_supxlabel()
    figure.savefig("/dev/null", format="png")
