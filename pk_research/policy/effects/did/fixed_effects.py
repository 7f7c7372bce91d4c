"""Before and after, with and without: one regression with a constant for each unit and period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, get_args

import numpy as np
import pandas as pd

from pk_research.errors import Problem
from pk_research.language import Bilingual, Message
from pk_research.policy.effects.bias_reduced import bias_reduced_error
from pk_research.policy.effects.did.parts import (
    assumptions,
    check_choice,
    check_covariates,
    check_level,
    check_treated,
    library,
    refuse,
    row,
    sample_of,
)
from pk_research.policy.effects.effect import NO_UNIT, Effect, Estimator, checked_against, estimates_table
from pk_research.policy.effects.panel import Panel
from pk_research.products.words import some

Errors = Literal["bias_reduced", "clustered"]
NEVER = Message("villages without the policy in the same periods")
CONSTANT = Message("the effect is the same in all villages and does not change with time since the start")
TOLERANCE = 1e-4
ROUNDING = 1e-12


def two_by_two(
    panel: Panel,
    *,
    outcome: Bilingual,
    unit: Bilingual = NO_UNIT,
    errors: Errors = "bias_reduced",
    level: float = 0.95,
    made: bool = False,
) -> Effect:
    """Compare the change of those with the policy to the change of those without.

    Each unit's periods before and after the start are averaged first, so that standard errors are not
    fooled by outcomes that stay high or low for years (Bertrand, Duflo and Mullainathan 2004).

    Parameters
    ----------
    panel
        Units and periods from `read_panel`; all that have the policy began in the same period.
    outcome, unit
        What changed, for people, and in what it is counted.
    errors
        ``"bias_reduced"`` (CR2 with Satterthwaite's degrees of freedom), which few villages with the policy
        do not make too small; or ``"clustered"`` (CRV1 with clusters - 1), as most programs print.
    level
        Of the interval.
    made
        True for made data.

    Returns
    -------
    Effect
        One row: the whole effect, its interval by Student's distribution. Cross-checked against the
        difference of mean changes.

    Raises
    ------
    BadInput
        When units began at different times, when covariates were given, for errors of no known kind, for
        one unit or cluster with the policy, or for an outcome that does not vary.

    Examples
    --------
    >>> from pk_research.policy.effects.panel import read_panel
    >>> frame = pd.DataFrame({"village": list("aabbccdd"), "year": [1, 2] * 4,
    ...     "income": [1.0, 4.0, 2.0, 5.5, 1.0, 2.0, 3.0, 4.5], "has": [0, 1, 0, 1, 0, 0, 0, 0]})
    >>> panel = read_panel(frame, unit="village", period="year", outcome="income", treated="has")
    >>> round(two_by_two(panel, outcome=Message("Income")).estimate, 3)
    2.0
    """
    problems = [*_check_asked(errors, level), *check_treated(panel), *check_outcome(panel)]
    starts = sorted(set(panel.starts[panel.starts > 0]))
    if len(starts) > 1:
        named = some(panel.periods[start - 1] for start in starts)
        problems.append(
            Problem("the starts", f"the policy began at different times: {named}", "Use `staggered`.")
        )
    if panel.covariates:
        problems.append(
            Problem("covariates", "this estimator has none", "Use `staggered`, which takes them from before.")
        )
    refuse(problems)
    after = (panel.rows["period"] >= starts[0]).astype(int)
    means = (
        panel.rows.assign(period=after)
        .groupby(["unit", "period"], as_index=False)
        .agg(outcome=("outcome", "mean"), treated=("treated", "max"), cluster=("cluster", "first"))
    )
    effect = _estimated(panel, means, outcome=outcome, unit=unit, errors=errors, level=level, made=made)
    effect = replace(
        effect,
        estimator=replace(
            effect.estimator,
            name=Message("Difference in differences of the means before and after"),
            source="Bertrand, Duflo & Mullainathan 2004",
        ),
    )
    change = means.pivot_table(index="unit", columns="period", values="outcome").diff(axis=1)[1]
    has = panel.starts > 0
    return checked_against(
        effect, "algebra", change[has].mean() - change[~has].mean(), np.nan, tolerance=TOLERANCE
    )


def twfe(
    panel: Panel,
    *,
    outcome: Bilingual,
    unit: Bilingual = NO_UNIT,
    errors: Errors = "bias_reduced",
    level: float = 0.95,
    made: bool = False,
) -> Effect:
    """Regress the outcome on the policy with a constant for each unit and each period.

    Parameters
    ----------
    panel
        Units and periods from `read_panel`; covariates enter the regression.
    outcome, unit
        What changed, for people, and in what it is counted.
    errors
        ``"bias_reduced"`` (CR2 with Satterthwaite's degrees of freedom), which few villages with the policy
        do not make too small; or ``"clustered"`` (CRV1 with clusters - 1), as most programs print.
    level
        Of the interval.
    made
        True for made data.

    Returns
    -------
    Effect
        One row: the whole effect. The small-sample correction of clustered errors counts the constants of
        periods, not those of units, which lie within clusters. Cross-checked against demeaning by hand.
        Where starts differ it warns: such a regression also compares late starters with early ones.

    Raises
    ------
    BadInput
        For errors of no known kind, one unit or cluster with the policy, covariates that repeat others, or
        an outcome that does not vary.

    Examples
    --------
    >>> from pk_research.policy.effects.panel import read_panel
    >>> frame = pd.DataFrame({"village": list("aabbccdd"), "year": [1, 2] * 4,
    ...     "income": [1.0, 4.0, 2.0, 5.5, 1.0, 2.0, 3.0, 4.5], "has": [0, 1, 0, 1, 0, 0, 0, 0]})
    >>> panel = read_panel(frame, unit="village", period="year", outcome="income", treated="has")
    >>> round(twfe(panel, outcome=Message("Income")).estimate, 3)
    2.0
    """
    refuse([*_check_asked(errors, level), *check_treated(panel), *check_outcome(panel), *not_varying(panel)])
    effect = _estimated(panel, panel.rows, outcome=outcome, unit=unit, errors=errors, level=level, made=made)
    if len(set(panel.starts) - {0}) > 1:
        effect = replace(effect, warnings=(*effect.warnings, _forbidden(panel)))
    estimate, clustered = demeaned_estimate(panel.rows, panel.covariates)
    error = clustered if errors == "clustered" else np.nan
    return checked_against(effect, "algebra", estimate, error, tolerance=TOLERANCE)


def demeaned_estimate(rows: pd.DataFrame, covariates: Sequence[str] = ()) -> tuple[float, float]:
    """Return estimate and clustered standard error of the policy, by demeaning and the sandwich."""
    columns = [within(rows, rows[name].to_numpy(dtype=float)) for name in ("treated", *covariates)]
    design = np.column_stack(columns)
    outcome = within(rows, rows["outcome"].to_numpy())
    bread = np.linalg.inv(design.T @ design)
    coefficients = bread @ design.T @ outcome
    scores = pd.DataFrame(design * (outcome - design @ coefficients)[:, None])
    sums = scores.groupby(rows["cluster"].to_numpy()).sum().to_numpy()
    n, clusters = len(rows), len(sums)
    correction = clusters / (clusters - 1) * (n - 1) / (n - _counted(rows, design.shape[1]))
    variance = correction * bread @ sums.T @ sums @ bread
    return float(coefficients[0]), float(np.sqrt(variance[0, 0]))


def _counted(rows: pd.DataFrame, n_regressors: int) -> int:
    """Return the parameters that the small-sample correction counts: the constants of units do not.

    They lie within clusters, and counting them would inflate the standard error: with two periods by the
    root of two (Cameron and Miller 2015, section II.C).
    """
    return n_regressors + int(rows["period"].nunique())


def within(rows: pd.DataFrame, values: np.ndarray) -> np.ndarray:
    """Return values less their unit's and period's constant; turns until nothing changes."""
    scale = max(float(np.abs(values).max()), np.finfo(float).tiny)
    codes = [np.unique(rows[name].to_numpy(), return_inverse=True)[1] for name in ("unit", "period")]
    for _ in range(10_000):
        before = values
        for code in codes:
            values = less_means(values, code)
        if np.abs(values - before).max() <= 1e-13 * scale:
            break
    return values


def less_means(values: np.ndarray, code: np.ndarray) -> np.ndarray:
    """Return values less the mean of those with the same code."""
    return np.asarray(values - (np.bincount(code, values) / np.bincount(code))[code])


def negative_share(panel: Panel) -> float:
    """Return the share of rows with the policy that enter the regression's effect with negative weight."""
    weights = within(panel.rows, panel.rows["treated"].to_numpy(dtype=float))
    return float((weights[panel.rows["treated"] == 1] < 0).mean())


def check_outcome(panel: Panel) -> list[Problem]:
    """Return the problem of an outcome in which nothing is left once the constants are taken out."""
    outcome = panel.rows["outcome"].to_numpy()
    if np.abs(within(panel.rows, outcome)).max() > ROUNDING * np.abs(outcome).max():
        return []
    return [
        Problem(
            "the outcome",
            "it never changes, or changes alike in all units, so no effect and no doubt can be told",
            "Choose an outcome that varies.",
        )
    ]


def not_varying(panel: Panel) -> list[Problem]:
    """Return the covariates that the constants for units and periods take up, or that repeat others."""
    problems = check_covariates(panel)
    constant = [
        name
        for name in panel.covariates
        if np.abs(within(panel.rows, panel.rows[name].to_numpy())).max()
        <= 1e-9 * max(1.0, float(panel.rows[name].abs().max()))
    ]
    if constant and not problems:
        problems.append(
            Problem(
                f"covariates {some(constant)}",
                "they do not change within a unit, or change alike in all, so the constants take them up",
                "Leave them out, or use `staggered`, where covariates from before the policy serve.",
            )
        )
    return problems


def _check_asked(errors: str, level: float) -> list[Problem]:
    return [*check_level(level), *check_choice("errors", errors, get_args(Errors))]


def _estimated(
    panel: Panel,
    rows: pd.DataFrame,
    *,
    outcome: Bilingual,
    unit: Bilingual,
    errors: Errors,
    level: float,
    made: bool,
) -> Effect:
    import pyfixest

    names = {name: f"covariate_{n}" for n, name in enumerate(panel.covariates)}
    right = " + ".join(["treated", *names.values()])
    fit = pyfixest.feols(
        f"outcome ~ {right} | unit + period",
        rows.rename(columns=names),
        vcov={"CRV1": "cluster"},
        ssc=pyfixest.ssc(k_fixef="none"),
    )
    if errors == "bias_reduced":
        error, df = _bias_reduced(rows, panel.covariates)
    else:
        # Which constants lie within clusters is known here; the library's own count goes by column order.
        n, k = len(rows), 1 + len(panel.covariates)
        error = float(fit.se()["treated"]) * np.sqrt((n - k) / (n - _counted(rows, k)))
        df = panel.n_clusters - 1
    return Effect(
        estimates=estimates_table(
            [row("all", "overall", float(fit.coef()["treated"]), error, level=level, df=df)]
        ),
        outcome=outcome,
        unit=unit,
        estimator=Estimator(
            Message("Regression with a constant for each village and period"),
            "Angrist & Pischke 2009",
            library("pyfixest"),
        ),
        sample=sample_of(panel),
        comparison=NEVER,
        assumptions=(*assumptions(), CONSTANT),
        warnings=panel.warnings,
        level=level,
        options={"errors": errors, "degrees_of_freedom": float(df), "covariates": panel.covariates},
        input_hash=panel.input_hash,
        made=made,
    )


def _bias_reduced(rows: pd.DataFrame, covariates: Sequence[str]) -> tuple[float, float]:
    """Return error and degrees of freedom of the policy; the units' constants are taken out first."""
    unit = np.unique(rows["unit"].to_numpy(), return_inverse=True)[1]
    period = rows["period"].to_numpy()
    of_periods = np.column_stack([less_means(period == one, unit) for one in np.unique(period)])
    directions, sizes, _ = np.linalg.svd(of_periods, full_matrices=False)
    told = [less_means(rows[name].to_numpy(dtype=float), unit) for name in ("treated", *covariates)]
    design = np.column_stack([*told, directions[:, sizes > ROUNDING * len(rows)]])
    return bias_reduced_error(
        less_means(rows["outcome"].to_numpy(), unit), design, rows["cluster"].to_numpy()
    )


def _forbidden(panel: Panel) -> Message:
    return Message(
        "The policy began at different times: this regression also uses villages that already have it as"
        " a comparison, and gives {share}% of the rows with the policy a negative weight. If the effect"
        " changes with time the figure can even have the wrong sign. Use `staggered`, and look at"
        " `goodman_bacon`.",
        {"share": round(100 * negative_share(panel), 1)},
    )
