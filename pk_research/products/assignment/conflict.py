"""Why no plan keeps all limits: the smallest set of them that conflict."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd

from pk_research.language import Language, Message, translate
from pk_research.products.assignment.limits import KINDS, Limit
from pk_research.products.assignment.model import Model, build
from pk_research.products.assignment.problem import AssignmentProblem
from pk_research.products.assignment.solver import is_feasible
from pk_research.writing import MADE, marked

T = TypeVar("T")
TOLD = 4


@dataclass(frozen=True, eq=False)
class Conflict:
    """Limits that cannot be kept together.

    Attributes
    ----------
    problem
        What was asked.
    limits
        No plan keeps all of these; dropping any one of them, a plan exists that keeps the others
        (both were solved for). All limits not named here play no part in it.
    """

    problem: AssignmentProblem
    limits: tuple[Limit, ...]

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a limit."""
        texts = [limit.words(self.problem).text(language) for limit in self.limits]
        return marked(pd.DataFrame({translate("Limit", language): texts}), language, made=self.problem.made)

    def in_words(self, language: Language) -> str:
        """Name the limits that conflict."""
        listed = "; ".join(part.text(language) for part in self._told())
        opening = Message("{note}: ", {"note": Message(MADE)}).text(language) if self.problem.made else ""
        if len(self.limits) == 1:
            return opening + Message("this limit cannot be kept: {limits}", {"limits": listed}).text(language)
        template = Message(
            "these {n} limits cannot be kept together, and without any one of them the others can: {limits}",
            {"n": len(self.limits), "limits": listed},
        )
        return opening + template.text(language)

    def _told(self) -> Iterator[Message]:
        """Say the first few limits of each kind, and how many more there are."""
        for kind in KINDS:
            limits = [limit for limit in self.limits if limit.kind == kind]
            yield from (limit.words(self.problem) for limit in limits[:TOLD])
            if len(limits) > TOLD:
                yield Message("and {n} more of that kind", {"n": len(limits) - TOLD})


def conflict(problem: AssignmentProblem) -> Conflict | None:
    """Find a smallest set of limits that conflict; None where a plan exists.

    First kinds of limits, then single ones within the kinds that are needed. Smallest means that
    nothing can be left out of the set; another set of the same problem may have fewer.

    References
    ----------
    Junker (2004), QuickXplain: preferred explanations and relaxations for over-constrained problems,
    AAAI; Chinneck (2008), Feasibility and Infeasibility in Optimization.

    Examples
    --------
    >>> from pk_research.products.assignment import assignment_problem
    >>> values = pd.DataFrame({"village_code": ["3216012001", "3216012002"], "product": ["kecap", "kecap"],
    ...                        "value_idr_year": [1e6, 1e6]})
    >>> print(conflict(assignment_problem(values, most_per_kecamatan=1)).in_words("en"))
    these 3 limits cannot be kept together, and without any one of them the others can: Sagara
    Makmur must get a product; Segarajaya must get a product; the limit of villages per product in
    Tarumajaya (1)
    """
    model = build(problem)
    if is_feasible(model):
        return None
    kinds = [(kind, model.limits_of(kind)) for kind in KINDS]
    groups = [limits for _, limits in kinds if limits]
    needed = smallest(groups, lambda kept: _can_keep(model, [limit for group in kept for limit in group]))
    single = [limit for group in needed for limit in group]
    return Conflict(problem, tuple(smallest(single, lambda kept: _can_keep(model, kept))))


def _can_keep(model: Model, kept: Sequence[Limit]) -> bool:
    return is_feasible(model.without(set(model.limits) - set(kept)))


def smallest(things: Sequence[T], can_keep: Callable[[list[T]], bool]) -> list[T]:
    """Return things that cannot be kept together though all but any one of them can (QuickXplain)."""

    def explain(background: list[T], candidates: list[T], *, is_new: bool) -> list[T]:
        if is_new and not can_keep(background):
            return []
        if len(candidates) == 1:
            return candidates
        half = len(candidates) // 2
        first, last = candidates[:half], candidates[half:]
        from_last = explain(background + first, last, is_new=bool(first))
        from_first = explain(background + from_last, first, is_new=bool(from_last))
        return from_first + from_last

    return explain([], list(things), is_new=False)
