"""The door: what happens to a filling from its arrival to its receipt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Engine, Row

from pk_research.errors import BadInput, Problem
from pk_research.store import fillings
from pk_research.store.actors import Right
from pk_research.store.attachments import Blobs
from pk_research.store.audit import record
from pk_research.store.changes import differences
from pk_research.store.database import reading, writing
from pk_research.store.drafts import Drafts
from pk_research.store.forms import Forms
from pk_research.store.receiving.keeping import (
    Receipt,
    Sender,
    keep,
    receipt_of,
    require_replaceable,
    superseded,
)
from pk_research.store.receiving.understanding import (
    Filling,
    check_answers,
    check_village,
    understand,
)
from pk_research.store.refusals import Refused
from pk_research.store.versions import newest_version, version_named
from pk_research.survey.markup import read_xml
from pk_research.survey.tree import Element

InTransaction = Callable[[Connection], None]


@dataclass(frozen=True, slots=True)
class Intake:
    """The door through which fillings come in.

    Attributes
    ----------
    engine, blobs, clock
        The database, its files, what time it is.
    forms, drafts
        The store's forms and drafts.
    """

    engine: Engine
    blobs: Blobs
    clock: Callable[[], datetime]
    forms: Forms
    drafts: Drafts

    def receive(
        self,
        xml: bytes | str,
        sender: Sender,
        *,
        attachments: Mapping[str, bytes],
        draft: str | None,
        zone: tzinfo,
        in_transaction: InTransaction | None,
    ) -> Receipt:
        """Receive a filling; see `pk_research.store.submissions.Submissions.receive`."""
        files = dict(attachments)
        if draft is not None:
            if instance_id := self.drafts.find(draft, by=sender.actor).instance_id:
                return self._receipt(instance_id)
            files = {**self.drafts.attachments(draft, by=sender.actor), **files}
        with self._noting_refusals(sender):
            text, root = fillings.read_filling(xml)
            right = Right.IMPORT if sender.via == "import" else Right.FILL
            sender.actor.require(right, form_id=fillings.form_of(root)[0])
            filling = understand(self.forms, text, root, files=files, skip_unnamed=draft is not None)
            return self._take(filling, sender, zone, draft=draft, in_transaction=in_transaction)

    def edit(
        self,
        instance_id: str,
        xml: bytes | str,
        sender: Sender,
        *,
        attachments: Mapping[str, bytes],
        zone: tzinfo,
    ) -> Receipt:
        """Replace a submission; see `pk_research.store.submissions.Submissions.edit`."""
        if not sender.reason:
            raise BadInput(
                Problem("edit", "no reason is given", "Say in a few words why the answers change.")
            )
        with self._noting_refusals(sender):
            text, root = fillings.read_filling(xml)
            with reading(self.engine) as connection:
                newest = newest_version(connection, instance_id)
            require_replaceable(newest, sender.actor)
            if self._is_unchanged(newest, root):
                if not attachments:
                    return receipt_of(newest, is_new=False)
                text, root = newest.xml, read_xml(newest.xml).element  # only files are to be added
            elif fillings.predecessor(root) != newest.version_id:
                if fillings.identifier(root) != newest.version_id:
                    raise superseded()
                text = fillings.renamed(text, f"uuid:{uuid4()}", replaces=newest.version_id)
                root = read_xml(text).element
            filling = understand(self.forms, text, root, files=attachments, skip_unnamed=False)
            return self._take(filling, sender, zone)

    def _take(
        self,
        filling: Filling,
        sender: Sender,
        zone: tzinfo,
        *,
        draft: str | None = None,
        in_transaction: InTransaction | None = None,
    ) -> Receipt:
        """Check a filling, then keep it in one transaction."""
        check_village(filling, sender.actor)
        with reading(self.engine) as connection:
            is_known = version_named(connection, filling.instance_id) is not None
        stale = None if is_known else check_answers(filling, zone, via=sender.via)
        self.blobs.prepare(filling.files.values())
        with writing(self.engine) as connection:
            if draft is not None and (sent := self.drafts.submission_of(connection, draft)):
                return receipt_of(newest_version(connection, sent), is_new=False)
            version, is_new = keep(connection, filling, sender, self.blobs, stale=stale)
            if draft is not None:
                self.drafts.finish(connection, draft, version.submission_id)
            if is_new and version.number == 1 and in_transaction is not None:
                in_transaction(connection)
        return receipt_of(version, is_new=is_new)

    def _is_unchanged(self, newest: Row[Any], root: Element) -> bool:
        """Whether an edit changes no answer: it was sent twice, or nothing was corrected."""
        if fillings.form_of(root) != (newest.form_id, newest.version):
            return False
        form = self.forms.opened(newest.form_id, newest.version)
        return not differences((form, read_xml(newest.xml).element), (form, root))

    def _receipt(self, instance_id: str) -> Receipt:
        with reading(self.engine) as connection:
            return receipt_of(newest_version(connection, instance_id), is_new=False)

    @contextmanager
    def _noting_refusals(self, sender: Sender) -> Iterator[None]:
        """Tell the audit log what was refused: the kinds of flaws, never an answer."""
        try:
            yield
        except Refused as refusal:
            details = {
                "reason": refusal.reason,
                "flaws": sorted({flaw.kind for flaw in refusal.flaws}),
                "via": sender.via,
            }
            with writing(self.engine) as connection:
                record(connection, "submission refused", by=sender.actor, at=sender.at, details=details)
            raise
