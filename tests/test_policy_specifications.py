"""Every defensible way to ask: the curve against a literal loop, its failures, its lot, its picture."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from pk_research.errors import BadInput
from pk_research.language import LANGUAGES, Message
from pk_research.policy.effects.cross_section import adjusted_effect, difference_in_means, read_study
from pk_research.policy.inference.lots import lots
from pk_research.policy.specifications import specification_curve

INCOME = Message("income")
COVARIATES = {"none": [], "roads": ["roads"], "roads and size": ["roads", "size"]}


def large(rows):
    return rows["size"] > -1


def logarithm(rows):
    return np.log(rows["income"])


def weighted(study):
    return adjusted_effect(study, outcome=INCOME)


def plain(study):
    return difference_in_means(study, outcome=INCOME)


def villages(effect=1.0, n=60, seed=0):
    rng = np.random.default_rng(seed)
    roads, size = rng.normal(size=(2, n))
    has = rng.permutation(np.arange(n) % 2)
    income = 20 + effect * has + roads + 0.5 * size + rng.normal(size=n)
    return pd.DataFrame(
        {
            "village": np.arange(n),
            "income": income,
            "has": has,
            "roads": roads,
            "size": size,
            "block": np.arange(n) % 3,
            "kecamatan": np.arange(n) // 4,
        }
    )


def curve(frame, **options):
    options = {
        "treated": "has",
        "outcomes": {"income": "income", "logarithm": logarithm},
        "covariates": COVARIATES,
        "samples": {"all rows": None, "large": large},
        "outcome": INCOME,
        "n_draws": 25,
        "seed": 1,
    } | options
    return specification_curve(frame, **options)


def test_every_specification_is_what_a_literal_loop_gives():
    frame = villages()
    frame.loc[3, "size"] = np.nan
    found = curve(frame, n_draws=0)
    rows = []
    for outcome, covariates, sample in product(["income", "logarithm"], COVARIATES, ["all rows", "large"]):
        used = frame if sample == "all rows" else frame[frame["size"] > -1]
        used = used.assign(y=used["income"] if outcome == "income" else np.log(used["income"]))
        study = read_study(
            used, outcome="y", treated="has", covariates=COVARIATES[covariates], gaps="leave_out"
        )
        effect, spread = plain(study), study.outcome.std(ddof=1)
        rows.append(
            (outcome, covariates, sample, effect.estimate / spread, effect.interval[0] / spread,
             effect.p_value, len(study.outcome))
        )  # fmt: skip
    expected = sorted(rows, key=lambda row: row[3])
    shown = found.specifications
    assert list(zip(shown["outcome"], shown["covariates"], shown["sample"], strict=True)) == [
        row[:3] for row in expected
    ]
    for place, name in enumerate(("estimate", "low", "p_value", "n_rows"), start=3):
        assert shown[name].tolist() == pytest.approx([row[place] for row in expected], rel=1e-12)
    assert found.median == pytest.approx(np.median([row[3] for row in rows]))


def test_the_joint_inference_is_what_a_literal_loop_gives():
    frame = villages()
    found = curve(frame, outcomes={"income": "income"}, n_draws=30, seed=4)
    drawn, are_all = lots(frame["has"].to_numpy(), np.zeros(60, int), None, n_draws=30, seed=4)
    assert not are_all

    def statistics(has):
        estimates, p_values = [], []
        for names in COVARIATES.values():
            for used in (frame.assign(has=has), frame.assign(has=has)[frame["size"] > -1]):
                effect = plain(read_study(used, outcome="income", treated="has", covariates=names))
                estimates.append(effect.estimate)
                p_values.append(effect.p_value)
        b, p = np.array(estimates), np.array(p_values)
        share = max(np.mean((p < 0.05) & (b > 0)), np.mean((p < 0.05) & (b < 0)))
        z = norm.isf(p / 2) * np.sign(b)
        return np.median(b), share, z.sum() / np.sqrt(len(z))

    here = np.array(statistics(frame["has"].to_numpy()))
    there = np.array([statistics(lot) for lot in drawn])
    np.testing.assert_allclose(found.joint.draws.to_numpy(), there, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.joint.results["observed"], here, rtol=1e-9)
    beyond = (np.abs(there) >= np.abs(here) * (1 - 1e-10)).sum(axis=0)
    assert found.joint.results["p_value"].tolist() == ((1 + beyond) / 31).tolist()


def test_the_numbers_are_the_same_for_any_number_of_workers_and_order_of_rows():
    frame = villages()
    one = curve(frame, n_draws=12, n_jobs=1, unit_column="village")
    two = curve(frame.sample(frac=1, random_state=5), n_draws=12, n_jobs=2, unit_column="village")
    pd.testing.assert_frame_equal(one.specifications, two.specifications, check_exact=True)
    pd.testing.assert_frame_equal(one.joint.draws, two.joint.draws, check_exact=True)
    assert one.input_hash == two.input_hash


def test_specifications_that_fail_are_listed_with_their_error_and_never_dropped():
    frame = villages().assign(copy=lambda rows: 2 * rows["roads"])

    def broken(rows):
        return 1 / (rows["wealth"])

    found = curve(
        frame,
        outcomes={"income": "income", "wealth": broken},
        covariates={"none": [], "twice": ["roads", "copy"]},
        samples={"all rows": None, "with it": lambda rows: rows["has"] == 1},
        n_draws=5,
    )
    assert len(found.specifications) == 8
    assert len(found.done) == 1
    errors = dict(
        zip(
            zip(found.failed["outcome"], found.failed["covariates"], found.failed["sample"], strict=True),
            found.failed["error"],
            strict=True,
        )
    )
    assert errors["wealth", "none", "all rows"] == "KeyError: 'wealth'"
    assert errors["income", "twice", "all rows"] == (
        "column 'copy': it follows from the covariates before it. Leave it out."
    )
    assert "only 0 without the policy" in errors["income", "none", "with it"]
    assert found.table("en")["Error"].iloc[-1] != ""
    assert "Specifications that failed, 7: they are listed with their errors" in found.in_words("en")
    figure = found.plot("en")
    assert figure._supxlabel.get_text() == "Failed and not shown: 7"


def test_when_all_fail_the_reasons_are_told():
    with pytest.raises(BadInput) as caught:
        curve(villages(), samples={"none of them": lambda rows: rows["size"] > 99})
    assert len(caught.value.problems) == 6
    assert str(caught.value.problems[0]) == (
        "specification income, none, none of them, least squares: the table: it has no rows. Give the rows of"
        " the study. Mend or leave it out."
    )


def test_few_units_are_dealt_in_every_way_and_clusters_as_a_whole():
    frame = villages(n=8)
    found = curve(frame, outcomes={"income": "income"}, covariates={"none": []}, samples=None, n_draws=100)
    assert found.joint.are_all
    assert len(found.joint.draws) == 70
    assert found.joint.results["p_value_error"].tolist() == [0, 0, 0]
    whole = villages().assign(has=lambda rows: rows["kecamatan"] % 2)
    found = curve(whole, cluster="kecamatan", strata=None, n_draws=10)
    assert len(found.done) == 12
    with pytest.raises(BadInput, match="a cluster lies in two strata"):
        curve(villages(), cluster="kecamatan")


def test_strata_hold_the_number_with_the_policy_in_each():
    frame = villages().sort_values(["block", "has"], ignore_index=True)
    found = curve(frame, strata="block", n_draws=10)
    other = curve(frame, n_draws=10)
    assert not found.joint.draws.equals(other.joint.draws)


def test_a_median_in_other_units_is_not_taken_unless_asked_for():
    frame = villages()
    assert curve(frame, n_draws=0).scale == "standard_deviations"
    assert curve(frame, outcomes={"income": "income"}, n_draws=0).scale == "own"
    own = curve(frame, n_draws=0, scale="own").specifications
    scaled = curve(frame, n_draws=0).specifications
    assert sorted(own["estimate"] / own["spread"]) == pytest.approx(sorted(scaled["estimate"]))


def test_other_estimators_stand_beside_each_other():
    found = curve(
        villages(),
        covariates={"roads": ["roads"]},
        estimators={"least squares": plain, "doubly robust": weighted},
        n_draws=5,
    )
    assert sorted(set(found.done["estimator"])) == ["doubly robust", "least squares"]
    assert len(found.done) == 8


def test_faults_are_told_at_once():
    with pytest.raises(BadInput) as caught:
        curve(villages(), treated="had", outcomes={"a": "wealth"}, covariates={})
    assert [problem.where for problem in caught.value.problems] == [
        "column 'had'",
        "column 'wealth'",
        "covariates",
    ]
    with pytest.raises(BadInput) as caught:
        curve(villages(), alpha=2, scale="none", n_draws=-1)
    assert [problem.where for problem in caught.value.problems] == ["alpha", "scale", "n_draws"]
    with pytest.raises(BadInput, match=r"their intervals have the levels \[0\.9, 0\.95\]"):
        curve(
            villages(),
            estimators={
                "a": plain,
                "b": lambda study: difference_in_means(study, outcome=INCOME, level=0.9),
            },
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_told_and_drawn_in_both_languages_at_both_widths(language):
    frame = villages()
    frame.loc[0, "has"] = np.nan
    found = curve(frame, n_draws=5, made=True)
    words = found.in_words(language)
    assert words.startswith("Data buatan" if language == "id" else "Made data")
    assert "{" not in words
    assert ("1 baris disisihkan" if language == "id" else "Rows set aside, 1") in words
    for width in (360, 900):
        figure = found.plot(language, width_px=width)
        figure.draw_without_rendering()
        above, below = figure.axes
        assert above.get_position().height > 0.15
        # A heading for each kind with a choice, and its options: outcomes 2, covariates 3, samples 2.
        labels = below.get_yticklabels()
        assert len(labels) == 3 + 7
        assert min(label.get_window_extent().x0 for label in labels) >= 0
        boxes = [label.get_window_extent() for label in labels]
        assert all(upper.y0 >= lower.y1 - 1.5 for upper, lower in pairwise(boxes))
        assert below.get_position().width * width > 0.5 * width


@pytest.mark.slow
def test_without_an_effect_the_joint_test_rejects_as_seldom_as_it_says():
    """100 studies without any effect: at 10 % about 10 rejections, give or take 9 (three errors)."""
    p_values = [
        curve(
            villages(effect=0.0, seed=seed),
            outcomes={"income": "income"},
            covariates={"none": [], "roads": ["roads"]},
            n_draws=39,
            seed=seed,
        ).joint.results["p_value"]
        for seed in range(100)
    ]
    rejected = (pd.DataFrame(p_values) <= 0.1).sum()
    assert (rejected[["median", "stouffer"]].between(1, 19)).all()
    assert rejected["share_significant"] <= 19
