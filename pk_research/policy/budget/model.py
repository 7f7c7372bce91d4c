"""The problem as a mixed-integer linear programme whose every row belongs to a rule, for HiGHS.

Columns: one a pair of village and policy, one a policy that costs something to open, one a village
that can have both of two policies with a bonus. Whole numbers throughout.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import LinearConstraint, milp

from pk_research.errors import NotReady, Problem
from pk_research.language import Message
from pk_research.policy.budget.problem import BudgetProblem

INFEASIBLE = 2
Entry = dict[int, float]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the problem.

    Attributes
    ----------
    kind
        ``"budget"``, ``"floor"``, ``"must"``, ``"most"``, ``"needs"``, ``"conflict"`` or ``"link"`` (what
        columns mean; never dropped).
    about
        Group, village and policy, or two policies.
    """

    kind: str
    about: tuple[str, ...] = ()

    def words(self, problem: BudgetProblem) -> Message:
        """Say the rule."""
        if self.kind == "budget":
            return Message("the budget of IDR {amount}", {"amount": round(problem.budget_idr)})
        if self.kind == "floor":
            share = round(100 * problem.floors[self.about[0]], 1)
            return Message(
                "at least {share}% of the budget for {group}", {"share": share, "group": self.about[0]}
            )
        if self.kind == "must":
            return Message(
                "{village} must get {policy}", dict(zip(("village", "policy"), self.about, strict=True))
            )
        if self.kind == "most":
            return Message("at most {n} policies a village", {"n": problem.most_per_village})
        first, second = self.about
        if self.kind == "needs":
            return Message("{first} only together with {second}", {"first": first, "second": second})
        return Message("never {first} and {second} in one village", {"first": first, "second": second})


@dataclass(frozen=True, eq=False)
class Model:
    """Maximise worth·x with low ≤ A·x ≤ high, x whole, 0 or 1.

    Attributes
    ----------
    worth
        Of each column, in the unit of the effects.
    cost
        Of each column, IDR.
    matrix
        A, one row a constraint.
    low, high
        Of the rows.
    rules
        Which rule each row belongs to.
    n_pairs
        Columns that are rows of the problem's table: the first.
    """

    worth: np.ndarray
    cost: np.ndarray
    matrix: sparse.csr_array
    low: np.ndarray
    high: np.ndarray
    rules: tuple[Rule, ...]
    n_pairs: int


@dataclass(frozen=True, eq=False)
class Solved:
    """A plan (None where no plan keeps the rules), and what no plan can exceed."""

    x: np.ndarray | None
    bound: float


def build(problem: BudgetProblem, *, worth: np.ndarray | None = None) -> Model:
    """Write the problem as a model, for its own effects or others."""
    frame = problem.frame
    column = {pair: n for n, pair in enumerate(zip(frame["village_code"], frame["policy"], strict=True))}
    opening = {name: len(column) + n for n, name in enumerate(problem.opening_idr)}
    villages = list(dict.fromkeys(frame["village_code"]))
    both = [
        (village, pair)
        for pair in problem.bonuses
        for village in villages
        if all((village, policy) in column for policy in pair)
    ]
    n_first = len(column) + len(opening)
    bonus = {key: n_first + n for n, key in enumerate(both)}
    values = problem.worth if worth is None else worth
    cost = np.concatenate([frame["cost_idr"], [*problem.opening_idr.values()], np.zeros(len(bonus))])
    rows = [
        *_money(problem, cost),
        *_villages(problem, column, villages),
        *_policies(problem, column, villages),
        *_openings(column, opening),
        *_bonuses(column, bonus),
    ]
    return Model(
        worth=np.concatenate([values, np.zeros(len(opening)), [problem.bonuses[pair] for _, pair in both]]),
        cost=cost,
        matrix=_matrix([entries for _, entries, _, _ in rows], len(cost)),
        low=np.array([low for _, _, low, _ in rows]),
        high=np.array([high for _, _, _, high in rows]),
        rules=tuple(rule for rule, _, _, _ in rows),
        n_pairs=len(column),
    )


def solve(
    model: Model, *, gap: float = 0.0, without: Collection[Rule] = (), time_limit_s: float | None = None
) -> Solved:
    """Find the best plan by HiGHS, of all rules or without some."""
    kept = np.array([rule not in without for rule in model.rules])
    scale = float(np.abs(model.worth).max()) or 1.0
    result = milp(
        -model.worth / scale,
        constraints=LinearConstraint(model.matrix[kept], model.low[kept], model.high[kept]),
        bounds=(0, 1),
        integrality=np.ones(len(model.worth)),
        options={"mip_rel_gap": gap} | ({} if time_limit_s is None else {"time_limit": time_limit_s}),
    )
    if result.status == INFEASIBLE:
        return Solved(None, -np.inf)
    if result.x is None:
        raise NotReady(
            Problem("the solver", f"it found no plan ({result.message})", "Allow more time or a wider gap.")
        )
    return Solved(np.round(result.x), -float(result.mip_dual_bound) * scale)


Row = tuple[Rule, Entry, float, float]


def _money(problem: BudgetProblem, cost: np.ndarray) -> Iterator[Row]:
    # In shares of the budget, so that IDR by the billion do not blur the solver's tolerance.
    share = cost / problem.budget_idr
    yield Rule("budget"), dict(enumerate(share)), -np.inf, 1.0
    for group, least in problem.floors.items():
        inside = np.flatnonzero((problem.frame["group"] == group).to_numpy())
        yield Rule("floor", (group,)), {int(n): share[n] for n in inside}, least, np.inf


def _villages(
    problem: BudgetProblem, column: dict[tuple[str, str], int], villages: list[str]
) -> Iterator[Row]:
    by_village: dict[str, Entry] = {village: {} for village in villages}
    for (village, _), n in column.items():
        by_village[village][n] = 1.0
    for entries in by_village.values():
        if len(entries) > problem.most_per_village:
            yield Rule("most"), entries, -np.inf, float(problem.most_per_village)


def _policies(
    problem: BudgetProblem, column: dict[tuple[str, str], int], villages: list[str]
) -> Iterator[Row]:
    for village, policy in problem.musts:
        yield Rule("must", (village, policy)), {column[village, policy]: 1.0}, 1.0, np.inf
    for first, second in problem.needs:
        for village in villages:
            if (village, first) in column:
                other = column.get((village, second))
                entries = {column[village, first]: 1.0} | ({} if other is None else {other: -1.0})
                yield Rule("needs", (first, second)), entries, -np.inf, 0.0
    for first, second in problem.conflicts:
        for village in villages:
            pair = [column[village, name] for name in (first, second) if (village, name) in column]
            if len(pair) == 2:
                yield Rule("conflict", (first, second)), dict.fromkeys(pair, 1.0), -np.inf, 1.0


def _openings(column: dict[tuple[str, str], int], opening: dict[str, int]) -> Iterator[Row]:
    for (_, policy), n in column.items():
        if policy in opening:
            yield Rule("link"), {n: 1.0, opening[policy]: -1.0}, -np.inf, 0.0


def _bonuses(
    column: dict[tuple[str, str], int], bonus: dict[tuple[str, tuple[str, str]], int]
) -> Iterator[Row]:
    for (village, (first, second)), z in bonus.items():
        one, other = column[village, first], column[village, second]
        yield Rule("link"), {z: 1.0, one: -1.0}, -np.inf, 0.0
        yield Rule("link"), {z: 1.0, other: -1.0}, -np.inf, 0.0
        yield Rule("link"), {one: 1.0, other: 1.0, z: -1.0}, -np.inf, 1.0


def _matrix(entries: list[Entry], n_columns: int) -> sparse.csr_array:
    rows = np.repeat(np.arange(len(entries)), [len(entry) for entry in entries])
    columns = np.array([n for entry in entries for n in entry], dtype=int)
    values = np.array([value for entry in entries for value in entry.values()], dtype=float)
    return sparse.csr_array((values, (rows, columns)), shape=(len(entries), n_columns))
