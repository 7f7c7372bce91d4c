"""Six ways from scores and weights to one value for each alternative.

Bayes, MPE and AHP are those of Bank Indonesia's studies; TOPSIS, VIKOR and PROMETHEE II (computed by
pymcdm) stand beside them, so that a choice can be seen to hold, or not, whatever the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.products.flagship.decision import Decision

LARGEST_EXPONENT = 20


@dataclass(frozen=True, slots=True)
class Method:
    """A way of merging criteria.

    Attributes
    ----------
    name
        What people call it.
    on_arrays
        From scores (one row an alternative), weights and directions (1 or -1) to one value an
        alternative.
    faults
        What this way cannot be used on.
    more_is_better
        False for VIKOR, whose value is a distance from the ideal.
    """

    name: Message
    on_arrays: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
    faults: Callable[[Decision], Iterator[Problem]]
    more_is_better: bool = True

    def value(self, given: Decision) -> pd.Series:
        """Return the value of each alternative; `BadInput` where this way cannot be used."""
        problems = list(self.faults(given))
        if problems:
            raise BadInput(problems)
        scores, weights = given.scores.to_numpy(), given.weights.to_numpy()
        return pd.Series(
            self.on_arrays(scores, weights, given.directions.to_numpy()), index=given.scores.index
        )

    def ranks(self, values: np.ndarray) -> np.ndarray:
        """Return ranks from 1, the best first; equals share their mean rank."""
        # Rounding keeps equal alternatives equal whatever the order of the sums.
        rounded = np.round(values, 12)
        return np.asarray(rankdata(-rounded if self.more_is_better else rounded))


def bayes(given: Decision) -> pd.Series:
    """Return the "Bayes" value of Bank Indonesia's studies: the weighted mean of the scores.

    Parameters
    ----------
    given
        The decision; scores on one scale, more is better. Weights are scaled to sum to one.

    Returns
    -------
    Series
        By alternative, in the unit of the scores.

    Examples
    --------
    >>> from pk_research.products.flagship.decision import decision
    >>> scores = pd.DataFrame({"market": [5, 2], "price": [3, 4]}, index=["batik", "crackers"])
    >>> bayes(decision(scores, {"market": 3, "price": 1})).to_dict()
    {'batik': 4.5, 'crackers': 2.5}
    """
    return METHODS["bayes"].value(given)


def mpe(given: Decision) -> pd.Series:
    """Return the value of the exponential comparison method: the sum of score ** weight.

    Parameters
    ----------
    given
        The decision; scores above 0, more is better, weights whole numbers from 1.

    Returns
    -------
    Series
        By alternative; no unit. The heaviest criterion all but decides alone.

    References
    ----------
    Marimin (2004), Teknik dan aplikasi pengambilan keputusan kriteria majemuk: metode
    perbandingan eksponensial.

    Examples
    --------
    >>> from pk_research.products.flagship.decision import decision
    >>> scores = pd.DataFrame({"market": [5, 2], "price": [3, 4]}, index=["batik", "crackers"])
    >>> mpe(decision(scores, {"market": 3, "price": 1})).to_dict()
    {'batik': 128.0, 'crackers': 12.0}
    """
    return METHODS["mpe"].value(given)


def ahp_value(given: Decision) -> pd.Series:
    """Return the distributive AHP value: each criterion's scores as shares of their sum, weighted.

    Parameters
    ----------
    given
        The decision; scores 0 or more, more is better. Weights come from the panel.

    Returns
    -------
    Series
        By alternative, summing to one.

    References
    ----------
    Saaty (1980), The analytic hierarchy process.

    Examples
    --------
    >>> from pk_research.products.flagship.decision import decision
    >>> scores = pd.DataFrame({"market": [6, 2], "price": [3, 5]}, index=["batik", "crackers"])
    >>> ahp_value(decision(scores, {"market": 0.5, "price": 0.5})).to_dict()
    {'batik': 0.5625, 'crackers': 0.4375}
    """
    return METHODS["ahp"].value(given)


def topsis(given: Decision) -> pd.Series:
    """Return the closeness to the ideal, 0 to 1, with vector normalisation (pymcdm).

    Parameters
    ----------
    given
        The decision.

    Returns
    -------
    Series
        By alternative: distance from the worst over the distances from the worst and the best.

    References
    ----------
    Hwang and Yoon (1981), Multiple attribute decision making.

    Examples
    --------
    >>> from pk_research.products.flagship.decision import decision
    >>> scores = pd.DataFrame({"market": [4, 3], "price": [3, 4]}, index=["batik", "crackers"])
    >>> topsis(decision(scores, {"market": 3, "price": 1})).round(2).to_dict()
    {'batik': 0.75, 'crackers': 0.25}
    """
    return METHODS["topsis"].value(given)


def vikor(given: Decision) -> pd.Series:
    """Return VIKOR's Q: 0 for the best, 1 for the worst; group and worst regret count alike (pymcdm).

    Parameters
    ----------
    given
        The decision.

    Returns
    -------
    Series
        By alternative; less is better.

    References
    ----------
    Opricovic and Tzeng (2004), Compromise solution by MCDM methods, European Journal of
    Operational Research 156.

    Examples
    --------
    >>> from pk_research.products.flagship.decision import decision
    >>> scores = pd.DataFrame({"market": [4, 3], "price": [3, 4]}, index=["batik", "crackers"])
    >>> vikor(decision(scores, {"market": 3, "price": 1})).to_dict()
    {'batik': 0.0, 'crackers': 1.0}
    """
    return METHODS["vikor"].value(given)


def promethee(given: Decision) -> pd.Series:
    """Return PROMETHEE II's net flow, -1 to 1, with the usual preference function (pymcdm).

    Parameters
    ----------
    given
        The decision. Only which alternative is better on a criterion counts, not by how much.

    Returns
    -------
    Series
        By alternative, summing to zero.

    References
    ----------
    Brans and Vincke (1985), A preference ranking organisation method, Management Science 31.

    Examples
    --------
    >>> from pk_research.products.flagship.decision import decision
    >>> scores = pd.DataFrame({"market": [4, 3], "price": [3, 4]}, index=["batik", "crackers"])
    >>> promethee(decision(scores, {"market": 3, "price": 1})).to_dict()
    {'batik': 0.5, 'crackers': -0.5}
    """
    return METHODS["promethee"].value(given)


def ranks(values: pd.Series, method: str) -> pd.Series:
    """Return ranks from 1 by a method, the best first; equals share their mean rank."""
    return pd.Series(METHODS[method].ranks(values.to_numpy()), index=values.index)


def faults_of_methods(given: Decision, methods: Sequence[str]) -> list[Problem]:
    """Return what these ways cannot be used on, and names that are no way."""
    problems = [
        Problem("method", f"{name!r} is none", f"Choose among {', '.join(METHODS)}.")
        for name in methods
        if name not in METHODS
    ]
    for name in methods:
        if name in METHODS:
            problems += METHODS[name].faults(given)
    return list(dict.fromkeys(problems))


def check_methods(given: Decision, methods: Sequence[str]) -> None:
    """Raise `BadInput` with everything these ways cannot be used on."""
    problems = faults_of_methods(given, methods)
    if problems:
        raise BadInput(problems)


def _bayes(scores: np.ndarray, weights: np.ndarray, _: np.ndarray) -> np.ndarray:
    return np.asarray(scores @ (weights / weights.sum()))


def _mpe(scores: np.ndarray, weights: np.ndarray, _: np.ndarray) -> np.ndarray:
    return np.asarray((scores**weights).sum(axis=1))


def _ahp(scores: np.ndarray, weights: np.ndarray, directions: np.ndarray) -> np.ndarray:
    return _bayes(scores / scores.sum(axis=0), weights, directions)


def _topsis(scores: np.ndarray, weights: np.ndarray, directions: np.ndarray) -> np.ndarray:
    from pymcdm.methods import TOPSIS
    from pymcdm.normalizations import vector_normalization

    telling = _telling(scores, weights)
    if not telling.any():
        return np.full(len(scores), 0.5)
    return _by_pymcdm(TOPSIS(vector_normalization), scores[:, telling], weights[telling], directions[telling])


def _vikor(scores: np.ndarray, weights: np.ndarray, directions: np.ndarray) -> np.ndarray:
    from pymcdm.methods import VIKOR

    telling = _telling(scores, weights)
    if not telling.any():
        return np.zeros(len(scores))
    scores, weights, directions = scores[:, telling], weights[telling], directions[telling]
    total, worst = _regrets(scores, weights, directions)
    if np.ptp(total) == 0 or np.ptp(worst) == 0:
        # Where one of the two regrets is the same for all, pymcdm divides by zero.
        return np.asarray(0.5 * (_spread(total) + _spread(worst)))
    return _by_pymcdm(VIKOR(), scores, weights, directions)


def _promethee(scores: np.ndarray, weights: np.ndarray, directions: np.ndarray) -> np.ndarray:
    from pymcdm.methods import PROMETHEE_II

    return _by_pymcdm(PROMETHEE_II("usual"), scores, weights, directions)


def _by_pymcdm(
    method: Callable[..., np.ndarray], scores: np.ndarray, weights: np.ndarray, directions: np.ndarray
) -> np.ndarray:
    return np.asarray(method(scores, weights / weights.sum(), directions, validation=False))


def _telling(scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Tell which criteria count: a drawing may make one the same for all, and neither value needs it."""
    return np.asarray((np.ptp(scores, axis=0) > 0) & (weights > 0))


def _regrets(
    scores: np.ndarray, weights: np.ndarray, directions: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    good = scores * directions
    regret = (good.max(axis=0) - good) / np.ptp(good, axis=0) * weights / weights.sum()
    return np.round(regret.sum(axis=1), 12), np.round(regret.max(axis=1), 12)


def _spread(values: np.ndarray) -> np.ndarray:
    width = np.ptp(values)
    return np.asarray((values - values.min()) / width if width else np.zeros(len(values)))


def _of_sums(given: Decision) -> Iterator[Problem]:
    for name in given.scores.columns[given.directions == -1]:
        yield Problem(
            f"criterion {name!r}",
            "less of it is better, but Bayes, MPE and AHP add scores",
            "Score it so that more is better, or use TOPSIS, VIKOR or PROMETHEE II.",
        )


def _of_mpe(given: Decision) -> Iterator[Problem]:
    yield from _of_sums(given)
    for name, weight in given.weights.items():
        if weight < 1 or weight != round(weight) or weight > LARGEST_EXPONENT:
            yield Problem(
                f"weight of {name!r}",
                f"it is {weight:g}, but MPE raises scores to it",
                f"Give a whole number from 1 to {LARGEST_EXPONENT}.",
            )
    yield from _not_above(given, 0, "MPE raises scores to a power", "Give scores above 0, such as 1 to 5.")


def _of_ahp(given: Decision) -> Iterator[Problem]:
    yield from _of_sums(given)
    yield from _not_above(
        given, -np.finfo(float).tiny, "AHP takes shares of their sum", "Give scores of 0 or more."
    )


def _not_above(given: Decision, least: float, why: str, remedy: str) -> Iterator[Problem]:
    for name in given.scores.columns[(given.scores <= least).any()]:
        yield Problem(
            f"criterion {name!r}", f"its lowest score is {given.scores[name].min():g}, but {why}", remedy
        )


def _of_distances(given: Decision) -> Iterator[Problem]:
    if len(given.scores) < 2:
        yield Problem(
            "scores", "there is one alternative", "TOPSIS, VIKOR and PROMETHEE compare two or more."
        )


METHODS = {
    "bayes": Method(Message("Bayes (weighted mean of scores)"), _bayes, _of_sums),
    "mpe": Method(Message("MPE (exponential comparison)"), _mpe, _of_mpe),
    "ahp": Method(Message("AHP (weighted shares)"), _ahp, _of_ahp),
    "topsis": Method(Message("TOPSIS"), _topsis, _of_distances),
    "vikor": Method(Message("VIKOR"), _vikor, _of_distances, more_is_better=False),
    "promethee": Method(Message("PROMETHEE II"), _promethee, _of_distances),
}
"""By name: every way that `choose`, `compare_methods` and `rank_intervals` know."""
