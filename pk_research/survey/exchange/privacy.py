"""Which answers are personal data: those the form marks, and texts that are put together from them."""

from __future__ import annotations

from pk_research.survey.definition import Definition, Form

_QUOTING = ("string", "text", "")


def personal_in(form: Form) -> frozenset[Definition]:
    """Return the questions whose answers are personal data.

    Parameters
    ----------
    form
        The form.

    Returns
    -------
    frozenset
        Questions marked ``bind::pk:personal``, themselves or by a group they stand in, and
        calculated *texts* that look at one, directly or through another: an instance name made of
        the respondent's name is as personal as the name. Calculated numbers (an age group, a
        count) are not counted in; mark them where they are personal.

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
    marked = [
        node
        for node in form.definitions()
        if any(step.bind is not None and step.bind.is_personal for step in node.lineage())
    ]
    found = set(marked)
    waiting = list(marked)
    while waiting:
        for dependant in form.graph.dependants.get(waiting.pop(), ()):
            node = dependant.definition
            if dependant.rule == "value" and node not in found and _is_quoting(node):
                found.add(node)
                waiting.append(node)
    return frozenset(found)


def _is_quoting(node: Definition) -> bool:
    has_choices = node.control is not None and node.control.has_choices
    return node.is_leaf and node.type in _QUOTING and not has_choices
