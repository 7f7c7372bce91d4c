"""Cross-fitting: what is learned of some units is told of others, so that no unit explains itself."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from pk_research.compute.chance import derived_rng, derived_seed
from pk_research.policy.effects.cross_section.study import Study

Model = Literal["interactive", "partially_linear"]
Whom = Literal["all", "treated"]
Learner = Literal["lasso", "forest"]
Folds = list[tuple[np.ndarray, np.ndarray]]

INNER = 3
STRENGTHS = (0.01, 0.1, 1.0, 10.0, 100.0)
ROUNDS = 5000
TREES, LEAF = 200, 5
NORMAL = 1.96  # as the library rounds it when it puts repetitions together
ORDER, DEAL, LEARN = range(3)


@dataclass(frozen=True, eq=False)
class Question:
    """Everything a repetition needs; rows in an order that does not depend on the one given.

    Attributes
    ----------
    outcome, treated, covariates, cluster
        Of the units; ``cluster`` is None where every unit stands by itself.
    model, of, learner, degree, n_folds, trim, seed
        As in `learned_effect`.
    """

    outcome: np.ndarray
    treated: np.ndarray
    covariates: np.ndarray
    cluster: np.ndarray | None
    model: Model
    of: Whom
    learner: Learner
    degree: int
    n_folds: int
    trim: float
    seed: int


@dataclass(frozen=True, eq=False)
class Answer:
    """What one dealing into folds says.

    Attributes
    ----------
    estimate, standard_error
        Of the effect.
    probability
        Of each unit to have the policy, as learned from others; within the limits of ``trim`` in the
        interactive model.
    explained
        Share of the outcome's variance that was foretold for units not learned from; can be negative.
    """

    estimate: float
    standard_error: float
    probability: np.ndarray
    explained: float


def question_of(study: Study, **choices: Any) -> Question:  # noqa: ANN401 - fields of the question
    """Return the question, its units sorted by what is known of them and then shuffled by the seed."""
    columns = [study.treated, study.outcome, *study.covariates.to_numpy(dtype=float).T]
    if study.cluster is not None:
        columns.append(study.cluster)
    order = np.lexsort(columns)
    order = order[derived_rng(choices["seed"], ORDER).permutation(len(order))]
    return Question(
        study.outcome[order],
        study.treated[order],
        study.covariates.to_numpy(dtype=float)[order],
        None if study.cluster is None else study.cluster[order],
        **choices,
    )


def dealt(question: Question, repetition: int) -> tuple[Folds, Folds]:
    """Deal clusters (or units) into folds, those with the policy and those without each evenly.

    Returns
    -------
    tuple of two lists
        For each fold, numbers of the units that are learned from and of those that are told; and the
        same of the clusters.
    """
    n = len(question.treated)
    cluster = np.arange(n) if question.cluster is None else question.cluster
    has = np.bincount(cluster, question.treated) > 0
    rng = derived_rng(question.seed, DEAL, repetition)
    dealing = np.concatenate([rng.permutation(np.flatnonzero(has == side)) for side in (True, False)])
    fold = np.empty(len(dealing), dtype=int)
    fold[dealing] = np.arange(len(dealing)) % question.n_folds
    folds = range(question.n_folds)
    of_units = fold[cluster]
    return (
        [(np.flatnonzero(of_units != k), np.flatnonzero(of_units == k)) for k in folds],
        [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in folds],
    )


def learners(question: Question, repetition: int) -> tuple[Any, Any]:
    """Return what learns the outcome and what learns who has the policy, not yet fitted."""
    seed = derived_seed(question.seed, LEARN, repetition) % 2**31
    if question.learner == "forest":
        from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

        forest = {"n_estimators": TREES, "min_samples_leaf": LEAF, "random_state": seed, "n_jobs": 1}
        return RandomForestRegressor(**forest), RandomForestClassifier(**forest)

    from sklearn.linear_model import LassoCV, LogisticRegression
    from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures, StandardScaler

    def after(last: Any) -> Any:  # noqa: ANN401 - a learner of scikit-learn
        wider = PolynomialFeatures(question.degree, include_bias=False)
        return make_pipeline(StandardScaler(), wider, StandardScaler(), last)

    inner = {"n_splits": INNER, "shuffle": True, "random_state": seed}
    chosen = GridSearchCV(
        LogisticRegression(max_iter=ROUNDS),
        {"C": list(STRENGTHS)},
        scoring="neg_log_loss",
        cv=StratifiedKFold(**inner),
    )
    return after(LassoCV(cv=KFold(**inner), max_iter=ROUNDS)), after(chosen)


def by_library(question: Question, repetition: int) -> Answer:
    """Answer by the library doubleml."""
    import doubleml
    from doubleml.utils import PSProcessorConfig

    outcome, treatment = learners(question, repetition)
    units, clusters = dealt(question, repetition)
    names = [f"covariate_{n}" for n in range(question.covariates.shape[1])]
    frame = pd.DataFrame(question.covariates, columns=names)
    frame["outcome"], frame["treated"] = question.outcome, question.treated
    is_clustered = question.cluster is not None
    if is_clustered:
        frame["cluster"] = question.cluster
    data = doubleml.DoubleMLData(
        frame, "outcome", "treated", x_cols=names, cluster_cols="cluster" if is_clustered else None
    )
    shared = {"n_folds": question.n_folds, "draw_sample_splitting": False}
    if question.model == "partially_linear":
        model = doubleml.DoubleMLPLR(data, outcome, treatment, **shared)
    else:
        config = PSProcessorConfig(clipping_threshold=question.trim)
        score = "ATE" if question.of == "all" else "ATTE"
        model = doubleml.DoubleMLIRM(
            data, outcome, treatment, score=score, ps_processor_config=config, **shared
        )
    model.set_sample_splitting(
        [units], [[([train], [test]) for train, test in clusters]] if is_clustered else None
    )
    with warnings.catch_warnings():
        # Probabilities near 0 or 1 are counted and told in words of our own.
        warnings.filterwarnings("ignore", message="Propensity predictions")
        # Of the library's sensitivity analysis, which is not used here.
        warnings.filterwarnings("ignore", message="The estimated nu2")
        model.fit()
    told = {name: values[:, 0, 0] for name, values in model.predictions.items() if values is not None}
    if question.model == "partially_linear":
        expected = told["ml_l"]
    else:
        expected = np.where(question.treated == 1, told["ml_g1"], told["ml_g0"])
    return Answer(
        float(model.coef[0]), float(model.se[0]), told["ml_m"], _explained(question.outcome, expected)
    )


def by_hand(question: Question, repetition: int) -> tuple[float, float]:
    """Return estimate and standard error from the formula, learned again over the same folds."""
    outcome, treatment = learners(question, repetition)
    units, _ = dealt(question, repetition)
    y, d, x = question.outcome, question.treated, question.covariates
    probability = _told(treatment, x, d, units, np.ones(len(d), dtype=bool))
    if question.model == "partially_linear":
        apart = d - probability
        slope, level = -(apart**2), apart * (y - _told(outcome, x, y, units, np.ones(len(d), dtype=bool)))
    else:
        probability = np.clip(probability, question.trim, 1 - question.trim)
        with_it, without = (_told(outcome, x, y, units, d == side) for side in (1, 0))
        weight, inverse = np.ones(len(d)), np.ones(len(d))
        if question.of == "treated":
            weight, inverse = d / d.mean(), probability / d.mean()
        level = weight * (with_it - without) + inverse * (
            d * (y - with_it) / probability - (1 - d) * (y - without) / (1 - probability)
        )
        slope = -weight
    return _solved(question, units, slope, level)


def together(estimates: np.ndarray, errors: np.ndarray) -> tuple[float, float]:
    """Return the median over repetitions, and an error that counts how far they lie apart.

    Examples
    --------
    >>> together(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 1.0]))
    (2.0, 1.0)
    """
    middle = float(np.median(estimates))
    return middle, (float(np.median(estimates + NORMAL * errors)) - middle) / NORMAL


def _told(learner: Any, x: np.ndarray, y: np.ndarray, folds: Folds, of: np.ndarray) -> np.ndarray:  # noqa: ANN401
    from sklearn.base import clone

    told = np.empty(len(y))
    for train, test in folds:
        known = train[of[train]]
        fitted = clone(learner).fit(x[known], y[known])
        if hasattr(fitted, "predict_proba"):
            told[test] = fitted.predict_proba(x[test])[:, 1]
        else:
            told[test] = fitted.predict(x[test])
    return told


def _solved(question: Question, folds: Folds, slope: np.ndarray, level: np.ndarray) -> tuple[float, float]:
    if question.cluster is None:
        estimate = -level.mean() / slope.mean()
        scores = level + estimate * slope
        return float(estimate), float(np.sqrt((scores**2).mean() / slope.mean() ** 2 / len(scores)))
    # Each fold weighs by its clusters, and scores are summed within clusters.
    cluster = question.cluster
    weight = np.empty(len(slope))
    for _, test in folds:
        weight[test] = 1 / len(np.unique(cluster[test]))
    estimate = -(weight @ level) / (weight @ slope)
    scores = np.bincount(cluster, level + estimate * slope)
    of_cluster = np.bincount(cluster, weight) / np.bincount(cluster)
    n_folds, n_clusters = len(folds), len(scores)
    middle = (of_cluster @ scores**2) / n_folds
    steep = (weight @ slope) / n_folds
    return float(estimate), float(np.sqrt(middle / steep**2 / n_clusters))


def _explained(values: np.ndarray, told: np.ndarray) -> float:
    return float(1 - np.mean((values - told) ** 2) / np.var(values))
