"""Many questions at once: p-values that count how many were asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Language, translate
from pk_research.policy.effects.cross_section import Study
from pk_research.policy.inference.lots import check_draws, in_strata, lots
from pk_research.writing import marked

TIE = 1e-10


@dataclass(frozen=True, eq=False)
class Family:
    """Outcomes judged together.

    Attributes
    ----------
    results
        One row an outcome (the index): ``estimate``, ``p_value`` by randomisation, ``romano_wolf``
        (chance of any false discovery kept), ``false_discovery`` (Benjamini and Hochberg).
    n_lots, seed, made
        Lots tried; of the draws; True for made data.
    """

    results: pd.DataFrame
    n_lots: int
    seed: int
    made: bool

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row an outcome, for people."""
        shown = self.results.rename(
            columns={
                "estimate": translate("Estimate", language),
                "p_value": translate("p-value", language),
                "romano_wolf": translate("p-value for all together (Romano-Wolf)", language),
                "false_discovery": translate("p-value by false discoveries (Benjamini-Hochberg)", language),
            }
        )
        shown = shown.rename_axis(translate("Effect on", language)).reset_index()
        return marked(shown, language, made=self.made)


def adjusted_p_values(
    studies: Mapping[str, Study],
    *,
    strata: np.ndarray | None = None,
    n_draws: int = 1000,
    seed: int,
    made: bool = False,
) -> Family:
    """Judge several outcomes of the same units under the same lots.

    Parameters
    ----------
    studies
        Name of the outcome -> its study: the same rows, policy, covariates and clusters.
    strata
        As in `randomisation_test`.
    n_draws
        Lots to draw; all where no more exist.
    seed
        Of the draws.
    made
        True for made data.

    Raises
    ------
    BadInput
        When there is no study, or they are not of the same units; when strata do not fit them; when
        nothing is to be drawn.

    Notes
    -----
    Romano and Wolf (2005), step-down, on studentised differences of the lots; Benjamini and Hochberg
    (1995) on the p-values of `randomisation_test`'s kind.

    Examples
    --------
    >>> from pk_research.policy.effects.cross_section import read_study
    >>> frame = pd.DataFrame({"y": [1.0, 2, 3, 7, 8, 9], "z": [1.0, 5, 2, 3, 4, 1], "has": [0] * 3 + [1] * 3})
    >>> studies = {name: read_study(frame, outcome=name, treated="has") for name in ("y", "z")}
    >>> adjusted_p_values(studies, seed=0).results["romano_wolf"].round(2).tolist()
    [0.1, 0.85]
    """
    from statsmodels.stats.multitest import multipletests

    check_draws(n_draws)
    first = _same(studies)
    block = in_strata(first, strata)
    drawn, are_all = lots(first.treated, block, first.cluster, n_draws=n_draws, seed=seed)
    if not are_all:
        drawn = np.vstack([first.treated, drawn])
    basis, _ = np.linalg.qr(first.design)
    rest = np.column_stack([study.outcome for study in studies.values()])
    rest = rest - basis @ (basis.T @ rest)
    apart = drawn - (drawn @ basis) @ basis.T
    square = np.einsum("ij,ij->i", apart, apart)[:, None]
    slopes = apart @ rest / square
    own = first.treated - basis @ (basis.T @ first.treated)
    estimate = own @ rest / (own @ own)
    freedom = len(rest) - basis.shape[1] - 1

    def studentised(slope: np.ndarray, size: np.ndarray | float) -> np.ndarray:
        left = (rest**2).sum(axis=0) - slope**2 * size
        return np.asarray(np.abs(slope) / np.sqrt(np.maximum(left, 0) / freedom / size))

    with np.errstate(divide="ignore", invalid="ignore"):
        here = studentised(estimate, float(own @ own))
        there = studentised(slopes, square)
    p_value = (there >= here * (1 - TIE)).mean(axis=0)
    results = pd.DataFrame(
        {
            "estimate": estimate,
            "p_value": p_value,
            "romano_wolf": _stepped_down(here, there),
            "false_discovery": multipletests(p_value, method="fdr_bh")[1],
        },
        index=pd.Index(list(studies), name="outcome"),
    )
    return Family(results, len(drawn), seed, made)


def _same(studies: Mapping[str, Study]) -> Study:
    if not studies:
        raise BadInput(Problem("studies", "there are none", "Give at least one outcome."))
    first = next(iter(studies.values()))
    other = [
        name
        for name, study in studies.items()
        if not np.array_equal(study.treated, first.treated)
        or not study.covariates.equals(first.covariates)
        or not np.array_equal(_clusters(study), _clusters(first))
    ]
    if other:
        raise BadInput(
            Problem(
                f"studies {', '.join(other)}",
                "their units, policy, covariates or clusters differ from those of the first",
                "Read all from the same rows; leave out rows with any gap first.",
            )
        )
    return first


def _clusters(study: Study) -> np.ndarray:
    return np.arange(0) if study.cluster is None else study.cluster


def _stepped_down(here: np.ndarray, there: np.ndarray) -> np.ndarray:
    order = np.argsort(-here, kind="stable")
    adjusted = np.empty(len(here))
    least = 0.0
    for place, one in enumerate(order):
        largest = there[:, order[place:]].max(axis=1)
        least = max(least, float((largest >= here[one] * (1 - TIE)).mean()))
        adjusted[one] = least
    return adjusted
