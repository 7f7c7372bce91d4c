"""How far from parallel may trends have been, and the effect still stand (Rambachan and Roth 2023).

For relative magnitudes the library's interval is too narrow. Here each way in which one change before the
policy was the largest gives linear bounds on the effect; they are loosened until the least favourable
case is covered as often as promised (Andrews, Roth and Pakes 2023), and the ways are joined. The
interval is valid, though wider than the authors' hybrid one may be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from pk_research.compute.chance import derived_rng
from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual, Language, Message, translate
from pk_research.policy.effects.did.leads import EventStudy, event_study
from pk_research.policy.effects.effect import Effect
from pk_research.products.words import told
from pk_research.writing import MADE, marked

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Restriction = Literal["relative_magnitudes", "smoothness"]

SIZES = (0.0, 0.5, 1.0, 1.5, 2.0)
LARGEST = 5.0
N_DRAWS = 5_000
PRECISION = 0.01


@dataclass(frozen=True, eq=False)
class Honest:
    """Intervals of the effect for violations of parallel trends up to several sizes.

    Attributes
    ----------
    intervals
        One row a size: ``size``, ``low``, ``high``.
    breakdown
        Largest size at which no effect is outside the interval; 0 where even size 0 does not exclude
        it, infinite where the largest size tried still does.
    restriction
        ``"relative_magnitudes"``: differences in change after the start are at most ``size`` times the
        largest before it. ``"smoothness"``: the drift's slope changes by at most ``size`` per period.
    target
        Event time told of; None for the mean of all from the start on.
    outcome
        What changed, for people.
    level, seed
        Of the intervals, and of chance.
    largest
        Largest size tried for the breakdown.
    is_conservative
        True where the interval covers more often than the level says.
    input_hash
        Of the rows the effect rests on.
    made
        True for made data.
    """

    intervals: pd.DataFrame
    breakdown: float
    restriction: Restriction
    target: int | None
    outcome: Bilingual
    level: float
    seed: int
    largest: float
    is_conservative: bool
    input_hash: str
    made: bool = False

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a size: the interval, and whether it excludes no effect."""
        out = (self.intervals["low"] > 0) | (self.intervals["high"] < 0)
        table = pd.DataFrame(
            {
                translate("Violation up to", language): self.intervals["size"].round(6),
                translate("Interval from", language): self.intervals["low"].round(4),
                translate("to", language): self.intervals["high"].round(4),
                translate("Excludes no effect", language): [
                    translate("yes" if excludes else "no", language) for excludes in out
                ],
            }
        )
        return marked(table, language, made=self.made)

    def in_words(self, language: Language) -> str:
        """Tell up to what violation of parallel trends the effect stands."""
        sentences = [self._survives()]
        if self.is_conservative:
            sentences.append(
                Message(
                    "The intervals are cautious: they cover the effect at least as often as {level}%, so the"
                    " effect may survive somewhat more.",
                    {"level": 100 * self.level},
                )
            )
        return told(sentences, language, made=self.made)

    def _survives(self) -> Message:
        values: dict[str, object] = {"outcome": self.outcome, "size": round(self.breakdown, 2)}
        is_relative = self.restriction == "relative_magnitudes"
        if self.breakdown == 0:
            return Message(
                "The effect on “{outcome}” does not survive any doubt about parallel trends: even at the"
                " smallest size no effect is within the interval.",
                values,
            )
        if not np.isfinite(self.breakdown):
            values["size"] = float(f"{self.largest:.2g}")
            if is_relative:
                return Message(
                    "The effect on “{outcome}” survives every violation of parallel trends that was tried,"
                    " up to {size} times the largest before the policy.",
                    values,
                )
            return Message(
                "The effect on “{outcome}” survives every drift that was tried, up to a slope that changes"
                " by {size} per period.",
                values,
            )
        if is_relative:
            return Message(
                "The effect on “{outcome}” survives violations of parallel trends up to {size} times the"
                " largest before the policy; beyond that, no effect cannot be excluded.",
                values,
            )
        values["size"] = float(f"{self.breakdown:.2g}")
        return Message(
            "The effect on “{outcome}” survives drifts whose slope changes by up to {size} per period;"
            " beyond that, no effect cannot be excluded.",
            values,
        )

    def plot(self, language: Language, *, width_px: float = 800) -> Figure:
        """Draw the interval for each size; no effect is a line."""
        from pk_research.palette import INK
        from pk_research.sheet import new_sheet, wrapped

        figure = new_sheet(width_px, 420)
        axes = figure.subplots()
        middle = (self.intervals["low"] + self.intervals["high"]) / 2
        axes.errorbar(
            self.intervals["size"],
            middle,
            yerr=(self.intervals["high"] - self.intervals["low"]) / 2,
            fmt="none",
            color="#21668c",
            capsize=5,
            linewidth=2,
        )
        axes.axhline(0, color=INK, linewidth=0.8)
        is_relative = self.restriction == "relative_magnitudes"
        across = (
            Message("Violation after the start, times the largest before")
            if is_relative
            else Message("Change of the drift's slope per period")
        )
        axes.set_xlabel(across.text(language))
        axes.set_ylabel(wrapped(self.outcome.text(language), 300))
        axes.spines[["top", "right"]].set_visible(False)
        title = Message("{level}% intervals where trends were not parallel", {"level": 100 * self.level})
        figure.suptitle(
            wrapped(title.text(language), width_px / 1.4), x=0.01, ha="left", weight="bold", color=INK
        )
        if self.made:
            figure.supxlabel(translate(MADE, language), fontsize=8, color="#444444", x=0.01, ha="left")
        return figure


def honest(
    effect: Effect,
    *,
    restriction: Restriction = "relative_magnitudes",
    sizes: Sequence[float] | None = None,
    event_time: int | None = None,
    seed: int = 0,
) -> Honest:
    """Tell how the interval widens as trends are allowed to differ, and where the effect is lost.

    Parameters
    ----------
    effect
        Of `staggered` with ``aggregation="dynamic"`` and ``base_period="universal"``.
    restriction
        ``"relative_magnitudes"`` (size without unit) or ``"smoothness"`` (size in the outcome's unit).
    sizes
        Sizes of violation; by default 0 to 2 (times the effect's standard error for smoothness).
    event_time
        Event time to tell of; the mean of all from the start on by default.
    seed
        Of the draws behind the critical values.

    Raises
    ------
    BadInput
        When the effect has no event study, is measured from varying periods, misses event times
        between the first and the last, or sizes are negative.

    Examples
    --------
    >>> from pk_research.policy.effects.did.staggered import staggered
    >>> from pk_research.policy.effects.panel import read_panel
    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"village": np.repeat(np.arange(30), 4), "year": [1, 2, 3, 4] * 30,
    ...     "start": np.repeat([4, 3, 0], 40), "income": rng.normal(size=120)})
    >>> panel = read_panel(frame, unit="village", period="year", outcome="income", start="start")
    >>> honest(staggered(panel, outcome=Message("Income"))).breakdown
    0.0
    """
    study = event_study(effect)
    scale = 1.0 if restriction == "relative_magnitudes" else effect.standard_error
    chosen = [size * scale for size in SIZES] if sizes is None else [float(size) for size in sizes]
    problems = _problems(effect, study, chosen, event_time)
    if restriction not in {"relative_magnitudes", "smoothness"}:
        problems.append(
            Problem("restriction", f"it is {restriction!r}", "Say 'relative_magnitudes' or 'smoothness'.")
        )
    if problems:
        raise BadInput(problems)
    after = study.times[~study.is_lead]
    weights = np.full(len(after), 1 / len(after)) if event_time is None else (after == event_time) * 1.0
    if restriction == "relative_magnitudes":
        draws = derived_rng(seed).standard_normal((N_DRAWS, len(study.times)))

        def interval(size: float) -> tuple[float, float]:
            return relative_interval(study, weights, size, level=effect.level, draws=draws)
    else:

        def interval(size: float) -> tuple[float, float]:
            return _smooth_interval(study, weights, size, effect.level)

    rows = [(size, *interval(size)) for size in chosen]
    return Honest(
        pd.DataFrame(rows, columns=["size", "low", "high"]),
        _breakdown(interval, LARGEST * scale, PRECISION * scale),
        restriction,
        event_time,
        effect.outcome,
        effect.level,
        seed,
        LARGEST * scale,
        restriction == "relative_magnitudes",
        effect.input_hash,
        effect.made,
    )


def relative_interval(
    study: EventStudy, weights: np.ndarray, size: float, *, level: float, draws: np.ndarray
) -> tuple[float, float]:
    """Return the interval of ``weights @ effects`` where changes after are at most ``size`` times before.

    Parameters
    ----------
    study
        Event study measured from the last period before the start.
    weights
        Of the event times from the start on.
    size
        Of the violation, relative to the largest before.
    level
        Of the interval.
    draws
        Standard normal numbers, draws x event times.

    Examples
    --------
    >>> study = EventStudy(np.array([-2, 0]), np.array([0.0, 1.0]), 0.01 * np.eye(2))
    >>> draws = np.random.default_rng(0).standard_normal((4000, 2))
    >>> low, high = relative_interval(study, np.ones(1), 0.0, level=0.95, draws=draws)
    >>> round(low, 1), round(high, 1)
    (0.8, 1.2)
    """
    noise = draws @ np.linalg.cholesky(study.covariance).T
    n_leads = int(study.is_lead.sum())
    ends = []
    for bounds in _restrictions(n_leads, len(study.times) - n_leads, size):
        errors = np.sqrt(np.einsum("ij,jk,ik->i", bounds, study.covariance, bounds))
        critical = _critical(bounds, errors, weights, noise, level)
        room = critical * errors - bounds @ study.effects
        for sign in (1, -1):
            found = linprog(sign * weights, A_ub=-bounds[:, n_leads:], b_ub=room, bounds=(None, None))
            if found.success:
                ends.append(sign * found.fun)
    return (min(ends), max(ends)) if ends else (np.nan, np.nan)


def _restrictions(n_leads: int, n_after: int, size: float) -> Iterator[np.ndarray]:
    # Rows bounds @ drift <= 0: each change after, up or down, less size times one change before.
    n = n_leads + n_after
    path = np.insert(np.eye(n), n_leads, 0, axis=0)
    changes = np.diff(path, axis=0)
    before, after = changes[:n_leads], changes[n_leads:]
    for largest in (*before, *-before):
        yield np.vstack([after, -after]) - size * largest


def _critical(
    bounds: np.ndarray, errors: np.ndarray, weights: np.ndarray, noise: np.ndarray, level: float
) -> float:
    corners = _corners(bounds[: len(weights), -len(weights) :], errors, weights)
    return max(0.0, float(np.quantile((noise @ (corners @ bounds).T).max(axis=1), level)))


def _corners(changes: np.ndarray, errors: np.ndarray, weights: np.ndarray) -> np.ndarray:
    # Mixtures of the bounds that do not depend on the single effects, only on their weighted sum: each
    # change's two bounds alike, or all changes as the sum needs them, up or down. All others lie between.
    share = np.linalg.solve(changes.T, weights)
    pairs = np.hstack([np.eye(len(weights)), np.eye(len(weights))])
    up = np.concatenate([share.clip(min=0), (-share).clip(min=0)])
    down = np.concatenate([(-share).clip(min=0), share.clip(min=0)])
    rays = np.vstack([pairs, up, down])
    return np.asarray(rays / (rays @ errors)[:, None])


def _smooth_interval(
    study: EventStudy, weights: np.ndarray, size: float, level: float
) -> tuple[float, float]:
    # The library's public class takes only its own results; this is the computation within it.
    from diff_diff.honest_did import _compute_optimal_flci

    leads = study.is_lead
    low, high = _compute_optimal_flci(
        study.effects[leads],
        study.effects[~leads],
        study.covariance,
        weights,
        int(leads.sum()),
        int((~leads).sum()),
        size,
        alpha=1 - level,
    )
    return float(low), float(high)


def _breakdown(interval: Callable[[float], tuple[float, float]], largest: float, precision: float) -> float:
    def survives(size: float) -> bool:
        low, high = interval(size)
        return low > 0 or high < 0

    if not survives(0.0):
        return 0.0
    if survives(largest):
        return float("inf")
    low, high = 0.0, largest
    while high - low > precision:
        middle = (low + high) / 2
        low, high = (middle, high) if survives(middle) else (low, middle)
    return low


def _problems(
    effect: Effect, study: EventStudy, sizes: Sequence[float], event_time: int | None
) -> list[Problem]:
    problems = []
    if effect.options["base_period"] != "universal":
        problems.append(
            Problem(
                "the effect",
                "effects before the start are each measured from another period",
                "Estimate it with base_period='universal'.",
            )
        )
    expected = [time for time in range(study.times.min(), study.times.max() + 1) if time != -1]
    if study.times.tolist() != expected:
        problems.append(
            Problem(
                "the effect", f"event times are missing: it has {study.times.tolist()}", "Give all periods."
            )
        )
    if any(size < 0 or not np.isfinite(size) for size in sizes) or not len(sizes):
        problems.append(Problem("sizes", f"they are {list(sizes)}", "Give numbers of 0 or more."))
    if event_time is not None and event_time not in study.times[~study.is_lead]:
        problems.append(
            Problem(
                "event_time",
                f"it is {event_time}",
                f"Choose from: {study.times[~study.is_lead].tolist()}.",
            )
        )
    return problems
