"""Restricted data of a package, replaced by synthetic twins on which every step runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from pk_research.disclosure.synthetic import Twin, seed_from, twin_files, twin_of
from pk_research.disclosure.synthetic.leaving import read_restricted
from pk_research.errors import BadInput, Problem
from pk_research.sources.package import sidecar_path

if TYPE_CHECKING:
    from pk_research.publish.package import Source
    from pk_research.sources import Dataset

TABLES = (".csv", ".dta", ".sav", ".parquet", ".xlsx")
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
    """

    sources: tuple[Source, ...]
    files: Mapping[str, bytes]
    left_out: tuple[str, ...]
    twins: tuple[tuple[Dataset, Twin], ...]


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

    Examples
    --------
    >>> from pk_research.publish.package import OURS
    >>> [(one.title, one.files) for one in declared(OURS, ["data/debts.csv"])[-1:]]
    [('Restricted data: data/debts.csv', ('data/debts.csv',))]
    """
    from pk_research.publish.package import Source

    kept = [one for one in sources if not one.files or not set(one.files) <= set(restricted)]
    was = {place: one for one in sources for place in one.files}
    told = how or "It is not given out with this package; ask the authors."
    found = [
        Source(
            was[place].title if place in was else f"Restricted data: {place}",
            was[place].publisher if place in was else "As the data availability statement of the work says",
            was[place].licence if place in was else "Restricted",
            "restricted",
            (place,),
            told,
        )
        for place in restricted
    ]
    return (*kept, *found)


def replaced(project: Path, sources: Sequence[Source], *, secret: bytes) -> Replaced:
    """Make the twins of all restricted data of a checkout.

    Parameters
    ----------
    project
        The checkout.
    sources
        The data behind the exhibits. A restricted one that is not made already names its tables, or folders
        of them; each table has a codebook beside it.
    secret
        Known to nobody else; the seeds are derived from it.

    Raises
    ------
    BadInput
        All at once: files that are not there, restricted data without a table that has a codebook, and what
        `twin_of` refuses.
    """
    files: dict[str, bytes] = {}
    left_out: list[str] = []
    twins, said, problems = [], [], []
    for source in sources:
        if source.access != "restricted" or source.is_made or not source.files:
            said.append(source)
            continue
        names = list(dict.fromkeys(_names(project, source)))
        tables = [name for name in names if _is_table(project / name)]
        if not tables:
            what = f"there is no table with a codebook in {', '.join(source.files)}"
            how = "Put its codebook beside it, as <stem>.codebook.csv, or declare the made data with is_made."
            problems.append(Problem(f"source {source.title!r}", what, how))
        for name in tables:
            try:
                dataset = read_restricted(project / name)
                twin = twin_of(dataset, seed=seed_from(secret, dataset), hints=source.hints)
            except BadInput as error:
                problems += error.problems
                continue
            twins.append((dataset, twin))
            folder = Path(name).parent
            files |= {
                (folder / file).as_posix(): content for file, content in twin_files(twin, Path(name)).items()
            }
        left_out += [name for name in names if name not in files]
        said.append(replace(source, is_made=True, how=f"{source.how} {TWIN_HOW}".strip()))
    if problems:
        raise BadInput(problems)
    return Replaced(tuple(said), files, tuple(left_out), tuple(twins))


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
    bare = [one for one in now if one.access == "restricted" and not one.is_made and one.files]
    problems = [
        Problem(
            f"source {one.title!r}",
            "it is restricted and nothing made stands for it",
            "Make its twin: `replaced`.",
        )
        for one in bare
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


def _names(project: Path, source: Source) -> Iterator[str]:
    for place in source.files:
        whole = project / place
        for path in sorted(whole.rglob("*")) if whole.is_dir() else [whole]:
            if path.is_file():
                yield path.relative_to(project).as_posix()
                yield from _about(project, path)


def _about(project: Path, path: Path) -> Iterator[str]:
    """Yield what describes a table beside it, which tells of the real rows."""
    if _is_table(path):
        for beside in (sidecar_path(path), path.with_name(f"{path.stem}.codebook.csv")):
            if beside.is_file():
                yield beside.relative_to(project).as_posix()


def _is_table(path: Path) -> bool:
    if path.suffix not in TABLES or path.name.endswith(".codebook.csv"):
        return False
    return any(
        beside.is_file() for beside in (sidecar_path(path), path.with_name(f"{path.stem}.codebook.csv"))
    ) or path.suffix in (".parquet", ".sav", ".xlsx")
