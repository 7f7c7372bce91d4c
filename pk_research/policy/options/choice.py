"""Policy options scored by criteria, weighed by each stakeholder group, and by all of them together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from pk_research.errors import BadInput, Problem
from pk_research.language import Language
from pk_research.policy.options import words
from pk_research.policy.options.dominance import dominated_options, never_first
from pk_research.products.flagship import Concordance, Decision, choose, concordance, decision, spearman

if TYPE_CHECKING:
    from matplotlib.figure import Figure

METHODS = ("bayes", "topsis", "vikor", "promethee")
Ends = Mapping[str, tuple[float, float]]


@dataclass(frozen=True, eq=False)
class StakeholderChoice:
    """Options ranked by each group of stakeholders and by all together.

    Attributes
    ----------
    scores
        As given: one row an option, one column a criterion.
    scaled
        The same from 0 (worst) to 1 (best).
    scales
        One row a criterion: ``worst`` and ``best``, the scores that stand for 0 and 1.
    weights
        One row a group, one column a criterion; each row sums to one.
    influence
        Of each group, summing to one: how much its weights count together.
    merged
        The decision with the weights of all together.
    method
        How criteria are merged.
    ranks
        One row an option, best for all together first, one column a group: rank from 1, equals share
        their mean rank.
    merged_ranks
        Rank for all together.
    agreement
        Kendall's W over the groups.
    pairs
        Spearman's coefficient of each pair of groups with its interval.
    dominated
        One row an option that another one beats or equals on every criterion, and beats on one:
        ``option``, ``by``.
    never_first
        Options that no weights whatever put first in a weighted sum.
    """

    scores: pd.DataFrame
    scaled: pd.DataFrame
    scales: pd.DataFrame
    weights: pd.DataFrame
    influence: pd.Series
    merged: Decision
    method: str
    ranks: pd.DataFrame
    merged_ranks: pd.Series
    agreement: Concordance
    pairs: pd.DataFrame
    dominated: pd.DataFrame
    never_first: tuple[str, ...]

    @property
    def first(self) -> tuple[str, ...]:
        """First for all together; several where they are equal."""
        ranks = self.merged_ranks
        return tuple(ranks.index[ranks == ranks.min()])

    def first_of(self, group: str) -> tuple[str, ...]:
        """First for one group."""
        ranks = self.ranks[group]
        return tuple(ranks.index[ranks == ranks.min()])

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row an option for people: its rank for all, and for each group."""
        return words.choice_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say what is first, for whom, and where groups disagree."""
        return words.choice_in_words(self, language)

    def plot(self, language: Language, *, width_px: int = 900) -> Figure:
        """Draw each option's rank by each group."""
        from pk_research.policy.options.pictures import plot_choice

        return plot_choice(self, language, width_px=width_px)


def stakeholder_choice(
    scores: pd.DataFrame,
    weights: Mapping[str, Mapping[str, float]],
    *,
    less_is_better: tuple[str, ...] = (),
    influence: Mapping[str, float] | None = None,
    method: str = "bayes",
    ends: Ends | None = None,
    inputs: tuple[str, ...] = (),
    made: bool = False,
) -> StakeholderChoice:
    """Rank policy options by what each group of stakeholders holds important.

    Parameters
    ----------
    scores
        One row an option (the index), one column a criterion, numbers of any unit.
    weights
        Group -> criterion -> weight, 0 or more; those of a `pk_research.products.flagship.panel` will do.
        Scaled to sum to one within each group.
    less_is_better
        Criteria such as cost.
    influence
        Group -> how much it counts, 0 or more; all alike by default. All together weigh a criterion by
        the mean of the groups' weights.
    method
        ``"bayes"``: the weighted sum of scores scaled from 0 to 1; ``"topsis"``, ``"vikor"`` or
        ``"promethee"``, on the scores as they are.
    ends
        Criterion -> its worst and best possible score, which become 0 and 1; by default those that occur,
        so that a further option may change the scale.
    inputs, made
        Hashes of the datasets behind the scores; True for made data.

    Raises
    ------
    BadInput
        Naming everything at once: scores that are missing or text, options or criteria that stand twice,
        weights that are negative, all zero, missing or of no criterion, an unknown method.

    References
    ----------
    Belton and Stewart (2002), Multiple Criteria Decision Analysis, ch. 5 and 6.

    Examples
    --------
    >>> scores = pd.DataFrame({"jobs": [9, 5], "cost": [8, 2]}, index=["market", "training"])
    >>> weights = {"villages": {"jobs": 3, "cost": 1}, "budget office": {"jobs": 1, "cost": 4}}
    >>> found = stakeholder_choice(scores, weights, less_is_better=("cost",))
    >>> found.first_of("villages"), found.first_of("budget office"), found.first
    (('market',), ('training',), ('training',))
    """
    unreadable = [*_of_text(scores), *_of_text_weights({**weights, "influence": influence or {}})]
    if unreadable:
        raise BadInput(unreadable)
    problems = [*_of_groups(weights, influence, method), *_of_ends(scores, ends or {})]
    problems += _of_decisions(scores, weights, less_is_better)
    if problems:
        raise BadInput(problems)
    scales = scales_of(scores, less_is_better, ends or {})
    scaled = (scores - scales["worst"]) / (scales["best"] - scales["worst"])
    shares = pd.DataFrame({name: _shares(of_group) for name, of_group in weights.items()}).T[list(scores)]
    counts = _shares(influence or dict.fromkeys(weights, 1.0))[list(weights)]
    signs = () if method == "bayes" else less_is_better
    table = scaled if method == "bayes" else scores.astype(float)
    decisions = {
        name: decision(table, row.to_dict(), less_is_better=signs, inputs=inputs, made=made)
        for name, row in shares.iterrows()
    }
    merged = decision(
        table, shares.mul(counts, axis=0).sum().to_dict(), less_is_better=signs, inputs=inputs, made=made
    )
    merged_ranks = _ranks(merged, method)
    order = merged_ranks.sort_values(kind="stable").index
    ranks = pd.DataFrame({str(name): _ranks(of_group, method) for name, of_group in decisions.items()}).loc[
        order
    ]
    return StakeholderChoice(
        scores=scores,
        scaled=scaled,
        scales=scales,
        weights=shares,
        influence=counts,
        merged=merged,
        method=method,
        ranks=ranks,
        merged_ranks=merged_ranks[order],
        agreement=concordance(ranks, over="columns"),
        pairs=spearman(ranks),
        dominated=dominated_options(scaled),
        never_first=never_first(scaled),
    )


def scales_of(scores: pd.DataFrame, less_is_better: tuple[str, ...], ends: Ends) -> pd.DataFrame:
    """Return the scores that stand for 0 and 1, one row a criterion."""
    scales = pd.DataFrame({"worst": scores.min(), "best": scores.max()}, dtype=float)
    for name in less_is_better:
        scales.loc[name] = [scores[name].max(), scores[name].min()]
    for name, (worst, best) in ends.items():
        scales.loc[name] = [worst, best]
    return scales


def _shares(weights: Mapping[str, float]) -> pd.Series:
    given = pd.Series(dict(weights), dtype=float)
    return given / given.sum()


def _ranks(given: Decision, method: str) -> pd.Series:
    frame = choose(given, method=method).frame
    return frame.set_index("product")["rank"].loc[given.scores.index]


def _of_text(scores: pd.DataFrame) -> Iterator[Problem]:
    for name, column in scores.items():
        if is_bool_dtype(column) or not is_numeric_dtype(column):
            yield Problem(
                f"scores, criterion {name!r}", "it does not hold numbers", "Write numbers, not text."
            )
    if len(scores) < 2:
        yield Problem("scores", "there are fewer than two options", "Give two or more to choose from.")


def _of_text_weights(weights: Mapping[str, Mapping[str, float]]) -> Iterator[Problem]:
    for group, of_group in weights.items():
        for name, value in of_group.items():
            if isinstance(value, bool) or not isinstance(value, int | float | np.number):
                yield Problem(f"{group}, weight of {name!r}", f"{value!r} is no number", "Write a number.")
    if set(weights) == {"influence"}:
        yield Problem("weights", "there is no group", "Give the weights of one group at least.")


def _of_groups(
    weights: Mapping[str, Mapping[str, float]], influence: Mapping[str, float] | None, method: str
) -> Iterator[Problem]:
    if method not in METHODS:
        yield Problem("method", f"{method!r} is unknown", f"Choose one of {', '.join(METHODS)}.")
    if influence is None:
        return
    for name in dict.fromkeys([*weights, *influence]):
        if name not in influence:
            yield Problem(f"influence of {name!r}", "it is missing", "Give 0 or a positive number.")
        elif name not in weights:
            yield Problem(f"influence of {name!r}", "no group has this name", "Correct it or leave it out.")
        elif not (np.isfinite(influence[name]) and influence[name] >= 0):
            yield Problem(
                f"influence of {name!r}", f"it is {influence[name]!r}", "Give 0 or a positive number."
            )
    if not any(value > 0 for value in influence.values()):
        yield Problem("influence", "none is above 0", "Let one group count at least.")


def _of_ends(scores: pd.DataFrame, ends: Ends) -> Iterator[Problem]:
    for name, (worst, best) in ends.items():
        if name not in scores.columns:
            yield Problem(f"ends of {name!r}", "no criterion has this name", "Correct it or leave it out.")
        elif not (np.isfinite([worst, best]).all() and worst != best):
            yield Problem(f"ends of {name!r}", f"they are {worst} and {best}", "Give two different numbers.")


def _of_decisions(
    scores: pd.DataFrame, weights: Mapping[str, Mapping[str, float]], less_is_better: tuple[str, ...]
) -> list[Problem]:
    """Gather what is wrong with each group's decision; what is wrong with the scores is said once."""
    found: dict[Problem, list[str]] = {}
    for group, of_group in weights.items():
        try:
            decision(scores, of_group, less_is_better=less_is_better)
        except BadInput as error:
            for problem in error.problems:
                found.setdefault(problem, []).append(group)
    return [
        problem
        if len(groups) == len(weights)
        else Problem(f"group {group!r}, {problem.where}", problem.what, problem.remedy)
        for problem, groups in found.items()
        for group in (groups[:1] if len(groups) == len(weights) else groups)
    ]
