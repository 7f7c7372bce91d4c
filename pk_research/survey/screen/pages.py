"""Which controls stand together on a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pk_research.survey.definition import Control


@dataclass(frozen=True, slots=True)
class PagePlan:
    """A page of a form.

    Attributes
    ----------
    controls
        What stands on it.
    above
        Name of the group its questions were gathered from; empty where it is one control.
    number
        Tells apart the pages gathered from one group; 0 where it is one control.
    """

    controls: tuple[Control, ...]
    above: str = ""
    number: int = 0


def plan_pages(controls: tuple[Control, ...], root_path: str) -> tuple[PagePlan, ...]:
    """Divide a form into pages: every outermost group or repeat, loose questions gathered between.

    A group whose own groups are pages (``field-list``) is divided in turn.

    Parameters
    ----------
    controls
        What the form shows, in order.
    root_path
        Path of the topmost node.
    """
    return tuple(_pages(controls, root_path))


def _pages(controls: tuple[Control, ...], above: str) -> Iterator[PagePlan]:
    loose: list[Control] = []
    number = 0
    for control in controls:
        if control.kind not in ("group", "repeat"):
            loose.append(control)
            continue
        if loose:
            number += 1
            yield PagePlan(tuple(loose), above, number)
            loose = []
        if _holds_pages(control):
            yield from _pages(control.children, _name(control, above))
        else:
            yield PagePlan((control,))
    if loose:
        yield PagePlan(tuple(loose), above, number + 1)


def _holds_pages(control: Control) -> bool:
    return (
        control.kind == "group"
        and "field-list" not in control.appearance
        and any(
            child.kind == "group" and ("field-list" in child.appearance or _holds_pages(child))
            for child in control.children
        )
    )


def _name(control: Control, above: str) -> str:
    return above if control.node is None else control.node.path
