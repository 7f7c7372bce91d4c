"""Looking a choice up instead of searching for it.

``instance('villages')/list/item[kecamatan = /data/kecamatan]`` would compare every item of the
list at every keystroke. Where the list never changes and the other side does not depend on the
item, an index from text to items answers at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from pk_research.survey.tree import Element, Node
from pk_research.survey.xpath.functions import FUNCTIONS, Run
from pk_research.survey.xpath.syntax import Binary, Call, Chain, Expr, NameTest, Path, Step, parts
from pk_research.survey.xpath.values import Value, truth_of


@dataclass(frozen=True, slots=True)
class Key:
    """A predicate that compares a child of the item with something that is the same for all items.

    Attributes
    ----------
    child
        Name of the item's child.
    value
        What it is compared with.
    leftover
        What else the same predicate asks, to be checked on the items found.
    """

    child: str
    value: Expr
    leftover: Run | None

    def rest_of(self, predicates: list[Run]) -> list[Run]:
        """Return the predicates still to be checked once the index has been used."""
        return predicates[1:] if self.leftover is None else [self.leftover, *predicates[1:]]


def find_key(step: Step) -> Key | None:
    """Return the part of a step's first predicate that an index can answer, if any."""
    if not step.predicates:
        return None
    first, others = _conjuncts(step.predicates[0])
    if not isinstance(first, Binary) or first.operator != "=":
        return None
    key = _key(first)
    if key is None or not others:
        return key
    from pk_research.survey.xpath.compile import compiled

    leftover = [compiled(Call("boolean", (other,))) for other in others]
    return Key(key.child, key.value, lambda focus: all(truth_of(run(focus)) for run in leftover))


def _conjuncts(predicate: Expr) -> tuple[Expr, tuple[Expr, ...]]:
    """Return the first of the conditions joined by ``and``, and the others."""
    if isinstance(predicate, Binary) and predicate.operator == "and":
        return predicate.left, (predicate.right,)
    if isinstance(predicate, Chain) and predicate.rest[0][0] == "and":
        return predicate.first, tuple(operand for _, operand in predicate.rest)
    return predicate, ()


def _key(comparison: Binary) -> Key | None:
    for item_side, other_side in (
        (comparison.left, comparison.right),
        (comparison.right, comparison.left),
    ):
        child = _child_name(item_side)
        if child is not None and not depends_on_focus(other_side):
            return Key(child, other_side, None)
    return None


def _child_name(side: Expr) -> str | None:
    if not isinstance(side, Path) or side.absolute or side.start is not None:
        return None
    steps = [step for step in side.steps if step.axis != "self" or step.predicates]
    if len(steps) != 1 or steps[0].axis != "child" or steps[0].predicates:
        return None
    test = steps[0].test
    return test.local if isinstance(test, NameTest) and not test.prefix and test.local != "*" else None


def depends_on_focus(tree: Expr) -> bool:
    """Tell whether an expression may give something else at each node of a list.

    Examples
    --------
    >>> from pk_research.survey.xpath.parser import parse
    >>> depends_on_focus(parse("name")), depends_on_focus(parse("/data/name"))
    (True, False)
    """
    match tree:
        case Path(steps, absolute, start):
            # the predicates of these steps stand at the steps' own nodes, not at the focus
            del steps
            if start is not None:
                return depends_on_focus(start)
            return not absolute
        case Call(name, arguments):
            function = FUNCTIONS.get(name)
            if function is None or function.uses_focus:
                return True
            if not arguments and function.most > 0 and name not in ("concat", "uuid"):
                return True
            return any(depends_on_focus(argument) for argument in arguments)
        case _:
            return any(depends_on_focus(part) for part in parts(tree))


def lookup(parent: Element, local: str, key: Key, value: Value) -> list[Node] | None:
    """Return the children of that name whose key has the value; None where an index cannot tell."""
    if isinstance(value, list):
        texts = {node.text for node in value}
        if len(texts) != 1:
            return [] if not texts else None
        value = texts.pop()
    if not isinstance(value, str):
        return None
    return list(parent.index(local, key.child).get(value, ()))
