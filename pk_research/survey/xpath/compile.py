"""Turning an expression into a Python function, once, so that running it is cheap."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import tzinfo
from functools import lru_cache

from pk_research.survey.tree import XHTML, Element, Node, Parent, in_document_order
from pk_research.survey.xpath.axes import FLAT, REVERSE, along, matcher
from pk_research.survey.xpath.functions import FUNCTIONS, Run
from pk_research.survey.xpath.functions.numbers import divided, remainder
from pk_research.survey.xpath.parser import parse
from pk_research.survey.xpath.problems import EvaluationError
from pk_research.survey.xpath.shortcuts import find_key, lookup
from pk_research.survey.xpath.syntax import (
    Binary,
    Call,
    Chain,
    Expr,
    Filter,
    KindTest,
    Literal,
    NameTest,
    Negation,
    Number,
    Path,
    Step,
    Union,
)
from pk_research.survey.xpath.values import (
    Value,
    are_different,
    are_equal,
    is_ordered,
    number_of,
    text_of,
    truth_of,
)
from pk_research.survey.xpath.world import Focus, World

Nodes = list[Node]
Walk = Callable[[Nodes, Focus], Nodes]


class Expression:
    """An expression ready to run.

    Parameters
    ----------
    source
        The XPath text.

    Raises
    ------
    ExpressionError
        When the text is not an expression.

    Examples
    --------
    >>> Expression("concat('Desa ', 1 + 1)").text(None, World())
    'Desa 2'
    """

    __slots__ = ("run", "source", "tree")

    def __init__(self, source: str) -> None:
        self.source = source
        self.tree = parse(source.strip())
        self.run = compiled(self.tree)

    @classmethod
    def of(cls, tree: Expr) -> Expression:
        """Return the expression of an already parsed part of another."""
        found = cls.__new__(cls)
        found.source, found.tree, found.run = "", tree, _compiled_part(tree)
        return found

    def value(self, node: Node | None, world: World) -> Value:
        """Evaluate at a node."""
        return self.run(Focus(node, world, node))

    def text(self, node: Node | None, world: World) -> str:
        """Evaluate at a node, as text."""
        return text_of(self.run(Focus(node, world, node)))

    def truth(self, node: Node | None, world: World) -> bool:
        """Evaluate at a node, as a truth."""
        return truth_of(self.run(Focus(node, world, node)))

    def number(self, node: Node | None, world: World) -> float:
        """Evaluate at a node, as a number."""
        return number_of(self.run(Focus(node, world, node)), world.zone)

    def nodes(self, node: Node | None, world: World) -> Nodes:
        """Evaluate at a node, as a list of nodes; any other value gives none."""
        value = self.run(Focus(node, world, node))
        return value if isinstance(value, list) else []


@lru_cache(maxsize=4096)
def expression(source: str) -> Expression:
    """Return the expression of a text, from a cache."""
    return Expression(source)


@lru_cache(maxsize=4096)
def _compiled_part(tree: Expr) -> Run:
    return compiled(tree)


def compiled(tree: Expr) -> Run:
    """Return the function that evaluates a parsed expression."""
    match tree:
        case Number(value) | Literal(value):
            run: Run = _constant(value)
        case Negation(operand):
            run = _negated(compiled(operand))
        case Binary(sign, left, right):
            run = _binary(sign, compiled(left), compiled(right))
        case Chain(first, rest):
            run = _chain(compiled(first), [(sign, compiled(operand)) for sign, operand in rest])
        case Call(name, arguments):
            run = _call(name, arguments)
        case Union(left, right):
            run = _union(compiled(left), compiled(right))
        case Filter(operand, predicates):
            run = _filter(compiled(operand), predicates)
        case Path():
            run = _path(tree)
    return run


def _constant(value: Value) -> Run:
    return lambda _focus: value


def _negated(operand: Run) -> Run:
    return lambda focus: -number_of(operand(focus), focus.world.zone)


def _binary(sign: str, left: Run, right: Run) -> Run:
    if sign == "or":
        return lambda focus: truth_of(left(focus)) or truth_of(right(focus))
    if sign == "and":
        return lambda focus: truth_of(left(focus)) and truth_of(right(focus))
    rule = _RULES[sign]
    return lambda focus: rule(left(focus), right(focus), focus.world.zone)


def _chain(first: Run, rest: list[tuple[str, Run]]) -> Run:
    if rest[0][0] in ("or", "and"):
        operands = [first, *(operand for _, operand in rest)]
        test = any if rest[0][0] == "or" else all
        return lambda focus: test(truth_of(operand(focus)) for operand in operands)
    steps = [(_RULES[sign], operand) for sign, operand in rest]

    def run(focus: Focus) -> Value:
        zone = focus.world.zone
        value = first(focus)
        for rule, operand in steps:
            value = rule(value, operand(focus), zone)
        return value

    return run


Rule = Callable[[Value, Value, tzinfo], Value]


def _ordering(order: Callable[[float, float], bool]) -> Rule:
    return lambda left, right, zone: is_ordered(left, right, zone, order)


def _arithmetic(rule: Callable[[float, float], float]) -> Rule:
    return lambda left, right, zone: rule(float(number_of(left, zone)), float(number_of(right, zone)))


_RULES: dict[str, Rule] = {
    "=": are_equal,
    "!=": are_different,
    "<": _ordering(operator.lt),
    "<=": _ordering(operator.le),
    ">": _ordering(operator.gt),
    ">=": _ordering(operator.ge),
    "+": _arithmetic(operator.add),
    "-": _arithmetic(operator.sub),
    "*": _arithmetic(operator.mul),
    "div": _arithmetic(divided),
    "mod": _arithmetic(remainder),
}


def _call(name: str, arguments: tuple[Expr, ...]) -> Run:
    function = FUNCTIONS.get(name)
    if function is None:
        return _failing(f"there is no function {name}()")
    if not function.fewest <= len(arguments) <= function.most:
        return _failing(f"{name}() does not take {len(arguments)} arguments")
    body = function.body
    runs = [compiled(argument) for argument in arguments]
    if function.lazy:
        return lambda focus: body(focus, *runs)
    if len(runs) == 1:
        (only,) = runs
        return lambda focus: body(focus, only(focus))
    return lambda focus: body(focus, *[run(focus) for run in runs])


def _failing(what: str) -> Run:
    """Fail only when reached: what a false condition guards is never run."""

    def fail(_focus: Focus) -> Value:
        raise EvaluationError(what)

    return fail


def _union(left: Run, right: Run) -> Run:
    return lambda focus: in_document_order([*_nodes(left(focus), "|"), *_nodes(right(focus), "|")])


def _filter(operand: Run, predicates: tuple[Expr, ...]) -> Run:
    runs = [compiled(predicate) for predicate in predicates]
    return lambda focus: _kept(_nodes(operand(focus), "["), runs, focus)


def _nodes(value: Value, sign: str) -> Nodes:
    if not isinstance(value, list):
        raise EvaluationError(f"{sign!r} works on nodes; there is a text, number or truth before it")
    return value


def _kept(nodes: Nodes, predicates: list[Run], focus: Focus) -> Nodes:
    for predicate in predicates:
        size = len(nodes)
        kept: Nodes = []
        for position, node in enumerate(nodes, start=1):
            value = predicate(Focus(node, focus.world, focus.current, position=position, size=size))
            wanted = value == position if isinstance(value, float) else truth_of(value)
            if wanted:
                kept.append(node)
        nodes = kept
    return nodes


def _path(path: Path) -> Run:
    walks = _walks(_without_detours(path.steps))
    start = None if path.start is None else compiled(path.start)

    def run(focus: Focus) -> Value:
        nodes: Nodes
        if start is not None:
            nodes = _nodes(start(focus), "/")
        elif path.absolute:
            nodes = [_required(focus.world.root)]
        else:
            nodes = [_required(focus.node)]
        for walk in walks:
            if not nodes:
                break
            nodes = walk(nodes, focus)
        return nodes

    return run


def _required(node: Node | None) -> Node:
    if node is None:
        raise EvaluationError("a path needs a form to look in")
    return node


def _without_detours(steps: tuple[Step, ...]) -> list[Step]:
    """Join ``//`` with the step after it, where that changes nothing but the time it takes."""
    joined: list[Step] = []
    for step in steps:
        before = joined[-1] if joined else None
        is_detour = before == Step("descendant-or-self", KindTest("node"))
        if is_detour and step.axis == "child" and not step.predicates:
            joined[-1] = Step("descendant", step.test)
        else:
            joined.append(step)
    return joined


def _walks(steps: list[Step]) -> list[Walk]:
    walks: list[Walk] = []
    may_nest = False
    for step in steps:
        walk = _plain_child(step) or _walk(step)
        walks.append(_ordered(walk) if may_nest or step.axis not in FLAT else walk)
        may_nest = may_nest or step.axis not in (*FLAT, "parent")
    return walks


def _ordered(walk: Walk) -> Walk:
    def run(nodes: Nodes, focus: Focus) -> Nodes:
        found = walk(nodes, focus)
        return in_document_order(found) if len(nodes) > 1 else found

    return run


def _plain_child(step: Step) -> Walk | None:
    """Return the quick way for the commonest step: a child by its plain name."""
    test = step.test
    if step.axis != "child" or not isinstance(test, NameTest) or test.prefix or test.local == "*":
        return None
    local = test.local
    key = find_key(step)
    key_run = None if key is None else compiled(key.value)
    runs = [compiled(predicate) for predicate in step.predicates]

    def run(nodes: Nodes, focus: Focus) -> Nodes:
        found: Nodes = []
        for node in nodes:
            if not isinstance(node, Parent):
                continue
            rest = runs
            children: Nodes | None = None
            if (
                key is not None
                and key_run is not None
                and isinstance(node, Element)
                and node.keyed is not None
            ):
                children = lookup(node, local, key, key_run(focus))
                rest = key.rest_of(runs)
            if children is None:
                rest = runs
                children = [child for child in node.named(local) if not child.prefix and child.uri != XHTML]
            found.extend(_kept(children, rest, focus) if rest else children)
        return found

    return run


def _walk(step: Step) -> Walk:
    matches = matcher(step.test, step.axis)
    runs = [compiled(predicate) for predicate in step.predicates]
    axis, is_reverse = step.axis, step.axis in REVERSE

    def run(nodes: Nodes, focus: Focus) -> Nodes:
        found: Nodes = []
        for node in nodes:
            near = [candidate for candidate in along(axis, node) if matches(candidate, focus.world)]
            kept = _kept(near, runs, focus) if runs else near
            found.extend(reversed(kept) if is_reverse else kept)
        return found

    return run
