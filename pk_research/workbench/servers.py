"""The servers people open: started together, waited for, and stopped together."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pk_research.apps.serve import voila_command, voila_environment
from pk_research.errors import NotReady, Problem
from pk_research.settings import Settings
from pk_research.workbench.ports import holder_of
from pk_research.writing import write_files

START_TIMEOUT_S = 120
# The apps server lets what it answers end, and its kernels; it ends by itself within 20 seconds.
STOP_TIMEOUT_S = 25
TETHER = Path(__file__).with_name("tether.py")


@dataclass(frozen=True, slots=True)
class Server:
    """A server to run.

    Attributes
    ----------
    title
        What it is, for the person who reads the terminal.
    command
        A Python and its arguments: ``-m MODULE`` or ``-c CODE``, and what follows.
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
    record
        File that tells other commands, while it runs, where it is; None for no such file.
    begins_anew
        Whether it begins anew when it gets SIGHUP.
    """

    title: str
    command: Sequence[str]
    address: str
    health: str
    port: int
    log: Path
    environment: Mapping[str, str]
    record: Path | None = None
    begins_anew: bool = False


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
        health=f"http://{ip}:{port}/health",
        port=port,
        log=settings.home / "logs" / "voila.log",
        environment=voila_environment(settings),
        record=_apps_record(settings),
        begins_anew=hasattr(signal, "SIGHUP"),
    )


def running_apps(settings: Settings) -> str | None:
    """Return the address of the apps that run now; None where none do.

    Parameters
    ----------
    settings
        Whose apps.
    """
    try:
        kept = json.loads(_apps_record(settings).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return str(kept["address"]) if _answers(kept["port"]) else None


def _apps_record(settings: Settings) -> Path:
    return settings.home / "run" / "apps.json"


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
        Waits until a server ends by itself, which raises NotReady. Ctrl-C ends the wait. SIGHUP makes
        the servers that can begin anew, unless a terminal is there, whose end it then means.

    Raises
    ------
    NotReady
        When a port is taken (all taken ports are named, nothing is started), or a server ends or
        does not answer within two minutes.

    Notes
    -----
    The servers end with this process even when it is killed: each holds a pipe from it.
    """
    starter = os.getppid()
    _require_free_ports(servers)
    running: list[tuple[Server, subprocess.Popen[bytes]]] = []
    try:
        for server in servers:
            running.append((server, _start(server)))  # noqa: PERF401 - one by one: a failure must find the earlier
        deadline = time.monotonic() + START_TIMEOUT_S
        for server, process in running:
            _wait_until_up(server, process, deadline)
            _note(server)
        yield lambda: _wait(running, starter)
    finally:
        _stop([process for _, process in running])
        for server, _ in running:
            if server.record is not None:
                server.record.unlink(missing_ok=True)


def _note(server: Server) -> None:
    if server.record is not None:
        kept = {"address": server.address, "port": server.port, "pid": os.getpid()}
        write_files({server.record.name: json.dumps(kept).encode()}, server.record.parent)


def _require_free_ports(servers: Sequence[Server]) -> None:
    taken = [server for server in servers if _answers(server.port)]
    if taken:
        raise NotReady(_port_taken(server) for server in taken)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _port_taken(server: Server) -> Problem:
    holder = holder_of(server.port)
    others = "or choose another port (`--apps-port`, `--lab-port`)."
    if holder is None:
        who, remedy = "another program uses it", f"Stop that program, {others}"
    else:
        who = f"another program uses it (process {holder.pid}: {holder.command})"
        remedy = f"Stop it with `kill {holder.pid}`, {others}"
    return Problem(f"port {server.port}", f"{who}, so {server.title} cannot start", remedy)


def _start(server: Server) -> subprocess.Popen[bytes]:
    server.log.parent.mkdir(parents=True, exist_ok=True)
    with server.log.open("ab") as log:
        python, *arguments = server.command
        return subprocess.Popen(  # noqa: S603 - our own command line
            [python, str(TETHER), *arguments],
            env={**os.environ, **server.environment},
            stdout=log,
            stderr=subprocess.STDOUT,
            # Never written to: that it closes tells the server that we are gone.
            stdin=subprocess.PIPE,
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


def _wait(running: Sequence[tuple[Server, subprocess.Popen[bytes]]], starter: int) -> None:
    """Wait until a server ends, or the `make` that started us is gone; a shell may go and leave us."""
    is_made = "MAKELEVEL" in os.environ
    _hand_on_hangups(running)
    while not (is_made and os.getppid() != starter):
        for server, process in running:
            if process.poll() is not None:
                raise _ended(server, process)
        time.sleep(0.5)


def _hand_on_hangups(running: Sequence[tuple[Server, subprocess.Popen[bytes]]]) -> None:
    if not hasattr(signal, "SIGHUP") or threading.current_thread() is not threading.main_thread():
        return
    is_ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN  # as after `nohup`
    if is_ignored or (sys.stdin is not None and sys.stdin.isatty()):
        return

    def hand_on(number: int, _frame: object) -> None:
        for server, process in running:
            if server.begins_anew:
                process.send_signal(number)

    signal.signal(signal.SIGHUP, hand_on)


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
        if process.stdin is not None:
            process.stdin.close()
