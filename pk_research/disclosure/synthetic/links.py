"""Which tables hang on which: by what is declared, else by the names and the values of their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from pk_research.disclosure.classes import class_of_variable
from pk_research.disclosure.synthetic.frame import key_texts
from pk_research.disclosure.synthetic.hints import REGISTERED, VILLAGE
from pk_research.errors import Problem

if TYPE_CHECKING:
    from pk_research.register import Register
    from pk_research.sources import Dataset

PARENT_KEY = "parent_key"
MOST = 0.5


@dataclass(frozen=True, slots=True)
class Link:
    """How a table hangs on another.

    Attributes
    ----------
    parent
        Name of the dataset whose rows it belongs to.
    column
        The column that holds that row's key; several, in order, where its key is of several.
    """

    parent: str
    column: str | tuple[str, ...] = PARENT_KEY

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that hold the key."""
        return (self.column,) if isinstance(self.column, str) else self.column


@dataclass(frozen=True, slots=True)
class Declared:
    """A foreign key as a descriptor declares it (Table Schema).

    Attributes
    ----------
    child, parent
        Names of the datasets.
    columns, key
        Columns of the child, and those of the parent whose values they hold.
    """

    child: str
    parent: str
    columns: tuple[str, ...]
    key: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Linked:
    """Tables in an order in which each comes after those it hangs on.

    Attributes
    ----------
    datasets
        The tables; one whose key a declared foreign key names has that key.
    links
        Name of a table -> the one its rows belong to; they are drawn given that row.
    references
        Name of a table -> others whose keys it holds, beside that.
    lost
        Links that their twins do not keep: a second one of the same columns, one of village and year beside
        another, one that leads back to the table itself over others.
    """

    datasets: tuple[Dataset, ...]
    links: Mapping[str, Link] = field(default_factory=lambda: MappingProxyType({}))
    references: Mapping[str, tuple[Link, ...]] = field(default_factory=lambda: MappingProxyType({}))
    lost: tuple[tuple[str, Link], ...] = ()


def identified(dataset: Dataset) -> Dataset:
    """Return a table with a key that tells its rows apart, where its own does not and a column does.

    A file without a descriptor is taken for one of villages as soon as it has their codes; a table of
    households has them, too.

    Examples
    --------
    >>> import pandas as pd
    >>> from pk_research.codebook import Codebook, Variable
    >>> from pk_research.sources import Dataset, Provenance
    >>> book = Codebook((Variable("village_code", kind="code"), Variable("id", kind="code")))
    >>> frame = pd.DataFrame({"village_code": ["3216012001"] * 2, "id": ["a", "b"]})
    >>> identified(Dataset("homes", frame, book, Provenance("", "", "", "table"), ("village_code",))).key
    ('id',)
    """
    if dataset.key and not dataset.frame[list(dataset.key)].duplicated().any():
        return dataset
    for variable in dataset.codebook:
        is_own = variable.kind == "code" and variable.name not in (VILLAGE, *REGISTERED, PARENT_KEY)
        if is_own and class_of_variable(variable) != "personal" and variable.name in dataset.frame.columns:
            texts = dataset.frame[variable.name].fillna("").astype(str).str.strip()
            if len(texts) and not (texts.duplicated() | (texts == "")).any():
                return replace(dataset, key=(variable.name,))
    return dataset


def linked_tables(datasets: Sequence[Dataset], declared: Sequence[Declared], *, register: Register) -> Linked:
    """Find which tables hang on which.

    Parameters
    ----------
    datasets
        The tables, names told apart, each with its key.
    declared
        Foreign keys that are said; they come first.
    register
        Tells a village by any of its codes.

    Notes
    -----
    Without being declared, a table hangs on another where it has the other's key under the same names, or
    as ``parent_key``, and most of its values are found there; two tables with the same key, row for row,
    only where it is the village's code. Years of villages (a key of code and year) are not drawn given a
    table of villages: they only share its villages.
    """
    keys = {one.parent: one.key for one in declared}
    named = {one.name: replace(one, key=keys.get(one.name, one.key)) for one in datasets}
    ways: dict[str, list[Link]] = {name: [] for name in named}
    said = [(one.child, Link(one.parent, one.columns)) for one in declared]
    for child, link in (*said, *_seen(named, register)):
        is_known = any(link.columns == other.columns for other in ways[child])
        if not is_known and child not in _above(link.parent, ways):
            ways[child].append(link)
    order = sorted(named, key=lambda name: len(_depth(name, ways)))
    links = {name: _main(found) for name, found in ways.items() if found}
    references = {name: _others(ways[name], link) for name, link in links.items()}
    kept = {(name, one) for name, link in links.items() for one in (link, *references[name])}
    found = dict.fromkeys([*said, *((name, one) for name, links_of in ways.items() for one in links_of)])
    return Linked(
        tuple(named[name] for name in order),
        links,
        {name: rest for name, rest in references.items() if rest},
        tuple(one for one in found if one not in kept and one[1].columns != (VILLAGE,)),
    )


def groups_of(linked: Linked) -> tuple[Linked, ...]:
    """Return the tables that are made together: those that hang on one another, or share villages."""
    names = [dataset.name for dataset in linked.datasets]
    of = {name: {name} for name in names}
    villages = [dataset.name for dataset in linked.datasets if VILLAGE in dataset.frame.columns]
    pairs = [(child, link.parent) for child, link in linked.links.items()]
    pairs += [(child, link.parent) for child, found in linked.references.items() for link in found]
    for one, other in (*pairs, *pairwise(villages)):
        together = of[one] | of[other]
        of |= dict.fromkeys(together, together)
    return tuple(
        Linked(
            tuple(dataset for dataset in linked.datasets if dataset.name in group),
            {name: link for name, link in linked.links.items() if name in group},
            {name: found for name, found in linked.references.items() if name in group},
        )
        for group in dict.fromkeys(frozenset(of[name]) for name in names)
    )


def wrong_declared(datasets: Sequence[Dataset], declared: Sequence[Declared]) -> Iterator[Problem]:
    """Yield what foreign keys say of tables and columns that are not there."""
    there = {dataset.name: set(dataset.frame.columns) for dataset in datasets}
    keys: dict[str, tuple[str, ...]] = {}
    for one in declared:
        where = f"foreign key of {one.child!r}"
        if one.parent not in there:
            yield Problem(
                where,
                f"it leads to {one.parent!r}, which is no restricted table, so that made keys lead nowhere",
                "Restrict that table, too, or take the foreign key out.",
            )
            continue
        lacking = [
            name
            for table, names in ((one.child, one.columns), (one.parent, one.key))
            for name in names
            if name not in there[table]
        ]
        if lacking or len(one.columns) != len(one.key):
            what = f"no column: {', '.join(lacking)}" if lacking else "it names more columns on one side"
            yield Problem(where, what, "Correct the foreign key.")
        elif keys.setdefault(one.parent, one.key) != one.key:
            yield Problem(
                where, f"another names other columns of {one.parent!r}", "Let both name one key of it."
            )


def _seen(named: Mapping[str, Dataset], register: Register) -> Iterator[tuple[str, Link]]:
    """Yield the links that names and values show."""
    for child in named.values():
        for parent in named.values():
            columns = _columns(child, parent)
            if parent is child or not columns:
                continue
            theirs = key_texts(parent.frame, parent.key, register)
            ours = key_texts(child.frame, columns, register)
            ours = ours[ours != ""]
            if len(np.unique(theirs)) == len(theirs) and len(ours) and np.isin(ours, theirs).mean() > MOST:
                yield child.name, Link(parent.name, columns)


def _columns(child: Dataset, parent: Dataset) -> tuple[str, ...]:
    """Return the columns of a table that may hold another's key; none where there are none."""
    there = set(child.frame.columns)
    if not parent.key:
        return ()
    if set(parent.key) <= there:
        is_own = set(parent.key) <= set(child.key)
        is_village = parent.key == (VILLAGE,) == child.key
        return parent.key if is_village or not is_own else ()
    return (PARENT_KEY,) if len(parent.key) == 1 and PARENT_KEY in there else ()


def _main(found: Sequence[Link]) -> Link:
    """Return the link a row is drawn by: the closest, which is not the one to its village."""
    return next((one for one in found if one.columns != (VILLAGE,)), found[0])


def _others(found: Sequence[Link], main: Link) -> tuple[Link, ...]:
    """Return the other links, but to villages: those follow from the row above, or are alike everywhere."""
    return tuple(one for one in found if not {VILLAGE, *main.columns} & {*one.columns})


def _above(name: str, ways: Mapping[str, Sequence[Link]]) -> set[str]:
    """Return a table and all it hangs on."""
    return {name}.union(*(_above(link.parent, ways) for link in ways[name]))


def _depth(name: str, ways: Mapping[str, Sequence[Link]]) -> tuple[str, ...]:
    """Return the longest way up from a table."""
    return max(((link.parent, *_depth(link.parent, ways)) for link in ways[name]), key=len, default=())
