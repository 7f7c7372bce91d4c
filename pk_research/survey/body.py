"""Reading what a form shows: its questions, groups and repeats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from pk_research.survey.appearances import searched_list, split_appearance, unknown_appearances
from pk_research.survey.definition import ChoiceList, Control, ControlKind, Definition, StaticChoice, Texts
from pk_research.survey.faults import Faults
from pk_research.survey.texts import read_texts
from pk_research.survey.tree import Element
from pk_research.survey.xpath import Expression

KINDS: tuple[ControlKind, ...] = (
    "input",
    "select",
    "select1",
    "rank",
    "range",
    "upload",
    "trigger",
    "group",
    "repeat",
)
_SPOKEN_FOR = frozenset(["ref", "nodeset", "appearance", "count", "noAddRemove"])
ACTIONS = ("setvalue", "setgeopoint", "recordaudio")


class BodyReader:
    """Reads the body, keeping what it learns of repeats and of actions on the way.

    Parameters
    ----------
    paths
        The form's nodes by path.
    root
        The topmost of them.
    faults, doubts
        Where to note what is wrong.
    """

    def __init__(
        self, paths: Mapping[str, Definition], root: Definition, faults: Faults, doubts: list[str]
    ) -> None:
        self.paths = paths
        self.root = root
        self.faults = faults
        self.doubts = doubts
        self.repeats: dict[str, tuple[Expression | None, bool]] = {}
        self.actions: list[tuple[Element, str]] = []
        self.searched: set[str] = set()

    def read(self, body: Element) -> tuple[Control, ...]:
        """Return the controls of the body, in order."""
        return self._inside(body, self.root.path)

    def _inside(self, element: Element, context: str) -> tuple[Control, ...]:
        found: list[Control] = []
        for child in element.elements():
            if child.local in KINDS:
                control = self._control(child, context)
                if control is not None:
                    found.append(control)
        return tuple(found)

    def _control(self, element: Element, context: str) -> Control | None:
        kind = cast("ControlKind", element.local)
        path = _resolved(element.get("nodeset") or element.get("ref"), context)
        node = None if path is None else self.paths.get(path)
        if path is not None and node is None:
            self.doubts.append(f"a question is shown for {path}, but the form has no such data")
            return None
        inner = path or context
        self.actions.extend((child, inner) for child in element.elements() if child.local in ACTIONS)
        repeated = _only_repeat(element) if kind == "group" else None
        if repeated is not None and _resolved(repeated.get("nodeset"), inner) in (path, None, inner):
            return self._labelled_repeat(element, repeated, context)
        if repeated is not None and path is None:
            return self._labelled_repeat(element, repeated, context)
        words, search = split_appearance(element.get("appearance") or "")
        self.doubts.extend(
            f"{path or 'a group'}: the appearance {word!r} is not known; it is shown plainly"
            for word in unknown_appearances(words)
        )
        control = Control(
            kind,
            node,
            appearance=words,
            label=self._texts(element, "label", inner),
            hint=self._texts(element, "hint", inner),
            choices=tuple(self._choices(element, inner)),
            choice_list=self._choice_list(element, inner),
            attributes={
                attribute.local: attribute.value
                for attribute in element.attributes
                if attribute.local not in _SPOKEN_FOR
            },
            children=self._inside(element, inner) if kind in ("group", "repeat") else (),
        )
        if search is not None and control.has_choices:
            self._search(control, search, path or "")
        if kind == "repeat" and node is not None:
            self._note_repeat(element, node)
        if node is not None and (node.control is None or kind == "repeat"):
            node.control = control
        return control

    def _labelled_repeat(self, group: Element, repeat: Element, context: str) -> Control | None:
        """Read a group around a single repeat: the group's label is the repeat's."""
        inner = _resolved(group.get("ref"), context) or context
        control = self._control(repeat, inner)
        if control is None:
            return None
        label = self._texts(group, "label", inner)
        if label is not None and control.label is None:
            control.label = label
        control.appearance = (*control.appearance, *split_appearance(group.get("appearance") or "")[0])
        return control

    def _search(self, control: Control, source: str, path: str) -> None:
        """Take the choices from the file a `search()` names; the question's own are its columns."""
        columns = control.choices[0] if control.choices else StaticChoice("name", None)
        label = columns.label.pieces[0] if columns.label and columns.label.pieces else columns.value
        found = searched_list(source, columns.value, str(label))
        if found is None:
            self.faults.add(f"{path}, appearance", f"{source} cannot be read", "Correct the search().")
            return
        name, control.choice_list = found
        self.faults.expressions.append((f"{path}, search", control.choice_list.nodes))
        self.searched.add(name)
        control.choices = ()

    def _note_repeat(self, element: Element, node: Definition) -> None:
        source = element.get("count")
        count = None if source is None else self.faults.expression(source, f"{node.path}, jr:count")
        fixed = (element.get("noAddRemove") or "").strip() in ("true()", "true", "1")
        self.repeats[node.path] = (count, fixed)

    def _texts(self, element: Element, local: str, path: str) -> Texts | None:
        found = next((child for child in element.elements() if child.local == local), None)
        return None if found is None else read_texts(found, self.faults, f"{path}, {local}")

    def _choices(self, element: Element, path: str) -> list[StaticChoice]:
        found: list[StaticChoice] = []
        for item in element.elements():
            if item.local == "item":
                value = next((child.text for child in item.elements() if child.local == "value"), "")
                found.append(
                    StaticChoice(value.strip(), self._texts(item, "label", f"{path}, choice {value}"))
                )
        return found

    def _choice_list(self, element: Element, path: str) -> ChoiceList | None:
        itemset = next((child for child in element.elements() if child.local == "itemset"), None)
        if itemset is None:
            return None
        where = f"{path}, choices"
        parts = {child.local: child.get("ref") or "" for child in itemset.elements()}
        nodes = self.faults.expression(itemset.get("nodeset") or "''", where)
        value = self.faults.expression(parts.get("value") or "name", where)
        label = self.faults.expression(parts["label"], where) if parts.get("label") else None
        if nodes is None or value is None:
            return None
        return ChoiceList(nodes, value, label)


def _only_repeat(group: Element) -> Element | None:
    shown = [child for child in group.elements() if child.local in KINDS]
    return shown[0] if len(shown) == 1 and shown[0].local == "repeat" else None


def _resolved(reference: str | None, context: str) -> str | None:
    """Make a control's path absolute; None where it has none."""
    if reference is None or not reference.strip():
        return None
    reference = reference.strip().rstrip("/")
    if reference.startswith("/"):
        return reference
    steps = context.split("/")
    for step in reference.split("/"):
        if step == "..":
            steps.pop()
        elif step != ".":
            steps.append(step)
    return "/".join(steps)
