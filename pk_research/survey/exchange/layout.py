"""Which tables and columns the versions of a form have between them.

A question keeps its column from version to version as long as it keeps its place in the form and
its kind of answer. One that moved or changed its kind gets a column of its own; nothing is merged
that was not the same question, and every such decision is said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.survey.definition import Control, Definition, Form
from pk_research.survey.privacy import personal_paths
from pk_research.survey.static_texts import StaticTexts

MAX_CHOICE_COLUMNS = 300
NUMBER_TYPES = {"int": "int", "integer": "int", "long": "int", "decimal": "decimal"}
_TYPES = ("date", "time", "dateTime", "geopoint", "geotrace", "geoshape", "binary")


@dataclass(frozen=True, slots=True)
class Field:
    """A question's column, the same in every version that asks it.

    Attributes
    ----------
    table
        Path of the repeat it stands in, without numbers; empty for the root table.
    path
        Its path in the form, without numbers.
    steps
        The names below the table: its groups, then itself.
    kind
        What its answers are: ``string``, ``int``, ``decimal``, ``date``, ``time``, ``dateTime``,
        ``geopoint``, ``geotrace``, ``geoshape``, ``binary``, ``select``, ``select1`` or ``rank``.
    choices
        Values a question with several answers offers, in all versions together; none where they
        are too many for columns.
    is_personal
        Whether any version says its answers are personal data, or they are made from such.
    is_asked
        Whether somebody is asked, rather than shown a note or spared by a calculation.
    suffix
        What tells its column from that of an earlier version's question of the same path but
        another kind; mostly empty.
    versions
        The versions that ask it.
    """

    table: str
    path: str
    steps: tuple[str, ...]
    kind: str
    choices: tuple[str, ...] = ()
    is_personal: bool = False
    is_asked: bool = True
    suffix: str = ""
    versions: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What tells it from every other column of all tables."""
        return self.path + self.suffix

    @property
    def name(self) -> str:
        """The question's own name, made distinct."""
        return self.steps[-1] + self.suffix

    def header(self, separator: str) -> str:
        """Return its name after those of its groups."""
        return separator.join((*self.steps[:-1], self.name))


@dataclass(frozen=True, slots=True)
class TableLayout:
    """A table: the root, or one for a repeat.

    Attributes
    ----------
    path
        Path of the repeat, without numbers; empty for the root table.
    parent
        Path of the table it belongs to; None for the root table.
    fields
        Its columns, in the order of the form.
    """

    path: str
    parent: str | None
    fields: tuple[Field, ...]

    @property
    def name(self) -> str:
        """The name of the repeat."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Layout:
    """The tables of a form's versions, the root first, outer repeats before inner ones.

    Attributes
    ----------
    form_id, title
        The form.
    tables
        By depth-first order of the repeats, as Central counts them.
    report
        What was kept apart, and why.
    """

    form_id: str
    title: str
    tables: tuple[TableLayout, ...]
    report: tuple[Message, ...] = ()

    def table(self, path: str) -> TableLayout:
        """Return the table of a path."""
        return next(table for table in self.tables if table.path == path)


def layout_of(versions: Sequence[Form]) -> Layout:
    """Return the tables of several versions of a form.

    Parameters
    ----------
    versions
        The versions, oldest first: names once given to columns stay theirs.

    Raises
    ------
    BadInput
        When there is no version, or they are versions of different forms.

    Examples
    --------
    >>> from pk_research.survey.reading import parse_form
    >>> text = '''<h:html xmlns="http://www.w3.org/2002/xforms"
    ...   xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>Desa</h:title><model>
    ...   <instance><data id="desa" version="V"><kk/></data></instance>
    ...   <bind nodeset="/data/kk" type="TYPE"/></model></h:head><h:body/></h:html>'''
    >>> first = parse_form(text.replace("V", "1").replace("TYPE", "int"))
    >>> second = parse_form(text.replace("V", "2").replace("TYPE", "string"))
    >>> [(field.name, field.versions) for field in layout_of([first, second]).tables[0].fields][:2]
    [('kk', ('1',)), ('kk__string', ('2',))]
    """
    _check_versions(versions)
    fields: dict[tuple[str, str], Field] = {}
    parents: dict[str, str | None] = {"": None}
    personal = personal_paths(versions)
    for form in versions:
        order = list(fields)
        place = 0
        for field in _fields(form, personal):
            key = (field.path, field.kind)
            if key in fields:
                fields[key] = _joined(fields[key], field)
            else:
                fields[key] = field
                # beside its namesake of another kind, else after the question it follows in the form
                namesakes = [number for number, (path, _) in enumerate(order) if path == field.path]
                order.insert(namesakes[-1] + 1 if namesakes else place, key)
            place = order.index(key) + 1
        fields = {key: fields[key] for key in order}
        for node in form.definitions():
            if node.repeat is not None:
                parents.setdefault(node.path, table_of(node.parent))
    distinct = tuple(_distinct(tuple(fields.values()), versions))
    tables = [
        TableLayout(path, parent, tuple(field for field in distinct if field.table == path))
        for path, parent in _depth_first(parents)
    ]
    report = (*_kept_apart(distinct), *_not_everywhere(distinct, versions))
    return Layout(versions[-1].identifier, versions[-1].title, tuple(tables), report)


def table_of(node: Definition | None) -> str:
    """Return the path of the innermost repeat a node stands in, itself included; else empty."""
    while node is not None and node.repeat is None:
        node = node.parent
    return "" if node is None else node.path


def _check_versions(versions: Sequence[Form]) -> None:
    if not versions:
        raise BadInput(Problem("export", "no version of the form was given", "Give at least one."))
    identifiers = sorted({form.identifier for form in versions})
    roots = sorted({form.root.name for form in versions})
    if len(identifiers) > 1 or len(roots) > 1:
        named = ", ".join(identifiers if len(identifiers) > 1 else roots)
        raise BadInput(Problem("export", f"these are different forms: {named}", "Export one form at a time."))


def _fields(form: Form, personal: Collection[str]) -> Iterator[Field]:
    texts = StaticTexts(form)
    for node in form.definitions():
        if node.is_leaf and not node.is_attribute and node.parent is not None:
            table = table_of(node)
            depth = table.count("/") or 1
            yield Field(
                table,
                node.path,
                tuple(step.local for step in node.lineage()[depth:]),
                kind_of(node),
                _offered(node.control, texts),
                is_personal=node.path in personal,
                is_asked=_is_asked(node),
                versions=(form.version,),
            )


def kind_of(node: Definition) -> str:
    """Return what the answers to a question are; see `Field`."""
    if node.control is not None and node.control.has_choices:
        return node.control.kind
    if node.type in NUMBER_TYPES:
        return NUMBER_TYPES[node.type]
    return node.type if node.type in _TYPES else "string"


def _is_asked(node: Definition) -> bool:
    readonly = node.rule("readonly")
    is_note = readonly is not None and readonly.source.strip() == "true()"
    return node.control is not None and node.rule("value") is None and not is_note


def _offered(control: Control | None, texts: StaticTexts) -> tuple[str, ...]:
    if control is None or control.kind != "select":
        return ()
    values = tuple(dict.fromkeys(value for value, _ in texts.of_choices(control) if value))
    return values if len(values) <= MAX_CHOICE_COLUMNS else ()


def _joined(older: Field, newer: Field) -> Field:
    return replace(
        older,
        choices=tuple(dict.fromkeys((*older.choices, *newer.choices))),
        versions=(*older.versions, *newer.versions),
    )


def _distinct(fields: Iterable[Field], versions: Sequence[Form]) -> Iterator[Field]:
    """Name apart the questions of one path and different kinds, the oldest keeping the plain name."""
    order = {form.version: number for number, form in enumerate(versions)}
    same: dict[str, list[Field]] = {}
    for field in fields:
        same.setdefault(field.path, []).append(field)
    oldest = {path: min(found, key=lambda field: order[field.versions[0]]) for path, found in same.items()}
    for field in fields:
        is_plain = field is oldest[field.path]
        yield field if is_plain else replace(field, suffix=f"__{field.kind}")


def _depth_first(parents: dict[str, str | None]) -> Iterator[tuple[str, str | None]]:
    def below(path: str) -> Iterator[tuple[str, str | None]]:
        yield path, parents[path]
        for child, parent in parents.items():
            if parent == path:
                yield from below(child)

    yield from below("")


def _kept_apart(fields: Sequence[Field]) -> Iterator[Message]:
    for field in fields:
        if field.suffix:
            yield Message(
                "{path} changed its kind of answer to {kind} in version {version}: it is kept in a "
                "column of its own, {column}.",
                {
                    "path": field.path,
                    "kind": field.kind,
                    "version": field.versions[0] or "–",
                    "column": field.name,
                },
            )


def _not_everywhere(fields: Sequence[Field], versions: Sequence[Form]) -> Iterator[Message]:
    for field in fields:
        if len(field.versions) < len(versions) and not field.suffix:
            yield Message(
                "{path} is asked in version {versions} only; rows of other versions have no answer there.",
                {"path": field.path, "versions": ", ".join(version or "–" for version in field.versions)},
            )
