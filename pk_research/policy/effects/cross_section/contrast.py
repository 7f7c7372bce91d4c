"""The plain comparison: means with and without the policy, adjusted for covariates or not."""

from __future__ import annotations

from importlib.metadata import version
from typing import Literal, get_args

import numpy as np

from pk_research.errors import Problem
from pk_research.language import Bilingual, Message
from pk_research.policy.effects.bias_reduced import bias_reduced_error
from pk_research.policy.effects.cross_section.study import Study, check_sides
from pk_research.policy.effects.did.parts import check_choice, check_level, refuse
from pk_research.policy.effects.effect import (
    NO_UNIT,
    Effect,
    Estimator,
    checked_against,
    estimates_table,
    row,
)

Errors = Literal["bias_reduced", "classical", "robust", "clustered"]
SAME = 1e-6
DRAWN = Message("who has the policy was drawn by lot, or is as good as drawn")
ALIKE = Message("units with the same covariates would have fared alike without the policy")
ALONE = Message("the policy of one unit does not touch another")
WITHOUT = Message("units without the policy")


def difference_in_means(
    study: Study,
    *,
    outcome: Bilingual,
    unit: Bilingual = NO_UNIT,
    errors: Errors = "bias_reduced",
    level: float = 0.95,
    made: bool = False,
) -> Effect:
    """Compare means with and without the policy, holding the covariates of the study fixed.

    Parameters
    ----------
    study
        The rows; with covariates the difference is adjusted by least squares.
    outcome, unit
        Of the outcome, for people.
    errors
        ``"bias_reduced"``, which few units or clusters of one side do not make too small (HC2, or CR2 where
        the study has clusters, with Satterthwaite's degrees of freedom); or as most programs print them:
        ``"classical"`` (the same spread everywhere), ``"robust"`` (HC1), ``"clustered"`` (CR1).
    level
        Of the interval, from Student's distribution; its degrees of freedom are Satterthwaite's, or else
        those of the rows, or of the clusters less one.
    made
        True for made data.

    Returns
    -------
    Effect
        Cross-checked by the formula of least squares, computed a second way.

    Raises
    ------
    BadInput
        When the level is no share; when errors are of no known kind; when clustered errors are asked
        for and the study has no clusters, or all units of one side lie in one.

    Notes
    -----
    Angrist and Pischke (2009), *Mostly Harmless Econometrics*, chapters 3 and 8.

    Examples
    --------
    >>> import pandas as pd
    >>> from pk_research.policy.effects.cross_section import read_study
    >>> frame = pd.DataFrame({"income": [1.0, 2, 3, 5], "has": [0, 0, 1, 1]})
    >>> study = read_study(frame, outcome="income", treated="has")
    >>> round(difference_in_means(study, outcome=Message("income")).estimate, 3)
    2.5
    """
    import statsmodels.api as sm

    problems = [*check_level(level), *check_choice("errors", errors, get_args(Errors))]
    if errors == "clustered" and study.cluster is None:
        problems.append(Problem("errors", "the study has no clusters", "Read it with cluster='...'."))
    elif errors in {"clustered", "bias_reduced"}:
        problems += check_sides(study)
    refuse(problems)
    design = np.column_stack([study.treated, study.design])
    model = sm.OLS(study.outcome, design)
    freedom: float = len(study.outcome) - design.shape[1]
    if errors == "clustered":
        fit = model.fit(cov_type="cluster", cov_kwds={"groups": study.cluster})
        freedom = int(study.n_clusters or 0) - 1
    else:
        fit = model.fit(cov_type="HC1" if errors == "robust" else "nonrobust")
    estimate, error = float(fit.params[0]), float(fit.bse[0])
    if errors == "bias_reduced":
        error, freedom = bias_reduced_error(study.outcome, design, study.cluster)
    name = Message("difference of means") if study.covariates.empty else Message("least squares")
    effect = Effect(
        estimates_table([row("all", "overall", estimate, error, level=level, df=freedom)]),
        outcome,
        unit,
        Estimator(name, "Angrist & Pischke 2009", f"statsmodels {version('statsmodels')}"),
        study.sample,
        WITHOUT,
        (DRAWN if study.covariates.empty else ALIKE, ALONE),
        warnings=study.warnings,
        level=level,
        options={
            "errors": errors,
            "degrees_of_freedom": float(freedom),
            "covariates": tuple(study.covariates.columns),
        },
        input_hash=study.input_hash,
        made=made,
    )
    return checked_against(effect, "algebra", *_algebra(study, errors), tolerance=SAME)


def _algebra(study: Study, errors: Errors) -> tuple[float, float]:
    """Partial the covariates out of policy and outcome (Frisch, Waugh and Lovell)."""
    basis, _ = np.linalg.qr(study.design)
    policy = study.treated - basis @ (basis.T @ study.treated)
    outcome = study.outcome - basis @ (basis.T @ study.outcome)
    square = float(policy @ policy)
    estimate = float(policy @ outcome) / square
    rest = outcome - estimate * policy
    if errors == "bias_reduced":
        return estimate, float("nan")
    n, k = len(rest), study.design.shape[1] + 1
    if errors == "classical":
        return estimate, float(np.sqrt(rest @ rest / (n - k) / square))
    scores = policy * rest
    factor = n / (n - k)
    if errors == "clustered":
        scores = np.bincount(study.cluster, weights=scores)  # type: ignore[arg-type]
        groups = len(scores)
        factor = groups / (groups - 1) * (n - 1) / (n - k)
    return estimate, float(np.sqrt(factor * scores @ scores) / square)
