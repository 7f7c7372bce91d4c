"""Drafts being filled: each change is saved in the store before anybody is told that it is."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC
from typing import Any

from pk_research.errors import NotFound, Problem
from pk_research.language import Language, Message
from pk_research.store import Store
from pk_research.store.actors import Actor, Role
from pk_research.store.drafts import Draft
from pk_research.store.receiving import ZONE, Receipt
from pk_research.store.refusals import Conflict, Refused
from pk_research.survey import Surroundings
from pk_research.survey.screen import Filling
from pk_research.survey.screen.filling import house_language

MOST_KEPT = 100
# Who changes the language of a form that is opened from pages in another.
PAGES = "pages"
FILES = frozenset({"image", "audio", "video", "file"})


@dataclass
class AtWork:
    """A draft in memory, as it was saved last.

    Attributes
    ----------
    filling
        Its form on screen, with the answers.
    revision
        The revision of the draft this is.
    sealed
        The XML it is sent as, from the first attempt on: an attempt after that sends the same.
    opened_by
        Who opened the draft.
    """

    filling: Filling
    revision: int
    sealed: str | None
    opened_by: dict[str, Any]

    @property
    def state(self) -> dict[str, Any]:
        """What is saved beside the answers."""
        return {"filling": self.filling.state(), "sealed": self.sealed, "opened_by": self.opened_by}


class Fillings:
    """The drafts people fill, with the last ones used kept in memory.

    A draft is not to be used by two threads at once (see `pk_research.apps.survey.desk`); other
    processes may have changed it, which its revision tells.

    Parameters
    ----------
    store
        Where drafts and submissions are kept.
    most_kept
        How many drafts stay in memory.
    """

    def __init__(self, store: Store, *, most_kept: int = MOST_KEPT) -> None:
        self.store = store
        self.most_kept = most_kept
        self._kept: OrderedDict[str, AtWork] = OrderedDict()
        self._lists: OrderedDict[str, bytes] = OrderedDict()
        self._turn = threading.Lock()

    # --- opening

    def begin(self, form_id: str, *, by: Actor, language: Language) -> Draft:
        """Open a draft of the newest version of a form, with the code that finds it again."""
        version = self.store.forms.find(form_id)
        form = self.store.forms.open(version)
        draft = self.store.drafts.open(version, by=by)
        filling = Filling.begin(form, surroundings=_surroundings(), language=language)
        at_work = AtWork(filling, draft.revision, None, _written(by))
        self._save(draft.draft_id, at_work, by)
        return draft

    def opener(self, code: str) -> tuple[Draft, Actor]:
        """Return the draft of a resume code, and who opened it.

        Raises
        ------
        NotFound
            When no draft has the code, or it was sent.
        """
        draft = self.store.drafts.resume(code)
        if draft.is_finished or "opened_by" not in draft.state:
            raise NotFound(Problem("draft", "there is none with this code", "Check what you typed."))
        return draft, _read(draft.state["opened_by"])

    # --- filling

    def filling(self, draft_id: str, *, by: Actor) -> Filling:
        """Return the form on screen, with the answers saved last."""
        return self._take(draft_id, by).filling

    def screen(self, draft_id: str, *, by: Actor) -> dict[str, Any]:
        """Return everything it takes to draw the form."""
        screen = self._take(draft_id, by).filling.screen()
        return {**screen, "draft": draft_id}

    def speak(self, draft_id: str, *, by: Actor, language: Language) -> None:
        """Go on in the language of the pages around the form, where the form has it.

        A form in a language that the pages do not have, beside which they speak this one, is left as it is.
        """
        filling = self._take(draft_id, by).filling
        form = filling.session.form
        if len(form.languages) < 2 or house_language(filling.session.speaker.language) == language:
            return
        begun = Filling.begin(form, surroundings=_surroundings(), language=language)
        wanted = begun.session.speaker.language
        if house_language(wanted) == language:
            number = filling.state()["applied"].get(PAGES, 0) + 1
            self.sync(draft_id, by=by, client=PAGES, ops=[{"n": number, "op": "language", "value": wanted}])

    def sync(
        self, draft_id: str, *, by: Actor, client: str, ops: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        """Apply what was typed and save it.

        Raises
        ------
        Conflict
            When the draft was sent already.
        """
        try:
            return self._apply(draft_id, by, client, ops)
        except Conflict:  # another process was faster: go on from what it saved
            return self._apply(draft_id, by, client, ops)

    def _apply(
        self, draft_id: str, by: Actor, client: str, ops: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        at_work = self._take(draft_id, by)
        try:
            patch = at_work.filling.apply(client, [dict(op) for op in ops])
            if ops:
                at_work.sealed = None
                self._save(draft_id, at_work, by)
        except BaseException:
            self._forget(draft_id)  # what is in memory is not what was saved
            raise
        return {**patch, "saved": True}

    def search(self, draft_id: str, path: str, query: str, *, by: Actor) -> list[list[str]]:
        """Return the choices of a long list that have the words in them."""
        return self._take(draft_id, by).filling.search(path, query)

    def choice_list(self, digest: str, draft_id: str, *, by: Actor) -> bytes:
        """Return a long list of choices that a draft offers, by its hash.

        Raises
        ------
        NotFound
            When it offers no such list.
        """
        content = self._take(draft_id, by).filling.choice_list(digest)
        with self._turn:
            self._lists[digest] = content
            while len(self._lists) > self.most_kept:
                self._lists.popitem(last=False)
        return content

    def known_list(self, digest: str) -> bytes | None:
        """Return a long list that was asked for before."""
        return self._lists.get(digest)

    # --- files

    def attach(self, draft_id: str, path: str, name: str, content: bytes, *, by: Actor) -> str:
        """Keep a file for a question that asks for one; return the name it has from now on.

        Raises
        ------
        NotFound
            When no question there asks for a file.
        TooManyFiles
            When the draft holds as many files as it may, or as much.
        """
        filling = self._take(draft_id, by).filling
        node = next((node for node in _nodes(filling.screen()["tree"]) if node["path"] == path), None)
        if node is None or node.get("control") not in FILES:
            raise NotFound(Problem("form", "no question there asks for a file", "Load the page again."))
        self.store.drafts.attach(draft_id, name, content, by=by)
        return name

    # --- sending

    def submit(
        self,
        draft_id: str,
        *,
        by: Actor,
        client: str,
        ops: Sequence[Mapping[str, Any]],
        language: Language,
    ) -> Receipt | list[dict[str, Any]]:
        """Send a draft: once, however often it is asked for.

        Operations that come when it was sent already change nothing: the receipt, whose ``is_new`` is then
        False, is of what was sent.

        Returns
        -------
        Receipt or list
            What is to be put right first, where there is something.

        Raises
        ------
        Refused
            When the store does not take it, for a reason that no answer can mend.
        """
        if self.store.drafts.find(draft_id, by=by).is_finished:
            return self.receipt(draft_id, by=by)
        if ops:
            self.sync(draft_id, by=by, client=client, ops=ops)
        at_work = self._take(draft_id, by)
        if at_work.sealed is None:
            violations = [dict(violation) for violation in at_work.filling.check()]
            if violations:
                return violations
        try:
            if at_work.sealed is None:
                # What is sent is put down before it is: killed in between, we send the same again.
                at_work.sealed = at_work.filling.finish()
                self._save(draft_id, at_work, by)
            return self._receive(draft_id, at_work.sealed, by)
        except Refused as refusal:
            if not refusal.flaws:
                raise
            return [
                {"path": flaw.path, "rule": "constraint", "message": flaw.message.text(language)}
                for flaw in refusal.flaws
            ]
        finally:
            self._forget(draft_id)

    def receipt(self, draft_id: str, *, by: Actor) -> Receipt:
        """Return the receipt of a draft that was sent."""
        return self._receive(draft_id, "", by)

    def _receive(self, draft_id: str, xml: str, by: Actor) -> Receipt:
        return self.store.submissions.receive(
            xml, by=by, via="web", draft=draft_id, in_transaction=self.store.access.used(by)
        )

    # --- memory

    def _take(self, draft_id: str, by: Actor) -> AtWork:
        """Return a draft of somebody's, from memory where that is what was saved last."""
        draft = self.store.drafts.find(draft_id, by=by)
        if draft.is_finished:
            raise Conflict(Message("This filling was already sent."), current=draft.revision)
        with self._turn:
            kept = self._kept.get(draft_id)
            if kept is not None and kept.revision == draft.revision:
                self._kept.move_to_end(draft_id)
                return kept
        at_work = self._restored(draft, by)
        self._keep(draft_id, at_work)
        return at_work

    def _restored(self, draft: Draft, by: Actor) -> AtWork:
        form = self.store.forms.opened(draft.form_id, draft.version)
        if not draft.snapshot:  # it was opened, and nothing was saved any more
            return AtWork(
                Filling.begin(form, surroundings=_surroundings()), draft.revision, None, _written(by)
            )
        state = draft.state
        filling = Filling.restore(form, draft.snapshot, dict(state["filling"]), _surroundings())
        return AtWork(filling, draft.revision, state["sealed"], dict(state["opened_by"]))

    def _save(self, draft_id: str, at_work: AtWork, by: Actor) -> None:
        at_work.revision = self.store.drafts.save(
            draft_id,
            by=by,
            revision=at_work.revision,
            snapshot=at_work.filling.snapshot(),
            state=at_work.state,
        )
        self._keep(draft_id, at_work)

    def _keep(self, draft_id: str, at_work: AtWork) -> None:
        with self._turn:
            self._kept[draft_id] = at_work
            self._kept.move_to_end(draft_id)
            while len(self._kept) > self.most_kept:
                self._kept.popitem(last=False)

    def _forget(self, draft_id: str) -> None:
        with self._turn:
            self._kept.pop(draft_id, None)


def receipt_entry(receipt: Receipt) -> dict[str, Any]:
    """Return a receipt as the form's script reads it."""
    return {
        "code": receipt.code,
        "number": receipt.number,
        "received_at": receipt.received_at.astimezone(UTC).isoformat(),
    }


def _surroundings() -> Surroundings:
    return Surroundings(zone=ZONE)


def _nodes(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    below = [found for child in node.get("children") or () for found in _nodes(child)]
    return [node, *below]


def _written(actor: Actor) -> dict[str, Any]:
    return {**asdict(actor), "forms": None if actor.forms is None else sorted(actor.forms)}


def _read(entry: Mapping[str, Any]) -> Actor:
    forms = entry["forms"]
    return Actor(
        entry["kind"],
        entry["identifier"],
        Role(entry["role"]),
        None if forms is None else frozenset(forms),
        entry["village_code"],
    )
