"""Double machine learning: covariates held fixed by what machines learn of them."""

from __future__ import annotations

from importlib.metadata import version
from importlib.util import find_spec

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from pk_research.errors import NotReady, Problem
from pk_research.language import Bilingual, Message
from pk_research.policy.effects.cross_section.contrast import ALIKE, ALONE, WITHOUT
from pk_research.policy.effects.cross_section.cross_fitting import (
    Answer,
    Learner,
    Model,
    Question,
    Whom,
    by_hand,
    by_library,
    question_of,
    together,
)
from pk_research.policy.effects.cross_section.selection import RARE, overlap
from pk_research.policy.effects.cross_section.study import Study, check_sides
from pk_research.policy.effects.did.parts import check_choice, check_level, refuse
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

SAME = 1e-4
APART, FAR_APART = 0.25, 0.5
NAMES = {
    ("interactive", "all"): Message("double machine learning, mean effect over all units"),
    ("interactive", "treated"): Message("double machine learning, mean effect over units with the policy"),
    ("partially_linear", "all"): Message("double machine learning, one effect for all units"),
}
LEARNERS = {
    "lasso": Message("lasso and penalised logistic regression"),
    "forest": Message("random forests"),
}
ENOUGH = Message(
    "outcome and policy are learned well enough from the covariates for their errors to cancel out"
)
ONE_EFFECT = Message("the effect is the same for all units")


def learned_effect(
    study: Study,
    *,
    outcome: Bilingual,
    unit: Bilingual = NO_UNIT,
    model: Model = "interactive",
    of: Whom = "all",
    learner: Learner = "lasso",
    degree: int = 1,
    n_folds: int = 5,
    n_repetitions: int = 5,
    trim: float = 0.01,
    level: float = 0.95,
    seed: int,
    n_jobs: int | None = None,
    cross_check: bool = True,
    made: bool = False,
) -> Effect:
    """Estimate the effect by double machine learning, each unit told by what was learned of others.

    Parameters
    ----------
    study
        The rows; with clusters, whole clusters are dealt into folds and standard errors are clustered.
    outcome, unit
        Of the outcome, for people.
    model
        ``"interactive"`` (effects may differ between units; doubly robust), or ``"partially_linear"``
        (the same effect for all; otherwise a mean that weighs most where the policy is least foretold).
    of
        Whose mean effect: ``"all"`` units, or those ``"treated"`` (interactive only).
    learner
        ``"lasso"`` (and logistic regression with a ridge penalty for the policy, both penalties chosen
        by cross-validation), or ``"forest"`` (random forests for both).
    degree
        Of the lasso: 1 for the covariates, 2 for their squares and products, too.
    n_folds, n_repetitions
        Folds of each dealing; dealings, of which the median is told.
    trim
        Probabilities of the policy below it, or above one less it, are set to it (interactive only);
        how many is told.
    level
        Of the interval, from the normal distribution.
    seed
        Of dealing and learning.
    n_jobs
        Workers, over repetitions; None for what `pk_research.compute.computing` says. They change no
        byte of the result.
    cross_check
        Whether to learn all a second time by hand; takes twice as long.
    made
        True for made data.

    Returns
    -------
    Effect
        Median over repetitions, its error counting how far they lie apart. In ``details``:
        ``repetitions``, one row each.

    Raises
    ------
    NotReady
        When the library doubleml is not installed.
    BadInput
        All at once: no covariates; fewer units (or clusters) on a side than twice the folds; fewer than
        two folds or one repetition; a model, learner, degree or trim that is none; a level that is no
        share.

    Notes
    -----
    Chernozhukov et al. (2018), *Econometrics Journal* 21; definition 3.3 for repetitions, in the form of
    the library (the median of upper bounds less the median of estimates).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> roads, has = rng.normal(size=80), np.arange(80) % 2
    >>> frame = pd.DataFrame({"income": 2 * has + roads, "has": has, "roads": roads})
    >>> from pk_research.policy.effects.cross_section import read_study
    >>> study = read_study(frame, outcome="income", treated="has", covariates=["roads"])
    >>> from importlib.util import find_spec
    >>> if find_spec("doubleml"):  # an optional extra
    ...     found = learned_effect(study, outcome=Message("income"), n_repetitions=1, seed=0)
    ...     assert round(found.estimate, 1) == 2.0
    """
    refuse(
        [
            *check_level(level),
            *check_choice("model", model, ("interactive", "partially_linear")),
            *check_choice("of", of, ("all", "treated") if model == "interactive" else ("all",)),
            *check_choice("learner", learner, LEARNERS),
            *_numbers(degree, n_folds, n_repetitions, trim),
            *_sides(study, n_folds),
        ]
    )
    _check_library()
    question = question_of(
        study, model=model, of=of, learner=learner, degree=degree, n_folds=n_folds, trim=trim, seed=seed
    )
    answers: list[tuple[Answer, tuple[float, float]]] = Parallel(n_jobs=n_jobs)(
        delayed(_answered)(question, repetition, cross_check=cross_check)
        for repetition in range(n_repetitions)
    )
    found = [answer for answer, _ in answers]
    estimates = np.array([answer.estimate for answer in found])
    errors = np.array([answer.standard_error for answer in found])
    estimate, error = together(estimates, errors)
    probability = np.median([answer.probability for answer in found], axis=0)
    limited = [
        int(((answer.probability <= trim) | (answer.probability >= 1 - trim)).sum()) for answer in found
    ]
    is_limited = model == "interactive"
    # Limits wider than what counts as rare hide who is rare: the count of units at the limit tells then.
    shows_overlap = not is_limited or trim < RARE or not any(limited)
    effect = Effect(
        estimates_table([row("all", "overall", estimate, error, level=level)]),
        outcome,
        unit,
        Estimator(
            Message(
                "{method}, learned by {learner}", {"method": NAMES[model, of], "learner": LEARNERS[learner]}
            ),
            "Chernozhukov et al. 2018",
            f"doubleml {version('doubleml')}, scikit-learn {version('scikit-learn')}",
        ),
        study.sample,
        WITHOUT,
        (ALIKE, ALONE, ENOUGH, *(() if is_limited else (ONE_EFFECT,))),
        diagnostics=(
            *((overlap(probability),) if shows_overlap else ()),
            _learned(found),
            _steadiness(estimates, error),
        ),
        warnings=(*study.warnings, *_limits(max(limited), len(probability), trim) * is_limited),
        level=level,
        options={
            "model": model,
            "of": of,
            "learner": learner,
            "degree": degree,
            "n_folds": n_folds,
            "n_repetitions": n_repetitions,
            "trim": trim,
            "covariates": tuple(study.covariates.columns),
        },
        seed=seed,
        input_hash=study.input_hash,
        made=made,
        details={
            "repetitions": pd.DataFrame(
                {"estimate": estimates, "standard_error": errors}
                | ({"n_limited": limited} if is_limited else {})
            )
        },
    )
    if not cross_check:
        return effect
    second = np.array([by_hand for _, by_hand in answers])
    return checked_against(effect, "algebra", *together(second[:, 0], second[:, 1]), tolerance=SAME)


def _answered(
    question: Question, repetition: int, *, cross_check: bool
) -> tuple[Answer, tuple[float, float]]:
    from pk_research.clusters.threads import one_thread

    with one_thread():
        answer = by_library(question, repetition)
        return answer, by_hand(question, repetition) if cross_check else (np.nan, np.nan)


def _check_library() -> None:
    if find_spec("doubleml") is None:
        raise NotReady(
            Problem(
                "learned_effect",
                "it needs the library doubleml, which is not installed",
                "Run `pip install 'pk-research[doubleml]'`, or use `adjusted_effect`, which is doubly"
                " robust, too.",
            )
        )


def _numbers(degree: int, n_folds: int, n_repetitions: int, trim: float) -> list[Problem]:
    problems = []
    if degree not in {1, 2}:
        problems.append(Problem("degree", f"it is {degree}", "Give 1 or 2."))
    if n_folds < 2:
        problems.append(Problem("n_folds", f"it is {n_folds}", "Give 2 at least, better 5."))
    if n_repetitions < 1:
        problems.append(Problem("n_repetitions", f"it is {n_repetitions}", "Give 1 at least, better 5."))
    if not 0 < trim < 0.5:
        problems.append(Problem("trim", f"it is {trim}", "Give a share above 0 and below 0.5."))
    return problems


def _sides(study: Study, n_folds: int) -> list[Problem]:
    """Return what keeps every fold from having units of both sides to learn from."""
    if study.covariates.empty:
        return [Problem("covariates", "there are none to learn from", "Read the study with some.")]
    problems = [] if study.cluster is None else check_sides(study)
    least = 2 * n_folds
    for side, which in ((1, "with the policy"), (0, "without the policy")):
        on = study.treated == side
        n, of = int(on.sum()), "units"
        if study.cluster is not None:
            n, of = len(np.unique(study.cluster[on])), "clusters"
        if n < least:
            problems.append(
                Problem(
                    "the study",
                    f"only {n} {of} {which} for {n_folds} folds",
                    f"There must be {least} at least: give fewer folds, or use `adjusted_effect`.",
                )
            )
    return problems


def _learned(answers: list[Answer]) -> Diagnostic:
    share = float(np.median([answer.explained for answer in answers]))
    account = (
        Message(
            "What was learned explains {share}% of the variation of the outcome among units that were not"
            " learned from.",
            {"share": round(100 * share)},
        )
        if share > 0
        else Message(
            "What was learned explains nothing of the outcome among units that were not learned from: the"
            " covariates hardly help, or there are too few units."
        )
    )
    verdict: Verdict = "cannot_be_said" if share > 0 else "doubtful"
    return Diagnostic(Message("What the covariates foretell of the outcome"), share, verdict, account)


def _steadiness(estimates: np.ndarray, error: float) -> Diagnostic:
    name = Message("Steadiness over dealings into folds")
    if len(estimates) == 1:
        account = Message(
            "The units were dealt into folds once: how much the figure owes to that dealing is not known."
        )
        return Diagnostic(name, float("nan"), "cannot_be_said", account)
    spread = float(np.std(estimates, ddof=1)) / error
    verdict: Verdict = "holds" if spread < APART else "doubtful" if spread < FAR_APART else "fails"
    values = {"n": len(estimates), "spread": round(spread, 2)}
    account = (
        Message(
            "Dealt into folds {n} times, the estimates differ little: their standard deviation is {spread}"
            " standard errors.",
            values,
        )
        if verdict == "holds"
        else Message(
            "Dealt into folds {n} times, the estimates differ: their standard deviation is {spread} standard"
            " errors. Deal more often (n_repetitions).",
            values,
        )
    )
    return Diagnostic(name, spread, verdict, account)


def _limits(n: int, n_all: int, trim: float) -> tuple[Message, ...]:
    if n == 0:
        return ()
    warning = Message(
        "Of {all} units, up to {n} in a dealing have a learned probability of the policy below {low}% or"
        " above {high}% and were taken at that limit, so that none of them decides alone. They have hardly"
        " any counterpart: look at the effect without them.",
        {"all": n_all, "n": n, "low": round(100 * trim, 2), "high": round(100 * (1 - trim), 2)},
    )
    return (warning,)
