"""Effects with spillovers: by hand, by a second implementation, what is refused and what is told."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pandas as pd
import pytest
from diff_diff import SpilloverDiD
from neighbouring_villages import INCOME, made_panel, made_study, on_a_line

from pk_research.errors import BadInput
from pk_research.policy.effects.spillovers import (
    Conley,
    effect_with_spillovers,
    expected_exposure,
    exposure,
    near_by_place,
    read_exposed,
)

# --- the effect and its rings ---------------------------------------------------------------------------


def test_an_effect_counted_by_hand():
    places = on_a_line(a=0, b=1, c=3, d=50, e=51, f=53, g=100, h=150, i=200)
    frame = pd.DataFrame(
        {
            "village": list("abcdefghi"),
            "has": [1, 0, 0, 1, 0, 0, 0, 0, 0],
            "income": [13.0, 12, 10.5, 15, 12, 11.5, 9, 10, 11],
        }
    )
    found = exposure(frame, near_by_place(places, km=5), unit="village", treated="has", rings=(2, 4))
    study = read_exposed(frame, found, unit="village", outcome="income")
    effect = effect_with_spillovers(study, outcome=INCOME)
    # Outside: 10 on average. Own: 14 - 10; near: 12 - 10; further: 11 - 10. Per village with it: 4 + 2 + 1.
    assert effect.estimates["estimate"].to_numpy() == pytest.approx([4, 2, 1, 7])
    assert effect.estimates["kind"].tolist() == ["group", "group", "group", "overall"]
    assert (effect.sample.n_treated, effect.sample.n_comparison, effect.sample.n_units) == (2, 3, 9)
    naive = 14 - (12 + 10.5 + 12 + 11.5 + 9 + 10 + 11) / 7
    assert effect.details["naive"]["estimate"].iloc[0] == pytest.approx(naive)


@pytest.mark.parametrize("measure", ["nearest", "any", "number", "share"])
@pytest.mark.parametrize("among", ["everyone", "without_policy"])
@pytest.mark.parametrize("kernel", ["bartlett", "uniform"])
def test_a_second_implementation_agrees(measure, among, kernel):
    _, study = made_study(rings=(4, 7), covariates=["rain"])
    choices = {"measure": measure, "among": among, "conley": Conley(6, kernel)}
    effect = effect_with_spillovers(study, outcome=INCOME, **choices)
    assert effect.cross_check.library.startswith("diff-diff")
    assert effect.cross_check.agrees
    assert effect.cross_check.standard_error == pytest.approx(effect.standard_error, rel=1e-9)


@pytest.mark.parametrize("serial", [0, 2])
def test_a_second_implementation_agrees_over_time(serial):
    _, _, study = made_panel(covariates=["rain"])
    effect = effect_with_spillovers(study, outcome=INCOME, conley=Conley(10, serial=serial))
    assert effect.cross_check.agrees
    assert effect.cross_check.standard_error == pytest.approx(effect.standard_error, rel=1e-9)


def test_over_time_it_is_the_estimator_of_butts():
    """The library's two steps give the same as one regression where all begin together."""
    places, frame, study = made_panel(n=80)
    ours = effect_with_spillovers(study, outcome=INCOME, among="without_policy")
    data = frame.merge(places, left_on="village", right_index=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        theirs = SpilloverDiD(rings=[0, 3, 6], conley_coords=("latitude", "longitude")).fit(
            data, outcome="income", unit="village", time="year", treatment="has"
        )
    spilled = theirs.spillover_effects["coef"].to_numpy()
    assert ours.estimates["estimate"].iloc[:3].to_numpy() == pytest.approx([theirs.att, *spilled], abs=1e-8)


def test_a_thousand_villages_over_time_are_checked_by_pyfixest():
    _, _, study = made_panel(n=510)
    effect = effect_with_spillovers(study, outcome=INCOME, conley=Conley(10))
    assert effect.cross_check.library.startswith("pyfixest")
    assert effect.cross_check.agrees


def test_the_order_of_rows_changes_nothing():
    frame, study = made_study()
    again = read_exposed(frame.iloc[::-1], study.exposure, unit="village", outcome="income")
    one, other = (effect_with_spillovers(rows, outcome=INCOME) for rows in (study, again))
    pd.testing.assert_frame_equal(one.estimates, other.estimates, check_exact=True)
    assert one.input_hash == other.input_hash


def test_neighbours_count_that_have_no_outcome_themselves():
    frame, study = made_study()
    rows = frame.assign(income=frame["income"].where(frame["village"] != "v000"))
    options = {"unit": "village", "outcome": "income"}
    fewer = read_exposed(rows, study.exposure, gaps="leave_out", **options)
    assert len(fewer.rows) == len(frame) - 1
    assert [(reason.text("en"), n) for reason, n in fewer.left_out] == [("no value of “income”", 1)]
    assert fewer.exposure is study.exposure
    with pytest.raises(BadInput, match="column 'income': 1 rows have no value"):
        read_exposed(rows, study.exposure, **options)


def test_villages_that_always_had_it_are_set_aside_and_still_neighbours():
    places = on_a_line(**{f"v{n:02d}": 20.0 * n for n in range(12)}, always=0.5)
    frame = pd.DataFrame({"village": np.repeat(places.index, 2), "year": [1, 2] * 13})
    late = frame["village"].isin(["v03", "v05", "v07"]) & (frame["year"] == 2)
    frame["has"] = (late | (frame["village"] == "always")).astype(int)
    frame["income"] = np.random.default_rng(0).normal(size=26)
    found = exposure(
        frame, near_by_place(places, km=5), unit="village", treated="has", period="year", rings=[2]
    )
    assert found.rows.query("unit == 'v00'")["number_0_2"].tolist() == [1, 1]
    study = read_exposed(frame, found, unit="village", outcome="income", period="year")
    assert (len(study.rows), study.left_out[-1][1]) == (24, 2)


def test_share_sets_the_lonely_aside_and_counts_them():
    _, study = made_study(rings=(2, 5))
    effect = effect_with_spillovers(study, outcome=INCOME, measure="share")
    lonely = study.exposure.rows[["share_0_2", "share_2_5"]].isna().any(axis=1).sum()
    reason, n = effect.sample.left_out[-1]
    assert reason.text("en") == "no neighbour in some ring, so no share of them has the policy"
    assert n == lonely
    assert effect.sample.n_rows == len(study.rows) - lonely


# --- what is refused ------------------------------------------------------------------------------------


def test_nobody_outside_all_rings_is_told_with_the_remedy():
    _, study = made_study(rings=(20, 25))
    message = (
        "rings: no village without the policy lies outside all rings (beyond 25 km), so there is nobody to"
        " compare with. Take fewer or smaller rings, or add villages further away."
    )
    with pytest.raises(BadInput, match=f"^{re.escape(message)}$"):
        effect_with_spillovers(study, outcome=INCOME)


def test_a_ring_with_nobody_in_it_is_told():
    _, study = made_study(rings=(0.001, 5))
    message = (
        "ring 0 to 0.001 km: nobody in the rows is exposed in it. Join it with another ring, or leave it out."
    )
    with pytest.raises(BadInput, match=f"^{re.escape(message)}$"):
        effect_with_spillovers(study, outcome=INCOME)


def test_a_ring_that_a_covariate_repeats_is_told():
    places = on_a_line(a=0, b=10, c=50, d=60, e=100, f=130, g=160)
    frame = pd.DataFrame({"village": list("abcdefg"), "has": [1, 0, 0, 1, 0, 0, 0]})
    frame["income"], frame["near"] = np.arange(7.0), [0.0, 1, 1, 0, 0, 0, 0]
    found = exposure(frame, near_by_place(places, km=10.5), unit="village", treated="has", rings=[10.5])
    study = read_exposed(frame, found, unit="village", outcome="income", covariates=["near"])
    message = (
        "ring 0 to 10.5 km: it follows from the policy, the rings and the covariates before it (collinear)."
        " Take fewer rings, another measure, or leave the covariate out."
    )
    with pytest.raises(BadInput, match=f"^{re.escape(message)}$"):
        effect_with_spillovers(study, outcome=INCOME)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"level": 2}, "level: it is 2. Give a share between 0 and 1, such as 0.95."),
        ({"measure": "all"}, "measure: it is 'all'. Choose one of: nearest, any, number, share."),
        ({"among": "me"}, "among: it is 'me'. Choose one of: everyone, without_policy."),
        ({"recentring": "no"}, "recentring: it is 'no'. Choose one of: control, instrument."),
        ({"conley": Conley(-1)}, "cutoff_km: it is -1. Give kilometres, 0 or more."),
        (
            {"conley": Conley(99)},
            (
                "cutoff_km: it is 99, but pairs are known up to 25 km. Find pairs further apart (km of"
                " near_by_place), or take a shorter cut-off."
            ),
        ),
        (
            {"conley": Conley(5, "gauss", -1)},
            (
                "kernel: it is 'gauss'. Choose 'bartlett' or 'uniform'.\n"
                "serial: it is -1. Give 'all', or a number of periods from 0."
            ),
        ),
    ],
)
def test_choices_that_are_refused(options, message):
    _, study = made_study()
    with pytest.raises(BadInput) as refused:
        effect_with_spillovers(study, outcome=INCOME, **options)
    assert "\n".join(str(problem) for problem in refused.value.problems) == message


def test_expected_exposures_must_be_those_of_the_estimate():
    _, study = made_study()
    _, other = made_study(seed=9)
    expected = expected_exposure(other.exposure, measure="any", n_draws=50, seed=1)
    with pytest.raises(BadInput) as refused:
        effect_with_spillovers(study, outcome=INCOME, expected=expected)
    assert [problem.what for problem in refused.value.problems] == [
        "it is of measure 'any' among 'everyone'",
        "it is of another exposure",
    ]


def test_rows_without_exposure_are_refused_or_counted():
    frame, study = made_study()
    wider = pd.concat([frame, frame.iloc[[0]].assign(village="new")])
    options = {"unit": "village", "outcome": "income"}
    with pytest.raises(BadInput, match="column 'village': 1 rows have no exposure: new"):
        read_exposed(wider, study.exposure, **options)
    kept = read_exposed(wider, study.exposure, gaps="leave_out", **options)
    assert kept.left_out[-1][1] == 1
    with pytest.raises(BadInput, match="period: the exposure is of one time"):
        read_exposed(frame, study.exposure, **options, period="rain")


def test_a_ring_whose_variance_is_below_zero_is_named():
    places = on_a_line(a=0, b=1, c=2, d=3, e=4, f=5, g=60, h=80, i=100)
    frame = pd.DataFrame({"village": list("abcdefghi"), "has": [0, 1, 0, 0, 1, 0, 0, 0, 0]})
    frame["income"] = [6.0, 2, 2, 8, 1, 2, 5, 7, 5]
    found = exposure(frame, near_by_place(places, km=5), unit="village", treated="has", rings=[1.1])
    study = read_exposed(frame, found, unit="village", outcome="income")
    with pytest.raises(BadInput) as refused:
        effect_with_spillovers(study, outcome=INCOME, conley=Conley(2.5, "uniform"))
    assert [problem.where for problem in refused.value.problems] == ["standard error of ring 0 to 1.1 km"]


def test_columns_whose_names_are_taken_are_refused():
    frame, study = made_study()
    odd = frame.rename(columns={"rain": "outcome", "income": "treated"})
    message = "the table: columns are called outcome, treated. Give them other names."
    with pytest.raises(BadInput, match=f"^{message}$"):
        read_exposed(odd, study.exposure, unit="village", outcome="treated", covariates=["outcome"])


# --- told to people -------------------------------------------------------------------------------------


def test_few_villages_and_different_starts_are_warned_of():
    places = on_a_line(**{f"v{n:02d}": 20.0 * n for n in range(8)}, x=1, y=61)
    frame = pd.DataFrame({"village": np.repeat(places.index, 3), "year": [1, 2, 3] * 10})
    start = frame["village"].map({"v00": 2, "v03": 3}).fillna(0)
    frame["has"] = ((start > 0) & (frame["year"] >= start)).astype(int)
    frame["income"] = np.random.default_rng(0).normal(size=30)
    found = exposure(
        frame, near_by_place(places, km=5), unit="village", treated="has", period="year", rings=[2]
    )
    study = read_exposed(frame, found, unit="village", outcome="income", period="year")
    told = [warning.text("en") for warning in effect_with_spillovers(study, outcome=INCOME).warnings]
    assert any(text.startswith("Only 2 villages have the policy") for text in told)
    assert any(text.startswith("Only 6 villages lie outside all rings") for text in told)
    assert any(text.startswith("The policy began at different times") for text in told)


def test_the_effect_tells_rings_naive_figure_and_programme():
    _, study = made_study(n=187)
    effect = effect_with_spillovers(study, outcome=INCOME, made=True)
    table = effect.table("en")
    assert table["Term"].tolist() == [
        "Among: villages with the policy, from their own (direct)",
        "Among: villages with the nearest other one that has the policy up to 2 km away",
        "Among: villages with the nearest other one that has the policy 2 to 5 km away",
        "Whole effect",
    ]
    words = effect.in_words("en")
    assert words.startswith("Made data (an example), not observed.")
    assert "villages without the policy and more than 5 km from any village that has it" in words
    assert "The policy reaches neighbours (p ≤ 0.0" in words
    assert "A comparison blind to the rings would have said" in effect.warnings[-1].text("en")
    assert "the whole programme made" in words
    reach = effect.diagnostics[0]
    assert (reach.value < 0.05) == (reach.verdict == "fails")
    assert "cincin" in effect.in_words("id")
    assert len(effect.plot("id").axes[0].get_yticklabels()) == 4
