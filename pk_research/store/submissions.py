"""Submissions: received once, never changed, read by whom their role lets."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

from sqlalchemy import Connection, Row, select

from pk_research.errors import NotFound, Problem
from pk_research.store import fillings
from pk_research.store.actors import Actor, Right
from pk_research.store.attachments import composed
from pk_research.store.changes import Difference, VersionEntry, differences
from pk_research.store.codes import read_receipt_code
from pk_research.store.database import reading
from pk_research.store.receiving import ZONE, Intake, InTransaction, Receipt, Sender, receipt_of
from pk_research.store.reviews import ReviewEvent, ReviewState, events_of, readable, review
from pk_research.store.tables import attachment, submission, submission_version
from pk_research.store.versions import newest_only, newest_version, state_of_submission, unknown, versions
from pk_research.survey import Filled, Form
from pk_research.survey.markup import read_xml

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Submissions:
    """The submissions of a store.

    Attributes
    ----------
    intake
        Where they come in.
    """

    intake: Intake

    # --- in

    def receive(
        self,
        xml: bytes | str,
        *,
        by: Actor,
        via: str,
        attachments: Mapping[str, bytes] | None = None,
        device_id: str = "",
        draft: str | None = None,
        zone: tzinfo = ZONE,
        in_transaction: InTransaction | None = None,
    ) -> Receipt:
        """Receive a filling: checked with the engine, kept in one transaction, then acknowledged.

        Receiving the same filling again is harmless: the same receipt comes back, and files that
        had not come yet are added. A filling that names the one it replaces (``deprecatedID``)
        becomes the next version of that submission.

        Parameters
        ----------
        xml
            The filling.
        by
            Who sends it.
        via
            How it comes: ``survey``, ``openrosa``, ``import``...
        attachments
            Name to content of files it names; the rest may come later.
        device_id
            What the client calls its device.
        draft
            The draft that this finishes. Its files come with the filling. A draft is sent once:
            afterwards the same receipt comes back, whatever is sent.
        zone
            Time zone of whoever filled it.
        in_transaction
            Called in the transaction that keeps a submission not kept before, to do something with
            it or not at all; when it raises, nothing is kept.

        Raises
        ------
        Refused
            When the filling is not taken, with the reason.
        NotAllowed
            When ``by`` may not fill this form, or not replace this submission.
        NotReady
            When the database does not answer: send it again.
        """
        sender = Sender(by, self.intake.clock(), readable(via, "way"), readable(device_id, "device"))
        return self.intake.receive(
            xml,
            sender,
            attachments=attachments or {},
            draft=draft,
            zone=zone,
            in_transaction=in_transaction,
        )

    def edit(
        self,
        instance_id: str,
        xml: bytes | str,
        *,
        by: Actor,
        reason: str,
        attachments: Mapping[str, bytes] | None = None,
        zone: tzinfo = ZONE,
    ) -> Receipt:
        """Replace a submission by a corrected filling, as its next version.

        Parameters
        ----------
        instance_id
            The submission.
        xml
            The newest version with corrections, or a filling that names it as the one it replaces.
            Under the identifier of the newest version it gets a new one.
        by, reason
            Who corrects it, and why.
        attachments
            Files it names that were not here before.

        Returns
        -------
        Receipt
            Of the newest version, with ``is_new`` False, when no answer was changed.

        Raises
        ------
        Refused
            When the filling has flaws, or was made from a version that is not the newest.
        NotFound
            When there is no such submission, or it is not for ``by`` to know.
        NotAllowed
            When ``by`` may read it, and not correct it.
        BadInput
            Without a reason.
        """
        self._require_readable(instance_id, by)
        sender = Sender(by, self.intake.clock(), "edit", reason=readable(reason, "reason"))
        return self.intake.edit(instance_id, xml, sender, attachments=attachments or {}, zone=zone)

    # --- out

    def find_receipt(self, code: str) -> Receipt:
        """Return the receipt of a submission by its code; of its newest version.

        Raises
        ------
        NotFound
            When no submission has the code, or it was mistyped.
        """
        kept = read_receipt_code(code)
        query = newest_only(versions()).where(submission.c.code == (kept or ""))
        with reading(self.intake.engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound(Problem("receipt", "no submission has this code", "Check what you typed."))
        return receipt_of(row, is_new=False)

    def list(
        self, form_id: str, *, by: Actor, states: Collection[str] | None = None, own: bool = False
    ) -> tuple[Filled, ...]:
        """List the submissions of a form, each in its newest version, the oldest first.

        This is what exports and checks of quality read: where a phone's calculations came stale,
        ``xml`` has the engine's. `read` gives it as it was sent.

        Parameters
        ----------
        form_id
            The form.
        by
            Who asks: sees all, or, where the role gives no more, their own. Without the right to
            read personal answers those are empty.
        states
            Only those in these states of review; all by default.
        own
            Only those that ``by`` sent.

        Raises
        ------
        NotAllowed
            When ``by`` may read none.
        """
        is_own = own or not by.may(Right.READ_ALL, form_id=form_id)
        if is_own:
            by.require(Right.READ_OWN, form_id=form_id)
        query = newest_only(versions()).where(submission.c.form_id == form_id).order_by(submission.c.id)
        if is_own:
            query = query.where(submission.c.submitter_id == by.identifier)
        if states is not None:
            query = query.where(state_of_submission.in_(list(states)))
        with reading(self.intake.engine) as connection:
            rows = connection.execute(query).all()
            files = _files(connection, [row.submission_id for row in rows])
        personal = self.intake.forms.personal(form_id)
        return tuple(self._filled(row, files[row.submission_id], by, personal, is_sent=False) for row in rows)

    def read(self, instance_id: str, *, by: Actor, number: int | None = None) -> Filled:
        """Return a submission: its newest version, or the version of a number.

        Raises
        ------
        NotFound
            When there is no such submission or version, or it is not for ``by`` to know.
        """
        with reading(self.intake.engine) as connection:
            newest = self._readable(connection, instance_id, by)
            row = newest if number is None else _numbered(connection, newest, number)
            files = _files(connection, [newest.submission_id])
        personal = self.intake.forms.personal(row.form_id)
        return self._filled(row, files[newest.submission_id], by, personal, newest=newest)

    def history(self, instance_id: str, *, by: Actor) -> tuple[VersionEntry, ...]:
        """Return the versions of a submission, the first first.

        Reasons may name people: they are empty for whom personal answers are.
        """
        with reading(self.intake.engine) as connection:
            newest = self._readable(connection, instance_id, by)
            query = versions().where(submission.c.id == newest.submission_id)
            rows = connection.execute(query.order_by(submission_version.c.number)).all()
        may_read = self._may_read_personal(newest, by)
        return tuple(
            VersionEntry(
                number=row.number,
                at=row.at,
                by=row.by,
                reason=row.reason if may_read else "",
                form_version=row.version,
                instance_id=row.version_id,
            )
            for row in rows
        )

    def diff(self, instance_id: str, first: int, second: int, *, by: Actor) -> tuple[Difference, ...]:
        """Return the answers that differ between two versions of a submission."""
        with reading(self.intake.engine) as connection:
            newest = self._readable(connection, instance_id, by)
            rows = [_numbered(connection, newest, number) for number in (first, second)]
        before, after = ((self._form(row), read_xml(row.xml).element) for row in rows)
        return differences(before, after, hidden=self._hidden(newest, by))

    def attachment(self, instance_id: str, name: str, *, by: Actor) -> bytes:
        """Return a file of a submission.

        Raises
        ------
        NotFound
            When it has none of that name, it has not come yet, or it is not for ``by`` to know.
        """
        name = composed(name)
        with reading(self.intake.engine) as connection:
            newest = self._readable(connection, instance_id, by)
            sha256 = _files(connection, [newest.submission_id])[newest.submission_id].get(name)
            content = None if sha256 is None else self.intake.blobs.read(connection, sha256)
            rows = connection.execute(versions().where(submission.c.id == newest.submission_id)).all()
        hidden = self._hidden(newest, by)
        if content is None or any(self._is_of(name, row, hidden) for row in rows):
            raise NotFound(
                Problem("submission", f"it has no file {name[:80]!r}", "Wait until the file has come.")
            )
        return content

    # --- reviewing

    def review(self, instance_id: str, state: ReviewState, *, by: Actor, comment: str = "") -> None:
        """Give a submission a state of review.

        Raises
        ------
        NotFound
            When there is no such submission, or it is not for ``by`` to know.
        NotAllowed
            When ``by`` may read it, and not review it.
        BadInput
            When there is no such state.
        """
        self._require_readable(instance_id, by)
        review(self.intake.engine, self.intake.clock, instance_id, by=by, state=state, comment=comment)

    def comment(self, instance_id: str, comment: str, *, by: Actor) -> None:
        """Say something about a submission."""
        self._require_readable(instance_id, by)
        review(self.intake.engine, self.intake.clock, instance_id, by=by, state=None, comment=comment)

    def events(self, instance_id: str, *, by: Actor) -> tuple[ReviewEvent, ...]:
        """Return what was said about a submission, in order.

        Comments may name people: they are empty for whom personal answers are.
        """
        with reading(self.intake.engine) as connection:
            newest = self._readable(connection, instance_id, by)
            events = events_of(connection, newest.submission_id)
        if self._may_read_personal(newest, by):
            return events
        return tuple(replace(event, comment="") for event in events)

    # --- who may read what

    def _readable(self, connection: Connection, instance_id: str, by: Actor) -> Row[Any]:
        """Return the newest version of a submission, for somebody who may read it.

        To everybody else it is as unknown as one that is not there.
        """
        newest = newest_version(connection, instance_id)
        is_own = newest.submitter_id == by.identifier and by.may(Right.READ_OWN, form_id=newest.form_id)
        if not is_own and not by.may(Right.READ_ALL, form_id=newest.form_id):
            raise unknown(instance_id)
        return newest

    def _require_readable(self, instance_id: str, by: Actor) -> None:
        with reading(self.intake.engine) as connection:
            self._readable(connection, instance_id, by)

    def _hidden(self, row: Row[Any], by: Actor) -> frozenset[str]:
        """Return, by path, the questions of a submission whose answers are not for ``by`` to read."""
        if self._may_read_personal(row, by):
            return frozenset()
        return self.intake.forms.personal(row.form_id)

    @staticmethod
    def _may_read_personal(row: Row[Any], by: Actor) -> bool:
        return row.submitter_id == by.identifier or by.may(Right.READ_PERSONAL, form_id=row.form_id)

    def _is_of(self, name: str, row: Row[Any], hidden: frozenset[str]) -> bool:
        """Whether a file belongs, in this version, to one of some questions."""
        return bool(hidden) and any(
            fillings.is_hidden(leaf.definition, hidden) and fillings.file_name(leaf) == name
            for leaf in fillings.leaves(self._form(row), read_xml(row.xml).element)
        )

    def _form(self, row: Row[Any]) -> Form:
        return self.intake.forms.opened(row.form_id, row.version)

    def _filled(
        self,
        row: Row[Any],
        files: Mapping[str, str],
        by: Actor,
        personal: frozenset[str],
        *,
        newest: Row[Any] | None = None,
        is_sent: bool = True,
    ) -> Filled:
        newest = newest or row
        xml, names = row.xml if is_sent else row.recalculated_xml or row.xml, row.file_names
        if not self._may_read_personal(row, by):
            form = self._form(row)
            xml = fillings.without_personal(form, read_xml(xml).element, personal)
            names = fillings.file_names(form, read_xml(xml).element)
        return Filled(
            instance_id=row.instance_id,
            form_id=row.form_id,
            version=row.version,
            xml=xml,
            submitted_at=row.submitted_at,
            updated_at=newest.at if newest.number > 1 else None,
            submitter_id=row.submitter_id,
            device_id=row.device_id if self._may_read_personal(row, by) else "",
            review_state=row.state,
            edits=newest.number - 1,
            attachments={name: files.get(name) for name in names},
        )


def _numbered(connection: Connection, newest: Row[Any], number: int) -> Row[Any]:
    query = versions().where(submission.c.id == newest.submission_id, submission_version.c.number == number)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(
            Problem("submission", f"it has no version {number}", f"Its versions are 1 to {newest.number}.")
        )
    return row


def _files(connection: Connection, submission_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Return, by submission, name and SHA-256 of the files that have come."""
    found: dict[int, dict[str, str]] = {number: {} for number in submission_ids}
    for start in range(0, len(submission_ids), CHUNK):
        chosen = submission_ids[start : start + CHUNK]
        query = select(attachment).where(attachment.c.submission_id.in_(chosen))
        for row in connection.execute(query):
            found[row.submission_id][row.name] = row.sha256
    return found
