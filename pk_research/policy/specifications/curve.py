"""The specification curve: every combination of defensible choices, run, shown, and tested as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual, Language, Message
from pk_research.policy.effects.cross_section import Study, difference_in_means
from pk_research.policy.effects.did.parts import check_choice, check_level, refuse
from pk_research.policy.effects.effect import NO_UNIT, Effect, input_hash
from pk_research.policy.effects.rows import absent_columns, complete_rows, not_zero_or_one
from pk_research.policy.inference.lots import lots
from pk_research.policy.specifications.joint import Joint, joint_inference
from pk_research.policy.specifications.runs import (
    FIGURES,
    KINDS,
    OUTCOME,
    PLACE,
    Choices,
    Estimate,
    Plain,
    Run,
    Subset,
    Transformation,
    run,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Scale = Literal["own", "standard_deviations"]
SCALES = ("own", "standard_deviations")
ALL = "all rows"
ALL_ROWS = Message("all rows")
LEAST_SQUARES = Message("least squares")


@dataclass(frozen=True, eq=False)
class SpecificationCurve:
    """Every specification, run or failed, and what the lot says of all together.

    Attributes
    ----------
    specifications
        One row a specification, sorted by estimate, those that failed at the end: ``outcome``,
        ``covariates``, ``sample``, ``estimator`` (names of the options), ``estimate``,
        ``standard_error``, ``low``, ``high`` (in the scale), ``p_value``, ``n_rows``, ``spread``
        (standard deviation of the outcome), ``error`` (empty where it ran).
    joint
        Joint inference; None where it was not asked for.
    outcome, unit
        Of the effect, for people; the unit is that of the estimates where the scale is the outcome's.
    names
        Of the options, for people: (kind, name) -> label.
    scale
        ``"own"`` or ``"standard_deviations"`` of the outcome over the rows of each specification.
    left_out
        Reason and number of rows that no specification could use.
    alpha, level
        Of significance; of the intervals of the estimators.
    n_draws, seed
        Of the lots; None where none were drawn.
    input_hash, made
        Of the rows; True for made data.
    """

    specifications: pd.DataFrame
    joint: Joint | None
    outcome: Bilingual
    unit: Bilingual
    names: Mapping[tuple[str, str], Bilingual]
    scale: Scale
    left_out: tuple[tuple[Message, int], ...]
    alpha: float
    level: float
    n_draws: int
    seed: int | None
    input_hash: str
    made: bool

    @property
    def done(self) -> pd.DataFrame:
        """The specifications that ran, sorted by estimate."""
        return self.specifications[self.specifications["error"] == ""]

    @property
    def failed(self) -> pd.DataFrame:
        """The specifications that failed, with their errors."""
        return self.specifications[self.specifications["error"] != ""].reset_index(drop=True)

    @property
    def median(self) -> float:
        """Median of the estimates."""
        return float(self.done["estimate"].median())

    @property
    def shares(self) -> Mapping[str, float]:
        """Share of those that ran: above and below zero, and significantly so."""
        estimate, p_value = self.done["estimate"], self.done["p_value"]
        significant = p_value < self.alpha
        return {
            "above": float((estimate > 0).mean()),
            "below": float((estimate < 0).mean()),
            "significantly_above": float((significant & (estimate > 0)).mean()),
            "significantly_below": float((significant & (estimate < 0)).mean()),
        }

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a specification, those that failed with their error."""
        from pk_research.policy.specifications.words import curve_table

        return curve_table(self, language)

    def in_words(self, language: Language) -> str:
        """Tell what all specifications say together, and how far to believe it."""
        from pk_research.policy.specifications.words import account

        return account(self, language)

    def plot(self, language: Language, *, width_px: float = 900) -> Figure:
        """Draw the estimates sorted, with intervals, above what was chosen for each.

        Parameters
        ----------
        language
            Of the texts.
        width_px
            Width of the picture.
        """
        from pk_research.policy.specifications.pictures import plot_curve

        return plot_curve(self, language, width_px=width_px)


def least_squares(study: Study) -> Effect:
    """Compare means, adjusted by least squares, bias-reduced errors, of clusters if there are any."""
    return difference_in_means(study, outcome=LEAST_SQUARES)


def specification_curve(
    frame: pd.DataFrame,
    *,
    treated: str,
    outcomes: Mapping[str, Transformation],
    covariates: Mapping[str, Sequence[str]],
    outcome: Bilingual,
    unit: Bilingual = NO_UNIT,
    samples: Mapping[str, Subset] | None = None,
    estimators: Mapping[str, Estimate] | None = None,
    names: Mapping[str, Bilingual] | None = None,
    cluster: str | None = None,
    strata: str | None = None,
    unit_column: str | None = None,
    scale: Scale | None = None,
    n_draws: int = 500,
    alpha: float = 0.05,
    seed: int,
    n_jobs: int | None = None,
    made: bool = False,
) -> SpecificationCurve:
    """Run every combination of the choices, and ask how rare the whole curve is by the lot.

    Parameters
    ----------
    frame
        One row a unit.
    treated
        Column: 0 or 1.
    outcomes
        Name -> column, or a function of the rows that returns the outcome (such as its logarithm).
    covariates
        Name -> columns; an empty list for none.
    outcome, unit
        What all outcomes measure, for people, and in what the estimates are counted.
    samples
        Name -> function of the rows that says True for those that belong, or None for all; all rows by
        default.
    estimators
        Name -> function of a `Study` that returns an `Effect`; least squares by default.
    names
        Labels of the options by name, for people; the name itself where there is none.
    cluster
        Column of the clusters of the standard errors; whole clusters are then drawn by lot.
    strata
        Column within which the lot was drawn; None for one lot for all.
    unit_column
        Column that names the units; rows are sorted by it, so that their order does not matter.
    scale
        ``"own"`` (the outcome's unit) or ``"standard_deviations"`` of each specification's outcome; the
        latter by default where there are several outcomes, whose units would not compare.
    n_draws
        Lots of the joint inference; all where no more exist; 0 for none.
    alpha
        Below which a p-value counts as significant.
    seed
        Of the lots.
    n_jobs
        Workers; the result does not depend on it.
    made
        True for made data.

    Returns
    -------
    SpecificationCurve
        Specifications that fail are listed with their error. Rows with a gap are left out of the
        specifications that need them, which have fewer rows.

    Raises
    ------
    BadInput
        All at once: columns that are not there, a policy that is neither 0 nor 1, kinds of choices
        without options, a share that is none; clusters that the policy splits; when every specification
        fails (with the reasons).

    Notes
    -----
    Simonsohn, Simmons and Nelson (2020), *Nature Human Behaviour* 4:1208-1214. The policy is dealt
    anew among all rows and every specification run again on the same lot; the three statistics are the
    median estimate, the largest share significant of one sign, and Stouffer's Z of the signed p-values.
    All tests are two-sided, of the null that the policy did nothing for anybody; they are exact where
    the policy was drawn by lot, in these strata and clusters, and only suggestive elsewhere.

    Examples
    --------
    >>> frame = pd.DataFrame({"y": [1.0, 2, 3, 7, 8, 9], "x": [1.0, 0, 1, 0, 1, 1], "has": [0] * 3 + [1] * 3})
    >>> found = specification_curve(frame, treated="has", outcomes={"income": "y"}, seed=0,
    ...     covariates={"none": [], "roads": ["x"]}, outcome=Message("income"))
    >>> found.done["estimate"].round(2).tolist(), found.joint.results["p_value"].round(2).tolist()
    ([6.0, 6.0], [0.1, 0.1, 0.1])
    """
    choices = Choices(
        outcomes, covariates, samples or {ALL: None}, estimators or {"least squares": least_squares}
    )
    _check(frame, choices, [treated, cluster, strata, unit_column])
    _check_options(scale, alpha, n_draws)
    rows, left_out = complete_rows(frame, [treated], [cluster, strata, unit_column], "leave_out")
    refuse(not_zero_or_one(rows[treated], treated, "Write 1 for units with the policy, 0 for others."))
    if unit_column is not None:
        rows = rows.sort_values(unit_column, kind="stable")
    rows = rows.reset_index(drop=True)
    runs: list[Run] = Parallel(n_jobs=n_jobs)(
        delayed(run)(rows, choices, combination, treated=treated, cluster=cluster)
        for combination in choices.combinations
    )
    done = [one for one in runs if not one.error]
    levels = sorted({one.level for one in done})
    if len(levels) > 1:
        raise BadInput(
            Problem("estimators", f"their intervals have the levels {levels}", "Give all the same.")
        )
    if not done:
        raise BadInput(
            Problem(f"specification {', '.join(one.names)}", one.error.rstrip("."), "Mend or leave it out.")
            for one in runs
        )
    chosen: Scale = scale or ("standard_deviations" if len(outcomes) > 1 else "own")
    joint = None
    if n_draws:
        blocks = _numbers(rows, strata) if strata else np.zeros(len(rows), dtype=int)
        drawn, are_all = lots(
            rows[treated].to_numpy(dtype=int),
            blocks,
            _numbers(rows, cluster) if cluster else None,
            n_draws=n_draws,
            seed=seed,
        )
        scales = np.array([one.spread if chosen == "standard_deviations" else 1.0 for one in done])
        joint = joint_inference(
            done, choices, drawn, are_all=are_all, scales=scales, alpha=alpha, n_jobs=n_jobs
        )
    return SpecificationCurve(
        _table(runs, chosen),
        joint,
        outcome,
        unit,
        _labels(choices, names or {}),
        chosen,
        left_out,
        alpha,
        levels[0],
        n_draws,
        seed if n_draws else None,
        input_hash(rows),
        made,
    )


def _check(frame: pd.DataFrame, choices: Choices, columns: Sequence[str | None]) -> None:
    named = [name for name in choices.outcomes.values() if isinstance(name, str)]
    used = [name for names in choices.covariates.values() for name in names]
    problems = absent_columns(frame, [*columns, *named, *used])
    problems += [
        Problem(f"column '{name}'", "the name is needed for the curve's own work", "Name it otherwise.")
        for name in (OUTCOME, PLACE)
        if name in frame.columns
    ]
    kinds = {"outcomes": choices.outcomes, "covariates": choices.covariates}
    problems += [
        Problem(name, "there is no option to choose", "Give at least one.")
        for name, options in kinds.items()
        if not options
    ]
    refuse(problems)


def _check_options(scale: str | None, alpha: float, n_draws: int) -> None:
    problems = [
        Problem("alpha", problem.what, "Give a share between 0 and 1, such as 0.05.")
        for problem in check_level(alpha)
    ]
    if scale is not None:
        problems += check_choice("scale", scale, SCALES)
    if n_draws < 0:
        problems.append(Problem("n_draws", f"it is {n_draws}", "Draw 0 (no joint inference) or more."))
    refuse(problems)


def _numbers(rows: pd.DataFrame, name: str) -> np.ndarray:
    return np.unique(rows[name].to_numpy(), return_inverse=True)[1]


def _table(runs: Sequence[Run], scale: Scale) -> pd.DataFrame:
    table = pd.DataFrame([one.names for one in runs], columns=list(KINDS))
    spread = np.array([one.spread for one in runs])
    by = spread if scale == "standard_deviations" else np.ones(len(runs))
    for number, name in enumerate(FIGURES):
        values = np.array([one.figures[number] for one in runs])
        table[name] = values if name == "p_value" else values / by
    table["n_rows"] = pd.array(
        [None if one.study is None else len(one.study.outcome) for one in runs], dtype="Int64"
    )
    table["spread"] = spread
    table["error"] = [one.error for one in runs]
    return table.sort_values("estimate", kind="stable", na_position="last", ignore_index=True)


def _labels(choices: Choices, names: Mapping[str, Bilingual]) -> dict[tuple[str, str], Bilingual]:
    known: dict[str, Bilingual] = {ALL: ALL_ROWS, "least squares": LEAST_SQUARES} | dict(names)
    options = (choices.outcomes, choices.covariates, choices.samples, choices.estimators)
    return {
        (kind, name): known.get(name) or Plain(name)
        for kind, group in zip(KINDS, options, strict=True)
        for name in group
    }
