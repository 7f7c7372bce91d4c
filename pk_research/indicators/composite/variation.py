"""An index computed again and again with other choices: what varies, and the ranks that result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from pk_research.errors import BadInput, Problem
from pk_research.indicators.composite.aggregation import aggregate_levels
from pk_research.indicators.composite.declaration import Declaration
from pk_research.indicators.composite.imputation import impute
from pk_research.indicators.composite.index import CompositeIndex
from pk_research.indicators.composite.inputs import Inputs
from pk_research.indicators.composite.normalisation import Marks, faults, normalise
from pk_research.indicators.composite.options import Imputation, Options
from pk_research.indicators.composite.pipeline import (
    declared_marks,
    marks_of,
    normalised_rows,
    place_of_reference,
    scored,
    treated_rows,
)
from pk_research.indicators.composite.ranks import ranks_of
from pk_research.indicators.composite.treatment import treat

# Draws that one task makes from the same comparable values: enough to pay for computing them.
PER_TASK = 50
FIXED = {"least_present", "least_nonzero", "n_imputations", "group"}
# What must be equal for two variations to share their comparable values.
OF_VALUES = (
    "imputation", "treatment", "most_winsorised", "skew_limit", "kurtosis_limit", "normalisation", "scale",
    "z_mean", "z_sd", "reference",
)  # fmt: skip

WITHOUT_DATA = ("declared", "equal")

Measure = Callable[[np.ndarray], Any]


@dataclass(frozen=True, slots=True)
class Variation:
    """What is varied when an index is computed again.

    Attributes
    ----------
    alternatives
        By field of `Options`, the values to choose from, each as likely as the others.
    weight_noise
        Each weight is multiplied by a number drawn evenly from one less to one more than this.
    data_error
        Whether normal errors with the declared standard errors are added to the values observed.
    """

    alternatives: Mapping[str, tuple[Any, ...]]
    weight_noise: float
    data_error: bool

    @property
    def factors(self) -> tuple[str, ...]:
        """Names of what varies."""
        names = [*self.alternatives]
        names += ["weights"] if self.weight_noise > 0 else []
        return (*names, *(["data"] if self.data_error else []))


@dataclass(frozen=True, slots=True)
class Draw:
    """One variation: the options, which draw of a multiple imputation, and seeds of its chance."""

    options: Options
    imputation: int
    weight_key: int
    error_key: int


def variation_of(
    index: CompositeIndex,
    alternatives: Mapping[str, Iterable[Any]] | None,
    *,
    weight_noise: float,
    data_error: bool,
) -> Variation:
    """Check what is to be varied, all faults at once.

    Raises
    ------
    BadInput
        When nothing varies, a field of `Options` does not exist or cannot vary, alternatives
        exclude each other, an indicator cannot be made comparable by one of them, or no standard
        errors were declared.
    """
    given = {name: tuple(values) for name, values in (alternatives or {}).items()}
    if index.options.imputation == "multiple":
        # Its draws differ, whether or not another imputation is tried.
        given = {"imputation": ("multiple",), **given}
    variation = Variation(given, weight_noise, data_error)
    problems = list(_faults(index, variation))
    if problems:
        raise BadInput(problems)
    return variation


def _faults(index: CompositeIndex, variation: Variation) -> Iterator[Problem]:
    known = {field.name for field in fields(Options)} - FIXED
    if not variation.factors:
        yield Problem("variation", "nothing varies", "Give alternatives, a weight noise or data errors.")
    if not 0 <= variation.weight_noise < 1:
        yield Problem("weight_noise", f"it is {variation.weight_noise}", "Give 0 or more, below 1.")
    if variation.data_error and index.inputs.errors is None:
        yield Problem(
            "data_error", "no standard errors were declared", "Declare `se` or `relative_se` in the table."
        )
    wrong = [name for name in variation.alternatives if name not in known]
    for name in wrong:
        yield Problem("alternatives", f"{name!r} cannot vary", f"Choose from {', '.join(sorted(known))}.")
    for name, values in variation.alternatives.items():
        if not values:
            yield Problem(f"alternatives, {name}", "there are none", "Give at least one.")
    if not wrong:
        yield from _faults_of_combinations(index, variation)


def _faults_of_combinations(index: CompositeIndex, variation: Variation) -> Iterator[Problem]:
    names, found = list(variation.alternatives), {}
    normalisations: dict[str, Options] = {}
    for values in product(*variation.alternatives.values()):
        try:
            options = replace(index.options, **dict(zip(names, values, strict=True)))
        except BadInput as error:
            found.update({str(problem): problem for problem in error.problems})
        else:
            normalisations.setdefault(options.normalisation, options)
    yield from found.values()
    rows = list(index.inputs.measured)
    for how, options in normalisations.items():
        marks = marks_of(rows, index.declaration, index.inputs, options)
        for name, what, remedy in faults(index.inputs.measured, marks, options):
            yield Problem(f"indicator {name!r}, {how}", what, remedy)


def draw_at(
    place: np.ndarray, variation: Variation, options: Options, *, weight_key: int, error_key: int
) -> Draw:
    """Return the variation at a place of the unit cube, one coordinate a factor."""
    chosen: dict[str, Any] = {}
    nth = 0
    for (name, values), coordinate in zip(variation.alternatives.items(), place, strict=False):
        position = coordinate * len(values)
        at = min(int(position), len(values) - 1)
        chosen[name] = values[at]
        if chosen[name] == "multiple":
            nth = min(int((position - at) * options.n_imputations), options.n_imputations - 1)
    return Draw(replace(options, **chosen), nth, weight_key, error_key)


def run(
    index: CompositeIndex,
    variation: Variation,
    draws: Sequence[Draw],
    measure: Measure,
    *,
    seed: int,
    n_jobs: int | None = None,
) -> list[Any]:
    """Compute the index for every draw and return the measure of its ranks, in their order.

    Draws that share their comparable values are computed together. Threads suffice, as numpy
    works outside the interpreter's lock; another backend may be chosen by
    `joblib.parallel_config`.

    Parameters
    ----------
    index
        The index that varies.
    variation
        What varies.
    draws
        The variations.
    measure
        What to keep of the ranks of all units (0 where a unit has no score).
    seed
        Seed of all chance; each draw derives its own from it and its keys.
    n_jobs
        Workers, as in joblib: one unless the caller has opened a `joblib.parallel_config`.
    """
    results: list[Any] = [None] * len(draws)
    errors = None
    if variation.data_error and index.inputs.errors is not None:
        # A value that is imputed has no measurement error of its own.
        errors = np.where(np.isnan(index.inputs.measured), 0.0, np.nan_to_num(index.inputs.errors))
    for imputation in dict.fromkeys(draw.options.imputation for draw in draws):
        completed = _completed(index, imputation)
        tasks = _tasks(draws, imputation)
        found = Parallel(n_jobs=n_jobs, prefer="threads")(
            delayed(_measures)(
                _Task(
                    completed=completed[draws[task[0]].imputation if len(completed) > 1 else 0],
                    errors=errors,
                    declaration=index.declaration,
                    inputs=index.inputs,
                    draws=tuple(draws[n] for n in task),
                    weight_noise=variation.weight_noise,
                    seed=seed,
                ),
                measure,
            )
            for task in tasks
        )
        for task, measures in zip(tasks, found, strict=True):
            for n, value in zip(task, measures, strict=True):
                results[n] = value
    return results


def _completed(index: CompositeIndex, imputation: Imputation) -> tuple[np.ndarray, ...]:
    options = replace(index.options, imputation=imputation)
    return impute(index.inputs.measured, options, groups=index.inputs.groups, seed=index.seed).draws


def _tasks(draws: Sequence[Draw], imputation: str) -> list[list[int]]:
    """Group the draws that share their comparable values, in portions of fifty."""
    alike: dict[tuple[Any, ...], list[int]] = {}
    for n, draw in enumerate(draws):
        if draw.options.imputation == imputation:
            key = (draw.imputation, *(getattr(draw.options, name) for name in OF_VALUES))
            alike.setdefault(key, []).append(n)
    return [
        group[start : start + PER_TASK]
        for group in alike.values()
        for start in range(0, len(group), PER_TASK)
    ]


@dataclass(frozen=True, eq=False)
class _Task:
    """Draws that share their comparable values, with what a worker needs to make them."""

    completed: np.ndarray
    errors: np.ndarray | None
    declaration: Declaration
    inputs: Inputs
    draws: tuple[Draw, ...]
    weight_noise: float
    seed: int


def _measures(task: _Task, measure: Measure) -> list[Any]:
    noisy = None if task.errors is None else _Noisy(task.completed, task.errors, task)
    # Without errors the draws share these; with errors only weights read from the data need them.
    needs_exact = noisy is None or any(draw.options.weighting not in WITHOUT_DATA for draw in task.draws)
    normalised = _comparable(task.completed, task, task.draws[0].options) if needs_exact else task.completed
    weights: dict[tuple[str, str], np.ndarray] = {}
    measures = []
    for draw in task.draws:
        options = draw.options
        key = (options.weighting, options.aggregation)
        if key not in weights:
            weights[key] = nominal_weights(normalised, task.declaration, options)
        varied = _disturbed(weights[key], task, draw)
        values = normalised
        if noisy is not None:
            values = noisy.values(_generator(task.seed, draw.error_key, 1), options)
        scores = aggregate_levels(
            values, task.declaration.groups, varied,
            how=options.aggregation, least_weight=options.least_weight,
        )  # fmt: skip
        measures.append(measure(ranks_of(scores[-1])))
    return measures


def _disturbed(weights: np.ndarray, task: _Task, draw: Draw) -> np.ndarray:
    if task.weight_noise == 0:
        return weights
    generator = _generator(task.seed, draw.weight_key, 0)
    return np.asarray(weights * (1 + generator.uniform(-task.weight_noise, task.weight_noise, len(weights))))


def nominal_weights(normalised: np.ndarray, declaration: Declaration, options: Options) -> np.ndarray:
    """Return the weights before noise; only those read from the data need the scores."""
    if options.weighting == "declared":
        return declaration.weights
    if options.weighting == "equal":
        return (declaration.weights > 0).astype(float)
    return scored(normalised, declaration, options)[1]


def _comparable(values: np.ndarray, task: _Task, options: Options) -> np.ndarray:
    rows = [each.treated for each in treated_rows(values, options)]
    return normalised_rows(rows, task.declaration, task.inputs, options)


class _Noisy:
    """Comparable values with errors, one indicator after the other, in memory that draws share.

    All steps of one indicator come before the next one, so that its values stay in the cache.
    Errors cannot be drawn on the index instead: every normalisation is measured against values that
    the errors move (the best, the worst, the mean), or bends at its goalposts.
    """

    def __init__(self, completed: np.ndarray, errors: np.ndarray, task: _Task) -> None:
        self.rows = tuple(zip(completed, errors, declared_marks(task.declaration).values(), strict=True))
        self.reference = place_of_reference(task.inputs, task.draws[0].options)
        self.normalised = np.empty(completed.shape)
        self.noisy = np.empty(completed.shape[1])

    def values(self, generator: np.random.Generator, options: Options) -> np.ndarray:
        for n, (value, error, mark) in enumerate(self.rows):
            generator.standard_normal(out=self.noisy)
            self.noisy *= error
            self.noisy += value
            row = self.noisy if options.treatment == "none" else treat(self.noisy, options).treated
            self.normalised[n] = normalise(row, self._against(mark, row), options)
        return self.normalised

    def _against(self, mark: Marks, row: np.ndarray) -> Marks:
        return mark if self.reference is None else replace(mark, reference=float(row[self.reference]))


def _generator(seed: int, key: int, purpose: int) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(key, purpose))))
