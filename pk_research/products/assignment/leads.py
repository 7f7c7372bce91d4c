"""What the plan loses where a village does not make its product, found by making the plan again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message, translate
from pk_research.products.assignment.assign import PROVEN, Assignment
from pk_research.products.assignment.model import Model, build
from pk_research.products.assignment.money import millions
from pk_research.products.assignment.solver import option_faults, relax, solve
from pk_research.products.assignment.words import BY_CLOCK
from pk_research.products.words import some
from pk_research.writing import MADE, marked


@dataclass(frozen=True, eq=False)
class Leads:
    """How much each village's product matters to the plan.

    Attributes
    ----------
    assignment
        The plan.
    villages
        One row a village with a product that no decree fixes: ``village_code``, ``product``,
        ``low_idr_year`` and ``high_idr_year``: the proven bounds of what the best plan in which the village
        makes another product (or none, where it may) is worth less than the best of all. Both infinite
        where there is no such plan.
    stopped_by_clock
        Whether a time limit ended any search; then another machine may find other bounds.
    """

    assignment: Assignment
    villages: pd.DataFrame
    stopped_by_clock: bool

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a village, those first whose product matters most; missing for no other plan."""
        name = self.assignment.problem.name
        shown = self.villages.sort_values(["high_idr_year", "village_code"], ascending=[False, True])
        bounds = shown[["low_idr_year", "high_idr_year"]].replace(np.inf, np.nan).round(0)
        columns = {
            translate("Village code", language): shown["village_code"],
            translate("Village", language): shown["village_code"].map(name),
            translate("Product", language): shown["product"].map(name),
            translate("Without it the plan loses at least (IDR/year)", language): bounds["low_idr_year"],
            translate("Without it the plan loses at most (IDR/year)", language): bounds["high_idr_year"],
        }
        return marked(
            pd.DataFrame(columns).reset_index(drop=True), language, made=self.assignment.problem.made
        )

    def in_words(self, language: Language) -> str:
        """Tell how many villages could as well make something else, and where the product matters most."""
        shown, value = self.villages, self.assignment.value_idr_year
        free = shown["high_idr_year"] <= PROVEN * max(abs(value), 1.0)
        parts = [Message("{note}.", {"note": Message(MADE)})] if self.assignment.problem.made else []
        parts.append(
            Message(
                "Villages that could make another product without any loss to the plan: {n} of {all}.",
                {"n": int(free.sum()), "all": len(shown)},
            )
        )
        bound = np.isinf(shown["low_idr_year"])
        if bound.any():
            parts.append(
                Message(
                    "Villages without whose product no plan keeps the limits: {n}.", {"n": int(bound.sum())}
                )
            )
        rest = shown[~free & ~bound]
        if len(rest):
            most = rest.loc[rest["low_idr_year"].idxmax()]
            values = {
                "village": self.assignment.problem.name(most["village_code"], language),
                "product": self.assignment.problem.name(most["product"], language),
                "low": millions(most["low_idr_year"]),
                "high": millions(most["high_idr_year"]),
            }
            parts.append(
                Message(
                    "It matters most that {village} makes {product}: between {low} and {high} a year would be"
                    " lost otherwise.",
                    values,
                )
            )
        parts += [BY_CLOCK] * self.stopped_by_clock
        return " ".join(part.text(language) for part in parts)


def leads(
    assignment: Assignment,
    *,
    villages: Collection[str] | None = None,
    gap: float = PROVEN,
    time_limit_s: float = np.inf,
    n_jobs: int | None = None,
) -> Leads:
    """Make the plan again for each village, its product forbidden there.

    Parameters
    ----------
    assignment
        From `assign`.
    villages
        Codes of the villages to look at; all by default, which takes one search each.
    gap, time_limit_s
        Of each new plan, as in `assign`.
    n_jobs
        Workers, as in joblib; any number gives the same result.

    Raises
    ------
    BadInput
        When a village is not one of the plan's, or the gap or the time limit makes no sense.

    Examples
    --------
    >>> from pk_research.products.assignment import assign, assignment_problem
    >>> values = pd.DataFrame({"village_code": ["3216012001"] * 2 + ["3216012002"] * 2,
    ...                        "product": ["kecap", "telur_asin"] * 2,
    ...                        "value_idr_year": [9e6, 8e6, 7e6, 2e6]})
    >>> leads(assign(assignment_problem(values, most_per_kecamatan=1))).villages["high_idr_year"].tolist()
    [4000000.0, 4000000.0]
    """
    from joblib import Parallel, delayed

    problem = assignment.problem
    problems = option_faults(gap, time_limit_s)
    unknown = sorted(set(villages or ()) - set(problem.villages))
    if unknown:
        problems.append(
            Problem("villages", f"not in the plan: {some(unknown)}", "Give codes of the plan's villages.")
        )
    if problems:
        raise BadInput(problems)
    asked = set(problem.villages if villages is None else villages) - set(problem.decrees)
    looked_at = [v for v, code in enumerate(problem.villages) if code in asked and assignment.chosen[v] >= 0]
    without = partial(_without, build(problem), assignment, gap=gap, time_limit_s=time_limit_s)
    found = Parallel(n_jobs=n_jobs)(delayed(without)(v) for v in looked_at)
    frame = pd.DataFrame(
        {
            "village_code": [problem.villages[v] for v in looked_at],
            "product": [problem.products[assignment.chosen[v]] for v in looked_at],
            "low_idr_year": np.array([low for low, _, _ in found], dtype=float),
            "high_idr_year": np.array([high for _, high, _ in found], dtype=float),
        }
    )
    return Leads(assignment, frame, assignment.stopped_by_clock or any(stopped for *_, stopped in found))


def _without(
    model: Model, assignment: Assignment, village: int, *, gap: float, time_limit_s: float
) -> tuple[float, float, bool]:
    """Return the bounds of what is lost, and whether the clock ended the search."""
    pair = np.flatnonzero((model.village == village) & (model.product == assignment.chosen[village]))
    upper = model.upper.copy()
    upper[pair] = 0.0
    forbidden = replace(model, upper=upper)
    relaxation = relax(forbidden)
    if relaxation is None:
        return np.inf, np.inf, False
    found = solve(forbidden, gap=gap, time_limit_s=time_limit_s, relaxation=relaxation)
    if found.is_infeasible:
        return np.inf, np.inf, False
    most = min(found.bound, relaxation.bound)
    least = -np.inf if found.x is None else float(forbidden.gain @ found.x)
    low = max(0.0, assignment.value_idr_year - max(most, least))
    return low, max(low, assignment.bound_idr_year - least), found.stopped_by_clock
