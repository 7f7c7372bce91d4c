"""The state of the supervise app: what is looked at, and what was decided. No widgets here."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping
from html import escape
from typing import Any, TypeVar

import traitlets

from pk_research.apps.files import File
from pk_research.apps.model import AppModel
from pk_research.apps.supervise import trouble
from pk_research.apps.supervise.dossier import Dossier, read_dossier
from pk_research.apps.supervise.exports import export_file
from pk_research.apps.supervise.fieldwork import Entry, Fieldwork, form_answered_last, read_fieldwork
from pk_research.apps.supervise.forms import readable_forms
from pk_research.apps.supervise.states import LOOKS
from pk_research.errors import PkError
from pk_research.language import LANGUAGES, Message
from pk_research.register import load_register
from pk_research.store import Store
from pk_research.store.actors import Actor, NotAllowed, Right
from pk_research.store.exports import Layout
from pk_research.store.reviews import ReviewState

log = logging.getLogger(__name__)
T = TypeVar("T")
NEEDS_COMMENT = ("has issues", "rejected")


class SuperviseModel(AppModel):
    """What one visitor looks at, and may do.

    Who they are is asked at every step, so that whoever was signed out sees and does nothing more.
    Nothing raises: what goes wrong is in ``message``, as a sentence, and its kind is in the log.

    Parameters
    ----------
    store
        The open store.
    who
        Tells who looks; None when their session has ended.

    Attributes
    ----------
    language
        ``"id"`` or ``"en"``.
    form_id
        The chosen form.
    state, kecamatan_code, only_flagged
        Which submissions are listed; empty for all.
    selected
        Identifier of the submission looked at; empty when none is.
    offered
        Forms whose submissions the visitor may read.
    fieldwork
        What has come in; None when there is nothing to show.
    dossier
        The submission looked at; None when none is.
    labels_language
        Language of the labels in SPSS and Stata files; the page's, until another is chosen.
    is_internal
        Whether files are copies for work inside the house, and no releases.
    told_of_file
        What was withheld from the file taken away last, and why.
    message
        What went wrong; None when nothing did.
    notice
        What was just done.
    """

    labels_language = traitlets.Enum(LANGUAGES, "id")
    is_internal = traitlets.Bool(default_value=False)
    told_of_file = traitlets.Any(())
    form_id = traitlets.Unicode()
    state = traitlets.Unicode()
    kecamatan_code = traitlets.Unicode()
    only_flagged = traitlets.Bool(default_value=False)
    selected = traitlets.Unicode()

    offered = traitlets.Tuple()
    fieldwork = traitlets.Instance(Fieldwork, allow_none=True)
    dossier = traitlets.Instance(Dossier, allow_none=True)
    notice = traitlets.Instance(Message, allow_none=True)

    def __init__(self, store: Store, *, who: Callable[[], Actor | None]) -> None:
        super().__init__()
        self._store = store
        self._who = who
        self._register = load_register()
        self._attempt(self._begin)

    @property
    def listed(self) -> tuple[Entry, ...]:
        """The submissions that were asked for."""
        if self.fieldwork is None:
            return ()
        return self.fieldwork.chosen(
            state=self.state, kecamatan_code=self.kecamatan_code, only_flagged=self.only_flagged
        )

    @property
    def entry(self) -> Entry | None:
        """The submission looked at, as it is in the list."""
        return None if self.fieldwork is None else self.fieldwork.entry(self.selected)

    @traitlets.observe("language")
    def _on_language(self, _change: Any) -> None:  # noqa: ANN401
        self.labels_language = self.language

    @traitlets.observe("form_id")
    def _on_form(self, _change: Any) -> None:  # noqa: ANN401 - a traitlets bunch
        self.selected = ""
        self.look_again()

    @traitlets.observe("selected")
    def _on_selected(self, _change: Any) -> None:  # noqa: ANN401
        self.dossier = None
        if self.selected:
            self._attempt(self._open)

    def look_again(self) -> None:
        """Read anew what has come in."""
        self._attempt(self._read)

    def review(self, state: ReviewState, *, comment: str = "") -> bool:
        """Give the submission looked at a state; return whether it was done."""

        def decide(actor: Actor) -> Message:
            seen = self._seen()
            if state in NEEDS_COMMENT and not comment.strip():
                raise _CannotDo(trouble.SAY_WHY)
            if self._store.submissions.read(self.selected, by=actor).edits != seen.filled.edits:
                self._read(actor)
                raise _CannotDo(trouble.CHANGED_MEANWHILE)
            self._store.submissions.review(self.selected, state, by=actor, comment=comment)
            return Message("{code}: {state}.", {"code": self._code(), "state": LOOKS[state].label})

        return self._do(decide)

    def comment(self, comment: str) -> bool:
        """Say something about the submission looked at; return whether it was done."""

        def say(actor: Actor) -> Message:
            self._seen()
            if not comment.strip():
                raise _CannotDo(trouble.SAY_WHY)
            self._store.submissions.comment(self.selected, comment, by=actor)
            return Message("{code}: the comment is kept.", {"code": self._code()})

        return self._do(say)

    def edit(self, xml: str, *, reason: str, files: Mapping[str, bytes] | None = None) -> bool:
        """Replace the submission looked at by a corrected filling; return whether it was done."""

        def correct(actor: Actor) -> Message:
            self._seen()
            if not reason.strip():
                raise _CannotDo(trouble.SAY_REASON)
            named = {
                name: content
                for name, content in (files or {}).items()
                if f">{escape(name, quote=False)}<" in xml
            }
            self._store.submissions.edit(self.selected, xml, by=actor, reason=reason, attachments=named)
            return Message("{code}: the correction is kept.", {"code": self._code()})

        return self._do(correct)

    def export(self, layout: Layout) -> File | None:
        """Return the submissions of the form as a file; None, with a sentence, when they cannot be."""

        def lay_out(actor: Actor) -> File:
            self.told_of_file = ()
            file, leaving = export_file(
                self._store,
                self.form_id,
                layout,
                by=actor,
                is_internal=self.is_internal,
                language=self.labels_language,
            )
            self.told_of_file = leaving.report
            return file

        return self._attempt(lay_out)

    def _begin(self, actor: Actor) -> None:
        self.offered = readable_forms(self._store, by=actor)
        if not self.offered:
            raise _CannotDo(trouble.NO_FORM)
        offered = [form.form_id for form in self.offered]
        self.form_id = form_answered_last(self._store, offered) or offered[0]

    def _read(self, actor: Actor) -> None:
        self.fieldwork = read_fieldwork(self._store, self.form_id, self._register, by=actor)
        if self.selected:
            self._open(actor)

    def _open(self, actor: Actor) -> None:
        self.dossier = read_dossier(self._store, self.selected, by=actor)

    def _seen(self) -> Dossier:
        if self.dossier is None:
            raise _CannotDo(trouble.NOT_DONE)
        return self.dossier

    def _code(self) -> str:
        return "" if self.entry is None else self.entry.code

    def _do(self, act: Callable[[Actor], Message]) -> bool:
        """Do something, then show what has become of it."""
        done = self._attempt(act)
        if done is not None:
            self.look_again()
            self.notice = done
        return done is not None

    def _attempt(self, step: Callable[[Actor], T]) -> T | None:
        """Take a step as whoever looks now; None, with a sentence, when it cannot be taken."""
        self.message = self.notice = None
        try:
            return step(self._reader())
        except _CannotDo as reason:
            self.message = reason.message
        except NotAllowed:
            self.message = trouble.NO_RIGHT
        except PkError as error:
            # What the store says of a filling may hold answers: the log gets the kind alone.
            log.info("not done: %s", type(error).__name__)
            said = getattr(error, "message", None)
            self.message = said if isinstance(said, Message) else trouble.NOT_DONE
        except Exception as error:  # noqa: BLE001 - a visitor reads a sentence, whatever happened
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("the supervise app failed: %s\n%s", type(error).__name__, where)  # noqa: TRY400
            self.message = trouble.UNEXPECTED
        return None

    def _reader(self) -> Actor:
        """Return who looks; whoever may read nothing (any more) is shown nothing."""
        actor = self._who()
        if actor is not None and actor.may(Right.READ_ALL):
            return actor
        self.offered, self.fieldwork, self.dossier = (), None, None
        raise _CannotDo(trouble.SIGNED_OUT if actor is None else trouble.NOT_ALLOWED)


class _CannotDo(Exception):
    """Something cannot be shown or done, for a reason the visitor can act on."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.text("en"))
        self.message = message
