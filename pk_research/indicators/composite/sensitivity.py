"""What drives the ranks: Sobol indices of the choices, and the effect of leaving an element out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, NotFound, Problem
from pk_research.indicators.composite import uncertainty_words as words
from pk_research.indicators.composite.aggregation import aggregate_levels
from pk_research.indicators.composite.index import CompositeIndex
from pk_research.indicators.composite.ranks import ranks_of
from pk_research.indicators.composite.uncertainty import mean_shift
from pk_research.indicators.composite.variation import draw_at, run, variation_of
from pk_research.language import Language

CONFIDENCE = 0.95


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Which factors drive a result.

    Attributes
    ----------
    shares
        One row a factor (the index): ``first`` (share of the variance it explains alone) and
        ``total`` (with all interactions in which it takes part), each with the half-width of its
        95 % interval (``first_width``, ``total_width``). All are missing when the result does not
        vary. An estimate may lie a little below zero.
    n_runs
        How often the model was computed.
    seed
        Seed of the design and of the intervals.
    """

    shares: pd.DataFrame
    n_runs: int
    seed: int

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a factor for people, the strongest first."""
        return words.sensitivity_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say which choice moves the ranks most."""
        return words.sensitivity_in_words(self, language)


def sobol_indices(
    model: Callable[[np.ndarray], np.ndarray], factors: Sequence[str], *, n_base: int = 1024, seed: int = 0
) -> Sensitivity:
    """Return first-order and total Sobol indices of a model of independent factors.

    Parameters
    ----------
    model
        Takes rows of the unit cube, one column a factor; returns one number a row.
    factors
        Their names.
    n_base
        Base size of the design, a power of two; the model runs ``n_base (factors + 2)`` times.
    seed
        Seed of the scrambled design and of the intervals.

    References
    ----------
    Saltelli et al. (2010), Variance based sensitivity analysis of model output; SALib.

    Examples
    --------
    >>> found = sobol_indices(lambda x: x[:, 0], ["a", "b"], n_base=256)
    >>> found.shares["total"].round(2).tolist()
    [1.0, 0.0]
    """
    from SALib.analyze import sobol as analyse  # type: ignore[import-untyped]
    from SALib.sample import sobol as sample  # type: ignore[import-untyped]

    if n_base < 2 or n_base & (n_base - 1):
        raise BadInput(Problem("n_base", f"{n_base} is no power of two", "Give 64, 128, 256 or so."))
    if not factors:
        raise BadInput(Problem("factors", "there are none", "Name what varies."))
    problem = {"num_vars": len(factors), "names": list(factors), "bounds": [[0.0, 1.0]] * len(factors)}
    places = sample.sample(problem, n_base, calc_second_order=False, seed=seed)
    result = np.asarray(model(places), dtype=float)
    if np.ptp(result) == 0:
        columns = dict.fromkeys(("S1", "S1_conf", "ST", "ST_conf"), np.full(len(factors), np.nan))
    else:
        # SALib takes a seed of 0 for none at all.
        columns = analyse.analyze(
            problem, result, calc_second_order=False, conf_level=CONFIDENCE, seed=seed + 1
        )
    shares = pd.DataFrame(
        {
            "first": columns["S1"],
            "first_width": columns["S1_conf"],
            "total": columns["ST"],
            "total_width": columns["ST_conf"],
        },
        index=pd.Index(factors, name="factor"),
    )
    return Sensitivity(shares, n_runs=len(places), seed=seed)


def drivers_of_ranks(
    index: CompositeIndex,
    *,
    alternatives: Mapping[str, Iterable[Any]] | None = None,
    weight_noise: float = 0.0,
    data_error: bool = False,
    unit: str | None = None,
    n_base: int = 256,
    seed: int = 0,
    n_jobs: int | None = None,
) -> Sensitivity:
    """Say how much each choice contributes to the movement of the ranks.

    Parameters
    ----------
    index
        The index as published.
    alternatives, weight_noise, data_error
        As in `monte_carlo`; each is one factor, so are ``"weights"`` and ``"data"``.
    unit
        Key of one unit, whose rank is then explained; by default the mean absolute shift of rank
        over all units.
    n_base
        Base size of the design, a power of two; the index is computed ``n_base (factors + 2)``
        times.
    seed, n_jobs
        As in `monte_carlo`.

    Raises
    ------
    BadInput, NotFound
        As `monte_carlo`; and when the unit is not in the index.
    """
    variation = variation_of(index, alternatives, weight_noise=weight_noise, data_error=data_error)
    measure: Callable[[np.ndarray], float]
    if unit is None:
        measure = partial(mean_shift, published=index.rank.fillna(0).to_numpy(dtype=np.int32))
    else:
        measure = partial(_rank_at, place=_place_of(index, unit))

    def model(places: np.ndarray) -> np.ndarray:
        # The design repeats coordinates exactly: equal ones stand for the same weights or errors.
        draws = [
            draw_at(
                place,
                variation,
                index.options,
                weight_key=_key(place, variation.factors, "weights"),
                error_key=_key(place, variation.factors, "data"),
            )
            for place in places
        ]
        return np.array(run(index, variation, draws, measure, seed=seed, n_jobs=n_jobs))

    return sobol_indices(model, variation.factors, n_base=n_base, seed=seed)


def _key(place: np.ndarray, factors: Sequence[str], name: str) -> int:
    return int(place[factors.index(name)] * 2**32) if name in factors else 0


def _rank_at(ranks: np.ndarray, place: int) -> float:
    return float(ranks[place])


def _place_of(index: CompositeIndex, unit: str) -> int:
    found = np.flatnonzero(index.inputs.key == unit)
    if not len(found):
        raise NotFound(Problem("unit", f"there is no unit {unit!r}", "Give the key of a unit in the index."))
    return int(found[0])


def effect_of_removal(
    index: CompositeIndex, elements: Sequence[str] | None = None, *, level: int | None = None
) -> pd.DataFrame:
    """Return how far ranks move when one element is left out and its siblings take its weight.

    Parameters
    ----------
    index
        The index as published.
    elements
        Which to leave out, one at a time; by default all of ``level``.
    level
        Level of the elements: 1 for indicators, which is the default.

    Returns
    -------
    pandas.DataFrame
        One row an element (the index), the strongest first: ``mean_shift`` (mean absolute change
        of rank), ``largest_shift``, and ``largest_unit``, the key of the unit it moves most.

    Raises
    ------
    NotFound
        When an element does not exist, or is the index itself.
    """
    table = index.declaration.table
    names = list(elements) if elements is not None else list(table.index[table["level"] == (level or 1)])
    wrong = [name for name in names if name not in table.index or name == index.declaration.root]
    if wrong or not names:
        raise NotFound(
            Problem("elements", f"{name!r} cannot be left out", "Name an element below the index.")
            for name in (wrong or [f"level {level}"])
        )
    published = index.rank.fillna(0).to_numpy(dtype=np.int32)
    rows = {}
    for name in names:
        ranks = ranks_of(_scores_without(index, name))
        shift = np.where((ranks > 0) & (published > 0), np.abs(ranks - published), 0)
        rows[name] = (mean_shift(ranks, published), int(shift.max()), index.inputs.key[int(shift.argmax())])
    columns = ["mean_shift", "largest_shift", "largest_unit"]
    effects = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("element")
    return effects.sort_values("mean_shift", ascending=False, kind="stable")


def _scores_without(index: CompositeIndex, name: str) -> np.ndarray:
    weights = index.element_weights.copy()
    weights[index.declaration.table.index.get_loc(name)] = 0
    for group in index.declaration.groups:
        # What nothing adds up to any more goes too.
        if not weights[list(group.children)].any():
            weights[group.parent] = 0
    m, options = len(index.declaration.indicators), index.options
    scores = aggregate_levels(
        index.elements[:m], index.declaration.groups, weights,
        how=options.aggregation, least_weight=options.least_weight,
    )  # fmt: skip
    return np.asarray(scores[-1])
