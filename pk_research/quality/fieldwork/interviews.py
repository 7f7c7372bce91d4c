"""Interviews as the checks of fieldwork see them: answers by path, and when they were given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET

from pk_research.survey import Filled, Form

VILLAGE = "village_code"


@dataclass(frozen=True, slots=True)
class Interview:
    """A submission, taken apart.

    Attributes
    ----------
    filled
        The submission.
    answers
        What was answered, by path; instances of a repeat are numbered from the second on.
        Questions without an answer are not in it.
    village_code
        The answer to the question named ``village_code``; empty where there is none.
    started_at, ended_at
        When it was begun and finished, as the form's own metadata says; None where it does not.
    """

    filled: Filled
    answers: Mapping[str, str]
    village_code: str
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def minutes(self) -> float | None:
        """How long it took, in minutes; None where the form does not record it."""
        if self.started_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.started_at).total_seconds() / 60


def asks_for_village(form: Form) -> bool:
    """Return whether a form has a question named ``village_code``.

    Examples
    --------
    >>> from pk_research.survey import parse_form
    >>> asks_for_village(parse_form('''<h:html xmlns="http://www.w3.org/2002/xforms"
    ...   xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>Usaha</h:title><model>
    ...   <instance><data id="usaha"><owner/></data></instance></model></h:head>
    ...   <h:body><input ref="/data/owner"/></h:body></h:html>'''))
    False
    """
    return any(definition.is_leaf and definition.local == VILLAGE for definition in form.definitions())


def interviews(form: Form, fillings: Iterable[Filled]) -> tuple[Interview, ...]:
    """Take submissions apart.

    Parameters
    ----------
    form
        The form they fill; it says which questions hold the times.
    fillings
        The submissions, as the store gives them.
    """
    return tuple(_interview(form, filled) for filled in fillings)


def _interview(form: Form, filled: Filled) -> Interview:
    # What the store holds was read by the engine's own reader, which refuses entities.
    root = ET.fromstring(filled.xml)  # noqa: S314
    answers = dict(_answers(root, f"/{_local(root)}"))
    village = next((value for path, value in answers.items() if path.endswith(f"/{VILLAGE}")), "")
    return Interview(filled, answers, village, _moment(form, answers, "start"), _moment(form, answers, "end"))


def _answers(element: ET.Element, path: str) -> Iterator[tuple[str, str]]:
    if len(element) == 0:
        if element.text:
            yield path, element.text
        return
    seen: dict[str, int] = {}
    for child in element:
        name = _local(child)
        seen[name] = seen.get(name, 0) + 1
        number = f"[{seen[name]}]" if seen[name] > 1 else ""
        yield from _answers(child, f"{path}/{name}{number}")


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _moment(form: Form, answers: Mapping[str, str], which: str) -> datetime | None:
    for definition in form.definitions():
        bind = definition.bind
        if bind is not None and (bind.preload, bind.preload_parameter) == ("timestamp", which):
            try:
                moment = datetime.fromisoformat(answers.get(definition.path, ""))
            except ValueError:
                return None
            return moment if moment.tzinfo else None
    return None
