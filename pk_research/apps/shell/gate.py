"""What a request passes before any page sees it: how often, how large and how slowly somebody asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from weakref import WeakSet

import tornado.httputil
import tornado.web
from tornado.websocket import WebSocketHandler

from pk_research.apps.shell.buckets import Buckets
from pk_research.apps.survey.base import SurveyHandler
from pk_research.apps.survey.origins import origin_of, scheme_of
from pk_research.apps.survey.plain import POLICY, plain_page
from pk_research.language import Message
from pk_research.settings import MIB, Networks, Settings

LARGEST_BODY = MIB // 16
# What the handler of the largest files takes: those that ODK Collect sends.
LARGEST_UPLOAD = 64 * MIB
LARGEST_MESSAGE = 4 * MIB
LARGEST_HEADERS = MIB // 16
# What a poor mobile connection still sends in a second.
SLOWEST_BYTES_S = 8192

TOO_OFTEN = Message("Too much was asked from your network at once. This page tries again by itself.")
TOO_LARGE = Message("This is too large to be taken.")
NOT_UNDERSTOOD = Message("This could not be understood. Load the page again.")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not heard.

    Attributes
    ----------
    status
        The HTTP status.
    message
        The reason, for people.
    retry_after_s
        In how many seconds it would be; 0 for never.
    """

    status: int
    message: Message
    retry_after_s: int = 0


@dataclass(frozen=True)
class Limits:
    """What every address keeps to.

    Attributes
    ----------
    buckets
        What each may still ask.
    proxies
        Who is believed for whom they ask.
    headers_s
        How long a request, or the next one of a connection that is kept, is waited for.
    body_s
        How long a body may take; longer as far as it comes at the pace of a poor mobile connection.
    reading_s
        How long whoever asked may take nothing of the answer.
    """

    buckets: Buckets
    proxies: Networks = ()
    headers_s: float = 60
    body_s: float = 30
    reading_s: float = 120

    @classmethod
    def of(cls, settings: Settings, **patience: float) -> Limits:
        """Return the limits that settings ask for."""
        return cls(Buckets(settings.requests_minute), settings.trusted_proxies, **patience)

    def origin(self, request: tornado.httputil.HTTPServerRequest) -> str:
        """Return the network address of whoever asks, as far as it is known."""
        forwarded = request.headers.get_list("X-Forwarded-For")
        return origin_of(str(request.remote_ip), forwarded, self.proxies)

    def patience_s(self, length: str) -> float:
        """Return how long a body of a length, as its header says, may take."""
        n_bytes = int(length) if length.isdecimal() else 0
        return self.body_s + min(n_bytes, LARGEST_UPLOAD) / SLOWEST_BYTES_S

    def refuse(
        self, handler: type[tornado.web.RequestHandler], request: tornado.httputil.HTTPServerRequest
    ) -> Refusal | None:
        """Return why a request is not heard; None where it is.

        Notes
        -----
        The survey app counts and measures its own requests (`pk_research.apps.survey.paces`), by visitor
        where it knows one; they are not counted here as well. A handler says what it costs by ``cost``.
        """
        if issubclass(handler, SurveyHandler):
            return None
        if wait_s := self.buckets.wait_s(self.origin(request), getattr(handler, "cost", 1)):
            return Refusal(429, TOO_OFTEN, wait_s)
        length = request.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in request.headers:
            return Refusal(400, NOT_UNDERSTOOD)
        if length.isdecimal() and int(length) > LARGEST_BODY:
            return Refusal(413, TOO_LARGE)
        return None


@tornado.web.stream_request_body
class Refused(tornado.web.RequestHandler):
    """Says why a request is not heard, before its body is read."""

    def initialize(self, refusal: Refusal) -> None:
        """Take the reason."""
        self.refusal = refusal

    def set_default_headers(self) -> None:
        """Let nothing be kept or fetched."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("Cache-Control", "no-store")

    def check_xsrf_cookie(self) -> None:
        """Nothing is done, so nothing is forged."""

    def prepare(self) -> None:
        """Answer every method alike: in Bahasa Indonesia first, then in English."""
        self.set_status(self.refusal.status)
        again = ""
        if self.refusal.retry_after_s:
            self.set_header("Retry-After", str(self.refusal.retry_after_s))
            again = f'<meta http-equiv="refresh" content="{self.refusal.retry_after_s}">'
        self.finish(plain_page(self.refusal.message, head=again))

    def data_received(self, chunk: bytes) -> None:
        """Let what still comes fall."""


@dataclass
class Traffic:
    """The requests that are being answered.

    Attributes
    ----------
    is_leaving
        Whether the server is about to stop.
    """

    is_leaving: bool = False
    _running: WeakSet[tornado.httputil.HTTPServerRequest] = field(default_factory=WeakSet, init=False)

    def __len__(self) -> int:
        """How many there are, without those whose visitor has gone."""
        streams = [getattr(request.connection, "stream", None) for request in self._running]
        return sum(stream is not None and not stream.closed() for stream in streams)

    def begin(self, request: tornado.httputil.HTTPServerRequest) -> None:
        """Count a request."""
        self._running.add(request)

    def end(self, request: tornado.httputil.HTTPServerRequest) -> None:
        """Count one that was answered."""
        self._running.discard(request)


class Gate(tornado.web.Application):
    """The application of the server, with a gate in front of its handlers.

    Parameters
    ----------
    limits
        What every address keeps to.
    settings
        Those of tornado.
    """

    def __init__(self, limits: Limits, **settings: Any) -> None:  # noqa: ANN401 - tornado's
        self.limits = limits
        self.traffic = Traffic()
        super().__init__(**settings)

    def find_handler(self, request: tornado.httputil.HTTPServerRequest, **kwargs: Any) -> Any:  # noqa: ANN401
        """Return who answers a request: its handler, or one that says why it is not heard."""
        said = request.headers.get("X-Forwarded-Proto", "")
        request.protocol = scheme_of(request.protocol, str(request.remote_ip), said, self.limits.proxies)
        found = super().find_handler(request, **kwargs)
        refusal = self.limits.refuse(found.handler_class, request)
        if refusal is not None:
            return self.get_handler_delegate(request, Refused, {"refusal": refusal})
        patience_s = self.limits.patience_s(request.headers.get("Content-Length", "0"))
        request.connection.set_body_timeout(patience_s)  # type: ignore[union-attr]
        if not issubclass(found.handler_class, WebSocketHandler):
            self.traffic.begin(request)
        return found

    def log_request(self, handler: tornado.web.RequestHandler) -> None:
        """Note that a request was answered."""
        self.traffic.end(handler.request)
        super().log_request(handler)
