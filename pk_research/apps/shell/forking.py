"""Kernels forked from a warm process, for Jupyter's manager of kernels."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from pk_research.apps.shell.holding import hold_down
from pk_research.errors import NotReady, Problem

NAME = "pk-forked"
LAUNCHER = "ipykernel_launcher"
WARM = "pk_research.apps.shell.warm"
PATIENCE_S = 10.0
ANSWER_S = 30.0
ENDED = -1
# A process with threads cannot be forked safely, and one a visitor is what a shared machine can give; what
# Arrow's own allocator holds would not go back when a table is let go.
FRUGAL = {
    "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}  # fmt: skip

log = logging.getLogger(__name__)
_Local: Any = LocalProvisioner  # typed in parts only


class WarmProcess:
    """The process that kernels are forked from; it is started when the first is asked for.

    Parameters
    ----------
    apps
        Names of the apps that kernels will run.
    patience_s
        How long whoever asks waits at most until what they need is loaded.
    """

    def __init__(self, apps: Sequence[str], *, patience_s: float = PATIENCE_S) -> None:
        self._apps, self._patience_s = apps, patience_s
        self._is_loaded = False
        self._given_up_at = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._turn = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """Its number; None while there is none."""
        return None if self._process is None else self._process.pid

    async def fork(self, arguments: list[str], env: dict[str, str], cwd: str | None) -> int:
        """Return the number of a new kernel's process.

        Parameters
        ----------
        arguments
            Of the kernel.
        env, cwd
            Its environment and folder.

        Raises
        ------
        NotReady
            While what apps need is being loaded, and nobody should wait for it any longer.
        OSError
            When there is no warm process and none can be had.
        """
        asked = json.dumps({"arguments": arguments, "env": env, "cwd": cwd}).encode() + b"\n"
        async with self._turn:
            try:
                return await asyncio.to_thread(self._ask, asked)
            except OSError:
                self.close()
                raise

    def close(self) -> None:
        """End it; kernels that notice that it has gone end, too."""
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = self._line = None
        self._is_loaded = False

    def _ask(self, asked: bytes) -> int:
        if self._line is None:
            self._line = self._start()
            self._given_up_at = time.monotonic() + self._patience_s
        if not self._is_loaded:
            if not _says_something(self._line, self._given_up_at - time.monotonic()):
                raise NotReady(Problem("apps", "what they need is being loaded", "Ask again later."))
            self._hear(self._line)
            self._is_loaded = True
        self._line.sendall(asked)
        return int(self._hear(self._line))

    @staticmethod
    def _hear(line: socket.socket) -> bytes:
        with line.makefile("rb") as answers:
            heard = answers.readline()
        if not heard:
            raise ConnectionResetError("the process that kernels are forked from has ended")
        return heard

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        ours.settimeout(ANSWER_S)
        python = [sys.executable, "-P", "-X", "frozen_modules=off"]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own command line
                [*python, "-m", WARM, str(theirs.fileno()), *self._apps],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                env={**os.environ, **FRUGAL},
            )
        return ours


class ForkedProcess:
    """A process that is no child of ours, as `subprocess.Popen` would be used.

    Parameters
    ----------
    pid
        Its number.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._file = os.pidfd_open(pid)
        self._ended = select.poll()
        self._ended.register(self._file, select.POLLIN)

    def poll(self) -> int | None:
        """Return None while it runs; that it ended is all that is known then."""
        return self._look(0)

    def wait(self) -> int | None:
        """Wait for its end."""
        return self._look(None)

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._file, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def _look(self, milliseconds: int | None) -> int | None:
        if self.returncode is None and self._ended.poll(milliseconds):
            os.close(self._file)
            self.returncode = ENDED
        return self.returncode


class ForkedKernel(_Local):  # type: ignore[misc]
    """A kernel that is forked from the warm process of its manager, or starts by itself."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:  # noqa: ANN401 - Jupyter's
        """Start the kernel, with a bound of memory where its manager has one."""
        started = await self._launch(cmd, **kwargs)
        if (most_bytes := getattr(self.parent.parent, "most_bytes", None)) is not None:
            hold_down(self.pid, most_bytes)
        return started

    async def _launch(self, cmd: list[str], **kwargs: Any) -> Any:  # noqa: ANN401 - Jupyter's
        warm = getattr(self.parent.parent, "warm", None)
        env = {**kwargs.get("env", os.environ), **FRUGAL}
        if warm is not None and LAUNCHER in cmd:
            arguments = cmd[cmd.index(LAUNCHER) + 1 :]
            try:
                self.process = ForkedProcess(await warm.fork(arguments, env, kwargs.get("cwd")))
            except NotReady:
                log.info("a kernel is started by itself: what apps need is being loaded")
            except OSError:
                log.exception("no kernel could be forked; one is started by itself")
            else:
                self.pid = self.pgid = self.process.pid
                self.cwd = kwargs.get("cwd")
                return self.connection_info
        return await super().launch_kernel(cmd, **{**kwargs, "env": env})


def _says_something(line: socket.socket, seconds: float) -> bool:
    heard = select.poll()
    heard.register(line, select.POLLIN)
    return bool(heard.poll(1000 * max(0.0, seconds)))


def can_fork() -> bool:
    """Tell whether kernels can be forked and watched here: on Linux, unless that is forbidden."""
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return False
    return True
