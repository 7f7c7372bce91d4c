"""The list of functions an expression may call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pk_research.survey.tree import Node
from pk_research.survey.xpath.problems import EvaluationError
from pk_research.survey.xpath.values import Value
from pk_research.survey.xpath.world import Focus

MANY = 10_000
Run = Callable[[Focus], Value]


@dataclass(frozen=True, slots=True)
class Function:
    """A function: how many arguments it takes and what it does.

    Attributes
    ----------
    name
        As written in an expression.
    fewest, most
        How many arguments it takes.
    body
        Given the focus and the arguments: their values, or (``lazy``) what evaluates them.
    lazy
        Whether the function decides which of its arguments to evaluate.
    uses_focus
        Whether the result depends on the context node even with every argument given.
    """

    name: str
    fewest: int
    most: int
    body: Callable[..., Value]
    lazy: bool = False
    uses_focus: bool = False


FUNCTIONS: dict[str, Function] = {}


def function(
    name: str, fewest: int, most: int | None = None, *, lazy: bool = False, uses_focus: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function in the list."""

    def enter(body: Callable[..., Any]) -> Callable[..., Any]:
        FUNCTIONS[name] = Function(name, fewest, fewest if most is None else most, body, lazy, uses_focus)
        return body

    return enter


def nodes_of(value: Value, what: str) -> list[Node]:
    """Return a list of nodes, or say that one was expected.

    Raises
    ------
    EvaluationError
        When the value is not a list of nodes.
    """
    if not isinstance(value, list):
        raise EvaluationError(f"{what}() works on nodes; give it a path, not a text or a number")
    return value


def context_of(focus: Focus, what: str) -> Node:
    """Return the context node, or say that there is none.

    Raises
    ------
    EvaluationError
        When the expression stands nowhere.
    """
    if focus.node is None:
        raise EvaluationError(f"{what}() without arguments needs a question to stand at")
    return focus.node
