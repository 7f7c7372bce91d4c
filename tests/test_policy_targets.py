"""Targets of a plan: lights that respect the doubt, the chance of arriving, and what is refused."""

from __future__ import annotations

from io import StringIO

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from pk_research.errors import BadInput
from pk_research.policy.targets import Baseline, chance_of_reaching, light_of, track

PLAN = """
    indicator year target value se
    poverty   2025 8.0    7.4   0.2
    poverty   2026 7.5    7.6   0.2
    poverty   2027 7.0    6.9   0.2
    poverty   2028 6.5
    jobs      2025 110    112
    jobs      2026 120    115
    jobs      2028 140
    schooling 2026 9.0
    schooling 2028 9.5
"""
BASELINES = {
    "poverty": Baseline(2024, 8.5, "down"),
    "jobs": Baseline(2024, 100.0, "up"),
    "schooling": Baseline(2024, 8.5, "up"),
}


def plan():
    lines = [line.split() for line in PLAN.strip().splitlines()]
    padded = "\n".join(",".join([*line, *[""] * (5 - len(line))]) for line in lines)
    return pd.read_csv(StringIO(padded))


def tracked(frame=None, baselines=None, **options):
    return track(plan() if frame is None else frame, baselines or BASELINES, **options)


def faults(call):
    with pytest.raises(BadInput) as caught:
        call()
    return [str(problem) for problem in caught.value.problems]


# Lights


@pytest.mark.parametrize(
    ("low", "high", "up", "down"),
    [
        (6, 7, "on_track", "behind"),
        (3, 4, "behind", "on_track"),
        (4, 6, "cannot_be_said", "cannot_be_said"),
        (5, 5, "on_track", "on_track"),
        (np.nan, np.nan, "missing", "missing"),
    ],
)
def test_a_light_against_a_target_of_five(low, high, up, down):
    assert light_of(low, high, 5, "up") == up
    assert light_of(low, high, 5, "down") == down


def test_the_lights_of_a_plan():
    lights = tracked().years.set_index(["indicator", "year"])["light"].to_dict()
    assert lights == {
        ("poverty", 2025): "on_track",  # 7.4 ± 0.39 lies below 8.0
        ("poverty", 2026): "cannot_be_said",
        ("poverty", 2027): "cannot_be_said",
        ("poverty", 2028): "missing",
        ("jobs", 2025): "on_track",
        ("jobs", 2026): "behind",
        ("jobs", 2028): "missing",
        ("schooling", 2026): "missing",
        ("schooling", 2028): "missing",
    }


def test_a_lower_level_decides_more():
    at_half = tracked(level=0.3).years.set_index(["indicator", "year"])["light"]
    assert at_half["poverty", 2026] == "behind"
    assert at_half["poverty", 2027] == "on_track"


def test_the_latest_light_is_that_of_the_last_value_and_missing_years_stay_missing():
    found = tracked().outlook.set_index("indicator")
    assert found.loc["jobs", ["latest", "end", "light"]].tolist() == [2026, 2028, "behind"]
    assert found.loc["jobs", "done"] == pytest.approx(15 / 40)
    assert found.loc["schooling", "light"] == "missing"
    assert np.isnan(found.loc["schooling", "done"])
    assert found["n_values"].to_dict() == {"poverty": 4, "jobs": 3, "schooling": 1}


def test_a_value_without_standard_error_says_so_everywhere():
    found = tracked()
    assert "standard error not known" in found.table("en").set_index("Indicator")["Light"]["jobs"]
    assert "taken as exact: jobs." in found.in_words("en")
    assert found.year_table("en")["Interval from"].tolist()[4] == "–"


def test_a_year_without_target_has_no_light_but_counts_for_the_trend():
    extra = pd.DataFrame({"indicator": ["jobs"], "year": [2027], "target": [np.nan], "value": [131.0]})
    found = tracked(pd.concat([plan(), extra], ignore_index=True))
    assert ("jobs", 2027) not in set(zip(found.years["indicator"], found.years["year"], strict=True))
    assert found.outlook.set_index("indicator").loc["jobs", "n_values"] == 4


def test_row_order_does_not_matter():
    pd.testing.assert_frame_equal(tracked(plan().iloc[::-1]).years, tracked().years)


# The chance of arriving


def test_the_trend_is_that_of_statsmodels():
    years, values = np.array([2020, 2021, 2022, 2024, 2025.0]), np.array([10, 11.2, 11.7, 14.1, 14.4])
    found = chance_of_reaching(years, values, values * np.nan, year=2028, target=17, direction="up")
    fitted = sm.OLS(values, sm.add_constant(years)).fit().get_prediction([[1, 2028]])
    low, high = fitted.conf_int(obs=True)[0]
    assert [found.expected, found.low, found.high] == pytest.approx([fitted.predicted_mean[0], low, high])
    below = chance_of_reaching(years, values, values * np.nan, year=2028, target=17, direction="down")
    assert found.chance + below.chance == pytest.approx(1)


def test_nineteen_of_twenty_futures_lie_in_the_interval():
    rng, years = np.random.default_rng(0), np.arange(2020.0, 2026)
    inside = []
    for _ in range(3000):
        values = 10 + 0.5 * (years - 2020) + rng.normal(0, 1, 6)
        found = chance_of_reaching(years, values, values * np.nan, year=2027, target=14, direction="up")
        inside.append(found.low <= 13.5 + rng.normal(0, 1) <= found.high)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.015)


def test_sampling_errors_keep_a_lucky_line_from_being_certain():
    years, values = np.array([2024.0, 2025, 2026]), np.array([8.0, 7.5, 7.01])
    bare = chance_of_reaching(years, values, values * np.nan, year=2028, target=6.2, direction="down")
    known = chance_of_reaching(years, values, values * 0 + 0.4, year=2028, target=6.2, direction="down")
    assert bare.chance > 0.95 > known.chance > 0.5


def test_too_little_is_known_for_a_chance():
    two, line = np.array([2024.0, 2025]), np.array([2024.0, 2025, 2026])
    assert np.isnan(chance_of_reaching(two, two, two * np.nan, year=2028, target=1, direction="up").expected)
    found = chance_of_reaching(line, line, line * np.nan, year=2028, target=1, direction="up")
    assert found.expected == pytest.approx(2028)
    assert np.isnan(found.chance)
    assert "No chance can be given" in tracked().in_words("en")


# Told to people


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_view_in_both_languages_says_when_data_is_made(language):
    found = tracked(made=True)
    note = {"id": "Data buatan", "en": "Made data"}[language]
    assert found.in_words(language).startswith(note)
    assert found.table(language).iloc[0, -1].startswith(note)
    assert found.year_table(language).iloc[0, -1].startswith(note)
    assert note in found.plot(language)._suptitle.get_text()


def test_every_light_has_a_sign_of_its_own():
    signs = {text.split()[0] for text in tracked().year_table("en")["Light"]}
    assert signs == {"▲", "▼", "?", "–"}


def test_the_picture_fits_a_telephone():
    assert len([axes for axes in tracked().plot("id", width_px=360).axes if axes.get_visible()]) == 3


# What is refused


def test_every_fault_at_once():
    frame = plan()
    frame.loc[0, "se"] = -0.1
    frame.loc[1, "value"] = np.inf
    frame.loc[2, "year"] = 2026
    frame.loc[6, "year"] = 2020
    baselines = {
        "poverty": Baseline(2024, 8.5, "up"),
        "jobs": Baseline(2024, float("nan"), "up"),
        "harvest": Baseline(2024, 5.0, "sideways"),
    }
    told = "\n".join(faults(lambda: tracked(frame, baselines, level=95)))
    for part in (
        "column 'value': a value is infinite",
        "column 'se': a standard error is below 0",
        "indicator 'poverty', year 2026: it stands twice",
        "indicator 'schooling': it has no baseline",
        "indicator 'poverty': the last target 6.5 is worse than the baseline 8.5, though more is better",
        "baseline of 'jobs': the value is nan",
        "indicator 'jobs', year 2020: it is before the baseline",
        "baseline of 'harvest': the direction is 'sideways'",
        "indicator 'harvest': it has no target",
        "level: it is 95",
    ):
        assert part in told


def test_text_numbers_years_with_fractions_and_missing_columns():
    frame = plan().astype({"target": str}).assign(year=lambda rows: rows["year"] + 0.5)
    told = "\n".join(faults(lambda: tracked(frame)))
    assert "column 'target': it does not hold numbers" in told
    assert "column 'year': it holds something other than whole years" in told
    assert len(faults(lambda: tracked(pd.DataFrame({"year": []})))) == 4


def test_a_table_that_contradicts_the_baseline():
    extra = pd.DataFrame({"indicator": ["jobs"], "year": [2024], "target": [np.nan], "value": [90.0]})
    told = faults(lambda: tracked(pd.concat([plan(), extra], ignore_index=True)))
    assert told == ["baseline of 'jobs': it is 100, but the table says 90 for 2024. Correct one of them."]
