"""Making fillings again of the rows of a file, and looking each over as if it had just been sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pk_research.language import Message
from pk_research.survey.check import check_submission
from pk_research.survey.definition import Definition, Form
from pk_research.survey.exchange.layout import Field, Layout, layout_of
from pk_research.survey.filled import Filled
from pk_research.survey.filling import states_below
from pk_research.survey.markup import write_xml
from pk_research.survey.meta import declare_prefixes
from pk_research.survey.paths import path_of_node
from pk_research.survey.state import State
from pk_research.survey.submission import serialised
from pk_research.survey.surroundings import Surroundings
from pk_research.survey.tree import Attribute, Element


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Something wrong with a file, or with a row of it.

    Attributes
    ----------
    table
        Name of the CSV file, sheet or OData table.
    row
        Its row, counted as a spreadsheet does (the headings are row 1); None for the whole table.
    column
        The heading; empty for the whole row.
    message
        A sentence about it.
    """

    table: str
    row: int | None
    column: str
    message: Message


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file holds, as fillings.

    Attributes
    ----------
    fillings
        The submissions that keep every rule of the form, in the order of the file.
    refused
        Those that do not, rebuilt as far as possible; ``problems`` says why.
    problems
        Everything found wrong, by table and row; also what does no harm, such as columns that
        belong to no question.
    media
        Attached files by name, where the file holds any.
    """

    fillings: tuple[Filled, ...]
    refused: tuple[Filled, ...]
    problems: tuple[RowProblem, ...]
    media: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class Record:
    """A row of a file, its cells already given to questions.

    Attributes
    ----------
    table
        Path of the table, without numbers.
    place
        Name of the file or sheet, and row.
    key, parent_key
        Its own key and that of the row it belongs to.
    answers
        By the key of the column: text. A column the file does not have is not here.
    headings
        By the key of the column: what it is called in the file.
    """

    table: str
    place: tuple[str, int]
    key: str
    parent_key: str
    answers: dict[str, str]
    headings: Mapping[str, str]


@dataclass(slots=True)
class _Draft:
    """A filling being put together: its answers by path with numbers, and where each came from."""

    record: Record
    answers: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    places: dict[str, tuple[str, int, str]] = field(default_factory=dict)


class Rebuilder:
    """Puts fillings together from the rows of linked tables.

    Parameters
    ----------
    versions
        The versions of the form, oldest first.
    any_version
        Take rows of a version that was not given as filled in the newest one.
    surroundings
        The respondents' time zone.
    """

    def __init__(
        self, versions: Sequence[Form], *, any_version: bool = False, surroundings: Surroundings | None = None
    ) -> None:
        self.layout: Layout = layout_of(versions)
        self.versions = {form.version: form for form in versions}
        self.newest = versions[-1]
        self.any_version = any_version
        self.surroundings = surroundings
        self.fields: dict[str, Field] = {
            column.key: column for table in self.layout.tables for column in table.fields
        }
        self.problems: list[RowProblem] = []

    def rebuild(self, filled: Sequence[tuple[Record, Filled]], instances: Sequence[Record]) -> Imported:
        """Put the fillings together and check each.

        Parameters
        ----------
        filled
            The rows of the root table, each with what is known of its sending.
        instances
            The rows of the repeats, outer tables before inner ones.
        """
        known: dict[str, Record] = {}
        for record, sent in filled:
            if sent.instance_id in known:
                what = Message("The submission {key} is there twice.", {"key": sent.instance_id})
                self._note(record, what)
            else:
                known[sent.instance_id] = record
        drafts = self._drafts(known.values(), instances)
        sound: list[Filled] = []
        refused: list[Filled] = []
        for record, sent in filled:
            if known[sent.instance_id] is record:
                one, is_sound = self._checked(drafts[record.key], sent)
                (sound if is_sound else refused).append(one)
        return Imported(tuple(sound), tuple(refused), tuple(self.problems))

    def _drafts(self, roots: Iterable[Record], instances: Sequence[Record]) -> dict[str, _Draft]:
        top = f"/{self.newest.root.local}"
        drafts: dict[str, _Draft] = {}
        homes: dict[tuple[str, str], tuple[_Draft, str]] = {}
        for record in roots:
            drafts[record.key] = draft = _Draft(record)
            homes["", record.key] = (draft, top)
            self._take(draft, record, top)
        parents = {table.path: table.parent or "" for table in self.layout.tables}
        for record in instances:
            parent = parents[record.table]
            home = homes.get((parent, record.parent_key))
            if home is None:
                what = Message("It belongs to {key}, which is not there.", {"key": record.parent_key or "–"})
                self._note(record, what)
                continue
            draft, above = home
            where = above + record.table.removeprefix(parent or top)
            draft.counts[where] = draft.counts.get(where, 0) + 1
            path = f"{where}[{draft.counts[where]}]"
            homes[record.table, record.key] = (draft, path)
            self._take(draft, record, path)
        return drafts

    def _take(self, draft: _Draft, record: Record, path: str) -> None:
        for key, text in record.answers.items():
            column = self.fields[key]
            below = "/".join((path, *column.steps))
            if text or below not in draft.answers:
                draft.answers[below] = text
                draft.places[below] = (*record.place, record.headings.get(key, column.name))

    def _checked(self, draft: _Draft, sent: Filled) -> tuple[Filled, bool]:
        form = self.versions.get(sent.version, self.newest)
        version = sent.version
        if self.any_version and version != form.version:
            self._note(
                draft.record,
                Message(
                    "It was filled in version {given}; it is taken as version {form}.",
                    {"given": version or "–", "form": form.version or "–"},
                ),
            )
            version = form.version
        identifier = f"/{form.root.local}/meta/instanceID"
        if not draft.answers.get(identifier):
            draft.answers[identifier] = sent.instance_id
        raw = _xml(form, draft, version)
        is_foreign = self._note_foreign(form, draft)
        flaws = check_submission(form, raw, surroundings=self.surroundings)
        for flaw in flaws:
            table, row, column = draft.places.get(flaw.path, (*draft.record.place, _last(flaw.path)))
            self.problems.append(RowProblem(table, row, column, flaw.message))
        is_sound = not flaws and not is_foreign
        xml = _completed(form, raw, draft.answers, self.surroundings) if is_sound else raw
        return replace(sent, form_id=form.identifier, version=version, xml=xml), is_sound

    def _note_foreign(self, form: Form, draft: _Draft) -> bool:
        """Note the answers to questions that only other versions ask; tell whether there are any."""
        known = {_plain(path) for path in form.paths}
        foreign = [
            path for path, text in draft.answers.items() if text and re.sub(r"\[\d+\]", "", path) not in known
        ]
        for path in foreign:
            what = Message(
                "Version {version} of the form does not ask {question}.",
                {"version": form.version or "–", "question": _last(path)},
            )
            self.problems.append(RowProblem(*draft.places.get(path, (*draft.record.place, "")), what))
        return bool(foreign)

    def _note(self, record: Record, message: Message, column: str = "") -> None:
        self.problems.append(RowProblem(*record.place, column, message))


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _xml(form: Form, draft: _Draft, version: str) -> str:
    root = _element(form.root, form.template, f"/{form.root.local}", draft)
    attributes = [attribute for attribute in form.template.attributes if attribute.local != "version"]
    if version:
        attributes.append(Attribute("version", version))
    for attribute in attributes:
        root.set(Attribute(attribute.local, attribute.value, prefix=attribute.prefix, uri=attribute.uri))
    declare_prefixes(root, form.namespaces)
    return write_xml(root)


def _element(definition: Definition, model: Element, path: str, draft: _Draft) -> Element:
    """Return an element with the answers below it; where the file has no column, as the form has it."""
    element = Element(model.local, prefix=model.prefix, uri=model.uri)
    if definition.is_leaf:
        element.set_text(draft.answers.get(path, model.text))
        return element
    for child in definition.children:
        where = f"{path}/{child.local}"
        if child.repeat is not None:
            for number in range(1, draft.counts.get(where, 0) + 1):
                element.append(_element(child, child.repeat.template, f"{where}[{number}]", draft))
        else:
            inner = next((below for below in model.elements() if below.name == child.name), None)
            if inner is not None:
                element.append(_element(child, inner, where, draft))
    return element


def _completed(form: Form, xml: str, answers: Mapping[str, str], surroundings: Surroundings | None) -> str:
    """Return a sound filling as it was sent: without what does not apply, with what was not answered."""
    session = form.start(surroundings, instance=xml, origin="checked")
    for state in _states(session.root.state):
        path = _plain(path_of_node(state.node))
        if state.definition.is_leaf and isinstance(state.node, Element) and answers.get(path):
            state.node.set_text(answers[path])
    return serialised(session.root, form.namespaces)


def _states(state: State) -> Iterator[State]:
    yield state
    for below in states_below(state):
        yield from _states(below)


def _plain(path: str) -> str:
    """Return a path without prefixes."""
    return re.sub(r"(?<=/)[\w.-]+:", "", path)
