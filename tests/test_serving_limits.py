"""Too many, too often, too slow and too large: the server says so, serves the others on, and recovers.

The server here has two places for visitors with a kernel of their own, and an app that does nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from unittest.mock import Mock

import pytest
from awaiting import awaited
from tiny_server import APP, Answer, House, Visitor, tiny_house
from tornado.httpclient import HTTPRequest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.web import RequestHandler
from tornado.websocket import WebSocketClosedError, websocket_connect

from pk_research.apps.capacity import n_places
from pk_research.apps.shell.buckets import Buckets
from pk_research.apps.shell.gate import LARGEST_MESSAGE, Limits
from pk_research.apps.shell.pages import StartPage
from pk_research.apps.shell.places import REFRESH_S, Line, Place, Places, Waiting
from pk_research.settings import read_settings

PLACES = 2
A_MINUTE = 600
HERE = "192.0.2.1"


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Iterator[House]:
    hasty = ["--VisitorKernels.pressed_left_s=2", "--AppsServer.headers_s=1", "--AppsServer.body_s=1"]
    hasty += ["--AppsServer.refresh_s=0.5"]
    home = tmp_path_factory.mktemp("home")
    with tiny_house(home, options=hasty, kernels=PLACES, requests_minute=A_MINUTE) as house:
        yield house


# Kernels


def open_at_once(visitors: list[Visitor]) -> list[Answer]:
    with ThreadPoolExecutor(len(visitors)) as pool:
        return list(pool.map(lambda visitor: visitor.ask(f"/{APP}"), visitors))


@pytest.fixture
def holders(house) -> Iterator[list[tuple[Visitor, str]]]:
    """Visitors who have all the places, each with their kernel; nobody waits."""
    while house.health()["waiting"]:
        time.sleep(0.1)
    visitors = [house.visitor() for _ in range(PLACES)]
    opened = [
        (visitor, answer.kernel) for visitor, answer in zip(visitors, open_at_once(visitors), strict=True)
    ]
    yield opened
    for visitor, kernel in opened:
        visitor.close(kernel)


def test_an_attack_on_kernels_ends_at_the_cap_and_others_are_told_to_wait(house):
    visitors = [house.visitor() for _ in range(12)]
    answers = open_at_once(visitors)
    assert sorted(answer.status for answer in answers) == [200] * PLACES + [503] * (12 - PLACES)
    assert house.health()["kernels"] == {"in_use": PLACES, "cap": PLACES}
    assert house.n_kernel_processes() <= PLACES + 1  # one waits preheated
    for visitor, answer in zip(visitors, answers, strict=True):
        assert (answer.kernel is not None) == (answer.status == 200)
        if answer.kernel:
            assert visitor.close(answer.kernel) == 204


def test_while_all_places_are_taken_everything_without_a_kernel_is_served(house, holders):
    assert house.health()["kernels"]["in_use"] == PLACES
    visitor = house.visitor()
    assert [visitor.ask(path).status for path in ("/", "/survey", "/health")] == [200, 200, 200]


def test_the_page_to_wait_on_speaks_indonesian_first_and_asks_again_by_itself(house, holders):
    waits = house.visitor().ask(f"/{APP}?desa=3216012001")
    assert waits.status == 503
    assert int(waits.headers["Retry-After"]) > 0
    # Without an address of its own the refresh keeps the one the visitor has.
    assert re.search(r'<meta http-equiv="refresh" content="\d+">', waits.text)
    assert "<script" not in waits.text
    assert waits.text.index("Mohon tunggu sebentar") < waits.text.index("Please wait a moment")
    assert re.search(r"Yang sedang menunggu, kira-kira: <strong>\d+</strong>", waits.text)
    english = house.visitor().ask(f"/{APP}?language=en").text
    assert english.index("Please wait a moment") < english.index("Mohon tunggu sebentar")


def test_whoever_waits_is_served_before_those_who_come_later(house, holders):
    first, *later = [house.visitor() for _ in range(4)]
    assert [visitor.ask(f"/{APP}").status for visitor in (first, *later)] == [503] * 4
    leaver, kernel = holders[0]
    assert leaver.close(kernel) == 204
    assert [visitor.ask(f"/{APP}").status for visitor in later] == [503] * 3
    answer = first.ask(f"/{APP}")
    assert answer.status == 200
    first.close(answer.kernel)


def test_the_site_recovers_from_kernels_whose_visitors_never_came(house, holders):
    honest = house.visitor()
    statuses = []
    while 200 not in statuses and len(statuses) < 100:
        answer = honest.ask(f"/{APP}")
        statuses.append(answer.status)
        time.sleep(0.2)
    assert set(statuses) == {200, 503}
    assert "siap" in answer.text
    honest.close(answer.kernel)


def test_a_place_that_got_no_kernel_is_free_again():
    places = Places(1, set())
    with pytest.raises(RuntimeError), places.take(None, HERE):
        raise RuntimeError
    assert places.n_free == 1


def test_tickets_that_were_thrown_away_hold_nobody_up_for_long():
    now = [0.0]
    running = {"a"}
    places = Places(1, running, Line(clock=lambda: now[0]))
    with places.take(None, HERE) as place:
        place.kernel_id = "a"
    thrown = [places.take(None, HERE) for _ in range(50)]
    assert [waiting.n_before for waiting in thrown] == list(range(50))
    honest = places.take(None, HERE)
    assert isinstance(honest, Waiting)
    running.clear()
    assert isinstance(places.take(honest.ticket, HERE), Waiting)
    for _ in range(2):
        now[0] += REFRESH_S
        taken = places.take(honest.ticket, HERE)
    assert isinstance(taken, Place)


@pytest.mark.parametrize(
    ("gib", "set_to", "expected"),
    [(0.5, None, 2), (1, None, 3), (4, None, 12), (24, None, 72), (1000, None, 200), (4, "7", 7)],
)
def test_the_cap_follows_the_memory_unless_it_is_set(gib, set_to, expected):
    settings = read_settings({"PK_KERNELS": set_to} if set_to else {})
    assert n_places(settings, memory_bytes=int(gib * 1024**3)) == expected


# Health


def test_health_says_what_a_monitor_needs_and_nothing_else(house):
    answer = house.visitor().ask("/health")
    state = json.loads(answer.text)
    assert answer.status == 200
    assert (state["live"], state["ready"], state["store"]) == (True, True, "reachable")
    assert set(state) == {"live", "ready", "store", "kernels", "waiting", "version"}
    for private in (str(house.home), "sqlite", "127.0.0.1", "198.51.100"):
        assert private not in answer.text


def test_asking_for_health_starts_no_kernel_and_costs_nobody_anything(house):
    before = house.health()["kernels"]["in_use"]
    monitor = house.visitor()
    assert {monitor.ask("/health").status for _ in range(A_MINUTE)} == {200}
    assert house.health()["kernels"]["in_use"] <= before
    assert monitor.ask("/").status == 200


# Too often


def request(peer: str, **headers: str) -> HTTPServerRequest:
    line = RequestStartLine("GET", "/", "HTTP/1.1")
    asked = HTTPServerRequest(
        start_line=line, headers=HTTPHeaders({"Host": "x", **headers}), connection=Mock()
    )
    asked.remote_ip = peer
    return asked


def until_refused(visitor: Visitor, path: str, most: int, **headers: str) -> Answer | None:
    answers = (visitor.ask(path, **headers) for _ in range(most))
    return next((answer for answer in answers if answer.status == 429), None)


def test_an_address_that_asks_too_often_is_told_when_to_come_back_and_others_are_served(house):
    greedy = house.visitor()
    refused = until_refused(greedy, "/nothing", A_MINUTE)
    assert refused is not None
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.text.index('lang="id"') < refused.text.index('lang="en"')
    assert refused.headers["X-Content-Type-Options"] == "nosniff"
    assert house.visitor().ask("/").status == 200


def test_nobody_gets_a_new_bucket_by_claiming_to_ask_for_others(house):
    greedy = house.visitor()
    headers = iter(f"203.0.113.{n}, {greedy.address}" for n in range(250))
    statuses = {greedy.ask("/nothing", **{"X-Forwarded-For": said}).status for said in headers}
    statuses |= {greedy.ask("/nothing").status for _ in range(A_MINUTE // 2)}
    assert 429 in statuses


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "is_other"),
    [
        ((), "127.0.0.1", "203.0.113.1", False),
        ((ip_network("127.0.0.1"),), "127.0.0.1", "203.0.113.1", True),
        ((ip_network("127.0.0.1"),), "10.0.0.9", "203.0.113.1", False),
    ],
)
def test_only_a_trusted_proxy_is_believed_for_whom_it_asks(proxies, peer, forwarded, is_other):
    limits = Limits(Buckets(2), proxies)

    def asked(**headers: str):
        return limits.refuse(StartPage, request(peer, **headers))

    assert asked() is None
    assert (asked(**{"X-Forwarded-For": forwarded}) is None) == is_other


def test_a_phone_that_loads_thirty_pages_of_a_hundred_requests_in_a_minute_is_never_refused():
    now = [0.0]
    buckets = Buckets(read_settings({}).requests_minute, clock=lambda: now[0])
    waits = []
    for _ in range(30):
        waits += [buckets.wait_s("203.0.113.5") for _ in range(100)]
        now[0] += 2
    assert set(waits) == {0}


def test_one_who_holds_a_whole_ipv6_network_has_one_bucket():
    buckets = Buckets(4)
    assert [buckets.wait_s(f"2001:db8::{n}") > 0 for n in range(1, 4)] == [False, False, True]
    assert buckets.wait_s("2001:db8:0:1::1") == 0


# Too large


def raw(house: House, *pieces: bytes, pause_s: float = 0) -> bytes:
    """Send pieces of a request, and return what comes back until the server closes."""
    answer = b""
    with socket.create_connection(("127.0.0.1", house.port), timeout=20) as line:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for piece in pieces:
                line.sendall(piece)
                time.sleep(pause_s)
        with contextlib.suppress(ConnectionResetError):
            while piece := line.recv(65536):
                answer += piece
    return answer


HEAD = "POST {path} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.77\r\n{more}\r\n"


@pytest.mark.parametrize(
    ("path", "more", "expected"),
    [
        (f"/{APP}", "Content-Length: 10000000\r\n", {b"413"}),
        ("/", "Content-Length: 70000\r\n", {b"413"}),
        ("/voila/api/shutdown/x", "Content-Length: 99999999999999999999\r\n", {b"413"}),
        (f"/{APP}", "Transfer-Encoding: chunked\r\n", {b"400"}),
        ("/survey/begin", "Content-Length: 10000000\r\nOrigin: http://x\r\n", {b"413"}),
        ("/survey/api/upload?draft=x", "Content-Length: 60000000\r\nOrigin: http://x\r\n", {b"413"}),
    ],
)
def test_what_is_too_large_is_refused_before_it_is_sent(house, path, more, expected):
    answer = raw(house, HEAD.format(path=path, more=more).encode())
    assert answer.split(b" ", 2)[1] in expected
    assert b"Traceback" not in answer


def test_headers_without_end_are_not_gathered(house):
    assert raw(house, b"GET / HTTP/1.1\r\nHost: x\r\n", *[b"X-A: " + b"a" * 8000 + b"\r\n"] * 20) == b""


def test_a_message_of_many_megabytes_closes_its_own_line_only(house):
    visitor = house.visitor()
    kernel = visitor.ask(f"/{APP}").kernel

    async def send() -> str | None:
        headers = {"X-Forwarded-For": visitor.address}
        address = f"ws://127.0.0.1:{house.port}/api/kernels/{kernel}/channels"
        line = await websocket_connect(HTTPRequest(address, headers=headers))
        with contextlib.suppress(Exception):  # it may be closed while we write
            await line.write_message("x" * (LARGEST_MESSAGE + 1))
        while (said := await asyncio.wait_for(line.read_message(), 20)) is not None:
            del said
        return None

    assert awaited(send()) is None
    assert visitor.ask(f"/api/kernels/{kernel}").status == 200
    visitor.close(kernel)


def test_a_flood_of_messages_closes_its_own_line_only(house):
    visitor = house.visitor()
    kernel = visitor.ask(f"/{APP}").kernel
    message = json.dumps({"header": {"msg_type": "nothing"}, "channel": "shell"})

    async def flood() -> int:
        headers = {"X-Forwarded-For": visitor.address}
        address = f"ws://127.0.0.1:{house.port}/api/kernels/{kernel}/channels"
        line = await websocket_connect(HTTPRequest(address, headers=headers))
        with contextlib.suppress(WebSocketClosedError):
            for _ in range(20_000):
                await line.write_message(message)
        while await asyncio.wait_for(line.read_message(), 20) is not None:
            pass
        return line.close_code

    assert awaited(flood()) == 1008
    assert house.visitor().ask("/").status == 200
    visitor.close(kernel)


# Too slow


def test_whoever_sends_letter_by_letter_or_nothing_at_all_is_hung_up_on(house):
    body = HEAD.format(path="/survey/signin", more="Content-Length: 3000\r\nOrigin: http://x\r\n").encode()
    attempts = [(b"GET / HTTP/1.1\r\nX-Slow: ", *[b"a"] * 30), (b"",), (body, *[b"a"] * 40)]
    with ThreadPoolExecutor(len(attempts)) as pool:
        answers = list(pool.map(lambda pieces: raw(house, *pieces, pause_s=0.05), attempts))
    assert answers == [b""] * len(attempts)
    assert house.visitor().ask("/").status == 200


def test_a_large_photo_on_a_poor_connection_has_its_time():
    limits = Limits(Buckets(60))
    assert limits.patience_s(str(20 * 1024 * 1024)) > 40 * 60
    assert limits.patience_s("0") <= 60
    assert limits.patience_s("9" * 30) < 3 * 3600


def test_a_handler_costs_what_it_says():
    class Dear(RequestHandler):
        cost = 5

    limits = Limits(Buckets(20))
    assert [limits.refuse(Dear, request("203.0.113.1")) is None for _ in range(3)] == [True, True, False]
