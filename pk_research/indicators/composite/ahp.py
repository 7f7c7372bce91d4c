"""Weights from a panel's pairwise judgements: the analytic hierarchy process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual, Language, Message

# Mean consistency index of random judgements, by the number of elements (Saaty 1980).
RANDOM_INDEX = {
    3: 0.58, 4: 0.90, 5: 1.12, 6: 1.24, 7: 1.32, 8: 1.41, 9: 1.45, 10: 1.49, 11: 1.51, 12: 1.48, 13: 1.56,
    14: 1.57, 15: 1.59,
}  # fmt: skip
MOST = max(RANDOM_INDEX)
SAME = 1e-9
ACCEPTED = 0.10


@dataclass(frozen=True)
class Priorities:
    """Weights from pairwise judgements, and how far the judgements agree with each other.

    Attributes
    ----------
    weights
        By element, summing to one.
    consistency_ratio
        0 for judgements without contradiction, about 1 for random ones; Saaty accepts up to 0.10.
    worst
        The pair whose judgement is furthest from what the others imply.
    worst_given, worst_implied
        That judgement, and the one the weights imply.
    """

    weights: Mapping[str, float]
    consistency_ratio: float
    worst: tuple[str, str]
    worst_given: float
    worst_implied: float

    @property
    def is_consistent(self) -> bool:
        """True when the consistency ratio is at most 0.10."""
        return self.consistency_ratio <= ACCEPTED

    def in_words(self, language: Language, labels: Mapping[str, Bilingual] | None = None) -> str:
        """Say whether the judgements may be used, and which one to talk about again."""
        named = labels or {}
        first, second = (named.get(name, name) for name in self.worst)
        values = {
            "ratio": self.consistency_ratio,
            "first": first,
            "second": second,
            "given": self.worst_given,
            "implied": self.worst_implied,
        }
        told = (
            Message("The judgements are consistent (consistency ratio {ratio}, accepted up to 0.1).", values)
            if self.is_consistent
            else Message(
                "The judgements contradict each other (consistency ratio {ratio}, accepted up to 0.1). Talk"
                " first about {first} against {second}: judged {given}, while the other judgements imply"
                " {implied}.",
                values,
            )
        )
        return told.text(language)


def ahp(judgements: Mapping[tuple[str, str], float]) -> Priorities:
    """Return weights from judgements of how many times one element matters more than another.

    Parameters
    ----------
    judgements
        By pair: ``{("capital", "market"): 3}`` says capital matters three times as much; each pair
        once, either way round. Saaty's scale runs from 1/9 to 9, others are taken too.

    Raises
    ------
    BadInput
        Naming every pair without a judgement or judged twice, every judgement that is not
        positive, and more than 15 elements.

    References
    ----------
    Saaty (1980), The analytic hierarchy process: principal eigenvector, consistency ratio.

    Examples
    --------
    >>> found = ahp({("a", "b"): 2, ("b", "c"): 2, ("a", "c"): 4})
    >>> {name: round(weight, 3) for name, weight in found.weights.items()}
    {'a': 0.571, 'b': 0.286, 'c': 0.143}
    """
    names = list(dict.fromkeys(name for pair in judgements for name in pair))
    problems = list(_faults(judgements, names))
    if problems:
        raise BadInput(problems)
    matrix = np.ones((len(names), len(names)))
    for (first, second), value in judgements.items():
        row, column = names.index(first), names.index(second)
        matrix[row, column], matrix[column, row] = value, 1 / value
    values, vectors = np.linalg.eig(matrix)
    principal = int(np.argmax(values.real))
    weights = np.abs(vectors[:, principal].real)
    weights /= weights.sum()
    strains = {pair: _strain(matrix, weights, names, pair) for pair in judgements}
    # the first of those that are as bad: no processor's last digit decides
    worst = next(pair for pair, strain in strains.items() if strain >= max(strains.values()) - SAME)
    row, column = (names.index(name) for name in worst)
    return Priorities(
        weights=dict(zip(names, weights.tolist(), strict=True)),
        consistency_ratio=_consistency_ratio(float(values[principal].real), len(names)),
        worst=worst,
        worst_given=float(matrix[row, column]),
        worst_implied=float(weights[row] / weights[column]),
    )


def _consistency_ratio(largest: float, n: int) -> float:
    # Rounding may put the eigenvalue a hair below n.
    return max(0.0, (largest - n) / (n - 1) / RANDOM_INDEX[n]) if n > 2 else 0.0


def _strain(matrix: np.ndarray, weights: np.ndarray, names: list[str], pair: tuple[str, str]) -> float:
    row, column = (names.index(name) for name in pair)
    return float(abs(np.log(matrix[row, column] * weights[column] / weights[row])))


def _faults(judgements: Mapping[tuple[str, str], float], names: list[str]) -> Iterator[Problem]:
    if not judgements:
        yield Problem("judgements", "there are none", "Judge every pair once.")
    if len(names) > MOST:
        yield Problem(
            "judgements", f"{len(names)} elements are compared", f"Group them: at most {MOST} at a time."
        )
    for (first, second), value in judgements.items():
        at = f"judgement of {first!r} against {second!r}"
        if first == second:
            yield Problem(at, "an element is compared with itself", "Leave it out.")
        if not (np.isfinite(value) and value > 0):
            yield Problem(at, f"it is {value!r}", "Give a positive number, 1 for equal importance.")
        if first < second and (second, first) in judgements:
            yield Problem(at, "the pair is judged twice", "Keep one of the two.")
    for n, first in enumerate(names):
        for second in names[n + 1 :]:
            if (first, second) not in judgements and (second, first) not in judgements:
                yield Problem(
                    f"judgement of {first!r} against {second!r}", "it is missing", "Judge every pair once."
                )
