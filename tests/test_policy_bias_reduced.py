"""Standard errors of few villages with the policy: by the definition, by other programs, and no smaller."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from pk_research.errors import BadInput
from pk_research.language import Message
from pk_research.policy.effects import Effect
from pk_research.policy.effects.bias_reduced import bias_reduced_error
from pk_research.policy.effects.cross_section import adjusted_effect, difference_in_means, read_study
from pk_research.policy.effects.did import twfe, two_by_two
from pk_research.policy.effects.panel import read_panel

INCOME = Message("income")
SEEDS = st.integers(0, 10_000)
# Estimate, error, degrees of freedom and p-value of `has` by R 4.2.2 with clubSandwich 0.5.8 on the villages
# below: coef_test(lm(...), vcov = "CR2", cluster = ..., test = "Satterthwaite").
CLUB_SANDWICH = {
    "every year": (1.5222222222, 0.7961326275, 4.3389830508, 0.1228640929),
    "every year, rain held": (1.4897326241, 0.8269930909, 4.3518332974, 0.1401844900),
    "before and after": (1.5222222222, 0.7961326275, 4.3389830508, 0.1228640929),
    "before and after, villages apart": (1.5222222222, 1.5122180236, 16.9857819905, 0.3282450207),
    "last year": (0.5222222222, 0.7984552988, 4.3389830508, 0.5461401471),
    "last year, rain held": (0.5183049147, 0.8421030943, 4.2984424330, 0.5693356700),
    "last year, rain held, villages apart": (0.5183049147, 1.3992502599, 16.4289070764, 0.7158048041),
    # coef_test(lm(income ~ has * apart), ...) with apart <- rain - mean(rain)
    "last year, rain held on each side": (0.52121823489, 0.822574638393, 4.29203524968, 0.558518915774),
    "last year, rain held on each side, villages apart": (
        0.52121823489, 1.40340876448, 14.7731365129, 0.71561615022,
    ),
}  # fmt: skip


def villages_over_years(n_kecamatan: int = 8, n_years: int = 4, *, with_it: int = 3) -> pd.DataFrame:
    """Three villages a kecamatan, drawn by a rule without chance, so that another program can have them."""
    village, year = np.divmod(np.arange(3 * n_kecamatan * n_years), n_years)
    kecamatan = village // 3
    income = 10 + (village * 7 % 5) + 2 * year + (village * 13 + year * 29 + village * year * 5) % 11
    has = (kecamatan < with_it) & (year >= 2)
    rain = (village * 3 + year * year * 5 + village * year) % 7
    return pd.DataFrame(
        {"village": village, "year": year + 1, "kecamatan": kecamatan, "income": income + 1.5 * has,
         "has": has.astype(int), "rain": rain.astype(float)}
    )  # fmt: skip


def panel(frame: pd.DataFrame, **options):
    names = {"unit": "village", "period": "year", "outcome": "income", "treated": "has"}
    return read_panel(frame, **names, **{"cluster": "kecamatan", **options})


def asked_here(name: str) -> Effect:
    """Ask our estimators what `CLUB_SANDWICH` was asked."""
    frame = villages_over_years()
    options = {"cluster": None if "apart" in name else "kecamatan"}
    if "rain" in name:
        options["covariates"] = ["rain"]
    if name.startswith("last year"):
        study = read_study(frame[frame["year"] == 4], outcome="income", treated="has", **options)
        if "each side" in name:
            return adjusted_effect(study, outcome=INCOME, method="regression", errors="bias_reduced")
        return difference_in_means(study, outcome=INCOME)
    estimator = twfe if name.startswith("every year") else two_by_two
    return estimator(panel(frame, **options), outcome=INCOME)


def by_definition(
    outcome: np.ndarray, design: np.ndarray, cluster: np.ndarray, term: int = 0
) -> tuple[float, float]:
    """Bell and McCaffrey's formulas as they are written, with every matrix in full."""
    n = len(outcome)
    bread = np.linalg.inv(design.T @ design)
    leaves = np.eye(n) - design @ bread @ design.T
    residuals, sums, columns = leaves @ outcome, [], []
    for name in np.unique(cluster):
        rows = cluster == name
        sizes, directions = np.linalg.eigh(leaves[np.ix_(rows, rows)])
        roots = np.where(sizes > 1e-10, 1 / np.sqrt(np.clip(sizes, 1e-10, None)), 0)
        stretched = directions @ (roots * (directions.T @ (design[rows] @ bread[:, term])))
        sums.append(stretched @ residuals[rows])
        columns.append(leaves[:, rows] @ stretched)
    related = np.array(columns) @ np.array(columns).T
    return float(np.linalg.norm(sums)), float(np.trace(related) ** 2 / np.square(related).sum())


def dummies(values: np.ndarray) -> np.ndarray:
    return (values[:, None] == np.unique(values)).astype(float)


@pytest.mark.parametrize("name", CLUB_SANDWICH)
def test_it_is_what_club_sandwich_says(name):
    effect = asked_here(name)
    found = effect.estimate, effect.standard_error, effect.options["degrees_of_freedom"], effect.p_value
    assert found == pytest.approx(CLUB_SANDWICH[name], abs=1e-8)


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.integers(2, 5), st.integers(2, 4))
def test_it_is_bell_and_mccaffreys_formula(seed, n_with, n_regressors):
    rng = np.random.default_rng(seed)
    cluster = rng.integers(0, 9, 40)
    assume(len(np.unique(cluster[cluster < n_with])) > 1)
    design = np.column_stack([cluster < n_with, np.ones(40), rng.normal(size=(40, n_regressors - 2))])
    outcome = rng.normal(size=40)
    assert bias_reduced_error(outcome, design, cluster) == pytest.approx(
        by_definition(outcome, design, cluster), rel=1e-8
    )


@pytest.mark.parametrize("covariates", [[], ["rain"]])
def test_constants_of_villages_taken_out_first_give_what_one_column_for_each_gives(covariates):
    frame = villages_over_years()
    effect = twfe(panel(frame, covariates=covariates), outcome=INCOME)
    years = dummies(frame["year"].to_numpy())[:, 1:]
    design = np.column_stack([frame[["has", *covariates]], years, dummies(frame["village"].to_numpy())])
    error, df = by_definition(frame["income"].to_numpy(), design, frame["kecamatan"].to_numpy())
    assert (effect.standard_error, effect.options["degrees_of_freedom"]) == pytest.approx((error, df))
    assert effect.interval[1] == pytest.approx(effect.estimate + stats.t.ppf(0.975, df) * error)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_without_clusters_it_is_hc2(seed):
    rng = np.random.default_rng(seed)
    design = np.column_stack([rng.random(30) < 0.3, np.ones(30), rng.normal(size=30)]).astype(float)
    outcome = rng.normal(size=30)
    assume(design[:, 0].sum() > 1)
    theirs = sm.OLS(outcome, design).fit(cov_type="HC2").bse[0]
    assert bias_reduced_error(outcome, design)[0] == pytest.approx(theirs)


def test_two_by_two_of_villages_has_the_error_of_welch():
    frame = villages_over_years()
    effect = two_by_two(panel(frame, cluster=None), outcome=INCOME)
    change = frame.assign(after=frame["year"] >= 3).pivot_table("income", "village", "after")
    change = (change[True] - change[False]).to_numpy()
    has = frame.groupby("village")["has"].max().to_numpy() == 1
    welch = stats.ttest_ind(change[has], change[~has], equal_var=False)
    assert effect.estimate / effect.standard_error == pytest.approx(welch.statistic)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.floats(0.01, 1000))
def test_order_and_currency_change_nothing(seed, scale):
    rng = np.random.default_rng(seed)
    cluster = np.arange(36) // 3
    design = np.column_stack([cluster < 3, np.ones(36), rng.normal(size=36)])
    outcome = rng.normal(size=36)
    error, df = bias_reduced_error(outcome, design, cluster)
    order = rng.permutation(36)
    other = bias_reduced_error(scale * outcome[order], design[order], 100 - cluster[order])
    assert other == pytest.approx((scale * error, df))


def test_the_clustered_errors_of_most_programs_can_be_had():
    effect = two_by_two(panel(villages_over_years()), outcome=INCOME, errors="clustered")
    assert effect.options["errors"] == "clustered"
    assert effect.options["degrees_of_freedom"] == 7
    assert effect.standard_error < two_by_two(panel(villages_over_years()), outcome=INCOME).standard_error


def test_lines_on_each_side_keep_their_estimate_and_refuse_what_has_no_such_errors():
    study = read_study(
        villages_over_years().query("year == 4"), outcome="income", treated="has", covariates=["rain"]
    )
    robust, reduced = (
        adjusted_effect(study, outcome=INCOME, method="regression", errors=errors)
        for errors in ("robust", "bias_reduced")
    )
    assert reduced.estimate == pytest.approx(robust.estimate, rel=1e-8)
    assert reduced.standard_error > robust.standard_error
    assert (robust.options["errors"], robust.options["degrees_of_freedom"]) == ("robust", np.inf)
    with pytest.raises(BadInput, match="doubly_robust has no 'bias_reduced'"):
        adjusted_effect(study, outcome=INCOME, errors="bias_reduced")


def test_where_the_effect_hangs_on_a_village_with_a_column_of_its_own_no_doubt_is_told():
    """Its residual is always zero: the usual formula counts the chance of the others alone."""
    has = np.arange(9) < 2
    design = np.column_stack([has, np.ones(9), np.arange(9) == 0])
    outcome = np.arange(9.0) ** 2
    assert np.isnan(bias_reduced_error(outcome, design)).all()
    assert np.isfinite(bias_reduced_error(outcome, design, term=1)).all()
