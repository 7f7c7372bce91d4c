"""Coming and going of the server: it takes over an open door, and leaves without breaking off what runs."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
from contextlib import suppress
from logging import Logger, LoggerAdapter
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from pk_research.apps.shell.gate import LARGEST_HEADERS, LARGEST_UPLOAD, Gate
from pk_research.apps.shell.kernels import VisitorKernels

# What is being answered may take so long to its end; then connections are closed.
FINISH_S = 8.0
# After all of that, and the kernels, something hangs: the process ends all the same.
LATEST_S = 20.0
LOOK_S = 0.05
# By this variable the process, begun anew, knows its sockets: its number, then their file descriptors.
DOOR = "PK_DOOR"


def sockets_for(ip: str, port: int) -> list[socket.socket]:
    """Return the sockets to listen on: those that were handed over, else new ones.

    Parameters
    ----------
    ip, port
        Where to listen. An empty address is every one of the machine.

    Raises
    ------
    OSError
        When another program listens there.
    """
    process, _, numbers = os.environ.pop(DOOR, "").partition(":")
    if process != str(os.getpid()):
        return bind_sockets(port, ip)
    handed = [socket.socket(fileno=int(number)) for number in numbers.split(",")]
    for one in handed:
        one.setblocking(False)
        one.set_inheritable(False)
    return handed


def hang_up_on_idlers(listening: socket.socket, *, after_s: float) -> None:
    """Have connections ended whose other end takes nothing, or is not there, for so long.

    Else an answer would be kept in memory for each who asks for much and reads nothing. Connections take the
    setting over from the socket they come by; only Linux has it.
    """
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(1000 * after_s))


class Leaving:
    """Serves until it is asked to stop, then stops in order and in bounded time.

    Asked by SIGTERM or SIGINT it ends; asked by SIGHUP it begins anew in the same process, with the same
    door: who knocks meanwhile is let in afterwards.

    Parameters
    ----------
    app
        What is served.
    kernels
        What is stopped last.
    log
        Where it says what it does.
    """

    def __init__(self, app: Gate, kernels: VisitorKernels, log: Logger | LoggerAdapter[Any]) -> None:
        self._app, self._kernels, self._log = app, kernels, log
        self._asked = asyncio.Event()
        self._sockets: list[socket.socket] = []
        self._loop = asyncio.get_event_loop()
        self._begins_anew = False

    def ask(self, *, anew: bool = False) -> None:
        """Ask the server to stop, or to begin anew; may be called by a signal's handler."""
        self._begins_anew = anew and not self._app.traffic.is_leaving
        self._loop.call_soon_threadsafe(self._asked.set)

    def serve(self, sockets: list[socket.socket]) -> None:
        """Serve until asked to stop.

        Parameters
        ----------
        sockets
            Where to listen.
        """
        self._sockets = sockets
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda _number, _frame: self.ask())
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, lambda _number, _frame: self.ask(anew=True))
        server = HTTPServer(
            self._app,
            idle_connection_timeout=self._app.limits.headers_s,
            body_timeout=self._app.limits.body_s,
            max_header_size=LARGEST_HEADERS,
            max_body_size=LARGEST_UPLOAD,
        )
        for one in self._sockets:
            hang_up_on_idlers(one, after_s=self._app.limits.reading_s)
        server.add_sockets([self._to_listen_on(one) for one in self._sockets])
        self._log.info("serving on port %d", self._sockets[0].getsockname()[1])
        await self._asked.wait()
        await self._stop(server)

    def _to_listen_on(self, one: socket.socket) -> socket.socket:
        """Return a second hold on a socket, so that to stop listening does not close the door."""
        return one.dup() if hasattr(signal, "SIGHUP") else one

    async def _stop(self, server: HTTPServer) -> None:
        latest = threading.Timer(LATEST_S, os._exit, [1])
        latest.daemon = True
        latest.start()
        traffic = self._app.traffic
        traffic.is_leaving = self._kernels.is_closed = True
        server.stop()
        if not self._begins_anew:
            for one in self._sockets:
                one.close()
        self._log.info("leaving: %d requests are being answered", len(traffic))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._until_answered(), FINISH_S)
        n_late = len(traffic)
        await self._kernels.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(server.close_all_connections(), LOOK_S * 20)
        latest.cancel()
        self._log.info("left: %d requests were cut off", n_late)

    async def _until_answered(self) -> None:
        while len(self._app.traffic) > 0:  # noqa: ASYNC110 - a connection that breaks off tells nobody
            await asyncio.sleep(LOOK_S)

    def begin_anew_if_asked(self) -> None:
        """Become a new process with the same number, arguments and sockets, if that was asked."""
        if not self._begins_anew:
            return
        for one in self._sockets:
            one.set_inheritable(True)
        os.environ[DOOR] = f"{os.getpid()}:{','.join(str(one.fileno()) for one in self._sockets)}"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - our own command line


def end_children() -> None:
    """End what this process started and did not see the end of, such as a kernel half started."""
    import psutil

    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            child.kill()
