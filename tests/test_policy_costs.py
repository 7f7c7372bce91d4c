"""Costs and benefits: known figures first, then doubt, then everything that cannot be appraised."""

from __future__ import annotations

import subprocess
import sys
from io import StringIO

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq

from pk_research.errors import BadInput
from pk_research.policy.costs import (
    break_even,
    cash_flows,
    cost_benefit,
    discount_factors,
    discounted_payback,
    drivers,
    internal_rates,
    npv,
    tornado,
    uncertain,
)

MILL = """
    item  | kind    | year | mean | low | high | distribution | level | group
    mill  | cost    | 2025 | 100  |     |      |              |       | government
    labour| cost    | 2026 | 10   | 8   | 12   | normal       |       | BUMDes
    labour| cost    | 2027 | 10   | 8   | 12   | normal       |       | BUMDes
    rice  | benefit | 2026 | 70   | 40  | 100  | uniform      | 1     | households
    rice  | benefit | 2027 | 70   | 40  | 100  | uniform      | 1     | households
"""


def drawn_table(text):
    frame = pd.read_csv(StringIO(text), sep="|", skipinitialspace=True)
    frame.columns = frame.columns.str.strip()
    for name in frame.select_dtypes(["object", "string"]):
        frame[name] = frame[name].str.strip().replace("", None)
    return frame


def appraised(text=MILL, **options):
    options = {"rate": 0.08, "prices": "real", "rate_prices": "real", "n_draws": 200} | options
    return cost_benefit(cash_flows(drawn_table(text)), **options)


def faults(call):
    with pytest.raises(BadInput) as caught:
        call()
    return [str(problem) for problem in caught.value.problems]


# Known answers


def test_net_present_value_is_that_of_excels_help():
    # Excel discounts the first flow too: NPV(10%, -10000, 3000, 4200, 6800) = 1188.44.
    assert npv([-10000, 3000, 4200, 6800], 0.1) / 1.1 == pytest.approx(1188.44, abs=0.005)


@pytest.mark.parametrize(
    ("years", "rate"),
    [(6, 0.0866309480365), (5, -0.0212448482734)],
)
def test_internal_rate_is_that_of_excels_help(years, rate):
    flows = [-70000, 12000, 15000, 18000, 21000, 26000][:years]
    assert internal_rates(flows) == pytest.approx([rate], abs=1e-10)


def test_every_internal_rate_is_found():
    assert internal_rates([-1600, 10000, -10000]) == pytest.approx([0.25, 4.0])
    assert internal_rates([1000, -3000, 2500]) == ()
    assert internal_rates([-100, 230, -132]) == pytest.approx([0.1, 0.2])


def test_a_rate_at_which_the_value_only_touches_zero_is_found_once():
    assert internal_rates([1, -2.2, 1.21]) == pytest.approx([0.1], abs=1e-4)


def test_long_horizons_agree_with_a_bracketing_search():
    flows = np.concatenate([[-1000.0], np.full(40, 70.0)])
    assert internal_rates(flows) == pytest.approx([brentq(lambda r: npv(flows, r), 0.0, 1.0)], abs=1e-10)


def test_no_rate_is_missed_and_none_is_false():
    rng, grid = np.random.default_rng(0), np.linspace(-0.9, 3, 2001)
    for n_years in range(2, 31):
        flows = rng.normal(size=n_years) * 1e9
        flows[0] = -abs(flows[0])
        flows[-1] = abs(flows[-1])
        values = np.polynomial.polynomial.polyval(1 / (1 + grid), flows)
        turns = np.flatnonzero(values[:-1] * values[1:] < 0)
        expected = [brentq(lambda r, f=flows: npv(f, r), grid[n], grid[n + 1]) for n in turns]
        found = [rate for rate in internal_rates(flows) if -0.9 < rate < 3]
        assert found == pytest.approx(expected, abs=1e-6)


def test_payback_counts_only_when_it_lasts():
    assert discounted_payback([-100, 60, 60, 60], 0.1) == 2
    assert np.isnan(discounted_payback([-100, 150, -100], 0.0))
    assert np.isnan(discounted_payback([-100, 60], 0.1))


def test_expected_values_by_hand():
    found = appraised()
    benefits, costs = 70 / 1.08 + 70 / 1.08**2, 100 + 10 / 1.08 + 10 / 1.08**2
    assert found.expected["npv"] == pytest.approx(benefits - costs)
    assert found.expected["ratio"] == pytest.approx(benefits / costs)
    assert found.by_group["npv"].sum() == pytest.approx(found.expected["npv"])
    assert found.by_group.index.tolist() == ["government", "BUMDes", "households"]


def test_a_real_rate_for_nominal_flows_is_brought_to_them():
    found = appraised(prices="nominal", inflation=0.03)
    assert found.project.mean_rate == pytest.approx(1.08 * 1.03 - 1)
    back = appraised(rate=1.08 * 1.03 - 1, rate_prices="nominal", inflation=0.03)
    assert back.expected["npv"] == pytest.approx(appraised().expected["npv"])


# Distributions keep what was declared


@pytest.mark.parametrize(
    ("shape", "mean", "level"),
    [("normal", 10, 0.9), ("uniform", 10, 0.8), ("triangular", 9.5, 1.0), ("triangular", 9.8, 0.9)],
)
def test_a_distribution_keeps_its_mean_and_interval(shape, mean, level):
    figure = uncertain(mean, low=8, high=12, shape=shape, level=level)
    ends = figure.quantile(np.array([(1 - level) / 2, (1 + level) / 2]))
    middles = (np.arange(200_000) + 0.5) / 200_000
    assert ends == pytest.approx([8, 12])
    assert figure.quantile(middles).mean() == pytest.approx(mean, rel=1e-4)


def test_a_lognormal_mean_follows_from_its_interval():
    told = faults(lambda: uncertain(10, low=5, high=20, shape="lognormal", level=0.9))
    assert "has the mean 10.9285" in told[0]
    figure = uncertain(10.9285, low=5, high=20, shape="lognormal", level=0.9)
    assert figure.quantile(np.array([0.05, 0.5, 0.95])) == pytest.approx([5, 10, 20])


# Doubt


def test_the_risk_of_a_loss_is_that_of_the_exact_distribution():
    text = """
        item | kind    | year | mean | low | high | distribution
        mill | cost    | 2025 | 100  |     |      |
        rice | benefit | 2025 | 110  | 90  | 130  | uniform
    """
    width = 40 / 0.9
    exact = (100 - (110 - width / 2)) / width
    found = [appraised(text, seed=seed) for seed in range(15)]
    assert sum(one.loss_low < exact < one.loss_high for one in found) >= 12
    assert np.mean([one.loss for one in found]) == pytest.approx(exact, abs=0.03)


def test_the_same_seed_gives_the_same_draws_with_any_number_of_workers():
    one, two = appraised(n_jobs=1), appraised(n_jobs=2)
    pd.testing.assert_frame_equal(one.draws, two.draws)
    assert not one.draws.equals(appraised(seed=1).draws)


@pytest.mark.slow  # two fresh interpreters
def test_the_draws_do_not_depend_on_the_hash_seed():
    code = (
        "import pandas as pd; from pk_research.policy.costs import *;"
        "rows = pd.DataFrame({'item': ['a', 'b'], 'kind': ['cost', 'benefit'], 'year': [1, 2],"
        "'mean': [10., 12.], 'low': [8., 9.], 'high': [12., 15.], 'distribution': 'normal'});"
        "found = cost_benefit(cash_flows(rows), rate=.1, prices='real', rate_prices='real', n_draws=100);"
        "print(found.draws['npv'].sum().hex())"
    )
    told = {
        subprocess.check_output([sys.executable, "-c", code], env={"PYTHONHASHSEED": hash_seed}, text=True)
        for hash_seed in ("0", "1")
    }
    assert len(told) == 1


def test_years_of_an_item_move_together_unless_said_otherwise():
    together = cash_flows(drawn_table(MILL))
    apart = cash_flows(drawn_table(MILL), together="year")
    assert together.factors == ("labour", "rice")
    assert len(apart.factors) == 4
    options = {"rate": 0.08, "prices": "real", "rate_prices": "real", "n_draws": 300}
    assert (
        cost_benefit(apart, **options).draws["npv"].std()
        < cost_benefit(together, **options).draws["npv"].std()
    )


def test_the_tornado_is_sorted_and_keeps_the_others_as_expected():
    found = tornado(appraised(), level=0.5)
    annuity = discount_factors(0.08, 3)[1:].sum()
    rows = found.frame.set_index("factor")
    assert rows.index.tolist() == ["rice", "labour"]
    assert rows.loc["rice", "at_high"] - found.npv == pytest.approx(15 * annuity)
    assert rows.loc["labour", "at_high"] < found.npv < rows.loc["labour", "at_low"]


def test_sobol_indices_of_a_sum_are_its_shares_of_the_variance():
    found = drivers(appraised(), n_base=1024)
    labour, rice = (2 / 1.6448536) ** 2, 60**2 / 12
    assert found.shares.loc["rice", "first"] == pytest.approx(rice / (rice + labour), abs=0.02)
    assert found.shares.loc["labour", "total"] == pytest.approx(labour / (rice + labour), abs=0.02)


def test_at_the_break_even_amount_nothing_is_gained():
    found = appraised()
    multiple = break_even(found).frame.set_index("item")["multiple"]
    changed = drawn_table(MILL).astype({"mean": float})
    is_rice = changed["item"] == "rice"
    changed.loc[is_rice, ["mean", "low", "high"]] *= multiple["rice"]
    again = cost_benefit(cash_flows(changed), rate=0.08, prices="real", rate_prices="real", n_draws=100)
    assert again.expected["npv"] == pytest.approx(0, abs=1e-9)


# Told to people


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_view_in_both_languages_says_when_data_is_made(language):
    found = appraised(rate=uncertain(0.08, low=0.05, high=0.11, shape="normal"), made=True)
    note = {"id": "Data buatan", "en": "Made data"}[language]
    for view in (found, tornado(found), drivers(found, n_base=64), break_even(found)):
        assert view.in_words(language).startswith(note)
        assert view.table(language).iloc[0, -1].startswith(note)
    assert len(found.group_table(language)) == 3
    for view in (found, tornado(found)):
        assert note in view.plot(language)._suptitle.get_text()


def test_several_rates_are_told_as_such_and_none_is_picked():
    text = """
        item  | kind    | year | mean
        start | cost    | 2025 | 1600
        yield | benefit | 2026 | 10000
        clear | cost    | 2027 | 10000
    """
    found = appraised(text)
    assert found.rates == pytest.approx([0.25, 4.0])
    assert "There are 2 internal rates of return" in found.in_words("en")
    assert "nothing is known of the risk" in found.in_words("en")
    assert found.draws["rate"].isna().all()


# An estimate may turn out on the other side of 0


def an_estimate(kind, shape="normal", mean=10, low=-10, high=30):
    return f"""
        item | kind    | year | mean   | low   | high   | distribution | level
        mill | benefit | 2025 | 100    |       |        |              |
        fish | {kind}  | 2026 | {mean} | {low} | {high} | {shape}      | 0.9
    """


@pytest.mark.parametrize(("kind", "sign"), [("benefit", 1), ("cost", -1)])
def test_a_normal_amount_is_not_cut_off_at_zero_so_that_its_mean_is_the_one_given(kind, sign):
    found = appraised(an_estimate(kind), rate=0.0, n_draws=4000)
    drawn = sign * (found.draws["npv"] - 100)
    sd = 20 / 1.6449
    assert (drawn < 0).mean() == pytest.approx(0.205, abs=0.02)  # P(Z < -10 / sd)
    assert drawn.mean() == pytest.approx(10, abs=4 * sd / np.sqrt(4000))
    assert found.expected["npv"] == 100 + sign * 10
    cut = np.maximum(drawn, 0).mean()
    assert cut > 11.5, "a cost that was cut off at 0 would be another one"


def test_without_costs_above_zero_there_is_no_ratio_and_it_is_said_in_how_many_drawings():
    found = appraised(an_estimate("cost"), n_draws=2000)
    has_costs = found.draws["npv"] < 100
    assert found.draws["ratio"].notna().tolist() == has_costs.tolist()
    assert (found.draws["ratio"].dropna() > 0).all()
    assert found.intervals.loc["ratio", "known"] == pytest.approx(has_costs.mean())
    assert found.intervals.loc["npv", "known"] == 1


@pytest.mark.parametrize(
    ("shape", "mean", "low", "high"),
    [("triangular", 10, -10, 30), ("uniform", 10, -10, 30), ("normal", -1, -10, 8), ("fixed", -1, "", "")],
)
@pytest.mark.parametrize("kind", ["cost", "benefit"])
def test_what_is_paid_or_expected_below_zero_is_refused(kind, shape, mean, low, high):
    told = faults(lambda: cash_flows(drawn_table(an_estimate(kind, shape, mean, low, high))))
    assert [text for text in told if "is below 0" in text]


# What cannot be appraised


def test_every_fault_of_a_table_at_once():
    text = """
        item | kind    | year | mean | low | high | distribution | level
        mill | cost    | 2025 |      |     |      |              |
        mill | cost    | 2025 | 5    |     |      |              |
        work | expense | 2026 | -3   |     |      |              |
        rice | benefit | 2029 | 70   | 80  | 100  | uniform      |
        fish | benefit | 2029 | 70   | 60  | 90   | normal       |
        duck | benefit | 2029 | 70   | 60  | 80   | beta         |
        goat | benefit | 2029 | 70   | 60  | 80   | normal       | 1
        hens | benefit | 2029 | 70   | 60  | 80   |              |
        eggs | benefit | 2029 | 70   |     | 80   | uniform      |
        bees | benefit | 2029 | 70   | 69  | 170  | triangular   | 1
    """
    told = "\n".join(faults(lambda: cash_flows(drawn_table(text))))
    for part in (
        "row 1 (mill, 2025): mean is nan",
        "item 'mill', year 2025: it stands twice",
        "kind is 'expense'",
        "-3 is below 0",
        "the mean 70 is not between 80 and 100",
        "the mean 70 is not in the middle of 60 and 90",
        "the distribution 'beta' is unknown",
        "the level 1 does not suit a normal figure",
        "row 8 (hens, 2029): it has an interval but no distribution",
        "row 9 (eggs, 2029): low is nan",
        "no triangle between 69 and 170 has the mean 70",
        "year 2027: nothing is said of it",
        "year 2028: nothing is said of it",
    ):
        assert part in told


def test_numbers_written_as_text_are_refused():
    rows = pd.DataFrame({"item": ["mill"], "kind": ["cost"], "year": ["2025"], "mean": ["1.000,5"]})
    told = "\n".join(faults(lambda: cash_flows(rows)))
    assert "mean is '1.000,5', which is no number" in told
    assert "the year is '2025'" in told


def test_a_row_beyond_the_horizon_and_missing_columns():
    assert (
        "end before the last row (2027)" in faults(lambda: cash_flows(drawn_table(MILL), horizon_years=1))[0]
    )
    assert len(faults(lambda: cash_flows(pd.DataFrame({"item": []})))) == 4


def test_every_wrong_option_at_once():
    told = faults(lambda: appraised(rate=-1.0, prices="constant", rate_prices="nominal", level=90, n_draws=5))
    assert [text.split(":")[0] for text in told] == [
        "rate",
        "prices",
        "inflation",
        "level",
        "n_draws and seed",
    ]


def test_a_rate_whose_doubt_reaches_minus_one():
    wide = uncertain(0.1, low=-0.5, high=0.7, shape="normal")
    assert "reaches -1" in faults(lambda: appraised(rate=wide))[0]


def test_flows_of_one_sign_have_no_internal_rate():
    assert "all of one sign" in faults(lambda: internal_rates([5, 6, 0]))[0]
    assert "no finite number" in faults(lambda: internal_rates([-5, np.nan]))[0]


def test_nothing_uncertain_has_no_tornado():
    text = """
        item | kind    | year | mean
        mill | cost    | 2025 | 100
        rice | benefit | 2026 | 120
    """
    assert "nothing in them is uncertain" in faults(lambda: tornado(appraised(text)))[0]
