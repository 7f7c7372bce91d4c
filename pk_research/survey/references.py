"""Which questions an expression looks at, told without running it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pk_research.survey.definition import Definition
from pk_research.survey.xpath.parser import parse
from pk_research.survey.xpath.problems import ExpressionError
from pk_research.survey.xpath.syntax import (
    Call,
    Expr,
    Filter,
    KindTest,
    Literal,
    NameTest,
    Path,
    Step,
    Union,
    parts,
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A node an expression looks at.

    Attributes
    ----------
    target
        The node.
    turn
        The highest node the way there passes: what stands below it on both sides moves together,
        so that a change within one repeat instance concerns that instance alone. None where the
        way begins at the top.
    """

    target: Definition
    turn: Definition | None


_COUNTING = frozenset({"boolean", "count", "count-non-empty", "not", "position"})

Places = dict[Definition, Definition | None]
"""Nodes reached, each with the turn of the way to it."""


def references(tree: Expr, context: Definition) -> frozenset[Reference]:
    """Return every node an expression at ``context`` looks at."""
    finder = _Finder(context)
    finder.visit(tree, {context: context})
    return frozenset(finder.found)


def texts_taken(tree: Expr, context: Definition) -> frozenset[Definition]:
    """Return the nodes of which an expression at ``context`` may give the text.

    Those it merely counts, or passes on its way, are not among them. Where the question whose choices
    ``jr:choice-name()`` names is itself worked out, it may be any question with choices.
    """
    finder = _Finder(context)
    finder.visit(tree, {context: context})
    return frozenset(finder.taken)


class _Finder:
    def __init__(self, context: Definition) -> None:
        self.context = context
        self.root = context.lineage()[0]
        self.found: set[Reference] = set()
        self.taken: set[Definition] = set()

    def visit(self, tree: Expr, here: Places) -> Places:
        """Note what an expression looks at; return the nodes it gives."""
        match tree:
            case Path():
                return self.path(tree, here)
            case Filter(operand, predicates):
                places = self.visit(operand, here)
                for predicate in predicates:
                    self.visit(predicate, places)
                return places
            case Union(left, right):
                return {**self.visit(left, here), **self.visit(right, here)}
            case Call():
                return self.call(tree, here)
            case _:
                for part in parts(tree):
                    self.visit(part, here)
                return {}

    def call(self, call: Call, here: Places) -> Places:
        given = [
            self.passing(argument, here) if _is_place(call, number) else self.visit(argument, here)
            for number, argument in enumerate(call.arguments)
        ]
        match call.name:
            case "current":
                return {self.context: self.context}
            case "position":
                self.found.update(
                    Reference(target, turn) for places in given for target, turn in places.items()
                )
            case "randomize" | "indexed-repeat":
                return given[0] if given else {}
            case "if":
                return {place: turn for places in given[1:] for place, turn in places.items()}
            case "jr:choice-name" if len(call.arguments) == 2 and isinstance(call.arguments[1], Literal):
                self.choice_path(call.arguments[1].value, here)
            case "jr:choice-name":
                self.taken.update(node for node in self.root.walk() if _has_choices(node))
        return {}

    def passing(self, tree: Expr, here: Places) -> Places:
        """Visit what an expression goes through, or counts, without giving its text."""
        if not isinstance(tree, Path | Filter | Union):
            return self.visit(tree, here)
        before = set(self.taken)
        places = self.visit(tree, here)
        self.taken -= places.keys() - before
        return places

    def choice_path(self, source: str, here: Places) -> None:
        try:
            self.visit(parse(source.strip()), here)
        except ExpressionError:
            return

    def path(self, path: Path, here: Places) -> Places:
        if path.start is not None:
            places = self.passing(path.start, here)
            steps = path.steps
        elif path.absolute:
            places, steps = self.from_top(path.steps)
        else:
            places, steps = here, path.steps
        for step in steps:
            places = _along(step, places)
            for predicate in step.predicates:
                self.visit(predicate, places)
        self.found.update(Reference(target, turn) for target, turn in places.items())
        self.taken.update(places)
        return places

    def from_top(self, steps: tuple[Step, ...]) -> tuple[Places, tuple[Step, ...]]:
        if not steps:
            return {}, ()
        first = steps[0]
        if first.axis.startswith("descendant"):
            return dict.fromkeys(self.root.walk()), steps
        places: Places = {self.root: None} if _fits(first, self.root) else {}
        for predicate in first.predicates:
            self.visit(predicate, places)
        return places, steps[1:]


def _is_place(call: Call, number: int) -> bool:
    """Whether a function asks of an argument only where it is, or how many there are."""
    return call.name in _COUNTING or (call.name == "indexed-repeat" and number % 2 == 1)


def _has_choices(node: Definition) -> bool:
    return node.control is not None and node.control.has_choices


def _along(step: Step, places: Places) -> Places:
    reached: Places = {}
    for place, turn in places.items():
        for target in _candidates(step.axis, place):
            if _fits(step, target):
                reached.setdefault(target, _higher(turn, target))
    return reached


def _higher(turn: Definition | None, target: Definition) -> Definition | None:
    if turn is None:
        return None
    return target if target.depth < turn.depth else turn


def _candidates(axis: str, place: Definition) -> Iterable[Definition]:
    finder = _CANDIDATES.get(axis)
    return _neighbours(place) if finder is None else finder(place)


def _neighbours(place: Definition) -> list[Definition]:
    """Return what siblings, and what stands before or after, may be: all in the same parent."""
    above = [] if place.parent is None else place.parent.children
    return [node for child in above for node in (child, *_below(child))]


def _below(place: Definition) -> list[Definition]:
    return [node for node in place.walk() if node is not place and not node.is_attribute]


_CANDIDATES: dict[str, Callable[[Definition], Iterable[Definition]]] = {
    "self": lambda place: (place,),
    "child": lambda place: place.children,
    "attribute": lambda place: place.attributes,
    "parent": lambda place: () if place.parent is None else (place.parent,),
    "ancestor": lambda place: place.lineage()[:-1],
    "ancestor-or-self": Definition.lineage,
    "descendant": _below,
    "descendant-or-self": lambda place: (place, *_below(place)),
}


def _fits(step: Step, target: Definition) -> bool:
    test = step.test
    if isinstance(test, KindTest):
        return test.kind == "node"
    return _name_fits(test, target)


def _name_fits(test: NameTest, target: Definition) -> bool:
    if test.local == "*":
        return True
    prefix, _, local = target.name.lstrip("@").rpartition(":")
    return local == test.local and (bool(prefix) == bool(test.prefix))


def unknown_paths(tree: Expr, root: Definition) -> Iterator[str]:
    """Yield the absolute paths of an expression that lead to no node of the form."""
    for part in parts(tree):
        yield from unknown_paths(part, root)
    if not isinstance(tree, Path) or not tree.absolute or not tree.steps:
        return
    if not _is_root(tree.steps[0], root):
        return
    places: Places = {root: None}
    shown = f"/{root.name}"
    for step in tree.steps[1:]:
        if not isinstance(step.test, NameTest) or step.axis != "child":
            return
        shown += f"/{step.test.prefix + ':' if step.test.prefix else ''}{step.test.local}"
        places = _along(step, places)
        if not places:
            yield shown
            return


def _is_root(step: Step, root: Definition) -> bool:
    return isinstance(step.test, NameTest) and step.test.local == root.local
