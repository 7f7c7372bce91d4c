"""Build a composite index from a dataset and the table that declares it: the chapter's main entry."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import scipy
import sklearn

from pk_research.errors import BadInput, Problem
from pk_research.indicators.composite.declaration import Declaration
from pk_research.indicators.composite.imputation import Imputed, impute
from pk_research.indicators.composite.index import CompositeIndex
from pk_research.indicators.composite.inputs import Inputs, read_inputs, screen
from pk_research.indicators.composite.naming import named
from pk_research.indicators.composite.options import Options
from pk_research.indicators.composite.pipeline import check_rows, normalised_rows, scored, treated_rows
from pk_research.indicators.composite.treatment import Treated
from pk_research.indicators.composite.weights import against_the_others
from pk_research.language import Message
from pk_research.register import Register, load_register
from pk_research.sources.dataset import Dataset, Step


def build_index(
    dataset: Dataset,
    declaration: Declaration,
    *,
    options: Options | None = None,
    year: int | None = None,
    seed: int = 0,
    register: Register | None = None,
) -> CompositeIndex:
    """Score and rank the units of a dataset.

    In order: categories become points, values are divided by their denominators, units with too
    little data are left out, missing values are filled (by default they are not), outliers are
    treated, indicators are made comparable, weighed, and brought together level by level. The
    order of the rows changes nothing.

    Parameters
    ----------
    dataset
        Rows keyed by unit, or by unit and year.
    declaration
        What the index is made of, from `declare` or `read_declaration`.
    options
        How it is computed; `Options` says what each choice means.
    year
        Year to score; the latest by default.
    seed
        Seed of imputation by draws, 0 or more.
    register
        The villages that codes name; by default those that ship with the project. Codes that name
        none keep their rows, with a note.

    Returns
    -------
    CompositeIndex
        Every unit of the year has its place in ``units`` or, with a reason, in ``left_out``.

    Raises
    ------
    BadInput, NotFound
        When a column does not exist, an indicator cannot be made comparable, or the options
        exclude each other; all faults of one kind at once.

    References
    ----------
    OECD and JRC (2008), Handbook on constructing composite indicators.
    """
    chosen = options or Options()
    if seed < 0:
        raise BadInput(Problem("seed", f"{seed} is negative", "Give 0 or a positive whole number."))
    group = chosen.group if chosen.imputation.startswith("group") else None
    read = read_inputs(dataset, declaration, year=year, group=group)
    known = named(read, load_register() if register is None else register)
    inputs = screen(known, least_present=chosen.least_present, least_nonzero=chosen.least_nonzero)
    check_present(inputs, declaration)
    imputed = impute(inputs.measured, chosen, groups=inputs.groups, seed=seed)
    treated = treated_rows(imputed.filled, chosen)
    rows = [each.treated for each in treated]
    check_rows(rows, declaration, inputs, chosen)
    normalised = normalised_rows(rows, declaration, inputs, chosen)
    elements, weights = scored(normalised, declaration, chosen)
    names = declaration.indicators
    steps = (
        *inputs.steps,
        *_imputation_steps(imputed, names, chosen),
        *_treatment_steps(treated, names),
        *_score_steps(elements, declaration, chosen),
    )
    return CompositeIndex(
        declaration=declaration,
        options=chosen,
        inputs=replace(inputs, steps=()),
        elements=elements,
        element_weights=weights,
        treatment=_treatment_table(imputed, treated, names),
        seed=seed,
        steps=steps,
        title=dataset.provenance.title,
        made=dataset.provenance.made,
        input_hash=dataset.content_hash,
        versions=versions(),
    )


def check_present(inputs: Inputs, declaration: Declaration) -> None:
    """Raise, naming them all, where indicators have no value at all."""
    empty = np.isnan(inputs.measured).all(axis=1)
    if empty.any():
        raise BadInput(
            Problem(f"indicator {name!r}", "no unit has a value", "Leave it out, or find its values.")
            for name in np.array(declaration.indicators)[empty]
        )


def versions() -> dict[str, str]:
    """Return the versions of what computes an index."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pandas": pd.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
    }


def _treatment_table(imputed: Imputed, treated: Sequence[Treated], names: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "n_imputed": imputed.n_filled,
            "n_missing": imputed.n_left,
            "skewness": [each.skewness for each in treated],
            "kurtosis": [each.kurtosis for each in treated],
            "n_winsorised": [each.n_winsorised for each in treated],
            "transform": [each.transform for each in treated],
            "skewness_after": [each.skewness_after for each in treated],
            "kurtosis_after": [each.kurtosis_after for each in treated],
        },
        index=pd.Index(names, name="indicator"),
    )


FILLED = {
    "mean": Message("Missing values were filled with the mean of the indicator"),
    "median": Message("Missing values were filled with the median of the indicator"),
    "group mean": Message("Missing values were filled with the mean of the village's group"),
    "group median": Message("Missing values were filled with the median of the village's group"),
    "iterative": Message("Missing values were filled by regression on the other indicators"),
    "multiple": Message("Missing values were filled with the mean of several draws of a regression"),
}


def _imputation_steps(imputed: Imputed, names: Sequence[str], options: Options) -> Iterator[Step]:
    if imputed.n_filled.any():
        yield _counted(FILLED[options.imputation], imputed.n_filled, names)
    if not imputed.settled:
        yield Step(Message("The regressions that fill missing values had not settled"), 0)
    if imputed.n_left.any():
        yield _counted(Message("Values are missing and stay so"), imputed.n_left, names)


def _treatment_steps(treated: Sequence[Treated], names: Sequence[str]) -> Iterator[Step]:
    pulled = np.array([each.n_winsorised for each in treated])
    if pulled.any():
        yield _counted(Message("Outlying values were replaced by the next value inward"), pulled, names)
    transforms = (
        ("log", Message("Values of very skewed indicators were replaced by their logarithm")),
        ("box-cox", Message("Values of very skewed indicators were transformed by Box-Cox")),
    )
    for transform, what in transforms:
        sizes = [
            np.count_nonzero(~np.isnan(each.treated)) * (each.transform == transform) for each in treated
        ]
        if any(sizes):
            yield _counted(what, np.array(sizes), names)


def _score_steps(elements: np.ndarray, declaration: Declaration, options: Options) -> Iterator[Step]:
    m = len(declaration.indicators)
    against = [
        declaration.table.index[group.children[n]]
        for group in declaration.groups
        for n in np.flatnonzero(against_the_others(elements[list(group.children)]))
    ]
    if against:
        what = Message("Elements that fall where their siblings rise: check their direction")
        yield Step(what, len(against), tuple(against))
    zero = int((elements[m:] == 0).any(axis=0).sum())
    if options.aggregation in {"geometric", "harmonic"} and zero:
        what = Message("Villages got a score of zero because one of its parts is zero: raise the scale")
        yield Step(what, zero)
    unscored = int(np.isnan(elements[-1]).sum())
    if unscored:
        yield Step(Message("Villages have no index because too much of it is missing"), unscored)


def _counted(what: Message, counts: np.ndarray, names: Sequence[str]) -> Step:
    touched = tuple(name for name, n in zip(names, counts, strict=True) if n)
    return Step(what, int(counts.sum()), touched)
