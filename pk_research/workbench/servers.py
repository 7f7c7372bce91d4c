"""The servers people open: started together, waited for, and stopped together."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pk_research.apps.serve import voila_command, voila_environment
from pk_research.errors import NotReady, Problem
from pk_research.settings import Settings

START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class Server:
    """A server to run.

    Attributes
    ----------
    title
        What it is, for the person who reads the terminal.
    command
        Program and arguments.
    address
        What to open in the browser, secrets included.
    health
        Address that answers once it is up.
    port
        The port it listens on.
    log
        File that takes what it prints.
    environment
        Variables it gets on top of ours.
    """

    title: str
    command: Sequence[str]
    address: str
    health: str
    port: int
    log: Path
    environment: Mapping[str, str]


def lab_server(settings: Settings, *, ip: str, port: int) -> Server:
    """Describe the JupyterLab server for researchers: token-protected, on ``notebooks/``."""
    token = secrets.token_urlsafe(24)
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        f"--ServerApp.ip={ip}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={settings.project}",
        "--LabApp.default_url=/lab/tree/notebooks",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return Server(
        title="JupyterLab (researchers)",
        command=command,
        address=f"http://{ip}:{port}/lab/tree/notebooks?token={token}",
        health=f"http://{ip}:{port}/api",
        port=port,
        log=settings.home / "logs" / "jupyterlab.log",
        # In the environment rather than among the arguments, which any user of the machine can list.
        environment={"JUPYTER_TOKEN": token, **voila_environment(settings)},
    )


def apps_server(settings: Settings, *, ip: str, port: int) -> Server:
    """Describe the Voila server for stakeholders."""
    return Server(
        title="apps (stakeholders)",
        command=voila_command(settings, ip=ip, port=port),
        address=f"http://{ip}:{port}/",
        health=f"http://{ip}:{port}/",
        port=port,
        log=settings.home / "logs" / "voila.log",
        environment=voila_environment(settings),
    )


@contextlib.contextmanager
def serve(servers: Sequence[Server]) -> Iterator[Callable[[], None]]:
    """Run servers until the block ends; on any way out all of them are stopped.

    Parameters
    ----------
    servers
        What to run.

    Yields
    ------
    Callable
        Waits until a server ends by itself, which raises NotReady. Ctrl-C ends the wait.

    Raises
    ------
    NotReady
        When a port is taken (all taken ports are named, nothing is started), or a server ends or
        does not answer within two minutes.
    """
    _require_free_ports(servers)
    running: list[tuple[Server, subprocess.Popen[bytes]]] = []
    try:
        for server in servers:
            running.append((server, _start(server)))  # noqa: PERF401 - one by one: a failure must find the earlier
        deadline = time.monotonic() + START_TIMEOUT_S
        for server, process in running:
            _wait_until_up(server, process, deadline)
        yield lambda: _wait(running)
    finally:
        _stop([process for _, process in running])


def _require_free_ports(servers: Sequence[Server]) -> None:
    taken = []
    for server in servers:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", server.port)) == 0:
                taken.append(server)
    if taken:
        raise NotReady(
            [
                Problem(
                    f"port {server.port}",
                    f"another program uses it, so {server.title} cannot start",
                    "Stop that program, or choose other ports (`pk start --help`).",
                )
                for server in taken
            ]
        )


def _start(server: Server) -> subprocess.Popen[bytes]:
    server.log.parent.mkdir(parents=True, exist_ok=True)
    with server.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own command line
            list(server.command),
            env={**os.environ, **server.environment},
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            # A group of its own, so that Ctrl-C reaches us alone and we do the stopping.
            start_new_session=True,
        )


def _wait_until_up(server: Server, process: subprocess.Popen[bytes], deadline: float) -> None:
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise _ended(server, process)
        with contextlib.suppress(OSError):
            try:
                with urllib.request.urlopen(server.health, timeout=5):  # noqa: S310 - our own address
                    return
            except urllib.error.HTTPError:
                return  # it answers, which is all that is asked
        time.sleep(0.2)
    raise NotReady(
        Problem(server.title, f"it did not answer within {START_TIMEOUT_S} s", f"Read {server.log}.")
    )


def _ended(server: Server, process: subprocess.Popen[bytes]) -> NotReady:
    return NotReady(
        Problem(server.title, f"it ended with code {process.returncode}", f"Read the end of {server.log}.")
    )


def _wait(running: Sequence[tuple[Server, subprocess.Popen[bytes]]]) -> None:
    while True:
        for server, process in running:
            if process.poll() is not None:
                raise _ended(server, process)
        time.sleep(0.5)


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + STOP_TIMEOUT_S
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=max(0.1, deadline - time.monotonic()))
    for process in processes:
        if process.poll() is None:
            process.kill()
            process.wait()
