"""Who gets the policy: a rule that anybody can apply to the same table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from pk_research.errors import BadInput, Problem
from pk_research.policy.effects.rows import Gaps
from pk_research.policy.scenarios.figures import is_amount, is_whole

Rule = Literal["all", "lowest", "highest", "below", "above", "types", "quota", "lottery"]
RULES: tuple[Rule, ...] = get_args(Rule)
BY_INDICATOR: tuple[Rule, ...] = ("lowest", "highest", "below", "above")
COUNTED: tuple[Rule, ...] = ("lowest", "highest", "lottery")
HIGH_FIRST: tuple[Rule, ...] = ("highest", "above")
EVERY_GROUP = "*"


@dataclass(frozen=True, eq=False)
class Target:
    """A rule of who gets the policy, sound: made by `target`.

    Attributes
    ----------
    rule
        ``"all"``; ``"lowest"`` or ``"highest"``: so many by an indicator; ``"below"`` or ``"above"`` a
        threshold (a village at the threshold is not below and not above it); ``"types"``: those with some
        value in a column; ``"quota"``: so many in each group; ``"lottery"``: so many by lot.
    indicator
        Column of numbers that orders or divides; None where none does.
    n, share
        How many villages, or which share of those with a value (rounded down); None where the rule does
        not count.
    threshold
        For ``"below"`` and ``"above"``, in the unit of the indicator.
    column
        For ``"types"`` and ``"quota"``: the column that names the type or the group.
    values
        For ``"types"``: the values that are wanted.
    quotas
        For ``"quota"``: group -> villages; the group ``"*"`` (`EVERY_GROUP`) stands for every one not
        named.
    public_text
        For ``"lottery"``: the text of the public lot, as in `pk_research.policy.design.draw`; empty for
        a lot not drawn yet, which each drawing then draws for itself.
    measurement_sd
        Standard deviation of the error with which the indicator is read when villages are chosen, in its
        unit; what the table holds is taken as true. 0 for none.
    missing
        ``"refuse"`` villages without the indicator, or ``"leave_out"``: they are not eligible, and counted.
    """

    rule: Rule
    indicator: str | None = None
    n: int | None = None
    share: float | None = None
    threshold: float | None = None
    column: str | None = None
    values: tuple[str, ...] = ()
    quotas: Mapping[str, int] = field(default_factory=dict)
    public_text: str = ""
    measurement_sd: float = 0.0
    missing: Gaps = "refuse"


def target(
    rule: Rule,
    *,
    indicator: str | None = None,
    n: int | None = None,
    share: float | None = None,
    threshold: float | None = None,
    column: str | None = None,
    values: tuple[str, ...] = (),
    quotas: Mapping[str, int] | int | None = None,
    public_text: str = "",
    measurement_sd: float = 0.0,
    missing: Gaps = "refuse",
) -> Target:
    """Declare who gets the policy.

    Parameters
    ----------
    rule, indicator, n, share, threshold, column, values, public_text, measurement_sd, missing
        As in `Target`. The counted rules need either ``n`` or ``share``. Where a budget does not reach for
        all, villages are served in the order of the indicator, the lowest first (the highest first for
        ``"highest"`` and ``"above"``), and by lot where there is no indicator.
    quotas
        For ``"quota"``: group -> villages, or one number for every group.

    Raises
    ------
    BadInput
        Naming everything at once that the rule lacks, has too much, or that makes no sense.

    Examples
    --------
    >>> target("lowest", indicator="ike", n=60).n
    60
    """
    named = {EVERY_GROUP: quotas} if isinstance(quotas, int) else dict(quotas or {})
    found = Target(
        rule,
        indicator,
        n,
        share,
        threshold,
        column,
        tuple(values),
        named,
        public_text,
        measurement_sd,
        missing,
    )
    problems = [*_of_rule(found)] if rule in RULES else [_unknown(rule)]
    problems += _of_options(found)
    if problems:
        raise BadInput(problems)
    return found


def _unknown(rule: object) -> Problem:
    return Problem("rule", f"{rule!r} is unknown", f"Choose one of {', '.join(RULES)}.")


def _of_rule(given: Target) -> Iterator[Problem]:
    rule = given.rule
    wanted = {
        "indicator": (given.indicator is not None, rule in BY_INDICATOR),
        "threshold": (given.threshold is not None, rule in {"below", "above"}),
        "column": (given.column is not None, rule in {"types", "quota"}),
        "values": (bool(given.values), rule == "types"),
        "quotas": (bool(given.quotas), rule == "quota"),
    }
    for name, (is_there, is_needed) in wanted.items():
        if is_needed and not is_there:
            yield Problem(f"target {rule!r}", f"it has no {name}", f"Give {name}.")
        if is_there and not is_needed and name != "indicator":
            yield Problem(
                f"target {rule!r}", f"it does not use {name}", "Leave that out, or change the rule."
            )
    n_counts = (given.n is not None) + (given.share is not None)
    if rule in COUNTED and n_counts != 1:
        yield Problem(f"target {rule!r}", "it needs either n or share", "Give one of the two.")
    if rule not in COUNTED and n_counts:
        yield Problem(f"target {rule!r}", "it does not count villages", "Leave n and share out.")
    if rule == "lottery" and given.indicator is not None:
        yield Problem("target 'lottery'", "a lot does not look at an indicator", "Leave the indicator out.")
    if given.public_text and rule != "lottery":
        yield Problem(
            f"target {rule!r}", "it does not use public_text", "Leave that out, or draw by lottery."
        )


def _of_options(given: Target) -> Iterator[Problem]:
    if given.n is not None and not is_whole(given.n):
        yield Problem("n", f"it is {given.n!r}", "Give a whole number of villages, 1 or more.")
    if given.share is not None and not (is_amount(given.share) and 0 < given.share <= 1):
        yield Problem("share", f"it is {given.share!r}", "Give a share above 0, up to 1.")
    if given.threshold is not None and not is_amount(given.threshold, least=-float("inf")):
        yield Problem("threshold", f"it is {given.threshold!r}", "Give a finite number.")
    for name, n in given.quotas.items():
        if not is_whole(n, least=0):
            yield Problem(f"quota of {name!r}", f"it is {n!r}", "Give a whole number, 0 or more.")
    if not is_amount(given.measurement_sd):
        yield Problem("measurement_sd", f"it is {given.measurement_sd!r}", "Give 0 or a positive number.")
    elif given.measurement_sd and given.indicator is None:
        yield Problem("measurement_sd", "there is no indicator to be read with error", "Leave it out.")
    if given.missing not in get_args(Gaps):
        yield Problem("missing", f"it is {given.missing!r}", "Choose 'refuse' or 'leave_out'.")
