"""Skip logic the browser can work out by itself, so that nobody waits for the network to see a question.

It is a forecast: the server works everything out, and its patch is what counts. Here a rule of plain
comparisons becomes nested lists, and `static/foresight.js` reads them.
"""

from __future__ import annotations

from pk_research.survey.paths import path_of_node
from pk_research.survey.state import State
from pk_research.survey.xpath import EvaluationError, Expression, World
from pk_research.survey.xpath.syntax import Binary, Call, Chain, Expr, Literal, Number, Path

Foreseen = list["str | float | Foreseen"]

_ORDERED = ("<", "<=", ">", ">=")
_COMPARISONS = ("=", "!=", *_ORDERED)


def foreseen(state: State, world: World) -> Foreseen | None:
    """Return the rule that decides whether a node applies; None where the browser cannot follow it.

    Parameters
    ----------
    state
        The node.
    world
        The surroundings of its expressions.

    Returns
    -------
    list or None
        ``["and" | "or", rule, ...]``, ``["not", rule]``, or a comparison ``[operator, path, value]``
        of one answer with a text or a number, ``selected`` among the operators.
    """
    rule = state.definition.rule("relevant")
    return None if rule is None else _rule(rule.tree, state, world)


def _rule(tree: Expr, state: State, world: World) -> Foreseen | None:
    match tree:
        case Binary("and" | "or" as operator, left, right):
            return _joined(operator, (left, right), state, world)
        case Chain(first, rest) if {operator for operator, _ in rest} in ({"and"}, {"or"}):
            return _joined(rest[0][0], (first, *(operand for _, operand in rest)), state, world)
        case Binary(operator, Path() as path, Literal() | Number() as given) if operator in _COMPARISONS:
            return _comparison(operator, path, given, state, world)
        case Call("selected", (Path() as path, Literal() as given)):
            return _comparison("selected", path, given, state, world)
        case Call("not", (inner,)):
            return _joined("not", (inner,), state, world)
        case _:
            return None


def _joined(operator: str, parts: tuple[Expr, ...], state: State, world: World) -> Foreseen | None:
    rules = [_rule(part, state, world) for part in parts]
    return None if None in rules else [operator, *(rule for rule in rules if rule is not None)]


def _comparison(
    operator: str, path: Path, given: Literal | Number, state: State, world: World
) -> Foreseen | None:
    answer = _answer_at(path, state, world)
    is_text_ordered = operator in _ORDERED and isinstance(given, Literal)
    return None if answer is None or is_text_ordered else [operator, answer, given.value]


def _answer_at(path: Path, state: State, world: World) -> str | None:
    """Return the path of the one question a path leads to whatever is answered; None for all else."""
    is_plain = all(not step.predicates and step.axis in ("child", "parent", "self") for step in path.steps)
    if not is_plain or path.start not in (None, Call("current", ())):
        return None
    try:
        nodes = Expression.of(path).nodes(state.node, world)
    except EvaluationError:
        return None
    found = nodes[0].state if len(nodes) == 1 and hasattr(nodes[0], "state") else None
    return path_of_node(nodes[0]) if isinstance(found, State) and _is_typed(found) else None


def _is_typed(state: State) -> bool:
    """Whether people give the value, on the screen, rather than the form."""
    definition = state.definition
    control = definition.control
    is_seen = control is not None and "hidden" not in control.appearance
    return definition.is_leaf and is_seen and definition.rule("value") is None
