"""The lines between pages and their kernels: what comes along one is looked at before it is taken apart."""

from __future__ import annotations

import logging
import struct
from typing import Any, ClassVar

import tornado.web
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.handlers import KernelHandler
from traitlets import default
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from pk_research.apps.shell.buckets import Buckets
from pk_research.apps.survey.base import SESSION
from pk_research.settings import MIB

# A page has one line, and another while it loads anew; each takes about ten of the server's open files.
MOST_LINES = 6
# Jupyter's four, the channel, and what widgets send apart from them.
MOST_PARTS = 256
NEWER = "v1.kernel.websocket.jupyter.org"
POLICY_BROKEN, NO_MESSAGE = 1008, 1007
# What Jupyter stumbles over where a message is not built as it expects.
STUMBLES = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)

quiet = logging.getLogger(__name__)


class QuietConnection(ZMQChannelsWebsocketConnection):
    """Jupyter's connection to a kernel; what a visitor makes it complain of does not get into the log."""

    @default("log")
    def _default_log(self) -> logging.Logger:
        return quiet


class KernelLine(VoilaKernelWebsocketHandler):  # type: ignore[misc]
    """The line between a page and its kernel."""

    per_minute: ClassVar[float] = 6000
    bytes_per_minute: ClassVar[float] = 64 * MIB

    def initialize(self, **options: Any) -> None:  # noqa: ANN401 - Jupyter's
        """Have measures for what comes along the line."""
        super().initialize(**options)
        self._messages = Buckets(self.per_minute)
        self._bytes = Buckets(self.bytes_per_minute)

    async def get(self, kernel_id: str) -> None:
        """Open the line and stay until it is closed.

        Raises
        ------
        tornado.web.HTTPError
            404 where the kernel has just died, for a word of which Jupyter would wait a minute, or is that
            of somebody else who signed in; 429 where it has as many lines as it may.
        """
        kernels = self.kernel_manager
        await kernels.find_dead(kernel_id)
        if not kernels.is_open_to(kernel_id, self.get_cookie(SESSION)):
            raise tornado.web.HTTPError(404)
        if kernels.n_lines[kernel_id] >= MOST_LINES:
            raise tornado.web.HTTPError(429)
        kernels.n_lines[kernel_id] += 1
        try:
            await super().get(kernel_id)
        finally:
            kernels.n_lines[kernel_id] -= 1
            kernels.n_lines += {}  # forgets those at nought

    def on_message(self, message: str | bytes) -> None:
        """Hand a message on.

        A line along which more comes than anybody can choose, or what is no message, is closed.
        """
        if self.ws_connection is None:  # it is being closed, and what still comes is let fall
            return
        if self._messages.wait_s("") or self._bytes.wait_s("", len(message)):
            self.close(POLICY_BROKEN)
        elif not is_framed(message, is_newer=self.selected_subprotocol == NEWER):
            self.close(NO_MESSAGE)
        else:
            try:
                super().on_message(message)
            except STUMBLES:
                self.close(NO_MESSAGE)

    def write_error(self, status_code: int, **_options: Any) -> None:  # noqa: ANN401 - tornado's
        """Answer a line that cannot be opened with its status: nobody sees a page of it."""
        self.set_status(status_code)
        self.finish()


class KernelState(KernelHandler):
    """Whether a kernel still runs, for the page that has it."""

    def write_error(self, status_code: int, **options: Any) -> None:  # noqa: ANN401 - Jupyter's
        """Say why it does not, where the page has words for it."""
        kernels: Any = self.kernel_manager
        reason = kernels.why_stopped(self.path_kwargs["kernel_id"])
        if status_code == 404 and reason is not None:
            self.finish({"reason": reason})
        else:
            super().write_error(status_code, **options)


def is_framed(message: str | bytes, *, is_newer: bool) -> bool:
    r"""Tell whether a message has as many parts as it says, one after the other.

    Jupyter takes its word for it, and would count to 2**64 when asked to.

    Parameters
    ----------
    message
        As it came.
    is_newer
        Whether the page speaks the newer of the two protocols, in which every message says its parts; in the
        older one only those do that are not text.

    Examples
    --------
    >>> is_framed(b"\xff" * 8, is_newer=True), is_framed(b"\x7f\xff\xff\xff", is_newer=False)
    (False, False)
    >>> is_framed("{}", is_newer=False), is_framed(struct.pack("!iI", 1, 8) + b"{}", is_newer=False)
    (True, True)
    """
    if isinstance(message, str):
        return not is_newer
    kind, size = ("<Q", 8) if is_newer else ("!I", 4)
    n_parts = int.from_bytes(message[:size], "little" if is_newer else "big")
    begin = size * (n_parts + 1)
    if not 1 <= n_parts <= MOST_PARTS or len(message) < begin:
        return False
    said = [offset for (offset,) in struct.iter_unpack(kind, message[size:begin])]
    return said[0] == begin and said == sorted(said) and said[-1] <= len(message)
