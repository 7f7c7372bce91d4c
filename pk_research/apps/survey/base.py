"""What every request to the survey app goes through: size, origin, pace, who it is, what they may know."""

from __future__ import annotations

import hmac
from datetime import timedelta
from functools import partial
from pathlib import PurePosixPath
from types import TracebackType
from typing import Any, ClassVar
from urllib.parse import urlsplit

import tornado.web

from pk_research.apps.survey.house import House
from pk_research.apps.survey.keyring import Key, Keyring, owner_of, read_keyring
from pk_research.apps.survey.origins import origin_of, scheme_of
from pk_research.apps.survey.paces import Pace
from pk_research.apps.survey.trouble import NobodyKnown, note, told
from pk_research.errors import NotFound, Problem
from pk_research.language import LANGUAGES, Language
from pk_research.store.access import TooMany
from pk_research.store.actors import Actor

SESSION, KEYRING, LANGUAGE = "pk_session", "pk_keyring", "pk_language"
KEPT_DAYS = 30
YEAR_DAYS = 365
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
READING = ("GET", "HEAD")
# What a browser may show in place; anything else is only to be saved.
SHOWN = {
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif",
    ".webp": "image/webp", ".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".ogg": "audio/ogg",
    ".wav": "audio/wav", ".mp4": "video/mp4", ".webm": "video/webm",
}  # fmt: skip


@tornado.web.stream_request_body
class SurveyHandler(tornado.web.RequestHandler):
    """A request to the survey app.

    The body is let in only after `prepare`, so that what is too large, comes from another site or too
    often is turned away before it is read.
    """

    largest_body: ClassVar[int] = 0
    pace: ClassVar[Pace] = Pace.PAGES_BY_ORIGIN
    policy: ClassVar[str] = POLICY
    referrer: ClassVar[str] = "no-referrer"

    def initialize(self, house: House) -> None:
        """Take what all requests share."""
        self.house = house
        self.store = house.store
        self.body = bytearray()

    def set_default_headers(self) -> None:
        """Let nothing be kept, framed, guessed at or fetched from elsewhere."""
        self.clear_header("Server")
        self.set_header("Content-Security-Policy", self.policy)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", self.referrer)
        self.set_header("Cache-Control", "no-store")

    # --- before the body

    async def prepare(self) -> None:
        """Turn away what is not to be read."""
        if self.request.method in READING:
            self._require_no_body()
        else:
            self._require_size()
            self._require_same_origin()
        self.keep_pace(self.pace, self.origin)

    def check_xsrf_cookie(self) -> None:
        """Leave it to the origin, which every browser of these years sends."""

    def _require_no_body(self) -> None:
        headers = self.request.headers
        if "Transfer-Encoding" in headers or headers.get("Content-Length", "0") != "0":
            raise tornado.web.HTTPError(413)

    def _require_size(self) -> None:
        length = self.request.headers.get("Content-Length")
        if length is None or not length.isdecimal():
            raise tornado.web.HTTPError(411)
        if int(length) > self.largest_body:
            raise tornado.web.HTTPError(413)

    def _require_same_origin(self) -> None:
        origin = self.request.headers.get("Origin", "null")
        if origin == "null":  # a browser that hides it says instead whose page it is
            is_ours = self.request.headers.get("Sec-Fetch-Site") == "same-origin"
        else:
            is_ours = urlsplit(origin).netloc.lower() == self.request.host.lower()
        if not is_ours:
            raise tornado.web.HTTPError(403)

    def keep_pace(self, pace: Pace, who: str) -> None:
        """Count a request of somebody, under a hash."""
        self.house.paces.keep(pace, self.store.access.keyed(pace.name, who))

    def data_received(self, chunk: bytes) -> None:
        """Gather the body."""
        self.body += chunk

    # --- who it is

    @property
    def origin(self) -> str:
        """The network address of the visitor."""
        forwarded = self.request.headers.get_list("X-Forwarded-For")
        return origin_of(str(self.request.remote_ip), forwarded, self.house.proxies)

    @property
    def scheme(self) -> str:
        """The scheme of the address that the visitor sees."""
        said = self.request.headers.get("X-Forwarded-Proto", "")
        return scheme_of(self.request.protocol, str(self.request.remote_ip), said, self.house.proxies)

    @property
    def session(self) -> str | None:
        """The session token of the visitor."""
        return self.get_cookie(SESSION)

    @property
    def keyring(self) -> Keyring:
        """What this device remembers of its drafts."""
        return read_keyring(self.get_cookie(KEYRING), self.store.secret)

    async def find_actor(self) -> Actor | None:
        """Return who came in, if anybody did."""
        token = self.session
        return None if token is None else await self.house.desk.do(partial(self.store.access.who, token))

    async def require_actor(self) -> Actor:
        """Return who came in.

        Raises
        ------
        NobodyKnown
            When nobody did.
        """
        actor = await self.find_actor()
        if actor is None:
            raise nobody_known()
        return actor

    async def begin(self, form_id: str, actor: Actor) -> Key:
        """Open a draft, and give this device its key."""
        self.keep_pace(Pace.DRAFTS_BY_ORIGIN, self.origin)
        self.keep_pace(Pace.DRAFTS_BY_OWNER, owner_of(actor))
        fillings = self.house.desk.fillings
        draft = await self.house.desk.do(partial(fillings.begin, form_id, by=actor, language=self.language))
        key = Key(draft.draft_id, draft.resume_code or "", owner_of(actor))
        self.keep_keyring(self.keyring.with_key(key))
        return key

    async def holder(self, draft_id: str) -> Actor:
        """Return who, of those known here, may go on with a draft.

        Somebody who comes in again by the same invitation gets their draft back with the code that
        this device remembers.

        Raises
        ------
        NobodyKnown
            When nobody came in.
        NotEntered
            When nobody came in, and the invitation the draft was begun with was taken back.
        NotFound
            When the draft is not theirs.
        """
        actor = await self.find_actor()
        return await self.house.desk.do(partial(self._held_by, draft_id, actor))

    def _held_by(self, draft_id: str, actor: Actor | None) -> Actor:
        key = self.keyring.find(draft_id)
        if actor is None:
            return self._guest_with(key)
        try:
            self.store.drafts.find(draft_id, by=actor)
        except NotFound:
            if key is None or not hmac.compare_digest(key.owner, owner_of(actor)):
                if key is not None and key.guest is not None:
                    return self._guest_with(key)
                raise
            self.store.drafts.resume(key.code, by=actor)
        return actor

    def _guest_with(self, key: Key | None) -> Actor:
        """Return who acts by a key of this device alone."""
        if key is not None:
            self.store.access.require_standing(key.owner)
        if key is None or key.guest is None:
            raise nobody_known()
        return key.guest

    # --- files

    def send_file(self, name: str, content: bytes) -> None:
        """Send a file as what its name says, where that is harmless."""
        kind = SHOWN.get(PurePosixPath(name).suffix.lower())
        self.set_header("Content-Type", kind or "application/octet-stream")
        if kind is None:
            self.set_header("Content-Disposition", "attachment")
        self.finish(content)

    # --- cookies

    def keep_cookie(self, name: str, value: str, *, days: int | None = None) -> None:
        """Set a cookie that only this server reads; without days it goes with the browser's session."""
        self.set_cookie(
            name,
            value,
            path=self.house.base,
            httponly=True,
            samesite="Lax",
            secure=self.scheme == "https",
            max_age=None if days is None else int(timedelta(days=days).total_seconds()),
        )

    def keep_keyring(self, keyring: Keyring) -> None:
        """Remember the drafts of this device."""
        self.keep_cookie(KEYRING, keyring.written(self.store.secret), days=KEPT_DAYS)

    @property
    def language(self) -> Language:
        """The language the visitor chose; Indonesian by default."""
        chosen = self.get_query_argument("language", None) or self.get_cookie(LANGUAGE)
        return next((language for language in LANGUAGES if language == chosen), LANGUAGES[0])

    def keep_language(self, language: Language) -> None:
        """Go on in a language: the pages, and the forms that have it."""
        self.keep_cookie(LANGUAGE, language, days=YEAR_DAYS)

    # --- when it fails

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:  # noqa: ANN401 - tornado's signature
        """Answer with the status of what went wrong, rather than with 500 for all of it."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        super().send_error(status_code if error is None else told(error)[0], **kwargs)

    def write_error(self, status_code: int, **kwargs: Any) -> None:  # noqa: ARG002, ANN401
        """Say what went wrong, and nothing about how."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, TooMany):
            self.set_header("Retry-After", str(error.retry_after_s))
        self.tell(told(error)[1].text(self.language), error)

    def tell(self, message: str, error: BaseException | None) -> None:
        """Answer with a sentence."""
        raise NotImplementedError

    def log_exception(
        self,
        typ: type[BaseException] | None,  # noqa: ARG002
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Write down what nobody expected, without what was asked and answered."""
        note(type(self).__name__, value, tb)


def nobody_known() -> NobodyKnown:
    """Return the error of asking without having come in."""
    return NobodyKnown(Problem("survey", "nobody came in", "Sign in, or open the invitation link."))
