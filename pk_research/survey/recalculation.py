"""Working out again exactly what a change concerns, in an order that needs each thing once."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Callable, Iterable

from pk_research.errors import BadInput, Problem
from pk_research.survey.answers import stored
from pk_research.survey.choices import available_values
from pk_research.survey.definition import Definition, Form, Rule
from pk_research.survey.filling import Filling, Task, rules_of, states_below
from pk_research.survey.graph import Dependant, Graph
from pk_research.survey.state import Range, State
from pk_research.survey.tree import Element, Node
from pk_research.survey.xpath import EvaluationError, Expression, World

PATIENCE = 50
MAX_REPEATS = 500


class Recalculation:
    """The state of a filling's nodes and the queue of what is to be worked out again.

    Parameters
    ----------
    form
        The form, with its dependencies.
    world
        The surroundings of its expressions.
    root
        The topmost element of the data.
    kept
        Nodes whose calculated value is left as it is.
    """

    def __init__(
        self, form: Form, world: World, root: Element, *, kept: frozenset[Definition] = frozenset()
    ) -> None:
        self.kept = kept
        self.graph: Graph = form.graph
        self.world = world
        self.root = root
        self.changed: set[State] = set()
        self.new_values: list[State] = []
        self.new_instances: list[Element] = []
        self.has_structure_changed = False
        self.errors: dict[tuple[str, str], str] = {}
        self._queue: list[tuple[int, int, State | Range, Rule]] = []
        self._waiting: set[tuple[State | Range, Rule]] = set()
        self._counter = 0
        self._steps: dict[Rule, Callable[[State], None]] = {
            "relevant": self._relevant,
            "value": self._value,
            "readonly": self._readonly,
            "required": self._required,
            "constraint": self._constraint,
        }
        self.filling = Filling(root, world.namespaces)
        self._schedule_all(self.filling.attach(root, form.root))

    # --- the queue

    def schedule(self, place: State | Range, rule: Rule) -> None:
        """Queue a rule of a node."""
        if (place, rule) in self._waiting:
            return
        self._waiting.add((place, rule))
        self._counter += 1
        rank = self.graph.rank.get((place.definition, rule), 0)
        heapq.heappush(self._queue, (rank, self._counter, place, rule))

    def touch(self, definition: Definition, node: Node) -> None:
        """Queue everything that looks at a node."""
        for dependant in self.graph.dependants.get(definition, ()):
            top = self.turning_point(node, dependant.turn)
            self._schedule_below(dependant, top)

    def touch_all(self, definition: Definition) -> None:
        """Queue everything that looks at any node of a definition or below it."""
        for inner in definition.walk():
            for dependant in self.graph.dependants.get(inner, ()):
                self._schedule_below(dependant, self.root)

    def turning_point(self, node: Node, turn: Definition | None) -> Element:
        """Return the element above a node at which the way to what looks at it turns."""
        if turn is None:
            return self.root
        place: Node | None = node
        while place is not None:
            if isinstance(place, Element) and place.state is not None and place.state.definition is turn:
                return place
            place = place.parent
        return self.root

    def _schedule_below(self, dependant: Dependant, top: Element) -> None:
        for place in self.filling.places(dependant.definition, dependant.rule, top):
            self.schedule(place, dependant.rule)

    def _schedule_all(self, tasks: Iterable[Task]) -> None:
        for place, rule in tasks:
            self.schedule(place, rule)

    def schedule_everything(self) -> None:
        """Queue every rule of every node."""
        states = [self.root.state]
        while states:
            state = states.pop()
            self._schedule_all(rules_of(state))
            states.extend(states_below(state))

    def run(self) -> None:
        """Work off the queue.

        Raises
        ------
        BadInput
            When values keep changing one another without end.
        """
        turns: Counter[tuple[State | Range, Rule]] = Counter()
        while self._queue:
            _, _, place, rule = heapq.heappop(self._queue)
            self._waiting.discard((place, rule))
            turns[place, rule] += 1
            if turns[place, rule] > PATIENCE:
                self._queue.clear()
                self._waiting.clear()
                raise BadInput(
                    Problem(
                        place.definition.path,
                        "its value never settles: it keeps changing what it is calculated from",
                        "Remove the circle from the form.",
                    )
                )
            if isinstance(place, Range):
                self._set_count(place)
            else:
                self._steps[rule](place)

    # --- the rules

    def _evaluate(
        self, place: State, rule: Rule, run: Callable[[Expression], object], default: object
    ) -> object:
        expression = place.definition.rule(rule)
        if expression is None:
            return default
        try:
            return run(expression)
        except EvaluationError as error:
            self.errors[place.definition.path, rule] = str(error)
            return default

    def _truth(self, place: State, rule: Rule, *, default: bool) -> bool:
        return bool(self._evaluate(place, rule, lambda found: found.truth(place.node, self.world), default))

    def _relevant(self, state: State) -> None:
        state.own_relevant = self._truth(state, "relevant", default=True)
        above = state.node.parent
        self._spread_relevance(state, above=not isinstance(above, Element) or above.state.is_relevant)

    def _spread_relevance(self, state: State, *, above: bool) -> None:
        is_relevant = state.own_relevant and above
        if is_relevant == state.is_relevant:
            return
        state.is_relevant = is_relevant
        self.changed.add(state)
        if state.definition.is_leaf:
            self._refresh(state)
            if is_relevant and state.definition.rule("value") is not None:
                self.schedule(state, "value")
        for below in states_below(state):
            self._spread_relevance(below, above=is_relevant)

    def _readonly(self, state: State) -> None:
        state.own_readonly = self._truth(state, "readonly", default=False)
        above = state.node.parent
        self._spread_readonly(state, above=isinstance(above, Element) and above.state.is_readonly)

    def _spread_readonly(self, state: State, *, above: bool) -> None:
        is_readonly = state.own_readonly or above
        if is_readonly != state.is_readonly:
            state.is_readonly = is_readonly
            self.changed.add(state)
            for below in states_below(state):
                self._spread_readonly(below, above=is_readonly)

    def _required(self, state: State) -> None:
        is_required = self._truth(state, "required", default=False)
        if is_required != state.is_required:
            state.is_required = is_required
            self.changed.add(state)

    def _constraint(self, state: State) -> None:
        is_well = state.text == "" or self._truth(state, "constraint", default=True)
        if is_well != state.is_constrained_well:
            state.is_constrained_well = is_well
            self.changed.add(state)

    def _value(self, state: State) -> None:
        if not state.is_relevant:
            return
        if state.definition in self.kept:
            return
        value = self._evaluate(state, "value", lambda found: found.text(state.node, self.world), state.answer)
        answer = stored(state.definition.type, str(value))
        control = state.definition.control
        if control is not None and control.kind == "rank":
            answer = state.ranking
        if answer and control is not None and control.choice_list is not None:
            answer = self._still_available(state, answer)
        self.set_answer(state, answer)

    def _still_available(self, state: State, answer: str) -> str:
        """Drop chosen values that the choices no longer offer."""
        control = state.definition.control
        if control is None:
            return answer
        values = available_values(control, state.node, self.world)
        if control.kind == "select1":
            return answer if answer in values else ""
        kept = [value for value in answer.split() if value in values]
        if control.kind == "rank":
            kept += [value for value in values if value not in kept]
        return " ".join(kept)

    def set_answer(self, state: State, answer: str) -> None:
        """Give a node a value and queue what looks at it."""
        state.answer = answer
        self._refresh(state)

    def _refresh(self, state: State) -> None:
        if state.show():
            self.changed.add(state)
            self.new_values.append(state)
            self.touch(state.definition, state.node)

    # --- repeats

    def _set_count(self, place: Range) -> None:
        repeat = place.definition.repeat
        if repeat is None or repeat.count is None or place.parent.state is None:
            return
        instances = place.instances()
        try:
            number = repeat.count.number(instances[0] if instances else place.stand_in, self.world)
        except EvaluationError as error:
            self.errors[place.definition.path, "count"] = str(error)
            return
        if math.isnan(number) and place.is_counted:
            return  # an empty number, while somebody is typing: keep what there is
        place.is_counted = True
        if number > MAX_REPEATS:  # a slip of the finger must not hold up everybody else
            self.errors[place.definition.path, "count"] = f"{number:g} is more than {MAX_REPEATS} times"
        else:
            self.errors.pop((place.definition.path, "count"), None)
        wanted = 0 if math.isnan(number) else int(max(0, min(number, MAX_REPEATS)))
        while len(instances) > wanted:
            self.remove_instance(place, instances.pop())
        for _ in range(wanted - len(instances)):
            self.add_instance(place)

    def add_instance(self, place: Range, *, at: int | None = None) -> Element:
        """Add an instance to a repeat: at the end, or before the one at ``at`` (from 0)."""
        repeat = place.definition.repeat
        if repeat is None:
            raise ValueError(f"{place.definition.path} does not repeat")
        instances = place.instances()
        models = repeat.models if repeat.count is not None and at is None else ()
        element = (models[len(instances)] if len(instances) < len(models) else repeat.template).copy()
        if at is None or at >= len(instances):
            index = place.place_for_new()
        else:
            index = next(i for i, child in enumerate(place.parent.children) if child is instances[at])
        place.parent.insert(index, element)
        self.has_structure_changed = True
        self._schedule_all(self.filling.attach(element, place.definition))
        self.new_instances.append(element)
        self.changed.add(element.state)
        self.touch_all(place.definition)
        return element

    def remove_instance(self, place: Range, element: Element) -> None:
        """Take an instance out of a repeat."""
        place.parent.remove(element)
        self.has_structure_changed = True
        self.changed.add(place.parent.state)
        self.touch_all(place.definition)
