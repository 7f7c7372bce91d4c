"""Which answers are personal data: those the form marks, and what is calculated from them."""

from __future__ import annotations

from pk_research.survey.definition import Bind, Definition, Form

OF_THE_OWNER = frozenset(["email", "phonenumber", "simserial", "subscriberid", "username"])


def personal_in(form: Form) -> frozenset[Definition]:
    """Return the questions whose answers are personal data.

    Parameters
    ----------
    form
        The form.

    Returns
    -------
    frozenset
        Questions marked ``bind::pk:personal``, themselves or by a group they stand in; what a
        telephone fills in of its owner; and whatever is calculated from any of these, directly or
        through another. An instance name made of the respondent's name is as personal as the name,
        and a number may be the telephone's.

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
        if definition.bind is not None and (definition.bind.is_personal or _is_of_owner(definition.bind))
        for below in definition.walk()
    }
    return form.graph.with_what_follows(marked)


def _is_of_owner(bind: Bind) -> bool:
    return bind.preload == "property" and bind.preload_parameter in OF_THE_OWNER
