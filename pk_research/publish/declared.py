"""The sources of data that a researcher declares in a file, each with what a data editor asks."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pk_research.errors import BadInput, NotFound, Problem
from pk_research.publish.sources import Source

WORDS = ("title", "publisher", "licence", "access", "how", "citation", "collected")
OTHERS: Mapping[str, type] = {"files": list, "is_made": bool, "preserved_years": int}
KINDS: Mapping[type, str] = {list: "a list of texts", bool: "true or false", int: "a whole number"}
ACCESS = ("public", "restricted")
WHAT = {
    "title": "what it is called",
    "publisher": "who gives it out, and where",
    "licence": "under which terms",
    "access": "public or restricted",
    "how": "how a stranger gets it: whom to ask, at what cost, how long it takes",
    "citation": "how it is cited",
    "collected": "by which instrument, of whom, how they were selected, who approved of it",
    "preserved_years": "how many years it is kept after publication",
}


def read_sources(path: Path) -> tuple[Source, ...]:
    """Read the sources of a TOML file, each a table ``[[source]]`` with the fields of `Source`.

    Raises
    ------
    NotFound
        When the file is not there.
    BadInput
        All at once: what is no TOML, fields that are missing, misspelt or of another kind.
    """
    if not path.is_file():
        raise NotFound(
            Problem(str(path), "there is no such file", "Name the file that declares the sources.")
        )
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise BadInput(Problem(str(path), f"it is no TOML: {error}", "Mend that line.")) from error
    entries = told.get("source", [])
    are_tables = isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries)
    if not are_tables or not entries or set(told) != {"source"}:
        what = "it declares no source" if not told else "it holds something else than sources"
        raise BadInput(Problem(str(path), what, "Write each as a table that begins with [[source]]."))
    problems = [
        problem
        for number, entry in enumerate(entries, 1)
        for problem in _wrong(f"{path.name}, source {number}", entry)
    ]
    if problems:
        raise BadInput(problems)
    return tuple(Source(**{**entry, "files": tuple(entry.get("files", ()))}) for entry in entries)


def _wrong(where: str, entry: Mapping[str, Any]) -> Iterator[Problem]:
    needed = ["title", "publisher", "licence", "access", "how", "citation"]
    if entry.get("access") == "restricted":
        needed += ["collected", "preserved_years"]
    for name in needed:
        if name not in entry or entry[name] == "":
            yield Problem(where, f"{name!r} is missing", f"Say {WHAT[name]}.")
    known = [*WORDS, *OTHERS]
    for name, value in entry.items():
        if name not in known:
            near = get_close_matches(name, known, n=1)
            yield Problem(
                where,
                f"{name!r} is no field of a source",
                f"Write {near[0]!r}." if near else f"Choose from: {', '.join(known)}.",
            )
        elif not _fits(name, value):
            kind = KINDS.get(OTHERS.get(name, str), "a text")
            yield Problem(where, f"{name!r} is {value!r}", f"Give {kind}.")
    if isinstance(entry.get("access"), str) and entry["access"] not in ("", *ACCESS):
        yield Problem(where, f"'access' is {entry['access']!r}", "Give public or restricted.")


def _fits(name: str, value: object) -> bool:
    if isinstance(value, list):
        return name == "files" and all(isinstance(one, str) for one in value)
    return type(value) is OTHERS.get(name, str)  # true is no number of years
