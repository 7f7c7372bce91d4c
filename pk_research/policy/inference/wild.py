"""Wild cluster bootstrap: honest p-values and intervals where clusters are few."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from pk_research.compute.chance import derived_rng
from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual, Language, Message
from pk_research.policy.effects.cross_section import Study
from pk_research.policy.inference.lots import check_draws
from pk_research.products.words import told

WEBB = np.sqrt(np.array([0.5, 1.0, 1.5]))
WEBB_BELOW = 12
HALVINGS, DOUBLINGS = 50, 20
TIE = 1e-10


@dataclass(frozen=True)
class WildTest:
    """What the wild cluster bootstrap says of an effect.

    Attributes
    ----------
    outcome, estimate
        What was compared, and the least-squares effect.
    p_value
        Share of bootstrap t-values as large, no effect being imposed; two-sided.
    interval
        Effects that are not rejected; infinite where the test rejects none on that side.
    level, n_draws, n_clusters, are_all, seed, made
        Of the interval; draws of the clusters' signs (all of them where ``are_all``).
    """

    outcome: Bilingual
    estimate: float
    p_value: float
    interval: tuple[float, float]
    level: float
    n_draws: int
    n_clusters: int
    are_all: bool
    seed: int
    made: bool

    def in_words(self, language: Language) -> str:
        """Tell how sure the effect is when clusters are few."""
        low, high = self.interval
        values = {
            "k": self.n_clusters, "n": self.n_draws, "estimate": self.estimate, "outcome": self.outcome,
            "p": round(self.p_value, 4), "level": 100 * self.level, "low": low, "high": high,
        }  # fmt: skip
        sentence = (
            Message(
                "By the wild cluster bootstrap over {k} clusters ({n} draws) the effect of {estimate} on"
                " “{outcome}” has p = {p}; the {level}% interval goes from {low} to {high}.",
                values,
            )
            if np.isfinite(self.interval).all()
            else Message(
                "By the wild cluster bootstrap over {k} clusters ({n} draws) the effect of {estimate} on"
                " “{outcome}” has p = {p}; with so few clusters the {level}% interval has no end on one"
                " side or both.",
                values,
            )
        )
        return told([sentence], language, made=self.made)


def wild_bootstrap(
    study: Study,
    *,
    outcome: Bilingual,
    n_draws: int = 999,
    level: float = 0.95,
    seed: int,
    made: bool = False,
) -> WildTest:
    """Test the effect by turning the residuals of whole clusters about, the null being imposed.

    Parameters
    ----------
    study
        Read with clusters; covariates are held fixed.
    outcome
        For people.
    n_draws
        Draws; with so few clusters that all signs can be tried, all are.
    level
        Of the interval, whose ends are where the test begins to reject.
    seed
        Of the draws.
    made
        True for made data.

    Raises
    ------
    BadInput
        When the study has no clusters; when the level is no share, or nothing is to be drawn.

    Notes
    -----
    Cameron, Gelbach and Miller (2008), the restricted version. Signs of Rademacher, all of them where
    there are no more than ``n_draws``; else, below 12 clusters, the six points of Webb (2023). Where the
    policy is in very few clusters, this too is unreliable (MacKinnon and Webb 2017).

    Examples
    --------
    >>> import pandas as pd
    >>> from pk_research.policy.effects.cross_section import read_study
    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"k": np.arange(60) % 12, "has": (np.arange(60) % 12 < 6).astype(int)})
    >>> frame["y"] = frame["has"] * 3 + rng.normal(size=60)
    >>> study = read_study(frame, outcome="y", treated="has", cluster="k")
    >>> wild_bootstrap(study, outcome=Message("income"), seed=0).p_value < 0.01
    True
    """
    if study.cluster is None:
        raise BadInput(Problem("the study", "it has no clusters", "Read it with cluster='...'."))
    check_draws(n_draws, level)
    k = int(study.n_clusters or 0)
    signs, are_all = _signs(k, n_draws, seed)
    basis, _ = np.linalg.qr(study.design)
    policy = study.treated - basis @ (basis.T @ study.treated)
    rest = study.outcome - basis @ (basis.T @ study.outcome)
    parts = _Parts.of(policy, rest, basis, study.cluster, k)

    def p_value(effect: float) -> float:
        here, far = parts.t_values(effect, signs)
        return float((np.abs(far) >= abs(here) * (1 - TIE)).mean())

    estimate, error = parts.estimate, parts.error
    never = are_all and 2 / len(signs) > 1 - level  # a draw and its mirror always are as large
    ends = []
    for side in (-1, 1):
        low, high = 0.0, error
        while p_value(estimate + side * high) > 1 - level and high < error * 2**DOUBLINGS:
            low, high = high, 2 * high
        if never or p_value(estimate + side * high) > 1 - level:
            ends.append(side * float("inf"))
            continue
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if p_value(estimate + side * middle) > 1 - level else (low, middle)
        ends.append(estimate + side * high)
    return WildTest(
        outcome, estimate, p_value(0.0), (ends[0], ends[1]), level, len(signs), k, are_all, seed, made
    )


@dataclass(frozen=True)
class _Parts:
    """What a draw needs of the rows: sums by cluster, so that no draw touches a row again."""

    estimate: float
    error: float
    square: float
    own: np.ndarray
    scores: np.ndarray
    squares: np.ndarray
    cross: np.ndarray

    @classmethod
    def of(
        cls, policy: np.ndarray, rest: np.ndarray, basis: np.ndarray, cluster: np.ndarray, k: int
    ) -> _Parts:
        member = np.zeros((k, len(policy)))
        member[cluster, np.arange(len(policy))] = 1
        square = float(policy @ policy)
        scores = member @ (policy * rest)
        squares = member @ (policy * policy)
        estimate = float(scores.sum() / square)
        own = scores - estimate * squares
        # How much the residuals of one cluster, fitted anew, move the scores of another.
        leans = member @ (policy[:, None] * basis)
        moved_rest = member @ (rest[:, None] * basis)
        cross = np.stack([leans @ moved_rest.T, leans @ leans.T])
        factor = k / (k - 1)
        return cls(estimate, float(np.sqrt(factor * own @ own) / square), square, own, scores, squares, cross)

    def t_values(self, effect: float, signs: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the t-value against an effect, and those of the draws with that effect imposed."""
        k = len(self.own)
        here = (self.estimate - effect) / (np.sqrt(k / (k - 1)) * np.sqrt(self.own @ self.own) / self.square)
        null = self.scores - effect * self.squares
        drawn = signs * null
        shift = drawn.sum(axis=1) / self.square
        lean = signs @ (self.cross[0] - effect * self.cross[1]).T
        scores = drawn - lean - shift[:, None] * self.squares
        errors = np.sqrt(k / (k - 1) * (scores**2).sum(axis=1)) / self.square
        return float(here), shift / errors


def _signs(k: int, n_draws: int, seed: int) -> tuple[np.ndarray, bool]:
    if 2**k <= n_draws:
        return np.array(list(product((-1.0, 1.0), repeat=k))), True
    points = np.concatenate([-WEBB, WEBB]) if k < WEBB_BELOW else np.array([-1.0, 1.0])
    return derived_rng(seed).choice(points, size=(n_draws, k)), False
