"""What an expression may ask of its surroundings: the form, the clock, the dice."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from pk_research.survey.tree import Element, Node

NAMESPACES: Mapping[str, str] = {
    "h": "http://www.w3.org/1999/xhtml",
    "xhtml": "http://www.w3.org/1999/xhtml",
    "jr": "http://openrosa.org/javarosa",
    "orx": "http://openrosa.org/xforms",
    "odk": "http://www.opendatakit.org/xforms",
    "xf": "http://www.w3.org/2002/xforms",
    "ev": "http://www.w3.org/2001/xml-events",
    "xsd": "http://www.w3.org/2001/XMLSchema",
}


def _now() -> datetime:
    return datetime.now(UTC)


def _no_instance(name: str) -> Element | None:  # noqa: ARG001
    return None


def _no_text(name: str) -> list[Node]:  # noqa: ARG001
    return []


def _no_choice(value: str, path: str, context: Node | None) -> str:  # noqa: ARG001
    return ""


@dataclass(slots=True)
class World:
    """The surroundings of an evaluation; everything that is not in the expression itself.

    Attributes
    ----------
    root
        Where absolute paths begin.
    zone
        The form's time zone.
    clock
        Says what time it is, with a time zone.
    dice
        The source of `random()` and of unseeded `randomize()`.
    new_uuid
        Makes a new identifier.
    instance
        Finds the secondary instance of a name: the node above its outermost element.
    itext
        Finds the values of a translated text, in the language in use.
    choice_label
        Finds the label of a choice of the question at a path.
    namespaces
        Prefix to namespace, for prefixed names in paths.
    properties
        What the client knows of its user, for `property()`.
    version
        The form's version, for `version()`.
    """

    root: Node | None = None
    zone: tzinfo = UTC
    clock: Callable[[], datetime] = _now
    dice: Callable[[], float] = field(default_factory=lambda: random.Random().random)  # noqa: S311
    new_uuid: Callable[[], str] = field(default=lambda: str(uuid.uuid4()))
    instance: Callable[[str], Element | None] = _no_instance
    itext: Callable[[str], list[Node]] = _no_text
    choice_label: Callable[[str, str, Node | None], str] = _no_choice
    namespaces: Mapping[str, str] = field(default_factory=lambda: NAMESPACES)
    properties: Mapping[str, str] = field(default_factory=dict)
    version: str = ""


class Focus:
    """Where in the tree an expression stands, and the world around it.

    Parameters
    ----------
    node
        The context node; None where there is none.
    world
        The surroundings.
    current
        The node the whole expression was begun at, which predicates do not change.
    position, size
        Which of how many nodes a predicate is looking at, from 1.
    """

    __slots__ = ("current", "node", "position", "size", "world")

    def __init__(
        self, node: Node | None, world: World, current: Node | None, *, position: int = 1, size: int = 1
    ) -> None:
        self.node = node
        self.world = world
        self.current = current
        self.position = position
        self.size = size
