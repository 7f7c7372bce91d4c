"""Synthetic difference-in-differences: others and earlier periods weighted to run in parallel."""

from __future__ import annotations

import warnings
from importlib.metadata import version

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual, Message
from pk_research.policy.effects.did.fixed_effects import check_outcome
from pk_research.policy.effects.did.parts import check_level, refuse
from pk_research.policy.effects.effect import (
    NO_UNIT,
    Diagnostic,
    Effect,
    Estimator,
    Sample,
    Verdict,
    checked_against,
    estimates_table,
    row,
)
from pk_research.policy.effects.panel import Panel

SAME = 5e-2
FEWEST = 2


def synthetic_differences(
    panel: Panel,
    *,
    outcome: Bilingual,
    unit: Bilingual = NO_UNIT,
    n_placebos: int = 200,
    level: float = 0.95,
    seed: int,
    made: bool = False,
) -> Effect:
    """Estimate the mean effect on the units with the policy, all of which began together.

    Parameters
    ----------
    panel
        Balanced; units begin in one period or never, and more are without the policy than with it.
    outcome, unit
        Of the outcome, for people.
    n_placebos
        How often the policy is dealt to units without it, for the standard error.
    level
        Of the interval, from the normal distribution.
    seed
        Of the placebos.
    made
        True for made data.

    Returns
    -------
    Effect
        ``details`` hold the ``weights`` of units and of periods. Cross-checked by solving for both
        kinds of weights a second way.

    Raises
    ------
    BadInput
        When units begin in different periods, the panel has gaps, there are fewer than two periods
        before, or not more units without the policy than with it; when the outcome does not vary, the
        level is no share, or fewer than two placebos are asked for.

    Notes
    -----
    Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), *American Economic Review* 111:4088-4118;
    placebo standard error of their algorithm 4.

    Examples
    --------
    >>> from pk_research.policy.effects.panel import read_panel
    >>> rng = np.random.default_rng(0)
    >>> rows = [(v, t, t + rng.normal() + 5 * (v < 2 and t > 4), int(v < 2 and t > 4))
    ...         for v in range(12) for t in range(1, 7)]
    >>> frame = pd.DataFrame(rows, columns=["village", "year", "income", "has"])
    >>> panel = read_panel(frame, unit="village", period="year", outcome="income", treated="has")
    >>> effect = synthetic_differences(panel, outcome=Message("income"), n_placebos=50, seed=1)
    >>> abs(effect.estimate - 5) < 2
    True
    """
    import diff_diff

    problems = check_level(level)
    if n_placebos < FEWEST:
        problems.append(Problem("n_placebos", f"it is {n_placebos}", "Take 2 at least, better 200."))
    refuse([*problems, *check_outcome(panel)])
    start = _one_start(panel)
    rows = panel.rows.assign(ever=(panel.rows["start"] > 0).astype(int))
    after = sorted(p for p in rows["period"].unique() if p >= start)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = diff_diff.SyntheticDiD(
            variance_method="placebo", n_bootstrap=n_placebos, alpha=1 - level, seed=seed
        ).fit(rows, outcome="outcome", treatment="ever", unit="unit", time="period", post_periods=after)
    estimate, error = float(fit.att), float(fit.se)
    units = pd.Series(dict(fit.unit_weights), dtype=float).sort_values(ascending=False, kind="stable")
    periods = pd.Series(dict(fit.time_weights), dtype=float)
    weights = pd.DataFrame(
        {
            "kind": ["unit"] * len(units) + ["period"] * len(periods),
            "of": [
                *(panel.units[int(u) - 1] for u in units.index),
                *(panel.periods[int(p) - 1] for p in periods.index),
            ],
            "weight": [*units, *periods],
        }
    )
    carried = float(1 / (units**2).sum())
    effect = Effect(
        estimates_table([row("all", "overall", estimate, error, level=level)]),
        outcome,
        unit,
        Estimator(
            Message("synthetic difference-in-differences"),
            "Arkhangelsky et al. 2021",
            f"diff-diff {version('diff-diff')}",
        ),
        Sample(
            len(rows),
            panel.n_treated + panel.n_never,
            panel.n_treated,
            panel.n_never,
            rows["period"].nunique(),
            left_out=panel.left_out,
        ),
        Message("units without the policy, weighted to run in parallel before it"),
        (
            Message("without the policy both would have gone on in parallel"),
            Message("the policy was not foreseen, and does not touch other units"),
            Message("units with the policy vary as those without it (for the standard error)"),
        ),
        diagnostics=(_carried(carried, len(units)),),
        level=level,
        options={"n_placebos": n_placebos},
        seed=seed,
        input_hash=panel.input_hash,
        made=made,
        details={"weights": weights},
    )
    wide = rows.pivot_table(index="unit", columns="period", values="outcome")
    ever = rows.groupby("unit")["ever"].first().reindex(wide.index).to_numpy() == 1
    return checked_against(effect, "scipy SLSQP", _second(wide, ever, after), float("nan"), tolerance=SAME)


def _one_start(panel: Panel) -> int:
    starts = panel.starts[panel.starts > 0]
    problems = []
    if starts.min() != starts.max():
        problems.append(
            Problem(
                "the panel",
                f"units begin in {len(starts.unique())} different periods",
                "Estimate each start by itself, or use staggered difference-in-differences.",
            )
        )
    if not panel.is_balanced:
        problems.append(
            Problem(
                "the panel", "not every unit is seen in every period", "Read it with unbalanced='balance'."
            )
        )
    if panel.n_never <= panel.n_treated:
        problems.append(
            Problem(
                "the panel",
                f"{panel.n_treated} units have the policy and {panel.n_never} never have it",
                "Placebos need more units without it than with it.",
            )
        )
    if int(starts.min()) - int(panel.rows["period"].min()) < FEWEST:
        problems.append(Problem("the panel", "fewer than two periods before the policy", "Give more."))
    if problems:
        raise BadInput(problems)
    return int(starts.min())


def _carried(carried: float, n: int) -> Diagnostic:
    verdict: Verdict = "holds" if carried >= min(10, n / 2) else "doubtful"
    account = Message(
        "The comparison carries as much information as {carried} of the {n} units without the policy.",
        {"carried": round(carried, 1), "n": n},
    )
    return Diagnostic(Message("Units that carry the weight"), carried, verdict, account)


def _second(wide: pd.DataFrame, ever: np.ndarray, after: list[int]) -> float:
    """Solve for the weights of units and periods as defined, and take the double difference."""
    is_after = wide.columns.isin(after)
    values = wide.to_numpy()
    before, later = values[:, ~is_after], values[:, is_after]
    noise = np.diff(before[~ever], axis=1).std(ddof=1)
    penalty = (ever.sum() * is_after.sum()) ** 0.25 * noise
    units = _simplex(before[~ever].T, before[ever].mean(axis=0), penalty**2 * before.shape[1])
    periods = _simplex(before[~ever], later[~ever].mean(axis=1), (1e-6 * noise) ** 2 * (~ever).sum())
    change = later.mean(axis=1) - before @ periods
    return float(change[ever].mean() - units @ change[~ever])


def _simplex(design: np.ndarray, aim: np.ndarray, penalty: float) -> np.ndarray:
    """Minimise squared misses, up to a constant, over weights that are shares; ridge penalty."""
    design = design - design.mean(axis=0)
    aim = aim - aim.mean()
    square, cross = design.T @ design + penalty * np.eye(design.shape[1]), design.T @ aim
    scale = np.abs(square).max()
    k = len(cross)
    found = minimize(
        lambda w: (w @ square @ w / 2 - cross @ w) / scale,
        np.full(k, 1 / k),
        jac=lambda w: (square @ w - cross) / scale,
        bounds=[(0, 1)] * k,
        constraints=[{"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda _: np.ones(k)}],
        method="SLSQP",
        options={"maxiter": 1000, "ftol": 1e-14},
    )
    return np.asarray(found.x, dtype=float)
