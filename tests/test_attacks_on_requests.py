"""Attacks by single requests: none is read further than it should be, and each is refused in plain words.

Addresses, forged comms and lines to kernels are attacked in `test_attacks_on_apps.py` and
`test_attacks_on_lines.py`, what people send as answers in `forged_requests/`.
"""

from __future__ import annotations

import contextlib
import gzip
import http.client
import re
import socket
import time
from collections.abc import Iterator

import pytest
from tiny_server import APP, House, tiny_house

from pk_research.settings import MIB

NEVER_TOLD = (b"Traceback", b"site-packages", b"/pk_research/", b'.py"', b"Jupyter", b"Tornado", b"tornado")


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Iterator[House]:
    hasty = ["--AppsServer.reading_s=2"]
    with tiny_house(tmp_path_factory.mktemp("home"), options=hasty) as house:
        yield house


def raw(house: House, request: bytes, *, seconds: float = 10) -> tuple[int, dict[str, str], bytes]:
    """Send bytes as they are; return status, headers and body of what comes back until the line is closed."""
    with socket.create_connection(("127.0.0.1", house.port), timeout=seconds) as line:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            line.sendall(request)
        answer = http.client.HTTPResponse(line, method=request.split(b" ", 1)[0].decode("latin-1"))
        answer.begin()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


def request(path: str, *more: str, method: str = "GET", host: str = "x") -> bytes:
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: {host}",
        "X-Forwarded-For: 192.0.2.9",
        "Connection: close",
        *more,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def assert_plain(headers: dict[str, str], body: bytes) -> None:
    """Make sure that a refusal is short, speaks Indonesian where it is for people, and tells nothing."""
    assert [secret for secret in NEVER_TOLD if secret in body] == []
    assert len(body) < 8_000
    assert headers["x-content-type-options"] == "nosniff"
    assert "server" not in headers
    if body and headers["content-type"].startswith("text/html"):
        assert b'lang="id"' in body
        assert re.search(rb"<title>[^<]+</title>", body)


# Bodies


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("more", ["Content-Length: 60000000", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize(
    "path", ["/survey", "/survey/signin", "/survey/api/file?draft=x&name=y", "/survey/api/upload", "/i/x",
             "/openrosa/formList", "/key/x/submission", "/survey/nothing", "/", f"/{APP}"],
)  # fmt: skip
def test_no_body_is_read_of_a_request_that_has_none(house, path, more, method):
    status, headers, body = raw(house, request(path, more, method=method))  # and not a byte of body
    assert status in (400, 403, 404, 405, 413)
    assert_plain(headers, body)


@pytest.mark.parametrize("path", ["/survey/signin", "/survey/api/sync", "/openrosa/submission"])
def test_a_packed_body_is_not_unpacked(house, path):
    packed = gzip.compress(b"0" * 60 * MIB, compresslevel=1)
    packed = packed if path.startswith("/openrosa") else packed[:60_000]
    before = house.process.memory_info().rss
    lengths = ("Content-Encoding: gzip", f"Content-Length: {len(packed)}")
    status, headers, body = raw(
        house, request(path, "Origin: http://x", "X-PK-Form: 1", *lengths, method="POST") + packed
    )
    assert status in (400, 401, 403)
    assert_plain(headers, body)
    assert house.process.memory_info().rss - before < 20 * MIB


def test_whoever_asks_for_much_and_reads_nothing_is_hung_up_on(house):
    scripts = re.search(rb"/pk/scripts-[0-9a-f]+[.]js", raw(house, request(f"/{APP}"))[2])
    assert scripts is not None
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", house.port))
        line.sendall(request(scripts[0].decode()))
        until = time.monotonic() + 30
        while _is_open(house, line) and time.monotonic() < until:
            time.sleep(0.2)
        assert not _is_open(house, line)


def _is_open(house: House, line: socket.socket) -> bool:
    ours = line.getsockname()[1]
    return any(one.raddr and one.raddr.port == ours for one in house.process.net_connections("tcp"))


# Refusals

REFUSED = """
    GET    /%00                               404
    GET    /%ff                               404
    GET    /%252e%252e%252fetc%252fpasswd     404
    GET    /%c0%ae%c0%ae/%c0%ae%c0%ae/passwd  404
    GET    /pelan%00                          404
    GET    /pelan%E2%80%AE                    404
    GET    /pelan;x=1                         404
    GET    /..;/..;/etc/passwd                404
    GET    //pelan                            404
    GET    /PELAN                             404
    GET    http://evil.example/               404
    GET    *                                  404
    GET    /login?next=//evil.example         404
    GET    /voila/static/%00                  403
    GET    /voila/static/%ff                  400
    GET    /voila/static/%252e%252e/x         403 404
    GET    /voila/static/nothing.js           403 404
    GET    /voila/labextensions/%00           404
    GET    /voila/labextensions/..%2f..%2fx   404
    GET    /voila/api/themes/%00              404
    GET    /voila/api/themes/../../../x       404
    GET    /voila/query/00000000-0000-0000-0000-000000000000  404
    GET    /api/kernels/00000000-0000-0000-0000-000000000000  404
    GET    /api/kernels/00000000-0000-0000-0000-000000000000/channels  404
    GET    /survey/static/nothing.js          404
    GET    /survey/static/%00                 404
    GET    /survey/sheet/empty/%ff            400
    GET    /survey/signin?next=%ff            400
    GET    /i/%00                             403
    GET    /i/%ff                             400
    GET    /key/%00/formList                  403
    GET    /key/%ff/formList                  400
    GET    /openrosa/media?name=%00           401 403
    POST   /                                  403
    POST   /pelan                             403
    POST   /health                            405
    POST   /survey/static/x                   405
    POST   /voila/static/x                    405
    POST   /voila/api/shutdown/x              403
    PUT    /survey                            403
    TRACE  /                                  405
    TRACE  /pelan                             405
    TRACE  /survey                            405
    TRACK  /nothing                           405
    DEBUG  /pelan                             405
    PROPFIND /survey                          405
    OPTIONS /openrosa/formList                403 411 413
""".strip().splitlines()


@pytest.mark.parametrize("line", REFUSED, ids=lambda line: " ".join(line.split()[:2]))
def test_what_is_refused_is_refused_in_plain_words(house, line):
    method, path, *statuses = line.split()
    lengths = () if method == "GET" else ("Content-Length: 2", "Content-Type: text/plain")
    status, headers, body = raw(house, request(path, *lengths, method=method) + (b"{}" if lengths else b""))
    assert str(status) in statuses
    assert_plain(headers, body)
    assert "location" not in headers


@pytest.mark.parametrize(
    "more",
    ["Cookie: _xsrf=2|zz|zz|zz", "Cookie: \xff=\xff; pk_session=\xff; pk_keyring=\xff",
     "Cookie: pk_language=<script>",
     f"Cookie: pk_ticket={'a' * 5000}", "Cookie: username-x=2|1:0|10:0|10:username-x|4:e30=|00",
     "Authorization: Basic \xff", "Authorization: token x",
     "Range: bytes=9999999999999-", "Range: bytes=-1,0-0",
     "If-Modified-Since: \xff", "If-None-Match: \xff", "Accept-Encoding: \xff;q=x", "Accept-Language: \xff",
     "X-Forwarded-Proto: javascript", "X-Forwarded-Host: evil.example", "Forwarded: host=evil.example",
     "X-Forwarded-Prefix: //evil.example", "X-HTTP-Method-Override: DELETE", "Upgrade: h2c", "X-A: a\r\n b",
     "X-A : b", "X-A: a\x00b", "X-A: a\x1b[31m", "Content-Length: 0\r\nContent-Length: 1"],
    ids=ascii,
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/survey", "/openrosa/formList", "/voila/static/voila.js"])
def test_no_header_makes_a_page_fail_or_lead_elsewhere(house, path, more):
    status, headers, body = raw(house, request(path, more))
    assert status in (200, 304, 400, 401, 403, 413, 416)
    assert "evil.example" not in str(headers)
    for secret in (b"Traceback", b"site-packages", b"evil.example", b'<script>"'):
        assert secret not in body


@pytest.mark.parametrize(
    "host",
    ["evil.example", "", "[::1", "x:99999", "x:y", "x/y", "a,b", "\xff", 'x"><script>', "x\ty"],
    ids=ascii,
)
@pytest.mark.parametrize("path", ["/", "/survey/signin", "/i/x"])
def test_no_name_of_the_server_is_believed(house, path, host):
    status, headers, body = raw(house, request(path, host=host))
    assert status in (200, 400, 403)
    assert "evil.example" not in headers.get("location", "")
    assert b"evil.example" not in body
    assert b'"><script>' not in body


@pytest.mark.parametrize("path", ["/", f"/{APP}", "/survey", "/survey/signin", "/i/x", "/nothing", "/health"])
def test_no_page_is_kept_by_anything_on_the_way(house, path):
    _, headers, _ = raw(house, request(path))
    assert "no-store" in headers["cache-control"]


@pytest.mark.parametrize("is_encrypted", [True, False])
def test_cookies_keep_to_the_encrypted_way_where_the_page_came_by_it(house, is_encrypted):
    more = ["X-Forwarded-Proto: https"] if is_encrypted else []
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=20)
    with contextlib.closing(connection):
        connection.request("GET", "/?language=en", headers=dict(line.split(": ") for line in more))
        cookies = connection.getresponse().headers.get_all("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} >= {"_xsrf", "pk_language"}
    assert {"; Secure" in cookie for cookie in cookies} == {is_encrypted}


def test_pages_of_apps_have_no_other_base_no_plugins_and_send_forms_nowhere_else(house):
    policy = raw(house, request("/"))[1]["content-security-policy"]
    rules = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    assert rules["object-src"] == "'none'"
    assert rules["base-uri"] == rules["form-action"] == "'self'"


def test_a_method_of_many_letters_is_not_written_into_the_log(house):
    assert raw(house, request("/", method="X" * 20_000))[0] == 405
    assert "XXXX" not in house.logs
    assert "Traceback" not in house.logs
