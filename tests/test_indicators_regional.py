"""Quotients, shift-share, Klassen and concentration; how all regional results are told; real data."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from regional_tables import (
    COUNTS,
    JOBS,
    cells,
    table,
)

from pk_research import sources
from pk_research.errors import BadInput
from pk_research.indicators import regional
from pk_research.language import LANGUAGES

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
