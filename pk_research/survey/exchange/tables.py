"""Fillings as linked tables: a root table, and one table for each repeat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from pk_research.language import Message
from pk_research.survey.definition import Definition, Form
from pk_research.survey.exchange.layout import Field, Layout, TableLayout, kind_of, layout_of
from pk_research.survey.filled import Filled
from pk_research.survey.markup import read_xml
from pk_research.survey.tree import Element

Personal = Literal["keep", "leave out"]


@dataclass(frozen=True, slots=True)
class Row:
    """A filling, or one instance of a repeat in it.

    Attributes
    ----------
    key
        Identifier of the submission, and for an instance the way to it:
        ``uuid:…/harvest/crop[2]``.
    parent_key
        Key of the row it belongs to; empty in the root table.
    steps
        The way to it: name and, for a repeat, number from 1.
    answers
        By the key of the column: the answer as the filling holds it; ``""`` where the question was
        there and not answered. A column that is not here was not relevant, or its version does not
        have it.
    filled
        The filling.
    """

    key: str
    parent_key: str
    steps: tuple[tuple[str, int], ...]
    answers: Mapping[str, str]
    filled: Filled


@dataclass(frozen=True, slots=True)
class Tables:
    """The fillings of a form as linked tables.

    Attributes
    ----------
    versions
        The versions of the form, oldest first.
    layout
        The tables and their columns.
    rows
        By table path: the rows, in the order of the fillings.
    report
        What was merged, kept apart, left out; how many answers are missing and why.
    """

    versions: tuple[Form, ...]
    layout: Layout
    rows: Mapping[str, tuple[Row, ...]]
    report: tuple[Message, ...] = field(default=())

    @property
    def fillings(self) -> tuple[Filled, ...]:
        """The fillings, one for each row of the root table."""
        return tuple(row.filled for row in self.rows[""])


def from_filled(
    versions: Sequence[Form], fillings: Sequence[Filled], *, personal: Personal = "keep"
) -> Tables:
    """Lay fillings out as linked tables.

    Parameters
    ----------
    versions
        Every version of the form that was filled, oldest first.
    fillings
        What was sent, in the order wanted.
    personal
        ``"leave out"`` drops the columns of personal answers (see `privacy.personal_in`), and
        with them the sender's name and device.

    Returns
    -------
    Tables
        Nothing is dropped silently: ``report`` says what has no place. Fillings of a version that
        was not given are laid out by the newest one and counted there.

    Raises
    ------
    BadInput
        When the versions are of different forms, or a filling is not XML.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from pk_research.survey.reading import parse_form
    >>> form = parse_form('''<h:html xmlns="http://www.w3.org/2002/xforms"
    ...   xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>Desa</h:title><model>
    ...   <instance><data id="desa"><kk/><crop><kg/></crop></data></instance>
    ...   <bind nodeset="/data/kk" type="int"/></model></h:head><h:body><input ref="/data/kk"/>
    ...   <repeat nodeset="/data/crop"><input ref="/data/crop/kg"/></repeat></h:body></h:html>''')
    >>> xml = '<data id="desa"><kk>150</kk><crop><kg>7</kg></crop><crop><kg/></crop></data>'
    >>> tables = from_filled([form], [Filled("uuid:1", "desa", "", xml, datetime(2026, 5, 1, tzinfo=UTC))])
    >>> [(row.key, list(row.answers.values())) for row in tables.rows["/data/crop"]]
    [('uuid:1/crop[1]', ['7']), ('uuid:1/crop[2]', [''])]
    """
    layout = layout_of(versions)
    report = list(layout.report)
    if personal == "leave out":
        layout, said = _without_personal(layout, versions)
        report += said
        fillings = [replace(filled, submitter_name="", device_id="") for filled in fillings]
    by_version = {form.version: form for form in versions}
    rows: dict[str, list[Row]] = {table.path: [] for table in layout.tables}
    strays: Counter[str] = Counter()
    fields = {(item.path, item.kind): item for table in layout.tables for item in table.fields}
    for filled in fillings:
        form = by_version.get(filled.version)
        if form is None:
            strays[filled.version] += 1
            form = versions[-1]
        _lay_out(_Reader(filled, fields, rows), form, read_xml(filled.xml, where=filled.instance_id).element)
    report += [
        Message(
            "{n} fillings are of version {version}, which was not given; they are laid out by the newest.",
            {"n": n, "version": version or "–"},
        )
        for version, n in sorted(strays.items())
    ]
    tables = Tables(tuple(versions), layout, {path: tuple(found) for path, found in rows.items()})
    return replace(tables, report=(*report, *_missing(tables)))


@dataclass(frozen=True, slots=True)
class _Reader:
    filled: Filled
    fields: Mapping[tuple[str, str], Field]
    rows: Mapping[str, list[Row]]


def _lay_out(reader: _Reader, form: Form, root: Element) -> None:
    answers: dict[str, str] = {}
    reader.rows[""].append(Row(reader.filled.instance_id, "", (), answers, reader.filled))
    _walk(reader, form.root, root, (), answers)


def _walk(
    reader: _Reader,
    definition: Definition,
    element: Element,
    steps: tuple[tuple[str, int], ...],
    answers: dict[str, str],
) -> None:
    for child in definition.children:
        found = [below for below in element.elements() if below.local == child.local]
        if child.repeat is not None:
            _walk_repeat(reader, child, found, steps)
        elif found and child.is_leaf:
            column = reader.fields.get((child.path, kind_of(child)))
            if column is not None:
                answers[column.key] = found[0].text
        elif found:
            _walk(reader, child, found[0], (*steps, (child.local, 0)), answers)


def _walk_repeat(
    reader: _Reader, definition: Definition, found: list[Element], steps: tuple[tuple[str, int], ...]
) -> None:
    for number, element in enumerate(found, start=1):
        way = (*steps, (definition.local, number))
        answers: dict[str, str] = {}
        instance_id = reader.filled.instance_id
        row = Row(_key(instance_id, way), _parent_key(instance_id, way), way, answers, reader.filled)
        reader.rows[definition.path].append(row)
        _walk(reader, definition, element, way, answers)


def _key(instance_id: str, steps: Sequence[tuple[str, int]]) -> str:
    return "/".join((instance_id, *(f"{name}[{number}]" if number else name for name, number in steps)))


def _parent_key(instance_id: str, steps: tuple[tuple[str, int], ...]) -> str:
    above = [place for place, (_, number) in enumerate(steps[:-1], start=1) if number]
    return _key(instance_id, steps[: above[-1]] if above else ())


def _without_personal(layout: Layout, versions: Sequence[Form]) -> tuple[Layout, list[Message]]:
    tables = tuple(
        replace(table, fields=tuple(field for field in table.fields if not field.is_personal))
        for table in layout.tables
    )
    left_out = [field.path for table in layout.tables for field in table.fields if field.is_personal]
    return replace(layout, tables=tables), [_said_of_personal(left_out), *_kept_of_device(tables, versions)]


def _said_of_personal(left_out: Sequence[str]) -> Message:
    if not left_out:
        return Message(
            "The form marks no question as personal, so no answer is left out; a column bind::pk:personal "
            "marks them. The sender's name, and the device as it names itself when sending, are left out."
        )
    return Message(
        "Personal data is left out: the sender's name and device, and the answers to {questions}.",
        {"questions": ", ".join(left_out)},
    )


def _kept_of_device(tables: Sequence[TableLayout], versions: Sequence[Form]) -> Iterator[Message]:
    """Tell which questions hold what a device says of itself: they are answers like any other."""
    of_device = {
        node.path
        for form in versions
        for node in form.definitions()
        if node.bind is not None and node.bind.preload == "property"
    }
    kept = [field.path for table in tables for field in table.fields if field.path in of_device]
    if kept:
        yield Message(
            "The form asks the device about itself, and these answers are kept: {questions}. "
            "They are left out once bind::pk:personal marks them.",
            {"questions": ", ".join(kept)},
        )


def _missing(tables: Tables) -> Iterator[Message]:
    """Count the answers that are not there, by reason."""
    for table in tables.layout.tables:
        unanswered = not_asked = 0
        for row in tables.rows[table.path]:
            asked = [
                field for field in table.fields if field.is_asked and row.filled.version in field.versions
            ]
            unanswered += sum(row.answers.get(field.key) == "" for field in asked)
            not_asked += sum(field.key not in row.answers for field in asked)
        if unanswered or not_asked:
            yield Message(
                "Table {table}: {unanswered} questions were asked and not answered, {not_asked} did not "
                "apply.",
                {
                    "table": table.name or tables.layout.form_id,
                    "unanswered": unanswered,
                    "not_asked": not_asked,
                },
            )
