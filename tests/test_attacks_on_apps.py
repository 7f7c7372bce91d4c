"""Attacks on the served apps: against a really running server, and none of them may succeed.

What is attacked here is the server of the apps and the kernels behind it; forged fillings and sessions of the
survey are in `forged_requests/` and `test_forgeries.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import re
import socket
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from awaiting import awaited
from ports import free_port
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from pk_research import sample
from pk_research.apps.serve import write_first_pages
from pk_research.settings import Settings
from pk_research.store import open_store
from pk_research.workbench import apps_server, serve

SECRETS = (b"SQLite format", b"root:x:", b"from pk_research", b'"cells"', b"Traceback", b"/store.sqlite")


@dataclass
class Target:
    """The server that is attacked, and where it lives."""

    port: int
    home: Path

    def ask(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, body: bytes | None = None
    ):
        """Send a request exactly as it is written; return status, headers and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = dict(headers or {})
        connection.putrequest(method, path, skip_host="Host" in sent, skip_accept_encoding=True)
        for name, value in sent.items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        found = answer.status, dict(answer.getheaders()), answer.read()
        connection.close()
        return found

    def open(self, app: str = "findings") -> tuple[bytes, dict[str, str]]:
        """Open an app as a visitor does: a kernel starts; return the page and its headers."""
        status, headers, page = self.ask("GET", f"/{app}")
        assert status == 200
        return page, headers


def visiting(page: bytes, headers: dict[str, str]) -> tuple[str, str]:
    """Return the kernel behind a page, and the visitor's cookies."""
    kernel = re.search(rb'kernelId":\s*"([0-9a-f-]{36})', page)
    assert kernel is not None
    return kernel[1].decode(), headers["Set-Cookie"].partition(";")[0]


@pytest.fixture(scope="module")
def target(project, tmp_path_factory) -> Iterator[Target]:
    home = tmp_path_factory.mktemp("home")
    settings = Settings(project, home, f"sqlite:///{home / 'store.sqlite'}", boundaries=None)
    store = open_store(settings.database_url)
    store.keep(sample.load_sample())
    write_first_pages(settings, store)
    server = apps_server(settings, ip="127.0.0.1", port=free_port())
    with serve([server]):
        yield Target(int(server.address.rstrip("/").rpartition(":")[2]), home)


@pytest.fixture(scope="module")
def opened(target) -> tuple[bytes, dict[str, str]]:
    """Open the one page that every test looks at: a kernel takes seconds to start."""
    return target.open()


@pytest.fixture(scope="module")
def visitor(opened) -> tuple[str, str]:
    return visiting(*opened)


# Files and addresses

NOT_SERVED = [
    "/findings.ipynb",
    "/notebooks/findings.ipynb",
    "/voila/render/findings.ipynb",
    "/voila/files/findings.ipynb",
    "/voila/files/store.sqlite",
    "/files/findings.ipynb",
    "/nbconvert/html/findings.ipynb",
    "/store.sqlite",
    "/workspace/store.sqlite",
    "/home/store.sqlite",
    "/.env",
    "/.git/config",
    "/pk_research/settings.py",
    "/apps/",
    "/voila/",
    "/voila/static/",
    "/static/",
    "/labextensions/",
    "/voila/templates/pk",
    "/voila/templates/pk/static/x",
    "/voila/templates/../../../../etc/passwd",
    "/voila/static/../../../../../../etc/passwd",
    "/voila/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/voila/static/..%5c..%5c..%5cetc%5cpasswd",
    "/static/../../../../etc/passwd",
    "/pk/../../../../etc/passwd",
    "/findings/../../store.sqlite",
    "/%2e%2e/%2e%2e/etc/passwd",
    "//evil.example/%2e%2e",
    "/findings%00.ipynb",
    "/tree",
    "/lab",
    "/metrics",
    "/login",
    "/api",
    "/api/spec.yaml",
    "/api/status",
    "/api/contents",
    "/api/contents/findings.ipynb",
    "/api/contents/..%2f..%2fetc%2fpasswd",
    "/api/kernels",
    "/api/kernelspecs",
    "/api/sessions",
    "/api/terminals",
    "/api/config/notebook",
    "/terminals/websocket/1",
    "/custom/custom.css",
    "/kernelspecs/python3/logo-64x64.png",
]


@pytest.mark.parametrize("path", NOT_SERVED)
def test_no_source_no_file_no_listing_and_no_interface_is_served(target, path):
    status, _, body = target.ask("GET", path)
    assert status in (403, 404)
    for secret in SECRETS:
        assert secret not in body


MADE = """
    POST   /api/kernels
    POST   /api/sessions
    POST   /api/terminals
    POST   /api/shutdown
    PUT    /api/contents/x.ipynb
    POST   /api/contents
    PUT    /findings
    POST   /findings
    DELETE /findings
    PATCH  /findings
    TRACE  /findings
    CONNECT /findings
    OPTIONS /findings
""".strip().splitlines()


@pytest.mark.parametrize("line", MADE, ids=lambda line: " ".join(line.split()))
@pytest.mark.parametrize("is_signed", [False, True], ids=["without the cookie", "with the cookie"])
def test_nothing_is_made_changed_or_stopped_by_asking(target, visitor, line, is_signed):
    method, path = line.split()
    _, cookie = visitor
    token = cookie.partition("=")[2]
    headers = {"Cookie": cookie, "X-XSRFToken": token} if is_signed else {}
    status, _, body = target.ask(method, path, headers=headers, body=b"{}")
    assert status in (400, 403, 404, 405)
    assert b"Traceback" not in body


def test_the_kernel_of_another_is_not_stopped_without_the_cookie(target, visitor):
    kernel, _ = visitor
    for method, tail in (("DELETE", ""), ("POST", "/restart"), ("POST", "/interrupt")):
        assert target.ask(method, f"/api/kernels/{kernel}{tail}", body=b"{}")[0] in (403, 404, 405)
    assert awaited(_answers(target, kernel, "kernel_info_request", {})) == ["kernel_info_reply"]


# Templates, languages and headers


@pytest.mark.parametrize(
    "query",
    ["voila-template=gridstack", "voila-template=../../../../etc", "voila-theme=../../../etc/passwd",
     "voila-theme=%3Cscript%3Ealert(1)%3C/script%3E", "language=../../x", "language=%3Cscript%3E",
     "language=id%0d%0aSet-Cookie:%20a=b", "strip_sources=False", "show_tracebacks=True"],
)  # fmt: skip
def test_a_question_in_the_address_chooses_no_template_and_writes_nothing(target, query):
    status, headers, body = target.ask("GET", f"/?{query}")
    assert status == 200
    assert "a=b" not in headers.get("Set-Cookie", "")
    assert b"<script>alert" not in body
    assert b"<script>&" not in body


@pytest.mark.parametrize(
    ("name", "value"),
    [("Host", "evil.example"), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-For", "10.0.0.1"),
     ("X-Original-URL", "/api/kernels"), ("X-Rewrite-URL", "/api/kernels"), ("Referer", "https://evil.example/")],
)  # fmt: skip
def test_a_header_leads_nobody_elsewhere(target, name, value):
    status, headers, body = target.ask("GET", "/", headers={name: value})
    assert status in (200, 400, 403)
    assert b"evil.example" not in body
    assert "evil.example" not in str(headers)


@pytest.mark.parametrize("path", ["/", "/findings", "/nothing", "/api/kernels", "/voila/static/x.js"])
def test_every_answer_is_hardened_and_does_not_say_what_serves_it(target, opened, path):
    headers = opened[1] if path == "/findings" else target.ask("GET", path)[1]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=(self)" in headers["Permissions-Policy"]
    assert "Server" not in headers


def test_pages_run_scripts_of_this_server_only_and_stand_in_no_frame_of_another(opened):
    policy = opened[1]["Content-Security-Policy"]
    rules = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    assert rules["default-src"] == rules["connect-src"] == rules["frame-ancestors"] == "'self'"
    assert "http" not in policy
    assert "*" not in policy


def test_the_cookie_is_not_sent_along_from_other_sites(opened):
    assert "SameSite=Lax" in opened[1]["Set-Cookie"]


# Sizes and patience


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 200_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(20_000)) + b"\r\n",
        b"POST /findings HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
        b"POST /findings HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\nGET",
        b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x00" * 5_000,
        b"GET  HTTP/9.9\r\n\r\n",
    ],
    ids=["a long header", "a long address", "many headers", "too large a body", "a negative length",
         "two lengths", "two hosts", "not HTTP", "zeros", "no address"],
)  # fmt: skip
def test_what_is_no_decent_request_is_dropped_and_others_are_served_on(target, raw):
    with socket.create_connection(("127.0.0.1", target.port), timeout=10) as attacker:
        with contextlib.suppress(OSError):
            attacker.sendall(raw)
            attacker.shutdown(socket.SHUT_WR)
        answer = b""
        with contextlib.suppress(OSError):
            while piece := attacker.recv(65536):
                answer += piece
    assert not answer or answer.split(b" ", 2)[1] in (b"400", b"403", b"404", b"405", b"413", b"431")
    assert target.ask("GET", "/")[0] == 200


def test_many_who_send_slowly_keep_nobody_waiting(target):
    slow = [socket.create_connection(("127.0.0.1", target.port)) for _ in range(200)]
    try:
        for one in slow:
            one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        began = time.monotonic()
        assert target.ask("GET", "/")[0] == 200
        assert time.monotonic() - began < 15
    finally:
        for one in slow:
            one.close()


# The kernel behind the page


EVIL = "open({path!r}, 'w').write('taken')"


def _message(kind: str, content: dict[str, Any], channel: str) -> str:
    header = {"msg_id": uuid.uuid4().hex, "username": "", "session": uuid.uuid4().hex, "msg_type": kind,
              "version": "5.3", "date": "2026-11-26T00:00:00Z"}  # fmt: skip
    return json.dumps(
        {
            "header": header,
            "parent_header": {},
            "metadata": {},
            "content": content,
            "buffers": [],
            "channel": channel,
        }
    )


async def _answers(target, kernel, kind, content, *, seconds=4.0, headers=None) -> list[str]:
    """Send one message to a kernel and list what comes back of it, by kind."""
    return await _answers_to_all(target, kernel, [(kind, content, "shell")], seconds=seconds, headers=headers)


async def _answers_to_all(target, kernel, messages, *, seconds, headers=None) -> list[str]:
    """Send messages to a kernel over one line and list what comes back of any, by kind.

    A single request is done with its reply; several are listened for until the time is over.
    """
    address = f"ws://127.0.0.1:{target.port}/api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}"
    line = await websocket_connect(HTTPRequest(address, headers=headers or {}, request_timeout=20))
    texts = [_message(kind, content, channel) for kind, content, channel in messages]
    asked = {json.loads(text)["header"]["msg_id"] for text in texts}
    for text in texts:
        await line.write_message(text)
    kinds = []
    until = asyncio.get_running_loop().time() + seconds
    while (left := until - asyncio.get_running_loop().time()) > 0:
        try:
            said = await asyncio.wait_for(line.read_message(), left)
        except TimeoutError:
            break
        if said is None:
            break
        told = json.loads(said)
        if told["parent_header"].get("msg_id") in asked and told["msg_type"] != "status":
            kinds.append(told["msg_type"])
            if len(texts) == 1 and told["msg_type"].endswith("_reply"):
                break
    line.close()
    return kinds


FORBIDDEN = [
    ("execute_request", {"code": EVIL, "silent": False, "store_history": False, "user_expressions": {}}),
    ("execute_request", {"code": "", "silent": True, "user_expressions": {"x": EVIL}}),
    ("inspect_request", {"code": "settings", "cursor_pos": 3, "detail_level": 1}),
    ("complete_request", {"code": "open('", "cursor_pos": 6}),
    ("history_request", {"output": True, "raw": True, "hist_access_type": "tail", "n": 100}),
    ("is_complete_request", {"code": EVIL}),
    ("interrupt_request", {}),
    ("debug_request", {"command": "evaluate", "arguments": {"expression": EVIL}}),
    ("input_reply", {"value": EVIL}),
    ("create_subshell_request", {}),
]


def aimed_at(path: Path, content: dict[str, Any]) -> dict[str, Any]:
    """Let what an attacker wants run write a file that can be looked for."""
    return json.loads(json.dumps(content).replace("{path!r}", repr(str(path)).replace('"', '\\"')))


@pytest.mark.parametrize("channel", ["shell", "control", "stdin", "iopub"])
def test_a_visitor_executes_and_asks_nothing_of_a_kernel(target, visitor, channel):
    kernel, _ = visitor
    path = target.home / f"taken-{uuid.uuid4().hex}"
    messages = [(kind, aimed_at(path, content), channel) for kind, content in FORBIDDEN]
    assert awaited(_answers_to_all(target, kernel, messages, seconds=1.5)) == []
    assert not path.exists()


def test_after_all_of_these_the_kernel_still_serves_its_visitor(target, visitor):
    kernel, _ = visitor
    assert awaited(_answers(target, kernel, "kernel_info_request", {})) == ["kernel_info_reply"]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("comm_open", {"comm_id": "evil", "target_name": "os.system", "data": {"cmd": EVIL}}),
        ("comm_open", {"comm_id": "evil", "target_name": "jupyter.widget", "target_module": "os",
                       "data": {}}),
        ("comm_open", {"comm_id": "evil2", "target_name": "jupyter.widget",
                       "data": {"state": {"_model_module": "os", "_model_name": "system"}}}),
        ("comm_msg", {"comm_id": "nobody", "data": {"method": "update", "state": {"value": EVIL}}}),
        ("comm_msg", {"comm_id": "nobody", "data": {"method": "custom", "content": {"exec": EVIL}}}),
        ("comm_msg", {"comm_id": "nobody", "data": {"method": "__class__"}}),
        ("comm_close", {"comm_id": "nobody"}),
        ("comm_info_request", {"target_name": "__import__('os')"}),
    ],
)  # fmt: skip
def test_forged_comms_run_nothing(target, visitor, kind, content):
    kernel, _ = visitor
    path = target.home / f"taken-{uuid.uuid4().hex}"
    messages = [(kind, aimed_at(path, content), "shell"), ("kernel_info_request", {}, "shell")]
    # a kernel does one after the other what comes over this channel: its reply to the second ends the first
    said = awaited(_answers_to_all(target, kernel, messages, seconds=0.4))
    assert "kernel_info_reply" in said
    assert not path.exists()


@pytest.mark.parametrize(
    "kernel", ["00000000-0000-0000-0000-000000000000", "../../x", "%2e%2e", "'; DROP TABLE x"]
)
def test_a_kernel_that_is_guessed_is_not_reached(target, kernel):
    with pytest.raises((HTTPClientError, ValueError, OSError)):
        awaited(_answers(target, kernel.replace(" ", "%20"), "kernel_info_request", {}))


def test_another_site_opens_no_line_to_a_visitors_kernel(target, visitor):
    kernel, cookie = visitor
    headers = {"Origin": "https://evil.example", "Cookie": cookie}
    with pytest.raises(HTTPClientError) as refused:
        awaited(_answers(target, kernel, "kernel_info_request", {}, headers=headers))
    assert refused.value.code == 403


@pytest.mark.parametrize(
    "text", ["", "not json", "[]", "{}", '{"header": {}}', '{"channel": "shell"}', "x" * 100_000]
)
def test_what_is_no_message_closes_at_most_its_own_line(target, visitor, text):
    kernel, _ = visitor

    async def send():
        address = f"ws://127.0.0.1:{target.port}/api/kernels/{kernel}/channels"
        line = await websocket_connect(address)
        await line.write_message(text)
        await asyncio.sleep(0.3)
        line.close()

    awaited(send())
    assert awaited(_answers(target, kernel, "kernel_info_request", {})) == ["kernel_info_reply"]


def test_the_log_tells_nothing_of_who_asked_for_what(target):
    target.ask(
        "GET", "/voila/static/../../../etc/passwd?token=secret", headers={"X-Forwarded-For": "10.1.2.3"}
    )
    said = "".join(path.read_text(errors="replace") for path in target.home.rglob("*.log"))
    assert "403 GET" in said
    for private in ("etc/passwd", "secret", "(127.0.0.1)", "10.1.2.3"):
        assert private not in said
