"""The restricted tables of a checkout: their files, their rows, and the keys that are declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pk_research.disclosure.synthetic import Declared, Hints
from pk_research.disclosure.synthetic.leaving import read_restricted
from pk_research.errors import BadInput, Problem
from pk_research.sources.files import stem_of
from pk_research.sources.package import from_json, sidecar_path

if TYPE_CHECKING:
    from pk_research.publish.sources import Source
    from pk_research.sources import Dataset

TABLES = (".csv", ".dta", ".sav", ".parquet", ".xlsx")


@dataclass(frozen=True, eq=False)
class Found:
    """What a restricted source holds.

    Attributes
    ----------
    names
        Its files, and what describes them.
    tables
        Path of each table -> its rows.
    hints
        Path of each table -> what its codebook does not say.
    problems
        Why it cannot be replaced.
    """

    names: tuple[str, ...]
    tables: Mapping[str, Dataset]
    hints: Mapping[str, Hints]
    problems: tuple[Problem, ...]


def found_tables(project: Path, source: Source) -> Found:
    """Read the tables of a restricted source."""
    names = tuple(dict.fromkeys(_names(project, source)))
    paths = [name for name in names if _is_table(project / name)]
    problems: list[Problem] = []
    if not paths:
        what = f"there is no table with a codebook in {', '.join(source.files)}"
        how = "Put its codebook beside it, as <stem>.codebook.csv, or declare the made data with is_made."
        problems.append(Problem(f"source {source.title!r}", what, how))
    tables = {}
    for name in paths:
        try:
            tables[name] = read_restricted(project / name)
        except BadInput as error:
            problems += error.problems
    return Found(names, tables, {name: _hints(source, name) for name in paths}, tuple(problems))


def declared_keys(project: Path, tables: Mapping[str, Dataset]) -> tuple[Declared, ...]:
    """Return the foreign keys that the descriptors of tables declare, but those of a table to itself.

    Notes
    -----
    Table Schema of the Data Package (version 2): ``foreignKeys`` of a resource's ``schema``. A table is named
    as its file is, without the ending, or as its own descriptor names it.
    """
    return tuple(key for name in tables for key in _declared(project / name, name, tables))


def _declared(path: Path, name: str, tables: Mapping[str, Dataset]) -> Iterator[Declared]:
    sidecar = sidecar_path(path)
    if not sidecar.is_file():
        return
    package = from_json(sidecar.read_text(encoding="utf-8-sig"), where=sidecar.name)
    for resource in package.get("resources", ()):
        for key in resource.get("schema", {}).get("foreignKeys", ()):
            reference: dict[str, Any] = key["reference"]
            if parent := reference.get("resource", ""):
                yield Declared(
                    name,
                    _named(parent, name, tables),
                    _listed(key["fields"]),
                    _listed(reference["fields"]),
                )


def _named(parent: str, child: str, tables: Mapping[str, Dataset]) -> str:
    """Return the path of the table of this name, first of those in the same folder."""
    found = [name for name in tables if parent in (stem_of(Path(name)), tables[name].name)]
    return min(found, key=lambda name: (Path(name).parent != Path(child).parent, name), default=parent)


def _listed(fields: str | list[str]) -> tuple[str, ...]:
    return (fields,) if isinstance(fields, str) else tuple(fields)


def _hints(source: Source, name: str) -> Hints:
    if isinstance(source.hints, Mapping):
        return source.hints.get(stem_of(Path(name)), Hints())
    return source.hints or Hints()


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
