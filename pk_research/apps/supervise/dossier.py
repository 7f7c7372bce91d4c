"""One submission with all that is known about it: answers, versions and what was said."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pk_research.apps.supervise.people import People, people_named
from pk_research.language import Language
from pk_research.store import Store
from pk_research.store.actors import Actor, Right
from pk_research.store.changes import Difference, VersionEntry
from pk_research.store.fillings import IDENTIFIERS, is_hidden, leaves
from pk_research.store.reviews import ReviewEvent
from pk_research.survey import Filled, Form
from pk_research.survey.definition import Definition
from pk_research.survey.markup import read_xml
from pk_research.survey.static_texts import StaticTexts, Words

_NUMBER = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with the words of its question.

    Attributes
    ----------
    question
        The label of the question; its name where the form gives it none.
    group
        The names of the groups it is in, numbered where they repeat.
    value
        The answer, choices by their labels; empty where it is hidden.
    is_hidden
        Whether it is personal and not for whoever looks.
    """

    question: Words
    group: str
    value: Words
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class Dossier:
    """A submission with all that is known about it.

    Attributes
    ----------
    filled
        The submission, in its newest version.
    form
        The form of that version.
    answers
        What was answered, in the order of the form; questions without an answer, and
        what the client fills in by itself, are not in it.
    history
        Its versions, the first first.
    changes
        Which answers each later version changed, by its number.
    events
        What was said about it, in order.
    questions
        Labels by path without numbers, to name what changed.
    people
        What those who sent, corrected and reviewed are called.
    may_review, may_edit
        What whoever looks may do.
    """

    filled: Filled
    form: Form
    answers: tuple[Answer, ...]
    history: tuple[VersionEntry, ...]
    changes: dict[int, tuple[Difference, ...]]
    events: tuple[ReviewEvent, ...]
    questions: dict[str, Words]
    people: People
    may_review: bool
    may_edit: bool

    def question(self, path: str, language: Language) -> str:
        """Return what a question is called, with the numbers of repeat instances that its path has."""
        words = self.questions.get(_NUMBER.sub("", path))
        name = path.rpartition("/")[2] if words is None else in_language(words, language)
        return " ".join([name, *_NUMBER.findall(path)])


def in_language(words: Words, language: Language) -> str:
    """Return a text in a language, or in the other where the form lacks it.

    Examples
    --------
    >>> in_language(Words("Desa", ""), "en")
    'Desa'
    """
    return (words.id or words.en) if language == "id" else (words.en or words.id)


def read_dossier(store: Store, instance_id: str, *, by: Actor) -> Dossier:
    """Read a submission with its versions and its review.

    Raises
    ------
    NotFound
        When there is no such submission, or it is not for ``by`` to know.
    NotAllowed
        When ``by`` may read none.
    """
    filled = store.submissions.read(instance_id, by=by)
    by.require(Right.READ_ALL, form_id=filled.form_id)
    form = store.forms.opened(filled.form_id, filled.version)
    texts = StaticTexts(form)
    is_whole = by.identifier == filled.submitter_id or by.may(Right.READ_PERSONAL, form_id=filled.form_id)
    hidden = frozenset() if is_whole else store.forms.personal(filled.form_id)
    history = store.submissions.history(instance_id, by=by)
    of_device = {definition.path for definition in form.definitions() if _is_of_device(definition)}
    changes = {
        after.number: tuple(
            change
            for change in store.submissions.diff(instance_id, before.number, after.number, by=by)
            if _NUMBER.sub("", change.path) not in of_device
        )
        for before, after in itertools.pairwise(history)
    }
    events = store.submissions.events(instance_id, by=by)
    acted = {version.by for version in history} | {event.by for event in events}
    return Dossier(
        filled,
        form,
        tuple(_answers(form, filled, texts, hidden)),
        history,
        changes,
        events,
        {definition.path: _question(definition, texts) for definition in form.definitions()},
        people_named(store, acted, filled.form_id, by=by),
        may_review=by.may(Right.REVIEW, form_id=filled.form_id),
        may_edit=by.may(Right.EDIT, form_id=filled.form_id),
    )


def _answers(form: Form, filled: Filled, texts: StaticTexts, hidden: frozenset[str]) -> Iterator[Answer]:
    labels: dict[str, dict[str, Words]] = {}
    for leaf in leaves(form, read_xml(filled.xml).element):
        definition, value = leaf.definition, leaf.element.text
        is_unseen = is_hidden(definition, hidden)
        if _is_of_device(definition) or not (value or is_unseen):
            continue
        if definition.path not in labels:
            labels[definition.path] = _labels(definition, texts)
        groups = leaf.path.split("/")[2:-1]
        yield Answer(
            _question(definition, texts),
            " / ".join(groups),
            _value(definition, value, labels[definition.path]),
            is_unseen,
        )


def _is_of_device(definition: Definition) -> bool:
    """Whether a client fills it in by itself, as it does identifiers, times and devices."""
    is_preloaded = definition.bind is not None and bool(definition.bind.preload)
    return definition.local in IDENTIFIERS or (is_preloaded and definition.control is None)


def _question(definition: Definition, texts: StaticTexts) -> Words:
    words = texts.of_question(definition)
    return words if words.id or words.en else Words(definition.local, definition.local)


def _labels(definition: Definition, texts: StaticTexts) -> dict[str, Words]:
    control = definition.control
    return dict(texts.of_choices(control)) if control is not None and control.has_choices else {}


def _value(definition: Definition, value: str, labels: dict[str, Words]) -> Words:
    is_several = definition.control is not None and definition.control.kind in ("select", "rank")
    chosen = value.split() if is_several else [value]
    words = [labels.get(one, Words(one, one)) for one in chosen]
    shown = [
        ", ".join(in_language(word, language) or one for word, one in zip(words, chosen, strict=True))
        for language in ("id", "en")
    ]
    return Words(*shown)
