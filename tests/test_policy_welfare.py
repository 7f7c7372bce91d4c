"""Survey estimates: published figures, a second implementation, hand algebra, then bad inputs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pk_research.errors import BadInput
from pk_research.policy.welfare import mean, quantile, ratio, share, survey_design, total

ALL = "(all)"

# The examples of SAS/STAT's chapter on PROC SURVEYMEANS: grade (and study group), weekly spending.
STUDENTS = (
    "7 7 7 7 8 12 9 10 7 1 7 10 7 3 8 20 8 19 7 2 7 2 9 15 8 16 7 6 7 6 7 6 9 15 8 17 8 14 9 8"
    " 9 8 9 7 7 3 7 12 7 4 9 14 8 18 9 9 7 2 7 1 7 4 7 11 9 8 8 10 8 13 7 2 9 6 9 11 7 2 7 9"
)
STUDY_GROUPS = (
    "7 34 7 7 34 7 7 412 4 9 27 14 7 34 2 9 230 15 9 27 15 7 501 2 9 230 8 9 230 7 7 501 3 8 59 20"
    " 7 403 4 7 403 11 8 59 13 8 59 17 8 143 12 8 143 16 8 59 18 9 235 9 8 143 10 9 312 8 9 235 6"
    " 9 235 11 9 312 10 7 321 6 8 156 19 8 156 14 7 321 3 7 321 12 7 489 2 7 489 9 7 78 1 7 78 10"
    " 7 489 2 7 156 1 7 78 6 7 412 6 7 156 2 9 301 8"
)


def rows_of(text, columns):
    numbers = np.array(text.split(), int).reshape(-1, len(columns))
    return pd.DataFrame(numbers, columns=columns)


def students():
    frame = rows_of(STUDENTS, ["grade", "spending"])
    frame["in_grade"] = frame["grade"].map({7: 1824, 8: 1025, 9: 1151})
    frame["w"] = frame["in_grade"] / frame.groupby("grade")["grade"].transform("size")
    return frame.assign(one=1, school=4000)


def drawn_villages(seed, *, n_strata=4, n_psus=5, most=6):
    """A random stratified cluster sample with uneven clusters and weights."""
    rng = np.random.default_rng(seed)
    rows = []
    for stratum in range(n_strata):
        for psu in range(n_psus + stratum):
            here = rng.normal(scale=0.4)
            rows += [
                (f"s{stratum}", f"s{stratum}-{psu}", rng.uniform(1, 4), rng.normal() + here)
                for _ in range(rng.integers(2, most))
            ]
    frame = pd.DataFrame(rows, columns=["stratum", "psu", "w", "z"])
    frame["income"] = np.exp(13.5 + 0.6 * frame["z"])
    frame["heads"] = rng.integers(1, 7, len(frame))
    frame["type"] = rng.choice(["coast", "farm", "town"], len(frame))
    frame["drawn_from"] = frame["stratum"].map({f"s{n}": 12 + 3 * n for n in range(n_strata)})
    return frame


def clustered(frame, **options):
    return survey_design(frame, weights="w", strata="stratum", clusters="psu", **options)


@pytest.mark.parametrize(
    ("design", "published_mean", "published_se"),
    [
        ({"weights": "one", "population": "school"}, 8.75, 0.845139),
        ({"weights": "w", "strata": "grade", "population": "in_grade"}, 9.141298, 0.531799),
    ],
)
def test_students_as_in_the_sas_manual(design, published_mean, published_se):
    found = mean(survey_design(students(), **design), "spending")
    assert (found.value, found.se) == (
        pytest.approx(published_mean, abs=5e-7),
        pytest.approx(published_se, abs=5e-7),
    )


def test_study_groups_as_in_the_sas_manual():
    frame = rows_of(STUDY_GROUPS, ["grade", "group", "spending"])
    frame["groups"] = frame["grade"].map({7: 608, 8: 252, 9: 403})
    frame["w"] = frame["groups"] / frame["grade"].map({7: 8, 8: 3, 9: 5})
    design = survey_design(
        frame, weights="w", strata="grade", clusters="group", population="groups", renumber=True
    )
    found = mean(design, "spending").frame.loc[ALL]
    assert found[["rows", "psus", "df"]].tolist() == [40, 16, 13]
    published = [8.923860, 0.650859, 7.51776370, 10.3299565]
    assert found[["estimate", "se", "low", "high"]].tolist() == pytest.approx(published, abs=5e-7)


@pytest.fixture(scope="module")
def nhanes():
    datasets = pytest.importorskip("samplics.datasets", reason="the data comes with samplics")
    return datasets.load_nhanes2()["data"]


def test_zinc_as_in_the_stata_manual_where_missing_rows_keep_the_design(nhanes):
    design = survey_design(nhanes, weights="finalwgt", strata="stratid", clusters="psuid", renumber=True)
    found = mean(design, "zinc", missing="domain")
    row = found.frame.loc[ALL]
    assert row[["rows", "psus", "df"]].tolist() == [9189, 62, 31]
    assert row[["estimate", "low", "high"]].tolist() == pytest.approx(
        [87.18207, 86.17356, 88.19057], abs=5e-6
    )
    assert row["se"] == pytest.approx(0.4944827, abs=5e-8)
    assert found.rows.n_missing == len(nhanes) - 9189


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("statistic", ["total", "mean", "ratio"])
@pytest.mark.parametrize("has_fpc", [False, True])
def test_samplics_agrees_on_random_designs(seed, statistic, has_fpc):
    estimation = pytest.importorskip("samplics.estimation", reason="samplics is the second implementation")
    from samplics.utils.types import PopParam

    frame = drawn_villages(seed)
    design = clustered(frame, population="drawn_from" if has_fpc else None)
    ours = {
        "total": lambda: total(design, "income"),
        "mean": lambda: mean(design, "income"),
        "ratio": lambda: ratio(design, "income", "heads"),
    }[statistic]()
    drawn = frame.groupby("stratum")["psu"].nunique()
    kept = (1 - drawn / frame.groupby("stratum")["drawn_from"].first()).to_dict()
    theirs = estimation.TaylorEstimator(PopParam(statistic.title()))
    theirs.estimate(
        frame["income"],
        samp_weight=frame["w"],
        x=frame["heads"] if statistic == "ratio" else None,
        stratum=frame["stratum"],
        psu=frame["psu"],
        fpc=kept if has_fpc else 1.0,
    )
    assert ours.value == pytest.approx(float(theirs.point_est), rel=1e-12)
    assert ours.se == pytest.approx(float(theirs.stderror), rel=1e-10)


@pytest.mark.parametrize("seed", range(3))
def test_samplics_agrees_on_proportions_and_domains(seed):
    estimation = pytest.importorskip("samplics.estimation", reason="samplics is the second implementation")
    from samplics.utils.types import PopParam

    frame = drawn_villages(seed)
    drawn = {"samp_weight": frame["w"], "stratum": frame["stratum"], "psu": frame["psu"]}
    theirs = estimation.TaylorEstimator(PopParam.prop)
    theirs.estimate(frame["type"], **drawn)
    for name in ("coast", "farm", "town"):
        ours = share(clustered(frame), "type", name)
        assert ours.value == pytest.approx(theirs.point_est[name], rel=1e-12)
        assert ours.se == pytest.approx(theirs.stderror[name], rel=1e-10)
    theirs = estimation.TaylorEstimator(PopParam.mean)
    theirs.estimate(frame["income"], domain=frame["type"], **drawn)
    ours = mean(clustered(frame), "income", by="type").frame
    for name in ("coast", "farm", "town"):
        assert ours.loc[name, "estimate"] == pytest.approx(theirs.point_est[name], rel=1e-12)
        assert ours.loc[name, "se"] == pytest.approx(theirs.stderror[name], rel=1e-10)


def test_a_group_is_a_domain_and_not_a_survey_of_its_own():
    frame = drawn_villages(1)
    inside = mean(clustered(frame), "income", by="type").frame.loc["farm"]
    as_missing = frame.assign(income=frame["income"].where(frame["type"] == "farm"))
    assert mean(clustered(as_missing), "income", missing="domain").se == pytest.approx(inside["se"])
    alone = frame[frame["type"] == "farm"]
    assert mean(clustered(alone, single="centred"), "income").se != pytest.approx(inside["se"], rel=1e-6)


def test_two_strata_by_hand():
    frame = pd.DataFrame({"w": [2.0, 2, 3, 3], "stratum": list("aabb"), "psu": range(4), "x": [1.0, 3, 2, 6]})
    # Totals by PSU: 2 6 | 6 18; n/(n-1) times squares about the stratum means: 2 (4 + 4) + 2 (36 + 36).
    assert total(clustered(frame), "x").se ** 2 == pytest.approx(2 * 8 + 2 * 72)


def test_design_effect_is_one_for_rows_drawn_one_by_one_and_the_size_of_identical_clusters():
    x = np.random.default_rng(3).normal(size=40)
    singly = survey_design(pd.DataFrame({"w": 1, "x": x}), weights="w")
    assert mean(singly, "x").frame.loc[ALL, "deff"] == pytest.approx(1)
    rows = pd.DataFrame({"w": 1, "psu": np.repeat(range(40), 5), "x": np.repeat(x, 5)})
    together = mean(survey_design(rows, weights="w", clusters="psu"), "x").frame.loc[ALL, "deff"]
    assert together == pytest.approx(5 * 199 / 195)


def test_single_psu_strata_do_what_was_declared():
    frame = drawn_villages(2)
    frame = frame[(frame["stratum"] != "s0") | (frame["psu"] == "s0-0")]
    with pytest.raises(BadInput, match=r"1 strata have a single PSU.*s0"):
        clustered(frame)
    centred, certain = (mean(clustered(frame, single=name), "income").se for name in ("centred", "certainty"))
    others = frame[frame["stratum"] != "s0"]
    design, scores = clustered(frame, single="certainty"), np.zeros(len(frame))
    kept = (frame["stratum"] != "s0").to_numpy()
    scores[kept] = others["income"]
    assert design.variance(scores) == pytest.approx(clustered(others).variance(others["income"].to_numpy()))
    assert centred > certain


def test_a_census_of_psus_has_no_sampling_doubt():
    frame = drawn_villages(5).assign(drawn_from=lambda f: f.groupby("stratum")["psu"].transform("nunique"))
    assert mean(clustered(frame, population="drawn_from"), "income").se == 0


def test_median_and_its_woodruff_interval():
    frame = pd.DataFrame({"w": 1, "x": np.arange(1, 102)})
    found = quantile(survey_design(frame, weights="w"), "x").frame.loc[ALL]
    # p = 0.5 plus and minus 1.984 sqrt(0.25 / 100): the values at shares 0.40 and 0.60.
    assert found[["estimate", "low", "high"]].tolist() == [51, 41, 61]


def test_where_no_row_differs_the_doubt_is_not_known():
    frame = pd.DataFrame({"w": 1, "psu": range(6), "x": [1, 1, 1, 1, 2, 3], "type": list("aaabbb")})
    found = mean(survey_design(frame, weights="w", clusters="psu"), "x", by="type").frame
    assert np.isnan(found.loc["a", "se"])
    assert found.loc["b", "se"] > 0


GOOD = pd.DataFrame(
    {
        "w": [1.0, 1, 2, 2],
        "stratum": list("aabb"),
        "psu": [1, 2, 3, 4],
        "x": [1.0, 2, np.nan, 4],
        "name": list("pqrs"),
        "n": [9, 9, 8, 7],
    }
)


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        ({"w": [1, 0, -1, 1]}, {}, "2 are not above 0"),
        ({"w": [1, np.nan, 1, 1]}, {}, "1 of 4 rows have no value"),
        ({"w": list("1234")}, {}, "they are not numbers"),
        ({"stratum": ["a", None, "b", "b"]}, {}, "1 of 4 rows have no value"),
        ({"psu": [1, 2, 1, 2]}, {}, "2 PSUs lie in more than one stratum: 1, 2"),
        ({"stratum": list("aaab")}, {}, "1 strata have a single PSU, .* b"),
        ({}, {"population": "n"}, "it varies within b"),
        ({"n": [9, 9, 1, 1]}, {"population": "n"}, "below the PSUs drawn in b"),
        ({}, {"population": "gone"}, "population, gone: there is no such column"),
        ({}, {"single": "ignore"}, "it is 'ignore'"),
    ],
)
def test_designs_that_are_refused(change, options, said):
    with pytest.raises(BadInput, match=said):
        clustered(GOOD.assign(**change), **options)


def test_an_empty_table_is_refused():
    with pytest.raises(BadInput, match="it has no rows"):
        clustered(GOOD.iloc[:0])


@pytest.mark.parametrize(
    ("estimate", "said"),
    [
        (lambda d: mean(d, "x"), "1 of 4 rows have no value"),
        (lambda d: mean(d, "gone"), "there is no such column"),
        (lambda d: mean(d, "name"), "it is not numeric"),
        (lambda d: mean(d, "w", level=95), "it is 95"),
        (lambda d: mean(d, "w", unit="euro"), "it is 'euro'"),
        (lambda d: mean(d, "w", missing="drop"), "it is 'drop'"),
        (lambda d: quantile(d, "w", 50), "it is 50"),
        (lambda d: share(d, "name", "z"), "no row of name has it"),
    ],
)
def test_estimates_that_are_refused(estimate, said):
    with pytest.raises(BadInput, match=said):
        estimate(clustered(GOOD))


def test_infinite_values_are_refused():
    with pytest.raises(BadInput, match="1 rows are infinite"):
        mean(clustered(GOOD.assign(x=[1, 2, np.inf, 4])), "x")


@pytest.mark.parametrize("names", [[1, 1, "1", "1"], ["(all)", "b", "b", "b"]])
def test_groups_called_alike_are_refused(names):
    frame = GOOD.assign(type=pd.Series(names, dtype=object))
    with pytest.raises(BadInput, match="called alike"):
        mean(clustered(frame), "w", by="type")


@pytest.mark.parametrize("dtype", ["float64", "Float64", "Int64"])
def test_missing_values_of_any_kind_are_counted(dtype):
    frame = GOOD.assign(x=GOOD["x"].astype(dtype), type=pd.Series(["p", None, "p", "q"], dtype="string"))
    found = mean(clustered(frame), "x", by="type", missing="domain")
    assert found.rows.n_missing == 2
    assert found.frame["rows"].to_dict() == {ALL: 2, "p": 1, "q": 1}
