"""Attacks along the line between a page and its kernel: none stops the server or learns how it is built.

What a visitor asks a kernel to do is attacked in `test_attacks_on_apps.py`; here it is what carries the
messages, and what comes back. The kernel is that of a small app with a slider, a choice and a way to hand
over files.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from awaiting import awaited
from jupyter_server.services.kernels.connection.base import serialize_msg_to_ws_v1
from tiny_server import APP, House, Visitor, tiny_house
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

from pk_research.apps.shell.gate import LARGEST_MESSAGE
from pk_research.apps.shell.lines import MOST_LINES, NEWER

CODE = """
import ipywidgets as widgets

from pk_research.apps.live import live

live("pelan", lambda settings, store: widgets.VBox([
    widgets.IntSlider(value=1, min=0, max=5), widgets.Dropdown(options=["a", "b"]), widgets.FileUpload(),
]))
"""
NEVER_TOLD = (b"Traceback", b"site-packages", b"/pk_research/", b"Error:")


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Iterator[House]:
    with tiny_house(tmp_path_factory.mktemp("home"), CODE) as house:
        yield house


@pytest.fixture(scope="module")
def visitor(house) -> Visitor:
    return house.visitor()


@pytest.fixture(scope="module")
def kernel(visitor) -> str:
    kernel = visitor.ask(f"/{APP}").kernel
    assert kernel is not None
    return kernel


async def line_to(
    house: House, kernel: str, *, newer: bool = False, session: str | None = None, **headers: str
) -> WebSocketClientConnection:
    query = f"session_id={uuid.uuid4().hex if session is None else session}"
    address = f"ws://127.0.0.1:{house.port}/api/kernels/{kernel}/channels?{query}"
    asked = HTTPRequest(address, headers={"X-Forwarded-For": "192.0.2.5", **headers}, request_timeout=20)
    return await websocket_connect(asked, subprotocols=[NEWER] if newer else None, compression_options={})


def message(kind: str, content: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    header = {"msg_id": uuid.uuid4().hex, "username": "", "session": "s", "msg_type": kind, "version": "5.3",
              "date": "2026-11-26T00:00:00Z"}  # fmt: skip
    return {"header": header, "parent_header": {}, "metadata": {}, "content": content or {}, **more}


def older(kind: str, content: dict[str, Any] | None = None, channel: str = "shell") -> str:
    return json.dumps(message(kind, content, buffers=[], channel=channel))


def newer(kind: str, content: dict[str, Any] | None = None, channel: str = "shell") -> bytes:
    return serialize_msg_to_ws_v1(message(kind, content), channel, lambda part: json.dumps(part).encode())


async def heard(
    line: WebSocketClientConnection, seconds: float = 0.5, *, until: bytes | None = None
) -> list[bytes]:
    """Return what comes until that is said, nothing has come for some time, or the line is closed."""
    said: list[bytes] = []
    with contextlib.suppress(TimeoutError):
        while (one := await asyncio.wait_for(line.read_message(), seconds)) is not None:
            said.append(one if isinstance(one, bytes) else one.encode())
            if until is not None and until in said[-1]:
                break
    return said


def serves(house: House, kernel: str) -> bool:
    """Whether the server, within seconds, and the kernel behind it still answer."""

    async def ask() -> bool:
        line = await line_to(house, kernel)
        await line.write_message(older("kernel_info_request"))
        said = await heard(line, 20, until=b"kernel_info_reply")
        line.close()
        return b"kernel_info_reply" in b"".join(said)

    began = time.monotonic()
    return bool(awaited(ask())) and time.monotonic() - began < 20


# Frames

FRAMES = {
    "parts without number": struct.pack("<Q", 2**64 - 1),
    "more parts than bytes": struct.pack("<Q", 10**9) + b"\0" * 64,
    "no parts": struct.pack("<Q", 0),
    "parts that begin beyond the end": struct.pack("<7Q", 6, *[2**40] * 6),
    "parts that go backwards": struct.pack("<7Q", 6, 56, 40, 30, 20, 10, 0),
    "nothing": b"",
    "one byte": b"\1",
    "no channel": serialize_msg_to_ws_v1([b"{}"] * 4, ""),
    "a channel that is no text": struct.pack("<7Q", 6, 56, 58, 60, 62, 64, 66) + b"\xff\xfe{}{}{}{}",
    "a header that is none": serialize_msg_to_ws_v1([b"[", b"{}", b"{}", b"{}"], "shell"),
    "a header nested without end": serialize_msg_to_ws_v1([b"[" * 200_000, b"{}", b"{}", b"{}"], "shell"),
    "a header without kind": serialize_msg_to_ws_v1([b"{}", b"{}", b"{}", b"{}"], "shell"),
}
OLDER_FRAMES = {
    "two thousand million parts": struct.pack("!i", 2**31 - 1),
    "fewer parts than none": struct.pack("!i", -1) + b"\0" * 8,
    "no message": struct.pack("!iI", 1, 8) + b"[]",
    "no text": struct.pack("!iI", 1, 8) + b"\xff\xfe",
    "nested without end": "[" * 500_000,
    "objects without end": '{"header":' * 200_000,
    "a number without end": '{"header": ' + "9" * 500_000 + "}",
    "no number": '{"header": NaN, "channel": "shell"}',
    "a list for a channel": '{"header": {"msg_type": "comm_msg"}, "channel": ["shell"]}',
    "half a letter": '{"header": {"msg_type": "comm_msg\\ud800"}, "channel": "shell", "content": "\\udfff"}',
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_of_the_newer_protocol_that_is_none_closes_its_own_line_only(house, kernel, name):
    assert_closed(house, kernel, FRAMES[name], newer=True)


@pytest.mark.parametrize("name", OLDER_FRAMES)
def test_a_message_of_the_older_protocol_that_is_none_closes_its_own_line_only(house, kernel, name):
    assert_closed(house, kernel, OLDER_FRAMES[name], newer=False)


def assert_closed(house: House, kernel: str, frame: str | bytes, *, newer: bool) -> None:
    async def send() -> list[bytes]:
        line = await line_to(house, kernel, newer=newer)
        await line.write_message(frame, binary=isinstance(frame, bytes))
        said = await heard(line)
        line.close()
        return said

    assert_nothing_told(awaited(send()))
    assert serves(house, kernel)


def assert_nothing_told(said: list[bytes]) -> None:
    """Make sure that nothing that was said tells how the house is built."""
    told = b"".join(said)
    assert [secret for secret in NEVER_TOLD if secret in told] == []


def test_a_small_message_that_unfolds_into_a_huge_one_is_not_unfolded(house, kernel):
    async def send() -> int | None:
        line = await line_to(house, kernel)
        with contextlib.suppress(WebSocketClosedError):
            await line.write_message("x" * (8 * LARGEST_MESSAGE))
        await heard(line, 5)
        return line.close_code

    before = house.process.memory_info().rss
    awaited(send())
    assert house.process.memory_info().rss - before < 4 * LARGEST_MESSAGE
    assert serves(house, kernel)


def test_a_flood_of_large_messages_closes_its_own_line_only(house, kernel):
    large = older("nothing", {"large": "x" * (LARGEST_MESSAGE - 1000)})

    async def flood() -> int | None:
        line = await line_to(house, kernel)
        with contextlib.suppress(WebSocketClosedError):
            for _ in range(12):
                await line.write_message(large)
        await heard(line, 5)
        return line.close_code

    assert awaited(flood()) == 1008
    assert serves(house, kernel)


# Lines


def test_a_kernel_has_a_few_lines_and_not_as_many_as_somebody_opens(house, kernel):
    async def open_many() -> list[int]:
        lines = await asyncio.gather(
            *(line_to(house, kernel) for _ in range(MOST_LINES + 4)), return_exceptions=True
        )
        refused = [line.code for line in lines if isinstance(line, HTTPClientError)]
        for line in lines:
            if isinstance(line, WebSocketClientConnection):
                line.close()
                await heard(line, 5)
        return refused

    for _ in range(2):  # the second time, too: what was closed counts no more
        assert awaited(open_many()) == [429] * 4
    assert serves(house, kernel)


@pytest.mark.parametrize(
    "origin",
    ["null", "http://", "http://127.0.0.1", "http://HOST.evil.example", "http://evil.example@HOST",
     "http://evil.example/HOST", "http://localhost:PORT", "http://[::1]:PORT", "HOST", "//HOST:1",
     "https://evil.example#http://HOST"],
)  # fmt: skip
def test_a_page_of_another_site_opens_no_line_whatever_its_address(house, kernel, origin):
    origin = origin.replace("HOST", f"127.0.0.1:{house.port}").replace("PORT", str(house.port))
    with pytest.raises(HTTPClientError) as refused:
        awaited(line_to(house, kernel, Origin=origin))
    assert refused.value.code == 403


@pytest.mark.parametrize(
    "session", ["", "%00", "%00" * 5, "a" * 255, "a" * 256, "a" * 4000, "%ff", "..%2F..", "%0d%0aX: 1", "é"]
)
def test_a_session_by_any_name_leaves_the_server_and_the_kernel_as_they_were(house, kernel, session):
    async def open_and_ask() -> list[bytes]:
        line = await line_to(house, kernel, session=session.replace(" ", "%20"))
        with contextlib.suppress(WebSocketClosedError):
            await line.write_message(older("kernel_info_request"))
        said = await heard(line, 1, until=b"kernel_info_reply")
        line.close()
        return said

    before = house.process.num_fds()
    with contextlib.suppress(HTTPClientError):
        assert_nothing_told(awaited(open_and_ask()))
    assert serves(house, kernel)
    assert house.process.num_fds() <= before + 10


# What is asked along them

FORBIDDEN = (
    "execute_request", "inspect_request", "complete_request", "history_request", "is_complete_request",
    "interrupt_request", "debug_request", "input_reply", "create_subshell_request", "usage_request",
    "connect_request", "execute_input", "apply_request", "abort_request", "clear_request",
    "EXECUTE_REQUEST", "execute_request ", " execute_request", "execute_request\0", "",
)  # fmt: skip


@pytest.mark.parametrize("channel", ["shell", "control", "stdin", "iopub"])
def test_the_newer_protocol_lets_nothing_through_that_the_older_does_not(house, kernel, channel):
    path = house.home / f"taken-{channel}"
    content = {"code": f"open({str(path)!r}, 'w')", "silent": False, "value": "x"}

    async def send() -> list[bytes]:
        line = await line_to(house, kernel, newer=True)
        for kind in FORBIDDEN:
            await line.write_message(newer(kind, content, channel), binary=True)
        said = await heard(line)
        line.close()
        return said

    said = awaited(send())
    assert [one for one in said if b"_reply" in one or b"execute" in one] == []
    assert not path.exists()


def test_of_two_kinds_that_a_message_says_it_is_of_the_kernel_hears_the_one_that_was_looked_at(house, kernel):
    path = house.home / "taken-twice"
    code = json.dumps({"code": f"open({str(path)!r}, 'w')", "silent": False}).encode()
    allowed_last = b'{"msg_type": "execute_request", "msg_id": "a", "msg_type": "kernel_info_request"}'
    forbidden_last = b'{"msg_type": "kernel_info_request", "msg_id": "b", "msg_type": "execute_request"}'

    async def send() -> list[bytes]:
        line = await line_to(house, kernel, newer=True)
        for header in (allowed_last, forbidden_last):
            frame = serialize_msg_to_ws_v1([header, b"{}", b"{}", code], "shell")
            await line.write_message(frame, binary=True)
        said = await heard(line)
        line.close()
        return said

    assert [one for one in awaited(send()) if b"execute" in one] == []
    assert not path.exists()


FORGED_LINE = "\n200 GET Forged 1 ms\n[E 2026-11-26] nobody did this"
DEEP = json.loads("[" * 400 + "]" * 400)


def forged_comms(known: list[str]) -> list[tuple[str, dict[str, Any]]]:
    """Return what nobody's page sends to the widgets of an app, or to none."""
    unknown = [
        ("comm_open", {"comm_id": "evil-1", "target_name": f"os.system{FORGED_LINE}", "data": {}}),
        ("comm_open", {"comm_id": "evil-2", "target_name": "jupyter.widget", "data": {}}),
        ("comm_open", {"comm_id": "evil-3", "target_name": "jupyter.widget", "data": {"state": DEEP}}),
        ("comm_open", {"comm_id": "evil-4", "target_name": "jupyter.widget.control", "data": {"state": 1}}),
        ("comm_open", {"target_name": "jupyter.widget"}),
        ("comm_open", {"comm_id": ["evil"], "target_name": ["evil"], "data": None}),
        ("comm_msg", {"comm_id": f"nobody{FORGED_LINE}", "data": {}}),
        ("comm_msg", {}),
        ("comm_close", {"comm_id": f"nobody{FORGED_LINE}"}),
        ("comm_info_request", {"target_name": DEEP}),
        ("kernel_info_request", {"code": "1"}),
    ]
    values: list[Any] = [
        "x", 10**400, float("nan"), float("-inf"), DEEP, None, True, -1, 99, [1, 2],
        {"name": "../../etc/passwd"},
        [{"name": f"{n}", "content": "x", "type": "", "size": -1} for n in range(999)],
        [{"name": "a", "type": "a", "size": 10**18, "last_modified": 10**18}],
    ]  # fmt: skip
    states = [
        *({name: value} for name in ("value", "index", "max") for value in values),
        {"min": 10, "max": -10}, {"step": 0}, {"_options_labels": ["x"] * 9999}, {"data": ["x"]},
        {"_model_module": "os", "_model_name": "system"}, {"layout": "IPY_MODEL_nobody"},
        {"children": ["IPY_MODEL_nobody"]}, {"comm": "x"}, {"__class__": "x"},
        {"_dom_classes": [FORGED_LINE]},
    ]  # fmt: skip
    ways: list[dict[str, Any]] = [
        *({"method": "update", "state": state, "buffer_paths": []} for state in states),
        {"method": "update", "state": {"value": 1}, "buffer_paths": [["value", 0, "x"], [], [DEEP]]},
        {"method": "update"}, {"method": "update", "state": "x"}, {"method": f"evil{FORGED_LINE}"},
        {"method": "request_state"}, {"method": ["update"]}, {"method": "custom"},
        {"method": "custom", "content": DEEP},
        {"method": "custom", "content": {"event": "click", "exec": "import os"}}, {}, {"state": {"value": 1}},
    ]  # fmt: skip
    return unknown + [("comm_msg", {"comm_id": comm, "data": data}) for comm in known for data in ways]


def test_forged_widgets_are_told_nothing_and_write_nothing_into_the_logs(house, kernel):
    async def send() -> list[bytes]:
        line = await line_to(house, kernel)
        await line.write_message(older("comm_info_request", {"target_name": "jupyter.widget"}))
        replies = [json.loads(one) for one in await heard(line, 20, until=b"comm_info_reply")]
        [known] = [one["content"]["comms"] for one in replies if one["msg_type"] == "comm_info_reply"]
        assert len(known) > 3
        for kind, content in forged_comms(list(known)):
            await line.write_message(older(kind, content))
        await line.write_message(older("kernel_info_request"))
        said = await heard(line, 20, until=b"kernel_info_reply")
        line.close()
        return said

    said = awaited(send())
    assert {json.loads(one)["msg_type"] for one in said} <= {
        "status",
        "comm_msg",
        "comm_close",
        "comm_info_reply",
        "kernel_info_reply",
    }
    assert_nothing_told(said)
    assert serves(house, kernel)
    lines = house.logs.splitlines()
    assert [line for line in lines if line.lstrip().startswith(("200 GET Forged", "[E 2026"))] == []
    assert [line for line in lines if len(line) > 2000] == []
