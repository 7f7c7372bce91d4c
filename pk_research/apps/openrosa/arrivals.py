"""A filling on its way from a phone into the store."""

from __future__ import annotations

from collections.abc import Mapping

from pk_research.apps.openrosa.doors import Entered
from pk_research.apps.openrosa.parts import Sent
from pk_research.errors import NotFound, Problem
from pk_research.store import Store, fillings
from pk_research.store.actors import Actor, Right
from pk_research.store.forms import FormVersion
from pk_research.store.receiving import Receipt
from pk_research.store.refusals import Refused
from pk_research.survey.tree import Element

VIA = "openrosa"


def take(store: Store, sent: Sent, entered: Entered, *, device_id: str) -> Receipt:
    """Receive a filling with those of its files that came along; again is harmless.

    Parameters
    ----------
    store
        Where it is kept.
    sent, entered
        What came, and from whom.
    device_id
        What the phone calls itself.

    Raises
    ------
    Refused, NotEntered
        When it is not taken.
    NotFound
        When the form is not for them, whether or not there is such a form.
    """
    root = _root_of(sent.xml)
    if root is not None:
        _require_fillable(root, entered.actor)
    if entered.refusal is not None and (root is None or not _was_received(store, root, entered.actor)):
        raise entered.refusal
    return store.submissions.receive(
        sent.xml,
        by=entered.actor,
        via=VIA,
        attachments={} if root is None else _spoken_of(store, root, sent.files),
        device_id=device_id,
        in_transaction=store.access.used(entered.actor),
    )


def open_forms(store: Store, actor: Actor, form_id: str | None) -> list[FormVersion]:
    """Return the forms somebody may fill now, or that one of them."""
    return [
        version
        for version in store.forms.list()
        if actor.may(Right.FILL, form_id=version.form_id) and form_id in {None, version.form_id}
    ]


def open_form(store: Store, actor: Actor, form_id: str, number: str | None) -> FormVersion:
    """Return a version of a form somebody may fill now; the newest by default.

    Raises
    ------
    NotFound
        When it is not for them, or there is none.
    """
    if not actor.may(Right.FILL, form_id=form_id):
        raise nothing(form_id)
    version = store.forms.find(form_id, number)
    if not version.is_open:
        raise nothing(form_id)
    return version


def nothing(form_id: str) -> NotFound:
    """Return the error of asking for a form that is not there, or not for whoever asks."""
    return NotFound(Problem("forms", f"there is no form {form_id[:80]!r} for you", "See the list of forms."))


def _root_of(xml: bytes) -> Element | None:
    """Return the outermost element of a filling; None where the store will refuse it, and note that."""
    try:
        return fillings.read_filling(xml)[1]
    except Refused:
        return None


def _require_fillable(root: Element, actor: Actor) -> None:
    form_id, _ = fillings.form_of(root)
    if not actor.may(Right.FILL, form_id=form_id):
        raise nothing(form_id)


def _was_received(store: Store, root: Element, actor: Actor) -> bool:
    try:
        store.submissions.read(fillings.identifier(root), by=actor)
    except NotFound:
        return False
    return True


def _spoken_of(store: Store, root: Element, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files a filling names: a phone also sends what was taken and then answered otherwise."""
    try:
        form = store.forms.opened(*fillings.form_of(root))
    except NotFound:
        return {}
    names = fillings.file_names(form, root)
    return {name: content for name, content in files.items() if name in names}
