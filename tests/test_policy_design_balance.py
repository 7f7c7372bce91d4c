"""Are the arms alike: by hand, by a second library, and by lots drawn anew."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pyfixest
import pytest
import statsmodels.formula.api as smf

from pk_research.errors import BadInput
from pk_research.policy.design import balance, draw

SMALL = pd.DataFrame(
    {
        "treated": [1, 1, 1, 1, 0, 0, 0, 0],
        "village": ["a", "a", "b", "b", "c", "c", "d", "d"],
        "x": [2.0, 4.0, 6.0, 8.0, 1.0, 3.0, 5.0, 7.0],
        "w": [1.0, 1.0, 2.0, 0.0, 1.0, 1.0, 1.0, 1.0],
    }
)


def households(n_villages=30, size=8, seed=0):
    rng = np.random.default_rng(seed)
    village = np.repeat(np.arange(n_villages), size)
    treated = rng.permutation(np.arange(n_villages) % 2)
    own = rng.normal(size=n_villages)
    n = len(village)
    return pd.DataFrame(
        {
            "village": village,
            "kecamatan": village % 3,
            "treated": treated[village],
            "age": 40 + 5 * own[village] + rng.normal(0, 8, n),
            "land": rng.gamma(2, 1, n) + 0.3 * own[village],
            "is_poor": rng.integers(0, 2, n),
            "weight": rng.uniform(0.5, 2, n),
        }
    )


def test_the_algebra_is_worked_out_by_hand():
    """Means 5 and 4, both variances 20/3: difference 1, over root 20/3."""
    (row,) = balance(SMALL, "treated", ["x"], draws=19).rows.to_dict("records")
    assert (row["mean_treated"], row["mean_control"], row["difference"]) == (5, 4, 1)
    assert row["normalised_difference"] == pytest.approx(1 / np.sqrt(20 / 3))
    assert row["variance_ratio"] == pytest.approx(1)
    assert np.isnan(row["normalised_before"])


def test_weights_change_the_means_and_not_the_scale():
    """Weighted mean (2 + 4 + 2 * 6) / 4 = 4.5; the scale stays root 20/3 (Imbens and Rubin)."""
    (row,) = balance(SMALL, "treated", ["x"], weights="w", joint=False).rows.to_dict("records")
    assert row["mean_treated"] == pytest.approx(4.5)
    assert row["normalised_difference"] == pytest.approx(0.5 / np.sqrt(20 / 3))
    assert row["normalised_before"] == pytest.approx(1 / np.sqrt(20 / 3))
    weighted = (1 * 2.5**2 + 1 * 0.5**2 + 2 * 1.5**2) * 4 / (16 - 6)
    assert row["variance_ratio"] == pytest.approx(weighted / (20 / 3))


def test_equal_weights_are_none():
    frame = households().assign(one=2.5)
    plain, weighted = (balance(frame, "treated", ["age"], weights=w, joint=False).rows for w in (None, "one"))
    for column in ("difference", "normalised_difference", "variance_ratio", "p_value"):
        assert weighted[column].iloc[0] == pytest.approx(plain[column].iloc[0])
    assert weighted["normalised_before"].iloc[0] == pytest.approx(plain["normalised_difference"].iloc[0])


@pytest.mark.parametrize("weights", [None, "weight"])
@pytest.mark.parametrize("strata", [None, "kecamatan"])
def test_p_values_agree_with_pyfixest(weights, strata):
    frame = households()
    found = balance(
        frame, "treated", ["age", "land"], clusters="village", strata=strata, weights=weights, joint=False
    )
    for name, p_value in found.rows[["variable", "p_value"]].itertuples(index=False):
        formula = f"{name} ~ treated" + (" + C(kecamatan)" if strata else "")
        theirs = pyfixest.feols(formula, frame, vcov={"CRV1": "village"}, weights=weights)
        assert p_value == pytest.approx(theirs.pvalue()["treated"], rel=1e-6)


def test_without_clusters_each_row_stands_by_itself():
    frame = households()
    found = balance(frame, "treated", ["age"], joint=False).rows["p_value"].iloc[0]
    theirs = smf.ols("age ~ treated", frame).fit(cov_type="HC1", use_t=True)
    assert found == pytest.approx(theirs.pvalues["treated"], rel=1e-3), "degrees of freedom n - 1 for n - 2"


def test_the_joint_test_agrees_with_hand_algebra_and_statsmodels():
    frame = households()
    joint = balance(frame, "treated", ["age", "land", "is_poor"], clusters="village", draws=9).joint
    x = np.column_stack([np.ones(len(frame)), frame[["age", "land", "is_poor"]]])
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ x.T @ frame["treated"]
    scores = (
        pd.DataFrame(x * (frame["treated"] - x @ beta).to_numpy()[:, None]).groupby(frame["village"]).sum()
    )
    n, k, g = len(frame), 4, 30
    covariance = g / (g - 1) * (n - 1) / (n - k) * bread @ (scores.T @ scores).to_numpy() @ bread
    wald = beta[1:] @ np.linalg.inv(covariance[1:, 1:]) @ beta[1:] / 3
    assert joint.f == pytest.approx(wald)
    assert (joint.df_between, joint.df_within, joint.n_rows) == (3, 29, 240)
    groups = {"groups": frame["village"]}
    fit = smf.ols("treated ~ age + land + is_poor", frame).fit(
        cov_type="cluster", cov_kwds=groups, use_t=True
    )
    theirs = fit.f_test("age = land = is_poor = 0")
    assert joint.p_value == pytest.approx(float(theirs.pvalue))


def test_lots_drawn_anew_agree_with_all_lots():
    """8 rows, 4 treated: all 70 lots, by the square of the difference of means."""
    x = np.array([3.0, 9.0, 4.0, 7.0, 1.0, 2.0, 6.0, 0.0])
    found = abs(x[:4].mean() - x[4:].mean())
    lots = [abs(x[list(rows)].mean() - np.delete(x, rows).mean()) for rows in combinations(range(8), 4)]
    exact = np.mean(np.array(lots) >= found - 1e-12)
    frame = pd.DataFrame({"treated": [1] * 4 + [0] * 4, "x": x})
    joint = balance(frame, "treated", ["x"], draws=4999).joint
    assert joint.p_lot == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 4999) + 1 / 5000)


def test_lots_are_drawn_by_cluster_within_strata():
    """4 villages in 2 strata: 4 lots, of which the true one and its mirror tell the arms apart most."""
    frame = pd.DataFrame(
        {
            "village": np.repeat(list("abcd"), 6),
            "kecamatan": np.repeat([1, 1, 2, 2], 6),
            "treated": np.repeat([1, 0, 1, 0], 6),
            "x": np.repeat([9.0, 1.0, 8.0, 2.0], 6) + np.tile([-1, 0, 1, -2, 0, 2], 4),
        }
    )
    joint = balance(frame, "treated", ["x"], clusters="village", strata="kecamatan", draws=1999).joint
    assert joint.p_lot == pytest.approx(0.5, abs=0.05)


def test_the_joint_p_values_are_uniform_when_the_lot_is_honest():
    p_values = [
        balance(
            households(16, 4, seed), "treated", ["age", "land"], clusters="village", draws=99, seed=seed
        ).joint
        for seed in range(80)
    ]
    rare = np.mean([joint.p_lot <= 0.1 for joint in p_values])
    assert abs(rare - 0.1) < 4 * np.sqrt(0.09 / 80)


def test_a_broken_lot_is_found():
    frame = households()
    frame["land"] += 2 * frame["treated"]
    found = balance(frame, "treated", ["age", "land"], clusters="village", draws=199)
    assert found.joint.p_lot == pytest.approx(1 / 200)
    assert "more than chance would" in found.in_words("en")
    assert "land" in found.in_words("id")


def test_the_same_seed_gives_the_same_figures():
    frame = households()
    first, second = (
        balance(frame, "treated", ["age"], clusters="village", draws=49, seed=3) for _ in range(2)
    )
    assert first.joint == second.joint


def test_missing_values_are_counted_and_told():
    frame = households()
    frame.loc[frame.index[:5], "age"] = np.nan
    found = balance(frame, "treated", ["age", "land"], clusters="village", draws=9)
    row = found.rows.set_index("variable").loc["age"]
    assert row["missing_treated"] + row["missing_control"] == 5
    assert row["n_treated"] + row["n_control"] == 235
    assert found.joint.n_rows == 235
    assert "Missing values, left out of their own variable: age 5." in found.in_words("en")
    assert "235 of 240 rows" in found.in_words("en")


def test_missing_values_of_a_nullable_column_are_missing():
    frame = SMALL.assign(x=pd.array([2, None, 6, 8, 1, 3, 5, 7], dtype="Int64"))
    (row,) = balance(frame, "treated", ["x"], joint=False).rows.to_dict("records")
    assert (row["n_treated"], row["missing_treated"]) == (3, 1)


def test_an_arm_of_one_cluster_has_no_p_value_and_a_note():
    frame = SMALL.assign(village=["a"] * 4 + ["c", "c", "d", "d"])
    found = balance(frame, "treated", ["x"], clusters="village", joint=False)
    assert np.isnan(found.rows["p_value"].iloc[0])
    assert "An arm is a single cluster" in found.in_words("en")


def test_with_weights_or_mixed_clusters_no_lot_is_drawn_anew():
    weighted = balance(households(), "treated", ["age"], clusters="village", weights="weight", draws=9)
    assert np.isnan(weighted.joint.p_lot)
    assert "the lot is not drawn anew" in weighted.in_words("en")
    mixed = households().assign(treated=lambda f: np.arange(len(f)) % 2)
    found = balance(mixed, "treated", ["age"], clusters="village", draws=9)
    assert np.isnan(found.joint.p_lot)
    assert "differs within clusters" in found.in_words("en")


def test_a_drawn_assignment_goes_straight_in():
    rng = np.random.default_rng(0)
    villages = pd.DataFrame(
        {
            "village_code": [f"v{i:02}" for i in range(40)],
            "kecamatan": list("abcd") * 10,
            "x": rng.normal(size=40),
        }
    )
    drawn = draw(villages, "text of the day", method="pairs", match_on=["x"]).assignment
    frame = villages.merge(drawn, on="village_code").assign(treated=lambda f: f["arm"] == "treatment")
    found = balance(frame, "treated", ["x"], strata="stratum", draws=99)
    assert abs(found.rows["normalised_difference"].iloc[0]) < 0.1


HOUSEHOLDS = households()


@pytest.mark.parametrize(
    ("change", "options", "told"),
    [
        ({"treated": 1}, {}, "240 rows are treated and 0 are not"),
        ({"treated": np.nan}, {}, "the treatment is missing in 240 rows"),
        ({"treated": 2}, {}, "the treatment has the values 2"),
        ({"treated": "yes"}, {}, "the treatment has the values yes"),
        ({"age": "old"}, {}, "age: it is not numbers"),
        ({"age": 40.0}, {}, "age: it is the same in all rows"),
        ({"age": np.nan}, {}, "age: an arm has fewer than two known values"),
        ({"age": np.inf}, {}, "age: 240 values are infinite"),
        ({"land": HOUSEHOLDS["age"] * 2}, {}, "land: it follows from the strata and the variables before"),
        ({}, {"covariates": ["age", "age"]}, "named twice: age"),
        ({}, {"covariates": ["treated", "age"]}, "'treated' is the treatment"),
        ({}, {"covariates": []}, "there is none"),
        ({}, {"covariates": ["income"]}, "there is no column 'income'"),
        ({"village": [None, *HOUSEHOLDS["village"][1:]]}, {}, "village: it is missing in 1 rows"),
        ({"weight": -1.0}, {"weights": "weight"}, "240 weights are missing, infinite or below zero"),
        ({"weight": 0.0}, {"weights": "weight"}, "fewer than two weights above zero"),
        ({}, {"draws": 0}, "draws: it is 0"),
    ],
)
def test_what_cannot_be_compared_is_refused(change, options, told):
    given = {"covariates": ["age", "land"], "clusters": "village"} | options
    with pytest.raises(BadInput) as caught:
        balance(HOUSEHOLDS.assign(**change), "treated", **given)
    assert told in str(caught.value)


def test_more_variables_than_villages_are_refused_and_the_table_remains():
    rng = np.random.default_rng(0)
    names = [f"x{i}" for i in range(12)]
    frame = pd.DataFrame(rng.normal(size=(12, 12)), columns=names).assign(treated=[0, 1] * 6)
    with pytest.raises(BadInput, match="too many for the joint test: 12 for 12 clusters or rows in 1 strata"):
        balance(frame, "treated", names)
    assert len(balance(frame, "treated", names, joint=False).rows) == 12


def test_everything_wrong_is_told_at_once():
    with pytest.raises(BadInput) as caught:
        balance(HOUSEHOLDS.assign(age="old", land=1.0), "treated", ["age", "land"], draws=0)
    assert len(caught.value.problems) == 3


def test_the_table_and_the_love_plot():
    found = balance(
        HOUSEHOLDS,
        "treated",
        ["age", "land", "is_poor"],
        clusters="village",
        weights="weight",
        draws=9,
        made=True,
    )
    table = found.table("id")
    assert list(table["Variabel"]) == ["age", "land", "is_poor"]
    assert "Selisih ternormalisasi sebelum pembobotan" in table.columns
    assert table["Catatan"].str.startswith("Data buatan").all()
    axes = found.plot("id").axes[0]
    assert [marks.get_label() for marks in axes.collections] == ["sebelum pembobotan", "sesudah pembobotan"]
    before = axes.collections[0].get_offsets()[:, 0]
    assert (np.abs(before)[:-1] >= np.abs(before)[1:]).all(), "the largest first"
    plain = balance(HOUSEHOLDS, "treated", ["age"], clusters="village", joint=False)
    assert "Normalised difference before weighting" not in plain.table("en").columns
    assert len(plain.plot("en").axes[0].collections) == 1
