"""Who is reached by the policy of neighbours: counted by hand, expected by place, refused, told."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neighbouring_villages import INCOME, KM, drawn, made_study, on_a_line, scattered

from pk_research.errors import BadInput
from pk_research.policy.effects.spillovers import (
    effect_with_spillovers,
    expected_exposure,
    exposure,
    near_by_km,
    near_by_place,
    read_exposed,
)
from pk_research.products.distances import great_circle_km

# --- who is near ---------------------------------------------------------------------------------------


def test_rings_of_a_small_map_counted_by_hand():
    places = on_a_line(a=0, b=1.5, c=1.9, d=6, e=40)
    has = pd.DataFrame({"village": list("abcde"), "has": [1, 0, 1, 0, 0]})
    found = exposure(has, near_by_place(places, km=10), unit="village", treated="has", rings=(2, 5, 10))
    shown = found.rows.set_index("unit")
    assert shown["number_0_2"].to_dict() == {"a": 1, "b": 2, "c": 1, "d": 0, "e": 0}
    assert shown["neighbours_0_2"].to_dict() == {"a": 2, "b": 2, "c": 2, "d": 0, "e": 0}
    assert shown["number_2_5"].to_dict() == {"a": 0, "b": 0, "c": 0, "d": 1, "e": 0}
    assert shown["neighbours_2_5"].to_dict() == {"a": 0, "b": 1, "c": 1, "d": 2, "e": 0}
    assert shown["number_5_10"].to_dict() == {"a": 0, "b": 0, "c": 0, "d": 1, "e": 0}
    assert shown["share_0_2"].dropna().to_dict() == {"a": 0.5, "b": 1.0, "c": 0.5}
    assert shown["lag"].dropna().to_dict() == pytest.approx({"a": 1 / 3, "b": 2 / 3, "c": 1 / 3, "d": 2 / 3})
    assert found.n_without_neighbour == {(0.0, 2.0): 2, (2.0, 5.0): 2, (5.0, 10.0): 3}


@pytest.mark.parametrize(
    ("measure", "among", "expected"),
    [
        ("nearest", "everyone", {"a": [1, 0], "b": [1, 0], "c": [1, 0], "d": [0, 1]}),
        ("any", "everyone", {"a": [1, 0], "b": [1, 0], "c": [1, 0], "d": [0, 1]}),
        ("number", "everyone", {"a": [1, 0], "b": [2, 0], "c": [1, 0], "d": [0, 2]}),
        ("number", "without_policy", {"a": [0, 0], "b": [2, 0], "c": [0, 0], "d": [0, 2]}),
    ],
)
def test_measures_of_exposure(measure, among, expected):
    has = pd.DataFrame({"village": list("abcd"), "has": [1, 0, 1, 0]})
    near = near_by_place(on_a_line(a=0, b=1.5, c=1.9, d=6), km=10)
    found = exposure(has, near, unit="village", treated="has", rings=(2, 10))
    assert dict(zip("abcd", found.of(measure, among).tolist(), strict=True)) == expected


def test_the_nearest_ring_counts_once_where_any_ring_counts_twice():
    near = near_by_place(on_a_line(a=0, b=1, c=4), km=10)
    has = pd.DataFrame({"village": list("abc"), "has": [0, 1, 1]})
    found = exposure(has, near, unit="village", treated="has", rings=(2, 5))
    assert found.of("any", "everyone")[0].tolist() == [1, 1]
    assert found.of("nearest", "everyone")[0].tolist() == [1, 0]


def test_inverse_distances_weigh_the_lag():
    has = pd.DataFrame({"village": list("abc"), "has": [0, 1, 0]})
    near = near_by_place(on_a_line(a=0, b=1, c=3), km=10)
    found = exposure(has, near, unit="village", treated="has", rings=[5], lag_weights="inverse_km")
    assert found.rows["lag"].tolist() == pytest.approx([1 / (1 + 1 / 3), 0, (1 / 2) / (1 / 2 + 1 / 3)])


def test_distances_are_those_of_the_great_circle():
    places = scattered(80, 3)
    near, full = near_by_place(places, km=12), great_circle_km(places).to_numpy()
    inside = (full <= 12) & ~np.eye(80, dtype=bool)
    assert list(zip(near.start, near.end, strict=True)) == list(zip(*np.nonzero(inside), strict=True))
    assert near.km == pytest.approx(full[inside], abs=1e-8)
    by_table = near_by_km(great_circle_km(places), km=12)
    assert (by_table.start == near.start).all()
    assert by_table.km == pytest.approx(near.km, abs=1e-8)


def test_by_road_the_way_there_counts():
    roads = pd.DataFrame([[0, 3, None], [8, 0, 4], [None, 4, 0]], index=list("abc"), columns=list("abc"))
    has = pd.DataFrame({"village": list("abc"), "has": [1, 0, 0]})
    found = exposure(has, near_by_km(roads, km=10), unit="village", treated="has", rings=(5, 10))
    assert found.rows[["number_0_5", "number_5_10"]].to_numpy().tolist() == [[0, 0], [0, 1], [0, 0]]


def test_over_time_each_period_has_its_own_exposure():
    near = near_by_place(on_a_line(a=0, b=1), km=5)
    has = pd.DataFrame({"village": list("aabb"), "year": [2, 1, 1, 2], "has": [1, 0, 0, 0]})
    found = exposure(has, near, unit="village", treated="has", period="year", rings=[2])
    assert found.periods == (1, 2)
    assert found.rows[["unit", "period", "number_0_2"]].to_numpy().tolist() == [
        ["a", 1, 0],
        ["a", 2, 0],
        ["b", 1, 0],
        ["b", 2, 1],
    ]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 0.9))
def test_the_order_of_rows_is_nothing_and_exposure_is_mutual(seed, share):
    places, has = scattered(40, seed, 20), drawn(40, share, seed)
    frame = pd.DataFrame({"village": places.index, "has": has})
    order = np.random.default_rng(seed).permutation(40)
    names = {"unit": "village", "treated": "has", "rings": (2, 5)}
    found = exposure(frame, near_by_place(places, km=6), **names)
    again = exposure(frame.iloc[order], near_by_place(places.iloc[order[::-1]], km=6), **names)
    pd.testing.assert_frame_equal(found.rows, again.rows)
    assert found.input_hash == again.input_hash
    other = exposure(frame.assign(has=1 - has), near_by_place(places, km=6), **names)
    for ring in ("0_2", "2_5"):
        # Pairs of one with and one without the policy are counted alike from both sides.
        from_without = found.rows.loc[has == 0, f"number_{ring}"].sum()
        assert from_without == other.rows.loc[has == 1, f"number_{ring}"].sum()
        both = found.rows[f"number_{ring}"] + other.rows[f"number_{ring}"]
        assert (both == found.rows[f"neighbours_{ring}"]).all()


# --- where villages lie (Borusyak and Hull) ---------------------------------------------------------------


def test_expected_exposure_of_all_lots_by_hand():
    near = near_by_place(on_a_line(a=0, b=1, c=2, d=50), km=5)
    has = pd.DataFrame({"village": list("abcd"), "has": [1, 1, 0, 0]})
    found = exposure(has, near, unit="village", treated="has", rings=[1.5])
    expected = expected_exposure(found, measure="any", seed=1)
    assert (expected.n_draws, expected.are_all) == (6, True)
    # Of six lots of two, b sees a or c in all but {b, d}.
    assert expected.rows["ring_0_1.5"].tolist() == pytest.approx([3 / 6, 5 / 6, 3 / 6, 0])
    strata = dict(zip("abcd", "xxyy", strict=True))
    assert expected.rows["treated"].tolist() == [0.5] * 4
    with pytest.raises(BadInput, match="no other lot could have been drawn"):
        expected_exposure(found, strata=strata, seed=1)


@pytest.mark.parametrize("measure", ["nearest", "any", "number", "share"])
def test_drawn_lots_come_near_the_mean_over_strata(measure):
    _, study = made_study(n=60)
    strata = {code: number % 2 for number, code in enumerate(study.exposure.near.codes)}
    one, other = (
        expected_exposure(study.exposure, measure=measure, strata=strata, n_draws=600, seed=seed)
        for seed in (1, 2)
    )
    known = np.isfinite(one.of_rings())
    assert (known == np.isfinite(other.of_rings())).all()
    assert np.abs(one.of_rings() - other.of_rings())[known].max() < (0.25 if measure == "number" else 0.12)
    again = expected_exposure(study.exposure, measure=measure, strata=strata, n_draws=600, seed=1)
    pd.testing.assert_frame_equal(one.rows, again.rows, check_exact=True)


def test_histories_that_begin_at_different_times_are_dealt_whole():
    places = scattered(40, 1, 30)
    frame = pd.DataFrame({"village": np.repeat(places.index, 3), "year": [1, 2, 3] * 40})
    start = np.repeat(np.random.default_rng(0).choice([0, 0, 2, 3], 40), 3)
    frame["has"] = ((start > 0) & (frame["year"] >= start)).astype(int)
    found = exposure(
        frame, near_by_place(places, km=5), unit="village", treated="has", period="year", rings=[4]
    )
    expected = expected_exposure(found, measure="number", n_draws=400, seed=3)
    assert not expected.are_all
    chance = expected.rows.groupby("period")["treated"].first()
    assert chance.tolist() == pytest.approx(frame.groupby("year")["has"].mean().tolist())
    neighbours = found.rows["neighbours_0_4"].to_numpy()
    bound = chance.loc[found.rows["period"]].to_numpy() * 40 / 39 * neighbours
    assert expected.rows["ring_0_4"].to_numpy() == pytest.approx(bound, abs=0.4)


def test_recentring_mends_what_place_alone_would_feign():
    """No spillover at all, but villages amid many others earn more."""
    plain, recentred, instrumented = [], [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        town = rng.normal(0, 4, (60, 2))
        country = rng.uniform(-40, 40, (60, 2))
        north, east = np.vstack([town, country]).T
        codes = [f"v{n:03d}" for n in range(120)]
        places = pd.DataFrame({"latitude": KM * north, "longitude": KM * east}, index=codes)
        frame = pd.DataFrame({"village": codes, "has": drawn(120, 0.2, seed)})
        found = exposure(frame, near_by_place(places, km=10), unit="village", treated="has", rings=[3])
        frame["income"] = found.rows["neighbours_0_3"].clip(upper=4) / 2 + rng.normal(size=120)
        study = read_exposed(frame, found, unit="village", outcome="income")
        expected = expected_exposure(found, n_draws=300, seed=seed)
        for kept, options in (
            (plain, {}),
            (recentred, {"expected": expected}),
            (instrumented, {"expected": expected, "recentring": "instrument"}),
        ):
            effect = effect_with_spillovers(study, outcome=INCOME, **options)
            kept.append(effect.estimates["estimate"].iloc[1])
    assert np.mean(plain) > 0.6
    assert abs(np.mean(recentred)) < 0.25
    assert abs(np.mean(instrumented)) < 0.35


# --- what is refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rings": (5, 2)}, "rings: they do not grow from above zero. Give upper ends such as (2, 5, 10)."),
        ({"rings": ()}, "rings: they do not grow from above zero. Give upper ends such as (2, 5, 10)."),
        (
            {"rings": (2, 50)},
            (
                "rings: the outermost ends at 50 km, but pairs are known up to 10 km. Find pairs further"
                " apart (km of near_by_place), or take smaller rings."
            ),
        ),
        ({"treated": "x"}, "column 'x': it is not in the table. The table has: village, has."),
    ],
)
def test_exposures_that_are_refused(change, message):
    near = near_by_place(on_a_line(a=0, b=1), km=10)
    has = pd.DataFrame({"village": ["a", "b"], "has": [1, 0]})
    with pytest.raises(BadInput, match=f"^{re.escape(message)}$"):
        exposure(has, near, **({"unit": "village", "treated": "has", "rings": (2,)} | change))


def test_faults_of_the_policy_are_all_told_at_once():
    near = near_by_place(on_a_line(a=0, b=1), km=10)
    has = pd.DataFrame({"village": ["a", "b", "b", "z"], "has": [1, 0, 2, 0]})
    with pytest.raises(BadInput) as refused:
        exposure(has, near, unit="village", treated="has", rings=[2])
    assert [str(problem) for problem in refused.value.problems] == [
        "column 'has': it holds 2. Write 1 for villages with the policy, 0 for others.",
        "column 'village': units stand twice: b. Keep one row.",
        (
            "column 'village': 1 villages have no place: z. Give their coordinates, or say gaps='leave_out':"
            " they are then counted in the result."
        ),
    ]


def test_villages_without_coordinates_are_refused_or_counted():
    places = on_a_line(a=0, b=1, c=2, d=30)
    places.loc["c", "latitude"] = np.nan
    with pytest.raises(BadInput, match="c: its coordinates are missing or not degrees"):
        near_by_place(places, km=5)
    near = near_by_place(places, km=5, gaps="leave_out")
    assert (near.codes, near.n_without_place) == (("a", "b", "d"), 1)
    has = pd.DataFrame({"village": list("abc"), "has": [0, 0, 1]})
    found = exposure(has, near, unit="village", treated="has", rings=[2], gaps="leave_out")
    assert [(reason.text("en"), n) for reason, n in found.left_out] == [
        ("the village has no place on the map", 1),
        ("villages on the map of which it is not known who has the policy", 1),
    ]


def test_two_villages_in_one_place_have_no_inverse_weight():
    near = near_by_place(on_a_line(a=0, b=0, c=2), km=5)
    has = pd.DataFrame({"village": list("abc"), "has": [0, 0, 1]})
    options = {"unit": "village", "treated": "has", "rings": [5]}
    assert exposure(has, near, **options).rows["neighbours_0_5"].tolist() == [2, 2, 2]
    with pytest.raises(BadInput, match="villages lie in one place: a, b"):
        exposure(has, near, **options, lag_weights="inverse_km")


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[0, -1], [1, 0]], "matrix: distances from a are negative. Mend them."),
        (None, "matrix: its rows and columns are not the same villages. Give each village both."),
    ],
)
def test_distances_that_are_refused(matrix, message):
    columns = list("ab") if matrix else list("ac")
    given_km = pd.DataFrame(matrix or [[0, 1], [1, 0]], index=list("ab"), columns=columns)
    with pytest.raises(BadInput, match=f"^{re.escape(message)}$"):
        near_by_km(given_km, km=5)


# --- told to people -------------------------------------------------------------------------------------


def test_exposures_and_what_was_to_be_expected_are_told():
    _, study = made_study()
    found = study.exposure
    assert found.table("id")["Cincin"].tolist() == ["sampai 2 km", "2 sampai 5 km"]
    assert "have a neighbour with it" in found.in_words("en")
    assert len(found.plot("en").axes[0].patches) == 2
    expected = expected_exposure(found, n_draws=100, seed=1)
    assert "follow from where they lie, not from the lot (100 lots)" in expected.in_words("en")
    share = expected.table("en")["Share explained by place"]
    assert share.between(0, 1).all()
    assert np.nanmean(expected.recentred()) == pytest.approx(0, abs=0.1)
