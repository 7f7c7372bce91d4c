"""Fillings as datasets with codebooks, for SPSS, Stata, Parquet and Excel."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from pk_research.codebook import Codebook, Label, Variable
from pk_research.language import Message
from pk_research.sources.dataset import Dataset, Provenance, Step
from pk_research.survey.answers import stored
from pk_research.survey.codebook_of_form import CALCULATED, Column, columns_of
from pk_research.survey.definition import Form
from pk_research.survey.exchange.layout import Field, TableLayout, kind_of
from pk_research.survey.exchange.tables import Row, Tables

KEY, PARENT_KEY = "key", "parent_key"
NOT_RELEVANT = Label("not_relevant", "tidak berlaku", "did not apply")
UNANSWERED = Label("unanswered", "tidak dijawab", "not answered")
NOT_IN_VERSION = Label("not_in_version", "tidak ditanyakan dalam versi ini", "not asked in this version")
UNREADABLE = Label("not_a_value", "bukan nilai jenis ini", "not a value of this kind")
_REASONS = (NOT_RELEVANT, UNANSWERED, NOT_IN_VERSION, UNREADABLE)
NOT_A_NUMBER = "NaN"  # what a calculation gives where an answer it needs is missing
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)

_REASON = Variable("reason", "Mengapa tidak ada nilai", "Why there is no value", "category")
_LINK = Variable(KEY, "Pengenal baris", "Row identifier", "code")
_PARENT = Variable(PARENT_KEY, "Pengenal baris induk", "Identifier of the row it belongs to", "code")
_ABOUT = (
    Variable("submitted_on", "Tanggal diterima (UTC)", "Date received (UTC)", "date"),
    Variable("form_version", "Versi formulir", "Form version", "string"),
    Variable(
        "review_state",
        "Status pemeriksaan",
        "Review state",
        "category",
        categories=(
            Label("received", "diterima", "received"),
            Label("has issues", "ada masalah", "has issues"),
            Label("approved", "disetujui", "approved"),
            Label("rejected", "ditolak", "rejected"),
        ),
    ),
)


def datasets(tables: Tables) -> tuple[Dataset, ...]:
    """Return the fillings as datasets: the root table, one for each repeat, and why values are missing.

    Parameters
    ----------
    tables
        The fillings, of any number of versions.

    Returns
    -------
    tuple of Dataset
        Named after the form and the repeat; repeats are linked to what they belong to by
        ``parent_key`` = ``key``. Codebooks come from the form, in both languages; what several
        versions ask is one variable, with the choices of all and the labels of the newest.
        `sources.save` writes each as SPSS, Stata, Parquet, Excel or CSV.

        A calculation that is a number by its expression alone (see `codebook_of_form.codebook_of`)
        stays one where every value is one.

        A value is missing (never zero) where the question did not apply, was not answered, was
        answered with a code for no answer alone, or is not in the version. That a choice was not
        chosen (false) is only known where another was. The last dataset,
        ``<form>_missing``, has a row for every such value and says which of these it is, so that
        the formats need not. Personal answers that were left out of ``tables`` are not here.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from pk_research.survey.exchange.tables import from_filled
    >>> from pk_research.survey.filled import Filled
    >>> from pk_research.survey.reading import parse_form
    >>> form = parse_form('''<h:html xmlns="http://www.w3.org/2002/xforms"
    ...   xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>Desa</h:title><model>
    ...   <instance><data id="desa"><kk/></data></instance><bind nodeset="/data/kk" type="int"/>
    ...   </model></h:head><h:body><input ref="/data/kk"/></h:body></h:html>''')
    >>> filled = Filled("uuid:1", "desa", "", "<data><kk>150</kk></data>", datetime(2026, 5, 1, tzinfo=UTC))
    >>> root, missing = datasets(from_filled([form], [filled]))
    >>> root.frame["kk"].tolist(), len(missing.frame)
    ([150], 0)
    """
    digest = hashlib.sha256("\n".join(filled.xml for filled in tables.fillings).encode()).hexdigest()
    found: list[Dataset] = []
    gaps: list[tuple[str, str, str, str]] = []
    for table in tables.layout.tables:
        name = _name(tables, table)
        variables = _variables(tables, table)
        missing: list[tuple[str, str, str, str]] = []
        columns: dict[str, list[Any]] = {variable.name: [] for variable in _frame_of(table)}
        columns |= {column.name: [] for column in variables}
        for row in tables.rows[table.path]:
            _add_links(columns, table, row)
            for column in variables:
                value, reason = column.value(row)
                columns[column.name].append(value)
                if reason and not column.choice:
                    missing.append((row.key, name, column.name, reason))
        codebook = Codebook((*_frame_of(table), *(column.variable for column in variables)))
        frame = codebook.cast(pd.DataFrame(columns, dtype=object), where=name)
        origin = Provenance(
            tables.layout.title,
            "",
            digest,
            "submissions",
            n_rows_read=len(frame),
            steps=(*_said(tables, table), *_counted(missing)),
        )
        found.append(Dataset(name, frame, codebook, origin, (KEY,)))
        gaps += missing
    return (*found, _missing(tables, gaps, digest))


@dataclass(frozen=True, slots=True)
class _Named:
    """A variable, the column of answers it comes from, and the question's codes for no answer."""

    variable: Variable
    field: Field
    choice: str
    codes: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return self.variable.name

    def value(self, row: Row) -> tuple[Any, str]:
        """Return the value in a row, or None and why there is none."""
        if row.filled.version not in self.field.versions and self.field.key not in row.answers:
            return None, NOT_IN_VERSION.value
        text = row.answers.get(self.field.key)
        if text is None:
            return None, NOT_RELEVANT.value
        chosen = text.split() if self.field.kind == "select" else [self._plain(text)]
        if not text or self.codes.issuperset(chosen):
            return None, " ".join(chosen) if text else UNANSWERED.value
        if self.choice:
            return self.choice in chosen, ""
        return self._typed(text)

    def _plain(self, text: str) -> str:
        """Write a number as codes are written: -99.0 is the code -99."""
        if self.variable.kind not in ("integer", "number") or not _NUMBER.fullmatch(text.strip()):
            return text
        number = float(text)
        return str(int(number)) if number.is_integer() else text

    def _typed(self, text: str) -> tuple[Any, str]:
        kind = self.variable.kind
        value: Any = text
        if kind in ("integer", "number"):
            number = float(text) if _NUMBER.fullmatch(text.strip()) else None
            value = number if number is None or kind == "number" or number.is_integer() else None
        elif kind == "category":
            value = text if text in {label.value for label in self.variable.categories} else None
        elif kind == "date":
            value = stored("date", text) or None
        return value, "" if value is not None else UNREADABLE.value


def _frame_of(table: TableLayout) -> tuple[Variable, ...]:
    return (_LINK, *_ABOUT) if table.parent is None else (_LINK, _PARENT)


def _add_links(columns: Mapping[str, list[Any]], table: TableLayout, row: Row) -> None:
    columns[KEY].append(row.key)
    if table.parent is not None:
        columns[PARENT_KEY].append(row.parent_key)
        return
    columns["submitted_on"].append(row.filled.submitted_at.date().isoformat())
    columns["form_version"].append(row.filled.version)
    columns["review_state"].append(row.filled.review_state)


def _name(tables: Tables, table: TableLayout) -> str:
    repeated = Counter(other.name for other in tables.layout.tables)[table.name] > 1
    below = "_".join(table.path.split("/")[2:]) if repeated else table.name
    return re.sub(r"\W+", "_", "_".join(filter(None, (tables.layout.form_id, below)))).lower()


def _variables(tables: Tables, table: TableLayout) -> list[_Named]:
    """Return a table's variables, those of all versions side by side and named apart."""
    fields = {(field.path, field.kind): field for field in table.fields}
    merged: dict[tuple[str, str], _Named] = {}
    for form in tables.versions:
        for column in _columns(form, table.path):
            field = fields.get((column.definition.path, kind_of(column.definition)))
            if field is not None:
                known = merged.get((field.key, column.choice))
                variable = _as_given(_renamed(column, field), field, tables.rows[table.path])
                if known is not None:
                    variable = _widened(known.variable, variable)
                merged[field.key, column.choice] = _Named(variable, field, column.choice)
    order = {field.key: number for number, field in enumerate(table.fields)}
    codes = {
        key: frozenset(label.value for label in named.variable.missing)
        for (key, choice), named in merged.items()
        if not choice
    }
    coded = (replace(named, codes=codes[named.field.key]) for named in merged.values())
    listed = sorted(coded, key=lambda named: order[named.field.key])
    return list(_apart(listed, {variable.name for variable in _frame_of(table)}))


def _as_given(variable: Variable, field: Field, rows: Sequence[Row]) -> Variable:
    """Take a number that only a calculation promises for a text where one of its values is none."""
    given = {row.answers.get(field.key, "").strip() for row in rows} - {"", NOT_A_NUMBER}
    if not variable.source.endswith(CALCULATED) or all(map(_NUMBER.fullmatch, given)):
        return variable
    return replace(variable, kind="string", source=variable.source.removesuffix(CALCULATED))


def _columns(form: Form, path: str) -> Sequence[Column]:
    known = {node.path for node in form.definitions() if node.repeat is not None}
    return columns_of(form, path) if not path or path in known else ()


def _renamed(column: Column, field: Field) -> Variable:
    if not field.suffix:
        return column.variable
    name, mark, choice = column.variable.name.partition("__")
    return replace(column.variable, name=f"{name}{field.suffix}{mark}{choice}")


def _widened(older: Variable, newer: Variable) -> Variable:
    """Return a variable that holds the values of both: the newer one's labels, the choices of both."""
    is_alike = newer.kind == older.kind
    return replace(
        newer,
        kind=newer.kind if is_alike else "string",
        source=newer.source if is_alike else newer.source.removesuffix(CALCULATED),
        categories=_together(older.categories, newer.categories),
        missing=_together(older.missing, newer.missing),
        minimum=None if None in (older.minimum, newer.minimum) else min(older.minimum, newer.minimum),  # type: ignore[type-var]
        maximum=None if None in (older.maximum, newer.maximum) else max(older.maximum, newer.maximum),  # type: ignore[type-var]
    )


def _together(older: tuple[Label, ...], newer: tuple[Label, ...]) -> tuple[Label, ...]:
    return tuple({label.value: label for label in (*older, *newer)}.values())


def _apart(listed: Sequence[_Named], taken: set[str]) -> Iterator[_Named]:
    """Name apart what would be called the same: questions of one name that moved to other groups."""
    for named in listed:
        name, number = named.name, 1
        while name in taken:
            number += 1
            name = f"{named.name}_{number}"
        taken.add(name)
        yield named if name == named.name else replace(named, variable=replace(named.variable, name=name))


def _said(tables: Tables, table: TableLayout) -> Iterator[Step]:
    """Yield, with the root table, what happened to the fillings as a whole."""
    if table.parent is None:
        for message in tables.report:
            yield Step(message, len(tables.rows[""]))


def _counted(missing: Sequence[tuple[str, str, str, str]]) -> Iterator[Step]:
    said = {
        NOT_RELEVANT.value: Message("it did not apply"),
        UNANSWERED.value: Message("it was not answered"),
        NOT_IN_VERSION.value: Message("its version does not ask it"),
        UNREADABLE.value: Message("it is no value of its kind"),
    }
    counts = Counter((name, reason) for _, _, name, reason in missing)
    for (name, reason), n_rows in counts.items():
        why = said.get(reason, Message("the answer was {code}", {"code": reason}))
        what = Message("{column} is missing: {reason}", {"column": name, "reason": why})
        yield Step(what, n_rows, (name,))


def _missing(tables: Tables, gaps: Sequence[tuple[str, str, str, str]], digest: str) -> Dataset:
    codes = sorted({reason for *_, reason in gaps} - {label.value for label in _REASONS})
    labels = _code_labels(tables)
    reasons = (*_REASONS, *(labels.get(code, Label(code, code, code)) for code in codes))
    codebook = Codebook(
        (
            _LINK,
            Variable("table", "Tabel", "Table", "string"),
            Variable("variable", "Variabel", "Variable", "string"),
            Variable(
                "reason", "Mengapa tidak ada nilai", "Why there is no value", "category", categories=reasons
            ),
        )
    )
    name = _name(tables, tables.layout.tables[0]) + "_missing"
    frame = codebook.cast(pd.DataFrame(gaps, columns=list(codebook.names), dtype=object), where=name)
    title = f"{tables.layout.title}: missing values"
    origin = Provenance(title, "", digest, "submissions", n_rows_read=len(frame))
    return Dataset(name, frame, codebook, origin, (KEY, "variable"))


def _code_labels(tables: Tables) -> dict[str, Label]:
    found: dict[str, Label] = {}
    for table in tables.layout.tables:
        for named in _variables(tables, table):
            found.update({label.value: label for label in named.variable.missing})
    return found
