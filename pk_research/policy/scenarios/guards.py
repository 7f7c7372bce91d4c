"""What must be known before a scenario is believed, each a sentence with its remedy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.policy.scenarios.drawing import Question
from pk_research.policy.scenarios.lots import Block
from pk_research.policy.scenarios.serving import Served, full_cost, is_drawn_anew, served
from pk_research.products.words import some

FEWEST_DRAWS, MOST_CELLS = 100, 200_000_000
BEYOND_ALL = 1e-12


def option_faults(n_draws: int, seed: int, level: float, rate: float) -> Iterator[Problem]:
    """Say what is wrong with the options of a simulation."""
    if n_draws < FEWEST_DRAWS or seed < 0:
        what = f"they are {n_draws} and {seed}"
        yield Problem("n_draws and seed", what, "Give 100 or more, and 0 or more.")
    if not 0 < level < 1:
        yield Problem("level", f"it is {level!r}", "Give a share between 0 and 1, such as 0.9.")
    if not (np.isfinite(rate) and rate > -1):
        yield Problem("rate", f"it is {rate!r}", "Give a share above -1, such as 0.08.")


def require_somebody(question: Question, n_draws: int, seed: int) -> Served:
    """Return who is served when the table is read as it is; refuse a rule that serves nobody.

    Raises
    ------
    BadInput
        When the rule means nobody, the budget reaches nobody, or there are too many figures to draw.
    """
    rows, policy = question.rows, question.policy
    if len(rows) * n_draws > MOST_CELLS:
        what = f"{len(rows)} villages in {n_draws} drawings are too many figures to hold"
        raise BadInput(Problem("n_draws", what, "Draw less often."))
    found = served(rows, policy, Block(0, 1, seed), is_read_with_error=False)
    if not found.by_rule.any():
        raise BadInput(
            Problem(
                "target",
                f"the rule {policy.target.rule!r} means none of the {len(rows)} villages"
                f" ({int(rows.is_eligible.sum())} are eligible)",
                "Change the rule, or the threshold.",
            )
        )
    least = float(full_cost(rows, policy)[found.by_rule[0]].min())
    may_serve = is_drawn_anew(policy.target) and least <= (policy.budget_idr or np.inf)
    if not found.within_budget.any() and not may_serve:
        raise BadInput(
            Problem(
                "budget_idr",
                f"IDR {policy.budget_idr:,.0f} does not pay for the first village in line (the cheapest"
                " that is"
                f" meant costs IDR {least:,.0f} where all its units take it up)",
                "Raise the budget or lower the amount.",
            )
        )
    return found


def warnings_of(
    question: Question, found: Served, probability: np.ndarray, cut: float
) -> tuple[Message, ...]:
    """Return every warning.

    Parameters
    ----------
    question
        What was asked.
    found
        Who is served when the table is read as it is.
    probability
        Of each village, to be served.
    cut
        Villages that the rule means and the budget does not reach, on average.
    """
    return (
        *_of_effect(question),
        *_of_take_up(question),
        *_of_baseline(question, probability > 0),
        *_of_study(question, probability > 0),
        *_of_amount(question),
        *_of_target(question, found),
        *_of_budget(question, cut),
        *_of_prices(question),
    )


def _of_effect(question: Question) -> Iterator[Message]:
    for name, figure in question.policy.impact.by_group.items():
        if figure.low <= 0 <= figure.high and figure.shape != "fixed":
            values = {"low": round(figure.low, 3), "high": round(figure.high, 3), "group": name}
            yield (
                Message(
                    "The effect in group “{group}” may be none at all: its interval ({low} to {high}) holds"
                    " zero. A mean gain is still shown; look at how often there is none.",
                    values,
                )
                if name
                else Message(
                    "The effect may be none at all: its interval ({low} to {high}) holds zero. A mean gain"
                    " is still shown; look at how often there is none.",
                    values,
                )
            )


def _of_take_up(question: Question) -> Iterator[Message]:
    if all(rate.shape == "fixed" and rate.mean == 1 for rate in question.policy.take_up.values()):
        yield Message(
            "Everybody who is served is taken to take it up. Give a take-up where that is not sure."
        )


def _of_baseline(question: Question, is_meant: np.ndarray) -> Iterator[Message]:
    n = int((is_meant & (question.rows.before == 0)).sum())
    if n and question.policy.impact.scale != "absolute":
        yield Message(
            "{n} villages that may be served start from zero, of which an effect in per cent makes nothing:"
            " what they would gain is not known.",
            {"n": n},
        )


def _of_study(question: Question, is_meant: np.ndarray) -> Iterator[Message]:
    rows, study = question.rows, question.policy.impact.study
    if study is None:
        yield Message(
            "Nobody said where the effect was found out, so whether it holds in these villages is not"
            " known. Name the study."
        )
        return
    codes = np.array(rows.codes)
    strange = is_meant & ~np.isin(codes, list(study.village_codes))
    if strange.any():
        yield Message(
            "The effect was found out in {place}; {n} of the {all} villages that may be served were not"
            " looked at there. That it holds in them is assumed.",
            {"place": study.place, "n": int(strange.sum()), "all": int(is_meant.sum())},
        )
    for name, (low, high) in study.ranges.items():
        values = rows.columns[name]
        beyond = is_meant & ((values < low) | (values > high))
        if beyond.any():
            yield Message(
                "{n} of the {all} villages that may be served lie outside the villages of the study in"
                " “{name}” ({low} to {high}): there the effect is extrapolated.",
                {
                    "n": int(beyond.sum()), "all": int(is_meant.sum()), "name": name,
                    "low": round(low, 3), "high": round(high, 3),
                },
            )  # fmt: skip
        unknown = is_meant & np.isnan(values)
        if unknown.any():
            yield Message(
                "{n} villages that may be served have no value of “{name}”: whether they lie among the"
                " villages of the study is not known.",
                {"n": int(unknown.sum()), "name": name},
            )


def _of_amount(question: Question) -> Iterator[Message]:
    policy = question.policy
    studied = policy.impact.studied_amount_idr
    if studied is not None and abs(policy.amount_idr - studied) > BEYOND_ALL * studied:
        yield Message(
            "In the study a unit got IDR {studied}, here it gets IDR {amount}: that the effect then is"
            " {percent}% as large is assumed, not observed.",
            {
                "studied": round(studied),
                "amount": round(policy.amount_idr),
                "percent": round(100 * (policy.amount_idr / studied) ** policy.impact.dose.mean, 1),
            },
        )


def _of_target(question: Question, found: Served) -> Iterator[Message]:
    rows, target = question.rows, question.policy.target
    n_eligible = int(rows.is_eligible.sum())
    if target.n is not None and target.n > n_eligible:
        yield Message(
            "The rule asks for {n} villages; only {all} are eligible, and all of them are meant.",
            {"n": target.n, "all": n_eligible},
        )
    if target.rule in {"lowest", "highest"}:
        meant = found.by_rule[0]
        values = rows.indicator[meant]
        last = values.max() if target.rule == "lowest" else values.min()
        tied = rows.is_eligible & (rows.indicator == last)
        if (tied & ~meant).any():
            yield Message(
                "{n} villages stand at the last place with the same value, and not all of them are served:"
                " the lower code goes first. Say a fairer rule, such as a lot among them.",
                {"n": int(tied.sum())},
            )
    if target.rule == "quota":
        short = [
            name
            for name, n in target.quotas.items()
            if int((rows.is_eligible & (rows.target_group == name)).sum()) < n
        ]
        named = [name for name in short if name in set(rows.target_group)]
        if named:
            yield Message(
                "These have fewer eligible villages than their quota: {names}.",
                {"names": some(sorted(named))},
            )


def _of_budget(question: Question, cut: float) -> Iterator[Message]:
    if cut <= 0:
        return
    by_lot = is_drawn_anew(question.policy.target)
    values = {"n": round(cut, 1), "budget": round(question.policy.budget_idr or 0)}
    yield (
        Message(
            "The budget of IDR {budget} does not reach for all who are meant: {n} villages go without, by"
            " lot.",
            values,
        )
        if by_lot
        else Message(
            "The budget of IDR {budget} does not reach for all who are meant: {n} villages go without, the"
            " last in line.",
            values,
        )
    )


def _of_prices(question: Question) -> Iterator[Message]:
    rows, prices = question.rows, question.policy.prices
    if prices is None:
        yield Message(
            "Prices are taken not to answer. Where many villages sell the same, more supply lowers its"
            " price, and the gain is smaller."
        )
        return
    if prices.elasticity.mean > -1:
        yield Message(
            "With an elasticity of {elasticity} demand hardly answers to the price: all villages together"
            " earn less the more they sell.",
            {"elasticity": prices.elasticity.mean},
        )
    empty = sorted(name for name in set(rows.market) if not rows.before[rows.market == name].any())
    if empty:
        yield Message(
            "Nothing was sold before in these markets, so their price is left as it is: {names}.",
            {"names": some(empty)},
        )
