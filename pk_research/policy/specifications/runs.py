"""One specification after the other: its rows, its estimate, and what went wrong where it fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd

from pk_research.clusters.threads import one_thread
from pk_research.errors import PkError
from pk_research.language import Language
from pk_research.policy.effects.cross_section import Study, read_study
from pk_research.policy.effects.effect import Effect

Transformation = str | Callable[[pd.DataFrame], pd.Series]
Subset = Callable[[pd.DataFrame], pd.Series] | None
Estimate = Callable[[Study], Effect]
KINDS = ("outcome", "covariates", "sample", "estimator")
FIGURES = ("estimate", "standard_error", "low", "high", "p_value")
OUTCOME = "the outcome of the specification"
PLACE = "the place of the row"


@dataclass(frozen=True)
class Plain:
    """A name that reads the same in both languages.

    Attributes
    ----------
    name
        As it is.
    """

    name: str

    def text(self, language: Language) -> str:  # noqa: ARG002 - the same in each
        """Return the name."""
        return self.name


@dataclass(frozen=True)
class Choices:
    """What may be chosen, each option by its name.

    Attributes
    ----------
    outcomes
        A column, or what makes the outcome of the rows.
    covariates
        Columns.
    samples
        What says True for rows that belong; None for all.
    estimators
        What makes an effect of a study.
    """

    outcomes: Mapping[str, Transformation]
    covariates: Mapping[str, Sequence[str]]
    samples: Mapping[str, Subset]
    estimators: Mapping[str, Estimate]

    @property
    def combinations(self) -> list[tuple[str, str, str, str]]:
        """Every specification as the names of its options, in the order of `KINDS`."""
        return list(product(self.outcomes, self.covariates, self.samples, self.estimators))


@dataclass(frozen=True, eq=False)
class Run:
    """A specification that was run.

    Attributes
    ----------
    names
        Of its options, in the order of `KINDS`.
    figures
        Estimate, standard error, interval and p-value in the outcome's own unit; missing where it failed.
    error
        What went wrong; empty where nothing did.
    level
        Of the interval.
    study, place
        Its rows, and their numbers among the rows given; None where they could not be read.
    """

    names: tuple[str, str, str, str]
    figures: tuple[float, ...]
    error: str
    level: float = float("nan")
    study: Study | None = None
    place: np.ndarray | None = None

    @property
    def spread(self) -> float:
        """Standard deviation of the outcome over its rows."""
        return float("nan") if self.study is None else float(self.study.outcome.std(ddof=1))


def run(
    frame: pd.DataFrame,
    choices: Choices,
    names: tuple[str, str, str, str],
    *,
    treated: str,
    cluster: str | None,
) -> Run:
    """Run one specification; whatever it raises is written down, not passed on."""
    missing = (float("nan"),) * len(FIGURES)
    try:
        study, place = _rows(frame, choices, names, treated=treated, cluster=cluster)
        with one_thread():
            figures, level = estimated(study, choices.estimators[names[3]])
    # A specification may fail in any way its author's functions can: all are listed.
    except Exception as error:  # noqa: BLE001
        return Run(names, missing, _said(error))
    return Run(names, figures, "", level, study, place)


def estimated(study: Study, estimator: Estimate) -> tuple[tuple[float, ...], float]:
    """Return the figures of the effect told first, and its level; raise where it has no standard error."""
    effect = estimator(study)
    figures = tuple(float(effect.estimates[name].iloc[0]) for name in FIGURES)
    if not (np.isfinite(figures).all() and figures[1] > 0):
        raise ArithmeticError("it gives no estimate with a standard error")
    return figures, effect.level


def again(
    runs: Sequence[Run], estimators: Mapping[str, Estimate], lots: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return estimates and p-values of every run had the lot fallen otherwise; missing where it fails.

    Parameters
    ----------
    runs
        Those that did not fail.
    estimators
        By name.
    lots
        Who has the policy, one lot a row, over all rows given.
    """
    with one_thread():
        return [_one_lot(runs, estimators, lot) for lot in lots]


def _one_lot(
    runs: Sequence[Run], estimators: Mapping[str, Estimate], lot: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    estimate, p_value = np.full((2, len(runs)), np.nan)
    for number, one in enumerate(runs):
        if one.study is None or one.place is None:
            continue
        study = replace(one.study, treated=lot[one.place])
        if not 1 < study.treated.sum() < len(study.treated) - 1:
            continue
        try:
            figures, _ = estimated(study, estimators[one.names[3]])
        # As above: counted as missing, and told.
        except Exception:  # noqa: BLE001, S112
            continue
        estimate[number], p_value[number] = figures[0], figures[-1]
    return estimate, p_value


def _rows(
    frame: pd.DataFrame,
    choices: Choices,
    names: tuple[str, str, str, str],
    *,
    treated: str,
    cluster: str | None,
) -> tuple[Study, np.ndarray]:
    subset, transformed = choices.samples[names[2]], choices.outcomes[names[0]]
    values = frame[transformed] if isinstance(transformed, str) else transformed(frame)
    rows = frame.assign(**{OUTCOME: values, PLACE: np.arange(len(frame))})
    if subset is not None:
        rows = rows[np.asarray(subset(frame), dtype=bool)]
    covariates = list(choices.covariates[names[1]])
    study = read_study(
        rows, outcome=OUTCOME, treated=treated, covariates=covariates, cluster=cluster, gaps="leave_out"
    )
    used = [OUTCOME, treated, *covariates, *([] if cluster is None else [cluster])]
    return study, rows.loc[rows[used].notna().all(axis=1), PLACE].to_numpy()


def _said(error: Exception) -> str:
    if isinstance(error, PkError):
        return "; ".join(map(str, error.problems))
    return f"{type(error).__name__}: {error}"
