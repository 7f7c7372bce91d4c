"""What a codebook does not say of its columns, and what each column is to a synthesis."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import pandas as pd

from pk_research.disclosure.classes import LATITUDE, class_of_variable, words
from pk_research.disclosure.synthetic.asked import condition
from pk_research.errors import Problem

if TYPE_CHECKING:
    from pk_research.codebook import Codebook, Variable
    from pk_research.sources import Dataset

Part = Literal[
    "village", "register", "period", "identifier", "parent", "learned", "several", "choice", "calculated",
    "latitude", "longitude", "point", "moment", "personal", "text",
]  # fmt: skip
VILLAGE = "village_code"
REGISTERED = ("village", "kecamatan", "kecamatan_code", "village_kind")
"""Columns that follow from the village's code."""
POINT = re.compile(r"-?\d{1,2}(\.\d+)? -?\d{1,3}(\.\d+)?( -?\d+(\.\d+)?){0,2}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")
LEARNED = frozenset(["category", "boolean", "integer", "number", "date"])


@dataclass(frozen=True, slots=True)
class Hints:
    """What a codebook does not say.

    Attributes
    ----------
    asked
        Column -> condition in the notation of forms under which it is asked, where the codebook's universe is
        told in prose: ``{"bumdes_workers": "bumdes = 'Ada'"}``.
    calculated
        Column -> expression in the notation of forms that gives it: ``{"idm": "(iks + ike + ikl) div 3"}``.
    holds
        Conditions that hold in every row in which all they name is known: ``"poor <= households"``.
    never
        Columns that nothing may be learned from, beside those the rules of the house tell.
    harmless
        Closed questions that those rules take for personal by their name, and that are not.
    """

    asked: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    calculated: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    holds: tuple[str, ...] = ()
    never: frozenset[str] = frozenset()
    harmless: frozenset[str] = frozenset()


def faults_of(hints: Hints, columns: Collection[str]) -> Iterator[Problem]:
    """Yield what hints say of columns that are not there, or in a notation that is none."""
    for name in [*hints.asked, *hints.calculated, *sorted(hints.never | hints.harmless)]:
        if name not in columns:
            yield Problem(f"hints, {name!r}", "it is no column of the table", "Correct the name.")
    for text in [*hints.asked.values(), *hints.calculated.values(), *hints.holds]:
        found = condition(text)
        if found is None:
            yield Problem(
                f"hints, {text!r}", "it is no expression of forms", "Write it as in a form: a <= b."
            )
        else:
            unknown = [name for name in found[1] if name not in columns]
            if unknown:
                yield Problem(f"hints, {text!r}", f"{', '.join(unknown)}: no column", "Correct the name.")


def parts_of(dataset: Dataset, hints: Hints, *, held: Collection[str] = ()) -> dict[str, Part]:
    """Return what each column of a table is to its synthesis.

    A column is learned from only where the rules of `pk_research.disclosure.classes` neither call it personal
    nor text; everything else is made without a look at what it holds. Columns in ``held`` hold keys of other
    tables.
    """
    return {variable.name: _part(variable, dataset, hints, held) for variable in dataset.codebook}


def _part(variable: Variable, dataset: Dataset, hints: Hints, held: Collection[str]) -> Part:
    return _by_frame(variable, dataset, held) or _by_answers(variable, dataset, hints)


def _by_frame(variable: Variable, dataset: Dataset, held: Collection[str]) -> Part | None:
    """Return what a column is that says which row it is, or where; None for an answer."""
    name = variable.name
    if name in held:
        return "parent"
    if name == VILLAGE:
        return "village"
    if name in dataset.key:
        is_period = VILLAGE in dataset.key and variable.kind in ("integer", "date")
        return "period" if is_period else "identifier"
    return "register" if name in REGISTERED and VILLAGE in dataset.codebook else None


def _by_answers(variable: Variable, dataset: Dataset, hints: Hints) -> Part:
    name, column, is_closed = variable.name, dataset.frame[variable.name], variable.kind in LEARNED
    kind = class_of_variable(variable)
    if kind == "personal" and name in hints.harmless and is_closed:
        kind = "open"
    lead = name.partition("__")[0]
    rules: tuple[tuple[bool, Part], ...] = (
        (name in hints.calculated, "calculated"),
        (name in hints.never, "text"),
        (kind == "technical" and _looks(column, MOMENT), "moment"),
        (kind == "technical", "text"),
        (kind == "place" and is_closed and bool(words(name) & LATITUDE), "latitude"),
        (kind == "place" and is_closed, "longitude"),
        (kind == "personal", "personal"),
        (bool(choices_of(name, dataset.codebook)), "several"),
        (lead != name and bool(choices_of(lead, dataset.codebook)), "choice"),
        (is_closed, "learned"),
        (_looks(column, POINT), "point"),
    )
    return next((part for fits, part in rules if fits), "text")


def choices_of(name: str, codebook: Codebook) -> tuple[str, ...]:
    """Return the columns of the choices of a question with several answers, in order."""
    if name not in codebook or codebook[name].kind != "string":
        return ()
    return tuple(one.name for one in codebook if one.kind == "boolean" and one.name.startswith(f"{name}__"))


def _looks(column: pd.Series, pattern: re.Pattern[str]) -> bool:
    given = [str(cell).strip() for cell in column.dropna() if str(cell).strip()]
    return bool(given) and all(pattern.fullmatch(text) for text in given)
