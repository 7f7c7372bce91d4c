"""Servers are started together, waited for, and stopped together, whatever happens."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest
from ports import free_port

from pk_research.errors import NotReady
from pk_research.settings import Settings
from pk_research.workbench.ports import holder_of
from pk_research.workbench.servers import Server, apps_server, lab_server, running_apps, serve


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def file_server(folder: Path, *, port: int | None = None, code: str | None = None) -> Server:
    """A small server, or a program that only runs ``code``."""
    port = port or free_port()
    serving = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "-d", str(folder)]
    return Server(
        title="files",
        command=[sys.executable, "-c", code] if code else serving,
        address=f"http://127.0.0.1:{port}/",
        health=f"http://127.0.0.1:{port}/",
        port=port,
        log=folder / "logs" / f"{port}.log",
        environment={},
    )


def test_servers_answer_inside_the_block_and_are_gone_after_it(tmp_path):
    servers = [file_server(tmp_path), file_server(tmp_path)]
    with serve(servers):
        for server in servers:
            assert urllib.request.urlopen(server.address).status == 200
    assert not any(answers(server.port) for server in servers)


def test_ctrl_c_stops_them_too(tmp_path):
    server = file_server(tmp_path)
    with pytest.raises(KeyboardInterrupt), serve([server]):
        raise KeyboardInterrupt
    assert not answers(server.port)


def test_a_taken_port_is_named_and_nothing_is_started(tmp_path):
    free = file_server(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = file_server(tmp_path, port=other.getsockname()[1])
        with (
            pytest.raises(NotReady, match=f"port {taken.port}: another program uses it"),
            serve([free, taken]),
        ):
            pass
    assert not answers(free.port)
    assert not free.log.exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells who listens on a port")
def test_who_holds_a_taken_port_is_told_and_how_to_stop_it(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = file_server(tmp_path, port=other.getsockname()[1])
        with pytest.raises(NotReady) as refusal, serve([taken]):
            pass
    assert f"(process {os.getpid()}: " in str(refusal.value)
    assert f"Stop it with `kill {os.getpid()}`, or choose another port" in str(refusal.value)


def test_nobody_is_named_where_nobody_listens_or_the_system_does_not_tell(tmp_path):
    assert holder_of(free_port()) is None
    with socket.create_server(("127.0.0.1", 0)) as other:
        assert holder_of(other.getsockname()[1], proc=tmp_path) is None


SERVING = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_workbench_servers import file_server
from pk_research.workbench.servers import serve
with serve([file_server(Path({folder!r}), port={port})]) as wait:
    print("up", flush=True)
    wait()
"""


def started(folder: Path, port: int, *before: str, **environ: str) -> subprocess.Popen[str]:
    """Start a process that serves, and wait until it does."""
    code = SERVING.format(tests=str(Path(__file__).parent), folder=str(folder), port=port)
    command = [*before, sys.executable, "-c", code]
    ours = {name: value for name, value in os.environ.items() if name != "MAKELEVEL"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**ours, **environ})
    assert process.stdout.readline() == "up\n"
    return process


def is_free_at_last(port: int) -> bool:
    return any(not answers(port) or time.sleep(0.1) for _ in range(300))


def test_a_server_ends_with_its_starter_even_when_that_is_killed(tmp_path):
    port = free_port()
    with started(tmp_path, port) as process:
        assert answers(port)
        process.kill()
    assert is_free_at_last(port)


@pytest.mark.skipif(not hasattr(os, "setsid"), reason="Windows has neither make nor a shell here")
def test_servers_end_when_the_make_that_started_them_is_killed(tmp_path):
    port = free_port()
    # A shell in make's place: it stays, as make does, until what it runs has ended.
    make = ("sh", "-c", '"$@"; exit $?', "make")
    with started(tmp_path, port, *make, MAKELEVEL="1") as process:
        process.kill()
    assert is_free_at_last(port)


@pytest.mark.skipif(not hasattr(os, "setsid"), reason="Windows has no shell here")
def test_servers_stay_when_the_shell_that_started_them_goes(tmp_path):
    port = free_port()
    noted = tmp_path / "pid"
    with started(tmp_path, port, "sh", "-c", f'"$@" & echo $! > {noted}; wait', "sh") as shell:
        shell.kill()
    time.sleep(1.5)
    try:
        assert answers(port)
    finally:
        os.kill(int(noted.read_text()), signal.SIGTERM)
    assert is_free_at_last(port)


def test_other_commands_learn_where_the_apps_are_while_they_run(tmp_path):
    settings = Settings(project=tmp_path, home=tmp_path, database_url="sqlite://", boundaries=None)
    apps = apps_server(settings, ip="127.0.0.1", port=free_port())
    server = replace(file_server(tmp_path, port=apps.port), record=apps.record)
    assert running_apps(settings) is None
    with serve([server]):
        assert running_apps(settings) == server.address
    assert running_apps(settings) is None


def test_what_a_killed_house_noted_of_its_apps_is_not_believed(tmp_path):
    settings = Settings(project=tmp_path, home=tmp_path, database_url="sqlite://", boundaries=None)
    (tmp_path / "run").mkdir()
    for left in (json.dumps({"address": "http://127.0.0.1:1/", "port": free_port(), "pid": 1}), "half a li"):
        (tmp_path / "run" / "apps.json").write_text(left, encoding="utf-8")
        assert running_apps(settings) is None


def test_a_server_that_ends_at_once_is_reported_and_the_others_are_stopped(tmp_path):
    good = file_server(tmp_path)
    bad = file_server(tmp_path, code="print('no room left'); raise SystemExit(3)")
    with pytest.raises(NotReady, match=r"it ended with code 3\. Read the end of"), serve([good, bad]):
        pass
    assert "no room left" in bad.log.read_text()
    assert not answers(good.port)


def test_waiting_ends_when_a_server_dies(tmp_path):
    port = free_port()
    code = (
        "import http.server, threading, os\n"
        f"server = http.server.HTTPServer(('127.0.0.1', {port}), http.server.BaseHTTPRequestHandler)\n"
        "threading.Timer(1.5, os._exit, [7]).start()\n"
        "server.serve_forever()"
    )
    with (
        pytest.raises(NotReady, match="it ended with code 7"),
        serve([file_server(tmp_path, port=port, code=code)]) as wait,
    ):
        wait()


def test_a_server_that_ignores_the_polite_stop_is_stopped_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr("pk_research.workbench.servers.STOP_TIMEOUT_S", 0.5)
    port = free_port()
    code = (
        "import http.server, signal\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"http.server.HTTPServer(('127.0.0.1', {port}), http.server.BaseHTTPRequestHandler).serve_forever()"
    )
    with serve([file_server(tmp_path, port=port, code=code)]):
        pass
    time.sleep(0.1)
    assert not answers(port)


def test_the_lab_token_is_new_each_time_and_not_among_the_arguments(tmp_path):
    settings = Settings(project=tmp_path, home=tmp_path, database_url="sqlite://", boundaries=None)
    first, second = (lab_server(settings, ip="127.0.0.1", port=8888) for _ in range(2))
    assert first.environment["JUPYTER_TOKEN"] != second.environment["JUPYTER_TOKEN"]
    assert first.environment["JUPYTER_TOKEN"] not in " ".join(first.command)
    assert first.address.endswith(first.environment["JUPYTER_TOKEN"])
