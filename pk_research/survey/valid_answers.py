"""What a constraint says of numbers: their valid range, and the codes beside it that mean no answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pk_research.survey.xpath import Expression
from pk_research.survey.xpath.syntax import (
    Binary,
    Chain,
    Expr,
    KindTest,
    Literal,
    Negation,
    Number,
    Path,
)
from pk_research.survey.xpath.values import number_text

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}


@dataclass(frozen=True, slots=True)
class ValidAnswers:
    """What a constraint allows.

    Attributes
    ----------
    minimum, maximum
        The valid range, inclusive; None when open or when it depends on other answers.
    codes
        Single values allowed beside it, as text: ``-99``.
    """

    minimum: float | None = None
    maximum: float | None = None
    codes: tuple[str, ...] = ()


def valid_answers(constraint: Expression | None, *, is_whole: bool = False) -> ValidAnswers:
    """Read a constraint of the form ``(. >= 0 and . <= 100) or . = -99``.

    Parameters
    ----------
    constraint
        The rule; None where there is none.
    is_whole
        Whether only whole numbers are answers, so that ``. > 0`` means from 1.

    Returns
    -------
    ValidAnswers
        Conditions of any other kind are passed over: they narrow the range, but not by a number.

    Examples
    --------
    >>> valid_answers(Expression("(. >= 0 and . <= 100) or . = -99 or . = -88"))
    ValidAnswers(minimum=0.0, maximum=100.0, codes=('-99', '-88'))
    >>> valid_answers(Expression(". > 0"), is_whole=True).minimum
    1.0
    """
    if constraint is None or constraint.tree is None:
        return ValidAnswers()
    codes: list[str] = []
    ranges: list[ValidAnswers] = []
    for alternative in _operands(constraint.tree, "or"):
        found = _comparison(alternative)
        if found is not None and found[0] == "=":
            codes.append(found[1] if isinstance(found[1], str) else number_text(found[1]))
        else:
            ranges.append(_range(alternative, step=1 if is_whole else 0))
    if len(ranges) != 1:  # several ranges: none of them is the range
        return ValidAnswers(codes=tuple(codes))
    return ValidAnswers(ranges[0].minimum, ranges[0].maximum, tuple(codes))


def _range(conditions: Expr, *, step: float) -> ValidAnswers:
    lower: list[float] = []
    upper: list[float] = []
    for condition in _operands(conditions, "and"):
        operator, value = _comparison(condition) or ("", 0.0)
        if isinstance(value, str):
            continue
        if operator in (">", ">="):
            lower.append(value + (step if operator == ">" else 0))
        elif operator in ("<", "<="):
            upper.append(value - (step if operator == "<" else 0))
    return ValidAnswers(max(lower, default=None), min(upper, default=None))


def _operands(tree: Expr, operator: str) -> Iterator[Expr]:
    """Yield what is joined by ``operator``; the expression itself where nothing is."""
    match tree:
        case Binary(found, left, right) if found == operator:
            yield left
            yield right
        case Chain(first, rest) if all(found == operator for found, _ in rest):
            yield first
            yield from (operand for _, operand in rest)
        case _:
            yield tree


def _comparison(tree: Expr) -> tuple[str, float | str] | None:
    """Return how the answer itself is compared with a value written in the form."""
    if not isinstance(tree, Binary) or tree.operator not in _MIRRORED:
        return None
    if _is_answer(tree.left):
        value = _constant(tree.right)
        return None if value is None else (tree.operator, value)
    if _is_answer(tree.right):
        value = _constant(tree.left)
        return None if value is None else (_MIRRORED[tree.operator], value)
    return None


def _is_answer(tree: Expr) -> bool:
    if not isinstance(tree, Path) or tree.absolute or tree.start is not None or len(tree.steps) != 1:
        return False
    step = tree.steps[0]
    return step.axis == "self" and isinstance(step.test, KindTest) and not step.predicates


def _constant(tree: Expr) -> float | str | None:
    match tree:
        case Number(value) | Literal(value):
            return value
        case Negation(Number(value)):
            return -value
    return None
