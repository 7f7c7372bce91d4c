"""How often each village would keep its product if the values were as uncertain as they are."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pk_research.compute.chance import derived_rng
from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message, number_text, translate
from pk_research.products.assignment.assign import Assignment, chosen_products
from pk_research.products.assignment.model import Model, build
from pk_research.products.assignment.solver import option_faults, relax, solve
from pk_research.products.naming import column_of
from pk_research.writing import MADE, marked

FIRM = 0.8


@dataclass(frozen=True, eq=False)
class Robustness:
    """The plan made again with values drawn around those given.

    Attributes
    ----------
    assignment
        The plan with the values given.
    villages
        One row a village: ``village_code``, ``product``, ``probability`` that the best plan of a draw
        gives it this product, the 95 % Wilson interval ``low`` and ``high`` of that for the number of
        draws, ``other`` (its most frequent other product; missing where there was none) and
        ``other_probability``.
    regret_share
        Of each draw: by what share of its own best plan the plan given falls short in it.
    n_draws, seed, gap
        Of the draws, and how far each plan of a draw may be from the best.
    """

    assignment: Assignment
    villages: pd.DataFrame
    regret_share: np.ndarray
    n_draws: int
    seed: int
    gap: float

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a village, headings and names in a language."""
        shown, names = self.villages, self.assignment.problem.names
        columns = {
            translate("Village code", language): shown["village_code"],
            translate("Village", language): column_of(shown["village_code"], names, language),
            translate("Product", language): column_of(shown["product"], names, language),
            translate("Probability of keeping it", language): shown["probability"].round(3),
            translate("From (95%)", language): shown["low"].round(3),
            translate("To (95%)", language): shown["high"].round(3),
            translate("Most frequent other product", language): column_of(shown["other"], names, language),
            translate("Its probability", language): shown["other_probability"].round(3),
        }
        return marked(pd.DataFrame(columns), language, made=self.assignment.problem.made)

    def in_words(self, language: Language) -> str:
        """Tell how many villages keep their product in most draws, and what the plan risks."""
        parts = [Message("{note}.", {"note": Message(MADE)})] if self.assignment.problem.made else []
        values = {
            "n": int((self.villages["probability"] >= FIRM).sum()), "total": len(self.villages),
            "draws": self.n_draws, "share": number_text(100 * FIRM, language, 0),
            "mean": number_text(100 * float(self.regret_share.mean()), language, 2),
            "high": number_text(100 * float(np.quantile(self.regret_share, 0.95)), language, 2),
        }  # fmt: skip
        parts.append(
            Message(
                "Villages that keep their product in at least {share}% of {draws} draws of the "
                "values: {n} of {total}.",
                values,
            )
        )
        parts.append(
            Message(
                "Against the best plan of each draw this plan loses {mean}% on average, and no more than "
                "{high}% in 95% of the draws.",
                values,
            )
        )
        return " ".join(part.text(language) for part in parts)


def robustness(
    assignment: Assignment,
    *,
    n_draws: int = 100,
    seed: int = 0,
    gap: float = 1e-4,
    n_jobs: int | None = None,
) -> Robustness:
    """Draw the values anew from normal distributions with their standard errors, and plan again.

    Parameters
    ----------
    assignment
        From `assign`; its problem must have standard errors.
    n_draws
        30 or more.
    seed
        Of all chance; each draw has its own derived from it.
    gap
        How far the plan of a draw may be from the best; no time limit, so that runs agree.
    n_jobs
        Workers, as in joblib; any number gives the same bytes.

    Returns
    -------
    Robustness
        Errors of different pairs are drawn independently; where they go together (the price of a
        product falls for all villages at once) the plan is less sure than this says.

    Raises
    ------
    BadInput
        When there are no standard errors, too few draws, or the gap makes no sense.

    Examples
    --------
    >>> from pk_research.products.assignment import assign, assignment_problem
    >>> values = pd.DataFrame({"village_code": ["3216012001"] * 2, "product": ["kecap", "telur_asin"],
    ...                        "value_idr_year": [9e6, 5e6], "se_idr_year": [1e5, 1e5]})
    >>> robustness(assign(assignment_problem(values)), n_draws=30).villages["probability"].tolist()
    [1.0]
    """
    from joblib import Parallel, delayed

    problem = assignment.problem
    problems = option_faults(gap, np.inf)
    if problem.se_idr_year is None:
        problems.append(
            Problem("values", "there is no column se_idr_year", "Give the standard error of each value.")
        )
    if not float(n_draws).is_integer():
        problems.append(Problem("n_draws", f"{n_draws} is not a whole number", "Give 30 or more."))
    elif n_draws < 30:
        problems.append(Problem("n_draws", f"{n_draws} draws say too little", "Give 30 or more."))
    if problems or problem.se_idr_year is None:
        raise BadInput(problems)
    model = build(problem)
    errors = problem.se_idr_year[model.village, model.product]
    draws = Parallel(n_jobs=n_jobs)(
        delayed(_planned)(model, assignment, errors, derived_rng(seed, draw), gap=gap)
        for draw in range(int(n_draws))
    )
    plans = np.array([plan for plan, _ in draws])
    return Robustness(
        assignment=assignment,
        villages=_kept(assignment, plans),
        regret_share=np.array([regret for _, regret in draws]),
        n_draws=n_draws,
        seed=seed,
        gap=gap,
    )


def _planned(
    model: Model, assignment: Assignment, errors: np.ndarray, rng: np.random.Generator, *, gap: float
) -> tuple[np.ndarray, float]:
    """Return the best plan of a draw, and the share by which the plan given falls short of it."""
    shift = np.zeros(len(model.gain))
    shift[: model.n_pairs] = errors * rng.standard_normal(len(errors))
    drawn = replace(model, gain=model.gain + shift)
    found = solve(drawn, gap=gap, relaxation=relax(drawn))
    if found.x is None:
        raise RuntimeError(found.status)
    ours = assignment.chosen[model.village] == model.product
    value = float(drawn.gain @ found.x)
    given = assignment.value_idr_year + float(shift[: model.n_pairs][ours].sum())
    return chosen_products(model, found.x, len(assignment.chosen)), max(0.0, value - given) / max(
        abs(value), 1.0
    )


def _kept(assignment: Assignment, plans: np.ndarray) -> pd.DataFrame:
    problem, n = assignment.problem, len(plans)
    counts = np.array([(plans == p).sum(axis=0) for p in range(-1, len(problem.products))]).T
    rows = np.arange(len(assignment.chosen))
    kept = counts[rows, assignment.chosen + 1]
    counts[rows, assignment.chosen + 1] = 0
    other = counts.argmax(axis=1)
    frequent = counts[rows, other]
    names = np.array([None, *problem.products], dtype=object)
    low, high = _wilson(kept, n)
    return pd.DataFrame(
        {
            "village_code": list(problem.villages),
            "product": assignment.villages["product"],
            "probability": kept / n,
            "low": low,
            "high": high,
            "other": pd.array(np.where(frequent > 0, names[other], None), dtype="str"),
            "other_probability": frequent / n,
        }
    )


def _wilson(successes: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % interval of a proportion (Wilson 1927)."""
    z = 1.959964
    share = successes / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return middle - half, middle + half
