"""Randomisation inference: how often another lot would have shown as large a difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual, Language, Message
from pk_research.policy.effects.cross_section import Study
from pk_research.policy.inference.lots import check_draws, in_strata, lots
from pk_research.products.words import told

TIE = 1e-10
BEYOND = 60


@dataclass(frozen=True)
class RandomisationTest:
    """What the lot itself says of an effect.

    Attributes
    ----------
    outcome
        What was compared.
    estimate
        Difference of means, or its least-squares version with covariates.
    p_value
        Share of lots with a difference as large, the lot drawn included; two-sided.
    p_value_error
        Monte Carlo standard error of it; 0 where all lots were tried.
    interval
        Effects, the same for every unit, that the test does not reject; infinite where none is.
    level
        Of the interval.
    n_lots, are_all
        Lots tried, and whether there are no others.
    seed
        Of the draws.
    made
        True for made data.
    """

    outcome: Bilingual
    estimate: float
    p_value: float
    p_value_error: float
    interval: tuple[float, float]
    level: float
    n_lots: int
    are_all: bool
    seed: int
    made: bool

    def in_words(self, language: Language) -> str:
        """Tell how rare such a difference is by the lot alone."""
        low, high = self.interval
        values = {
            "outcome": self.outcome,
            "estimate": self.estimate,
            "p": round(self.p_value, 4),
            "error": round(self.p_value_error, 4),
            "n": self.n_lots,
            "low": low,
            "high": high,
            "level": 100 * self.level,
        }
        rare = (
            Message(
                "Of all {n} lots that could have been drawn, a share of {p} would have shown a difference of"
                " “{outcome}” as large as {estimate}, had the policy done nothing for anybody.",
                values,
            )
            if self.are_all
            else Message(
                "Had the policy done nothing for anybody, a share of {p} of lots (give or take {error}, from"
                " {n} drawn) would have shown a difference of “{outcome}” as large as {estimate}.",
                values,
            )
        )
        sentences = [rare]
        if np.isfinite(self.interval).all():
            sentences.append(
                Message(
                    "Were the effect the same for all, those from {low} to {high} would not be rejected"
                    " ({level}%).",
                    values,
                )
            )
        else:
            sentences.append(Message("So few lots exist that no interval at this level has an end."))
        return told(sentences, language, made=self.made)


def randomisation_test(
    study: Study,
    *,
    outcome: Bilingual,
    strata: np.ndarray | None = None,
    n_draws: int = 1000,
    level: float = 0.95,
    seed: int,
    made: bool = False,
) -> RandomisationTest:
    """Compare the difference found with those of other lots.

    Parameters
    ----------
    study
        The rows; with clusters, whole clusters are drawn. Covariates are held fixed.
    outcome
        For people.
    strata
        One value a row of the study: within these the lot was drawn. None for one lot for all.
    n_draws
        Lots to draw; where no more exist, all are tried and the p-value is exact.
    level
        Of the interval.
    seed
        Of the draws.
    made
        True for made data.

    Raises
    ------
    BadInput
        When strata do not fit the rows or are missing; when a cluster is split; when only one lot
        exists; when the level is no share, or nothing is to be drawn.

    Notes
    -----
    Imbens and Rubin (2015), *Causal Inference*, chapter 5; the drawn lot counts among the drawn ones,
    which keeps the p-value valid (Phipson and Smyth 2010).

    Examples
    --------
    >>> import pandas as pd
    >>> from pk_research.policy.effects.cross_section import read_study
    >>> frame = pd.DataFrame({"y": [1.0, 2, 3, 7, 8, 9], "has": [0, 0, 0, 1, 1, 1]})
    >>> study = read_study(frame, outcome="y", treated="has")
    >>> randomisation_test(study, outcome=Message("income"), seed=0).p_value
    0.1
    """
    check_draws(n_draws, level)
    block = in_strata(study, strata)
    drawn, are_all = lots(study.treated, block, study.cluster, n_draws=n_draws, seed=seed)
    if len(np.unique(drawn[: min(len(drawn), BEYOND)], axis=0)) == 1:
        raise BadInput(
            Problem(
                "strata",
                "no other lot could have been drawn",
                "Strata need units with and without the policy.",
            )
        )
    basis, _ = np.linalg.qr(study.design)
    rest = study.outcome - basis @ (basis.T @ study.outcome)
    slopes, shifts = _slopes(drawn, basis, rest, study.treated)
    found, _ = _slopes(study.treated[None, :], basis, rest, study.treated)
    estimate = float(found[0])

    def p_value(effect: float) -> float:
        far = np.abs(slopes - effect * shifts)
        here = abs(estimate - effect)
        n = int((far >= here - TIE * max(1.0, abs(estimate))).sum())
        return n / len(far) if are_all else (1 + n) / (1 + len(far))

    p = p_value(0.0)
    ends = [_end(p_value, estimate, side, slopes, 1 - level) for side in (-1, 1)]
    return RandomisationTest(
        outcome,
        estimate,
        p,
        0.0 if are_all else float(np.sqrt(p * (1 - p) / len(drawn))),
        (ends[0], ends[1]),
        level,
        len(drawn),
        are_all,
        seed,
        made,
    )


def _slopes(
    drawn: np.ndarray, basis: np.ndarray, rest: np.ndarray, treated: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return, for each lot, the slope of the outcome and that of the policy itself."""
    apart = drawn - (drawn @ basis) @ basis.T
    square = np.einsum("ij,ij->i", apart, apart)
    return apart @ rest / square, apart @ treated / square


def _end(
    p_value: Callable[[float], float], estimate: float, side: int, slopes: np.ndarray, most: float
) -> float:
    """Find by halving how far an effect may lie on one side and still not be rejected."""
    reach = float(np.abs(slopes).max()) or 1.0
    for _ in range(BEYOND):
        if p_value(estimate + side * reach) <= most:
            break
        reach *= 2
    else:
        return side * float("inf")
    low, high = 0.0, reach
    for _ in range(BEYOND):
        middle = (low + high) / 2
        low, high = (middle, high) if p_value(estimate + side * middle) > most else (low, middle)
    return estimate + side * high
