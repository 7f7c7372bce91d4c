"""A running form as plain data: one node for each page, group, repeat, instance and question."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pk_research.language import Language
from pk_research.survey.choices import is_static
from pk_research.survey.definition import Control, Definition, Texts
from pk_research.survey.paths import path_of_node
from pk_research.survey.screen.foresight import Foreseen, foreseen
from pk_research.survey.screen.lists import LongList, offered
from pk_research.survey.screen.markdown import safe_html
from pk_research.survey.screen.pages import PagePlan
from pk_research.survey.session import Session
from pk_research.survey.state import Range, State
from pk_research.survey.texts import Shown, spoken
from pk_research.survey.tree import Element
from pk_research.survey.views import kind_of, violation_of

Drawn = dict[str, Any]

_TYPED = {
    "int": "integer",
    "integer": "integer",
    "long": "integer",
    "decimal": "decimal",
    "double": "decimal",
    "date": "date",
    "time": "time",
    "dateTime": "datetime",
    "geopoint": "geopoint",
    "geotrace": "geotrace",
    "geoshape": "geoshape",
    "barcode": "barcode",
}
_CHOSEN = {"select1": "select_one", "select": "select_multiple", "rank": "rank"}
_MEDIA = ("image", "audio", "video")
_UNSEEN = ("hidden",)


class Drawing:
    """Draws a session.

    Parameters
    ----------
    session
        The form being filled.
    house
        Language of what the house itself says.

    Attributes
    ----------
    lists
        The long lists met so far, by hash.
    """

    def __init__(self, session: Session, house: Language) -> None:
        self.session = session
        self.house = house
        self.lists: dict[str, LongList] = {}

    def tree(self, plans: tuple[PagePlan, ...]) -> Drawn:
        """Return everything."""
        root = self.session.root
        pages = [page for plan in plans for page in self._page(plan)]
        return self._holder(root.name, f"/{root.name}", "page", children=pages)

    def question(self, state: State) -> Drawn | None:
        """Return one question; None for what is not shown."""
        control = state.definition.control
        if control is None or not isinstance(state.node, Element):
            return None
        return self._question(control, state)

    def _page(self, plan: PagePlan) -> Iterator[Drawn]:
        root = self.session.root
        if not plan.above:
            yield from self._below(plan.controls, root)
            return
        children = list(self._below(plan.controls, root))
        if children:
            yield self._holder("", f"{plan.above}#{plan.number}", "page", children=children)

    def _below(self, controls: tuple[Control, ...], base: Element) -> Iterator[Drawn]:
        for control in controls:
            if any(word in control.appearance for word in _UNSEEN):
                continue
            if control.kind == "repeat":
                yield from self._repeat(control, base)
            elif control.kind == "group":
                yield from self._group(control, base)
            else:
                element = None if control.node is None else element_at(control.node, base)
                if element is not None and element.state is not None:
                    yield self._question(control, element.state)

    def _group(self, control: Control, base: Element) -> Iterator[Drawn]:
        element = base if control.node is None else element_at(control.node, base)
        if element is None:
            return
        state: State | None = element.state
        is_relevant = state is None or state.is_relevant
        when = None if state is None or control.node is None else self._foreseen(state)
        name = path_of_node(element) if control.node is not None else f"{path_of_node(base)}#{id(control)}"
        yield self._holder(
            element.name,
            name,
            "group",
            children=list(self._below(control.children, element)) if is_relevant or when else [],
            label=self._said(control.label, element),
            appearance=control.appearance,
            relevant=is_relevant if state is None else state.own_relevant,
            when=when,
        )

    def _repeat(self, control: Control, base: Element) -> Iterator[Drawn]:
        definition = control.node
        if definition is None or definition.parent is None:
            return
        above = element_at(definition.parent, base)
        place = None if above is None or above.state is None else above.state.ranges.get(definition)
        if above is None or not isinstance(place, Range):
            return
        instances = place.instances()
        is_relevant = above.state.is_relevant and (
            not instances or any(one.state.is_relevant for one in instances)
        )
        said = self._said(control.label, instances[0] if instances else place.stand_in)
        repeat = definition.repeat
        drawn = self._holder(
            definition.name,
            f"{path_of_node(above)}/{definition.name}",
            "repeat",
            children=[self._instance(control, one) for one in instances] if is_relevant else [],
            label=said,
            appearance=control.appearance,
            relevant=is_relevant,
        )
        is_controlled = repeat is not None and (repeat.count is not None or repeat.is_fixed)
        yield {**drawn, "controlled": is_controlled, "count": len(instances)}

    def _instance(self, control: Control, element: Element) -> Drawn:
        is_relevant = element.state.is_relevant
        children = list(self._below(control.children, element)) if is_relevant else []
        return self._holder(
            element.name,
            path_of_node(element),
            "instance",
            children=children,
            label=self._said(control.label, element),
            relevant=is_relevant,
        )

    def _holder(
        self,
        name: str,
        path: str,
        kind: str,
        *,
        children: list[Drawn],
        label: Shown | None = None,
        appearance: tuple[str, ...] = (),
        relevant: bool = True,
        when: Foreseen | None = None,
    ) -> Drawn:
        return {
            "path": path,
            "name": name,
            "kind": kind,
            "label": _label(label),
            "appearance": list(appearance),
            "relevant": relevant,
            "when": when,
            "children": children,
        }

    def _question(self, control: Control, state: State) -> Drawn:
        definition = state.definition
        is_note = kind_of(state) == "note" and definition.rule("value") is None
        hint = self._said(control.hint, state.node)
        violation = violation_of(state, self.session.speaker)
        is_offering = control.has_choices and (state.is_relevant or _offers_always(control))
        can_be_shown = is_offering or not control.has_choices
        drawn: Drawn = {
            "path": path_of_node(state.node),
            "name": definition.local,
            "kind": "note" if is_note else "question",
            "control": "note" if is_note else control_name(control, definition),
            "appearance": list(control.appearance),
            "label": _label(self._said(control.label, state.node)),
            "hint": "" if hint is None else safe_html(hint.words),
            "guidance": "" if hint is None else safe_html(dict(hint.media).get("guidance", "")),
            "required": state.is_required,
            "readonly": state.is_readonly,
            "relevant": state.own_relevant and can_be_shown,
            "when": self._foreseen(state) if can_be_shown else None,
            "value": spoken(state.text) if state.is_readonly else state.text,
            "violation": violation
            and {"rule": violation.rule, "message": violation.message.text(self.house)},
            "personal": definition.bind is not None and definition.bind.is_personal,
        }
        if is_offering:
            drawn |= self._choices(control, state)
        return drawn | _particulars(control)

    def _choices(self, control: Control, state: State) -> Drawn:
        found = offered(control, state.node, self.session.speaker)
        if isinstance(found, LongList):
            self.lists[found.hash] = found
            chosen = {value: found.labels[value] for value in state.text.split() if value in found.labels}
            return {
                "choices": None,
                "list": {"hash": found.hash, "count": len(found.labels)},
                "chosen": chosen,
            }
        choices = [
            {
                "value": choice.value,
                "label": safe_html(choice.label),
                "image": dict(choice.media).get("image"),
            }
            for choice in found
        ]
        return {"choices": choices, "list": None}

    def _foreseen(self, state: State) -> Foreseen | None:
        return foreseen(state, self.session.world)

    def _said(self, texts: Texts | None, node: Any) -> Shown | None:  # noqa: ANN401 - any node of the tree
        return None if texts is None else self.session.speaker.say(texts, node)


def element_at(definition: Definition, base: Element) -> Element | None:
    """Return the element of a node below (or above) another, in the same repeat instances."""
    lineage = definition.lineage()
    top: Element | None = base
    while top is not None and (top.state is None or top.state.definition not in lineage):
        top = top.parent if isinstance(top.parent, Element) else None
    if top is None:
        return None
    element: Element | None = top
    for step in lineage[lineage.index(top.state.definition) + 1 :]:
        children = [] if element is None else element.elements()
        element = next(
            (one for one in children if one.state is not None and one.state.definition is step), None
        )
    return element


def _offers_always(control: Control) -> bool:
    return control.choice_list is None or is_static(control)


def control_name(control: Control, definition: Definition) -> str:
    """Return what kind of field a question is."""
    if control.has_choices:
        return _CHOSEN[control.kind]
    if control.kind == "range":
        return "range"
    if control.kind == "trigger":
        return "acknowledge"
    if control.kind == "upload":
        family = control.attributes.get("mediatype", "").partition("/")[0]
        return family if family in _MEDIA else "file"
    return _TYPED.get(definition.type, "text")


def _particulars(control: Control) -> Drawn:
    attributes = control.attributes
    found: Drawn = {}
    if control.kind == "range":
        found["range"] = {name: attributes.get(name, "") for name in ("start", "end", "step")}
    if control.kind == "upload":
        found["accept"] = attributes.get("accept") or attributes.get("mediatype", "")
    if attributes.get("rows", "").isdigit():
        found["rows"] = int(attributes["rows"])
    return found


def _label(shown: Shown | None) -> Drawn:
    media = {} if shown is None else dict(shown.media)
    return {
        "text": "" if shown is None else safe_html(shown.words),
        **{name: media.get(name) for name in _MEDIA},
    }
