"""Regression discontinuity: units just above a line that decides the policy, and just below it."""

from __future__ import annotations

import warnings
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual, Message
from pk_research.policy.effects.did.parts import check_choice, check_level, refuse
from pk_research.policy.effects.effect import (
    NO_UNIT,
    Diagnostic,
    Effect,
    Estimator,
    Row,
    Sample,
    Verdict,
    checked_against,
    estimates_table,
    input_hash,
)
from pk_research.policy.effects.rows import Gaps, absent_columns, complete_rows, not_numbers

SAME = 1e-6
FEWEST, VALUES = 20, 5
SORTED = 0.05


def effect_at_cutoff(
    frame: pd.DataFrame,
    *,
    outcome: str,
    running: str,
    cutoff: float,
    named: Bilingual,
    unit: Bilingual = NO_UNIT,
    gaps: Gaps = "refuse",
    level: float = 0.95,
    made: bool = False,
) -> Effect:
    """Estimate the effect on units at a line above which everybody has the policy.

    Parameters
    ----------
    frame
        One row a unit.
    outcome, running
        Columns: the outcome, and the number that decides, such as a score.
    cutoff
        Units with at least so much have the policy, the others have not.
    named, unit
        Of the outcome, for people.
    gaps
        Rows with a missing value: ``"refuse"``, or ``"leave_out"`` and count.
    level
        Of the interval.
    made
        True for made data.

    Returns
    -------
    Effect
        Lines on both sides, weighted to the cutoff, in a bandwidth of least mean squared error; the
        interval is the robust one, which counts the lines' bias, so the estimate is not its middle.
        The standard error is the robust one. Cross-checked by weighted least squares.

    Raises
    ------
    BadInput
        When a column is not there or no number, rows have gaps, or fewer than 20 units or 5 values lie
        on a side; when the level is no share; when the outcome does not vary, or too little for a
        bandwidth.

    Notes
    -----
    Calonico, Cattaneo and Titiunik (2014), *Econometrica* 82:2295-2326; the density test of Cattaneo,
    Jansson and Ma (2020).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> score = rng.uniform(-1, 1, 400)
    >>> frame = pd.DataFrame({"score": score, "income": score + 3 * (score >= 0) + rng.normal(size=400)})
    >>> effect = effect_at_cutoff(frame, outcome="income", running="score", cutoff=0, named=Message("income"))
    >>> bool(abs(effect.estimate - 3) < 1)
    True
    """
    refuse([*check_level(level), *check_choice("gaps", gaps, ("refuse", "leave_out"))])
    rows, left_out = _read(frame, outcome, running, cutoff, gaps)
    fit, density = _fitted(rows, outcome, running, cutoff, level)
    low, high = map(float, fit.conf_int)
    estimate, width = float(fit.att_conventional), float(fit.h_left)
    n_left, n_right = int(fit.n_h_left), int(fit.n_h_right)
    beyond = Message("beyond the bandwidth, and so without weight")
    effect = Effect(
        estimates_table(
            [Row("all", "overall", estimate, float(fit.se_robust), low, high, float(fit.p_value))]
        ),
        named,
        unit,
        Estimator(
            Message("regression discontinuity"),
            "Calonico, Cattaneo & Titiunik 2014",
            f"diff-diff {version('diff-diff')}",
        ),
        Sample(
            n_left + n_right,
            n_left + n_right,
            n_right,
            n_left,
            left_out=(*left_out, (beyond, len(rows) - n_left - n_right)),
        ),
        Message("units just below the line"),
        (
            Message("nobody could choose on which side of the line to be"),
            Message("nothing else changes at the line"),
            Message("it is told of units at the line, not of others"),
        ),
        diagnostics=(_density(float(density.p_value)),),
        level=level,
        options={"cutoff": cutoff, "bandwidth": width, "kernel": "triangular"},
        input_hash=input_hash(rows[[outcome, running]]),
        made=made,
    )
    second = _second(rows[outcome].to_numpy(dtype=float), rows[running].to_numpy(dtype=float) - cutoff, width)
    return checked_against(effect, "algebra", second, float("nan"), tolerance=SAME)


def _fitted(rows: pd.DataFrame, outcome: str, running: str, cutoff: float, level: float) -> tuple[Any, Any]:
    import diff_diff

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fit = diff_diff.RegressionDiscontinuity(cutoff=cutoff, alpha=1 - level).fit(
                rows, outcome=outcome, running=running
            )
            density = diff_diff.RDDensityTest(cutoff=cutoff).fit(rows, running=running)
        except (TypeError, ValueError, np.linalg.LinAlgError) as error:
            raise BadInput(
                Problem(
                    "the estimator",
                    f"it finds no bandwidth: {error}",
                    f"The outcome must vary, and '{running}' take many values on each side of the line.",
                )
            ) from error
    return fit, density


def _read(
    frame: pd.DataFrame, outcome: str, running: str, cutoff: float, gaps: Gaps
) -> tuple[pd.DataFrame, tuple[tuple[Message, int], ...]]:
    problems = absent_columns(frame, [outcome, running])
    if problems:
        raise BadInput(problems)
    rows, left_out = complete_rows(frame, [outcome, running], [], gaps)
    problems = not_numbers(rows, [outcome, running])
    if problems:
        raise BadInput(problems)
    above = int((rows[running] >= cutoff).sum())
    problems = [
        Problem(
            f"column '{running}'",
            f"{n} units lie {side} {cutoff:g}",
            f"Lines need at least {FEWEST} units on each side.",
        )
        for n, side in ((above, "at or above"), (len(rows) - above, "below"))
        if n < FEWEST
    ]
    below, beyond = (int(rows.loc[side, running].nunique()) for side in _sides(rows[running], cutoff))
    if not problems and min(below, beyond) < VALUES:
        problems.append(
            Problem(
                f"column '{running}'",
                f"it takes {below} values below {cutoff:g} and {beyond} from there on",
                f"Lines need at least {VALUES} values on each side.",
            )
        )
    if rows[outcome].min() == rows[outcome].max():
        problems.append(Problem(f"column '{outcome}'", "it is the same in every row", "Choose another."))
    if problems:
        raise BadInput(problems)
    return rows, left_out


def _sides(values: pd.Series, cutoff: float) -> tuple[pd.Series, pd.Series]:
    return values < cutoff, values >= cutoff


def _second(outcome: np.ndarray, away: np.ndarray, width: float) -> float:
    ends = []
    for side in (away >= 0, away < 0):
        weight = np.maximum(1 - np.abs(away[side]) / width, 0)
        design = np.column_stack([np.ones(side.sum()), away[side]])
        root = np.sqrt(weight)
        line, *_ = np.linalg.lstsq(design * root[:, None], outcome[side] * root, rcond=None)
        ends.append(float(line[0]))
    return ends[0] - ends[1]


def _density(p_value: float) -> Diagnostic:
    verdict: Verdict = "fails" if p_value < SORTED else "cannot_be_said"
    account = (
        Message(
            "Units heap up on one side of the line (p = {p}): some may have chosen their side, and then the"
            " figure is not the policy's effect.",
            {"p": round(p_value, 3)},
        )
        if verdict == "fails"
        else Message(
            "Units do not heap up clearly on one side of the line (p = {p}), which does not show that nobody"
            " chose a side.",
            {"p": round(p_value, 3)},
        )
    )
    return Diagnostic(Message("Density at the line"), p_value, verdict, account)
