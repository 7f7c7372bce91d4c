"""The choices of a question: which there are now, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from pk_research.survey.definition import Control, Texts
from pk_research.survey.texts import Shown, Speaker
from pk_research.survey.tree import Node
from pk_research.survey.xpath import EvaluationError, World


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice on offer.

    Attributes
    ----------
    value
        What is stored.
    label
        What is shown, in the language in use.
    media
        Pictures, sounds and films to show with it, by form.
    item
        The node of the list it comes from; None for a choice written in the question.
    """

    value: str
    label: str
    media: tuple[tuple[str, str], ...] = ()
    item: Node | None = None


def is_static(control: Control) -> bool:
    """Return whether a question offers the same choices whatever is answered."""
    source = "" if control.choice_list is None else control.choice_list.nodes.source
    return control.choice_list is not None and source.startswith("instance(") and "[" not in source


# The values of a list no answer filters, worked out once for each form.
_STATIC: WeakKeyDictionary[Control, list[str]] = WeakKeyDictionary()


def available_values(control: Control, node: Node, world: World) -> list[str]:
    """Return the values a question offers at a node, in order."""
    if control.choice_list is None:
        return [choice.value for choice in control.choices]
    if is_static(control):
        if control not in _STATIC:
            _STATIC[control] = _values(control, node, world)
        return _STATIC[control]
    return _values(control, node, world)


def _values(control: Control, node: Node, world: World) -> list[str]:
    if control.choice_list is None:
        return []
    value = control.choice_list.value
    return [value.text(item, world).strip() for item in available_items(control, node, world)]


def available_items(control: Control, node: Node, world: World) -> list[Node]:
    """Return the items of a question's list that its filter lets through; none where it fails."""
    if control.choice_list is None:
        return []
    try:
        return control.choice_list.nodes.nodes(node, world)
    except EvaluationError:
        return []


def choices_of(control: Control, node: Node, speaker: Speaker) -> list[Choice]:
    """Return the choices a question offers at a node, with their labels in the speaker's language."""
    if control.choice_list is None:
        found = []
        for choice in control.choices:
            said = Shown(choice.value) if choice.label is None else speaker.say(choice.label, node)
            found.append(Choice(choice.value, said.words, said.media))
        return found
    world = speaker.world
    label = control.choice_list.label
    found = []
    for item in available_items(control, node, world):
        value = control.choice_list.value.text(item, world).strip()
        said = Shown(value) if label is None else speaker.say(Texts(reference=label), item)
        found.append(Choice(value, said.words, said.media, item))
    return found
