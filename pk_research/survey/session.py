"""One filling of a form: answers in, everything that follows from them out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pk_research.errors import BadInput, NotFound, Problem
from pk_research.language import Message
from pk_research.survey.actions import fire_loaded, fire_pending
from pk_research.survey.answers import stored
from pk_research.survey.choices import Choice, available_values, choices_of
from pk_research.survey.definition import Form
from pk_research.survey.instance import Origin, load_tree
from pk_research.survey.momentary import momentary
from pk_research.survey.paths import find_range, find_state, path_of_node
from pk_research.survey.preload import preload, stamp_end
from pk_research.survey.recalculation import Recalculation
from pk_research.survey.state import Range, State
from pk_research.survey.submission import serialised
from pk_research.survey.surroundings import Change, Surroundings, dice_of
from pk_research.survey.texts import Speaker
from pk_research.survey.tree import Document, Element, Node
from pk_research.survey.views import NodeView, Violation, view_state, view_tree, violations_in
from pk_research.survey.xpath import EvaluationError, World, expression


class Session:
    """A form being filled.

    Parameters
    ----------
    form
        The form.
    surroundings
        The clock, the dice, the user.
    instance
        XML of an earlier filling to go on with.
    origin
        What is done with it: ``"restored"`` goes on where it was left, ``"edited"`` replaces a
        filling that was sent under a new identifier, ``"corrected"`` puts one right under its own,
        ``"checked"`` only recalculates, leaving alone what depends on the moment. ``"new"`` where
        there is none.

    Raises
    ------
    BadInput
        When ``instance`` is not a filling of this form.

    Examples
    --------
    >>> from pk_research.survey import parse_form
    >>> form = parse_form('''<h:html xmlns="http://www.w3.org/2002/xforms"
    ...   xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>Desa</h:title><model>
    ...   <instance><data id="desa"><kk/><jiwa/></data></instance>
    ...   <bind nodeset="/data/kk" type="int" constraint=". &gt; 0"/>
    ...   <bind nodeset="/data/jiwa" type="int" calculate="/data/kk * 4"/></model></h:head>
    ...   <h:body><input ref="/data/kk"/></h:body></h:html>''')
    >>> session = Session(form)
    >>> session.answer("/data/kk", "150").paths
    ('/data/kk', '/data/jiwa')
    >>> session.value("/data/jiwa")
    '600'
    """

    def __init__(
        self,
        form: Form,
        surroundings: Surroundings | None = None,
        *,
        instance: str | bytes | None = None,
        origin: Origin = "new",
    ) -> None:
        self.form = form
        self.surroundings = surroundings or Surroundings()
        self.origin: Origin = "restored" if instance is not None and origin == "new" else origin
        self.document = Document()
        self.document.append(load_tree(form, instance))
        self.world = self._world()
        self.speaker = Speaker(form.translations, self.world)
        self.world.itext = self.speaker.nodes
        kept = momentary(form) if self.origin == "checked" else frozenset()
        self.recalculation = Recalculation(form, self.world, self.root, kept=kept)
        self.recalculation.run()
        if self.origin != "checked":
            preload(self.recalculation, self.surroundings, self.world, self.origin)
            fire_loaded(form, self.recalculation, is_new=self.origin == "new")
        self.recalculation.changed.clear()
        self.recalculation.has_structure_changed = False

    @property
    def root(self) -> Element:
        """The topmost element of the data."""
        return self.document.element

    def _world(self) -> World:
        dice, new_uuid = dice_of(self.surroundings)
        return World(
            root=self.document,
            zone=self.surroundings.zone,
            clock=self.surroundings.clock,
            dice=dice,
            new_uuid=new_uuid,
            instance=self.form.instances.get,
            choice_label=self._choice_label,
            namespaces=self.form.namespaces,
            properties=self.surroundings.properties,
            version=self.form.version,
        )

    def _choice_label(self, value: str, path: str, context: Node | None) -> str:
        nodes = expression(path.strip()).nodes(context, self.world)
        if not nodes:
            return ""
        state = getattr(nodes[0], "state", None)
        control = None if state is None else state.definition.control
        if control is None or not control.has_choices:
            raise EvaluationError(f"jr:choice-name() asks for {path.strip()}, which has no choices")
        found = choices_of(control, nodes[0], self.speaker)
        return next((choice.label for choice in found if choice.value == value), "")

    # --- answering

    def answer(self, path: str, value: str | float | None) -> Change:
        """Answer a question; everything that depends on it follows.

        Parameters
        ----------
        path
            Where: ``/data/household[2]/member[1]/name``; a repeat without a number means its first
            instance.
        value
            The answer as text; several chosen values with spaces between; None or empty for none.
            What is no value of the question's type, or none of its choices, leaves it empty.

        Raises
        ------
        NotFound
            When there is no such question.
        BadInput
            When the question cannot be answered: it is read-only, or it holds others.
        """
        state = self.state(path)
        if not state.definition.is_leaf:
            raise BadInput(Problem(path, "it is a group, not a question", "Answer the questions in it."))
        if state.is_readonly:
            raise BadInput(Problem(path, "it is read-only", "Answer the questions it is calculated from."))
        text = "" if value is None else value if isinstance(value, str) else _plain(value)
        self.recalculation.set_answer(state, self._acceptable(state, text))
        return self._settle()

    def _acceptable(self, state: State, text: str) -> str:
        text = stored(state.definition.type, text)
        state.ranking = text
        control = state.definition.control
        if not text or control is None or not control.has_choices:
            return text
        values = available_values(control, state.node, self.world)
        if control.kind == "select1":
            return text if text in values else ""
        chosen = text.split()
        if control.kind == "rank":
            self._check_rank(state, chosen, values)
            return " ".join(chosen)
        return " ".join(value for value in dict.fromkeys(values) if value in chosen)

    def _check_rank(self, state: State, chosen: list[str], values: list[str]) -> None:
        if sorted(chosen) != sorted(values):
            raise BadInput(
                Problem(
                    state.definition.path,
                    "a ranking must hold every choice once",
                    f"Rank all of: {', '.join(values)}.",
                )
            )

    def _settle(self) -> Change:
        recalculation = self.recalculation
        recalculation.run()
        fire_pending(self.form, recalculation)
        changed, has_structure = recalculation.changed, recalculation.has_structure_changed
        recalculation.changed = set()
        recalculation.has_structure_changed = False
        return Change(tuple(self._ordered(changed | set(self._showing(changed)))), has_structure)

    def _showing(self, changed: set[State]) -> Iterator[State]:
        """Yield the nodes whose texts or choices look at what changed."""
        recalculation = self.recalculation
        for state in changed:
            for reference in self.form.graph.shown.get(state.definition, ()):
                top = recalculation.turning_point(state.node, reference.turn)
                for element in recalculation.filling.instances(reference.target, top):
                    yield element.state

    def _ordered(self, states: set[State]) -> list[str]:
        kept = [state for state in states if state.node.root() is self.document]
        paths = {path_of_node(state.node): state.definition.order for state in kept}
        return sorted(paths, key=lambda path: (paths[path], path))

    # --- repeats

    def add_repeat(self, path: str, *, at: int | None = None) -> Change:
        """Add an instance to a repeat: at the end, or before instance number ``at`` (from 1).

        Raises
        ------
        NotFound
            When there is no such repeat.
        BadInput
            When its number of instances is not for people to decide.
        """
        place = self._free_range(path)
        self.recalculation.add_instance(place, at=None if at is None else at - 1)
        return self._settle()

    def remove_repeat(self, path: str) -> Change:
        """Remove an instance: ``/data/household[2]``.

        Raises
        ------
        NotFound
            When there is no such instance.
        BadInput
            When its number of instances is not for people to decide.
        """
        state = self.state(path)
        place = self._free_range(re.sub(r"\[\d+\]$", "", path))
        if not isinstance(state.node, Element) or state.definition.repeat is None:
            raise NotFound(Problem(path, "it is not an instance of a repeat", "Give its path with a number."))
        self.recalculation.remove_instance(place, state.node)
        return self._settle()

    def _free_range(self, path: str) -> Range:
        place = self.range(path)
        repeat = place.definition.repeat
        if repeat is None or repeat.count is not None or repeat.is_fixed:
            raise BadInput(
                Problem(
                    path, "the form itself decides how often it repeats", "Answer what decides its number."
                )
            )
        return place

    # --- finding and showing

    def state(self, path: str) -> State:
        """Return what the engine knows of a node.

        Raises
        ------
        NotFound
            When there is no such node.
        """
        return find_state(self.root, path)

    def range(self, path: str) -> Range:
        """Return the place of a repeat.

        Raises
        ------
        NotFound
            When there is no such repeat.
        """
        return find_range(self.root, path)

    def value(self, path: str) -> str:
        """Return the answer at a path; empty while it is not relevant."""
        return self.state(path).text

    def count(self, path: str) -> int:
        """Return how many instances a repeat has."""
        return len(self.range(path).instances())

    def choices(self, path: str) -> list[Choice]:
        """Return the choices a question offers now."""
        state = self.state(path)
        control = state.definition.control
        return [] if control is None else choices_of(control, state.node, self.speaker)

    def set_language(self, language: str) -> Change:
        """Say the form's texts in another of its languages; values already calculated stay.

        Raises
        ------
        NotFound
            When the form has no texts in it.
        """
        if language not in self.form.languages:
            raise NotFound(
                Problem(
                    language, "the form has no such language", f"Choose {', '.join(self.form.languages)}."
                )
            )
        self.speaker.language = language
        return Change(tuple(view.path for view in self.nodes()), structure=False)

    def nodes(self) -> list[NodeView]:
        """Return every node as it stands now, in document order."""
        return list(view_tree(self.root, self.speaker))

    def view(self, path: str) -> NodeView:
        """Return one node as it stands now.

        Raises
        ------
        NotFound
            When there is no such node.
        """
        return view_state(self.state(path), self.speaker)

    def problems(self) -> list[Violation]:
        """Return every broken constraint and every missing required answer, in document order."""
        return list(violations_in(self.root, self.speaker))

    def to_xml(self) -> str:
        """Return the filling as it is sent: what is not relevant is left out."""
        return serialised(self.root, self.form.namespaces)

    def snapshot(self) -> str:
        """Return the filling as it is kept for later: answers that do not apply now included."""
        return serialised(self.root, self.form.namespaces, is_complete=True)

    def finish(self) -> str:
        """Finish the filling and return the XML to send.

        Everything is calculated once more but for what depends on the moment, so that an answer
        typed over a calculation does not outlive it; the time is stamped where the form asks. A
        filling that is edited or corrected keeps the time it was first finished: whoever puts an
        answer right days later was not interviewing for days.
        """
        self.recalculation.kept = momentary(self.form)
        self.recalculation.schedule_everything()
        self.recalculation.run()
        stamp_end(self.recalculation, self.world, self.origin)
        self._settle()
        return self.to_xml()

    def recalculate(self) -> Change:
        """Work everything out anew, as if just loaded."""
        self.recalculation.schedule_everything()
        return self._settle()

    @property
    def errors(self) -> list[Message]:
        """The expressions that failed on the values they met, with the reason."""
        return [
            Message("{path}, {rule}: {reason}", {"path": path, "rule": rule, "reason": reason})
            for (path, rule), reason in self.recalculation.errors.items()
        ]


def _plain(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
