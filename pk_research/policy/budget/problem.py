"""What may be spent on which policy where, and the rules: read strictly before anything is solved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from pk_research.errors import BadInput, Problem
from pk_research.products.words import some

NEEDED = ("village_code", "policy", "cost_idr", "effect")
Pair = tuple[str, str]
Errors = Literal["apart", "by_policy"]


@dataclass(frozen=True, eq=False)
class BudgetProblem:
    """A budget to be allocated, sound: made by `budget_problem`.

    Attributes
    ----------
    frame
        One row a village and policy that may be given: ``village_code``, ``policy``, ``cost_idr``,
        ``effect``, ``se`` (missing where not given), ``group`` (missing where not given).
    budget_idr
        What may be spent, IDR.
    most_per_village
        Policies a village may get at most.
    opening_idr
        Policy -> IDR to be spent once before any village gets it.
    floors
        Group -> least share of the budget to be spent in its villages.
    musts
        Pairs of village and policy that are decided already.
    needs
        Pairs of policies: a village gets the first only with the second.
    conflicts
        Pairs of policies that no village gets both of.
    bonuses
        Pairs of policies -> effect on top (or, below 0, lost) where a village gets both.
    risk_aversion
        Standard errors that are taken off each effect before choosing.
    errors
        How the errors of the effects hang together: ``"apart"`` (independent), or ``"by_policy"``: one
        estimate of the policy stands behind all its villages, so that all are too high or too low
        together, while two policies' errors are independent.
    n_not_eligible
        Rows of the table that were marked as not eligible.
    inputs, made
        Hashes of the datasets behind it; True for made data.
    """

    frame: pd.DataFrame
    budget_idr: float
    most_per_village: int
    opening_idr: Mapping[str, float]
    floors: Mapping[str, float]
    musts: tuple[Pair, ...]
    needs: tuple[Pair, ...]
    conflicts: tuple[Pair, ...]
    bonuses: Mapping[Pair, float]
    risk_aversion: float
    errors: Errors
    n_not_eligible: int
    inputs: tuple[str, ...] = field(default=())
    made: bool = False

    @property
    def worth(self) -> np.ndarray:
        """Effect of each row, less what risk aversion takes off."""
        effect = self.frame["effect"].to_numpy()
        return np.asarray(
            effect - self.risk_aversion * self.frame["se"].to_numpy() if self.risk_aversion else effect
        )

    def error_of(self, chosen: pd.DataFrame) -> float:
        """Return the standard error of the summed effect of rows; missing where one has none."""
        se = chosen["se"]
        sums = se if self.errors == "apart" else se.groupby(chosen["policy"]).sum(skipna=False)
        return float(np.sqrt((sums**2).sum(skipna=False)))

    def drawn_errors(self, rng: np.random.Generator) -> np.ndarray:
        """Return one normal draw of the errors, one a row."""
        of_what = np.arange(len(self.frame))
        if self.errors == "by_policy":
            of_what = np.unique(self.frame["policy"].to_numpy(dtype=str), return_inverse=True)[1]
        return np.asarray(self.frame["se"].to_numpy() * rng.standard_normal(of_what.max() + 1)[of_what])


def budget_problem(
    frame: pd.DataFrame,
    *,
    budget_idr: float,
    most_per_village: int = 1,
    opening_idr: Mapping[str, float] | None = None,
    floors: Mapping[str, float] | None = None,
    musts: Sequence[Pair] = (),
    needs: Sequence[Pair] = (),
    conflicts: Sequence[Pair] = (),
    bonuses: Mapping[Pair, float] | None = None,
    risk_aversion: float = 0.0,
    errors: Errors = "apart",
    inputs: tuple[str, ...] = (),
    made: bool = False,
) -> BudgetProblem:
    """Check a table of villages and policies together with the rules.

    Parameters
    ----------
    frame
        One row a village and policy: ``village_code`` (text), ``policy``, ``cost_idr`` (IDR, 0 or more),
        ``effect`` (in one unit for all policies), and if known ``se`` (its standard error), ``group``
        (kecamatan or any other, one a village) and ``eligible`` (True or False).
    budget_idr, most_per_village, opening_idr, floors, musts, needs, conflicts, bonuses, risk_aversion, errors
        As in `BudgetProblem`. Lowering each effect by its standard error is right for the sum where the
        errors move together, and cautious otherwise.
    inputs, made
        As in `BudgetProblem`.

    Raises
    ------
    BadInput
        Naming everything at once: missing, negative or text numbers, a pair that stands twice, unknown
        policies and groups, floors above the whole budget, a risk aversion without standard errors.

    Examples
    --------
    >>> rows = pd.DataFrame({"village_code": ["a", "b"], "policy": ["road", "road"],
    ...                      "cost_idr": [3.0, 2.0], "effect": [5.0, 4.0]})
    >>> len(budget_problem(rows, budget_idr=4).frame)
    2
    """
    absent = [name for name in NEEDED if name not in frame.columns]
    if absent or frame.empty:
        problems = [Problem(f"column {name!r}", "it is not in the table", "Add it.") for name in absent]
        if frame.empty:
            problems.append(Problem("the table", "it has no rows", "Give villages and policies."))
        raise BadInput(problems)
    rows = frame.reset_index(drop=True)
    rows = rows.assign(**{name: np.nan for name in ("se", "group") if name not in rows})
    eligible = rows["eligible"] if "eligible" in rows else pd.Series(data=True, index=rows.index)
    found = BudgetProblem(
        frame=rows,
        budget_idr=budget_idr,
        most_per_village=most_per_village,
        opening_idr=dict(opening_idr or {}),
        floors=dict(floors or {}),
        musts=tuple(musts),
        needs=tuple(needs),
        conflicts=tuple(conflicts),
        bonuses=dict(bonuses or {}),
        risk_aversion=risk_aversion,
        errors=errors,
        n_not_eligible=0,
        inputs=inputs,
        made=made,
    )
    problems = [
        *_of_rows(found, eligible),
        *_of_options(found),
        *_of_floors(found),
        *_of_policies(found, eligible),
    ]
    if problems:
        raise BadInput(problems)
    kept = rows.loc[eligible.astype(bool), [*NEEDED, "se", "group"]].reset_index(drop=True)
    kept = kept.astype({"cost_idr": float, "effect": float, "se": float})
    return replace(found, frame=kept, n_not_eligible=int((~eligible.astype(bool)).sum()))


def _of_rows(given: BudgetProblem, eligible: pd.Series) -> Iterator[Problem]:
    rows = given.frame
    for name, least in {"cost_idr": 0.0, "effect": -np.inf, "se": 0.0}.items():
        if is_bool_dtype(rows[name]) or not is_numeric_dtype(rows[name]):
            yield Problem(f"column {name!r}", "it does not hold numbers", "Write numbers, not text.")
            continue
        values = rows[name].to_numpy(dtype=float, na_value=np.nan)
        wrong = np.isinf(values) | (values < least)
        if name != "se" or (given.risk_aversion and not np.isnan(given.risk_aversion)):
            wrong |= np.isnan(values)
        if wrong.any():
            yield Problem(
                f"column {name!r}",
                f"no usable value in rows {some(np.flatnonzero(wrong) + 1)}",
                "Give a finite number" + (", 0 or more." if least == 0 else "."),
            )
    if not is_bool_dtype(eligible):
        yield Problem("column 'eligible'", "it does not hold True and False", "Write True or False.")
    for name in ("village_code", "policy"):
        if rows[name].isna().any() or not rows[name].map(lambda value: isinstance(value, str)).all():
            yield Problem(f"column {name!r}", "it holds something other than text", "Write codes as text.")
    twice = rows[rows.duplicated(["village_code", "policy"])]
    for village, policy in zip(twice["village_code"], twice["policy"], strict=True):
        yield Problem(f"{village}, {policy!r}", "the pair stands twice", "Keep one row for each.")
    groups = rows.groupby("village_code")["group"].nunique()
    for village in groups.index[groups > 1]:
        yield Problem(f"village {village}", "it stands in several groups", "Give it one group.")


def _of_options(given: BudgetProblem) -> Iterator[Problem]:
    if not (np.isfinite(given.budget_idr) and given.budget_idr > 0):
        yield Problem("budget_idr", f"it is {given.budget_idr!r}", "Give an amount above 0.")
    if given.most_per_village < 1 or given.most_per_village != int(given.most_per_village):
        yield Problem("most_per_village", f"it is {given.most_per_village!r}", "Give 1 or more.")
    if not (np.isfinite(given.risk_aversion) and given.risk_aversion >= 0):
        yield Problem("risk_aversion", f"it is {given.risk_aversion!r}", "Give 0 or a positive number.")
    if given.errors not in get_args(Errors):
        yield Problem("errors", f"it is {given.errors!r}", f"Choose from: {some(get_args(Errors))}.")
    for name, amount in given.opening_idr.items():
        if not (np.isfinite(amount) and amount >= 0):
            yield Problem(f"opening_idr of {name!r}", f"it is {amount!r}", "Give 0 or a positive amount.")
    for pair, effect in given.bonuses.items():
        if not np.isfinite(effect):
            yield Problem(f"bonus of {pair}", f"it is {effect!r}", "Give a finite number.")


def _of_floors(given: BudgetProblem) -> Iterator[Problem]:
    known = set(given.frame["group"].dropna())
    for name, share in given.floors.items():
        if name not in known:
            yield Problem(
                f"floor of {name!r}", "no village is in this group", f"Known are: {some(sorted(known))}."
            )
        if not 0 <= share <= 1:
            yield Problem(f"floor of {name!r}", f"it is {share!r}", "Give a share from 0 to 1.")
    total = sum(given.floors.values())
    if total > 1:
        yield Problem(
            "floors", f"together they are {total:.6g} of the budget", "Lower them, so that they fit in it."
        )


def _of_policies(given: BudgetProblem, eligible: pd.Series) -> Iterator[Problem]:
    known = sorted(set(given.frame["policy"].dropna()))
    pairs = {"needs": given.needs, "conflicts": given.conflicts, "bonuses": tuple(given.bonuses)}
    named = [(f"opening_idr, {name!r}", name) for name in given.opening_idr]
    named += [
        (f"{rule}, {pair}", name) for rule, of_rule in pairs.items() for pair in of_rule for name in pair
    ]
    for where, name in named:
        if name not in known:
            yield Problem(where, f"the policy {name!r} is unknown", f"Known are: {some(known)}.")
    for rule, of_rule in pairs.items():
        for pair in of_rule:
            if len(set(pair)) < 2:
                yield Problem(f"{rule}, {pair}", "it names one policy twice", "Name two policies.")
    if not is_bool_dtype(eligible):
        return
    allowed = given.frame[eligible.astype(bool)]
    offered = set(zip(allowed["village_code"], allowed["policy"], strict=True))
    for pair in given.musts:
        if tuple(pair) not in offered:
            yield Problem(f"musts, {pair}", "the pair is not among the eligible rows", "Add it or drop it.")
