"""Whether choices can tell the tastes: what varies, what moves together, what decides alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.products.experiments.data import ChoiceData

TOLERANCE = 1e-8
STEEP = 15.0


def check_identified(data: object) -> None:
    """See that every variable varies within sets, and not together with others.

    Raises
    ------
    BadInput
        When these are no choices; naming the variables and what to do.
    """
    if not isinstance(data, ChoiceData):
        remedy = "Give what choice_data makes of a table, or the .data() of choices of an experiment."
        raise BadInput(Problem("data", f"it is a {type(data).__name__}", remedy))
    mean = data.sum_by_situation(data.rows) / data.sizes[:, None]
    within = data.rows - mean[data.situation]
    spread = np.sqrt((within**2).mean(axis=0))
    scale = np.maximum(np.abs(data.rows).max(axis=0), 1e-300)
    still = spread / scale < TOLERANCE
    problems = [
        Problem(name, "it is the same for all alternatives of every set",
                "Leave it out, or let it differ within sets; a trait of people has to be multiplied by one.")
        for name, is_still in zip(data.names, still, strict=True)
        if is_still
    ]  # fmt: skip
    moving = [name for name, is_still in zip(data.names, still, strict=True) if not is_still]
    problems += [
        Problem(
            ", ".join(names),
            "they move together exactly: their effects cannot be told apart",
            "Leave one of them out, or ask a design in which they vary independently.",
        )
        for names in _moving_together(within[:, ~still] / spread[~still], moving)
    ]
    if data.n_respondents <= len(data.names):
        problems.append(
            Problem(
                "respondents",
                f"there are {data.n_respondents}, not more than the {len(data.names)} coefficients",
                "Ask more people: standard errors rest on how people differ.",
            )
        )
    if problems:
        raise BadInput(problems)


def _moving_together(columns: np.ndarray, names: Sequence[str]) -> list[list[str]]:
    if not names:
        return []
    _, singular, rows = np.linalg.svd(columns, full_matrices=False)
    found = []
    for value, row in zip(singular, rows, strict=True):
        if value <= TOLERANCE * singular[0]:
            found.append([name for name, weight in zip(names, row, strict=True) if abs(weight) > 1e-6])
    return found


def check_separation(data: ChoiceData, coefficients: np.ndarray) -> None:
    """See that no variable decides choices alone, where coefficients are steep enough to ask.

    Raises
    ------
    BadInput
        When the likelihood has no maximum since some combination of variables always points to
        what was chosen, naming the variables.

    References
    ----------
    Albert and Anderson (1984), On the existence of maximum likelihood estimates in logistic
    regression models.
    """
    others = np.ones(len(data.rows), dtype=bool)
    others[data.chosen] = False
    difference = (data.rows[data.chosen][data.situation] - data.rows)[others]
    widest = np.maximum(np.abs(difference).max(axis=0), 1e-300)
    if np.abs(coefficients * widest).max() < STEEP:
        return
    names = _deciding(difference / widest, data.names)
    if names:
        raise BadInput(
            Problem(
                ", ".join(names),
                "choices follow it without exception, so that its effect has no finite estimate (separation)",
                "Leave it out, join rare levels, or ask more people.",
            )
        )


def _deciding(difference: np.ndarray, names: Sequence[str]) -> list[str]:
    """Return the variables of a direction in which every choice goes up or stays."""
    from scipy.optimize import linprog

    n = difference.shape[1]
    found = linprog(
        -difference.sum(axis=0),
        A_ub=-difference,
        b_ub=np.zeros(len(difference)),
        bounds=[(-1, 1)] * n,
        method="highs",
    )
    if found.x is None or -found.fun < 1e-6:
        return []
    return [name for name, weight in zip(names, found.x, strict=True) if abs(weight) > 1e-6]


def check_panels(data: ChoiceData) -> tuple[Message, ...]:
    """See that people chose more than once, which telling people apart rests on.

    Returns
    -------
    tuple of Message
        A note where some did so only once.

    Raises
    ------
    BadInput
        When nobody did.
    """
    n_each = np.bincount(data.respondent)
    n_single = int((n_each == 1).sum())
    if n_single == len(n_each):
        raise BadInput(
            Problem(
                "respondents",
                "every respondent answered one set only: differences between people cannot be told from "
                "chance",
                "Ask each several sets, or fit the multinomial logit.",
            )
        )
    if not n_single:
        return ()
    return (
        Message(
            "{n} of {total} respondents answered one set only; they say little about how people differ.",
            {"n": n_single, "total": len(n_each)},
        ),
    )
