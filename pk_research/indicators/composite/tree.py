"""Who adds up to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """An element and those that add up to it, by their place in the declared table.

    Attributes
    ----------
    parent
        Place of the element.
    children
        Places of those that add up to it.
    level
        Level of the parent: 2 for what indicators add up to.
    """

    parent: int
    children: tuple[int, ...]
    level: int


def heights(parents: Mapping[str, str]) -> dict[str, int]:
    """Return the level of each element of a tree: 1 without children, else one above the highest.

    Examples
    --------
    >>> heights({"a": "top", "b": "top", "top": ""})
    {'a': 1, 'b': 1, 'top': 2}
    """
    level = dict.fromkeys(parents, 1)
    for start in parents:
        height, name = 1, start
        while parents[name]:
            height, name = height + 1, parents[name]
            level[name] = max(level[name], height)
    return level


def in_circles(parents: Mapping[str, str]) -> set[str]:
    """Return the elements from which the way up never ends.

    Examples
    --------
    >>> sorted(in_circles({"a": "b", "b": "a", "c": "b", "d": ""}))
    ['a', 'b', 'c']
    """
    endless = set()
    for start in parents:
        seen, name = set(), start
        while name in parents and name not in seen:
            seen.add(name)
            name = parents[name]
        if name in seen:
            endless.add(start)
    return endless
