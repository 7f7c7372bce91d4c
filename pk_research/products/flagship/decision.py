"""Alternatives, criteria, weights: one table, found sound before anything is computed from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem


@dataclass(frozen=True, eq=False)
class Decision:
    """Alternatives to choose from, sound: made by `decision`.

    Attributes
    ----------
    scores
        One row an alternative (the index), one column a criterion; no value is missing.
    weights
        By criterion, in the order of the columns, as given.
    directions
        By criterion: 1 where more is better, -1 where less is.
    inputs
        Hashes of the datasets the scores come from.
    made
        True when they come from made data.
    """

    scores: pd.DataFrame
    weights: pd.Series
    directions: pd.Series
    inputs: tuple[str, ...] = field(default=())
    made: bool = False

    @property
    def shares(self) -> pd.Series:
        """The weights scaled to sum to one."""
        return self.weights / self.weights.sum()


def decision(
    scores: pd.DataFrame,
    weights: Mapping[str, float],
    *,
    less_is_better: Sequence[str] = (),
    inputs: tuple[str, ...] = (),
    made: bool = False,
) -> Decision:
    """Check scores and weights together.

    Parameters
    ----------
    scores
        One row an alternative (the index), one column a criterion, numbers of any unit.
    weights
        By criterion, 0 or more; never a constant of this package: the panel's.
    less_is_better
        Criteria such as cost.
    inputs, made
        As in `Decision`.

    Raises
    ------
    BadInput
        Naming everything at once: no alternative, one that stands twice, a missing or infinite
        score, one that is text, a criterion that is the same for all, one without weight, a weight without
        criterion, negative weights, weights that are all zero.

    Examples
    --------
    >>> scores = pd.DataFrame({"market": [5, 2], "price": [3, 4]}, index=["batik", "crackers"])
    >>> decision(scores, {"market": 3, "price": 1}).shares.to_dict()
    {'market': 0.75, 'price': 0.25}
    """
    problems = [*_in_kinds(scores, weights)] or [
        *_in_scores(scores), *_in_weights(scores, weights), *_in_directions(scores, less_is_better)
    ]  # fmt: skip
    if problems:
        raise BadInput(problems)
    columns = list(scores.columns)
    return Decision(
        scores=scores.astype("float64"),
        weights=pd.Series({name: float(weights[name]) for name in columns}),
        directions=pd.Series({name: -1 if name in less_is_better else 1 for name in columns}),
        inputs=inputs,
        made=made,
    )


def _is_number(value: object) -> bool:
    """Tell numbers from text and from yes and no, which float() would take for numbers."""
    return isinstance(value, Real) and not isinstance(value, bool | np.bool_)


def _in_kinds(scores: object, weights: object) -> Iterator[Problem]:
    if not isinstance(scores, pd.DataFrame):
        remedy = "Give a pandas.DataFrame, one row an alternative."
        yield Problem("scores", f"it is a {type(scores).__name__}", remedy)
    if not isinstance(weights, Mapping):
        remedy = "Give the weight of each criterion by its name, as in {'market': 2, 'price': 1}."
        yield Problem("weights", f"it is a {type(weights).__name__}", remedy)


def _in_scores(scores: pd.DataFrame) -> Iterator[Problem]:
    if scores.empty:
        yield Problem("scores", "there is nothing to choose from", "Give a row for each alternative.")
    for name in scores.index[scores.index.duplicated()].unique():
        yield Problem(f"alternative {name!r}", "it stands twice", "Keep one row for each alternative.")
    for name in scores.columns[scores.columns.duplicated()].unique():
        yield Problem(f"criterion {name!r}", "it stands twice", "Keep one column for each criterion.")
    if scores.columns.has_duplicates:
        return
    for name in scores.columns:
        values = np.array([float(value) if _is_number(value) else np.nan for value in scores[name]])
        unknown = [str(alternative) for alternative in scores.index[~np.isfinite(values)]]
        if unknown:
            yield Problem(
                f"criterion {name!r}",
                f"no usable score for {', '.join(unknown)}",
                "Find the score, or leave the alternative or the criterion out.",
            )
        elif len(values) > 1 and np.ptp(values) == 0:
            yield Problem(
                f"criterion {name!r}",
                f"it is {values[0]:g} for every alternative, so it tells none from another",
                "Leave the criterion out.",
            )


def _in_weights(scores: pd.DataFrame, weights: Mapping[str, float]) -> Iterator[Problem]:
    for name in scores.columns.unique():
        if name not in weights:
            yield Problem(f"criterion {name!r}", "it has no weight", "Give one; 0 leaves it without effect.")
    for name, value in weights.items():
        if name not in scores.columns:
            yield Problem(f"weight of {name!r}", "no criterion has this name", "Correct it or leave it out.")
        if not (_is_number(value) and np.isfinite(value) and value >= 0):
            yield Problem(f"weight of {name!r}", f"it is {value!r}", "Give 0 or a positive number.")
    if weights and all(_is_number(value) and value == 0 for value in weights.values()):
        yield Problem("weights", "none is above 0", "Give at least one criterion a weight.")


def _in_directions(scores: pd.DataFrame, less_is_better: Sequence[str]) -> Iterator[Problem]:
    if isinstance(less_is_better, str):
        yield Problem("less_is_better", f"{less_is_better!r} is one text", f"Give ({less_is_better!r},).")
        return
    for name in less_is_better:
        if name not in scores.columns:
            yield Problem(f"less_is_better, {name!r}", "no criterion has this name", "Correct it.")
