"""A form as one widget: the engine runs in the kernel, the browser draws and keeps what is typed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import uuid4

import anywidget
import traitlets

from pk_research.apps.form.script import script, style
from pk_research.apps.form.texts import house_texts
from pk_research.apps.survey.fillings import Fillings, receipt_entry
from pk_research.errors import NotFound, PkError, Problem
from pk_research.language import LANGUAGES, Language, Message
from pk_research.store import Store
from pk_research.store.actors import Actor
from pk_research.store.receiving import ZONE, Receipt
from pk_research.store.refusals import Refused
from pk_research.survey import Form, Session, Surroundings
from pk_research.survey.screen import Filling

log = logging.getLogger(__name__)
UNEXPECTED = Message("Something went wrong here. What you typed is kept in this browser.")


class FormWidget(anywidget.AnyWidget):
    """A form to be filled in a notebook.

    Without a store it is filled for its own sake: to try a form out, or to use its answers in the
    notebook. With one, every batch of answers is saved as a draft before the browser is told so,
    and the filling is sent to the store.

    Parameters
    ----------
    form
        The form, or the identifier of one that is published in ``store``.
    store, by
        Where it is kept and sent to, and who fills it.
    draft_id
        A draft to go on with.
    instance
        XML of a filling to put right, where there is no store; it keeps the time it was finished.
    on_submit
        Called with the XML, where there is no store, or with the receipt, where there is one.

    Attributes
    ----------
    receipt
        What the store answered; empty until then.

    Raises
    ------
    NotFound
        When the form is not published, or there is no such draft.

    Examples
    --------
    >>> from pk_research.survey import parse_form
    >>> form = parse_form('''<h:html xmlns="http://www.w3.org/2002/xforms"
    ...   xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>Desa</h:title><model>
    ...   <instance><data id="desa"><kk/></data></instance></model></h:head>
    ...   <h:body><input ref="/data/kk"/></h:body></h:html>''')
    >>> widget = FormWidget(form)
    >>> widget.answers
    {}
    """

    _esm = script()
    _css = style()
    texts = traitlets.Dict().tag(sync=True)
    options = traitlets.Dict().tag(sync=True)
    language = traitlets.Enum(LANGUAGES, "id").tag(sync=True)
    receipt = traitlets.Dict()

    def __init__(
        self,
        form: Form | str,
        *,
        store: Store | None = None,
        by: Actor | None = None,
        draft_id: str | None = None,
        instance: str | None = None,
        language: Language = "id",
        on_submit: Callable[[str | Receipt], None] | None = None,
    ) -> None:
        super().__init__(texts=house_texts(), language=language)
        self._on_submit = on_submit or (lambda _: None)
        if isinstance(form, Form):
            self._desk: _Loose | _Kept = _Loose(form, instance, language)
            self.options = {"is_held": True}  # the status line must not call it saved
        elif store is None or by is None:
            raise NotFound(
                Problem(
                    form, "a form by name needs a store and somebody", "Give store= and by=, or the form."
                )
            )
        else:
            self._desk = _Kept(store, form, by, draft_id, language)
        self.add_class("pk-live").add_class("pk-drawn")  # as the shell of the apps waits for
        self.on_msg(self._on_message)

    @property
    def draft_id(self) -> str:
        """Identifier of the draft, to go on with it later."""
        return self._desk.draft_id

    @property
    def session(self) -> Session:
        """The form as it stands."""
        return self._desk.filling.session

    @property
    def files(self) -> dict[str, bytes]:
        """Files that were added here, by name; empty with a store, which keeps them itself."""
        return dict(self._desk.files) if isinstance(self._desk, _Loose) else {}

    @property
    def answers(self) -> dict[str, str]:
        """What is answered now, by path."""
        return {
            node.path: node.value
            for node in self.session.nodes()
            if node.value and node.kind not in ("value", "note")
        }

    def _on_message(self, _: object, content: Mapping[str, Any], buffers: Sequence[bytes]) -> None:
        number = content.get("id")
        try:
            answer = self._answer(content, buffers)
        except PkError as error:
            message = getattr(error, "message", None)
            text = message.text(self.language) if isinstance(message, Message) else str(error.problems[0])
            self.send({"id": number, "error": {"message": text, "isFinal": isinstance(error, Refused)}})
        except Exception:
            log.exception("a form did not answer %r", content.get("request"))
            self.send({"id": number, "error": {"message": UNEXPECTED.text(self.language)}})
        else:
            if isinstance(answer, bytes):
                self.send({"id": number}, buffers=[answer])
            else:
                self.send({"id": number, "result": answer})

    def _answer(self, content: Mapping[str, Any], buffers: Sequence[bytes]) -> Any:  # noqa: ANN401 - JSON
        desk, request = self._desk, content.get("request")
        client, ops = str(content.get("client", "")), list(content.get("ops") or ())
        if request == "open":
            return desk.open()
        if request == "send":
            return desk.send(client, ops)
        if request == "search":
            return desk.search(str(content.get("path")), str(content.get("query", "")))
        if request == "list":
            return desk.choice_list(str(content.get("hash")))
        if request == "upload":
            content_of_file = bytes(buffers[0]) if buffers else b""
            return desk.upload(str(content.get("path")), str(content.get("name")), content_of_file)
        if request == "submit":
            return self._submit(client, ops)
        raise NotFound(Problem("form", "this was not understood", "Load the page again."))

    def _submit(self, client: str, ops: list[Any]) -> dict[str, Any]:
        sent = self._desk.submit(client, ops, self.language)
        if isinstance(sent, list):
            return {"violations": sent}
        self.receipt = {"code": ""} if isinstance(sent, str) else receipt_entry(sent)
        self._on_submit(sent)
        return {"receipt": self.receipt}


class _Loose:
    """A filling that lives in this kernel alone."""

    def __init__(self, form: Form, instance: str | None, language: Language) -> None:
        surroundings = Surroundings(zone=ZONE)
        self.draft_id = f"uuid:{uuid4()}"
        self.filling = (
            Filling.begin(form, surroundings=surroundings, language=language)
            if instance is None
            else Filling.restore(form, instance, {}, surroundings, origin="corrected")
        )
        self.files: dict[str, bytes] = {}

    def open(self) -> dict[str, Any]:
        return {**self.filling.screen(), "draft": self.draft_id}

    def send(self, client: str, ops: list[Any]) -> dict[str, Any]:
        return {**self.filling.apply(client, ops), "saved": False}

    def search(self, path: str, query: str) -> list[list[str]]:
        return self.filling.search(path, query)

    def choice_list(self, name: str) -> bytes:
        return self.filling.choice_list(name)

    def upload(self, _path: str, name: str, content: bytes) -> str:
        self.files[name] = content
        return name

    def submit(self, client: str, ops: list[Any], _language: Language) -> str | list[dict[str, Any]]:
        self.filling.apply(client, ops)
        broken: list[dict[str, Any]] = [dict(entry) for entry in self.filling.check()]
        return broken or self.filling.finish()


class _Kept:
    """A filling that is kept in the store as a draft until it is sent."""

    def __init__(
        self, store: Store, form_id: str, by: Actor, draft_id: str | None, language: Language
    ) -> None:
        self.fillings, self.by = Fillings(store), by
        self.resume_code: str | None = None
        if draft_id is None:
            draft = self.fillings.begin(form_id, by=by, language=language)
            draft_id, self.resume_code = draft.draft_id, draft.resume_code
        self.draft_id = draft_id
        self.fillings.screen(draft_id, by=by)  # an unknown draft is told at once

    @property
    def filling(self) -> Filling:
        return self.fillings.filling(self.draft_id, by=self.by)

    def open(self) -> dict[str, Any]:
        screen = self.fillings.screen(self.draft_id, by=self.by)
        return screen if self.resume_code is None else {**screen, "resume_code": self.resume_code}

    def send(self, client: str, ops: list[Any]) -> dict[str, Any]:
        return self.fillings.sync(self.draft_id, by=self.by, client=client, ops=ops)

    def search(self, path: str, query: str) -> list[list[str]]:
        return self.fillings.search(self.draft_id, path, query, by=self.by)

    def choice_list(self, name: str) -> bytes:
        return self.fillings.choice_list(name, self.draft_id, by=self.by)

    def upload(self, path: str, name: str, content: bytes) -> str:
        return self.fillings.attach(self.draft_id, path, name, content, by=self.by)

    def submit(self, client: str, ops: list[Any], language: Language) -> Receipt | list[dict[str, Any]]:
        return self.fillings.submit(self.draft_id, by=self.by, client=client, ops=ops, language=language)
