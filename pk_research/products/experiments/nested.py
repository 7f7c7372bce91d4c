"""The nested logit: alternatives of a nest are closer to each other than to the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd

from pk_research.clusters.threads import one_thread
from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual, Message
from pk_research.products.experiments.data import ChoiceData
from pk_research.products.experiments.maximum import covariance_at, maximise
from pk_research.products.experiments.model import ChoiceModel
from pk_research.products.experiments.multinomial import few_people, multinomial_logit
from pk_research.products.experiments.sample_size import Z_95

LAMBDA = "lambda:"
# where the search begins: the multinomial logit, and nests that hold together more
STARTS = (1.0, 0.5)


@dataclass(frozen=True, eq=False)
class NestedLogit(ChoiceModel):
    """A nested logit with one dissimilarity parameter a nest.

    Attributes
    ----------
    nests
        Nest of each alternative. A nest with one alternative has no parameter.
    """

    nests: Mapping[str, str] = field(default_factory=dict)

    def label(self, name: str) -> Bilingual:
        """Return what a parameter is called."""
        if name.startswith(LAMBDA):
            nest = name.removeprefix(LAMBDA)
            return Message("Dissimilarity of the nest “{nest}” (λ)", {"nest": nest})
        return super().label(name)

    def sentences(self) -> list[Message]:
        """Say what the nests are like."""
        said = []
        for name in self.names:
            if not name.startswith(LAMBDA):
                continue
            value, error = float(self.estimates[name]), float(self.standard_errors[name])
            values = {"nest": name.removeprefix(LAMBDA), "value": round(value, 2)}
            said.append(_nest_said(values, low=value - Z_95 * error, high=value + Z_95 * error))
        return said


def _nest_said(values: Mapping[str, object], *, low: float, high: float) -> Message:
    if low > 1:
        return Message(
            "The dissimilarity of the nest “{nest}” is {value}, more than 1: these nests do not fit.", values
        )
    if high < 1:
        return Message(
            "Alternatives of the nest “{nest}” are closer to each other than to the others (λ = {value}).",
            values,
        )
    return Message(
        "The nest “{nest}” cannot be told from no nest (λ = {value}): the multinomial logit does as well.",
        values,
    )


def nested_logit(data: ChoiceData, nests: Mapping[str, str]) -> NestedLogit:
    """Fit a nested logit of two levels.

    Parameters
    ----------
    data
        The choices.
    nests
        Nest of each alternative by name: ``{"a": "buy", "b": "buy", "none": "none"}``.

    Returns
    -------
    NestedLogit
        Coefficients of utility, then ``lambda:nest`` for each nest of two or more alternatives: 1
        is the multinomial logit, near 0 alternatives of a nest replace each other fully. Standard
        errors are clustered by respondent.

    Raises
    ------
    BadInput
        When an alternative has no nest, no nest has two alternatives, or no maximum is found.

    References
    ----------
    McFadden (1978), Modelling the choice of residential location; Train (2009), chapter 4.

    Examples
    --------
    >>> from pk_research.codebook import Label
    >>> from pk_research.products.experiments import Attribute, KnownTastes, choice_design, made_choices
    >>> pack = Attribute("pack", "Kemasan", "Package", (Label("plastic", "Plastik", "Plastic"),
    ...                  Label("box", "Kotak", "Box")))
    >>> design = choice_design([pack], n_sets=2)
    >>> data = made_choices(design, KnownTastes(({"pack=box": 1.0},)), 60, seed=1).data()
    >>> nested_logit(data, {"a": "buy", "b": "buy", "none": "none"}).names
    ('pack=box', 'none', 'lambda:buy')
    """
    known = sorted(set(data.alternatives))
    problems = [
        Problem("nests", f"alternative {name!r} has none", "Give the nest of every alternative.")
        for name in known
        if name not in nests
    ]
    if not problems and len({nests[name] for name in known}) in (1, len(known)):
        what = "all alternatives are in one nest, or each is alone"
        problems.append(Problem("nests", what, "Put some, not all, alternatives together."))
    if problems:
        raise BadInput(problems)
    plain = multinomial_logit(data)
    layout = _layout(data, nests)

    scores = partial(nested_scores, data, layout)
    start = plain.estimates.to_numpy()
    n_free = len(layout.free)
    with one_thread():
        ends = [maximise(scores, np.append(start * value, np.full(n_free, value))) for value in STARTS]
    reached = [end for end in ends if end.converged]
    covariance = None
    if reached:
        best = max(reached, key=lambda end: end.log_likelihood)
        covariance = covariance_at(scores, best.at)
    if covariance is None:
        what = "the search came to no maximum"
        raise BadInput(Problem("nests", what, "Try other nests, or fit the multinomial logit."))
    names = [*data.names, *(f"{LAMBDA}{nest}" for nest in layout.free)]
    return NestedLogit(
        kind="nested",
        names=tuple(names),
        estimates=pd.Series(best.at, index=names),
        covariance=pd.DataFrame(covariance, index=names, columns=names),
        log_likelihood=best.log_likelihood,
        **data.basis,
        notes=few_people(data),
        nests={name: nests[name] for name in known},
    )


@dataclass(frozen=True, eq=False, slots=True)
class NestLayout:
    """Where rows are nested.

    Attributes
    ----------
    free
        Nests that have a parameter.
    parameter
        Number of the parameter of each row's nest; that of the last, fixed at 1, for the others.
    order
        Rows sorted by situation and nest.
    starts
        First of the ordered rows of each nest in each situation.
    situation
        Situation of each nest in a situation.
    """

    free: tuple[str, ...]
    parameter: np.ndarray
    order: np.ndarray
    starts: np.ndarray
    situation: np.ndarray


def _layout(data: ChoiceData, nests: Mapping[str, str]) -> NestLayout:
    of_row = np.array([nests[name] for name in data.alternatives], dtype=object)
    known = sorted({nests[name] for name in set(data.alternatives)})
    members = {nest: {name for name in set(data.alternatives) if nests[name] == nest} for nest in known}
    free = tuple(nest for nest in known if len(members[nest]) > 1)
    number = np.array([known.index(nest) for nest in of_row])
    order = np.lexsort((number, data.situation))
    key = data.situation[order] * len(known) + number[order]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    place = {nest: n for n, nest in enumerate(free)}
    parameter = np.array([place.get(nest, len(free)) for nest in of_row])
    return NestLayout(free, parameter, order, starts, data.situation[order][starts])


def nested_scores(data: ChoiceData, layout: NestLayout, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the log-likelihood of each respondent and its gradient (respondents by parameters).

    With V the utility, λ the parameter of a nest and I its inclusive value (the logarithm of the sum
    of exp(V/λ)), the log-probability of a row is V/λ - I + λ I - log of the sum over nests of
    exp(λ I).
    """
    size = len(data.names)
    dissimilarity = np.append(at[size:], 1.0)
    if (dissimilarity <= 0.01).any():
        return np.full(data.n_respondents, -1e10), np.zeros((data.n_respondents, len(at)))
    order, starts, parameter = layout.order, layout.starts, layout.parameter[layout.order]
    rows = data.rows[order]
    by_row = dissimilarity[parameter]
    utility = rows @ at[:size]
    scaled = utility / by_row
    n_each = np.diff(np.append(starts, len(order)))
    nest = np.repeat(np.arange(len(starts)), n_each)
    highest = np.maximum.reduceat(scaled, starts)
    weight = np.exp(scaled - highest[nest])
    total = np.add.reduceat(weight, starts)
    inclusive = highest + np.log(total)
    within = weight / total[nest]
    of_nest = parameter[starts]
    by_nest = dissimilarity[of_nest]
    attraction = by_nest * inclusive
    first = np.flatnonzero(np.diff(layout.situation, prepend=-1))
    top = np.maximum.reduceat(attraction, first)
    power = np.exp(attraction - top[layout.situation])
    log_all = top + np.log(np.add.reduceat(power, first))
    share = np.exp(attraction - log_all[layout.situation])
    # derivatives of the inclusive value: mean row over λ, and minus mean V over λ squared
    mean_rows = np.add.reduceat(rows * within[:, None], starts)
    mean_utility = np.add.reduceat(utility * within, starts)
    slope_attraction = np.zeros((len(starts), len(at) + 1))
    slope_attraction[:, :size] = mean_rows
    slope_attraction[np.arange(len(starts)), size + of_nest] = inclusive - mean_utility / by_nest
    slope_all = np.add.reduceat(slope_attraction * share[:, None], first)
    place = np.argsort(order)[data.chosen]
    its_nest = nest[place]
    value = scaled[place] - inclusive[its_nest] + attraction[its_nest] - log_all
    its = by_row[place]
    slope = slope_attraction[its_nest] - slope_all
    slope[:, :size] += (rows[place] - mean_rows[its_nest]) / its[:, None]
    slope[np.arange(len(place)), size + parameter[place]] -= (
        utility[place] - mean_utility[its_nest]
    ) / its**2
    return data.sum_by_respondent(value), data.sum_by_respondent(slope[:, : len(at)])
