"""Which answers are personal data: those the form marks, and all that repeats them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from pk_research.survey.definition import Action, Bind, Control, Definition, Form, Texts
from pk_research.survey.references import references, texts_taken
from pk_research.survey.texts import itext_name
from pk_research.survey.xpath import Expression

OF_THE_OWNER = frozenset(["email", "phonenumber", "simserial", "subscriberid", "username"])

_LIST = re.compile(r"instance\(\s*['\"]([^'\"]+)")

Translated = dict[str, list[Expression]]

Copy = tuple[Definition, Definition]
"""A node, and one that may repeat what it holds."""


def personal_paths(versions: Collection[Form]) -> frozenset[str]:
    """Return, by path, the questions of which any version of a form makes personal data.

    A version that forgets the mark, or does not have it yet, must not show what another hides.
    """
    found: frozenset[str] = frozenset()
    while more := {node.path for form in versions for node in personal_in(form, also=found)} - found:
        found |= more
    return found


def personal_in(form: Form, *, also: Collection[str] = ()) -> frozenset[Definition]:
    """Return the questions whose answers are personal data.

    Parameters
    ----------
    form
        The form.
    also
        Paths of questions and groups that are personal though this form does not say so.

    Returns
    -------
    frozenset
        Questions marked ``bind::pk:personal``, themselves or by a group they stand in; what a
        telephone fills in of its owner; and whatever repeats any of these, directly or through
        another: calculations, values that an action sets, and questions whose choices are made of
        such answers or filtered by them. An instance name made of the respondent's name is as
        personal as the name, and so is who of the household was chosen to answer.

    Notes
    -----
    A filter counts, because of cascades: whoever reads the village that was chosen knows the
    district it was filtered by. A condition of relevance does not: that a question was asked tells
    one thing of an answer, and hiding whatever is asked conditionally would leave little to read.

    Examples
    --------
    >>> from pk_research.survey.reading import parse_form
    >>> form = parse_form('''<h:html xmlns="http://www.w3.org/2002/xforms"
    ...   xmlns:h="http://www.w3.org/1999/xhtml" xmlns:pk="http://pabrik-kampoeng.example/form">
    ...   <h:head><h:title>Desa</h:title><model>
    ...   <instance><data id="desa"><name/><greeting/><kk/></data></instance>
    ...   <bind nodeset="/data/name" pk:personal="yes"/>
    ...   <bind nodeset="/data/greeting" calculate="concat('Pak ', /data/name)"/>
    ...   </model></h:head><h:body><input ref="/data/name"/></h:body></h:html>''')
    >>> sorted(question.local for question in personal_in(form))
    ['greeting', 'name']
    """
    marked = {
        below
        for definition in form.definitions()
        if definition.path in also or _is_marked(definition.bind)
        for below in definition.walk()
    }
    copies = list(_copies(form))
    found = form.graph.with_what_follows(marked)
    while more := {copy for source, copy in copies if source in found} - found:
        found = form.graph.with_what_follows(found | more)
    return found


def _is_marked(bind: Bind | None) -> bool:
    if bind is None:
        return False
    is_of_owner = bind.preload == "property" and bind.preload_parameter in OF_THE_OWNER
    return bind.is_personal or is_of_owner


def _copies(form: Form) -> Iterator[Copy]:
    """Yield what repeats an answer in a way that the order of calculation does not follow."""
    for node in form.definitions():
        if (calculation := node.rule("value")) is not None:
            yield from _taken_by(calculation, node, node)
    for action in form.actions:
        yield from _set_by(action, form)
    translated = _translated(form)
    for control in (inner for outer in form.controls for inner in outer.walk()):
        if control.node is not None and control.has_choices:
            for expression, item in _made_of(control, control.node, form, translated):
                yield from _read_by(expression, item, control.node)


def _set_by(action: Action, form: Form) -> Iterator[Copy]:
    if action.value is None:
        return
    place = form.paths.get(action.source, form.root)
    for target in references(action.target.tree, place):
        yield from _read_by(action.value, target.target, target.target)


def _made_of(
    control: Control, node: Definition, form: Form, translated: Translated
) -> Iterator[tuple[Expression, Definition]]:
    """Yield the expressions of a question's choices, each with the node it is worked out at.

    Those of labels, too: ``jr:choice-name()`` repeats them.
    """
    for choice in control.choices:
        if choice.label is not None:
            yield from ((expression, node) for expression in _expressions(choice.label, translated))
    choices = control.choice_list
    if choices is None:
        return
    for item in {reference.target for reference in references(choices.nodes.tree, node)} or {node}:
        yield choices.value, item
        if choices.label is not None:
            yield choices.label, item
    for name in _LIST.findall(choices.nodes.source) if translated else ():
        named = (
            {below.text for below in form.instances[name].descendants()} if name in form.instances else set()
        )
        for text in named & translated.keys():
            yield from ((expression, node) for expression in translated[text])


def _translated(form: Form) -> Translated:
    """Return, by name, the expressions of the translated texts that have some."""
    found: Translated = {}
    for translation in form.translations:
        for name, values in translation.texts.items():
            if expressions := [one for value in values for one in _expressions(value.texts, {})]:
                found[name] = [*found.get(name, []), *expressions]
    return found


def _expressions(text: Texts, translated: Translated) -> Iterator[Expression]:
    yield from (piece for piece in text.pieces if not isinstance(piece, str))
    if text.reference is not None:
        yield text.reference
        yield from translated.get(itext_name(text.reference) or "", [])


def _read_by(expression: Expression, place: Definition, copy: Definition) -> Iterator[Copy]:
    """Yield the answers an expression looks at; the text of a group is that of everything in it."""
    for reference in references(expression.tree, place):
        yield reference.target, copy
    yield from _taken_by(expression, place, copy)


def _taken_by(expression: Expression, place: Definition, copy: Definition) -> Iterator[Copy]:
    for taken in texts_taken(expression.tree, place):
        yield from ((below, copy) for below in taken.walk())
