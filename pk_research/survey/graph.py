"""What depends on what: the order of recalculation, and the circles in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pk_research.survey.definition import Control, Definition, Rule, Texts, Translation
from pk_research.survey.references import Reference, references
from pk_research.survey.texts import itext_name
from pk_research.survey.xpath import Expression

ORDERED: tuple[Rule, ...] = ("count", "relevant", "value")
LAST: tuple[Rule, ...] = ("readonly", "required", "constraint")

Task = tuple[Definition, Rule]


@dataclass(frozen=True, slots=True)
class Dependant:
    """Something to be worked out again when a node changes.

    Attributes
    ----------
    definition, rule
        What.
    turn
        The node under which the changed one and this one move together; None for the top.
    """

    definition: Definition
    rule: Rule
    turn: Definition | None


@dataclass(eq=False, slots=True)
class Graph:
    """The dependencies of a form.

    Attributes
    ----------
    dependants
        By node: what looks at its value.
    rank
        By task: its place in the order of recalculation.
    shown
        By node: the nodes whose texts or choices look at its value, each with the turn of the way.
    """

    dependants: dict[Definition, tuple[Dependant, ...]] = field(default_factory=dict)
    rank: dict[Task, int] = field(default_factory=dict)
    shown: dict[Definition, frozenset[Reference]] = field(default_factory=dict)

    def with_what_follows(self, nodes: Iterable[Definition]) -> frozenset[Definition]:
        """Return nodes, and those whose value is worked out from any of them, be it through others."""
        found = set(nodes)
        waiting = list(found)
        while waiting:
            for dependant in self.dependants.get(waiting.pop(), ()):
                if dependant.rule == "value" and dependant.definition not in found:
                    found.add(dependant.definition)
                    waiting.append(dependant.definition)
        return frozenset(found)


def build_graph(
    root: Definition, controls: tuple[Control, ...], translations: tuple[Translation, ...]
) -> Graph:
    """Return the dependencies of a form's nodes and of what it shows."""
    graph = Graph()
    dependants: dict[Definition, list[Dependant]] = {}
    for definition in root.walk():
        for rule, reference in _edges(definition):
            for target in _spread(reference, definition):
                dependants.setdefault(target, []).append(Dependant(definition, rule, reference.turn))
    graph.dependants = {definition: tuple(dict.fromkeys(found)) for definition, found in dependants.items()}
    components = list(_components(_successors(root, graph.dependants)))
    # Tarjan gives what comes last first
    for rank, component in enumerate(reversed(components)):
        for task in component:
            graph.rank[task] = rank
    for definition in root.walk():
        for rule in LAST:
            graph.rank[definition, rule] = len(components)
    graph.shown = _shown(root, controls, translations)
    return graph


def _edges(definition: Definition) -> Iterator[tuple[Rule, Reference]]:
    for rule in (*ORDERED, *LAST):
        expression = definition.rule(rule)
        if expression is not None:
            for reference in references(expression.tree, definition):
                yield rule, reference
    control = definition.control
    if control is not None and control.choice_list is not None:
        for reference in references(control.choice_list.nodes.tree, definition):
            yield "value", reference


def _spread(reference: Reference, reader: Definition) -> Iterator[Definition]:
    """Yield the nodes whose change changes what is looked at.

    The text of a group is that of everything in it. A repeat, and a group the reader itself stands
    in, are looked at for their number or place, not for their text.
    """
    yield reference.target
    if reference.target.repeat is None and reference.target not in reader.lineage():
        yield from (node for node in reference.target.walk() if node is not reference.target and node.is_leaf)


def _successors(
    root: Definition, dependants: dict[Definition, tuple[Dependant, ...]]
) -> dict[Task, list[Task]]:
    """Return, by task, the tasks that must come after it."""
    after: dict[Task, list[Task]] = {}
    for definition in root.walk():
        for first, second in (("count", "relevant"), ("relevant", "value")):
            after.setdefault((definition, first), []).append((definition, second))  # type: ignore[arg-type]
        later = after.setdefault((definition, "value"), [])
        for below in (*definition.children, *definition.attributes):
            after[definition, "relevant"].append((below, "relevant"))
        for dependant in dependants.get(definition, ()):
            task = (dependant.definition, dependant.rule)
            if dependant.rule in ORDERED and task != (definition, "value"):
                later.append(task)
                if definition.repeat is not None:
                    after[definition, "count"].append(task)
    return after


def _components(after: dict[Task, list[Task]]) -> Iterator[list[Task]]:
    """Yield the strongly connected components (Tarjan, without recursion), last tasks first."""
    index: dict[Task, int] = {}
    low: dict[Task, int] = {}
    stack: list[Task] = []
    on_stack: set[Task] = set()
    for start in after:
        if start in index:
            continue
        work: list[tuple[Task, Iterator[Task]]] = []
        _enter(start, index, low, stack, on_stack)
        work.append((start, iter(after.get(start, ()))))
        while work:
            task, rest = work[-1]
            following = next(rest, None)
            if following is not None:
                if following not in index:
                    _enter(following, index, low, stack, on_stack)
                    work.append((following, iter(after.get(following, ()))))
                elif following in on_stack:
                    low[task] = min(low[task], index[following])
                continue
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[task])
            if low[task] == index[task]:
                component: list[Task] = []
                while not component or component[-1] != task:
                    component.append(stack.pop())
                    on_stack.discard(component[-1])
                yield component


def _enter(
    task: Task, index: dict[Task, int], low: dict[Task, int], stack: list[Task], on_stack: set[Task]
) -> None:
    index[task] = low[task] = len(index)
    stack.append(task)
    on_stack.add(task)


def find_cycles(root: Definition) -> list[list[Definition]]:
    """Return the circles among calculations that no order of recalculation can satisfy.

    Two conditions of relevance may look at each other, and a calculation at its own earlier value
    or at another instance of its repeat; both are settled by repeating, so that only calculations
    that feed one another within the same place count.
    """
    after: dict[Task, list[Task]] = {}
    for definition in root.walk():
        for rule, reference in _edges(definition):
            same_place = reference.turn is not None or not _is_repeated(reference.target)
            calculated = reference.target.rule("value") is not None
            if rule == "value" and calculated and same_place and reference.target is not definition:
                after.setdefault((reference.target, "value"), []).append((definition, "value"))
    cycles = [component for component in _components(after) if len(component) > 1]
    return [sorted({task[0] for task in cycle}, key=lambda node: node.order) for cycle in cycles]


def _is_repeated(definition: Definition) -> bool:
    return any(above.repeat is not None for above in definition.lineage())


def _shown(
    root: Definition, controls: tuple[Control, ...], translations: tuple[Translation, ...]
) -> dict[Definition, frozenset[Reference]]:
    found: dict[Definition, set[Reference]] = {}
    for control in (inner for outer in controls for inner in outer.walk()):
        node = control.node or root
        texts = [control.label, control.hint, *(choice.label for choice in control.choices)]
        expressions = [part for text in texts if text for part in _parts_of(text, translations)]
        if control.choice_list is not None:
            expressions.append(control.choice_list.nodes)
        for expression in expressions:
            for reference in references(expression.tree, node):
                found.setdefault(reference.target, set()).add(Reference(node, reference.turn))
    return {target: frozenset(nodes) for target, nodes in found.items()}


def _parts_of(text: Texts, translations: tuple[Translation, ...]) -> Iterator[Expression]:
    """Yield the expressions of a text, those in its translations included."""
    yield from (piece for piece in text.pieces if not isinstance(piece, str))
    if text.reference is None:
        return
    yield text.reference
    name = itext_name(text.reference)
    for translation in translations:
        for value in translation.texts.get(name or "", ()):
            yield from _parts_of(value.texts, ())
