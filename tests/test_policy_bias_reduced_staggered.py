"""Errors where a policy began at different times: by other programs, by the formula, told when unknown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from diff_diff import ImputationDiD
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from test_policy_bias_reduced import by_definition, dummies

from pk_research.errors import BadInput
from pk_research.language import Message
from pk_research.policy.effects import Effect
from pk_research.policy.effects.bias_reduced import bias_reduced_contrasts
from pk_research.policy.effects.did import honest, staggered
from pk_research.policy.effects.did.leads import event_study
from pk_research.policy.effects.panel import Panel, read_panel

INCOME = Message("income")
AFTER = [0, 1, 2, 3]
# Estimate, error and p-value by R 4.2.2 with clubSandwich 0.5.8 on the villages below. One column for each
# starting group in each period but the last before its start ("sun_abraham"), or from its start on
# ("imputation"):
#   model <- lm(income ~ 0 + columns + factor(village) + factor(year)), with + rain where it is held;
#   linear_contrast(model, vcov = "CR2", cluster = kecamatan, contrasts = list(...), test = "Satterthwaite",
#   p_values = TRUE), each contrast the mean of columns, weighted by their rows.
CLUB_SANDWICH = {
    ("sun_abraham", "simple", ""): {"all": (2.361111111111, 0.760421423121, 0.02079859440808)},
    ("sun_abraham", "simple", "rain"): {"all": (2.5793753491735, 0.793415358663, 0.01664100361475)},
    ("sun_abraham", "dynamic", ""): {
        "all": (2.864583333333, 0.758759610043, 0.01208004448958),
        -4: (-0.833333333333, 2.211083193570, 0.72499323408661),
        -3: (0.666666666667, 2.818589087548, 0.82439809646193),
        -2: (-2.000000000000, 1.627882059610, 0.25637815867562),
        0: (-0.166666666667, 1.417156777965, 0.90946768233529),
        1: (2.875000000000, 1.052939008469, 0.03444270459026),
        2: (2.833333333333, 0.891316130475, 0.03253176737824),
        3: (5.916666666667, 1.254436571179, 0.00870293349632),
    },
    ("sun_abraham", "dynamic", "rain"): {
        "all": (3.1039533113970, 0.798599141223, 0.01006259330810),
        -4: (-1.0433611850537, 2.328003837847, 0.67652975343838),
        3: (6.3737861086464, 1.421552730631, 0.00908141448813),
    },
    ("imputation", "dynamic", ""): {
        "all": (3.444444444444, 0.979988997125, 0.01166026943002),
        0: (0.902777777778, 1.280579821491, 0.50467701146873),
        1: (3.694444444444, 1.279969772309, 0.02470070250303),
        2: (4.194444444444, 1.192417996856, 0.02443173195743),
        3: (7.277777777778, 1.260987629085, 0.00444982208288),
    },
    ("imputation", "group", ""): {
        "all": (3.444444444444, 0.979988997125, 0.01166026943002),
        3: (3.854166666667, 1.323038360762, 0.04876866896319),
        5: (2.625000000000, 0.893456148274, 0.04131228006698),
    },
}
FREEDOM = {
    ("sun_abraham", "simple"): 6.04050833995,
    ("sun_abraham", "dynamic"): 5.19143413368,
    ("imputation", "dynamic"): 6.28992628993,
}


def villages(starts: tuple[int, ...] = (3, 5, 0, 0), n_kecamatan: int = 12) -> pd.DataFrame:
    """Two villages a kecamatan over six years, by a rule without chance; kecamatan begin in turn as told."""
    village, year = np.divmod(np.arange(2 * n_kecamatan * 6), 6)
    kecamatan = village // 2
    start = np.array(starts)[kecamatan % len(starts)]
    income = 10 + (village * 7 % 5) + 2 * year + (village * 13 + year * 29 + village * year * 5) % 11
    gain = 1.5 * (year + 2 - start) * ((start > 0) & (year + 1 >= start))
    rain = (village * 3 + year * year * 5 + village * year) % 7
    return pd.DataFrame(
        {"village": village, "year": year + 1, "kecamatan": kecamatan, "start": start,
         "income": income + gain, "rain": rain.astype(float)}
    )  # fmt: skip


def panel(frame: pd.DataFrame, **options) -> Panel:
    names = {"unit": "village", "period": "year", "outcome": "income", "start": "start"}
    return read_panel(frame, **names, **{"cluster": "kecamatan", **options})


def asked(method: str, aggregation: str = "simple", frame: pd.DataFrame | None = None, **options) -> Effect:
    rows = panel(villages() if frame is None else frame)
    return staggered(rows, outcome=INCOME, method=method, aggregation=aggregation, **options)


def in_full(frame: pd.DataFrame, is_told: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return one column for each group and period that is told, village and year; and the mean after."""
    cell = (10 * frame["start"] + frame["year"]).to_numpy()
    columns = dummies(cell[is_told])
    cells = np.zeros((len(frame), columns.shape[1]))
    cells[is_told] = columns
    others = dummies(frame["village"].to_numpy()), dummies(frame["year"].to_numpy())[:, 1:]
    design = np.column_stack([cells, *others])
    has = ((frame["start"] > 0) & (frame["year"] >= frame["start"])).to_numpy()
    mean = np.zeros(design.shape[1])
    mean[: cells.shape[1]] = cells[has].sum(axis=0) / has.sum()
    return design, mean


def after_start(frame: pd.DataFrame) -> np.ndarray:
    return ((frame["start"] > 0) & (frame["year"] >= frame["start"])).to_numpy()


# --- by other programs -------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "aggregation", "covariate"), CLUB_SANDWICH)
def test_it_is_what_club_sandwich_says(method, aggregation, covariate):
    rows = panel(villages(), covariates=[covariate] if covariate else [])
    effect = staggered(rows, outcome=INCOME, method=method, aggregation=aggregation)
    found = effect.estimates.set_index("term")[["estimate", "standard_error", "p_value"]]
    theirs = pd.DataFrame(CLUB_SANDWICH[method, aggregation, covariate]).T
    np.testing.assert_allclose(found.loc[theirs.index], theirs, rtol=0, atol=1e-8)


@pytest.mark.parametrize(("method", "aggregation"), FREEDOM)
def test_intervals_are_by_students_distribution(method, aggregation):
    effect = asked(method, aggregation)
    freedom = effect.options["degrees_of_freedom"]
    assert freedom == pytest.approx(FREEDOM[method, aggregation], abs=1e-8)
    reach = stats.t.ppf(0.975, freedom) * effect.standard_error
    assert effect.interval == pytest.approx((effect.estimate - reach, effect.estimate + reach))


# --- by the formula, on full matrices ----------------------------------------------------------------


def test_imputation_weighs_outcomes_as_the_regression_does():
    """Borusyak, Jaravel and Spiess: rows with the policy count alike, and that implies what others count."""
    frame = villages()
    has = after_start(frame)
    design, mean = in_full(frame, has)
    weights = design @ np.linalg.pinv(design.T @ design) @ mean
    constants = design[:, len(np.unique(frame["year"][has] + 10 * frame["start"][has])) :]
    given = has / has.sum()
    without = constants[~has]
    implied = -without @ np.linalg.pinv(without.T @ without) @ constants[has].T @ given[has]
    np.testing.assert_allclose(weights[has], given[has], atol=1e-12)
    np.testing.assert_allclose(weights[~has], implied, atol=1e-12)
    assert asked("imputation").estimate == pytest.approx(weights @ frame["income"], abs=1e-8)


def test_the_clustered_error_of_imputation_is_the_sandwich_without_correction():
    """So that the bias-reduced error is the correction of the one that the method's authors give."""
    frame = villages()
    design, mean = in_full(frame, after_start(frame))
    bread = np.linalg.pinv(design.T @ design)
    income = frame["income"].to_numpy()
    scores = (design @ bread @ mean) * (income - design @ bread @ design.T @ income)
    sums = np.bincount(frame["kecamatan"], scores)
    clustered = asked("imputation", errors="clustered")
    assert clustered.standard_error == pytest.approx(np.sqrt(sums @ sums), rel=1e-8)
    rows = panel(frame).rows
    theirs = ImputationDiD(cluster="cluster").fit(rows, "outcome", "unit", "period", "start")
    assert clustered.standard_error == pytest.approx(theirs.overall_se, rel=1e-12)
    assert clustered.interval == pytest.approx(theirs.overall_conf_int, rel=1e-6)


@pytest.mark.parametrize(
    ("method", "starts"),
    [
        ("sun_abraham", (3, 5, 0, 0)),
        ("sun_abraham", (3, 4, 6, 5, 0)),
        ("imputation", (3, 5, 0, 0)),
        ("imputation", (3, 4, 6, 5, 0)),
        ("imputation", (3, 5, 6)),
    ],
)
def test_it_is_bell_and_mccaffreys_formula(method, starts):
    """Where all have the policy in the end, the last periods tell nothing and are not used."""
    frame = villages(starts, n_kecamatan=15)
    effect = asked(method, frame=frame)
    frame = frame[frame["year"] < (7 if 0 in starts else max(starts))].reset_index(drop=True)
    if 0 not in starts:
        frame.loc[frame["start"] == max(starts), "start"] = 0
    since = frame["year"] - frame["start"]
    with_leads = ((frame["start"] > 0) & (since != -1)).to_numpy()
    design, mean = in_full(frame, with_leads if method == "sun_abraham" else after_start(frame))
    # The average takes the place of one coefficient that it counts.
    place = int(np.argmax(mean))
    turned = np.eye(len(mean))
    turned[place] = mean
    error, freedom = by_definition(
        frame["income"].to_numpy(), design @ np.linalg.inv(turned), frame["kecamatan"].to_numpy(), place
    )
    assert effect.standard_error == pytest.approx(error, rel=1e-8)
    assert effect.options["degrees_of_freedom"] == pytest.approx(freedom, rel=1e-8)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_sums_of_coefficients_have_the_errors_of_the_regression_they_are_terms_of(seed):
    rng = np.random.default_rng(seed)
    cluster = rng.permutation(np.arange(40) % 9)
    design = np.column_stack([np.ones(40), rng.normal(size=(40, 3))])
    outcome, contrasts = rng.normal(size=40), np.linalg.qr(rng.normal(size=(4, 4)))[0]
    covariance, freedom = bias_reduced_contrasts(outcome, design, contrasts, cluster)
    for place in range(4):
        error, df = by_definition(outcome, design @ np.linalg.inv(contrasts), cluster, place)
        assert (covariance[place, place] ** 0.5, freedom[place]) == pytest.approx((error, df), rel=1e-8)
    total = np.array([1.0, -2, 0.5, 3])
    of_total, _ = bias_reduced_contrasts(outcome, design, (total @ contrasts)[None, :], cluster)
    assert total @ covariance @ total == pytest.approx(of_total[0, 0], rel=1e-8)


# --- which kind is told ------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["sun_abraham", "imputation"])
def test_few_clusters_make_no_effect_surer(method):
    default, printed = asked(method), asked(method, errors="clustered")
    assert (default.options["errors"], printed.options["errors"]) == ("bias_reduced", "clustered")
    assert default.estimate == printed.estimate
    assert default.standard_error > printed.standard_error
    assert np.isinf(printed.options["degrees_of_freedom"])


def test_where_no_correction_is_known_the_errors_are_those_of_the_library():
    with_rain = panel(villages(), covariates=["rain"])
    with_gaps = panel(villages().drop(index=[3, 70]), unbalanced="keep")
    for rows, method in [
        (with_rain, "imputation"),
        (with_gaps, "imputation"),
        (with_rain, "callaway_santanna"),
    ]:
        effect = staggered(rows, outcome=INCOME, method=method)
        assert effect.options["errors"] == "clustered"
        assert any("only 12 clusters" in warning.text("en") for warning in effect.warnings)
        with pytest.raises(BadInput, match="Say errors='clustered'"):
            staggered(rows, outcome=INCOME, method=method, errors="bias_reduced")


def test_errors_of_no_such_kind_are_refused():
    with pytest.raises(BadInput, match="Choose from: bias_reduced, clustered"):
        asked("sun_abraham", errors="hc3")


@pytest.mark.parametrize("method", ["sun_abraham", "imputation"])
def test_a_group_within_one_kecamatan_leaves_the_doubt_untold(method):
    """Its residuals are always zero together: clustered errors count the chance of others alone."""
    frame = villages()
    frame.loc[(frame["start"] == 5) & (frame["kecamatan"] > 1), "start"] = 3
    effect = asked(method, "dynamic", frame)
    terms = effect.of_kind("event_time").set_index("term")["standard_error"]
    assert np.isnan(terms[[0, 1]]).all()
    assert np.isfinite(terms[[2, 3]]).all()
    assert np.isnan(effect.interval).all()
    n_unknown = int(effect.estimates["standard_error"].isna().sum())
    told = f"How sure {n_unknown} of {len(effect.estimates)} effects are cannot be told"
    assert any(told in warning.text("en") for warning in effect.warnings)
    assert "kelompok mulai yang seluruhnya berada dalam satu klaster" in effect.in_words("id")
    assert len(effect.table("id")) == len(effect.estimates)
    assert effect.plot("id").axes
    assert np.isfinite(asked(method, "dynamic", frame, errors="clustered").estimates["standard_error"]).all()


def test_trends_before_are_tested_with_the_same_errors():
    effect = asked("sun_abraham", "dynamic")
    study, terms = event_study(effect), effect.of_kind("event_time").set_index("term")
    errors = terms.loc[study.times, "standard_error"]
    np.testing.assert_allclose(np.sqrt(np.diag(study.covariance)), errors, rtol=1e-12)
    assert effect.diagnostics
    assert np.isfinite(honest(effect, sizes=[0.0]).intervals[["low", "high"]]).all(axis=None)
