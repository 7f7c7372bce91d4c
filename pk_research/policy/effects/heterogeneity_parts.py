"""The computations behind effects by group: each tried, their covariance, and p-values for many at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy import stats

from pk_research.clusters.threads import one_thread
from pk_research.errors import BadInput, PkError, Problem
from pk_research.language import Message
from pk_research.policy.effects.cross_section import Study, read_study
from pk_research.policy.effects.did.parts import check_choice
from pk_research.policy.effects.effect import Effect, row
from pk_research.policy.effects.rows import absent_columns, not_numbers
from pk_research.products.words import some

Estimate = Callable[[pd.DataFrame], Effect]
Adjustment = Literal["holm", "benjamini_hochberg", "romano_wolf"]
METHODS = {"holm": "holm", "benjamini_hochberg": "fdr_bh"}
LEAST_GROUPS = 2


@dataclass(frozen=True)
class Lot:
    """How the policy was drawn by lot, for p-values that lots drawn again adjust.

    Attributes
    ----------
    outcome, treated
        Columns of the rows, one row a unit.
    n_draws, seed
        Lots to draw within each group; of the draws.
    """

    outcome: str
    treated: str
    n_draws: int = 1000
    seed: int = 0


@dataclass(frozen=True)
class Joint:
    """A test of all groups having the same effect.

    Attributes
    ----------
    statistic
        Wald statistic: distributed as chi-squared with ``df`` degrees of freedom were all effects the
        same; divided by ``df`` as F where ``df_rest`` is finite.
    df, df_rest
        Groups less one; clusters less one where clusters lie in several groups, else infinite.
    p_value
        How often chance alone would show as large a statistic.
    """

    statistic: float
    df: int
    df_rest: float
    p_value: float


def request_problems(
    frame: pd.DataFrame,
    *,
    group: str,
    unit: str | None,
    cluster: str | None,
    least: int,
    adjustment: str,
    lot: Lot | None,
    certainty: str | None,
    sure: float,
) -> list[Problem]:
    """Return what is wrong with what was asked for."""
    of_lot = [] if lot is None else [lot.outcome, lot.treated]
    problems = [
        *absent_columns(frame, [group, unit, cluster, certainty, *of_lot]),
        *check_choice("adjustment", adjustment, (*METHODS, "romano_wolf")),
    ]
    if (adjustment == "romano_wolf") != (lot is not None):
        problems.append(
            Problem(
                "lot",
                "it belongs to adjustment='romano_wolf'",
                "Give both where the policy was drawn by lot, neither where it was not.",
            )
        )
    if least < 2:
        problems.append(Problem("least", f"it is {least}", "Give 2 at least, better 10."))
    if certainty is not None and certainty in frame.columns:
        known = frame[frame[certainty].notna()]
        problems += not_numbers(known, [certainty])
        if not problems and not known[certainty].between(0, 1).all():
            problems.append(Problem(f"column '{certainty}'", "it holds no shares", "Give 0 to 1."))
    if not 0 < sure <= 1:
        problems.append(Problem("sure", f"it is {sure}", "Give a share, such as 0.75."))
    return problems


def group_problems(named: pd.DataFrame, group: str, unit: str | None) -> list[Problem]:
    """Return what is wrong with the groups themselves."""
    problems = []
    if named[group].nunique() < LEAST_GROUPS:
        problems.append(
            Problem(f"column '{group}'", "it holds fewer than two groups", "Split by another column.")
        )
    if unit is not None:
        spread = named.groupby(unit)[group].nunique()
        several = spread.index[spread > 1]
        if len(several):
            problems.append(
                Problem(
                    f"column '{group}'",
                    f"units lie in several groups: {some(several)}",
                    "Give each unit the group it had before the policy.",
                )
            )
    return problems


def tried(estimate: Estimate, rows: pd.DataFrame, least: int) -> Effect | Message:
    """Return the effect in these rows, or why there is none."""
    try:
        with one_thread():
            effect = estimate(rows)
    except PkError as error:
        return Message("it could not be estimated ({why})", {"why": str(error).rstrip(".")})
    sample = effect.sample
    if min(sample.n_treated, sample.n_comparison) < least:
        return Message(
            "too few units: {treated} with the policy and {comparison} without, {least} of each are needed",
            {"treated": sample.n_treated, "comparison": sample.n_comparison, "least": least},
        )
    if not (np.isfinite(effect.estimate) and np.isfinite(effect.standard_error)):
        return Message("its effect has no standard error")
    return effect


def covariance_of(
    estimate: Estimate,
    used: Mapping[object, pd.DataFrame],
    effects: Mapping[object, Effect],
    cluster: str | None,
    n_jobs: int | None,
) -> tuple[np.ndarray, float]:
    """Return the covariance of the groups' effects, and the degrees of freedom it has."""
    alone = np.diag([effect.standard_error**2 for effect in effects.values()])
    if cluster is None:
        return alone, float("inf")
    clusters = [set(rows[cluster].dropna()) for rows in used.values()]
    every = sorted(set().union(*clusters))
    if len(every) == sum(map(len, clusters)):
        return alone, float("inf")
    tasks = [(place, one) for place, inside in enumerate(clusters) for one in every if one in inside]
    parts = list(used.values())
    without = Parallel(n_jobs=n_jobs)(
        delayed(_without)(estimate, parts[place], cluster, one) for place, one in tasks
    )
    figures = np.tile([effect.estimate for effect in effects.values()], (len(every), 1))
    where = {one: number for number, one in enumerate(every)}
    for (place, one), figure in zip(tasks, without, strict=True):
        figures[where[one], place] = figure
    if not np.isfinite(figures).all():
        raise BadInput(
            Problem(
                f"column '{cluster}'",
                "clusters lie in several groups, and without some of them a group has no effect",
                "Join small groups, or choose smaller clusters.",
            )
        )
    apart = figures - figures.mean(axis=0)
    n = len(every)
    return (n - 1) / n * apart.T @ apart, float(n - 1)


def _without(estimate: Estimate, rows: pd.DataFrame, cluster: str, one: object) -> float:
    try:
        with one_thread():
            return estimate(rows[rows[cluster] != one]).estimate
    except PkError:
        return float("nan")


def adjusted_for_groups(
    used: Mapping[object, pd.DataFrame],
    p_values: np.ndarray,
    adjustment: Adjustment,
    lot: Lot | None,
    cluster: str | None,
) -> np.ndarray:
    """Return each group's p-value, adjusted for how many groups there are."""
    from statsmodels.stats.multitest import multipletests

    from pk_research.policy.inference import adjusted_p_values

    if lot is None:
        return np.asarray(multipletests(p_values, method=METHODS[adjustment])[1])
    rows = pd.concat(used.values(), ignore_index=True)
    place = np.repeat(np.arange(len(used)), [len(part) for part in used.values()])
    # Outside its group an outcome is 0, and lots are drawn within groups: what is left is the group's own
    # difference of means, and all groups are judged under the same lots.
    constants = [f"group_{number}" for number in range(1, len(used))]
    columns = {name: (place == number).astype(float) for number, name in enumerate(constants, start=1)}
    asked: dict[str, Study] = {}
    for number in range(len(used)):
        inside = {"outcome": np.where(place == number, rows[lot.outcome], 0.0), "has": rows[lot.treated]}
        clusters = {} if cluster is None else {"cluster": rows[cluster]}
        asked[str(number)] = read_study(
            pd.DataFrame(columns | inside | clusters),
            outcome="outcome",
            treated="has",
            covariates=constants,
            cluster=None if cluster is None else "cluster",
        )
    family = adjusted_p_values(asked, strata=place, n_draws=lot.n_draws, seed=lot.seed)
    return np.asarray(family.results["romano_wolf"], dtype=float)


def among_sure(
    estimate: Estimate,
    used: Mapping[object, pd.DataFrame],
    *,
    certainty: str,
    sure: float,
    least: int,
    n_jobs: int | None,
) -> pd.DataFrame:
    """Return the same effects among units that surely belong to their group."""
    parts = [rows[rows[certainty] >= sure] for rows in used.values()]
    found = Parallel(n_jobs=n_jobs)(delayed(tried)(estimate, rows, least) for rows in parts)
    lost = float("nan")
    return pd.DataFrame(
        {
            "n_unsure": [len(rows) - len(part) for rows, part in zip(used.values(), parts, strict=True)],
            "sure_estimate": [one.estimate if isinstance(one, Effect) else lost for one in found],
            "sure_low": [one.interval[0] if isinstance(one, Effect) else lost for one in found],
            "sure_high": [one.interval[1] if isinstance(one, Effect) else lost for one in found],
        }
    )


def pairs_of(
    groups: Sequence[object], figures: np.ndarray, covariance: np.ndarray, df_rest: float, level: float
) -> pd.DataFrame:
    """Return the difference of each pair of groups."""
    from statsmodels.stats.multitest import multipletests

    rows = []
    for i, j in combinations(range(len(groups)), 2):
        error = float(np.sqrt(covariance[i, i] + covariance[j, j] - 2 * covariance[i, j]))
        told = row("", "group", figures[i] - figures[j], error, level=level, df=df_rest)
        rows.append((groups[i], groups[j], *told[2:]))
    names = ("first", "second", "difference", "standard_error", "low", "high", "p_value")
    table = pd.DataFrame(rows, columns=list(names))
    return table.assign(adjusted=multipletests(table["p_value"], method="holm")[1])


def joint_test(figures: np.ndarray, covariance: np.ndarray, df_rest: float) -> Joint:
    """Test whether all groups have the same effect."""
    contrast = np.column_stack([np.ones(len(figures) - 1), -np.eye(len(figures) - 1)])
    apart, spread = contrast @ figures, contrast @ covariance @ contrast.T
    statistic = float(apart @ np.linalg.pinv(spread) @ apart)
    df = len(apart)
    p = stats.chi2.sf(statistic, df) if np.isinf(df_rest) else stats.f.sf(statistic / df, df, df_rest)
    return Joint(statistic, df, df_rest, float(p))
