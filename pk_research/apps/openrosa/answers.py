"""What phones ask for: the list of forms, a form, its files; and where they send what was filled."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

import tornado.web

from pk_research.apps.openrosa import documents
from pk_research.apps.openrosa.arrivals import open_form, open_forms, take
from pk_research.apps.openrosa.base import OpenRosaHandler
from pk_research.apps.openrosa.parts import read_parts
from pk_research.language import Message
from pk_research.settings import MIB
from pk_research.store.forms import FormVersion

LARGEST = 64 * MIB


class FormList(OpenRosaHandler):
    """The forms that are open to whoever came in."""

    async def get(self, *_: str) -> None:
        """Send it."""
        form_id = self.get_query_argument("formID", None, strip=False)
        forms = await self.house.desk.do(partial(open_forms, self.store, self.actor, form_id))
        is_verbose = self.get_query_argument("verbose", "").lower() == "true"
        self.reply(documents.form_list(forms, self.address, is_verbose=is_verbose))


class FormHandler(OpenRosaHandler):
    """Something about one version of a form, which the query names."""

    async def find(self) -> FormVersion:
        """Return the version."""
        form_id = self.get_query_argument("formID", strip=False)
        number = self.get_query_argument("version", None, strip=False)
        return await self.house.desk.do(partial(open_form, self.store, self.actor, form_id, number))


class FormFile(FormHandler):
    """A form."""

    async def get(self, *_: str) -> None:
        """Send it, byte for byte as the list's hash says."""
        self.reply(documents.form_bytes(await self.find()))


class Manifest(FormHandler):
    """The files of a form."""

    async def get(self, *_: str) -> None:
        """Send their list."""
        version = await self.find()
        hashes = await self.house.desk.do(partial(self._hashes, version))
        self.reply(documents.manifest(version, hashes, self.address))

    def _hashes(self, version: FormVersion) -> dict[str, str]:
        return {file.name: documents.md5(self.store.forms.file(version, file.name)) for file in version.files}


class Media(FormHandler):
    """A file of a form: a list of choices, a picture."""

    policy: ClassVar[str] = "default-src 'none'; sandbox"

    async def get(self, *_: str) -> None:
        """Send it."""
        version, name = await self.find(), self.get_query_argument("name", strip=False)
        content = await self.house.desk.do(partial(self.store.forms.file, version, name))
        self.send_file(name, content)


class Submission(OpenRosaHandler):
    """Where fillings are sent."""

    largest_body: ClassVar[int] = LARGEST
    is_for_finishing: ClassVar[bool] = True

    def set_default_headers(self) -> None:
        """Say how much is taken at once: a phone sends a larger filling in several requests."""
        super().set_default_headers()
        self.set_header("X-OpenRosa-Accept-Content-Length", str(self.largest_body))

    async def head(self, *_: str) -> None:
        """Say where to send to."""
        self.set_status(204)
        self.set_header("Location", self.address("submission"))
        self.finish()

    async def post(self, *_: str) -> None:
        """Take a filling, then acknowledge it."""
        sent = read_parts(self.request.headers.get("Content-Type", ""), bytes(self.body))
        self.body.clear()
        device = self.get_query_argument("deviceID", "")
        work = partial(take, self.store, sent, self.entered, device_id=device)
        receipt = await self.house.desk.do(work)
        self.set_status(202 if sent.is_partial else 201)
        self.set_header("Location", self.address("submission"))
        message = Message("Received. Receipt code: {code}.", {"code": receipt.code})
        self.reply(documents.response(message.text(self.language), nature="submit_success"))


class NothingHere(OpenRosaHandler):
    """Where there is nothing."""

    async def prepare(self) -> None:
        """Answer every method alike."""
        raise tornado.web.HTTPError(404)
