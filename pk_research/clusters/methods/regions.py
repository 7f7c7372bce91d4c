"""Ward's tree among neighbours: types that are regions, each in one piece.

scikit-learn joins separate parts of a map by links of its own making. Here each part has its own
tree, and the trees are cut together, so that no region crosses water nobody said could be crossed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
from scipy.sparse import csr_array, sparray
from scipy.sparse.csgraph import connected_components
from sklearn.cluster import ward_tree

from pk_research.clusters.methods.grouping import (
    Grouping,
    canonical,
    check_complete,
    check_request,
)
from pk_research.clusters.methods.tree import Tree
from pk_research.clusters.partition import Points, Scale, distinct_points
from pk_research.clusters.phrases import joined
from pk_research.errors import BadInput, Problem
from pk_research.language import Message

SHOWN = 8


def each_village(values: np.ndarray, *, scale: Scale = "z") -> Points:
    """Make every village a point of its own, in the order given: alike villages may lie far apart.

    Parameters
    ----------
    values
        One row a village, one column a variable, nothing missing, no column constant.
    scale
        As for `distinct_points`.
    """
    distinct = distinct_points(values, scale=scale)
    return Points.each(distinct.rows[distinct.index])


def spatial_ward(
    points: Points,
    ks: Sequence[int],
    *,
    neighbours: sparray,
    codes: Sequence[str],
    names: Sequence[str] | None = None,
) -> tuple[Grouping, ...]:
    """Merge the two neighbouring groups that add least to the variance within, until k are left.

    Every group is connected through neighbours. Parts of the map without a common border are never
    joined; an island without neighbours is a group of its own.

    Parameters
    ----------
    points
        From `each_village`.
    ks
        Numbers of groups, none below the number of separate parts; one tree serves all.
    neighbours
        Villages by villages in the order of ``points``; two are neighbours where either entry of
        the pair is not zero. Entries are not weights here.
    codes
        Code of each village, all different: ties are decided in their order, so that the order of
        the rows does not matter.
    names
        What messages call the villages; their codes by default.

    Raises
    ------
    BadInput
        When the neighbours do not fit the villages, or there are more separate parts than groups.

    Examples
    --------
    >>> from scipy.sparse import coo_array
    >>> row = coo_array(([1, 1, 1], ([0, 1, 2], [1, 2, 3])), shape=(4, 4))
    >>> points = each_village(np.array([[0.0], [9.0], [9.0], [0.0]]))
    >>> spatial_ward(points, [3], neighbours=row, codes=list("abcd"))[0].labels.tolist()
    [0, 1, 1, 2]
    """
    check_request(points, ks)
    check_complete(points)
    links = _links(points, neighbours, codes)
    called = np.asarray(codes if names is None else names, dtype=object)
    n_parts, part = connected_components(links, directed=False)
    notes = _on_parts(part, called)
    if min(ks) < n_parts:
        raise BadInput(_too_few(ks, n_parts, notes))
    order = np.argsort(np.asarray(codes))
    tree = _forest(points.rows[order], csr_array(links[order][:, order]), canonical(part[order]))
    return tree.groupings("spatial_ward", points, ks, at=np.argsort(order), notes=notes)


def _links(points: Points, neighbours: sparray, codes: Sequence[str]) -> csr_array:
    """Return who neighbours whom, both ways and nobody himself; raise when it does not fit."""
    n = len(points.rows)
    problems = []
    if neighbours.shape != (n, n):
        rows, columns = neighbours.shape
        problems.append(
            Problem(
                "neighbours",
                f"the matrix is {rows} by {columns}, the villages are {n}",
                "Give one row and column a village.",
            )
        )
    if len(codes) != n or len(set(codes)) != n:
        problems.append(
            Problem(
                "codes", f"{len(set(codes))} different codes for {n} villages", "Give each village its own."
            )
        )
    if len(points.index) != n:
        problems.append(
            Problem(
                "points", f"{n} points stand for {len(points.index)} villages", "Make them with each_village."
            )
        )
    if problems:
        raise BadInput(problems)
    given = csr_array(neighbours) != 0
    links = csr_array(given + given.T, dtype=float)
    links.setdiag(0)
    links.eliminate_zeros()
    return links


def _forest(rows: np.ndarray, links: csr_array, part: np.ndarray) -> Tree:
    """Build the tree of every part and order their merges as one: always the cheapest at hand."""
    pairs, heights, turns = [], [], []
    for number in range(int(part.max()) + 1):
        members = np.flatnonzero(part == number)
        if len(members) == 1:
            continue
        merged, height = _tree(rows[members], links[members][:, members])
        pairs.append(members[merged])
        heights.append(height)
        # A merge among neighbours can be cheaper than the one before it, which it has to wait for.
        turns.append(np.maximum.accumulate(height))
    if not pairs:
        return Tree(np.zeros((0, 2), dtype=int), np.zeros(0), len(rows))
    order = np.argsort(np.concatenate(turns), kind="stable")
    return Tree(np.concatenate(pairs)[order], np.concatenate(heights)[order], len(rows))


def _tree(rows: np.ndarray, links: csr_array) -> tuple[np.ndarray, np.ndarray]:
    """Return the merges of one part: a point of each group, and the height."""
    merges, _, n, _, height = ward_tree(rows, connectivity=links, return_distance=True)
    member = list(range(n))
    pairs = []
    for first, second in merges:
        pairs.append((member[first], member[second]))
        member.append(member[first])
    return np.array(pairs), height


def _on_parts(part: np.ndarray, names: np.ndarray) -> tuple[Message, ...]:
    """Name the islands and the parts that do not touch the largest one."""
    sizes = np.bincount(part)
    if len(sizes) == 1:
        return ()
    notes = [
        Message(
            "The villages form {n} separate parts that do not border each other; no type crosses from"
            " one part to another",
            {"n": len(sizes)},
        )
    ]
    islands = np.flatnonzero(sizes[part] == 1)
    if len(islands):
        names_shown = ", ".join(map(str, names[islands][:SHOWN])) + (", …" if len(islands) > SHOWN else "")
        notes.append(
            Message(
                "Villages without any neighbour, each a type of its own ({n}): {names}",
                {"n": len(islands), "names": names_shown},
            )
        )
    apart = [number for number in np.flatnonzero(sizes > 1) if number != sizes.argmax()]
    if apart:
        parts: list[Message] = [_part_in_words(names[part == number]) for number in apart[:SHOWN]]
        if len(apart) > SHOWN:
            parts.append(Message("and {n} more parts", {"n": len(apart) - SHOWN}))
        notes.append(
            Message(
                "Parts apart from the largest ({n}): {parts}",
                {"n": len(apart), "parts": reduce(joined, parts)},
            )
        )
    return tuple(notes)


def _part_in_words(names: np.ndarray) -> Message:
    return Message("{name} and {n} other villages", {"name": str(names[0]), "n": len(names) - 1})


def _too_few(ks: Sequence[int], n_parts: int, notes: tuple[Message, ...]) -> Problem:
    return Problem(
        "k",
        f"{min(ks)} regions were asked for, but the map has {n_parts} parts that do not border each other."
        f" {'. '.join(note.text('en') for note in notes[1:])}",
        f"Ask for at least {n_parts}, leave out villages, or give neighbours that link the parts"
        " (nearest villages, ferries).",
    )
