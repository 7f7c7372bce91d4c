"""What every answer of the server says to the browser, whoever wrote the answer."""

from __future__ import annotations

from typing import Any

import tornado.httputil
import tornado.web

# Forms ask for the place, a photograph and a voice; nothing else of the device is ever needed.
HARDENED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(self), payment=(), usb=(), "
    "serial=(), bluetooth=(), display-capture=(), midi=()",
}


class Hardened(tornado.web.OutputTransform):
    """Adds what an answer does not say itself, and takes off what tells an attacker of the server."""

    def __init__(self, _request: Any) -> None:  # noqa: ANN401 - tornado's
        """Need nothing of the request."""

    def transform_first_chunk(
        self,
        status_code: int,
        headers: tornado.httputil.HTTPHeaders,
        chunk: bytes,
        finishing: bool,  # noqa: FBT001 - tornado's signature
    ) -> tuple[int, tornado.httputil.HTTPHeaders, bytes]:
        """Set the headers of an answer before it leaves."""
        del finishing
        headers.pop("Server", None)
        for name, value in HARDENED.items():
            headers.setdefault(name, value)
        return status_code, headers, chunk
