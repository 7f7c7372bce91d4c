"""Villages drawn by a public lot: anybody can repeat it, and nobody's chance depends on anything else."""

from __future__ import annotations

import hashlib
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import pdist, squareform

from pk_research.errors import BadInput
from pk_research.policy.design import draw, seed_of, verify_draw

LOTTERY = "Lottery of 5 January 2026: 7 21 33 40"
THIRD = {"treatment": 1, "control": 2}


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def some_villages(n, strata=1, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "village_code": [f"32.16.01.{2001 + i}" for i in range(n)],
            "kecamatan": [f"k{i % strata}" for i in range(n)],
            "population": rng.integers(500, 9000, n),
            "distance_km": rng.gamma(2, 5, n),
        }
    )


def arms_of(drawn):
    return drawn.assignment.set_index("village_code")["arm"]


def test_the_lot_is_worked_out_by_hand():
    """Seed and lot numbers as `printf '...' | sha256sum` gives them; the two smallest are treated."""
    villages = pd.DataFrame({"village_code": ["b", "a", "d", "c"]})
    seed = sha256("text of the day\na\nb\nc\nd")
    drawn = draw(villages, "  text of  the day\n")
    assert drawn.seed == seed == seed_of("text of the day", ["d", "c", "b", "a"])
    by_lot = sorted("abcd", key=lambda code: sha256(f"{seed}:{code}"))
    expected = dict.fromkeys(by_lot[:2], "treatment") | dict.fromkeys(by_lot[2:], "control")
    assert arms_of(drawn).to_dict() == expected


@pytest.mark.parametrize(
    "rules",
    [
        {"strata": ["kecamatan"]},
        {"strata": ["kecamatan"], "arms": THIRD},
        {"method": "blocks", "match_on": ["population"], "block_size": 4},
        {"method": "pairs", "match_on": ["population", "distance_km"], "strata": ["kecamatan"]},
    ],
)
def test_the_order_of_rows_plays_no_part_and_the_draw_is_verified(rules):
    villages = some_villages(37, strata=4)
    drawn = draw(villages, LOTTERY, **rules)
    shuffled = villages.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(draw(shuffled, LOTTERY, **rules).assignment, drawn.assignment)
    published = drawn.assignment.sample(frac=1, random_state=2)
    assert verify_draw(published, shuffled, LOTTERY, **rules).seed == drawn.seed


def test_another_text_another_village_or_another_code_is_another_draw():
    villages = some_villages(20)
    first = draw(villages, LOTTERY)
    assert draw(villages, LOTTERY + "1").seed != first.seed
    assert draw(villages[:-1], LOTTERY).seed != first.seed


def test_a_changed_assignment_is_seen():
    villages = some_villages(20, strata=2)
    published = draw(villages, LOTTERY, strata=["kecamatan"]).assignment
    arms = published["arm"].tolist()
    swapped = published.assign(
        arm=["control" if a == "treatment" else "treatment" for a in arms[:1]] + arms[1:]
    )
    with pytest.raises(BadInput, match=r"village 32\.16\.01\.2001: published in arm"):
        verify_draw(swapped, villages, LOTTERY, strata=["kecamatan"])
    with pytest.raises(BadInput, match="villages missing"):
        verify_draw(published[1:], villages, LOTTERY, strata=["kecamatan"])
    with pytest.raises(BadInput, match="were not to be drawn"):
        verify_draw(published, villages[1:], LOTTERY, strata=["kecamatan"])
    with pytest.raises(BadInput, match="villages twice"):
        verify_draw(pd.concat([published, published[:1]]), villages, LOTTERY, strata=["kecamatan"])
    with pytest.raises(BadInput, match="there is no column 'arm'"):
        verify_draw(published.drop(columns="arm"), villages, LOTTERY, strata=["kecamatan"])


def test_strata_are_split_evenly_and_what_is_odd_is_pooled():
    villages = some_villages(23, strata=4)
    drawn = draw(villages, LOTTERY, strata=["kecamatan"])
    counts = pd.crosstab(drawn.assignment["stratum"], drawn.assignment["arm"])
    assert counts.to_numpy().sum() == 23
    assert (counts["treatment"] - counts["control"]).abs().max() <= 1
    assert abs((arms_of(drawn) == "treatment").sum() - 11.5) == 0.5
    assert drawn.assignment["is_misfit"].sum() == 1, "strata of 6, 6, 6 and 5"


def test_a_stratum_of_one_village_is_told_and_drawn_with_the_misfits():
    villages = some_villages(5).assign(kecamatan=["a", "a", "b", "c", "c"])
    drawn = draw(villages, LOTTERY, strata=["kecamatan"])
    assert drawn.assignment["is_misfit"].tolist() == [False, False, True, False, False]
    told = " ".join(note.text("en") for note in drawn.notes)
    assert "did not fit a whole round in their stratum, 1:" in told
    assert "Strata of a single village, which compare it to no other: b." in told


def share_treated(rules, n):
    """Share of ``n`` public texts by which each of 11 villages is treated."""
    villages = some_villages(11, strata=3)
    draws = [arms_of(draw(villages, f"day {day}", **rules)) == "treatment" for day in range(n)]
    return np.mean([is_treated.to_numpy() for is_treated in draws], axis=0)


def test_each_village_has_the_same_chance_whatever_its_stratum():
    found = share_treated({"strata": ["kecamatan"], "arms": THIRD}, 200)
    assert np.abs(found - 1 / 3).max() < 4 * np.sqrt(1 / 3 * 2 / 3 / 200)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rules", "chance"),
    [
        ({"strata": ["kecamatan"]}, 1 / 2),
        ({"strata": ["kecamatan"], "arms": THIRD}, 1 / 3),
        ({"method": "blocks", "match_on": ["population"], "block_size": 3, "arms": THIRD}, 1 / 3),
        ({"method": "pairs", "match_on": ["population"]}, 1 / 2),
    ],
)
def test_each_village_has_the_same_chance_by_each_method(rules, chance):
    assert np.abs(share_treated(rules, 1500) - chance).max() < 4 * np.sqrt(chance * (1 - chance) / 1500)


def mahalanobis(villages, columns):
    values = villages[columns].to_numpy(float)
    inverse = np.linalg.inv(np.cov(values, rowvar=False))
    return squareform(pdist(values, "mahalanobis", VI=inverse))


def total_of_pairs(assignment, distances):
    rows = assignment.reset_index(drop=True).groupby("stratum").indices.values()
    return sum(distances[pair[0], pair[1]] for pair in rows if len(pair) == 2)


@pytest.mark.parametrize("n", [8, 7])
def test_pairs_are_the_closest_of_all(n):
    """Every way to pair 8 villages (or 7, one of them left out), by Mahalanobis distance."""
    villages = some_villages(n, seed=n)
    distances = mahalanobis(villages, ["population", "distance_km"])
    best = min(
        sum(distances[order[i], order[i + 1]] for i in range(0, n - 1, 2)) for order in permutations(range(n))
    )
    drawn = draw(villages, LOTTERY, method="pairs", match_on=["population", "distance_km"])
    assert total_of_pairs(drawn.assignment, distances) == pytest.approx(best)


@pytest.mark.parametrize("n", [8, 7])
def test_villages_of_the_same_place_are_paired_and_the_rest_are_the_closest(n):
    villages = some_villages(n).assign(x=[0, 0, 1, 1, 1, 3, 3, 7][:n], y=[0, 0, 2, 2, 2, 1, 0, 5][:n])
    distances = mahalanobis(villages, ["x", "y"])
    best = min(
        sum(distances[order[i], order[i + 1]] for i in range(0, n - 1, 2)) for order in permutations(range(n))
    )
    drawn = draw(villages, LOTTERY, method="pairs", match_on=["x", "y"])
    assert total_of_pairs(drawn.assignment, distances) == pytest.approx(best)


def test_many_villages_in_few_places_are_paired():
    """200 villages in 9 places, which a solver alone does not finish."""
    rng = np.random.default_rng(0)
    villages = some_villages(200).assign(x=rng.integers(0, 3, 200), y=rng.integers(0, 3, 200))
    drawn = draw(villages, LOTTERY, method="pairs", match_on=["x", "y"])
    rows = drawn.assignment.merge(villages, on="village_code")
    assert (rows.groupby("stratum").size() == 2).all()
    assert (rows.groupby("stratum")[["x", "y"]].std() > 0).any(axis=1).sum() <= 4


def test_each_pair_is_split_and_the_odd_village_is_a_misfit():
    drawn = draw(some_villages(41), LOTTERY, method="pairs", match_on=["population", "distance_km"])
    counts = pd.crosstab(drawn.assignment["stratum"], drawn.assignment["arm"])
    assert (counts.sum(axis=1) == 2).sum() == 20
    assert (counts[counts.sum(axis=1) == 2] == 1).all(axis=None)
    assert drawn.assignment["is_misfit"].sum() == 1


def test_equally_close_pairs_verify_in_whichever_order_they_were_found():
    villages = pd.DataFrame({"village_code": list("abcd"), "x": [1, 1, 1, 2]})
    drawn = draw(villages, LOTTERY, method="pairs", match_on=["x"])
    seed, pairs = drawn.seed, [["a", "d"], ["b", "c"]]
    first = {min(pair, key=lambda code: sha256(f"{seed}:{code}")) for pair in pairs}
    other = pd.DataFrame(
        {
            "village_code": list("abcd"),
            "stratum": ["1", "2", "2", "1"],
            "arm": ["treatment" if code in first else "control" for code in "abcd"],
        }
    )
    assert verify_draw(other, villages, LOTTERY, method="pairs", match_on=["x"]).assignment[
        "arm"
    ].tolist() == (other["arm"].tolist())
    far = villages.assign(x=[1, 1, 5, 5])
    with pytest.raises(BadInput, match="published in stratum"):
        verify_draw(other, far, LOTTERY, method="pairs", match_on=["x"])


@pytest.mark.parametrize("n", [80, pytest.param(200, marks=pytest.mark.slow)])
def test_many_villages_are_paired_closer_than_each_with_its_nearest(n):
    villages = some_villages(n)
    drawn = draw(villages, LOTTERY, method="pairs", match_on=["population", "distance_km"])
    distances = mahalanobis(villages, ["population", "distance_km"])
    greedy, left = 0.0, set(range(n))
    while left:
        i = min(left)
        j = min(left - {i}, key=lambda other: distances[i, other])
        greedy, left = greedy + distances[i, j], left - {i, j}
    assert total_of_pairs(drawn.assignment, distances) < greedy


def test_blocks_hold_neighbours():
    villages = some_villages(24)
    drawn = draw(villages, LOTTERY, method="blocks", match_on=["population"], block_size=4)
    rows = drawn.assignment.merge(villages, on="village_code")
    ranges = rows.groupby(rows["stratum"].astype(int))["population"].agg(["min", "max"])
    assert (ranges["min"].iloc[1:].to_numpy() >= ranges["max"].iloc[:-1].to_numpy()).all()
    assert (rows.groupby("stratum")["arm"].value_counts() == 2).all()


VILLAGES = some_villages(12, strata=3)


@pytest.mark.parametrize(
    ("villages", "rules", "told"),
    [
        (pd.concat([VILLAGES, VILLAGES[:1]]), {}, "village_code: given twice: 32.16.01.2001"),
        (VILLAGES.assign(village_code=range(12)), {}, "not a code as text"),
        (VILLAGES.assign(village_code=[None] * 12), {}, "not a code as text"),
        (VILLAGES.drop(columns="village_code"), {}, "there is no column 'village_code'"),
        (VILLAGES, {"strata": ["province"]}, "there is no column 'province'"),
        (VILLAGES.assign(kecamatan=["a", None] * 6), {"strata": ["kecamatan"]}, "missing in 6 villages"),
        (
            VILLAGES.assign(x=["a · b", "a"] * 6, y=["c", "b · c"] * 6),
            {"strata": ["x", "y"]},
            "different strata have one name: a · b · c",
        ),
        (VILLAGES, {"arms": {"treatment": 1}}, "arms: 1 given"),
        (VILLAGES, {"arms": {"treatment": 1, "control": 0}}, "an arm is not empty"),
        (VILLAGES[:2], {"arms": THIRD}, "an arm may stay empty"),
        (VILLAGES, {"method": "coin"}, "Known are: strata, blocks, pairs."),
        (VILLAGES, {"method": "pairs"}, "pairs need it"),
        (VILLAGES, {"method": "pairs", "match_on": ["population"], "arms": THIRD}, "one part each"),
        (VILLAGES, {"method": "pairs", "match_on": ["kecamatan"]}, "it is not numbers"),
        (VILLAGES.assign(x=1.0), {"method": "pairs", "match_on": ["x"]}, "the same in all villages"),
        (VILLAGES.assign(x=[np.inf, *range(11)]), {"method": "pairs", "match_on": ["x"]}, "infinite"),
        (VILLAGES, {"method": "blocks", "match_on": ["population"], "block_size": 3}, "a multiple of 2"),
        (VILLAGES, {"block_size": 2}, "strata do not use it"),
        (some_villages(401), {"method": "pairs", "match_on": ["population"]}, "exactly up to 400"),
    ],
)
def test_what_cannot_be_drawn_is_refused(villages, rules, told):
    with pytest.raises(BadInput) as caught:
        draw(villages, LOTTERY, **rules)
    assert told in str(caught.value)


def test_an_empty_text_is_no_lot_and_everything_wrong_is_told_at_once():
    with pytest.raises(BadInput) as caught:
        draw(VILLAGES, " ", arms={"a": 1}, strata=["province"])
    assert len(caught.value.problems) == 3


def test_the_ceremony_is_told_in_indonesian():
    drawn = draw(VILLAGES, LOTTERY, strata=["kecamatan"], made=True)
    told = drawn.in_words("id")
    assert drawn.seed in told
    assert "Masuk kelompok perlakuan, 6 desa: 32.16.01." in told
    assert "Siapa pun dapat mengulang undian ini" in told
    assert "dari setiap 2 desa: 1 ke kelompok perlakuan, 1 ke kelompok kontrol" in told
    assert told.startswith("Data buatan")
    assert "lot is drawn from this public text" in drawn.in_words("en")
    for method in ("pairs", "blocks"):
        size = 4 if method == "blocks" else None
        other = draw(VILLAGES, LOTTERY, method=method, match_on=["population"], block_size=size)
        assert "population" in other.in_words("id")


def test_the_table_and_the_picture_show_every_village():
    drawn = draw(VILLAGES, LOTTERY, strata=["kecamatan"])
    table = drawn.table("en")
    assert table["Village code"].tolist() == VILLAGES["village_code"].tolist()
    assert set(table["Arm"]) == {"treatment arm", "control arm"}
    axes = drawn.plot("id").axes[0]
    assert sum(bar.get_width() for bar in axes.patches) == 12
