"""Lots drawn again, clusters turned about, many questions at once: each against brute force."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pandas as pd
import pyfixest
import pytest
import statsmodels.api as sm

from pk_research.errors import BadInput
from pk_research.language import LANGUAGES, Message
from pk_research.policy.effects.cross_section import read_study
from pk_research.policy.inference import adjusted_p_values, randomisation_test, wild_bootstrap

INCOME = Message("income")


def villages(seed: int, n: int = 60, k: int = 12, effect: float = 0.0, *, by_cluster: bool = False):
    """Villages in kecamatan that share a shock; the policy by lot, to villages or whole kecamatan."""
    rng = np.random.default_rng(seed)
    cluster = np.arange(n) % k
    has = cluster < k // 2 if by_cluster else rng.permutation(n) < n // 2
    roads = rng.normal(size=n)
    income = effect * has + roads + rng.normal(size=k)[cluster] + rng.normal(size=n)
    return pd.DataFrame({"income": income, "has": has.astype(int), "roads": roads, "kecamatan": cluster})


def study_of(frame, **options):
    return read_study(frame, outcome="income", treated="has", covariates=["roads"], **options)


class TestRandomisation:
    def test_few_lots_are_all_tried_and_the_p_value_is_exact(self):
        frame = villages(1, n=8, k=4)
        test = randomisation_test(study_of(frame), outcome=INCOME, seed=0)

        def slope(chosen):
            design = sm.add_constant(
                np.column_stack([np.isin(np.arange(8), chosen), frame["roads"]]).astype(float)
            )
            return abs(sm.OLS(frame["income"], design).fit().params.iloc[1])

        here = slope(np.flatnonzero(frame["has"]))
        every = [slope(chosen) for chosen in combinations(range(8), 4)]
        assert (test.are_all, test.n_lots) == (True, 70)
        assert test.p_value == pytest.approx(np.mean(np.array(every) >= here - 1e-9))

    @pytest.mark.filterwarnings("ignore:The inplace keyword")
    def test_it_agrees_with_pyfixest(self):
        frame = villages(2, n=100, effect=0.5)
        test = randomisation_test(study_of(frame), outcome=INCOME, n_draws=4000, seed=0)
        fit = pyfixest.feols("income ~ has + roads", frame)
        other = fit.ritest("has", reps=400, rng=np.random.default_rng(0), type="randomization-c")
        assert test.p_value == pytest.approx(float(other["Pr(>|t|)"]), abs=0.05)
        assert test.estimate == pytest.approx(float(fit.coef()["has"]))

    def test_an_effect_at_an_end_of_the_interval_is_just_not_rejected(self):
        frame = villages(3, effect=1.0)
        test = randomisation_test(study_of(frame), outcome=INCOME, n_draws=999, seed=0)
        for end, side in zip(test.interval, (-1, 1), strict=True):
            for past, rejected in ((-0.01, False), (0.01, True)):
                shifted = frame.assign(income=frame["income"] - (end + side * past) * frame["has"])
                again = randomisation_test(study_of(shifted), outcome=INCOME, n_draws=999, seed=0)
                assert (again.p_value <= 0.05) == rejected

    def test_whole_clusters_are_drawn_where_clusters_got_the_policy(self):
        frame = villages(4, by_cluster=True)
        test = randomisation_test(study_of(frame, cluster="kecamatan"), outcome=INCOME, seed=0)
        assert (test.are_all, test.n_lots) == (True, 924)

    def test_strata_keep_their_number(self):
        frame = villages(5, n=12, k=3)
        frame["has"] = [1, 0] * 6
        strata = np.repeat([0, 1], 6)
        assert randomisation_test(study_of(frame), outcome=INCOME, strata=strata, seed=0).n_lots == 400

    @pytest.mark.slow
    def test_without_an_effect_five_in_a_hundred_are_rejected(self):
        rejected = [
            randomisation_test(study_of(villages(seed)), outcome=INCOME, n_draws=499, seed=seed).p_value
            <= 0.05
            for seed in range(600)
        ]
        assert 0.03 <= np.mean(rejected) <= 0.07

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_it_is_told(self, language):
        test = randomisation_test(study_of(villages(6)), outcome=INCOME, n_draws=99, seed=0, made=True)
        told = test.in_words(language)
        assert {"id": "hasil undian", "en": "lots"}[language] in told
        assert {"id": "Data buatan", "en": "Made data"}[language] in told


class TestWild:
    def test_it_is_what_resampling_row_by_row_gives(self):
        frame = villages(7, n=24, k=6, effect=0.8, by_cluster=True)
        test = wild_bootstrap(study_of(frame, cluster="kecamatan"), outcome=INCOME, n_draws=64, seed=0)
        design = sm.add_constant(frame[["has", "roads"]].astype(float))
        groups = frame["kecamatan"].to_numpy()

        def t_value(outcome):
            fit = sm.OLS(outcome, design).fit(cov_type="cluster", cov_kwds={"groups": groups})
            return abs(fit.params["has"] / fit.bse["has"])

        null = sm.OLS(frame["income"], design.drop(columns="has")).fit()
        drawn = [
            t_value(null.fittedvalues + null.resid * np.array(signs)[groups])
            for signs in product((-1.0, 1.0), repeat=6)
        ]
        assert test.are_all
        assert test.p_value == pytest.approx(np.mean(np.array(drawn) >= t_value(frame["income"]) - 1e-9))

    def test_an_end_of_the_interval_is_where_the_test_begins_to_reject(self):
        frame = villages(8, effect=1.0, by_cluster=True)
        test = wild_bootstrap(study_of(frame, cluster="kecamatan"), outcome=INCOME, seed=0)
        low, high = test.interval
        assert low < test.estimate < high
        for end, inside in ((low, 0.02), (high, -0.02)):
            for effect, rejected in ((end + inside, False), (end - inside, True)):
                moved = frame.assign(income=frame["income"] - effect * frame["has"])
                again = wild_bootstrap(study_of(moved, cluster="kecamatan"), outcome=INCOME, seed=0)
                assert (again.p_value <= 0.05) == rejected

    @pytest.mark.slow
    def test_with_few_clusters_it_rejects_about_as_often_as_it_says_where_the_usual_errors_do_not(self):
        by_wild, by_formula = [], []
        for seed in range(400):
            study = study_of(villages(seed, n=80, k=8, by_cluster=True), cluster="kecamatan")
            by_wild.append(wild_bootstrap(study, outcome=INCOME, n_draws=399, seed=seed).p_value <= 0.05)
            design = np.column_stack([study.treated, study.design])
            fit = sm.OLS(study.outcome, design).fit(cov_type="cluster", cov_kwds={"groups": study.cluster})
            by_formula.append(fit.pvalues[0] <= 0.05)
        assert 0.02 <= np.mean(by_wild) <= 0.08
        assert np.mean(by_formula) > 0.10


class TestMany:
    def frame(self, effects):
        rng = np.random.default_rng(9)
        has = (np.arange(80) % 2).astype(int)
        outcomes = {f"y{n}": effect * has + rng.normal(size=80) for n, effect in enumerate(effects)}
        return pd.DataFrame({"has": has, **outcomes})

    def family(self, effects):
        frame = self.frame(effects)
        studies = {name: read_study(frame, outcome=name, treated="has") for name in frame if name != "has"}
        return adjusted_p_values(studies, n_draws=999, seed=0).results

    def test_one_question_is_not_adjusted(self):
        results = self.family([0.4])
        assert results["romano_wolf"].tolist() == results["p_value"].tolist()
        assert results["false_discovery"].tolist() == results["p_value"].tolist()

    def test_adjusted_values_are_between_the_plain_and_bonferroni_and_keep_the_order(self):
        results = self.family([0.0, 0.3, 0.6, 0.9, 0.0]).sort_values("p_value", kind="stable")
        assert (results["romano_wolf"] >= results["p_value"]).all()
        assert results["romano_wolf"].is_monotonic_increasing
        holm = (results["p_value"] * np.arange(5, 0, -1)).cummax().clip(upper=1)
        assert (results["romano_wolf"] <= holm + 0.03).all()

    @pytest.mark.slow
    def test_any_false_discovery_is_as_rare_as_said(self):
        any_found, any_plain = [], []
        for seed in range(300):
            rng = np.random.default_rng(seed)
            frame = pd.DataFrame(rng.normal(size=(40, 6)), columns=list("abcdef")).assign(
                has=np.arange(40) % 2
            )
            studies = {name: read_study(frame, outcome=name, treated="has") for name in "abcdef"}
            results = adjusted_p_values(studies, n_draws=299, seed=seed).results
            any_found.append((results["romano_wolf"] <= 0.05).any())
            any_plain.append((results["p_value"] <= 0.05).any())
        assert np.mean(any_found) <= 0.08
        assert np.mean(any_plain) > 0.15


@pytest.mark.parametrize(
    ("do", "wrong"),
    [
        (lambda: wild_bootstrap(study_of(villages(0)), outcome=INCOME, seed=0), "it has no clusters"),
        (
            lambda: randomisation_test(study_of(villages(0)), outcome=INCOME, strata=np.zeros(3), seed=0),
            "3 values for 60 rows",
        ),
        (
            lambda: randomisation_test(
                study_of(villages(0)), outcome=INCOME, strata=villages(0)["has"].to_numpy(), seed=0
            ),
            "no other lot could have been drawn",
        ),
        (
            lambda: randomisation_test(study_of(villages(0), cluster="kecamatan"), outcome=INCOME, seed=0),
            "has units with and without the policy",
        ),
        (lambda: adjusted_p_values({}, seed=0), "there are none"),
        (
            lambda: adjusted_p_values({"a": study_of(villages(0)), "b": study_of(villages(1))}, seed=0),
            "studies b: their units, policy, covariates or clusters differ",
        ),
    ],
)
def test_what_cannot_be_tested_is_refused(do, wrong):
    with pytest.raises(BadInput, match=wrong):
        do()
