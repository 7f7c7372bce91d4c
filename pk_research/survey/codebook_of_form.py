"""The codebook of what a form brings in: one variable a column, described as the form asks it.

A form's answers become a root table and one table for each repeat. `columns_of` says which
columns a table has and where in the form each comes from; `codebook_of` describes them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pk_research.codebook import Codebook, Kind, Label, Variable
from pk_research.errors import NotFound, Problem
from pk_research.sources.vocabulary import KECAMATAN_CODE, VILLAGE_CODE
from pk_research.survey.calculated import gives_number
from pk_research.survey.definition import Definition, Form
from pk_research.survey.static_texts import StaticTexts, Words
from pk_research.survey.valid_answers import valid_answers

NO_ANSWER = (
    Label("-99", "Tidak tahu", "Don't know"),
    Label("-88", "Tidak bersedia menjawab", "Prefers not to answer"),
)
"""The house's codes for a question that was asked and not answered."""
CALCULATED = "; calculated, kept as a number"
"""What the source of a number adds, whose kind only its calculation tells."""
MAX_CATEGORIES = 300

_CODES = frozenset(label.value for label in NO_ANSWER)
_CODE_NAMES = (VILLAGE_CODE.name, KECAMATAN_CODE.name)
_KINDS: dict[str, Kind] = {
    "int": "integer",
    "integer": "integer",
    "long": "integer",
    "decimal": "number",
    "boolean": "boolean",
    "date": "date",
}
_MADE_BY_COMPILER = ("generated_table_list_label_", "reserved_name_for_field_list_labels_")
_PATH = re.compile(r"\s*(?<![\w)])/[\w./-]*?([\w.-]+)(?![\w./-])\s*")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a form's table.

    Attributes
    ----------
    variable
        What it holds.
    definition
        The question it comes from.
    choice
        For a column of one choice of a question with several answers: that choice. The column is
        true where it was chosen, false where others were, missing where the question has no
        answer, or only a code that says why.
    """

    variable: Variable
    definition: Definition
    choice: str = ""


def codebook_of(form: Form, repeat_path: str = "") -> Codebook:
    """Return the codebook of a form's root table, or of the table of one repeat.

    Parameters
    ----------
    form
        The form.
    repeat_path
        Path of the repeat, without numbers: ``/data/products/product``; empty for the root table.

    Returns
    -------
    Codebook
        Variables in the form's order, named as the questions are; where two questions of a table
        share a name, the names of their groups stand before it. A question with several answers
        is one text (values with spaces between) and then one true-or-false variable a choice, named
        ``question__choice``.
        ``unit`` is the question's ``body::pk:unit``, ``universe`` its relevance, ``minimum`` and
        ``maximum`` those its constraint names. A calculation whose kind the form does not declare is
        a number where its expression gives one (see `calculated.gives_number`); ``source`` then says
        so. Codes for no answer are ``missing``. Columns that
        link tables, or tell of the sending, are not the form's and not here.

    Raises
    ------
    NotFound
        When there is no such repeat.

    Examples
    --------
    >>> from pk_research.survey.reading import parse_form
    >>> form = parse_form('''<h:html xmlns="http://www.w3.org/2002/xforms"
    ...   xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>Desa</h:title><model>
    ...   <instance><data id="desa"><kk/></data></instance>
    ...   <bind nodeset="/data/kk" type="int" constraint=". &gt;= 0 or . = -99"/></model></h:head>
    ...   <h:body><input ref="/data/kk"><label>Keluarga</label></input></h:body></h:html>''')
    >>> kk = codebook_of(form)["kk"]
    >>> kk.label_id, kk.kind, kk.minimum, kk.missing[0].value
    ('Keluarga', 'integer', 0.0, '-99')
    """
    return Codebook(tuple(column.variable for column in columns_of(form, repeat_path)))


def columns_of(form: Form, repeat_path: str = "") -> tuple[Column, ...]:
    """Return the columns of a form's root table, or of one repeat's, in the form's order.

    Raises
    ------
    NotFound
        When there is no such repeat.
    """
    if repeat_path and repeat_path not in repeats_of(form):
        raise NotFound(
            Problem(
                repeat_path,
                f"the form {form.identifier} has no such repeat",
                f"Its repeats: {', '.join(repeats_of(form)) or 'none'}.",
            )
        )
    texts = StaticTexts(form)
    questions = [node for node in form.definitions() if _is_answered(node) and _table(node) == repeat_path]
    often = Counter(node.local for node in questions)
    found: list[Column] = []
    for node in questions:
        name = node.local if often[node.local] == 1 else _long_name(node, repeat_path)
        found.extend(_columns(form, node, name, texts))
    return tuple(found)


def repeats_of(form: Form) -> tuple[str, ...]:
    """Return the paths of a form's repeats, outer before inner."""
    return tuple(node.path for node in form.definitions() if node.repeat is not None)


def _is_answered(node: Definition) -> bool:
    if not node.is_leaf or node.is_attribute or node.parent is None or node.parent.local == "meta":
        return False
    readonly = node.rule("readonly")
    is_note = readonly is not None and readonly.source.strip() == "true()" and node.rule("value") is None
    is_preloaded = node.bind is not None and bool(node.bind.preload)
    return (not is_note or is_preloaded) and not node.local.startswith(_MADE_BY_COMPILER)


def _table(node: Definition) -> str:
    repeats = [above.path for above in node.lineage() if above.repeat is not None]
    return repeats[-1] if repeats else ""


def _long_name(node: Definition, repeat_path: str) -> str:
    above = [step.local for step in node.lineage()[1:] if len(step.path) > len(repeat_path)]
    return "_".join(above)


def _columns(form: Form, node: Definition, name: str, texts: StaticTexts) -> Iterator[Column]:
    control = node.control
    choices = [] if control is None or not control.has_choices else texts.of_choices(control)
    short = _short(node, texts.of_question(node))
    plain = _plain_variable(node, name)
    told = CALCULATED if plain.kind == "number" and node.type not in _KINDS else ""
    variable = replace(
        plain,
        label_id=short.id,
        label_en=short.en,
        universe=_universe(node),
        source=f"{form.identifier} {form.version}".strip() + told,
    )
    if control is None or control.kind not in ("select", "select1"):
        yield Column(variable, node)
        return
    labels = {value: Label(value, words.id, words.en) for value, words in choices}
    missing = tuple(label for value, label in labels.items() if value in _CODES)
    offered = tuple(label for value, label in labels.items() if value not in _CODES)
    if name in _CODE_NAMES or len(offered) > MAX_CATEGORIES:
        yield Column(replace(variable, kind="code", missing=missing), node)
    elif control.kind == "select1":
        kind: Kind = "category" if offered else "string"
        yield Column(replace(variable, kind=kind, categories=offered, missing=missing), node)
    else:
        yield Column(replace(variable, missing=missing), node)
        for choice in offered:
            yield Column(_one_of_several(variable, choice), node, choice.value)


def _plain_variable(node: Definition, name: str) -> Variable:
    kind = _KINDS.get(node.type, "number" if gives_number(node) else "string")
    unit = "" if node.control is None else node.control.attributes.get("unit", "")
    if kind not in ("integer", "number"):
        return Variable(name, kind=kind, unit=unit)
    valid = valid_answers(node.rule("constraint"), is_whole=kind == "integer")
    minimum, maximum = valid.minimum, valid.maximum
    if node.control is not None and node.control.kind == "range":
        minimum, maximum = (float(node.control.attributes[edge]) for edge in ("start", "end"))
    missing = tuple(label for label in NO_ANSWER if label.value in valid.codes)
    return Variable(name, kind=kind, unit=unit, minimum=minimum, maximum=maximum, missing=missing)


def _short(node: Definition, asked: Words) -> Words:
    """Return the labels for tables: the form's own short ones, else the question as it is asked."""
    attributes = {} if node.control is None else node.control.attributes
    return Words(attributes.get("short_id", "") or asked.id, attributes.get("short_en", "") or asked.en)


def _one_of_several(variable: Variable, choice: Label) -> Variable:
    return replace(
        variable,
        name=f"{variable.name}__{choice.value}",
        kind="boolean",
        label_id=f"{variable.label_id}: {choice.label_id}" if choice.label_id else variable.label_id,
        label_en=f"{variable.label_en}: {choice.label_en}" if choice.label_en else variable.label_en,
    )


def _universe(node: Definition) -> str:
    rules = [rule.source for above in node.lineage() if (rule := above.rule("relevant")) is not None]
    conditions = [_with_names(source) for source in rules]
    if len(conditions) > 1:
        conditions = [f"({text})" if " or " in text else text for text in conditions]
    return " and ".join(dict.fromkeys(conditions))


def _with_names(source: str) -> str:
    """Write an expression with the names of questions for their paths."""
    return (
        " ".join(_PATH.sub(lambda found: f" {found[1]} ", source).split())
        .replace("( ", "(")
        .replace(" )", ")")
    )
