"""Servers are started together, waited for, and stopped together, whatever happens."""

from __future__ import annotations

import socket
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from ports import free_port

from pk_research.errors import NotReady
from pk_research.settings import Settings
from pk_research.workbench.servers import Server, lab_server, serve


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
