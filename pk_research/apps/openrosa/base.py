"""What every request of a phone goes through."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar
from urllib.parse import urlencode

from pk_research.apps.openrosa.documents import response
from pk_research.apps.openrosa.doors import Door, by_key
from pk_research.apps.openrosa.trouble import Challenged, answered, sentence
from pk_research.apps.openrosa.ways import scheme
from pk_research.apps.survey.base import SurveyHandler
from pk_research.apps.survey.house import House
from pk_research.apps.survey.paces import Pace
from pk_research.language import LANGUAGES, Language
from pk_research.store.access import TooMany
from pk_research.store.actors import Actor, Right

XML = "text/xml; charset=utf-8"
# Android calls Indonesian by its old code.
_SPOKEN: dict[str, Language] = {**{language: language for language in LANGUAGES}, "in": "id"}


class OpenRosaHandler(SurveyHandler):
    """A request of ODK Collect, or another program that speaks OpenRosa 1.0."""

    is_for_finishing: ClassVar[bool] = False
    visitor_pace: ClassVar[Pace] = Pace.ANSWERS_BY_VISITOR

    def initialize(self, house: House, door: Door = by_key) -> None:
        """Take what all requests share, and how one comes in."""
        super().initialize(house)
        self.door = door

    def set_default_headers(self) -> None:
        """Say which version is spoken; tornado adds the date."""
        super().set_default_headers()
        self.set_header("X-OpenRosa-Version", "1.0")

    async def prepare(self) -> None:
        """Find out who it is before the body is let in."""
        await super().prepare()
        token = self.path_args[0] if self.path_args else ""
        work = partial(self.door, self.store, self.request, token, origin=self.origin)
        self.entered = await self.house.desk.do(work)
        if self.entered.refusal is not None and not self.is_for_finishing:
            raise self.entered.refusal
        self.actor.require(Right.FILL)
        self.keep_pace(self.visitor_pace, self.actor.identifier)

    def _require_same_origin(self) -> None:
        """Ask only browsers, which say where a page comes from: phones have no pages."""
        if {"Origin", "Sec-Fetch-Site"} & set(self.request.headers):
            super()._require_same_origin()

    @property
    def actor(self) -> Actor:
        """Who came in."""
        return self.entered.actor

    @property
    def language(self) -> Language:
        """The language the phone asks for; Indonesian by default."""
        asked = self.request.headers.get("Accept-Language", "").lower().split(",")
        tags = (part.partition(";")[0].strip().partition("-")[0] for part in asked)
        return next((_SPOKEN[tag] for tag in tags if tag in _SPOKEN), LANGUAGES[0])

    def address(self, name: str, which: Mapping[str, str] | None = None) -> str:
        """Return where something is, for whoever came in by this door."""
        place = f"key/{self.path_args[0]}" if self.path_args else "openrosa"
        query = f"?{urlencode(which)}" if which else ""
        return f"{scheme(self.request)}://{self.request.host}{self.house.base}{place}/{name}{query}"

    def reply(self, content: bytes) -> None:
        """Answer with a document."""
        self.set_header("Content-Type", XML)
        self.finish(content)

    # --- when it fails

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:  # noqa: ANN401 - tornado's signature
        """Answer with the status OpenRosa has for what went wrong."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        status = status_code if error is None else answered(error)[0]
        super(SurveyHandler, self).send_error(status, **kwargs)

    def write_error(self, status_code: int, **kwargs: Any) -> None:  # noqa: ARG002, ANN401
        """Say what went wrong, and nothing about how."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, TooMany):
            self.set_header("Retry-After", str(error.retry_after_s))
        if isinstance(error, Challenged):
            self.set_header("WWW-Authenticate", 'Basic realm="Pabrik Kampoeng", charset="UTF-8"')
        self.tell(sentence(error, self.language), error)

    def tell(self, message: str, error: BaseException | None) -> None:  # noqa: ARG002
        """Answer with a sentence, which the phone shows."""
        if self.request.method == "HEAD":
            self.finish()
        else:
            self.reply(response(message, nature="submit_error"))
