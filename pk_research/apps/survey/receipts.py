"""After sending: the receipt and what happens next; and sheets to print, filled or empty."""

from __future__ import annotations

from base64 import b64encode
from functools import partial
from hashlib import sha256
from re import DOTALL, search

import tornado.web

from pk_research.apps.survey.base import nobody_known
from pk_research.apps.survey.paces import Pace
from pk_research.apps.survey.pages import SurveyPage
from pk_research.errors import PkError
from pk_research.store.actors import Actor, Right
from pk_research.store.receiving import Receipt
from pk_research.survey import paper
from pk_research.survey.filled import Filled


class ReceiptPage(SurveyPage):
    """That a filling arrived, and what happens next."""

    async def get(self, code: str) -> None:
        """Show it to whoever has the code; the way to the answers only to whoever may read them."""
        self.keep_pace(Pace.RECEIPTS_BY_ORIGIN, self.origin)
        receipt = await self.house.desk.do(partial(self.store.submissions.find_receipt, code))
        actor = await self.find_actor()
        filled = await self.house.desk.do(partial(self.readable, receipt, actor))
        self.show(
            "receipt.html",
            actor=actor if filled is None else filled[1],
            code=receipt.code,
            at=self.day(receipt.received_at),
            is_own=filled is not None,
        )

    def readable(self, receipt: Receipt, actor: Actor | None) -> tuple[Filled, Actor] | None:
        """Return a submission and who of those known here may read it.

        That is whoever sent it, while the invitation they came by was not taken back, and whoever reads
        what others send, such as a supervisor.
        """
        known = [actor, *(key.guest for key in self.keyring.keys)]
        for reader in filter(None, known):
            try:
                self.store.access.require_standing(reader.identifier)
                return self.store.submissions.read(receipt.instance_id, by=reader), reader
            except PkError:
                continue
        return None


class FilledSheet(ReceiptPage):
    """What was sent, as a sheet to print."""

    async def get(self, code: str) -> None:
        """Show it to whoever may read the answers."""
        self.keep_pace(Pace.RECEIPTS_BY_ORIGIN, self.origin)
        receipt = await self.house.desk.do(partial(self.store.submissions.find_receipt, code))
        actor = await self.find_actor()
        sheet = await self.house.desk.do(partial(self._sheet, receipt, actor))
        if sheet is None:
            raise nobody_known()
        self.send_sheet(sheet)

    def _sheet(self, receipt: Receipt, actor: Actor | None) -> str | None:
        found = self.readable(receipt, actor)
        if found is None:
            return None
        filled, reader = found
        form = self.store.forms.opened(filled.form_id, filled.version)
        files = {
            name: self.store.submissions.attachment(filled.instance_id, name, by=reader)
            for name, digest in filled.attachments.items()
            if digest is not None
        }
        return paper.sheet(form, filling=filled, language=self.language, attachments=files)

    def send_sheet(self, sheet: str) -> None:
        """Send a sheet; its own style, and nothing else, is let in."""
        self.set_header("Content-Security-Policy", sheet_policy(sheet))
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(sheet)


class EmptySheet(FilledSheet):
    """A form as an empty sheet to print."""

    async def get(self, form_id: str) -> None:
        """Show it to whoever may fill it."""
        actor = await self.require_actor()
        if not (actor.may(Right.FILL, form_id=form_id) or actor.may(Right.READ_ALL, form_id=form_id)):
            raise tornado.web.HTTPError(404)
        self.send_sheet(await self.house.desk.do(partial(self._empty, form_id)))

    def _empty(self, form_id: str) -> str:
        form = self.store.forms.open(self.store.forms.find(form_id))
        return paper.sheet(form, language=self.language)


def sheet_policy(sheet: str) -> str:
    """Return the policy of a sheet: its one style element by its hash, pictures that are in it."""
    style = search(r"<style>(.*?)</style>", sheet, DOTALL)
    digest = b64encode(sha256((style[1] if style else "").encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; frame-ancestors 'none'"
