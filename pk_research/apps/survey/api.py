"""What the form's script asks for: JSON in, JSON out."""

from __future__ import annotations

import json
from functools import partial
from typing import Any, ClassVar
from urllib.parse import unquote

import tornado.web

from pk_research.apps.survey.assets import YEAR_S
from pk_research.apps.survey.base import SurveyHandler
from pk_research.apps.survey.fillings import receipt_entry
from pk_research.apps.survey.paces import Pace
from pk_research.apps.survey.trouble import NobodyKnown
from pk_research.errors import NotFound
from pk_research.language import Message
from pk_research.settings import MIB
from pk_research.store.access import NotEntered
from pk_research.store.actors import Actor
from pk_research.store.receiving import Receipt
from pk_research.store.refusals import Conflict
from pk_research.survey.screen.filling import house_language
from pk_research.survey.screen.typed import plain

SENT_BEFORE = Message("This filling was sent before. What was answered after that is not part of it.")
MOST_OPS = 1000
LONGEST_PATH = 2000


class Api(SurveyHandler):
    """A request of the form's script."""

    largest_body: ClassVar[int] = 2 * MIB

    async def prepare(self) -> None:
        """Turn away what another page could have made the browser send."""
        await super().prepare()
        if self.request.method == "POST" and self.request.headers.get("X-PK-Form") != "1":
            raise tornado.web.HTTPError(403)

    def tell(self, message: str, error: BaseException | None) -> None:  # noqa: ARG002
        """Answer with a sentence."""
        self.reply({"error": {"message": message}})

    def reply(self, answer: object) -> None:
        """Answer with JSON."""
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(json.dumps(answer, ensure_ascii=False, separators=(",", ":")))

    def asked(self) -> dict[str, Any]:
        """Return the body as it was asked."""
        try:
            body = json.loads(bytes(self.body))
        except (ValueError, RecursionError):
            raise tornado.web.HTTPError(400) from None
        if not isinstance(body, dict):
            raise tornado.web.HTTPError(400)
        return body

    async def visitor_of(self, draft_id: str, pace: Pace = Pace.ANSWERS_BY_VISITOR) -> Actor:
        """Return who goes on with a draft, no faster than people type."""
        actor = await self.holder(draft_id)
        self.keep_pace(pace, actor.identifier)
        return actor


class Open(Api):
    """The form of a draft, whole; or a new draft of a form."""

    async def post(self) -> None:
        """Answer with the screen, and the resume code where it is known."""
        body = self.asked()
        if "draft" in body:
            draft_id = _text(body, "draft")
            actor, key = await self.visitor_of(draft_id), self.keyring.find(draft_id)
        else:
            actor = await self.require_actor()
            key = await self.begin(_text(body, "form"), actor)
            draft_id = key.draft_id
        work = partial(self.house.desk.fillings.screen, draft_id, by=actor)
        screen = await self.house.desk.do_with(draft_id, work)
        self.reply({**screen, "resume_code": key.code if key is not None else None})


class Sync(Api):
    """What was typed."""

    async def post(self) -> None:
        """Save it, then say what follows from it; a language that was chosen is that of the pages, too."""
        body = self.asked()
        draft_id, client, ops = _text(body, "draft"), _text(body, "client"), _ops(body)
        actor = await self.visitor_of(draft_id)
        work = partial(self.house.desk.fillings.sync, draft_id, by=actor, client=client, ops=ops)
        patch = await self.house.desk.do_with(draft_id, work)
        for op in ops:
            if op.get("op") == "language" and isinstance(op.get("value"), str):
                self.keep_language(house_language(op["value"]))
        self.reply(patch)


class Search(Api):
    """Words sought in a long list."""

    async def post(self) -> None:
        """Answer with the choices found."""
        body = self.asked()
        draft_id, path, query = (_text(body, name) for name in ("draft", "path", "query"))
        if not _is_path(path):
            raise tornado.web.HTTPError(400)
        actor = await self.visitor_of(draft_id)
        work = partial(self.house.desk.fillings.search, draft_id, path, query, by=actor)
        self.reply(await self.house.desk.do_with(draft_id, work))


class Submit(Api):
    """The end of a filling."""

    async def post(self) -> None:
        """Answer with a receipt, or with what is to be put right."""
        body = self.asked()
        draft_id, client, ops = _text(body, "draft"), _text(body, "client"), _ops(body)
        actor = await self.visitor_of(draft_id)
        work = partial(
            self.house.desk.fillings.submit,
            draft_id, by=actor, client=client, ops=ops, language=self.language,
        )  # fmt: skip
        answer = await self.house.desk.do_with(draft_id, work)
        if isinstance(answer, Receipt):
            note = {"note": SENT_BEFORE.text(self.language)} if ops and not answer.is_new else {}
            self.reply({"receipt": receipt_entry(answer), **note})
        else:
            self.reply({"violations": answer})


class Upload(Api):
    """A file that answers a question."""

    largest_body: ClassVar[int] = 50 * MIB

    async def prepare(self) -> None:
        """Find out whose it is before the file is let in."""
        await super().prepare()
        self.draft_id = self.get_query_argument("draft")
        self.actor = await self.visitor_of(self.draft_id, Pace.FILES_BY_VISITOR)

    async def post(self) -> None:
        """Keep it, then say under which name."""
        name = unquote(self.request.headers.get("X-File-Name", ""))
        path, content = self.get_query_argument("path"), bytes(self.body)
        work = partial(self.house.desk.fillings.attach, self.draft_id, path, name, content, by=self.actor)
        self.reply({"name": await self.house.desk.do_with(self.draft_id, work)})


class File(Api):
    """A file that was sent before."""

    policy: ClassVar[str] = "default-src 'none'; sandbox"

    async def get(self) -> None:
        """Send it back, to be looked at or listened to."""
        draft_id, name = self.get_query_argument("draft"), self.get_query_argument("name")
        actor = await self.visitor_of(draft_id)
        work = partial(self.store.drafts.attachment, draft_id, name, by=actor)
        self.send_file(name, await self.house.desk.do(work))


class Media(File):
    """A picture or recording that belongs to a form."""

    async def get(self) -> None:
        """Send it."""
        draft_id, address = self.get_query_argument("draft"), self.get_query_argument("name")
        actor = await self.visitor_of(draft_id)
        name = address.rpartition("/")[2]
        self.send_file(name, await self.house.desk.do(partial(self._find, draft_id, name, actor)))

    def _find(self, draft_id: str, name: str, actor: Actor) -> bytes:
        draft = self.store.drafts.find(draft_id, by=actor)
        return self.store.forms.file(self.store.forms.find(draft.form_id, draft.version), name)


class ChoiceList(Api):
    """A long list of choices, named by a hash of what is in it."""

    async def get(self, digest: str) -> None:
        """Send it, to be kept by the browser for a year."""
        content = self.house.desk.fillings.known_list(digest) or await self._find(digest)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.set_header("Cache-Control", f"private, max-age={YEAR_S}, immutable")
        self.finish(content)

    async def _find(self, digest: str) -> bytes:
        """Look through the drafts of this device for the list."""
        for key in self.keyring.keys:
            try:
                actor = await self.visitor_of(key.draft_id)
                work = partial(self.house.desk.fillings.choice_list, digest, key.draft_id, by=actor)
                return await self.house.desk.do_with(key.draft_id, work)
            except (NobodyKnown, NotEntered, NotFound, Conflict):
                continue
        raise tornado.web.HTTPError(404)


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or plain(value) != value:
        raise tornado.web.HTTPError(400)
    return value


def _ops(body: dict[str, Any]) -> list[dict[str, Any]]:
    ops = body.get("ops")
    if not isinstance(ops, list) or len(ops) > MOST_OPS or not all(_is_op(op) for op in ops):
        raise tornado.web.HTTPError(400)
    return ops


def _is_op(op: object) -> bool:
    return isinstance(op, dict) and (not isinstance(path := op.get("path"), str) or _is_path(path))


def _is_path(path: str) -> bool:
    return len(path) <= LONGEST_PATH and plain(path) == path
