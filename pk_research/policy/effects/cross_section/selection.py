"""Who gets the policy: the probability of each unit, whether the sides overlap, and how alike they are."""

from __future__ import annotations

import warnings
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import norm

from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.policy.effects.cross_section.study import Study
from pk_research.policy.effects.did.parts import check_choice, refuse
from pk_research.policy.effects.effect import Diagnostic, Verdict

Link = Literal["logit", "probit"]
RARE = 0.02
DOUBTFUL, UNLIKE = 0.1, 0.25


def propensity(study: Study, *, link: Link = "logit") -> np.ndarray:
    """Return the probability of each unit to have the policy, given its covariates.

    Parameters
    ----------
    study
        The rows.
    link
        ``"logit"`` or ``"probit"``.

    Returns
    -------
    numpy.ndarray
        One probability a unit.

    Raises
    ------
    BadInput
        Without covariates; when covariates say who has the policy (perfect separation); for a link that
        is none.

    Examples
    --------
    >>> frame = pd.DataFrame({"y": [1.0, 2, 3, 5], "has": [0, 1, 0, 1], "x": [0.0, 0, 1, 1]})
    >>> from pk_research.policy.effects.cross_section import read_study
    >>> propensity(read_study(frame, outcome="y", treated="has", covariates=["x"])).round(3).tolist()
    [0.5, 0.5, 0.5, 0.5]
    """
    inverse = expit if link == "logit" else norm.cdf
    return np.asarray(inverse(study.design @ fitted_selection(study, link=link).params), dtype=float)


def fitted_selection(study: Study, *, link: Link) -> Any:  # noqa: ANN401 - a result of statsmodels
    """Fit who has the policy, or refuse where that is known beforehand."""
    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import (
        ConvergenceWarning,
        PerfectSeparationError,
        PerfectSeparationWarning,
    )

    problems = check_choice("link", link, ("logit", "probit"))
    if study.covariates.empty:
        problems.append(
            Problem("covariates", "there are none to tell who has the policy by", "Read the study with some.")
        )
    refuse(problems)
    model = (sm.Logit if link == "logit" else sm.Probit)(study.treated, study.design)
    with warnings.catch_warnings():
        warnings.simplefilter("error", PerfectSeparationWarning)
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            fit = model.fit(disp=0, maxiter=200)
        except (PerfectSeparationError, PerfectSeparationWarning, np.linalg.LinAlgError):
            raise BadInput(_separated(study)) from None
    if not fit.mle_retvals["converged"]:
        raise BadInput(_separated(study))
    return fit


def _separated(study: Study) -> Problem:
    alone = [
        name for name, values in study.covariates.items() if _apart(values.to_numpy(), study.treated == 1)
    ]
    named = f"'{alone[0]}' alone does" if alone else "some of them together do"
    return Problem(
        "covariates",
        f"they say for certain who has the policy ({named}), so nobody is left to compare some units with",
        "Leave that covariate out, or keep only units that could have gone either way.",
    )


def _apart(values: np.ndarray, treated: np.ndarray) -> bool:
    with_it, without = values[treated], values[~treated]
    return bool(with_it.min() >= without.max() or without.min() >= with_it.max())


def overlap(probability: np.ndarray) -> Diagnostic:
    """Say how many units have hardly a counterpart: a probability near 0 or 1."""
    share = float(((probability < RARE) | (probability > 1 - RARE)).mean())
    verdict: Verdict = "holds" if share == 0 else "doubtful" if share < DOUBTFUL else "fails"
    account = (
        Message("Every unit could have gone either way: no probability of the policy is near 0 or 1.")
        if verdict == "holds"
        else Message(
            "{share}% of units have a probability of the policy below {rare}% or above {sure}%: they weigh"
            " heavily or have no counterpart. Look at the effect without them.",
            {"share": round(100 * share, 1), "rare": 100 * RARE, "sure": 100 * (1 - RARE)},
        )
    )
    return Diagnostic(Message("Overlap"), share, verdict, account)


def normalised_differences(
    study: Study, weights: np.ndarray, *, scale: Literal["pooled", "treated"] = "pooled"
) -> pd.DataFrame:
    """Return how far apart the two sides lie, before and after weighting, in standard deviations.

    Parameters
    ----------
    study
        The rows.
    weights
        One weight a unit; 0 for units that are not used.
    scale
        Standard deviations of the unweighted rows: root of the mean of both variances (Imbens and
        Rubin), or that of the units with the policy (as MatchIt for effects on the treated).

    Returns
    -------
    pandas.DataFrame
        One row a covariate (the index): ``before``, ``after``. Missing where nothing varies.

    Examples
    --------
    >>> frame = pd.DataFrame({"y": [1.0, 2, 3, 5], "has": [0, 1, 0, 1], "x": [0.0, 0, 1, 3]})
    >>> from pk_research.policy.effects.cross_section import read_study
    >>> study = read_study(frame, outcome="y", treated="has", covariates=["x"])
    >>> normalised_differences(study, np.ones(4)).round(3).to_dict("index")
    {'x': {'before': 0.632, 'after': 0.632}}
    """
    treated = study.treated == 1
    values = study.covariates.to_numpy(dtype=float)
    spread = values[treated].var(axis=0, ddof=1)
    if scale == "pooled":
        spread = (spread + values[~treated].var(axis=0, ddof=1)) / 2
    spread = np.where(spread > 0, np.sqrt(spread), np.nan)

    def apart(weight: np.ndarray) -> np.ndarray:
        sides = [np.average(values[side], axis=0, weights=weight[side]) for side in (treated, ~treated)]
        return np.asarray((sides[0] - sides[1]) / spread)

    return pd.DataFrame(
        {"before": apart(np.ones(len(values))), "after": apart(weights)}, index=study.covariates.columns
    )


def likeness(differences: pd.DataFrame) -> Diagnostic:
    """Say whether the sides are alike in what was measured."""
    furthest = differences["after"].abs().max()
    name = str(differences["after"].abs().idxmax())
    verdict: Verdict = "holds" if furthest < DOUBTFUL else "doubtful" if furthest < UNLIKE else "fails"
    values = {"name": name, "far": round(float(furthest), 2)}
    account = {
        "holds": Message(
            "In what was measured both sides are alike: no covariate differs by more than {far} standard"
            " deviations. What was not measured may still differ.",
            values,
        ),
        "doubtful": Message(
            "Both sides still differ a little: “{name}” by {far} standard deviations.", values
        ),
        "fails": Message(
            "Both sides are not alike: “{name}” differs by {far} standard deviations. Do not read the figure"
            " as the policy's effect before this is mended.",
            values,
        ),
    }[verdict]
    return Diagnostic(Message("Likeness of both sides"), float(furthest), verdict, account)
