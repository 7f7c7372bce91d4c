"""Regional economics: quotients, shifts, types of regions, inequality and poverty with their doubt."""

from __future__ import annotations

import io
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from pk_research import sources
from pk_research.errors import BadInput
from pk_research.indicators import regional
from pk_research.language import LANGUAGES

COUNTS = st.lists(st.integers(0, 50), min_size=12, max_size=12).filter(any)
INCOMES = st.lists(st.floats(0.5, 1000), min_size=3, max_size=30)


def table(text: str) -> pd.DataFrame:
    frame = pd.read_csv(io.StringIO(text), sep="|", skipinitialspace=True)
    frame.columns = frame.columns.str.strip()
    texts = frame.select_dtypes("str").columns
    return frame.assign(**{name: frame[name].str.strip() for name in texts})


def cells(counts: list[int], year: int | None = None) -> pd.DataFrame:
    """Three regions by four sectors."""
    regions, sectors = np.repeat(list("ABC"), 4), ["farm", "craft", "trade", "food"] * 3
    frame = pd.DataFrame({"region": regions, "sector": sectors, "jobs": counts})
    return frame if year is None else frame.assign(year=year)


JOBS = table(
    """
    region | sector | jobs
    A      | farm   | 60
    A      | craft  | 40
    B      | farm   | 20
    B      | craft  | 80
    """
)


# --- location quotients


def test_a_quotient_compares_a_share_with_that_of_the_whole():
    """Farming: 60 of 100 jobs in A, 80 of 200 in all: 0.6 / 0.4 = 1.5."""
    lq = regional.location_quotients(JOBS, value="jobs").frame.set_index(["region", "sector"])["lq"]
    assert lq.round(6).to_dict() == {
        ("A", "farm"): 1.5,
        ("A", "craft"): 0.666667,
        ("B", "farm"): 0.5,
        ("B", "craft"): 1.333333,
    }


def test_the_area_compared_with_can_be_given():
    province = pd.DataFrame({"sector": ["farm", "craft"], "jobs": [300, 700]})
    lq = regional.location_quotients(JOBS, value="jobs", reference=province).frame
    assert lq.query("region == 'A' and sector == 'farm'")["lq"].tolist() == [pytest.approx(0.6 / 0.3)]


@pytest.mark.parametrize("is_known", [False, True])
def test_intervals_of_counts_are_those_of_drawing_the_units_again(is_known):
    """The spread of ln LQ over 4,000 redraws of the jobs of A and of B: the second method."""
    jobs = JOBS.assign(jobs=[120, 80, 90, 310])
    province = pd.DataFrame({"sector": ["farm", "craft"], "jobs": [300, 700]}) if is_known else None
    random = np.random.default_rng(0)
    farm_a, farm_b = random.binomial(200, 0.6, 4_000), random.binomial(400, 90 / 400, 4_000)
    in_area = 0.3 if is_known else (farm_a + farm_b) / 600
    spread = np.log(farm_a / 200 / in_area).std()
    result = regional.location_quotients(jobs, value="jobs", reference=province, are_counts=True)
    farm = result.frame.query("region == 'A' and sector == 'farm'").iloc[0]
    assert math.log(farm["high"] / farm["lq"]) / 1.96 == pytest.approx(spread, rel=0.04)
    assert math.log(farm["lq"] / farm["low"]) / 1.96 == pytest.approx(spread, rel=0.04)


def test_only_counts_have_intervals_and_words_say_which_quotients_are_sure():
    without = regional.location_quotients(JOBS, value="jobs")
    assert without.frame["low"].isna().all()
    assert "Interval from" not in without.table("en")
    counted = regional.location_quotients(JOBS, value="jobs", are_counts=True)
    assert "Interval from" in counted.table("en")
    assert "2 quotients are above 1 and 2 below; 0 may be either" in counted.in_words("en")
    none = regional.location_quotients(JOBS.assign(jobs=[0, 40, 20, 80]), value="jobs", are_counts=True).frame
    assert none.query("region == 'A' and sector == 'farm'")["low"].isna().all()


@settings(deadline=None, max_examples=25)
@given(COUNTS)
def test_quotients_weighted_by_the_size_of_regions_average_to_one(counts):
    frame = regional.location_quotients(cells(counts), value="jobs", are_counts=True).frame
    known = frame.dropna(subset="low")
    assert (known["low"] <= known["lq"]).all()
    assert (known["lq"] <= known["high"]).all()
    weight = frame.groupby("region")["value"].transform("sum")
    mean = (frame["lq"].fillna(0) * weight).groupby(frame["sector"]).sum() / sum(counts)
    has_jobs = frame.groupby("sector")["value"].sum() > 0
    assert np.allclose(mean[has_jobs], 1)
    assert frame.loc[frame["sector"].map(~has_jobs), "lq"].isna().all()


def test_a_region_with_a_missing_value_is_left_out_and_named():
    gap = JOBS.assign(jobs=[60, None, 20, 80])
    result = regional.location_quotients(gap, value="jobs")
    assert set(result.frame["region"]) == {"B"}
    assert result.left_out_table("en").to_numpy().tolist() == [["A", "no value for craft"]]
    assert "1" in result.in_words("id")


def test_a_row_that_is_not_there_is_missing_unless_the_source_lists_only_what_there_is():
    three = JOBS.drop(index=1)
    assert list(regional.location_quotients(three, value="jobs").left_out["region"]) == ["A"]
    full = regional.location_quotients(three, value="jobs", absent_is_zero=True)
    assert full.left_out.empty
    assert full.frame.query("region == 'A' and sector == 'craft'")["lq"].tolist() == [0.0]


def test_an_empty_value_is_missing_even_where_absent_rows_are_zero():
    gap = JOBS.assign(jobs=[60, None, 20, 80])
    result = regional.location_quotients(gap, value="jobs", absent_is_zero=True)
    assert list(result.left_out["region"]) == ["A"]


@pytest.mark.parametrize(
    ("frame", "what"),
    [
        (JOBS.drop(columns="sector"), "no such column"),
        (pd.concat([JOBS, JOBS.head(1)]), "repeat an earlier one"),
        (JOBS.assign(jobs=-1), "negative"),
        (JOBS.assign(jobs="many"), "not numbers"),
        (JOBS.assign(region=[None, "A", "B", "B"]), "have none"),
        (JOBS.assign(jobs=np.nan), "every region lacks a value"),
    ],
)
def test_tables_that_cannot_be_used_are_refused_with_the_reason(frame, what):
    with pytest.raises(BadInput, match=what):
        regional.location_quotients(frame, value="jobs")


# --- dynamic location quotients

TWO_YEARS = table(
    """
    year | region | sector | jobs
    2020 | A      | farm   | 60
    2020 | A      | craft  | 40
    2020 | B      | farm   | 40
    2020 | B      | craft  | 60
    2024 | A      | farm   | 90
    2024 | A      | craft  | 60
    2024 | B      | farm   | 40
    2024 | B      | craft  | 110
    """
)


def test_the_dynamic_quotient_is_the_textbook_formula_with_compound_growth():
    """((1 + g_ir) / (1 + g_r))^t over ((1 + G_i) / (1 + G))^t, t = 4 years."""
    result = regional.dynamic_location_quotients(TWO_YEARS, value="jobs", start=2020, end=2024)
    grown = {
        "farm in A": 90 / 60,
        "A": 150 / 100,
        "farm": 130 / 100,
        "all": 300 / 200,
    }
    yearly = {name: ratio ** (1 / 4) - 1 for name, ratio in grown.items()}
    inside = ((1 + yearly["farm in A"]) / (1 + yearly["A"])) ** 4
    outside = ((1 + yearly["farm"]) / (1 + yearly["all"])) ** 4
    farm_in_a = result.frame.query("region == 'A' and sector == 'farm'")
    assert farm_in_a["dlq"].tolist() == [pytest.approx(inside / outside)]


def test_sectors_are_told_apart_by_where_they_stand_and_where_they_go():
    result = regional.dynamic_location_quotients(TWO_YEARS, value="jobs", start=2020, end=2024)
    standing = result.frame.set_index(["region", "sector"])["standing"]
    assert standing.to_dict() == {
        ("A", "craft"): "lagging",
        ("A", "farm"): "leading",
        ("B", "craft"): "leading",
        ("B", "farm"): "lagging",
    }
    assert "unggulan" in result.in_words("id")


def test_a_quotient_of_exactly_one_is_on_the_line():
    still = pd.concat([cells([10] * 12, 2020), cells([20] * 12, 2024)])
    result = regional.dynamic_location_quotients(still, value="jobs", start=2020, end=2024)
    assert set(result.frame["standing"]) == {"on the line"}


def test_what_started_from_nothing_has_no_dynamic_quotient():
    grown = TWO_YEARS.assign(jobs=[0, 40, 40, 60, 90, 60, 40, 110])
    result = regional.dynamic_location_quotients(grown, value="jobs", start=2020, end=2024)
    first = result.frame.query("region == 'A' and sector == 'farm'")
    assert first["dlq"].isna().all()
    assert first["standing"].isna().all()
    assert "nothing to divide by: 1" in result.in_words("en")


def test_a_year_that_is_not_there_is_refused():
    with pytest.raises(BadInput, match="no rows of 2019"):
        regional.dynamic_location_quotients(TWO_YEARS, value="jobs", start=2019, end=2024)


# --- shift-share


def test_a_hand_worked_shift():
    """All grew by 50 %, farming by 30 %. Farming in A: 60 to 90.

    National 60 x 0.5 = 30; mix 60 x (0.3 - 0.5) = -12; competitive 30 - 60 x 0.3 = 12.
    Had A the mix of all, farming were 50 of 100 jobs: homothetic 50 x (0.5 - 0.3) = 10, allocation 2.
    """
    frame = regional.shift_share(TWO_YEARS, value="jobs", start=2020, end=2024).frame
    farm = frame.query("region == 'A' and sector == 'farm'").iloc[0]
    assert farm[["national", "mix", "competitive"]].astype(float).round(9).tolist() == [30, -12, 12]
    assert farm[["homothetic", "allocation"]].astype(float).round(9).tolist() == [10, 2]


@settings(deadline=None, max_examples=25)
@given(COUNTS, COUNTS)
def test_effects_sum_to_the_change_and_competitive_ones_cancel_over_the_regions(before, after):
    frame = regional.shift_share(
        pd.concat([cells(before, 2020), cells(after, 2024)]), value="jobs", start=2020, end=2024
    ).frame
    assert np.allclose(frame[["national", "mix", "competitive"]].sum(axis=1), frame["change"])
    split = frame.dropna(subset="homothetic")
    assert np.allclose(split["homothetic"] + split["allocation"], split["competitive"])
    known = frame.groupby("sector")["start"].sum() > 0
    assert np.allclose(frame.groupby("sector")["competitive"].sum()[known], 0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_of_a_shift_tells_effects_apart_without_colour(language):
    figure = regional.shift_share(TWO_YEARS, value="jobs", start=2020, end=2024).plot(language)
    bars = figure.axes[0].containers
    looks = {(bar.patches[0].get_facecolor(), bar.patches[0].get_hatch()) for bar in bars}
    assert len(looks) == 3
    national, mix, competitive = ([patch.get_width() for patch in bar] for bar in bars)
    assert [national[-1], mix[-1], competitive[-1]] == pytest.approx([50, -4, 4])
    grey = sorted(np.dot(look[:3], [0.2126, 0.7152, 0.0722]) for look, _ in looks)
    assert np.diff(grey).min() > 0.2


def test_a_sector_new_to_all_counts_as_the_regions_own():
    grown = TWO_YEARS.assign(jobs=[0, 40, 0, 60, 30, 40, 0, 60])
    result = regional.shift_share(grown, value="jobs", start=2020, end=2024)
    new = result.frame.query("region == 'A' and sector == 'farm'").iloc[0]
    assert new[["national", "mix", "competitive"]].tolist() == [0, 0, 30]
    assert math.isnan(new["homothetic"])
    assert result.by_region.loc["A", "change"] == 30


# --- Klassen

REGIONS = table(
    """
    region | income | growth
    A      | 60     | 6
    B      | 60     | 4
    C      | 40     | 6
    D      | 40     | 4
    E      | 50     | 6
    F      | 60     | 5
    G      |        | 5.5
    """
)


def klassen(subject="region") -> regional.Klassen:
    return regional.klassen(
        REGIONS,
        name="region",
        level="income",
        growth="growth",
        reference_level=50,
        reference_growth=5,
        subject=subject,
    )


def test_quadrants_have_their_official_names_and_ties_have_none():
    types = klassen().table("id")["Tipe Klassen"]
    assert types.isna().tolist() == [False] * 6 + [True]
    assert types.dropna().tolist() == [
        "daerah maju dan tumbuh cepat",
        "daerah maju tapi tertekan",
        "daerah berkembang cepat",
        "daerah relatif tertinggal",
        "tepat di garis batas: tanpa tipe",
        "tepat di garis batas: tanpa tipe",
    ]
    assert klassen("sector").table("id")["Tipe Klassen"].tolist()[:4] == [
        "sektor maju dan tumbuh pesat",
        "sektor maju tapi tertekan",
        "sektor potensial atau masih dapat berkembang",
        "sektor relatif tertinggal",
    ]


def test_ties_and_missing_values_are_counted_in_words():
    words = klassen().in_words("en")
    assert "exactly on a line: no type: 2." in words
    assert "because a value is missing: 1." in words


def test_rounding_alone_does_not_break_a_tie():
    third = pd.DataFrame({"region": ["A"], "income": [0.1 + 0.2], "growth": [6.0]})
    result = regional.klassen(
        third, name="region", level="income", growth="growth", reference_level=0.3, reference_growth=5
    )
    assert result.frame["type"].tolist() == ["on a line"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_klassen_picture_names_every_type_that_occurs(language):
    figure = klassen().plot(language)
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == list(dict.fromkeys(klassen().table(language).iloc[:6, -1]))


def test_a_reference_of_zero_is_refused():
    with pytest.raises(BadInput, match="cannot be compared with"):
        regional.klassen(
            REGIONS, name="region", level="income", growth="growth", reference_level=0, reference_growth=5
        )


# --- specialisation and concentration


def test_specialisation_by_hand():
    """A: shares 0.6 and 0.4. HHI 0.52, normalised (0.52 - 0.5) / 0.5; from B 0.4 + 0.4 apart."""
    result = regional.concentration(JOBS, value="jobs")
    assert result.regions.loc["A"].round(9).tolist() == [0.52, 0.04, 0.8]
    farm = [60 / 80, 20 / 80]
    craft = [40 / 120, 80 / 120]
    apart = sum(abs(a - b) for a, b in zip(farm, craft, strict=True))
    assert result.sectors.loc["farm"].tolist() == pytest.approx([0.625, 0.25, apart])


def test_comparing_with_all_understates_a_large_region():
    with_rest = regional.concentration(JOBS, value="jobs").regions["krugman"]
    with_all = regional.concentration(JOBS, value="jobs", compare_with="all").regions["krugman"]
    assert (with_all < with_rest).all()


@settings(deadline=None, max_examples=25)
@given(COUNTS)
def test_indices_keep_their_bounds(counts):
    for frame in (
        (result := regional.concentration(cells(counts), value="jobs")).regions,
        result.sectors,
    ):
        known = frame.dropna()
        assert known["hhi"].between(0, 1 + 1e-12).all()
        assert known["hhi_normalised"].between(-1e-12, 1 + 1e-12).all()
        assert known["krugman"].between(0, 2 + 1e-12).all()


# --- inequality: the values


def incomes(values, **columns) -> pd.DataFrame:
    return pd.DataFrame({"income": values, **columns})


def test_gini_by_hand():
    """1, 1, 1, 5: mean difference (2 x 3 x 4) / 16 = 1.5, over twice the mean 2: 0.375."""
    assert regional.inequality(incomes([1, 1, 1, 5]), "income")["gini"].value == 0.375


def test_values_agree_with_pysal():
    inequality = pytest.importorskip("inequality", reason="PySAL's inequality is not installed")
    values = np.random.default_rng(0).lognormal(size=200)
    ours = regional.inequality(incomes(values), "income")
    assert ours["gini"].value == pytest.approx(inequality.gini.Gini(values).g, rel=1e-12)
    assert ours["theil_t"].value == pytest.approx(inequality.theil.Theil(values).T, rel=1e-12)


def test_a_lognormal_distribution_gives_its_known_inequality():
    """With sigma 0.8: Gini 2 Phi(sigma / sqrt 2) - 1; Theil-T and mean log deviation sigma² / 2."""
    levels = (np.arange(200_000) + 0.5) / 200_000
    ours = regional.inequality(incomes(np.exp(0.8 * stats.norm.ppf(levels))), "income")
    assert ours["gini"].value == pytest.approx(2 * stats.norm.cdf(0.8 / math.sqrt(2)) - 1, abs=1e-4)
    assert ours["theil_t"].value == pytest.approx(0.32, abs=1e-3)
    assert ours["mean_log_deviation"].value == pytest.approx(0.32, abs=1e-3)
    assert ours["williamson"].value == pytest.approx(math.sqrt(math.exp(0.64) - 1), abs=5e-3)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.floats(0.5, 1000), st.integers(1, 4)), min_size=2, max_size=15))
def test_a_weight_of_three_is_three_people_with_that_income(weighted):
    values, weights = zip(*weighted, strict=True)
    by_weight = regional.inequality(incomes(values, people=weights), "income", weight="people")
    one_by_one = regional.inequality(incomes(np.repeat(values, weights)), "income")
    assert np.allclose(by_weight.frame["value"], one_by_one.frame["value"], atol=1e-9)


@settings(deadline=None, max_examples=25)
@given(INCOMES, st.floats(0.01, 100), st.randoms(use_true_random=False))
def test_neither_the_unit_nor_the_order_of_rows_matters(values, factor, random):
    first = regional.inequality(incomes(values), "income").frame["value"]
    shuffled = random.sample(values, len(values))
    second = regional.inequality(incomes(np.array(shuffled) * factor), "income").frame["value"]
    assert np.allclose(first, second, atol=1e-9)


def test_equal_incomes_have_no_inequality_and_no_interval():
    result = regional.inequality(incomes([5.0, 5.0, 5.0]), "income")
    assert np.allclose(result.frame["value"], 0, atol=1e-12)
    assert result.frame["standard_error"].isna().all()
    assert "without an interval" in result.in_words("en")


# --- inequality: zero, negative and missing incomes


def test_zero_incomes_leave_the_mean_log_deviation_undefined_and_say_so():
    result = regional.inequality(incomes([0, 1, 2]), "income")
    assert result.frame["value"].isna().to_dict() == {
        "gini": False,
        "theil_t": False,
        "mean_log_deviation": True,
        "williamson": False,
    }
    assert "not defined, because 1 values are zero or negative" in result.in_words("en")
    assert result["theil_t"].value == pytest.approx(2 / 3 * math.log(2))


def test_rows_outside_are_left_out_only_when_asked_and_are_counted():
    result = regional.inequality(incomes([-1, 0, 1, 3]), "income", outside="leave_out")
    assert result.frame["n"].to_dict() == {
        "gini": 4,
        "theil_t": 3,
        "mean_log_deviation": 2,
        "williamson": 4,
    }
    words = result.in_words("en")
    assert "Left out because they are negative: 1 values" in words
    assert "Left out because they are zero or negative: 2 values" in words
    assert "Negative values: 1; the measure may exceed 1" in words


def test_a_mean_of_zero_defines_nothing():
    result = regional.inequality(incomes([-1, 1]), "income")
    assert result.frame["value"].isna().all()
    assert "the mean is not above zero" in result.in_words("en")


def test_missing_incomes_are_left_out_and_counted_never_zero():
    result = regional.inequality(incomes([1, None, 3], people=[1, 1, 0]), "income", weight="people")
    assert result["gini"].n == 1
    notes = [note.text("en") for note in result["gini"].notes]
    assert notes == [
        "Rows left out because income, people is missing: 1.",
        "Rows left out because their weight is zero: 1.",
    ]


@pytest.mark.parametrize(
    ("frame", "what"),
    [
        (incomes([1, 2], people=[1, -1]), "negative"),
        (incomes([1, np.inf], people=[1, 1]), "infinite"),
        (incomes(["a", "b"], people=[1, 1]), "not numbers"),
        (incomes([None, 2.0], people=[1, 0]), "no row can be computed"),
        (pd.DataFrame({"people": [1]}), "no such column"),
    ],
)
def test_incomes_that_cannot_be_used_are_refused_with_the_reason(frame, what):
    with pytest.raises(BadInput, match=what):
        regional.inequality(frame, "income", weight="people")


# --- standard errors: against other methods, and against the truth of a simulation


def by_weights(frame: pd.DataFrame, compute, cluster: str | None = None) -> pd.Series:
    """Standard errors from how a little more weight of each row moves a result: the second method."""
    step = 1e-5
    before = compute(frame)
    slopes = []
    for row in frame.index:
        people = frame["people"].astype(float)
        people[row] += step
        slopes.append((compute(frame.assign(people=people)) - before) / step)
    moves = pd.DataFrame(slopes, index=frame.index).mul(frame["people"], axis=0)
    if cluster:
        moves = moves.groupby(frame[cluster]).sum()
    m = len(moves)
    return np.sqrt(m / (m - 1) * ((moves - moves.mean()) ** 2).sum())


def jackknife(frame: pd.DataFrame, compute) -> pd.Series:
    """Standard errors from leaving each row out in turn."""
    without = pd.DataFrame([compute(frame.drop(index=row)) for row in frame.index])
    m = len(without)
    return np.sqrt((m - 1) / m * ((without - without.mean()) ** 2).sum())


def survey(n: int = 90, seed: int = 1) -> pd.DataFrame:
    """Made households of 30 villages in 3 kecamatan, all of which differ, with weights."""
    random = np.random.default_rng(seed)
    village = np.repeat(np.arange(30), n // 30)
    kecamatan = village // 10
    income = random.lognormal(0.6 * kecamatan + 0.5 * random.normal(size=30)[village], 0.5)
    people = random.integers(1, 7, size=n)
    return pd.DataFrame({"income": income, "village": village, "people": people, "kecamatan": kecamatan})


def unequal(frame: pd.DataFrame, cluster: str | None = None) -> pd.DataFrame:
    return regional.inequality(frame, "income", weight="people", cluster=cluster).frame


@pytest.mark.parametrize("cluster", [None, "village"])
def test_standard_errors_of_inequality_are_those_of_moving_the_weights(cluster):
    second = by_weights(survey(), lambda frame: unequal(frame)["value"], cluster)
    assert np.allclose(unequal(survey(), cluster)["standard_error"], second, rtol=1e-3)


def test_standard_errors_of_inequality_are_near_the_jackknife():
    frame = incomes(np.random.default_rng(3).lognormal(0, 0.4, 150))
    second = jackknife(frame, lambda frame: regional.inequality(frame, "income").frame["value"])
    assert np.allclose(regional.inequality(frame, "income").frame["standard_error"], second, rtol=0.08)


def test_ignoring_clusters_would_understate_the_error():
    alike = survey(300)
    ratio = unequal(alike, "village")["standard_error"] / unequal(alike)["standard_error"]
    assert (ratio > 1.1).all()


def test_intervals_cover_the_truth_as_often_as_they_say():
    """300 samples of 400 lognormal incomes with sigma 0.5: about 285 intervals hold the truth."""
    truth = {
        "gini": 2 * stats.norm.cdf(0.5 / math.sqrt(2)) - 1,
        "theil_t": 0.125,
        "mean_log_deviation": 0.125,
        "williamson": math.sqrt(math.exp(0.25) - 1),
    }
    random = np.random.default_rng(0)
    hits = dict.fromkeys(truth, 0)
    for _ in range(300):
        result = regional.inequality(incomes(random.lognormal(0, 0.5, 400)), "income")
        for name, value in truth.items():
            hits[name] += result[name].low <= value <= result[name].high
    assert all(270 <= n <= 295 for n in hits.values()), hits


def test_a_result_that_rests_on_one_row_says_so():
    """Nine like incomes and one hundred times as high: nearly all the doubt is about the one."""
    result = regional.inequality(incomes([1, 2, 1, 2, 1, 2, 1, 2, 1, 150]), "income")
    assert "A single row (or cluster) makes up" in result.in_words("en")
    many = regional.inequality(incomes(np.linspace(1, 2, 200)), "income")
    assert all(one.notes == () for one in many.by_name.values())


@settings(deadline=None, max_examples=25)
@given(INCOMES)
@example([1.0, 1.0, 1.000001])
def test_intervals_hold_the_value_and_stay_above_zero(values):
    frame = regional.inequality(incomes(values), "income").frame.dropna()
    assert (frame["low"] >= 0).all()
    assert (frame["low"] <= frame["value"]).all()
    assert (frame["value"] <= frame["high"]).all()


# --- poverty

POOR = incomes([100, 110, 150, 160])


def test_the_published_example_is_reproduced():
    """Haughton and Khandker (2009), Handbook on Poverty and Inequality, p. 72."""
    result = regional.foster_greer_thorbecke(POOR, "income", line=125).overall
    assert result["p0"].value == 0.5
    assert result["p1"].value == pytest.approx(0.08, abs=1e-12)
    assert result["p2"].value == pytest.approx(0.0136, abs=1e-6)


def test_who_is_exactly_on_the_line_is_not_poor():
    assert regional.foster_greer_thorbecke(POOR, "income", line=110).overall["p0"].value == 0.25


def test_each_row_may_have_a_line_of_its_own():
    lines = POOR.assign(line=[90, 120, 140, 170])
    result = regional.foster_greer_thorbecke(lines, "income", line="line").overall
    assert result["p0"].value == 0.5
    assert result["p1"].value == pytest.approx((10 / 120 + 10 / 170) / 4)


@pytest.mark.parametrize("line", [0, -5, float("nan"), float("inf")])
def test_a_line_that_is_none_is_refused(line):
    with pytest.raises(BadInput, match="not above zero"):
        regional.foster_greer_thorbecke(POOR, "income", line=line)


def test_the_error_of_the_share_of_the_poor_is_that_of_a_proportion():
    result = regional.foster_greer_thorbecke(survey(), "income", line=0.8).overall["p0"]
    assert result.standard_error == pytest.approx(math.sqrt(result.value * (1 - result.value) / 89))


@pytest.mark.parametrize("cluster", [None, "village"])
def test_standard_errors_of_poverty_are_those_of_moving_the_weights(cluster):
    def poor(frame, cluster=None):
        return regional.foster_greer_thorbecke(
            frame, "income", line=1.5, weight="people", cluster=cluster
        ).overall.frame

    second = by_weights(survey(), lambda frame: poor(frame)["value"], cluster)
    assert np.allclose(poor(survey(), cluster)["standard_error"], second, rtol=1e-3)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.floats(0, 20), st.integers(1, 5), st.sampled_from("ABC")), min_size=2))
def test_groups_weighted_by_their_people_sum_to_the_whole(rows):
    frame = pd.DataFrame(rows, columns=["income", "people", "kecamatan"])
    result = regional.foster_greer_thorbecke(frame, "income", line=10, weight="people", by="kecamatan")
    parts = result.groups["population_share"] * result.groups["value"]
    whole = result.overall.frame["value"]
    assert np.allclose(parts.groupby(result.groups["measure"]).sum(), whole)
    contributions = result.groups.groupby("measure")["contribution"].sum(min_count=1)
    assert np.allclose(contributions[whole > 0], 1)


def test_the_interval_of_a_share_stays_between_zero_and_one():
    """3 of 40 poor: symmetric on the log-odds, as for a logit."""
    frame = incomes([1.0] * 3 + [5.0] * 37)
    p0 = regional.foster_greer_thorbecke(frame, "income", line=2).overall["p0"]
    reach = stats.t.ppf(0.975, 39) * p0.standard_error / (p0.value * (1 - p0.value))
    logit = math.log(p0.value / (1 - p0.value))
    expected = [1 / (1 + math.exp(-(logit - reach))), 1 / (1 + math.exp(-(logit + reach)))]
    assert [p0.low, p0.high] == pytest.approx(expected)


def test_nobody_poor_leaves_no_interval_to_be_misread():
    result = regional.foster_greer_thorbecke(POOR, "income", line=50)
    assert result.overall.frame["value"].tolist() == [0, 0, 0]
    assert result.overall.frame["standard_error"].isna().all()


def test_negative_incomes_are_counted_where_they_deepen_the_gap():
    result = regional.foster_greer_thorbecke(incomes([-50, 200]), "income", line=100)
    assert result.overall["p1"].value == 0.75
    assert "whose gap is larger than the line: 1" in result.in_words("en")


# --- decomposition


def test_a_hand_worked_decomposition():
    """Means 2 and 4 around 3: between = 1/3 ln(2/3) + 2/3 ln(4/3); both groups are 1 : 3 inside."""
    frame = incomes([1, 3, 2, 6], kecamatan=["A", "A", "B", "B"])
    parts = regional.decompose(frame, "income", by="kecamatan").frame["value"]
    between = 1 / 3 * math.log(2 / 3) + 2 / 3 * math.log(4 / 3)
    within = 0.5 * (0.5 * math.log(0.5) + 1.5 * math.log(1.5))
    assert parts["theil_t"].tolist() == pytest.approx([between + within, within, between])


def test_the_decomposition_agrees_with_pysal():
    inequality = pytest.importorskip("inequality", reason="PySAL's inequality is not installed")
    frame = survey()
    second = inequality.theil.TheilD(frame["income"].to_numpy(), frame["kecamatan"].to_numpy())
    ours = regional.decompose(frame, "income", by="kecamatan").frame["value"]["theil_t"]
    assert ours.tolist() == pytest.approx([second.T, second.wg[0], second.bg[0]])


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.floats(0.5, 100), st.integers(1, 5), st.sampled_from("ABC")), min_size=2))
def test_parts_sum_to_the_total_and_none_is_negative(rows):
    frame = pd.DataFrame(rows, columns=["income", "people", "kecamatan"])
    result = regional.decompose(frame, "income", by="kecamatan", weight="people")
    for measure in ("theil_t", "mean_log_deviation", "gini"):
        parts = result.frame["value"][measure]
        assert parts.drop("total").sum() == pytest.approx(parts["total"], abs=1e-9)
        assert (parts > -1e-9).all()


def test_groups_that_do_not_overlap_leave_no_overlap():
    apart = incomes([1, 2, 3, 10, 11, 30], kecamatan=list("AAABBB"))
    gini = regional.decompose(apart, "income", by="kecamatan").frame["value"]["gini"]
    assert gini["overlap"] == pytest.approx(0, abs=1e-12)
    together = incomes([1, 10, 3, 2, 11, 30], kecamatan=list("AAABBB"))
    assert regional.decompose(together, "income", by="kecamatan").frame["value"]["gini", "overlap"] > 0.05


def test_within_weighs_groups_by_income_or_people_as_the_measure_has_it():
    result = regional.decompose(survey(), "income", by="kecamatan", weight="people")
    groups, parts = result.groups, result.frame["value"]
    assert (groups["income_share"] * groups["theil_t"]).sum() == pytest.approx(parts["theil_t", "within"])
    assert (groups["population_share"] * groups["mean_log_deviation"]).sum() == pytest.approx(
        parts["mean_log_deviation", "within"]
    )


def test_standard_errors_of_the_parts_are_those_of_moving_the_weights():
    def parts(frame):
        return regional.decompose(frame, "income", by="kecamatan", weight="people").frame

    additive = ["theil_t", "mean_log_deviation"]
    second = by_weights(survey(), lambda frame: parts(frame)["value"])
    assert np.allclose(parts(survey()).loc[additive, "standard_error"], second[additive], rtol=1e-3)


def test_zeros_are_left_out_of_the_parts_as_of_the_total_or_nothing_is_defined():
    frame = incomes([0, 1, 3, 2, 6], kecamatan=list("AAABB"))
    undefined = regional.decompose(frame, "income", by="kecamatan").frame["value"]["mean_log_deviation"]
    assert undefined.isna().all()
    left_out = regional.decompose(frame, "income", by="kecamatan", outside="leave_out")
    without = regional.decompose(frame.drop(index=0), "income", by="kecamatan")
    kept = left_out.frame["value"]["mean_log_deviation"]
    assert kept.tolist() == pytest.approx(without.frame["value"]["mean_log_deviation"].tolist())
    assert "zero or negative: 1 values" in left_out.in_words("en")


# --- words

HEADS = {"income": [1.0, 2.0, 4.0, 9.0], "kecamatan": ["A", "A", "B", "B"]}


def results() -> dict[str, object]:
    frame = pd.DataFrame(HEADS)
    return {
        "quotients": regional.location_quotients(JOBS, value="jobs"),
        "dynamic": regional.dynamic_location_quotients(TWO_YEARS, value="jobs", start=2020, end=2024),
        "shift": regional.shift_share(TWO_YEARS, value="jobs", start=2020, end=2024),
        "klassen": klassen(),
        "concentration": regional.concentration(JOBS, value="jobs"),
        "inequality": regional.inequality(frame, "income"),
        "poverty": regional.foster_greer_thorbecke(frame, "income", line=3, by="kecamatan"),
        "decomposition": regional.decompose(frame, "income", by="kecamatan"),
    }


@pytest.mark.parametrize("name", results())
def test_every_result_speaks_both_languages(name):
    result = results()[name]
    english, indonesian = result.in_words("en"), result.in_words("id")
    assert english
    assert indonesian
    assert english != indonesian
    assert len(result.table("en").columns) == len(result.table("id").columns)
    shared = {"Total", "Location quotient (LQ)"}
    assert set(result.table("en").columns) & set(result.table("id").columns) <= shared


def test_numbers_in_words_are_written_as_the_language_does():
    words = {language: results()["inequality"].in_words(language) for language in LANGUAGES}
    assert "0.406" in words["en"]
    assert "0,406" in words["id"]


# --- real data


@pytest.fixture(scope="module")
def enterprises(shared) -> pd.DataFrame:
    path = shared / "data" / "umkm-jabar" / "umkm_binaan_jenis_usaha.csv"
    if not path.is_file():
        pytest.skip(f"the small enterprises of Jawa Barat are not here: {path.name}")
    return sources.load(path).frame


CELLS = {"value": "jumlah_umkm", "region": "regency", "sector": "jenis_usaha"}


def test_real_quotients_average_to_one_over_the_province(enterprises):
    """27 regencies and cities by 15 kinds of enterprise, 3,606 enterprises in 2021."""
    result = regional.location_quotients(enterprises[enterprises["year"] == 2021], **CELLS)
    frame = result.frame
    assert len(frame) == 27 * 15
    assert frame["value"].sum() == 3606
    weight = frame.groupby("region")["value"].transform("sum")
    mean = (frame["lq"].fillna(0) * weight).groupby(frame["sector"]).sum() / 3606
    assert np.allclose(mean[frame.groupby("sector")["value"].sum() > 0], 1)


def test_real_shifts_sum_to_the_change_of_every_regency(enterprises):
    result = regional.shift_share(enterprises, start=2019, end=2021, **CELLS)
    sums = result.by_region
    assert sums["change"].sum() == 3606 - 2481
    assert np.allclose(sums[["national", "mix", "competitive"]].sum(axis=1), sums["change"])


def test_real_livestock_technology_is_decomposed_by_kecamatan(shared):
    path = shared / "data" / "opendata-jabar" / "teknologi_peternakan.csv.gz"
    if not path.is_file():
        pytest.skip(f"the panel of Jawa Barat is not here: {path.name}")
    panel = sources.load(path).frame
    last = panel[panel["year"] == panel["year"].max()]
    column = "jumlah_alat_teknologi_tepat_guna_peternakan"
    result = regional.decompose(last, column, by="kecamatan_code", outside="leave_out")
    parts = result.frame["value"]["theil_t"]
    assert parts["within"] + parts["between"] == pytest.approx(parts["total"])
    n_zero = int((last[column] == 0).sum())
    assert n_zero > 0
    assert result.estimates["mean_log_deviation", "total"].n == int(last[column].notna().sum()) - n_zero
