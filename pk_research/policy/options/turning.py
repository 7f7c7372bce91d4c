"""How firm the first place is: the smallest change of weights that turns it, and rank intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from pk_research.errors import BadInput, Problem
from pk_research.language import Language
from pk_research.policy.options import words
from pk_research.policy.options.choice import StakeholderChoice
from pk_research.products.flagship import RankIntervals, rank_intervals

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Turning:
    """Which weights would turn the first place of a weighted sum.

    Attributes
    ----------
    choice
        What was decided on.
    first
        The option in the first place for all together.
    rivals
        One row another option, the nearest first: ``option``, ``moved`` (smallest share of all weight
        that must be moved between criteria for it to draw level; missing where no weights do it).
    weights
        One row a criterion: ``now``, and one column a rival with the weights at which it draws level.
    single
        One row a criterion: ``now``, ``turns_at`` (nearest weight of this criterion at which another
        option draws level, the others keeping their proportions; missing where none does), ``option``.
    """

    choice: StakeholderChoice
    first: str
    rivals: pd.DataFrame
    weights: pd.DataFrame
    single: pd.DataFrame

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a criterion for people: its weight, where the first place turns, to whom."""
        return words.turning_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say which option is nearest, and what would bring it to the first place."""
        return words.turning_in_words(self, language)


@dataclass(frozen=True, eq=False)
class OptionIntervals:
    """Rank intervals of policy options.

    Attributes
    ----------
    found
        As `pk_research.products.flagship.rank_intervals` gives them.
    """

    found: RankIntervals

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row an option for people: rank, interval, share of drawings first."""
        return words.intervals_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say which options can be told from the first."""
        return words.intervals_in_words(self, language)

    def plot(self, language: Language, *, width_px: int = 900) -> Figure:
        """Draw each option's interval, its computed rank marked."""
        from pk_research.policy.options.pictures import plot_intervals

        return plot_intervals(self, language, width_px=width_px)


def turning(choice: StakeholderChoice) -> Turning:
    """Find the smallest changes of weights that turn the first place, exactly, by linear programming.

    Parameters
    ----------
    choice
        From `stakeholder_choice` by ``"bayes"``, with one option alone in the first place.

    Raises
    ------
    BadInput
        When another method was used, or the first place is shared already.

    References
    ----------
    Triantaphyllou and Sánchez (1997), A sensitivity analysis approach for some deterministic
    multi-criteria decision-making methods, Decision Sciences 28.

    Examples
    --------
    >>> from pk_research.policy.options.choice import stakeholder_choice
    >>> scores = pd.DataFrame({"jobs": [9, 5], "cost": [8, 2]}, index=["market", "training"])
    >>> choice = stakeholder_choice(scores, {"all": {"jobs": 3, "cost": 1}}, less_is_better=("cost",))
    >>> turning(choice).rivals.values.tolist()
    [['training', 0.25]]
    """
    if choice.method != "bayes":
        raise BadInput(
            Problem("method", f"it was {choice.method!r}", "Choose by 'bayes': only a weighted sum has this.")
        )
    if len(choice.first) > 1:
        raise BadInput(
            Problem(
                "the first place", f"{', '.join(choice.first)} share it", "No change is needed to turn it."
            )
        )
    first = choice.first[0]
    now = choice.merged.shares
    leads = choice.scaled.loc[first] - choice.scaled.drop(index=first)
    at = {str(name): _level_weights(lead.to_numpy(), now.to_numpy()) for name, lead in leads.iterrows()}
    moved = {name: np.nan if w is None else np.abs(w - now.to_numpy()).sum() / 2 for name, w in at.items()}
    rivals = pd.DataFrame({"option": list(moved), "moved": list(moved.values())}).sort_values(
        "moved", kind="stable", ignore_index=True
    )
    weights = pd.DataFrame(
        {"now": now} | {name: np.nan if at[name] is None else at[name] for name in rivals["option"]},
        index=now.index,
    )
    return Turning(choice, first, rivals, weights, _single(leads, now))


def option_intervals(
    choice: StakeholderChoice,
    *,
    score_sd: Mapping[str, float] | None = None,
    weight_noise: float = 0.0,
    n_draws: int = 1000,
    seed: int = 0,
    n_jobs: int | None = None,
) -> OptionIntervals:
    """Draw scores and weights anew and return an interval for each option's rank.

    Parameters
    ----------
    choice
        From `stakeholder_choice`; the weights of all together are used.
    score_sd
        Criterion -> standard deviation of a score's error, in its own unit.
    weight_noise, n_draws, seed, n_jobs
        As in `pk_research.products.flagship.rank_intervals`.

    Raises
    ------
    BadInput
        As `rank_intervals`.

    Examples
    --------
    >>> from pk_research.policy.options.choice import stakeholder_choice
    >>> scores = pd.DataFrame({"jobs": [9, 5], "cost": [8, 2]}, index=["market", "training"])
    >>> choice = stakeholder_choice(scores, {"all": {"jobs": 3, "cost": 1}}, less_is_better=("cost",))
    >>> option_intervals(choice, weight_noise=0.1, n_draws=50).found.not_told_from_first
    ()
    """
    given = dict(score_sd or {})
    if choice.method == "bayes":
        width = (choice.scales["best"] - choice.scales["worst"]).abs()
        given = {name: sd / float(width.get(name, 1.0)) for name, sd in given.items()}
    return OptionIntervals(
        rank_intervals(
            choice.merged, method=choice.method, score_sd=given, weight_noise=weight_noise,
            n_draws=n_draws, seed=seed, n_jobs=n_jobs,
        )
    )  # fmt: skip


def _level_weights(lead: np.ndarray, now: np.ndarray) -> np.ndarray | None:
    """Return the nearest weights at which a lead is gone; None where no weights do that."""
    n = len(now)
    result = linprog(
        np.concatenate([np.zeros(n), np.ones(2 * n)]),
        A_ub=np.concatenate([lead, np.zeros(2 * n)])[None, :],
        b_ub=[0.0],
        A_eq=np.block([[np.eye(n), -np.eye(n), np.eye(n)], [np.ones((1, n)), np.zeros((1, 2 * n))]]),
        b_eq=np.append(now, 1.0),
        bounds=(0, None),
        method="highs",
    )
    return np.asarray(result.x[:n]) if result.success else None


def _single(leads: pd.DataFrame, now: pd.Series) -> pd.DataFrame:
    rows = []
    for criterion, weight in now.items():
        # The lead is linear in this weight: `others` at 0, `own` at 1.
        own = leads[criterion]
        others = (leads @ now - own * weight) / (1 - weight) if weight < 1 else own
        with np.errstate(divide="ignore", invalid="ignore"):
            at = others / (others - own)
        at = at[np.isfinite(at) & (at >= 0) & (at <= 1)]
        nearest = None if at.empty else (at - weight).abs().idxmin()
        rows.append((criterion, weight, np.nan if nearest is None else at[nearest], nearest))
    return pd.DataFrame(rows, columns=["criterion", "now", "turns_at", "option"])
