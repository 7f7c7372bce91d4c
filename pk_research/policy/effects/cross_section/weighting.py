"""Weighted and doubly robust comparisons: as if the policy had been dealt evenly over the covariates."""

from __future__ import annotations

from importlib.metadata import version
from typing import Literal, get_args

import numpy as np

from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual, Message
from pk_research.policy.effects.bias_reduced import bias_reduced_error
from pk_research.policy.effects.cross_section.contrast import ALIKE, ALONE, WITHOUT
from pk_research.policy.effects.cross_section.selection import (
    Link,
    fitted_selection,
    likeness,
    normalised_differences,
    overlap,
)
from pk_research.policy.effects.cross_section.study import Study, check_sides
from pk_research.policy.effects.did.parts import check_choice, check_level
from pk_research.policy.effects.effect import (
    NO_UNIT,
    Effect,
    Estimator,
    checked_against,
    estimates_table,
    row,
)

Method = Literal["regression", "weighting", "doubly_robust"]
Errors = Literal["robust", "bias_reduced"]
SAME = 1e-4
NAMES = {
    "regression": (Message("regression adjustment"), "Wooldridge 2010"),
    "weighting": (Message("inverse probability weighting"), "Hirano, Imbens & Ridder 2003"),
    "doubly_robust": (Message("doubly robust, weighted and adjusted"), "Robins, Rotnitzky & Zhao 1994"),
}


def adjusted_effect(
    study: Study,
    *,
    outcome: Bilingual,
    unit: Bilingual = NO_UNIT,
    method: Method = "doubly_robust",
    outcome_covariates: tuple[str, ...] | None = None,
    selection_covariates: tuple[str, ...] | None = None,
    link: Link = "logit",
    errors: Errors = "robust",
    level: float = 0.95,
    made: bool = False,
) -> Effect:
    """Estimate the mean effect over all units, adjusted for covariates.

    Parameters
    ----------
    study
        The rows; robust standard errors take units as independent, so they refuse a study with clusters.
    outcome, unit
        Of the outcome, for people.
    method
        ``"regression"`` (a line on each side), ``"weighting"`` (by the inverse probability of the side
        a unit is on, weights summing to one on each side), or ``"doubly_robust"`` (both: right when
        either model is).
    outcome_covariates, selection_covariates
        Names of those that explain the outcome and who has the policy; all of the study by default.
    link
        Of the model of who has the policy.
    errors
        ``"robust"``, of large samples, which counts the estimation of both models and that the units are
        drawn from more; or for ``"regression"`` also ``"bias_reduced"``, which few units or clusters of one
        side do not make too small (HC2, or CR2 where the study has clusters, with Satterthwaite's degrees of
        freedom) and which tells the doubt of the mean effect among these very units.
    level
        Of the interval: from the normal distribution, or from Student's where errors are bias-reduced.
    made
        True for made data.

    Returns
    -------
    Effect
        Cross-checked by the formula.

    Raises
    ------
    BadInput
        When covariates are unknown or say for certain who has the policy; when the study has clusters and
        errors are robust, or all units of one side lie in one; when the level is no share, method, errors or
        link are none, or the method does not have such errors.

    Notes
    -----
    Figures of the Stata manual for ``teffects`` are reproduced by the tests. A line on each side is one
    regression on the policy, the covariates less their means, and their products (Lin 2013, *Annals of
    Applied Statistics* 7(1)): bias-reduced errors are those of its policy. Robust standard errors are those
    of large samples: in 1500 made studies of 187 villages the 95 % intervals of ``"doubly_robust"`` and
    ``"regression"`` held the truth in 93 %.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"y": [1.0, 2, 3, 5, 2, 4], "has": [0, 1] * 3, "x": [0.0, 0, 1, 1, 1, 2]})
    >>> from pk_research.policy.effects.cross_section import read_study
    >>> study = read_study(frame, outcome="y", treated="has", covariates=["x"])
    >>> round(adjusted_effect(study, outcome=Message("income"), method="regression").estimate, 3)
    1.25
    """
    from statsmodels.regression.linear_model import OLS
    from statsmodels.treatment.treatment_effects import TreatmentEffect

    _check(
        study,
        [
            *check_level(level),
            *check_choice("method", method, NAMES),
            *check_choice("errors", errors, get_args(Errors)),
            *_check_errors(study, method, errors),
        ],
        outcome_covariates,
        selection_covariates,
    )
    explains = _part(study, outcome_covariates)
    chosen_by = _part(study, selection_covariates)
    selection = fitted_selection(chosen_by, link=link)
    if method == "regression":
        estimate, error, freedom = _by_both_lines(explains, errors)
    else:
        effects = TreatmentEffect(
            OLS(study.outcome, explains.design), study.treated, results_select=selection
        )
        result = (effects.ipw if method == "weighting" else effects.aipw)().results_gmm
        estimate, error, freedom = float(result.params[0]), float(result.bse[0]), np.inf
    probability = selection.predict()
    weights = np.where(study.treated == 1, 1 / probability, 1 / (1 - probability))
    differences = normalised_differences(chosen_by, weights)
    name, source = NAMES[method]
    effect = Effect(
        estimates_table([row("all", "overall", estimate, error, level=level, df=freedom)]),
        outcome,
        unit,
        Estimator(name, source, f"statsmodels {version('statsmodels')}"),
        study.sample,
        WITHOUT,
        (ALIKE, ALONE),
        diagnostics=(overlap(probability), likeness(differences)) if method != "regression" else (),
        warnings=study.warnings,
        level=level,
        options={
            "method": method,
            "link": link,
            "errors": errors,
            "degrees_of_freedom": freedom,
            "outcome_covariates": tuple(explains.covariates.columns),
            "selection_covariates": tuple(chosen_by.covariates.columns),
        },
        input_hash=study.input_hash,
        made=made,
        details={"balance": differences},
    )
    second = _algebra(study, explains.design, probability, method)
    return checked_against(effect, "algebra", second, float("nan"), tolerance=SAME)


def _check(study: Study, problems: list[Problem], *chosen: tuple[str, ...] | None) -> None:
    known = set(study.covariates.columns)
    problems += [
        Problem(f"covariate '{name}'", "the study was read without it", "Name it in read_study.")
        for names in chosen
        for name in names or ()
        if name not in known
    ]
    if problems:
        raise BadInput(problems)


def _check_errors(study: Study, method: Method, errors: Errors) -> list[Problem]:
    if errors == "bias_reduced":
        if method == "regression":
            return check_sides(study)
        remedy = "Say method='regression' or errors='robust'."
        return [Problem("errors", f"{method} has no 'bias_reduced'", remedy)]
    if study.cluster is None:
        return []
    return [
        Problem(
            "the study",
            "it has clusters, and these standard errors take units as independent",
            "Use difference_in_means with covariates, say method='regression' and errors='bias_reduced', or"
            " read the study without clusters.",
        )
    ]


def _by_both_lines(study: Study, errors: Errors) -> tuple[float, float, float]:
    """Return estimate, error and degrees of freedom of a line on each side.

    The library's moments of it depend on one another where there is one covariate, and give no error then.
    """
    from statsmodels.regression.linear_model import OLS

    apart = study.design[:, 1:] - study.design[:, 1:].mean(axis=0)
    policy = study.treated[:, None]
    design = np.column_stack([policy, np.ones(len(apart)), apart, policy * apart])
    fit = OLS(study.outcome, design).fit()
    estimate = float(fit.params[0])
    if errors == "bias_reduced":
        return estimate, *bias_reduced_error(study.outcome, design, study.cluster)
    differing = apart @ fit.params[2 + apart.shape[1] :]
    moved = design @ fit.normalized_cov_params[0] * fit.resid + differing / len(apart)
    return estimate, float(np.sqrt(moved @ moved)), np.inf


def _part(study: Study, names: tuple[str, ...] | None) -> Study:
    from dataclasses import replace

    return study if names is None else replace(study, covariates=study.covariates[list(names)])


def _algebra(study: Study, design: np.ndarray, probability: np.ndarray, method: Method) -> float:
    """Compute the difference of both mean outcomes from the formula."""
    means = []
    for side, chance in ((1, probability), (0, 1 - probability)):
        on = study.treated == side
        line, *_ = np.linalg.lstsq(design[on], study.outcome[on], rcond=None)
        told = design @ line
        if method == "regression":
            means.append(told.mean())
        elif method == "weighting":
            means.append(np.average(study.outcome[on], weights=1 / chance[on]))
        else:
            means.append((told + on / chance * (study.outcome - told)).mean())
    return float(means[0] - means[1])
