"""Instrumental variables: a push towards the policy that touches the outcome through it alone."""

from __future__ import annotations

from importlib.metadata import version

import numpy as np
import pandas as pd
from scipy.stats import f as fisher

from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual, Message
from pk_research.policy.effects.cross_section.contrast import ALONE, WITHOUT
from pk_research.policy.effects.cross_section.study import Study, check_sides
from pk_research.policy.effects.did.parts import check_level, refuse
from pk_research.policy.effects.effect import (
    NO_UNIT,
    Diagnostic,
    Effect,
    Estimator,
    Verdict,
    checked_against,
    estimates_table,
    row,
)

SAME = 1e-6
STRONG, USABLE = 104.7, 10.0


def effect_by_instrument(
    study: Study,
    instrument: np.ndarray,
    *,
    outcome: Bilingual,
    unit: Bilingual = NO_UNIT,
    level: float = 0.95,
    made: bool = False,
) -> Effect:
    """Estimate the effect on those whom the instrument moves to take up the policy.

    Parameters
    ----------
    study
        The rows; covariates are held fixed, clusters kept.
    instrument
        One number a row of the study, such as having been drawn or the distance to an office.
    outcome, unit
        Of the outcome, for people.
    level
        Of the interval.
    made
        True for made data.

    Returns
    -------
    Effect
        Two-stage least squares; ``details`` hold the interval of Anderson and Rubin (``anderson_rubin``),
        which is right also where the instrument is weak; missing where it has no ends.

    Raises
    ------
    BadInput
        When the instrument does not fit the rows, is no number, is constant once covariates are held
        fixed, or does not move the policy at all; when the level is no share; when all units of one
        side lie in one cluster.

    Notes
    -----
    Angrist, Imbens and Rubin (1996); first-stage F judged by Lee, McCrary, Moreira and Porter (2022):
    104.7 for the usual 95 % interval to be right.

    Examples
    --------
    >>> import pandas as pd
    >>> from pk_research.policy.effects.cross_section import read_study
    >>> rng = np.random.default_rng(0)
    >>> drawn, pushed = rng.integers(0, 2, 500), rng.normal(size=500)
    >>> has = (drawn + pushed > 0.5).astype(int)
    >>> frame = pd.DataFrame({"y": 2 * has + pushed + rng.normal(size=500), "has": has})
    >>> study = read_study(frame, outcome="y", treated="has")
    >>> effect = effect_by_instrument(study, drawn, outcome=Message("income"))
    >>> bool(abs(effect.estimate - 2) < 1)
    True
    """
    refuse([*check_level(level), *check_sides(study)])
    pushed = _checked(study, instrument)
    estimate, error = _by_pyfixest(study, instrument)
    basis, _ = np.linalg.qr(study.design)
    policy = study.treated - basis @ (basis.T @ study.treated)
    rest = study.outcome - basis @ (basis.T @ study.outcome)
    ends = _anderson_rubin(study, pushed, policy, rest, level)
    effect = Effect(
        estimates_table([row("all", "overall", estimate, error, level=level)]),
        outcome,
        unit,
        Estimator(
            Message("instrumental variable"),
            "Angrist, Imbens & Rubin 1996",
            f"pyfixest {version('pyfixest')}",
        ),
        study.sample,
        WITHOUT,
        (
            Message("the instrument is as good as drawn"),
            Message("the instrument touches the outcome through the policy alone"),
            Message("it pushes nobody away from the policy; the effect is told of those whom it moves"),
            ALONE,
        ),
        diagnostics=(_strength(study, pushed, policy), _robust(ends, level)),
        warnings=study.warnings,
        level=level,
        options={"covariates": tuple(study.covariates.columns)},
        input_hash=study.input_hash,
        made=made,
        details={"anderson_rubin": pd.DataFrame([ends or (float("nan"),) * 2], columns=["low", "high"])},
    )
    second = float(pushed @ rest) / float(pushed @ policy)
    return checked_against(effect, "algebra", second, float("nan"), tolerance=SAME)


def _checked(study: Study, instrument: np.ndarray) -> np.ndarray:
    try:
        values = np.asarray(instrument, dtype=float)
    except (TypeError, ValueError):
        what, remedy = "it does not hold numbers", "Give one number a row of the study, in its order."
        raise BadInput(Problem("instrument", what, remedy)) from None
    n = len(study.treated)
    if values.shape != (n,) or not np.isfinite(values).all():
        raise BadInput(
            Problem(
                "instrument",
                f"{values.size} values for {n} rows, or some are missing",
                "Give one number a row of the study, in its order.",
            )
        )
    basis, _ = np.linalg.qr(study.design)
    pushed = values - basis @ (basis.T @ values)
    if pushed @ pushed <= np.finfo(float).eps * n * max(values @ values, 1.0):
        raise BadInput(
            Problem("instrument", "it is constant, or follows from the covariates", "Choose another.")
        )
    policy = study.treated - basis @ (basis.T @ study.treated)
    if (pushed @ policy) ** 2 <= np.finfo(float).eps * (pushed @ pushed) * (policy @ policy):
        raise BadInput(
            Problem("instrument", "it does not move the policy at all in these rows", "Choose another.")
        )
    return np.asarray(pushed)


def _by_pyfixest(study: Study, instrument: np.ndarray) -> tuple[float, float]:
    import warnings

    import pyfixest

    names = [f"x{n}" for n in range(study.covariates.shape[1])]
    frame = study.covariates.set_axis(names, axis=1).assign(
        y=study.outcome, d=study.treated, z=np.asarray(instrument, dtype=float)
    )
    how: object = "HC1"
    if study.cluster is not None:
        frame["cluster"] = study.cluster
        how = {"CRV1": "cluster"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = pyfixest.feols(f"y ~ {' + '.join(names) or '1'} | d ~ z", frame, vcov=how)
    return float(fit.coef()["d"]), float(fit.se()["d"])


def _scores_error(scores: np.ndarray, study: Study) -> float:
    """Return the root of the summed squares of scores, robust or by cluster, small-sample corrected."""
    n, k = len(scores), study.design.shape[1] + 1
    if study.cluster is None:
        return float(np.sqrt(n / (n - k) * scores @ scores))
    by = np.bincount(study.cluster, weights=scores)
    return float(np.sqrt(len(by) / (len(by) - 1) * (n - 1) / (n - k) * by @ by))


def _strength(study: Study, pushed: np.ndarray, policy: np.ndarray) -> Diagnostic:
    slope = float(pushed @ policy) / float(pushed @ pushed)
    error = _scores_error(pushed * (policy - slope * pushed), study) / float(pushed @ pushed)
    strength = (slope / error) ** 2 if error > 0 else float("inf")
    verdict: Verdict = "holds" if strength >= STRONG else "doubtful" if strength >= USABLE else "fails"
    account = {
        "holds": Message("The instrument moves the policy strongly (F = {f}).", {"f": round(strength, 1)}),
        "doubtful": Message(
            "The instrument moves the policy (F = {f}), but not so strongly that the interval above is sure:"
            " rely on the one of Anderson and Rubin.",
            {"f": round(strength, 1)},
        ),
        "fails": Message(
            "The instrument hardly moves the policy (F = {f}): do not use the estimate. Only the interval of"
            " Anderson and Rubin means anything.",
            {"f": round(strength, 1)},
        ),
    }[verdict]
    return Diagnostic(Message("Strength of the instrument"), strength, verdict, account)


def _anderson_rubin(
    study: Study, pushed: np.ndarray, policy: np.ndarray, rest: np.ndarray, level: float
) -> tuple[float, float] | None:
    """Return where the test of Anderson and Rubin does not reject, if that is one piece with two ends."""
    n, k = len(rest), study.design.shape[1] + 1
    groups = study.n_clusters
    critical = float(fisher.ppf(level, 1, n - k if groups is None else groups - 1))
    # Scores of the reduced form are linear in the effect, so the test is a quadratic inequality.
    square = float(pushed @ pushed)
    slopes = [float(pushed @ one) / square for one in (rest, policy)]
    left = [pushed * (one - slope * pushed) for one, slope in zip((rest, policy), slopes, strict=True)]
    if study.cluster is not None:
        left = [np.bincount(study.cluster, weights=one).astype(float) for one in left]
        factor = len(left[0]) / (len(left[0]) - 1) * (n - 1) / (n - k)
    else:
        factor = n / (n - k)
    spread = factor / square**2
    a = slopes[1] ** 2 - critical * spread * left[1] @ left[1]
    b = -2 * (slopes[0] * slopes[1] - critical * spread * left[0] @ left[1])
    c = slopes[0] ** 2 - critical * spread * left[0] @ left[0]
    inside = b * b - 4 * a * c
    if a <= 0 or inside < 0:
        return None
    root = float(np.sqrt(inside))
    return float((-b - root) / (2 * a)), float((-b + root) / (2 * a))


def _robust(ends: tuple[float, float] | None, level: float) -> Diagnostic:
    name = Message("Interval of Anderson and Rubin")
    if ends is None:
        account = Message(
            "The interval of Anderson and Rubin has no ends: the instrument is too weak to bound the effect."
        )
        return Diagnostic(name, float("nan"), "fails", account)
    account = Message(
        "The interval of Anderson and Rubin, right also for weak instruments, goes from {low} to {high}"
        " ({level}%).",
        {"low": round(ends[0], 3), "high": round(ends[1], 3), "level": 100 * level},
    )
    return Diagnostic(name, ends[1] - ends[0], "holds", account)
