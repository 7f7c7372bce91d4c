"""Synthetic control: one unit with the policy beside the mixture of others that was most like it."""

from __future__ import annotations

import warnings
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy.optimize import nnls

from pk_research.compute.chance import derived_seed
from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual, Message
from pk_research.policy.effects.did.fixed_effects import check_outcome
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
)
from pk_research.policy.effects.panel import Panel
from pk_research.products.words import some

# How much a predictor counts may be next to nothing, and then the mixture is known to a few digits only.
SAME, SAME_SEARCHED = 1e-3, 0.02
STARTS, SEARCHES = 4, 8
NEAR = 0.01
LEAST_BEFORE = 3
FAR = 0.5


def synthetic_control(
    panel: Panel,
    *,
    outcome: Bilingual,
    unit: Bilingual = NO_UNIT,
    predictors: pd.DataFrame | None = None,
    placebos: bool = True,
    seed: int,
    n_jobs: int | None = None,
    made: bool = False,
) -> Effect:
    """Estimate the mean effect on the one unit with the policy.

    Parameters
    ----------
    panel
        Balanced, with one unit whose policy began.
    outcome, unit
        Of the outcome, for people.
    predictors
        Indexed by unit, one column a predictor (such as a mean over earlier years), no gaps: how much
        each counts is chosen so that the mixture follows the outcome before the policy. None takes
        the outcome in every period before, all counting alike once scaled.
    placebos
        Give the policy to each other unit in turn; the share of units whose effect is as large,
        relative to how well they were followed before, is the p-value. Predictors count for them as
        for the unit with the policy.
    seed
        Of the searches; each starts from several places, since one alone may stop at a poor mixture.
    n_jobs
        Workers, as in joblib; any number gives the same bytes.
    made
        True for made data.

    Returns
    -------
    Effect
        No standard error and no interval: the method has none. Terms by period are given as
        ``event_time``; ``details`` hold the ``weights`` of the donors and, with placebos, the
        ``placebos``.

    Raises
    ------
    BadInput
        When the panel has gaps, no or several units with the policy, fewer than three periods before,
        fewer than two donors, or an outcome that does not vary; when predictors miss a unit or a value.

    Notes
    -----
    Abadie, Diamond and Hainmueller (2010), *JASA* 105:493-505.

    Examples
    --------
    >>> from pk_research.policy.effects.panel import read_panel
    >>> rows = [(v, t, b * t + 2 * (v == "a" and t > 4), int(v == "a" and t > 4))
    ...         for v, b in (("a", 2.0), ("b", 1.0), ("c", 3.0), ("d", 5.0)) for t in range(1, 7)]
    >>> frame = pd.DataFrame(rows, columns=["village", "year", "income", "has"])
    >>> panel = read_panel(frame, unit="village", period="year", outcome="income", treated="has")
    >>> effect = synthetic_control(panel, outcome=Message("income"), placebos=False, seed=1)
    >>> round(effect.estimate, 2)
    2.0
    """
    treated = _the_one(panel)
    known = _predictors(panel, predictors)
    before, after = _periods(panel)
    if known is None:
        fits = [_fitted(panel, None, before, after, v_method="inverse_variance")]
    else:
        fits = Parallel(n_jobs=n_jobs)(
            delayed(_fitted)(
                panel, known, before, after, v_method="nested", n_starts=STARTS, seed=derived_seed(seed, n)
            )
            for n in range(SEARCHES)
        )
    misses = np.array([fit.pre_rmspe for fit in fits])
    fit = fits[int(misses.argmin())]
    tried = None
    if placebos:
        if known is not None:
            counts = list(fit.v_weights.values())
            fit = _fitted(panel, known, before, after, v_method="custom", custom_v=counts)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tried = fit.in_space_placebo()
    wide = panel.rows.pivot_table(index="period", columns="unit", values="outcome")
    weights = pd.Series(fit.donor_weights, dtype=float).reindex(wide.columns, fill_value=0.0)
    gap = wide[treated] - wide.to_numpy() @ weights.to_numpy()
    estimate = float(gap.loc[after].mean())
    nothing = float("nan")
    p_value = float(fit.placebo_p_value) if placebos else nothing
    terms = [Row("all", "overall", estimate, nothing, nothing, nothing, p_value)]
    terms += [
        Row(period - after[0], "event_time", float(value), nothing, nothing, nothing, nothing)
        for period, value in gap.items()
    ]
    shares = weights[weights > 0].sort_values(ascending=False)
    donors = pd.DataFrame({"unit": [panel.units[u - 1] for u in shares.index], "weight": shares.to_numpy()})
    diagnostics = [_fit_before(gap.loc[before], wide[treated].loc[before], donors)]
    if known is not None:
        diagnostics.append(_search(misses))
    details = {"weights": donors}
    if tried is not None:
        diagnostics.append(_placebo_account(p_value, int(fit.n_placebos), int(fit.n_failed)))
        details["placebos"] = tried
    effect = Effect(
        estimates_table(terms),
        outcome,
        unit,
        Estimator(
            Message("synthetic control"),
            "Abadie, Diamond & Hainmueller 2010",
            f"diff-diff {version('diff-diff')}",
        ),
        Sample(
            len(panel.rows), len(panel.units), 1, len(wide.columns) - 1, len(wide), left_out=panel.left_out
        ),
        Message(
            "a weighted mixture of {n} other units: {names}",
            {"n": len(donors), "names": some(donors["unit"])},
        ),
        (
            Message("the mixture would have gone on like the unit without the policy"),
            Message("nothing else happened to the unit, or to the others, when the policy began"),
            Message("the policy does not touch the units of the mixture"),
        ),
        diagnostics=tuple(diagnostics),
        options={
            "predictors": () if predictors is None else tuple(map(str, predictors.columns)),
            "placebos": placebos,
            "starts": STARTS,
            "searches": SEARCHES if known is not None else 0,
        },
        seed=seed,
        input_hash=panel.input_hash,
        made=made,
        details=details,
    )
    return checked_against(
        effect,
        "scipy nnls",
        _second(wide, treated, known, fit.v_weights, after),
        nothing,
        tolerance=SAME if known is None else SAME_SEARCHED,
    )


def _fitted(
    panel: Panel, predictors: pd.DataFrame | None, before: list[int], after: list[int], **options: object
) -> Any:  # noqa: ANN401 - a result of diff-diff
    import diff_diff

    rows, special = panel.rows.assign(ever=panel.rows["treated"]), None
    if predictors is not None:
        names = [f"predictor_{n}" for n in range(predictors.shape[1])]
        rows = rows.merge(predictors.set_axis(names, axis=1), left_on="unit", right_index=True)
        special = [(name, [before[0]], "mean") for name in names]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return diff_diff.SyntheticControl(**options).fit(
            rows,
            outcome="outcome",
            treatment="ever",
            unit="unit",
            time="period",
            post_periods=after,
            pre_period_outcomes="all" if predictors is None else None,
            special_predictors=special,
        )


def _the_one(panel: Panel) -> int:
    starts = panel.starts
    treated = starts[starts > 0].index.tolist()
    problems = check_outcome(panel)
    if len(treated) != 1:
        named = some(panel.units[u - 1] for u in treated)
        problems.append(
            Problem(
                "the panel",
                f"{len(treated)} units have the policy ({named})",
                "Use synthetic_differences for several, or keep one.",
            )
        )
    if not panel.is_balanced:
        problems.append(
            Problem(
                "the panel", "not every unit is seen in every period", "Read it with unbalanced='balance'."
            )
        )
    before, _ = _periods(panel)
    if len(before) < LEAST_BEFORE:
        problems.append(
            Problem(
                "the panel",
                f"{len(before)} periods before the policy are too few to see whom the unit is like",
                f"Give at least {LEAST_BEFORE}.",
            )
        )
    if panel.n_never < 2:
        problems.append(Problem("the panel", "there are fewer than two other units", "Add units without it."))
    if problems:
        raise BadInput(problems)
    return int(treated[0])


def _periods(panel: Panel) -> tuple[list[int], list[int]]:
    starts = panel.starts
    first = int(starts[starts > 0].min())
    periods = sorted(panel.rows["period"].unique().tolist())
    return [p for p in periods if p < first], [p for p in periods if p >= first]


def _predictors(panel: Panel, predictors: pd.DataFrame | None) -> pd.DataFrame | None:
    """Return predictors by number of the unit."""
    if predictors is None:
        return None
    used = panel.rows["unit"].unique()
    names = [panel.units[u - 1] for u in used]
    absent = [name for name in names if name not in predictors.index]
    if absent:
        raise BadInput(Problem("predictors", f"no row for {some(absent)}", "Give one row a unit."))
    if predictors.index.has_duplicates:
        raise BadInput(Problem("predictors", "a unit stands twice", "Give one row a unit."))
    values = predictors.loc[names].set_axis(used, axis=0)
    faulty = [
        str(name)
        for name, column in values.items()
        if not pd.api.types.is_numeric_dtype(column)
        or not np.isfinite(column.to_numpy(dtype=float, na_value=np.nan)).all()
        or column.min() == column.max()
    ]
    if faulty:
        raise BadInput(
            Problem(
                f"predictors {some(faulty)}",
                "values are missing, no numbers, or the same everywhere",
                "Complete or leave out.",
            )
        )
    return values.astype(float)


def _second(
    wide: pd.DataFrame,
    treated: int,
    predictors: pd.DataFrame | None,
    importance: object,
    after: list[int],
) -> float:
    """Solve for the mixture anew, given how much each predictor counts."""
    given = wide.drop(index=after) if predictors is None else predictors.T
    counts = np.ones(len(given)) if predictors is None else _counts(importance)
    varies = (given.max(axis=1) > given.min(axis=1)).to_numpy()  # what is alike in all tells none apart
    given, counts = given[varies], counts[varies]
    scaled = given.div(given.std(axis=1, ddof=1), axis=0).mul(np.sqrt(counts), axis=0)
    donors = [u for u in wide.columns if u != treated]
    # The nearest mixture, up to its size: misses of the donors against a last row that asks for any size.
    misses = scaled[donors].to_numpy() - scaled[[treated]].to_numpy()
    design = np.vstack([misses, np.ones(len(donors))])
    sized, _ = nnls(design, np.append(np.zeros(len(misses)), 1.0), maxiter=100 * len(donors))
    weights = sized / sized.sum()
    gap = wide[treated] - wide[donors].to_numpy() @ weights
    return float(gap.loc[after].mean())


def _counts(importance: object) -> np.ndarray:
    values = importance.values() if isinstance(importance, dict) else importance
    return np.array(list(values), dtype=float)  # type: ignore[call-overload]


def _fit_before(gap: pd.Series, path: pd.Series, donors: pd.DataFrame) -> Diagnostic:
    off = float(np.sqrt((gap**2).mean()))
    spread = float(path.std(ddof=1))
    share = off / spread if spread > 0 else float("inf")
    verdict: Verdict = "holds" if share < FAR / 5 else "doubtful" if share < FAR else "fails"
    account = Message(
        "Before the policy the mixture missed the unit by {off} on average (root mean square), against a"
        " spread of {spread} over those periods; it rests mostly on {names}.",
        {"off": round(off, 2), "spread": round(spread, 2), "names": some(donors["unit"])},
    )
    return Diagnostic(Message("Fit before the policy"), off, verdict, account)


def _search(misses: np.ndarray) -> Diagnostic:
    """Say whether the search for how much each predictor counts came out the same more than once."""
    best = float(misses.min())
    n = int((misses <= best * (1 + NEAR)).sum())
    account = Message(
        "How much each predictor counts was searched {k} times; {n} of the searches came within 1% of the"
        " best fit before the policy, which is the one told.",
        {"k": len(misses), "n": n},
    )
    return Diagnostic(
        Message("Search for the predictors' weight"), n, "holds" if n > 1 else "doubtful", account
    )


def _placebo_account(p_value: float, n: int, n_failed: int) -> Diagnostic:
    account = Message(
        "Given to each of {n} other units in turn, the policy would seem as strong as here in a share of"
        " {p} of all units ({failed} could not be followed and are not counted); with so few units no smaller"
        " share than {least} is possible.",
        {"n": n, "p": round(p_value, 3), "failed": n_failed, "least": round(1 / (n + 1), 3)},
    )
    return Diagnostic(Message("Placebos among other units"), p_value, "cannot_be_said", account)
