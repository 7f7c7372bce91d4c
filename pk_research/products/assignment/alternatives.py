"""Other plans that are nearly as good, and in what they differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message, translate
from pk_research.products.assignment.assign import PROVEN, Assignment, chosen_products
from pk_research.products.assignment.model import Model, build
from pk_research.products.assignment.money import millions
from pk_research.products.assignment.solver import option_faults, relax, solve
from pk_research.products.assignment.words import BY_CLOCK
from pk_research.writing import MADE, marked

NAMED = 4


@dataclass(frozen=True, eq=False)
class Alternatives:
    """Plans within a share of the best, each unlike all before it.

    Attributes
    ----------
    assignment
        The best plan.
    within_share
        An alternative is worth at least (1 - this) of the best.
    n_differing
        In so many villages at least an alternative differs from every plan before it.
    chosen
        Of each alternative, the number of each village's product; -1 for none.
    values_idr_year
        Of each alternative, best first.
    is_complete
        Whether it is proven that there is no further one; otherwise the list was cut short.
    stopped_by_clock
        Whether a time limit ended any search; then another machine may find other plans.
    """

    assignment: Assignment
    within_share: float
    n_differing: int
    chosen: tuple[np.ndarray, ...]
    values_idr_year: tuple[float, ...]
    is_complete: bool
    stopped_by_clock: bool

    def changes(self) -> pd.DataFrame:
        """Return one row a village and alternative that differ.

        Columns are ``alternative``, ``village_code``, ``product`` and ``instead_of``; missing for none.
        """
        problem = self.assignment.problem
        names = np.array([*problem.products, None], dtype=object)
        best = self.assignment.chosen
        rows = [
            (number, problem.villages[v], names[chosen[v]], names[best[v]])
            for number, chosen in enumerate(self.chosen, start=1)
            for v in np.flatnonzero(chosen != best)
        ]
        return pd.DataFrame(rows, columns=["alternative", "village_code", "product", "instead_of"])

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row an alternative: its worth, and how far it differs from the best plan."""
        best, value = self.assignment.chosen, self.assignment.value_idr_year
        columns = {
            translate("Alternative", language): range(1, len(self.chosen) + 1),
            translate("Worth (IDR/year)", language): np.round(self.values_idr_year, 0),
            translate("Less than the best (%)", language): [
                round(100 * (value - other) / abs(value), 3) for other in self.values_idr_year
            ],
            translate("Villages with another product", language): [
                int((chosen != best).sum()) for chosen in self.chosen
            ],
            translate("What differs", language): [
                self._difference(chosen, language) for chosen in self.chosen
            ],
        }
        return marked(pd.DataFrame(columns), language, made=self.assignment.problem.made)

    def in_words(self, language: Language) -> str:
        """Tell how many unlike plans are nearly as good."""
        parts = [Message("{note}.", {"note": Message(MADE)})] if self.assignment.problem.made else []
        values = {
            "n": len(self.chosen), "share": round(100 * self.within_share, 3), "villages": self.n_differing,
        }  # fmt: skip
        parts.append(
            Message(
                "Other plans found within {share}% of the best: {n}. Villages in which each "
                "differs from all others: {villages} or more.",
                values,
            )
        )
        parts.append(
            Message("It is proven that there are no more of that kind.")
            if self.is_complete
            else Message("There may be more.")
        )
        parts += [BY_CLOCK] * self.stopped_by_clock
        for number, (chosen, value) in enumerate(
            zip(self.chosen, self.values_idr_year, strict=True), start=1
        ):
            lost = millions(self.assignment.value_idr_year - value)
            difference = self._difference(chosen, language)
            parts.append(
                Message(
                    "Alternative {number} is worth {lost} less: {difference}.",
                    {"number": number, "lost": lost, "difference": difference},
                )
            )
        return " ".join(part.text(language) for part in parts)

    def _difference(self, chosen: np.ndarray, language: Language) -> str:
        """Say which products gain and lose most villages."""
        problem = self.assignment.problem
        counts = [
            np.bincount(plan[plan >= 0], minlength=len(problem.products))
            for plan in (chosen, self.assignment.chosen)
        ]
        change = counts[0] - counts[1]
        order = [p for p in np.lexsort((np.arange(len(change)), -np.abs(change))) if change[p]][:NAMED]
        if not order:
            return translate("the same products, in other villages", language)
        return ", ".join(
            f"{problem.name(problem.products[p], language)} {change[p]:+d}".replace("-", "−") for p in order
        )


def alternatives(
    assignment: Assignment,
    *,
    within_share: float = 0.01,
    most: int = 5,
    differing_share: float = 0.1,
    gap: float = PROVEN,
    time_limit_s: float = np.inf,
) -> Alternatives:
    """Look for plans nearly as good as the best that are truly others.

    Parameters
    ----------
    assignment
        From `assign`.
    within_share
        Of the best plan's value that an alternative may lose.
    most
        Alternatives to look for.
    differing_share
        Of the villages in which an alternative must differ from every plan before it.
    gap, time_limit_s
        Of each plan, as in `assign`.

    Returns
    -------
    Alternatives
        Each is the best plan that differs enough from all before it: a row that allows no more than
        the rest of the villages to keep the product of such a plan.

    Raises
    ------
    BadInput
        When a share does not lie between 0 and 1, or the best plan is worth nothing.

    Examples
    --------
    >>> from pk_research.products.assignment import assign, assignment_problem
    >>> values = pd.DataFrame({"village_code": ["3216012001"] * 2 + ["3216012002"] * 2,
    ...                        "product": ["kecap", "telur_asin"] * 2,
    ...                        "value_idr_year": [9e6, 8.9e6, 7e6, 2e6]})
    >>> others = alternatives(assign(assignment_problem(values)))
    >>> others.values_idr_year, others.is_complete
    ((15900000.0,), True)
    """
    problem = assignment.problem
    faults = option_faults(gap, time_limit_s)
    if most < 1:
        faults.append(Problem("most", f"{most} cannot be used", "Give 1, 2, 3 ..."))
    _check(assignment, within_share, differing_share, faults)
    n = max(1, round(differing_share * len(problem.villages)))
    least = assignment.value_idr_year - within_share * abs(assignment.value_idr_year)
    model = _unlike(build(problem), assignment.chosen, n)
    found: list[np.ndarray] = []
    values: list[float] = []
    is_complete, stopped_by_clock = False, assignment.stopped_by_clock
    while len(found) < most:
        relaxation = relax(model)
        plan = None if relaxation is None else solve(
            model, gap=gap, time_limit_s=time_limit_s, relaxation=relaxation
        )  # fmt: skip
        stopped_by_clock |= plan is not None and plan.stopped_by_clock
        if relaxation is None or plan is None or plan.x is None:
            is_complete = relaxation is None or plan is None or plan.is_infeasible
            break
        value = float(model.gain @ plan.x)
        if value < least:
            is_complete = min(plan.bound, relaxation.bound) < least
            break
        chosen = chosen_products(model, plan.x, len(problem.villages))
        found.append(chosen)
        values.append(value)
        model = _unlike(model, chosen, n)
    return Alternatives(
        assignment, within_share, n, tuple(found), tuple(values), is_complete, stopped_by_clock
    )


def _check(
    assignment: Assignment, within_share: float, differing_share: float, faults: list[Problem]
) -> None:
    problems = faults + [
        Problem(name, f"{share} is not a share", "Give a number from 0 to 1.")
        for name, share in (("within_share", within_share), ("differing_share", differing_share))
        if not 0 <= share <= 1
    ]
    if assignment.value_idr_year == 0:
        problems.append(
            Problem("assignment", "the best plan is worth nothing", "Nothing is near to it by a share.")
        )
    if problems:
        raise BadInput(problems)


def _unlike(model: Model, chosen: np.ndarray, n: int) -> Model:
    """Ask for n villages at least that differ; getting no product where there was none is the same."""
    row = np.zeros(len(model.gain))
    same = np.zeros(model.n_pairs)
    same[chosen[model.village] == model.product] = 1.0
    # A village without a product counts as keeping it for 1 - (pairs taken).
    none = chosen[model.village] < 0
    row[: model.n_pairs] = same - none
    return model.with_row(row, high=float((chosen >= 0).sum() - n))
