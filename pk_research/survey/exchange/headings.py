"""Giving the columns of a file to the questions of a form, by their headings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pk_research.language import Message
from pk_research.survey.exchange.layout import Field, TableLayout
from pk_research.survey.exchange.rebuilding import RowProblem

_CHOSEN = ("1", "1.0", "true", "TRUE", "True")


@dataclass(frozen=True, slots=True)
class Naming:
    """How a file format heads its columns.

    Attributes
    ----------
    whole
        Heading of a question.
    points
        Headings of the four numbers of a point.
    own
        Tells the format's own columns, which belong to no question.
    """

    whole: Callable[[Field], str]
    points: Callable[[Field], Sequence[str]]
    own: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class _Part:
    """What a column holds of a question: all of it, one number of a point, or one choice."""

    field: Field
    point: int | None = None
    choice: str = ""


class Headings:
    """The headings of one table, understood.

    Parameters
    ----------
    table
        The questions it may hold.
    headings
        Its first row.
    naming
        How the format heads its columns. Headings without the names of groups are understood too
        where they are plain.
    """

    def __init__(self, table: TableLayout, headings: Sequence[str], naming: Naming) -> None:
        self.table = table
        self.headings = tuple(headings)
        known = _known(table, naming)
        self.parts = {number: part for number, name in enumerate(headings) if (part := _part(name, known))}
        self.unknown = {
            number: name
            for number, name in enumerate(headings)
            if number not in self.parts and name and not naming.own(name)
        }
        self.names = {part.field.key: headings[number] for number, part in reversed(list(self.parts.items()))}

    def answers(self, cells: Sequence[str]) -> dict[str, str]:
        """Return the answers of a row, by the key of the column."""
        found: dict[str, str] = {}
        points: dict[str, list[str]] = {}
        chosen: dict[str, list[str]] = {}
        for number, part in self.parts.items():
            text = cells[number] if number < len(cells) else ""
            if part.point is not None:
                points.setdefault(part.field.key, [""] * 4)[part.point] = text
            elif part.choice:
                chosen.setdefault(part.field.key, []).extend([part.choice] if text in _CHOSEN else [])
            else:
                found[part.field.key] = text
        for key, values in chosen.items():
            found.setdefault(key, " ".join(values))
        for key, numbers in points.items():
            found[key] = found.get(key) or _joined(numbers)
        return found

    def problems(self, name: str, rows: Sequence[Sequence[str]]) -> Iterator[RowProblem]:
        """Yield what is wrong with the table as a whole.

        Parameters
        ----------
        name
            Name of the file or sheet.
        rows
            Its rows, without headings.
        """
        for heading, often in Counter(self.headings).items():
            if often > 1 and heading:
                yield RowProblem(name, None, heading, Message("The heading is there more than once."))
        for number, heading in self.unknown.items():
            filled = sum(bool(row[number]) for row in rows if number < len(row))
            if filled:
                what = Message(
                    "No question of the form is called so: {n} answers are not taken over.", {"n": filled}
                )
                yield RowProblem(name, None, heading, what)
        for field in self.table.fields:
            if field.is_asked and field.key not in self.names:
                what = Message("There is no column for {question}.", {"question": field.name})
                yield RowProblem(name, None, "", what)


def _known(table: TableLayout, naming: Naming) -> dict[str, _Part]:
    short = [replace(field, table="", steps=field.steps[-1:]) for field in table.fields]
    often = Counter(field.name for field in short)
    known: dict[str, _Part] = {}
    for named, field in (
        *zip(table.fields, table.fields, strict=True),
        *((named, field) for named, field in zip(short, table.fields, strict=True) if often[named.name] == 1),
    ):
        known.setdefault(naming.whole(named), _Part(field))
        if field.kind == "geopoint":
            for place, heading in enumerate(naming.points(named)):
                known.setdefault(heading, _Part(field, point=place))
    return known


def _part(heading: str, known: Mapping[str, _Part]) -> _Part | None:
    if heading in known:
        return known[heading]
    # what a choice stores may hold slashes too
    for place in (found.start() for found in reversed(list(re.finditer("/", heading)))):
        part = known.get(heading[:place])
        if part is not None:
            return replace(part, choice=heading[place + 1 :]) if part.field.kind == "select" else None
    return None


def _joined(numbers: list[str]) -> str:
    """Return a point of its numbers; an accuracy without an altitude gets one of 0."""
    latitude, longitude, altitude, accuracy = numbers
    if accuracy and not altitude:
        altitude = "0"
    return " ".join(number for number in (latitude, longitude, altitude, accuracy) if number)
