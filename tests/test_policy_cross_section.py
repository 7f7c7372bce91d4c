"""Units seen once, with and without a policy: published figures, second computations, and refusals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import causaldata
import numpy as np
import pandas as pd
import pytest
import rdrobust
import statsmodels
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from linearmodels.iv import IV2SLS
from statsmodels.treatment.treatment_effects import TreatmentEffect

from pk_research.errors import BadInput
from pk_research.language import LANGUAGES, Message
from pk_research.policy.effects.cross_section import (
    adjusted_effect,
    difference_in_means,
    effect_at_cutoff,
    effect_by_instrument,
    entropy_balanced_effect,
    matched_effect,
    nearest_pairs,
    read_study,
)

INCOME = Message("income")


@pytest.fixture(scope="module")
def experiment():
    return causaldata.nsw_mixtape.load_pandas().data


@pytest.fixture(scope="module")
def lalonde(shared):
    path = shared / "reference" / "policy" / "lalonde_matchit.tab"
    if not path.exists():
        pytest.skip("the LaLonde data of MatchIt is not here")
    frame = pd.read_csv(path, sep=r"\s+").reset_index(drop=True)
    frame["black"] = (frame["race"] == "black").astype(float)
    frame["hispan"] = (frame["race"] == "hispan").astype(float)
    return read_study(
        frame,
        outcome="re78",
        treated="treat",
        covariates=["age", "educ", "black", "hispan", "married", "nodegree", "re74", "re75"],
    )


def births(**columns):
    folder = Path(statsmodels.__file__).parent
    frame = pd.read_csv(folder / "treatment/tests/results/cataneo2.csv")
    return read_study(
        frame,
        outcome="bweight",
        treated="mbsmoke_",
        covariates=["mmarried_", "mage", "mage2", "fbaby_", "medu", "prenatal1_"],
        **columns,
    )


def village_study(rng: np.random.Generator, n: int = 187, effect: float = 2.0, **columns: str):
    """Villages that are likelier to have the policy, and richer, the more roads they have."""
    roads, size = rng.normal(size=(2, n))
    has = rng.random(n) < 1 / (1 + np.exp(-0.7 * roads))
    income = 10 + effect * has + 1.5 * roads + 0.5 * size + rng.normal(size=n)
    frame = pd.DataFrame(
        {
            "income": income,
            "has": has.astype(int),
            "roads": roads,
            "size": size,
            "kecamatan": np.arange(n) % 23,
        }
    )
    return read_study(frame, outcome="income", treated="has", covariates=["roads", "size"], **columns)


class TestPublished:
    @pytest.mark.parametrize(("errors", "published"), [("classical", 632.9), ("robust", 670.8)])
    def test_the_experiment_of_lalonde(self, experiment, errors, published):
        study = read_study(experiment, outcome="re78", treated="treat")
        effect = difference_in_means(study, outcome=INCOME, errors=errors)
        assert effect.estimate == pytest.approx(1794.34, abs=0.01)
        assert effect.standard_error == pytest.approx(published, abs=0.5)

    @pytest.mark.parametrize(
        ("method", "published"),
        [("regression", -239.6392), ("weighting", -230.6886), ("doubly_robust", -230.9892)],
    )
    def test_the_manual_of_stata_on_birth_weight(self, method, published):
        effect = adjusted_effect(
            births(),
            outcome=Message("birth weight"),
            method=method,
            link="probit",
            outcome_covariates=("prenatal1_", "mmarried_", "mage", "fbaby_"),
            selection_covariates=("mmarried_", "mage", "mage2", "fbaby_", "medu"),
        )
        assert effect.estimate == pytest.approx(published, abs=0.01)

    def test_giving_up_smoking_in_nhefs(self):
        frame = causaldata.nhefs_complete.load_pandas().data
        for name in ("age", "wt71", "smokeintensity", "smokeyrs"):
            frame[f"{name}2"] = frame[name] ** 2
        levels = frame[["education", "exercise", "active"]].astype(int).astype(str)
        frame = frame.join(pd.get_dummies(levels, drop_first=True, dtype=float))
        frame[["sex", "race", "qsmk"]] = frame[["sex", "race", "qsmk"]].astype(int)
        covariates = [
            *("sex", "race", "age", "age2", "wt71", "wt712", "smokeintensity", "smokeintensity2"),
            *("smokeyrs", "smokeyrs2"),
            *(name for name in frame if name.startswith(("education_", "exercise_", "active_"))),
        ]
        study = read_study(frame, outcome="wt82_71", treated="qsmk", covariates=covariates)
        effect = adjusted_effect(study, outcome=Message("weight gained"), method="weighting")
        assert effect.estimate == pytest.approx(3.4, abs=0.05)

    def test_hiv_results_fetched_for_an_incentive(self):
        frame = causaldata.thornton_hiv.load_pandas().data
        study = read_study(frame, outcome="got", treated="any", gaps="leave_out")
        assert difference_in_means(study, outcome=Message("results fetched")).estimate == pytest.approx(
            0.45, abs=1e-3
        )

    def test_matched_pairs_of_matchit(self, lalonde):
        balance = matched_effect(lalonde, outcome=INCOME).details["balance"]["after"]
        assert balance[["age", "educ", "re74"]].round(4).tolist() == [0.0718, -0.1290, -0.0505]


class TestASecondWay:
    @pytest.mark.parametrize("method", ["regression", "weighting", "doubly_robust"])
    def test_adjusted_effects_are_those_of_the_formula(self, method):
        effect = adjusted_effect(village_study(np.random.default_rng(1)), outcome=INCOME, method=method)
        assert effect.cross_check is not None
        assert effect.cross_check.agrees
        assert effect.warnings == ()

    def test_the_robust_error_of_lines_on_each_side_is_the_library_s(self):
        study = village_study(np.random.default_rng(4))
        library = TreatmentEffect(
            sm.OLS(study.outcome, study.design),
            study.treated,
            sm.Logit(study.treated, study.design).fit(disp=0),
        )
        effect = adjusted_effect(study, outcome=INCOME, method="regression")
        assert effect.standard_error == pytest.approx(library.ra().results_gmm.bse[0], rel=1e-6)

    def test_one_covariate_is_enough_for_lines_on_each_side(self):
        """The library's moments then depend on one another: it stops, or gives an error that is none."""
        study = village_study(np.random.default_rng(5))
        alone = replace(study, covariates=study.covariates[["roads"]])
        both, one = (adjusted_effect(rows, outcome=INCOME, method="regression") for rows in (study, alone))
        assert one.cross_check is not None
        assert one.cross_check.agrees
        assert one.standard_error == pytest.approx(both.standard_error, rel=0.3)

    @pytest.mark.parametrize("errors", ["classical", "robust", "clustered"])
    def test_errors_of_least_squares_are_those_of_the_formula(self, errors):
        study = village_study(np.random.default_rng(2), cluster="kecamatan")
        effect = difference_in_means(study, outcome=INCOME, errors=errors)
        assert effect.cross_check is not None
        assert effect.cross_check.agrees
        assert effect.cross_check.standard_error == pytest.approx(effect.standard_error, rel=1e-9)

    @settings(max_examples=25, deadline=None)
    @given(st.integers(0, 10_000))
    def test_no_other_weights_that_balance_are_nearer_to_equal(self, seed):
        study = village_study(np.random.default_rng(seed), n=80)
        effect = entropy_balanced_effect(study, outcome=INCOME)
        assert effect.details["balance"]["after"].abs().max() < 1e-5
        assert effect.cross_check is not None
        assert effect.cross_check.agrees

    def test_entropy_balancing_is_the_doubly_robust_estimate_with_its_own_weights(self):
        """With weights that balance exactly, a line for the outcome changes nothing."""
        study = village_study(np.random.default_rng(3))
        effect = entropy_balanced_effect(study, outcome=INCOME)
        without = study.treated == 0
        line, *_ = np.linalg.lstsq(study.design[without], study.outcome[without], rcond=None)
        from pk_research.policy.effects.cross_section.entropy import entropy_weights

        weights = entropy_weights(study)
        rest = study.outcome - study.design @ line
        assert effect.estimate == pytest.approx(rest[~without].mean() - np.sum(weights * rest))

    def test_pairs_are_the_nearest_still_free(self):
        treated = np.array([1, 1, 0, 0, 0])
        probability = np.array([0.50, 0.60, 0.55, 0.59, 0.10])
        assert nearest_pairs(treated, probability).to_dict("list") == {
            "treated": [1, 0],
            "untreated": [3, 2],
        }


@pytest.fixture(scope="module")
def senate():
    folder = Path(rdrobust.__file__).parent / "data"
    return pd.read_csv(folder / "rdrobust_RDsenate.csv").dropna(subset=["vote", "margin"])


class TestAtALine:
    def test_incumbency_in_the_senate_is_the_published_and_that_of_rdrobust(self, senate):
        effect = effect_at_cutoff(
            senate, outcome="vote", running="margin", cutoff=0, named=Message("share of votes")
        )
        assert effect.estimate == pytest.approx(7.414, abs=1e-3)
        assert effect.interval == pytest.approx((4.094, 10.919), abs=1e-3)
        assert effect.options["bandwidth"] == pytest.approx(17.754, abs=1e-3)
        assert effect.cross_check is not None
        assert effect.cross_check.agrees
        other = rdrobust.rdrobust(senate["vote"], senate["margin"])
        assert effect.estimate == pytest.approx(float(other.coef.iloc[0, 0]), rel=1e-8)
        assert effect.standard_error == pytest.approx(float(other.se.iloc[2, 0]), rel=1e-6)

    def test_units_that_chose_their_side_are_seen(self):
        rng = np.random.default_rng(0)
        score = rng.uniform(-1, 1, 1500)
        score = np.where((score < 0) & (score > -0.15) & (rng.random(1500) < 0.8), -score, score)
        frame = pd.DataFrame({"score": score, "income": score + rng.normal(size=1500)})
        effect = effect_at_cutoff(frame, outcome="income", running="score", cutoff=0, named=INCOME)
        assert effect.diagnostics[0].verdict == "fails"

    def test_too_few_on_a_side_are_refused(self, senate):
        with pytest.raises(BadInput, match="0 units lie at or above 200"):
            effect_at_cutoff(senate, outcome="vote", running="margin", cutoff=200, named=INCOME)


class TestByInstrument:
    def pushed(self, strength: float, seed: int = 0, n: int = 400):
        rng = np.random.default_rng(seed)
        drawn, hidden, roads = rng.integers(0, 2, n), rng.normal(size=n), rng.normal(size=n)
        has = (strength * drawn + hidden > 0.5).astype(int)
        frame = pd.DataFrame(
            {"income": 2 * has + hidden + roads + rng.normal(size=n), "has": has, "roads": roads}
        ).assign(kecamatan=np.arange(n) % 20)
        return frame, drawn

    @pytest.mark.parametrize("cluster", [None, "kecamatan"])
    def test_it_is_what_linearmodels_says(self, cluster):
        frame, drawn = self.pushed(1.5)
        study = read_study(frame, outcome="income", treated="has", covariates=["roads"], cluster=cluster)
        effect = effect_by_instrument(study, drawn, outcome=INCOME)
        model = IV2SLS(
            frame["income"], frame[["roads"]].assign(one=1.0), frame["has"], pd.Series(drawn, name="z")
        )
        how = {} if cluster is None else {"clusters": frame[cluster]}
        fit = model.fit(cov_type="robust" if cluster is None else "clustered", debiased=True, **how)
        assert effect.estimate == pytest.approx(fit.params["has"], rel=1e-8)
        assert effect.standard_error == pytest.approx(fit.std_errors["has"], rel=0.01)
        assert effect.cross_check is not None
        assert effect.cross_check.agrees

    def test_a_weak_push_is_said_to_be_weak(self):
        frame, drawn = self.pushed(0.0, seed=1)
        study = read_study(frame, outcome="income", treated="has", covariates=["roads"])
        effect = effect_by_instrument(study, drawn, outcome=INCOME)
        assert [check.verdict for check in effect.diagnostics] == ["fails", "fails"]
        assert "do not use the estimate" in effect.in_words("en")

    @pytest.mark.slow
    def test_the_interval_of_anderson_and_rubin_covers_where_the_usual_may_not(self):
        covered = []
        for seed in range(600):
            frame, drawn = self.pushed(0.7, seed)
            study = read_study(frame, outcome="income", treated="has", covariates=["roads"])
            details = effect_by_instrument(study, drawn, outcome=INCOME).details["anderson_rubin"]
            low, high = details.iloc[0]
            assert np.isfinite([low, high]).all()
            covered.append(low <= 2 <= high)
        assert 0.93 <= np.mean(covered) <= 0.97

    @pytest.mark.parametrize(
        ("instrument", "wrong"),
        [(np.ones(5), "5 values for 400 rows"), (np.ones(400), "it is constant, or follows")],
    )
    def test_an_instrument_that_cannot_push_is_refused(self, instrument, wrong):
        frame, _ = self.pushed(1.0)
        study = read_study(frame, outcome="income", treated="has", covariates=["roads"])
        with pytest.raises(BadInput, match=wrong):
            effect_by_instrument(study, instrument, outcome=INCOME)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("estimate", "clustered"),
    [
        (lambda study: difference_in_means(study, outcome=INCOME), False),
        (lambda study: difference_in_means(study, outcome=INCOME), True),
        (lambda study: adjusted_effect(study, outcome=INCOME, method="weighting"), False),
        (lambda study: adjusted_effect(study, outcome=INCOME, method="doubly_robust"), False),
        (lambda study: entropy_balanced_effect(study, outcome=INCOME), False),
    ],
    ids=["least squares", "least squares, clusters", "weighting", "doubly robust", "entropy"],
)
def test_intervals_cover_the_effect(estimate, clustered):
    """187 villages, 500 seeds: 95 % intervals cover in 93 to 97 % of cases."""
    columns = {"cluster": "kecamatan"} if clustered else {}
    covered = []
    for seed in range(500):
        low, high = estimate(village_study(np.random.default_rng([17, seed]), **columns)).interval
        covered.append(low <= 2.0 <= high)
    assert 0.93 <= np.mean(covered) <= 0.97


class TestTold:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_account_states_the_doubt(self, lalonde, language):
        effect = matched_effect(lalonde, outcome=INCOME, made=True)
        account = effect.in_words(language)
        assert {"id": "Tidak dapat", "en": "do not tell"}[
            language
        ] in account or "tidak memastikan" in account
        assert "244" in account, "rows in no pair are counted"
        assert {"id": "Data buatan", "en": "Made data"}[language] in account

    @pytest.mark.parametrize("ending", ["html", "docx", "tex"])
    def test_a_table_can_be_handed_on(self, experiment, tmp_path, ending):
        effect = difference_in_means(read_study(experiment, outcome="re78", treated="treat"), outcome=INCOME)
        path = effect.write(tmp_path / f"effect.{ending}", "id")
        content = path.read_bytes()
        if ending == "docx":
            from docx import Document

            cells = [cell.text for row in Document(str(path)).tables[0].rows for cell in row.cells]
            assert "1.794" in cells
        else:
            assert b"1.794" in content

    def test_another_ending_is_refused(self, experiment, tmp_path):
        effect = difference_in_means(read_study(experiment, outcome="re78", treated="treat"), outcome=INCOME)
        with pytest.raises(BadInput, match=r"'\.pdf' is no kind of table"):
            effect.write(tmp_path / "effect.pdf", "en")

    def test_sides_that_stay_unlike_are_said_not_to_be_in_order(self, lalonde):
        (likeness,) = matched_effect(lalonde, outcome=INCOME).diagnostics
        assert likeness.verdict == "fails"
        assert "“black” differs by 1.02" in likeness.account.text("en")


GOOD = pd.DataFrame(
    {
        "village": list("abcdefgh"),
        "income": [1.0, 2, 3, 5, 2, 4, 6, 3],
        "has": [0, 1, 0, 1, 0, 1, 0, 1],
        "roads": [0.0, 0, 1, 1, 1, 2, 3, 1],
        "area": [1.0, 2, 2, 1, 3, 1, 2, 2],
    }
)


@pytest.mark.parametrize(
    ("change", "named", "wrong"),
    [
        ({"income": "text"}, {}, "column 'income': it holds str, not numbers"),
        ({"income": [1.0, None, 3, 5, 2, 4, 6, 3]}, {}, "column 'income': 1 rows have no value"),
        ({"income": [1.0, np.inf, 3, 5, 2, 4, 6, 3]}, {}, "column 'income': it holds infinite numbers"),
        ({"has": [0, 1, 2, 1, 0, 1, 0, 1]}, {}, "column 'has': it holds 2"),
        ({"has": ["no", "yes"] * 4}, {}, "column 'has': it holds no, yes"),
        ({"has": [0] * 7 + [1]}, {}, "column 'has': only 1 with the policy"),
        ({"has": [1] * 8}, {}, "column 'has': only 0 without the policy"),
        ({"roads": 3.0}, {}, "column 'roads': it is the same in every row"),
        ({"area": GOOD["roads"] * 2 + 1}, {}, "column 'area': it follows from the covariates before it"),
        ({"area": GOOD["has"] * 2.0}, {}, "column 'has': the covariates say exactly who has the policy"),
        ({"village": list("aacdefgh")}, {}, "column 'village': units stand twice: a"),
        ({"kecamatan": "x"}, {"cluster": "kecamatan"}, "column 'kecamatan': all rows lie in one cluster"),
        ({}, {"cluster": "district"}, "column 'district': it is not in the table"),
    ],
)
def test_a_study_that_cannot_be_read_is_refused(change, named, wrong):
    with pytest.raises(BadInput, match="^" + wrong):
        read_study(
            GOOD.assign(**change),
            outcome="income",
            treated="has",
            covariates=["roads", "area"],
            unit="village",
            **named,
        )


def test_rows_left_out_are_counted():
    frame = GOOD.assign(income=[1.0, None, 3, 5, 2, 4, 6, 3])
    study = read_study(frame, outcome="income", treated="has", gaps="leave_out")
    assert [(reason.text("en"), n) for reason, n in study.left_out] == [("no value of “income”", 1)]
    assert study.sample.n_rows == 7


@pytest.mark.parametrize(
    ("do", "wrong"),
    [
        (lambda: adjusted_effect(_separated(), outcome=INCOME), r"'x' alone does"),
        (lambda: matched_effect(_separated(), outcome=INCOME), r"'x' alone does"),
        (lambda: entropy_balanced_effect(_separated(), outcome=INCOME), "no weights make both sides alike"),
        (lambda: matched_effect(_without_covariates(), outcome=INCOME), "there are none to tell who"),
        (lambda: entropy_balanced_effect(_without_covariates(), outcome=INCOME), "there are none to balance"),
        (
            lambda: difference_in_means(_without_covariates(), outcome=INCOME, errors="clustered"),
            "the study has no clusters",
        ),
        (
            lambda: adjusted_effect(
                village_study(np.random.default_rng(0), cluster="kecamatan"), outcome=INCOME
            ),
            "it has clusters",
        ),
        (
            lambda: nearest_pairs(np.array([1, 1, 0]), np.array([0.5, 0.5, 0.5])),
            "2 units have the policy and 1 have not",
        ),
        (
            lambda: nearest_pairs(np.array([1, 0, 0]), np.array([0.9, 0.1, 0.2]), caliper=0.01),
            "no pair lies within 0.01",
        ),
        (
            lambda: adjusted_effect(
                village_study(np.random.default_rng(0)), outcome=INCOME, outcome_covariates=("rain",)
            ),
            "covariate 'rain': the study was read without it",
        ),
    ],
)
def test_a_question_the_study_cannot_answer_is_refused(do, wrong):
    with pytest.raises(BadInput, match=wrong):
        do()


def _separated():
    frame = pd.DataFrame({"y": np.arange(12.0), "has": [0] * 6 + [1] * 6, "x": np.arange(12.0)})
    return read_study(frame, outcome="y", treated="has", covariates=["x"])


def _without_covariates():
    return read_study(GOOD, outcome="income", treated="has")
