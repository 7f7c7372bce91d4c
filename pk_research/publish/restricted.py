"""Restricted data of a package, replaced by synthetic twins on which every step runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from pk_research.disclosure.synthetic import (
    Twin,
    groups_of,
    linked_tables,
    seed_from,
    twin_files,
    twins_of,
    wrong_declared,
)
from pk_research.errors import BadInput, Problem
from pk_research.publish.restricted_tables import declared_keys, found_tables
from pk_research.register import load_register

if TYPE_CHECKING:
    from pk_research.disclosure.synthetic import Hints, Linked
    from pk_research.publish.sources import Source
    from pk_research.sources import Dataset

TWIN_HOW = "What the package holds in its place is a synthetic twin, made for running the programs."


@dataclass(frozen=True, eq=False)
class Replaced:
    """What a package holds in the place of restricted data.

    Attributes
    ----------
    sources
        All sources; the restricted ones say that what the package holds is made.
    files
        Path in the package -> content, of the twins and what describes them.
    left_out
        Paths of restricted files that nothing stands for.
    twins
        Each restricted table and its twin.
    links
        Which columns of a table hold the keys of another, and which of these the twins do not keep, in words.
    """

    sources: tuple[Source, ...]
    files: Mapping[str, bytes]
    left_out: tuple[str, ...]
    twins: tuple[tuple[Dataset, Twin], ...]
    links: tuple[str, ...] = ()


def declared(sources: Sequence[Source], restricted: Sequence[str], *, how: str = "") -> tuple[Source, ...]:
    """Return sources with some of their files restricted, each as a source of its own.

    Parameters
    ----------
    sources
        Those of a package.
    restricted
        Tables or folders of the checkout. A source that lies in one of these, whole, is restricted itself.
    how
        How a stranger gets them.

    Raises
    ------
    BadInput
        When no source says what they are.

    Examples
    --------
    >>> from pk_research.publish.sources import OURS
    >>> [(one.title, one.access) for one in declared(OURS, ["data/sample"])[-1:]]
    [('Village survey of three years', 'restricted')]
    """
    kept = [one for one in sources if not one.files or not set(one.files) <= set(restricted)]
    was = {place: one for one in sources for place in one.files}
    unknown = [place for place in restricted if place not in was]
    if unknown:
        raise BadInput(
            Problem(
                place,
                "no source says what it is, and how a stranger gets it",
                'Declare it in a file, with access = "restricted", and name that with --sources.',
            )
            for place in unknown
        )
    told = how or "It is not given out with this package; ask the authors."
    found = [
        replace(was[place], access="restricted", files=(place,), how=told, is_made=False)
        for place in restricted
    ]
    return (*kept, *found)


def replaced(project: Path, sources: Sequence[Source], *, secret: bytes) -> Replaced:
    """Make the twins of all restricted data of a checkout; those of linked tables can be joined.

    Parameters
    ----------
    project
        The checkout.
    sources
        The data behind the exhibits. A restricted one that is not made already names its tables, or folders
        of them; each table has a codebook beside it. Tables hang on one another as their descriptors declare
        (``foreignKeys`` of a Table Schema), else as their keys show: `linked_tables`.
    secret
        Known to nobody else; the seeds are derived from it.

    Raises
    ------
    BadInput
        All at once: files that are not there, restricted data without a table that has a codebook, foreign
        keys that lead nowhere, and what `twins_of` refuses.
    """
    found = [found_tables(project, source) for source in sources if _is_bare(source)]
    tables = {name: dataset for one in found for name, dataset in one.tables.items()}
    hints = {name: hint for one in found for name, hint in one.hints.items()}
    keys = declared_keys(project, tables)
    # Two folders may hold tables of one name; paths tell them apart.
    told_apart = [replace(dataset, name=name) for name, dataset in tables.items()]
    problems = [problem for one in found for problem in one.problems]
    problems += wrong_declared(told_apart, keys)
    if problems:
        raise BadInput(problems)
    linked = linked_tables(told_apart, keys, register=load_register())
    made = _made(linked, hints, secret)
    twins = {
        name: replace(made[name], dataset=replace(made[name].dataset, name=dataset.name))
        for name, dataset in tables.items()
    }
    files = {
        (Path(name).parent / file).as_posix(): content
        for name, twin in twins.items()
        for file, content in twin_files(twin, Path(name)).items()
    }
    return Replaced(
        tuple(_said(source) for source in sources),
        files,
        tuple(name for one in found for name in one.names if name not in files),
        tuple((dataset, twins[name]) for name, dataset in tables.items()),
        tuple(sorted(_in_words(linked))),
    )


def _in_words(linked: Linked) -> Iterator[str]:
    for child in linked.links:
        for link in (linked.links[child], *linked.references.get(child, ())):
            yield f"{child}: {', '.join(link.columns)} is the key of {link.parent}"
    for child, link in linked.lost:
        yield f"{child}: {', '.join(link.columns)} is NOT kept as the key of {link.parent}"


def _made(linked: Linked, hints: Mapping[str, Hints], secret: bytes) -> dict[str, Twin]:
    """Make the twins of tables, those together that hang on one another."""
    problems: list[Problem] = []
    twins: dict[str, Twin] = {}
    for group in groups_of(linked):
        try:
            together = twins_of(
                group.datasets, group.links, seed=seed_from(secret, *group.datasets),
                references=group.references, hints=hints,
            )  # fmt: skip
        except BadInput as error:
            problems += error.problems
            continue
        twins |= {dataset.name: twin for dataset, twin in zip(group.datasets, together, strict=True)}
    if problems:
        raise BadInput(problems)
    return twins


def _is_bare(source: Source) -> bool:
    """Tell whether a source is restricted data, and not what was made in its place."""
    return source.access == "restricted" and not source.is_made and bool(source.files)


def _said(source: Source) -> Source:
    if not _is_bare(source):
        return source
    return replace(source, is_made=True, how=f"{source.how} {TWIN_HOW}".strip())


def without_restricted(
    files: Mapping[str, bytes], sources: Sequence[Source], twins: Replaced | None
) -> tuple[dict[str, bytes], Sequence[Source]]:
    """Return the files of a package with twins for restricted ones, and what its sources say then.

    Raises
    ------
    BadInput
        When restricted data would leave: its twin was not made, or a copy of it stands elsewhere.
    """
    now = tuple(sources) if twins is None else twins.sources
    problems = [
        Problem(
            f"source {one.title!r}",
            "it is restricted and nothing made stands for it",
            "Make its twin: `replaced`.",
        )
        for one in now
        if _is_bare(one)
    ]
    if twins is None:
        if problems:
            raise BadInput(problems)
        return dict(files), now
    gone = {*twins.files, *twins.left_out}
    hidden = {sha256(files[name]).hexdigest() for name in gone if files.get(name)}
    kept = {name: content for name, content in files.items() if name not in gone}
    problems += [
        Problem(
            name,
            "it is a copy of restricted data",
            "Take it out of the checkout, or name it as restricted, too.",
        )
        for name, content in kept.items()
        if sha256(content).hexdigest() in hidden
    ]
    if problems:
        raise BadInput(problems)
    return kept | dict(twins.files), now
