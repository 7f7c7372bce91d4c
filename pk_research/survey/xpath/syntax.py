"""The shapes an expression can take, once parsed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf

Operator = OneOf["or", "and", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number written in the expression."""

    value: float


@dataclass(frozen=True, slots=True)
class Literal:
    """A text written in the expression."""

    value: str


@dataclass(frozen=True, slots=True)
class Negation:
    """A minus sign before an operand."""

    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and what stands between them."""

    operator: Operator
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Chain:
    """Three or more operands of equal rank, worked from left to right.

    A form may well add up or ``or`` together hundreds of answers, which as nested pairs would
    nest as deep.
    """

    first: Expr
    rest: tuple[tuple[Operator, Expr], ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments."""

    name: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class NameTest:
    """A step's name; ``*`` stands for any."""

    prefix: str
    local: str


@dataclass(frozen=True, slots=True)
class KindTest:
    """A step's kind of node: ``node()``, ``text()``, ``comment()``, ``processing-instruction()``."""

    kind: str
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: where to look, what for, and which of those to keep."""

    axis: str
    test: NameTest | KindTest
    predicates: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """Steps from the root, from the context node, or from what ``start`` evaluates to."""

    steps: tuple[Step, ...]
    absolute: bool = False
    start: Expr | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """An expression's nodes, filtered by predicates."""

    operand: Expr
    predicates: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Union:
    """The nodes of both operands."""

    left: Expr
    right: Expr


Expr = Number | Literal | Negation | Binary | Chain | Call | Path | Filter | Union


def parts(expression: Expr) -> tuple[Expr, ...]:
    """Return the expressions directly inside one, predicates included."""
    inside: tuple[Expr, ...] = ()
    match expression:
        case Negation(operand):
            inside = (operand,)
        case Binary(_, left, right) | Union(left, right):
            inside = (left, right)
        case Chain(first, rest):
            inside = (first, *(operand for _, operand in rest))
        case Call(_, arguments):
            inside = arguments
        case Filter(operand, predicates):
            inside = (operand, *predicates)
        case Path(steps, _, start):
            predicates = tuple(predicate for step in steps for predicate in step.predicates)
            inside = predicates if start is None else (start, *predicates)
    return inside
