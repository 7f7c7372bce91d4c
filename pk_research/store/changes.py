"""What an edit changed: answers before and after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pk_research.store.fillings import IDENTIFIERS, Leaf, is_hidden, leaves
from pk_research.survey import Form
from pk_research.survey.definition import Definition
from pk_research.survey.tree import Element


@dataclass(frozen=True, slots=True)
class VersionEntry:
    """A version of a submission, in its history.

    Attributes
    ----------
    number
        From 1.
    at
        When it was received, UTC.
    by
        Identifier of who sent it.
    reason
        Why, for an edit.
    form_version
        The version of the form it fills.
    instance_id
        The identifier of just this version.
    """

    number: int
    at: datetime
    by: str
    reason: str
    form_version: str
    instance_id: str


@dataclass(frozen=True, slots=True)
class Difference:
    """An answer that changed.

    Attributes
    ----------
    path
        The question, with the numbers of repeat instances.
    before, after
        The answer; None where the question was not there.
    """

    path: str
    before: str | None
    after: str | None


def differences(
    first: tuple[Form, Element], second: tuple[Form, Element], *, hidden: frozenset[str] = frozenset()
) -> tuple[Difference, ...]:
    """Compare two fillings, answer by answer.

    Parameters
    ----------
    first, second
        Each with the version of the form it fills.
    hidden
        Questions and groups, by path without numbers, whose answers may not be shown: that they
        changed is told, and no more.

    Returns
    -------
    tuple of Difference
        In the order of the second filling, then what only the first has. The identifiers of the
        fillings themselves are passed over.
    """
    before, after = _answers(*first), _answers(*second)
    changed = []
    for path in [*after, *(path for path in before if path not in after)]:
        old, new = before.get(path), after.get(path)
        if _text(old) != _text(new):
            shown = [None if leaf is None else _shown(leaf, hidden) for leaf in (old, new)]
            changed.append(Difference(path, *shown))
    return tuple(changed)


def _answers(form: Form, root: Element) -> dict[str, Leaf]:
    return {leaf.path: leaf for leaf in leaves(form, root) if not _is_identifier(leaf.definition)}


def _is_identifier(definition: Definition) -> bool:
    above = definition.parent
    return definition.local in IDENTIFIERS and above is not None and above.local == "meta"


def _text(leaf: Leaf | None) -> str | None:
    return None if leaf is None else leaf.element.text


def _shown(leaf: Leaf, hidden: frozenset[str]) -> str:
    return "" if is_hidden(leaf.definition, hidden) else leaf.element.text
