"""Matched comparisons: each unit with the policy beside the most similar ones without it."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual, Message
from pk_research.policy.effects.cross_section.contrast import ALIKE, ALONE
from pk_research.policy.effects.cross_section.selection import (
    Link,
    likeness,
    normalised_differences,
    propensity,
)
from pk_research.policy.effects.cross_section.study import Study
from pk_research.policy.effects.did.parts import check_level, refuse
from pk_research.policy.effects.effect import (
    NO_UNIT,
    Effect,
    Estimator,
    checked_against,
    estimates_table,
    row,
)

SAME = 1e-9
MATCHED = Message("the most similar units without the policy")


def matched_effect(
    study: Study,
    *,
    outcome: Bilingual,
    unit: Bilingual = NO_UNIT,
    caliper: float | None = None,
    link: Link = "logit",
    level: float = 0.95,
    made: bool = False,
) -> Effect:
    """Estimate the mean effect on those with the policy, each paired with one unit without it.

    Pairs are nearest in the probability of the policy, made one after the other from the highest
    probability down, each unit used once; equals are taken in the order of the rows.

    Parameters
    ----------
    study
        The rows.
    outcome, unit
        Of the outcome, for people.
    caliper
        Largest difference of the probabilities, in their standard deviations; None for any. Units
        without a pair are set aside and counted.
    link
        Of the model of who has the policy.
    level
        Of the interval, from Student's distribution with pairs less one degrees of freedom.
    made
        True for made data.

    Returns
    -------
    Effect
        Standard errors are clustered by pair (Abadie and Spiess 2022). ``details`` hold the ``pairs``
        (row numbers of the study) and the ``balance``, in standard deviations of those with the policy.

    Raises
    ------
    BadInput
        When there are fewer units without the policy than with it, or no pair within the caliper; when
        the caliper is not above 0 or the level no share.

    Notes
    -----
    Nearest-neighbour matching as R's MatchIt does it by default (Ho, Imai, King and Stuart 2011).

    Examples
    --------
    >>> frame = pd.DataFrame({"y": [1.0, 2, 3, 5, 2, 4], "has": [0, 1, 0, 1, 0, 0],
    ...                       "x": [0.0, 0, 1, 1, 1, 2]})
    >>> from pk_research.policy.effects.cross_section import read_study
    >>> study = read_study(frame, outcome="y", treated="has", covariates=["x"])
    >>> round(matched_effect(study, outcome=Message("income")).estimate, 3)
    1.5
    """
    problems = check_level(level)
    if caliper is not None and not caliper > 0:
        problems.append(Problem("caliper", f"it is {caliper}", "Give a number above 0, or None for any."))
    refuse(problems)
    probability = propensity(study, link=link)
    pairs = nearest_pairs(study.treated, probability, caliper=caliper)
    n_treated = int(study.treated.sum())
    used = pairs.to_numpy().ravel()
    weights = np.zeros(len(study.treated))
    weights[used] = 1
    differences = normalised_differences(study, weights, scale="treated")
    estimate, error = _by_pair(study, pairs)
    freedom = len(pairs) - 1
    left_out = study.left_out
    if len(pairs) < n_treated:
        alone = Message("with the policy, but nobody similar enough without it")
        left_out = (*left_out, (alone, n_treated - len(pairs)))
    unused = int((study.treated == 0).sum()) - len(pairs)
    left_out = (*left_out, (Message("without the policy, and in no pair"), unused))
    effect = Effect(
        estimates_table([row("all", "overall", estimate, error, level=level, df=freedom)]),
        outcome,
        unit,
        Estimator(
            Message("nearest-neighbour matching"),
            "Ho, Imai, King & Stuart 2011",
            f"statsmodels {version('statsmodels')}",
        ),
        replace(
            study.sample,
            n_rows=2 * len(pairs),
            n_units=2 * len(pairs),
            n_treated=len(pairs),
            n_comparison=len(pairs),
            n_clusters=len(pairs),
            left_out=left_out,
        ),
        MATCHED,
        (ALIKE, ALONE),
        diagnostics=(likeness(differences),),
        warnings=study.warnings,
        level=level,
        options={"caliper": caliper, "link": link, "covariates": tuple(study.covariates.columns)},
        input_hash=study.input_hash,
        made=made,
        details={"pairs": pairs, "balance": differences},
    )
    within = study.outcome[pairs["treated"]] - study.outcome[pairs["untreated"]]
    spread = float(within.std(ddof=1) / np.sqrt(len(within))) if freedom else float("nan")
    return checked_against(effect, "algebra", float(within.mean()), spread, tolerance=SAME)


def nearest_pairs(
    treated: np.ndarray, probability: np.ndarray, *, caliper: float | None = None
) -> pd.DataFrame:
    """Pair each unit with the policy with the nearest unused one without it.

    Parameters
    ----------
    treated
        0 or 1, one a unit.
    probability
        Of the policy, one a unit.
    caliper
        Largest difference, in standard deviations of the probabilities; None for any.

    Returns
    -------
    pandas.DataFrame
        One row a pair: ``treated`` and ``untreated``, places of the units.

    Raises
    ------
    BadInput
        When there are too few units without the policy, or no pair is near enough.

    Examples
    --------
    >>> pairs = nearest_pairs(np.array([1, 0, 0, 1]), np.array([0.5, 0.4, 0.6, 0.9]))
    >>> pairs.to_dict("list")
    {'treated': [3, 0], 'untreated': [2, 1]}
    """
    policy, free = np.flatnonzero(treated == 1), np.flatnonzero(treated == 0)
    if len(free) < len(policy):
        raise BadInput(
            Problem(
                "the study",
                f"{len(policy)} units have the policy and {len(free)} have not, so some would have no pair",
                "Weight instead of matching, or set a narrower question.",
            )
        )
    most = np.inf if caliper is None else caliper * float(np.std(probability, ddof=1))
    is_free = np.ones(len(free), dtype=bool)
    pairs = []
    for one in policy[np.argsort(-probability[policy], kind="stable")]:
        far = np.where(is_free, np.abs(probability[free] - probability[one]), np.inf)
        nearest = int(far.argmin())
        if far[nearest] <= most:
            is_free[nearest] = False
            pairs.append((int(one), int(free[nearest])))
    if not pairs:
        raise BadInput(Problem("caliper", f"no pair lies within {caliper}", "Widen it."))
    return pd.DataFrame(pairs, columns=["treated", "untreated"])


def _by_pair(study: Study, pairs: pd.DataFrame) -> tuple[float, float]:
    import statsmodels.api as sm

    used = pairs.to_numpy().T.ravel()
    pair = np.tile(np.arange(len(pairs)), 2)
    design = sm.add_constant(study.treated[used].astype(float))
    fit = sm.OLS(study.outcome[used], design).fit(cov_type="cluster", cov_kwds={"groups": pair})
    return float(fit.params[1]), float(fit.bse[1]) if len(pairs) > 1 else float("nan")
